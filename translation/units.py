"""Units of measure as suppliers write them, read from ``units.csv`` and multiplied by ``unit_prefixes.csv``."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "units.csv"
_PREFIXES_FILE = Path(__file__).parent / "unit_prefixes.csv"

COUNT = "pcs"
"""The unit of things that are counted: another text may say it as a noun ("10 pieces"), so it is never missed."""

# Spellings of up to three letters are symbols, in which case matters: m is not M, and a lone "a" is no ampere.
_SYMBOL_LENGTH = 3

# In running text "in" is a word of five of the fifteen languages; only English uses it as inch, never before a number
# ("4 in 1", "3-in-1").
_INCH_WORD = "in"

_AFTER_A_PREFIX = "-"
"""Begins a spelling that stands only after a prefix: bytes are kB or MB, and "5 B" is a name."""

_MONEY = frozenset("€₽")
"""Signs that stand before an amount as well: of "2 €5 vouchers" the 5 has the sign."""

# A unit of letters ends where no further letter or digit follows; Chinese, Japanese and Korean text may follow.
_END = r"(?![^\W_\u3040-\u30ff\u3400-\u9fff가-힣])"


@dataclass(frozen=True, slots=True)
class _Table:
    """The units by what is looked up.

    Attributes:
        exact: symbols by spelling.
        spelled_in: spellings by unit and language, the preferred one first.
        folded: symbols by long spelling in small letters.
    """

    exact: dict[str, str]
    spelled_in: dict[tuple[str, str], tuple[str, ...]]
    folded: dict[str, str]

    def add(self, unit: str, lang: str, spellings: Iterable[str]) -> None:
        """Take spellings that no earlier unit has."""
        new = [spelling for spelling in spellings if self.exact.setdefault(spelling, unit) == unit]
        kept = self.spelled_in.get((unit, lang), ())
        self.spelled_in[unit, lang] = (*kept, *(spelling for spelling in new if spelling not in kept))
        for spelling in new:
            if len(spelling) > _SYMBOL_LENGTH:
                self.folded.setdefault(spelling.casefold(), unit)


@cache
def _table() -> _Table:
    table = _Table({}, {}, {})
    rows = [(row["unit"], row["language"], row["spellings"].split("|")) for row in _rows(_FILE)]
    for unit, lang, spellings in rows:
        table.add(unit, lang, (one for one in spellings if not one.startswith(_AFTER_A_PREFIX)))
    used = {row["unit"]: row["prefixes"].split() for row in _rows(_FILE) if row["prefixes"]}
    prefixes = {
        (row["prefix"], row["language"]): (_split(row["before_symbols"]), _split(row["before_names"]))
        for row in _rows(_PREFIXES_FILE)
    }
    for unit, lang, spellings in rows:
        for prefix in used.get(unit, ()):
            table.add(prefix + unit, lang, _prefixed(prefix, lang, spellings, prefixes))
    return table


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _prefixed(
    prefix: str,
    lang: str,
    spellings: Iterable[str],
    prefixes: Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]],
) -> Iterator[str]:
    """Yield what a prefix makes of spellings: symbols before symbols, names before names."""
    symbols, names = prefixes.get((prefix, lang), ((), ()))
    any_symbols, _ = prefixes.get((prefix, "*"), ((), ()))
    for spelling in (one.removeprefix(_AFTER_A_PREFIX) for one in spellings):
        if len(spelling) <= _SYMBOL_LENGTH and spelling.isascii() | (spelling in "Ωℓ"):
            yield from (one + spelling for one in any_symbols)
        elif symbols and (len(spelling) <= _SYMBOL_LENGTH or not spelling.isalpha()):
            yield from (one + spelling for one in symbols)
        elif names:
            yield from (one + spelling.lower() for one in names)
            if lang == "ar":
                yield from (f"{one} {spelling}" for one in names)


@cache
def pattern() -> str:
    """Return a regular expression (no groups) that matches any unit where a unit may stand, the longest first."""
    table = _table()
    symbols = {spelling for spelling in table.exact if len(spelling) <= _SYMBOL_LENGTH and spelling != _INCH_WORD}
    # Chinese, Japanese and Korean units and signs such as % may be followed by anything. One rule stands at the end of
    # many units, not of each: that compiles in a tenth of the time.
    signs = {spelling for spelling in table.exact if _joins(spelling)}
    long = _alternatives(spelling for spelling in table.folded if not _joins(spelling))
    short = _alternatives(symbols - signs)
    inch = rf"in{_END}(?![\s-]*\d)"
    one = (
        f"(?:{_alternatives(sign for sign in signs if len(sign) > 1)}|(?:(?i:{long})|{short}){_END}"
        f"|{_alternatives(sign for sign in signs - _MONEY if len(sign) == 1)}"
        f"|{_alternatives(signs & _MONEY)}(?!\\d)|{inch})"
    )
    return f"{one}(?:/{one})?"  # kg/m³, l/min, and whatever else is divided by a unit


_Tree = dict[str, "_Tree"]
"""Spellings by their characters; the empty key ends one."""


def _alternatives(spellings: Iterable[str]) -> str:
    """Return a pattern of all spellings, the longest first, that tries no common beginning twice."""
    tree: _Tree = {}
    for spelling in spellings:
        node = tree
        for character in spelling:
            node = node.setdefault(character, {})
        node[""] = {}
    return _of_tree(tree)


def _of_tree(node: _Tree) -> str:
    branches = [re.escape(character) + _of_tree(below) for character, below in sorted(node.items()) if character]
    if not branches:
        return ""
    if "" in node:
        return f"(?:{'|'.join(branches)})?"
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _joins(spelling: str) -> bool:
    last = spelling[-1]
    return not last.isalpha() or "぀" <= last <= "鿿" or "가" <= last <= "힣" or last in "℃℉㎜㎝㎏㎖㎟㎡ℓ"


def symbol(spelling: str) -> str:
    """Return the symbol of a unit's spelling; a spelling that :func:`pattern` matched is always known."""
    table = _table()
    known = table.exact.get(spelling) or table.folded.get(spelling.casefold())
    if known is not None:
        return known
    above, divided, below = spelling.partition("/")
    if not divided:
        raise KeyError(spelling)
    return f"{symbol(above)}/{symbol(below)}"


