"""The starter terms are whole: many, tidy, in their script, and no word names two things in one context.

A context is a field of trade (a file), for a text is read with the other terms of its field. Words that several fields
share ("orange", French "bureau") are told apart by field and by kind; the matcher names both meanings.
"""

import csv
import gzip
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import translation.terminology.termbase as termbase_module
from benchmarks.vocabulary import GRADES, Meeting, compare, listed, tables
from catalog.errors import UsageError
from catalog.languages import CODES, language
from tests.unit.terms import concept
from translation.terminology.termbase import KINDS, Concept, Termbase, starter_concepts
from translation.words import fold, words

FOLDER = Path(termbase_module.__file__).parent / "terms"
CONCEPTS = starter_concepts()
FIELDS = sorted({one.domain for one in CONCEPTS})
SCRIPTS = {
    "Arab": ("ARABIC",),
    "Cyrl": ("CYRILLIC",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL",),
    "Hans": ("CJK",),
    "Latn": ("LATIN",),
}


def every_term() -> Iterator[tuple[Concept, str, str]]:
    return ((one, lang, term) for one in CONCEPTS for lang in CODES for term in one.terms[lang])


def matched_form(lang: str, term: str) -> str:
    """Return a term as the matcher sees it: folded, split at hyphens, without spaces where none are written."""
    if language(lang).words == "spaces":
        return " ".join(word.folded for word in words(lang, term))
    return "".join(fold(lang, term).split())


def in_script(lang: str, term: str) -> bool:
    letters = [unicodedata.name(character, "") for character in term if character.isalpha()]
    own = SCRIPTS[language(lang).script]
    # "LED", "USB" are written so everywhere; Cyrillic letters that look Latin ("А4") are caught by the second half.
    return all(name.startswith((*own, "LATIN")) for name in letters) and (
        any(name.startswith(own) for name in letters) or all(name.startswith("LATIN") for name in letters)
    )


def sharing() -> dict[tuple[str, str], list[tuple[Concept, bool]]]:
    """Return for every word of a language the concepts that it names, and whether it is their preferred term."""
    found: dict[tuple[str, str], dict[str, tuple[Concept, bool]]] = defaultdict(dict)
    for one in CONCEPTS:
        for lang in CODES:
            for rank, term in enumerate(one.terms[lang]):
                found[lang, matched_form(lang, term)].setdefault(one.id, (one, rank == 0))
    return {word: list(meanings.values()) for word, meanings in found.items() if len(meanings) > 1}


# -- whole ------------------------------------------------------------------------------------------------------------


def test_there_are_two_thousand_concepts_of_many_fields() -> None:
    assert len(CONCEPTS) >= 2_000
    assert len(FIELDS) >= 28
    assert min(Counter(one.domain for one in CONCEPTS).values()) >= 20


def test_every_row_has_a_known_kind_and_all_cells() -> None:
    for path in FOLDER.glob("*.csv"):
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()[1:]))
        assert rows[0] == ["concept", "kind", *CODES], path.name
        faulty = [row[0] for row in rows[1:] if len(row) != 2 + len(CODES) or not all(row) or row[1] not in KINDS]
        assert faulty == [], path.name


def test_no_concept_stands_twice() -> None:
    assert [name for name, times in Counter(one.id for one in CONCEPTS).items() if times > 1] == []


def test_concepts_are_named_by_an_english_slug() -> None:
    assert [one.id for one in CONCEPTS if not one.id.replace("-", "").isalnum() or one.id != one.id.lower()] == []
    assert [one.id for one in CONCEPTS if not one.id.isascii() or one.id.strip("-") != one.id or "--" in one.id] == []


def test_terms_are_tidy_and_carry_no_notes() -> None:
    untidy = [
        (one.id, lang, term)
        for one, lang, term in every_term()
        if not term
        or term != " ".join(term.split())
        or unicodedata.normalize("NFC", term) != term
        or any(mark in term for mark in '()[]{}/;,|"“”')
    ]
    assert untidy == []


def test_terms_are_written_in_their_script() -> None:
    assert [(one.id, lang, term) for one, lang, term in every_term() if not in_script(lang, term)] == []


def test_german_things_begin_with_a_capital() -> None:
    things = ("product", "part", "material")
    small = [
        (one.id, term)
        for one, lang, term in every_term()
        if lang == "de" and one.kind in things and not any(letter.isupper() for letter in term)
    ]
    assert small == []


def test_arabic_terms_have_no_vowel_marks() -> None:
    marked = [term for _, lang, term in every_term() if lang == "ar" and any("ً" <= sign <= "ْ" for sign in term)]
    assert marked == []


def test_no_term_stands_twice_in_a_cell() -> None:
    doubled = [
        (one.id, lang, one.terms[lang])
        for one in CONCEPTS
        for lang in CODES
        if len({matched_form(lang, term) for term in one.terms[lang]}) < len(one.terms[lang])
    ]
    assert doubled == []


# -- no word names two things in one context --------------------------------------------------------------------------


