"""Acronyms of the original that nothing in the translation says: the VGA of a cable, the PVC of a hose.

An acronym is known (``acronyms.csv``), or it is a word in capitals that can be no other: short, or without a vowel, and
none of the ordinary words of its language, which are often shouted ("NEW", "SALE"). It is said by itself in any case
and with any ending ("LED-es", "USB'li", "ledlamp"), by its name in the other language ("TI", "ПВХ"), or by its words
("courant continu"). Those names come from the termbase, from the starter terms, and from ``acronyms.csv``.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from catalog.languages import language
from translation.checks.model import Subject
from translation.facts import half_width
from translation.stopwords import STOP_WORDS
from translation.terminology.concepts import Concept, starter_concepts
from translation.terminology.requirements import says_in_any_form
from translation.terminology.wordlexicon import COMPOUNDING
from translation.words import fold, without_accents, words

_TABLE = Path(__file__).with_name("acronyms.csv")
_ANY = "*"
_LETTER = "A-Za-zÀ-ɏЀ-ӿ"
_CAPITAL = "A-ZÀ-ÖØ-ÞЀ-Я"
_CAPITALS = re.compile(rf"(?<![{_LETTER}\d_])([A-ZÀ-ÖØ-Þ]{{2,6}}|[Ѐ-Я]{{2,6}})(?:['’]?s)?(?![{_LETTER}\d_])")
_WORD = re.compile(r"[^\W_]+")
_ANY_LETTER = re.compile(f"[{_LETTER}]")
_NO_CAPITAL = re.compile(f"(?![{_CAPITAL}])")
_NO_WORD = re.compile(f"[sSſ]?(?![{_LETTER}])")
_ALIKE = str.maketrans("İıſK", "iisk")
_VOWELS = frozenset("AEIOUYÀÁÂÃÄÅÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÝАЕЁИОУЫЭЮЯІЇЄ")
_ROMAN = re.compile(r"[IVX]+")
_SHORT = 3
"""Letters up to which capitals that are no ordinary word are an acronym; longer ones may be anybody's name."""


@dataclass(frozen=True, slots=True)
class _Table:
    """``acronyms.csv``.

    Attributes:
        known: acronyms that keep their letters or have the forms below.
        free: words in capitals that say nothing, or are translated in too many ways to be told.
        forms: for an acronym and a language how it may be said there: another acronym, or how its words begin.
        own: for a language and an acronym of it the acronyms that it stands for: Russian "ПВХ" for "PVC".
    """

    known: frozenset[str]
    free: frozenset[str]
    forms: dict[tuple[str, str], tuple[str, ...]]
    own: dict[tuple[str, str], tuple[str, ...]]


def lost_acronym(subject: Subject) -> str:
    """Find an acronym of the original that nothing in the translation says."""
    acronyms = dict.fromkeys(_acronyms(subject))
    text = half_width(subject.text) if acronyms else ""
    lost = [one for one in acronyms if not _is_said(one, text, subject)]
    if not lost:
        return ""
    return f"{', '.join(lost)} is not said" if len(lost) == 1 else f"{', '.join(lost)} are not said"


def _acronyms(subject: Subject) -> Iterator[str]:
    prose = half_width(subject.before.prose)
    if not _CAPITALS.search(prose):
        return
    demanded = {word for one in subject.expected.required for word in _WORD.findall(one.source.casefold())}
    shouting = sum(map(str.isupper, prose)) > sum(map(str.islower, prose))
    for match in _CAPITALS.finditer(prose):
        if match[1].casefold() in demanded:
            continue  # the check of terms looks after it
        # Letters that only repeat the words before them ("behind the ear (BTE)") go where a language has none for it.
        aside = prose[: match.start()].endswith("(") and prose[match.end() :].startswith(")")
        if _is_acronym(subject.lang, match[1], doubtful=shouting or aside):
            yield match[1]


@lru_cache(maxsize=10_000)
def _is_acronym(lang: str, capitals: str, *, doubtful: bool) -> bool:
    """Whether capitals are an acronym; where that is doubtful only one that is known and no ordinary word."""
    table = _table()
    if capitals in table.free or _ROMAN.fullmatch(capitals):
        return False
    ordinary = fold(lang, capitals) in _ordinary(lang)
    if capitals in table.known or (lang, capitals) in table.own:
        return not (ordinary and doubtful)
    return not ordinary and not doubtful and (len(capitals) <= _SHORT or _VOWELS.isdisjoint(capitals))


