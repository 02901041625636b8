"""Terms found in running text: all forms of a word and nothing else; and the starter terms themselves."""

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import translation.terminology.termbase as termbase_module
from catalog.errors import UsageError
from catalog.languages import CODES, language
from tests.unit.terms import concept, small_termbase
from translation.terminology.inflection import same_word
from translation.terminology.termbase import KINDS, Concept, Termbase, starter_concepts

_SCRIPTS = {
    "Arab": ("ARABIC",),
    "Cyrl": ("CYRILLIC",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL",),
    "Hans": ("CJK",),
    "Latn": ("LATIN",),
}


def found(lang: str, text: str, *terms: str) -> list[str]:
    """Return what a termbase of these terms finds in a text."""
    base = Termbase([concept(f"c{number}", **{lang: term}) for number, term in enumerate(terms)])
    return [text[match.start : match.end] for match in base.match(lang, text)]


@pytest.mark.parametrize(
    ("lang", "term", "text"),
    [
        ("en", "screw", "Screws"),
        ("en", "box", "boxes"),
        ("en", "battery", "batteries"),
        ("en", "shelf", "shelves"),
        ("en", "cable", "CABLES"),
        ("de", "Schraube", "Schrauben"),
        ("de", "rot", "roten"),
        ("de", "Haus", "Häuser"),
        ("es", "tornillo", "tornillos"),
        ("es", "luz", "luces"),
        ("fr", "blanc", "blanches"),
        ("fr", "métal", "métaux"),
        ("it", "bianco", "bianchi"),
        ("nl", "rood", "rode"),
        ("nl", "schroef", "schroeven"),
        ("pl", "rękawica", "rękawice"),
        ("pl", "czerwony", "czerwona"),
        ("pt", "botão", "botões"),
        ("pt", "vermelho", "vermelhas"),
        ("ru", "перчатка", "перчатками"),
        ("ru", "стальной", "стальная"),
        ("tr", "havlu", "havlusu"),
        ("tr", "gömlek", "gömleği"),
        ("tr", "ayakkabı", "ayakkabıları"),
        ("ar", "حذاء", "الحذاء"),
        ("id", "lampu", "lampunya"),
    ],
)
def test_all_forms_of_a_word_are_found(lang: str, term: str, text: str) -> None:
    assert found(lang, text, term) == [text]


@pytest.mark.parametrize(
    ("lang", "term", "text"),
    [
        ("pt", "canela", "canelada"),
        ("ru", "зубило", "зуба"),
        ("id", "bantal", "bantalan"),
        ("tr", "kapı", "kabin"),
        ("tr", "şeker", "şekersiz"),
        ("tr", "en", "EN 388"),
        ("ar", "بندق", "فندقي"),
        ("ar", "كينوا", "كيني"),
        ("ar", "الألوة", "الألوان"),
        ("ar", "جملة", "جمل"),
        ("en", "pan", "pane"),
        ("en", "can", "cane"),
        ("en", "light", "lightning"),
        ("en", "comforter", "comfort"),
        ("en", "organ", "organic"),
        ("de", "Rad", "Radieschen"),
        ("nl", "bom", "boom"),
        ("ja", "パン", "パンツ"),
        ("ja", "組", "5枚組合"),
        ("zh", "双", "双头"),
        ("zh", "箱", "灯箱"),
        ("ko", "면", "화면"),
        ("zh", "LED", "LEDX灯"),
    ],
)
def test_other_words_are_not_found(lang: str, term: str, text: str) -> None:
    assert found(lang, text, term) == []


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("de", "Edelstahlschrauben rot", ["stainless steel", "screw", "red"]),
        ("de", "Akkulampe", ["battery", "lamp"]),
        ("de", "Lampenschirm", []),
        ("zh", "不锈钢螺丝", ["stainless steel", "screw"]),
        ("ja", "赤のランプ", ["red", "lamp"]),
        ("ja", "ｽﾃﾝﾚｽねじ", ["stainless steel", "screw"]),
        ("en", "stainless steel screw", ["stainless steel", "screw"]),
        ("en", "steel screw", ["screw"]),
    ],
)
def test_compounds_and_scripts_without_spaces(lang: str, text: str, expected: list[str]) -> None:
    assert [match.concept.preferred("en") for match in small_termbase().match(lang, text)] == expected


