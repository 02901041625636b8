"""Facts as the target language writes them: separators of numbers, script of units; never another value."""

import re
from collections.abc import Sequence

from translation import units
from translation.facts.finding import find
from translation.facts.model import Fact, half_width
from translation.facts.quantities import date_of, parts
from translation.numerals import GROUPS_BY_SPACE, Manner, is_uncertain, localised, manner_of

_CYRILLIC = frozenset({"ru"})
_CYRILLIC_TIMES = re.compile(r"(?<=\d)[хХ](?=\d)")
_SYMBOL = 3
"""Letters of the longest unit that is a symbol rather than a word."""

_RANGE_WORD = re.compile(r"\s?(?![xXхХ至]\s)[^\W\d_]{1,6}\s([-−+]?)")
"""A word between two measures: the 'to' of "-20 to +60 °C"."""

_SPELL_DATES = frozenset({"ja", "ko", "zh"})


def render(fact: Fact, source: Manner | str, target: str) -> str:
    """Write a fact as the target language writes it.

    Args:
        fact: any fact.
        source: how the source text writes numbers, or just its language.
        target: the language to write it in.
    """
    source = Manner(source) if isinstance(source, str) else source
    if source.lang == target:
        return fact.surface
    if fact.kind == "date":
        return fact.surface if target in _SPELL_DATES else date_of(half_width(fact.surface))
    if fact.kind not in ("measure", "number"):
        return fact.surface
    surface = half_width(fact.surface)
    if target not in _CYRILLIC:
        surface = _CYRILLIC_TIMES.sub("×", surface)
    if target != "zh":
        surface = surface.replace("至", "–")
    written: list[str] = []
    at = 0
    for match in parts(surface, source.lang):
        between = surface[at : match.start()]
        if written and (word := _RANGE_WORD.fullmatch(between)):
            written[-1] = written[-1].rstrip()
            between = f"…{word[1]}" if word[1] or "-" in surface or "−" in surface else "–"
        written += (between, _one(match, source, target))
        at = match.end()
    return "".join([*written, surface[at:]])


def _one(match: re.Match[str], source: Manner, target: str) -> str:
    number, unit, space = localised(match["number"], source, target), match["unit"], match["space"]
    if unit is None:
        return number + space
    spelled = units.written(unit, source.lang, target)
    # A unit that was spelled in signs of its own ("500毫升") needs its space back beside letters.
    if not space and spelled != unit and spelled[0].isalpha() and not (unit[0].isascii() and unit[0].isalpha()):
        space = " "
    # So does a word where a symbol was: "3.5in", "24-in". Symbols keep what they had: "12V-battery".
    if (
        spelled != unit
        and len(spelled) > _SYMBOL
        and spelled.isalpha()
        and space in ("", "-")
        and spelled[0] < "\u3000"
    ):
        space = " "
    return number + space + spelled


def uncertain_numbers(lang: str, text: str, brands: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the numbers of a text that can be read in two ways, as they stand in it.

    They are kept with their signs in every language. ``1.525 m`` in an English text may be one metre and a half or a
    thousand and a half of them by a supplier from elsewhere; where the text shows its decimal sign (``3.5 mm``) it is
    certain.
    """
    # Without a separator nothing is uncertain; "1 000" is, where thousands are set apart by spaces of any kind.
    grouped = not lang or lang in GROUPS_BY_SPACE
    if text.isascii() and not grouped and "." not in text and "," not in text:
        return ()
    manner = manner_of(lang, half_width(text))
    return tuple(
        match["number"]
        for fact in find(text, brands, lang)
        if fact.kind in ("measure", "number")
        for match in parts(half_width(fact.surface), lang)
        if is_uncertain(match["number"], manner)
    )
