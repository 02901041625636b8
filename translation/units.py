"""Units of measure as suppliers write them, read from ``units.csv``."""

import csv
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "units.csv"

# Spellings of up to three letters are symbols, in which case matters: m is not M, and a lone "a" is no ampere.
_SYMBOL_LENGTH = 3

# In running text "in" is a word of five of the fifteen languages; only English uses it as inch, never before a number
# ("4 in 1").
_INCH_WORD = "in"


# A unit of letters ends where no further letter or digit follows; Chinese, Japanese and Korean text may follow.
_END = r"(?![^\W_\u3040-\u30ff\u3400-\u9fff가-힣])"


@cache
def _table() -> tuple[dict[str, str], dict[tuple[str, str], tuple[str, ...]], dict[str, str]]:
    """Return symbols by exact spelling, spellings by (unit, language), and symbols by folded long spelling."""
    exact: dict[str, str] = {}
    spelled_in: dict[tuple[str, str], tuple[str, ...]] = {}
    folded: dict[str, str] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            spellings = tuple(row["spellings"].split("|"))
            spelled_in[row["unit"], row["language"]] = spellings
            for spelling in spellings:
                exact.setdefault(spelling, row["unit"])
                if len(spelling) > _SYMBOL_LENGTH:
                    folded.setdefault(spelling.casefold(), row["unit"])
    return exact, spelled_in, folded


@cache
def pattern() -> str:
    """Return a regular expression (no groups) that matches any unit where a unit may stand, the longest first."""
    exact, _, folded = _table()
    symbols = {spelling for spelling in exact if len(spelling) <= _SYMBOL_LENGTH and spelling != _INCH_WORD}
    # Chinese, Japanese and Korean units and signs such as % may be followed by anything. One rule stands at the end of
    # many units, not of each: that compiles in a tenth of the time.
    signs = {spelling for spelling in exact if _joins(spelling)}
    long = _alternatives(spelling for spelling in folded if not _joins(spelling))
    short = _alternatives(symbols - signs)
    inch = rf"in{_END}(?!\s*\d)"
    one = (
        f"(?:{_alternatives(sign for sign in signs if len(sign) > 1)}|(?:(?i:{long})|{short}){_END}"
        f"|{_alternatives(sign for sign in signs if len(sign) == 1)}|{inch})"
    )
    return f"{one}(?:/{one})?"  # kg/m³, l/min, and whatever else is divided by a unit


def _alternatives(spellings: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(spellings, key=lambda spelling: (-len(spelling), spelling))))


def _joins(spelling: str) -> bool:
    last = spelling[-1]
    return not last.isalpha() or "぀" <= last <= "鿿" or "가" <= last <= "힣" or last in "℃℉㎜㎝㎏㎖㎟㎡ℓ"


def symbol(spelling: str) -> str:
    """Return the symbol of a unit's spelling; a spelling that :func:`pattern` matched is always known."""
    exact, _, folded = _table()
    known = exact.get(spelling) or folded.get(spelling.casefold())
    if known is not None:
        return known
    above, _, below = spelling.partition("/")
    return f"{symbol(above)}/{symbol(below)}"


_OWN_SCRIPT = frozenset({"ru", "ar"})
"""Languages whose readers expect every unit in their own script; Chinese, Japanese and Korean catalogs use symbols."""

_SYMBOLS_SUFFICE = frozenset({"ja", "ko", "zh"})


def written(source_spelling: str, source: str, target: str) -> str:
    """Return how a unit, given as the source language spells it, is written in the target language.

    A spelling that the target reads stays (``cm``, ``PS`` into German); one of another language becomes the target's
    own (``pouces`` into German: ``Zoll``), or the symbol where the target has none.
    """
    if source == target:
        return source_spelling
    exact, spelled_in, folded = _table()
    unit = exact.get(source_spelling) or folded.get(source_spelling.casefold())
    if unit is None:
        above, _, below = source_spelling.partition("/")
        return f"{written(above, source, target)}/{written(below, source, target)}"
    own = spelled_in.get((unit, target), ())
    universal = spelled_in.get((unit, "*"), ())
    reads_signs = target not in _OWN_SCRIPT or not own or not any(map(str.isalpha, source_spelling))
    if source_spelling in own or (source_spelling in universal and reads_signs):
        return source_spelling
    return own[0] if own and target not in _SYMBOLS_SUFFICE else unit