def test_no_word_names_two_concepts_of_one_field() -> None:
    clashes = [
        (word, [one.id for one, _ in meanings])
        for word, meanings in sharing().items()
        if len({one.domain for one, _ in meanings}) < len(meanings)
    ]
    assert clashes == []


@pytest.mark.parametrize("field", FIELDS)
def test_within_its_field_every_term_means_its_own_concept(field: str) -> None:
    """Inflection included: no term is taken for another concept's plural."""
    mine = [one for one in CONCEPTS if one.domain == field]
    base = Termbase(mine)
    mistaken = [
        (one.id, lang, term, [match.concept.id for match in base.match(lang, term)])
        for one in mine
        for lang in CODES
        for term in one.terms[lang]
        if [match.concept.id for match in base.match(lang, term)] != [one.id]
    ]
    assert mistaken == []


def test_a_word_preferred_in_two_fields_means_things_of_different_kinds() -> None:
    """Spanish "naranja" is a colour and a product; two products would need a term each."""
    clashes = []
    for word, meanings in sharing().items():
        kinds = [one.kind for one, preferred in meanings if preferred]
        if len(set(kinds)) < len(kinds):
            clashes.append((word, [one.id for one, _ in meanings]))
    assert clashes == []


def test_the_matcher_knows_all_meanings_of_a_shared_word() -> None:
    base = Termbase(CONCEPTS)
    unknown = []
    for (lang, word), meanings in sharing().items():
        term = next(term for term in meanings[0][0].terms[lang] if matched_form(lang, term) == word)
        [match] = base.match(lang, term)
        if {one.id for one, _ in meanings} - {match.concept.id, *(one.id for one in match.rivals)}:
            unknown.append((lang, term))
    assert unknown == []


# -- beside published vocabularies ------------------------------------------------------------------------------------


def vocabulary(folder: Path, *rows: dict[str, str]) -> Path:
    with gzip.open(folder / "small.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"name": row}, ensure_ascii=False) + "\n" for row in rows)
    return folder


def graded(folder: Path, ours: Concept, **theirs: str) -> dict[str, str]:
    return {met.lang: met.grade for met in compare([ours], vocabulary(folder, theirs))}


@pytest.mark.parametrize(
    ("lang", "ours", "theirs", "grade"),
    [
        ("de", "Akku-Bohrer", "Akkubohrer", "exact"),
        ("ru", "ёмкость", "Емкость", "exact"),
        ("pl", "zegarek", "Zegarki", "same words"),
        ("it", "filtro olio", "Filtri dell'olio", "same words"),
        ("fr", "brosse à dents", "Brosses pour dents", "same words"),
        ("de", "Bohrer", "Spiralbohrer", "contained"),
        ("es", "carne", "carne de vacuno", "contained"),
        ("ja", "椅子", "折りたたみ椅子", "contained"),
        ("pt", "parafuso", "prego", "other"),
        ("zh", "螺丝", "钉子", "other"),
    ],
)
def test_how_near_two_terms_are(tmp_path: Path, lang: str, ours: str, theirs: str, grade: str) -> None:
    thing = concept("thing", en="thing", **{lang: ours})
    assert graded(tmp_path, thing, en="Things", **{lang: theirs}) == {lang: grade}


def test_concepts_meet_by_the_same_english_word_only(tmp_path: Path) -> None:
    viscose = concept("viscose", en="viscose", de="Viskose")
    assert graded(tmp_path, viscose, en="Viscosity", de="Viskosität") == {}


def test_a_folder_without_vocabularies_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \*\.jsonl\.gz"):
        list(compare([], tmp_path))


def test_tables_and_lists_tell_disagreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    screw = concept("screw", en="screw", de="Schraube", fr="vis")
    nut = concept("nut", en="nut", de="Mutter", fr="écrou")
    rows = {"en": "Screws", "de": "Nägel", "fr": "Vis"}, {"en": "Nuts", "de": "Nüsse", "fr": "Noix"}
    meetings = list(compare([screw, nut], vocabulary(tmp_path, *rows)))
    tables(meetings)
    said = capsys.readouterr().out
    assert said.count("| de | 2 | 0.0 % | 0.0 % | 0.0 % | 100.0 % | 50.0 % |") == 2
    assert said.count("| fr | 2 | 50.0 % | 0.0 % | 0.0 % | 50.0 % | 50.0 % |") == 2
    listed(meetings)
    assert capsys.readouterr().out.splitlines()[0] == "small\tde\tscrew\tSchraube\tNägel"


def test_three_quarters_of_the_terms_agree_in_every_language(shared_data: Path) -> None:
    met: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in compare(CONCEPTS, shared_data / "vocabulary"):
        met[meeting.lang].append(meeting)
    compared = {lang: found for lang, found in met.items() if len(found) >= 100}
    assert len(compared) >= 13
    for lang, found in compared.items():
        assert sum(meeting.grade != GRADES[-1] for meeting in found) >= 0.75 * len(found), lang