def test_parts_of_a_compound_are_no_whole_match() -> None:
    assert [match.whole for match in small_termbase().match("de", "Edelstahlschraube Lampe")] == [False, False, True]


def test_the_longest_term_wins() -> None:
    assert found("en", "table lamp shade", "lamp", "table lamp", "shade") == ["table lamp", "shade"]


def test_of_two_concepts_with_one_term_the_first_wins() -> None:
    first, second = concept("first", en="nut"), concept("second", en="nut")
    assert [match.concept.id for match in Termbase([first, second]).match("en", "nuts")] == ["first"]


BROWN = concept("brown", "colour", ja="茶色|茶", de="braun", fr="brun")
TEA = concept("tea", ja="茶", de="Tee", fr="thé")


@pytest.mark.parametrize(
    ("under", "found", "rivals"), [("", "tea", ["brown"]), ("色", "brown", []), ("用途", "tea", ["brown"])]
)
def test_the_name_of_an_attribute_decides_what_its_value_means(under: str, found: str, rivals: list[str]) -> None:
    base = Termbase([BROWN, TEA, concept("colour", "feature", ja="色"), concept("use", "feature", ja="用途")])
    [match] = base.match("ja", "茶", under)
    assert (match.concept.id, [one.id for one in match.rivals]) == (found, rivals)


def test_a_colour_is_no_product_and_a_material_may_be() -> None:
    colour, material = concept("colour", "feature", ja="色"), concept("material", "feature", ja="素材")
    base = Termbase([TEA, colour, material])
    assert base.match("ja", "茶", "色") == []
    assert len(base.match("ja", "茶", "素材")) == 1


def test_the_concept_whose_preferred_term_it_is_wins() -> None:
    base = Termbase([concept("pocket", de="Hosentasche|Tasche"), concept("bag", de="Tasche")])
    assert [match.concept.id for match in base.match("de", "Tasche")] == ["bag"]


def test_the_field_of_the_other_terms_decides() -> None:
    first, second = (
        Concept(one, "product", one, concept(one, en=f"{one} thing|router").terms) for one in ("office", "tools")
    )
    saw = Concept("saw", "product", "tools", concept("saw", en="saw").terms)
    base = Termbase([first, second, saw])
    assert base.match("en", "router")[0].concept is first
    assert base.match("en", "saw router")[1].concept is second


def test_a_match_is_sure_when_every_meaning_has_one_translation() -> None:
    blind, window = concept("blind", en="blind", de="Rollo", fr="store"), concept("window", en="blind", de="Rollo")
    [match] = Termbase([blind, window]).match("en", "blind")
    assert match.is_sure("de")
    assert not match.is_sure("fr")


@pytest.mark.parametrize(("text", "sure"), [("havlu", True), ("havlular", True), ("havlusu", False)])
def test_a_possessive_alone_is_not_sure(text: str, sure: bool) -> None:
    [match] = Termbase([concept("towel", tr="havlu")]).match("tr", text)
    assert match.is_sure("en") is sure


def test_a_plural_of_another_term_is_a_rival() -> None:
    base = Termbase([concept("leggings", es="leggings|mallas"), concept("mesh", es="malla")])
    assert [one.id for one in base.match("es", "mallas")[0].rivals] == ["mesh"]
    assert base.match("es", "malla")[0].rivals == ()


def test_the_exact_form_wins_over_an_inflected_one() -> None:
    base = Termbase([concept("glasses", en="glasses"), concept("glass", en="glass")])
    assert [match.concept.id for match in base.match("en", "glass")] == ["glass"]


def test_exact_wants_the_whole_text() -> None:
    base = small_termbase()
    assert base.exact("en", " Screws ") is not None
    assert base.exact("en", "red screws") is None
    assert base.exact("en", "screw!") is None
    assert base.exact("de", "Edelstahlschraube") is None


def test_acronyms_in_capitals_that_are_terms_match() -> None:
    assert found("en", "PVC pipe", "PVC") == ["PVC"]
    assert found("tr", "EN GENİŞ ÜRÜN", "en") == ["EN"]  # a text in capitals says nothing by capitals