def _is_said(acronym: str, text: str, subject: Subject) -> bool:
    lang = subject.target
    table = _table()
    for one in (acronym, *table.own.get((subject.lang, acronym), ())):
        forms = (*table.forms.get((one, lang), ()), *table.forms.get((one, _ANY), ()))
        if _stands(one, text, lang) or any(_says(form, text, lang) for form in forms):
            return True
    offered = (term for source, terms in subject.expected.offered if source == acronym.casefold() for term in terms)
    return any(says_in_any_form(lang, text, term) for term in (*offered, *_starter_terms(acronym, lang)))


def _stands(acronym: str, text: str, lang: str) -> bool:
    """Whether an acronym stands in a text: in capitals with any ending in small letters, or in any case as a word."""
    if _begins_word(acronym, text, text, _NO_CAPITAL):
        return True
    if fold(lang, acronym) in STOP_WORDS[lang]:
        return False
    return _begins_word(_small(acronym), text, _small(text), _NO_WORD)


def _begins_word(spelled: str, text: str, searched: str, behind: re.Pattern[str]) -> bool:
    """Whether letters stand in a text behind no other letter, and before what a pattern finds.

    A pattern for each acronym takes 0.3 ms to compile, and a market has thousands.

    Args:
        spelled: the letters.
        text: the text.
        searched: the text, character for character, as it is compared with the letters.
        behind: what has to follow in the text.
    """
    at = searched.find(spelled)
    while at >= 0:
        if not _ANY_LETTER.match(text[at - 1 : at]) and behind.match(text, at + len(spelled)):
            return True
        at = searched.find(spelled, at + 1)
    return False


def _small(text: str) -> str:
    """Write a text small, character for character; Turkish capitals have an İ in "MİG"."""
    return text.translate(_ALIKE).lower()


def _says(form: str, text: str, lang: str) -> bool:
    if form.isupper() and len(form) <= _SHORT + 1:
        return _stands(form, text, lang)
    wanted, there = (without_accents(fold(lang, one)) for one in (form, text))
    inside = lang in COMPOUNDING or lang == "ar" or language(lang).words != "spaces"
    return wanted in there if inside else re.search(rf"(?<![^\W_]){re.escape(wanted)}", there) is not None


@cache
def _table() -> _Table:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return _read(list(rows))


def _read(rows: list[dict[str, str]]) -> _Table:
    known: set[str] = set()
    free: set[str] = set()
    forms: dict[tuple[str, str], list[str]] = defaultdict(list)
    own: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        names = row["acronym"].split()
        (free if row["forms"] == _ANY else known).update(names)
        for name in names if row["forms"] not in ("", _ANY) else ():
            for lang in row["languages"].split():
                said = row["forms"].split("|")
                forms[name, lang] += said
                for form in said if lang != _ANY else ():
                    if form.isalpha() and form.isupper() and form != name:
                        own[lang, form].append(name)
    return _Table(
        frozenset(known - free),
        frozenset(free),
        {key: tuple(said) for key, said in forms.items()},
        {key: tuple(names) for key, names in own.items()},
    )


@cache
def _ordinary(lang: str) -> frozenset[str]:
    """Return the function words of a language and the words of its starter terms that are no acronyms."""
    ordinary = set(STOP_WORDS[lang])
    for concept in starter_concepts():
        for term in concept.terms[lang]:
            ordinary.update(word.folded for word in words(lang, term) if not term[word.start : word.end].isupper())
    return frozenset(ordinary)


@cache
def _by_acronym() -> dict[str, list[Concept]]:
    found: dict[str, list[Concept]] = defaultdict(list)
    for concept in starter_concepts():
        for term in {term for terms in concept.terms.values() for term in terms}:
            if _CAPITALS.fullmatch(term):
                found[term].append(concept)
    return dict(found)


def _starter_terms(acronym: str, lang: str) -> Iterator[str]:
    for concept in _by_acronym().get(acronym, ()):
        yield from concept.terms[lang]
