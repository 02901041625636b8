"""Facts of a source and its translation compared by value: the multiset must be the same."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from translation import units
from translation.facts.brands import names
from translation.facts.codes import CJK, without_acronym
from translation.facts.finding import find
from translation.facts.model import FactKind, half_width
from translation.facts.quantities import currency_of, date_of, parts
from translation.numerals import Manner, manner_of, plain_digits, readings, said_in_words

_WORD_BEFORE = re.compile(r"^[A-Z][a-z]+-(?=\d+$)")
_SEVERAL_CODES = re.compile(r"[/+]")


class _Facts(NamedTuple):
    """The facts of one text by value, from left to right.

    Attributes:
        values: what must be the same in both texts: readings of numbers, units, codes, dates, tags, links.
        names: what must not be lost, but may stand anywhere and in any case: brands, trade marks, foreign words, the
            acronym before a model number.
        designations: classes and sizes, which must stand as words of their own in the same capitals; what stands alone
            in one language may stand behind another word in the next, so that only their loss is seen.
        said: for people, as :func:`values` returns them.
    """

    values: list[tuple[str, ...]]
    names: list[str]
    designations: list[str]
    said: list[str]


def values(text: str, brands: Sequence[str] = (), lang: str = "") -> list[str]:
    """Return the facts of a text by value, from left to right.

    Numbers stand by their value where the language is given and by their digits where it is not (separators differ by
    language), units by symbol, codes with the acronym before them, brands in small letters.
    """
    return list(_facts_of(text, names(brands).in_text(text), lang).said)


@lru_cache(maxsize=4_096)  # the original is held against fourteen translations, and each is asked for twice
def _facts_of(text: str, brands: tuple[str, ...], lang: str) -> _Facts:
    manner = manner_of(lang, half_width(text)) if lang else None
    found = _Facts([], [], [], [])
    for fact in find(text, brands, lang):
        surface = half_width(fact.surface)
        said = _values_of(fact.kind, surface, manner)
        found.values.extend(said)
        told = [value[0] for value in said]
        if fact.kind == "code":
            acronym, _ = without_acronym(surface)
            if acronym:
                found.names.append(acronym.casefold())
                told[:1] = [f"{acronym} {value}" for value in told[:1]]
        elif fact.kind in ("brand", "name"):
            found.names.append(surface.casefold())
            if fact.kind == "brand":
                told = [surface.casefold()]
        elif fact.kind == "designation":
            found.designations.append(surface)
        found.said.extend(told)
    return found


@lru_cache(maxsize=20_000)  # "4 GB" stands in many texts
def _values_of(kind: FactKind, surface: str, manner: Manner | None) -> tuple[tuple[str, ...], ...]:
    return tuple(_each_value(kind, surface, manner))


def _each_value(kind: FactKind, surface: str, manner: Manner | None) -> Iterator[tuple[str, ...]]:
    if kind in ("measure", "number"):
        yield from _quantity(surface, manner)
    elif kind == "variant" and any(map(str.isdecimal, surface)):
        yield (surface.strip(" -"),)
    elif kind == "date":
        yield (date_of(surface),)
    elif kind == "code":
        # "Typ-12" beside "Typ 12" or "Gym-34" beside "Gym-34-Blue": the word before the number is a word.
        rest = _WORD_BEFORE.sub("", without_acronym(surface)[1])
        yield from ((unicodedata.normalize("NFKC", part),) for part in _SEVERAL_CODES.split(rest) if part)
    elif kind in ("tag", "link", "bracket"):
        yield (unicodedata.normalize("NFKC", surface),)


def _quantity(surface: str, manner: Manner | None) -> Iterator[tuple[str, ...]]:
    if currency := currency_of(surface):
        yield currency
    for part in parts(surface, manner.lang if manner else ""):
        number = part["number"]
        said = readings(number, manner) if manner else (plain_digits(number),)
        # Where only counts and shares are named, the comma of "red ,5 pieces" may be one between words.
        plain = number.startswith(",") and (not part["unit"] or units.symbol(part["unit"]) in (units.COUNT, "%"))
        yield (*said, number[1:]) if plain else said
        # Another text may say as a noun what is counted: "10 pcs", "10 Stück".
        if part["unit"] and (symbol := units.symbol(part["unit"])) != units.COUNT:
            yield (symbol,)


def difference(source: str, target: str, brands: Sequence[str] = (), langs: tuple[str, str] | None = None) -> str:
    """Say which facts differ between a source and its translation; empty when none does.

    Args:
        source: a text.
        target: what should say the same.
        brands: names that must be kept.
        langs: the languages of both; without them numbers are compared by their digits, with them by value, and a
            small number may be said in words on one side.
    """
    source_lang, target_lang = langs or ("", "")
    kept = names(brands)
    wanted = _facts_of(source, kept.in_text(source), source_lang)
    found = _facts_of(target, kept.in_text(target), target_lang)
    # Most translations say the same in the same order.
    lost, added = _unmatched(wanted.values, found.values) if wanted.values != found.values else ([], [])
    if langs and (lost or added):
        lost = _not_in_words(lost, target_lang, target)
        added = _not_in_words(added, source_lang, source)
    if wanted.names:
        lost += _missing_names(Counter(wanted.names), target)
    if wanted.designations:
        lost += _missing_designations(Counter(wanted.designations), target)
    said = []
    if lost:
        said.append("lost " + ", ".join(sorted(lost)))
    if added:
        said.append("added " + ", ".join(sorted(added)))
    return "; ".join(said)


def _unmatched(wanted: Sequence[tuple[str, ...]], found: Sequence[tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Return what is in one text and not in the other; a number that can be read in two ways matches either."""
    lost = list((Counter(wanted) - Counter(found)).elements())
    added = list((Counter(found) - Counter(wanted)).elements())
    for value in list(lost):
        match = next((one for one in added if not set(one).isdisjoint(value)), None)
        if match is not None:
            lost.remove(value)
            added.remove(match)
    _forget_joined(lost, added)
    _forget_joined(added, lost)
    return [value[0] for value in lost], [value[0] for value in added]


def _forget_joined(several: list[tuple[str, ...]], joined: list[tuple[str, ...]]) -> None:
    """Forget two numbers of one text that the other, by its habit of grouping, reads as one: "Power 11 750W"."""
    for whole in list(joined):
        pair = next((two for two in permutations(several, 2) if two[0][0] + two[1][0] in whole), None)
        if pair:
            joined.remove(whole)
            several.remove(pair[0])
            several.remove(pair[1])


def _not_in_words(missing: Sequence[str], lang: str, text: str) -> list[str]:
    rest: list[str] = []
    for value, times in Counter(missing).items():
        rest += [value] * (times - said_in_words(value, lang, text))
    return rest


def _missing_names(names: Counter[str], target: str) -> list[str]:
    text = half_width(target).casefold()
    return [name for name, times in names.items() for _ in range(times - text.count(name))]


def _missing_designations(wanted: Counter[str], target: str) -> list[str]:
    text = half_width(target)
    return [
        one
        for one, times in wanted.items()
        for _ in range(times - len(re.findall(rf"(?<![^\W_{CJK}]){re.escape(one)}(?![^\W_{CJK}]|\+)", text)))
    ]