def test_version_changes_with_any_term() -> None:
    assert small_termbase().version != small_termbase(concept("red", "colour", en="crimson")).version


def test_same_word_is_symmetric() -> None:
    for lang, one, other in (("pt", "canela", "canelada"), ("en", "box", "boxes"), ("ru", "зуба", "зубило")):
        assert same_word(lang, one, other) == same_word(lang, other, one)


# -- the starter terms ------------------------------------------------------------------------------------------------

CONCEPTS = starter_concepts()


def test_starter_terms_are_many() -> None:
    assert len(CONCEPTS) >= 400


def test_no_concept_stands_twice() -> None:
    assert [name for name, times in Counter(one.id for one in CONCEPTS).items() if times > 1] == []


def test_no_cell_is_empty_or_untidy() -> None:
    untidy = [
        (one.id, lang, term)
        for one in CONCEPTS
        for lang in CODES
        for term in one.terms[lang]
        if not term or term != " ".join(term.split()) or unicodedata.normalize("NFC", term) != term
    ]
    assert untidy == []


def test_no_variant_stands_twice_in_a_cell() -> None:
    doubled = [
        (one.id, lang)
        for one in CONCEPTS
        for lang in CODES
        if len({term.casefold() for term in one.terms[lang]}) < len(one.terms[lang])
    ]
    assert doubled == []


def test_terms_are_written_in_their_script() -> None:
    wrong = [
        (one.id, lang, term)
        for one in CONCEPTS
        for lang in CODES
        for term in one.terms[lang]
        if not _in_script(term, language(lang).script)
    ]
    assert wrong == []


def _in_script(term: str, script: str) -> bool:
    letters = [unicodedata.name(character, "") for character in term if character.isalpha()]
    right = any(name.startswith(_SCRIPTS[script]) for name in letters)
    latin_name = all(name.startswith("LATIN") for name in letters)  # "LED", "USB": written so everywhere
    foreign = [name for name in letters if not name.startswith((*_SCRIPTS[script], "LATIN"))]
    return (right or latin_name) and not foreign


def test_every_term_finds_its_own_text() -> None:
    base = Termbase(CONCEPTS)
    lost = [
        (one.id, lang, term)
        for one in CONCEPTS
        for lang in CODES
        for term in one.terms[lang][:1]
        if base.exact(lang, term) is None
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("lang", "text", "under", "english"),
    [
        ("ar", "الألوان", "", "colour"),
        ("ja", "茶", "色", "brown"),
        ("ru", "Пилы дисковые", "", "circular saw"),
        ("tr", "EVA köpük", "", "EVA foam"),
        ("en", "Sweet Potato", "", "sweet potato"),
        ("en", "Turbo Trainer", "", "turbo trainer"),
    ],
)
def test_starter_terms_say_what_is_meant(lang: str, text: str, under: str, english: str) -> None:
    match = Termbase(CONCEPTS).exact(lang, text, under)
    assert match is not None
    assert match.concept.preferred("en") == english
    assert match.is_sure("de")


@pytest.mark.parametrize(("lang", "text"), [("es", "Mallas"), ("es", "Cubiertas"), ("fr", "Bureau")])
def test_starter_terms_know_what_may_mean_two_things(lang: str, text: str) -> None:
    match = Termbase(CONCEPTS).exact(lang, text)
    assert match is not None
    assert not match.is_sure("en")


def test_files_have_a_licence_and_a_known_kind() -> None:
    folder = Path(termbase_module.__file__).parent / "terms"
    for path in folder.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# SPDX-License-Identifier: "), path.name
        assert {row[1] for row in csv.reader(lines[2:]) if row} <= set(KINDS), path.name


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("wrong,header\n", "header row"),
        (",".join(["concept", "kind", *CODES]) + "\nx,product,only\n", "line 2"),
        (",".join(["concept", "kind", *CODES]) + "\nx,thing," + ",".join(CODES) + "\n", "kind 'thing'"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, body: str, said: str) -> None:
    path = tmp_path / "tools.csv"
    path.write_text(body, encoding="utf-8")
    with pytest.raises(UsageError, match=said) as raised:
        list(termbase_module.read_terms(path))
    assert "tools.csv" in str(raised.value)