@cache
def _folded_spellings(unit: str, lang: str) -> frozenset[str]:
    table = _table()
    names = (spelling for where in (lang, "*", "en") for spelling in table.spelled_in.get((unit, where), ()))
    return frozenset(name.casefold() for name in names if len(name) > _SYMBOL_LENGTH)


_OWN_SCRIPT = frozenset({"ru", "ar"})
"""Languages whose readers expect every unit in their own script; Chinese, Japanese and Korean catalogs use symbols."""

_SYMBOLS_SUFFICE = frozenset({"ja", "ko", "zh"})


def written(source_spelling: str, source: str, target: str) -> str:
    """Return how a unit, given as the source language spells it, is written in the target language.

    A spelling that the target reads stays (``cm``, ``PS`` into German); one of another language becomes the target's
    own (``pouces`` into German: ``Zoll``), or the symbol where the target has none. What the source's language does not
    spell so is left alone.
    """
    if source == target:
        return source_spelling
    table = _table()
    unit = table.exact.get(source_spelling) or table.folded.get(source_spelling.casefold())
    if unit is None:
        above, _, below = source_spelling.partition("/")
        return f"{written(above, source, target)}/{written(below, source, target)}"
    if not any(source_spelling in table.spelled_in.get((unit, lang), ()) for lang in (source, "*", "en")) and (
        source_spelling.casefold() not in _folded_spellings(unit, source)
    ):
        return source_spelling  # "PS/2" in English is no German horsepower
    own = table.spelled_in.get((unit, target), ())
    universal = table.spelled_in.get((unit, "*"), ())
    reads_signs = target not in _OWN_SCRIPT or not own or not any(map(str.isalpha, source_spelling))
    # The word "pcs" is English before it is everybody's.
    if source_spelling in own or (source_spelling in universal and reads_signs and not (unit == COUNT and own)):
        return source_spelling
    return own[0] if own and (target not in _SYMBOLS_SUFFICE or unit not in universal) else unit


def is_universal(text: str) -> bool:
    """Whether a text is a unit's symbol as every language reads it."""
    table = _table()
    unit = table.exact.get(text)
    return unit is not None and text in table.spelled_in.get((unit, "*"), ())
