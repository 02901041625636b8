"""Numbers, measures and dates: how they look."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from translation import units
from translation.facts.model import Fact
from translation.numerals import GROUPS_BY_SPACE, NARROW_SPACES, ascii_digits, separators

SPACE = f"\u0020{NARROW_SPACES}"
FRACTION = "½¼¾⅓⅔⅛⅜⅝⅞"
SIGNS = "±≤≥<>~≈∼Øø⌀∅Φφ-−+"
"""What may stand before the number of a measure."""

# An ordinary space holds a number together where the language writes so, and before three zeros anywhere: in English
# "Straight Power 11 750W" are two numbers.
_GROUPED = rf"\d{{1,3}}(?:[{NARROW_SPACES}’]\d{{3}})+|[1-9]\d{{0,2}}(?:[ ]\d{{3}})*[ ]000"
_GROUPED_BY_SPACE = rf"[1-9]\d{{0,2}}(?:[ ]\d{{3}})+|{_GROUPED}"
_JOIN = rf"(?:[{SPACE}]?(?:[x×X*хХ✕∗]|[-–—~〜～至]|/|\.\.\.?|…|\+/-|±)[{SPACE}]?|:(?=\d)|[{SPACE}]=[{SPACE}])[-−+]?"
# Five foot ten is one height, and of "-20 to +60 °C" a draft made two temperatures.
_FEET = rf"['′][{SPACE}]?(?=\d{{1,2}}[{SPACE}]?[\"″”])"
_TO = rf"[{SPACE}](?:to|bis|à|a|até|hasta|tot|do|sampai|до)[{SPACE}]"

_MONEY_BEFORE = re.compile(
    rf"(?:(?<![^\W_])(?:US|R|A|AU|C|CA|HK|MX|NZ|S)?\$|[€£¥₹₽₩₺]"
    rf"|(?<![^\W_])(?:AUD|BRL|CHF|CNY|CZK|DKK|EUR|GBP|INR|JPY|KRW|NOK|PLN|RUB|SEK|USD))[{SPACE}]?(?=[.,]?\d)"
)
_BEHIND_A_CURRENCY = frozenset(f"{SPACE}.0123456789")
_LETTERS = frozenset("ABCDEGHIJKMNPRSU")
_MONEY_BEGINS = frozenset("$€£¥₹₽₩₺ABCDEGHIJKMNPRSU")
_CURRENCIES = {
    "$": ("$", "USD"), "US$": ("USD", "$"), "R$": ("BRL",), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"),
    "₹": ("INR",), "₽": ("RUB",), "₩": ("KRW",), "₺": ("TRY",),
}  # fmt: skip

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"{_YEAR}([-/.]){_MONTH}\1{_DAY}(?!\d|[-/.]\d)|{_DAY}([-/.]){_MONTH}\2{_YEAR}(?!\d|[-/.]\d)"
    rf"|{_MONTH}/{_DAY}/{_YEAR}(?!\d|/\d)|{_YEAR}\s?年\s?{_MONTH}\s?月(?:\s?{_DAY}\s?日)?"
    rf"|{_YEAR}년\s?{_MONTH}월(?:\s?{_DAY}일)?"
)
_IN_BRACKETS = re.compile(r"[ ]?[(（]")
_SPELLED_DATE = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日일])?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")


def _number(by_space: bool) -> str:
    return (
        rf"(?:(?:{_GROUPED_BY_SPACE if by_space else _GROUPED})(?!\d)(?:[.,٫]\d+)?|\d+(?:[.,٫٬．']\d+)*)"
        rf"(?:[{SPACE}]?[{FRACTION}]|[{SPACE}-]\d/\d{{1,2}}(?!\d))?"
        rf"|[{FRACTION}]"
        # ".5 A" is half an ampere; "v.5", "item,5" and "..5" are none.
        r"|(?<![\w.,)\]])[.,]\d+(?![.,]?\d)"
    )


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The patterns of one way to group digits.

    Attributes:
        number: a number alone.
        measure: a number or several joined ones, with or without units.
        part: one number of a measure, with the groups ``number``, ``space`` and ``unit``.
    """

    number: re.Pattern[str]
    measure: re.Pattern[str]
    part: re.Pattern[str]


@cache
def _patterns(by_space: bool) -> _Patterns:
    number = _number(by_space)
    unit = rf"(?:[{SPACE}]?-?{units.pattern()})"
    sign = rf"(?:(?:[±≤≥<>~≈∼Øø⌀∅Φφ]|(?<![^\W\u3040-\u9fff가-힣])(?<![.+])[-−+](?=[.,]?[\d{FRACTION}]))[{SPACE}]?)?"
    # What is joined must end as a number or a unit: of "28-32C" only 28 is a number, 32C is a code.
    ends = r"(?!\d|(?![xXхХ]\s?\d)[A-Za-zА-Яа-яЁё])"
    return _Patterns(
        re.compile(number),
        re.compile(
            rf"{sign}(?:{number}){unit}?(?:(?:{_JOIN}|{_FEET})(?:{number})(?:{unit}|{ends})"
            rf"|{_TO}(?:[-−+](?:{number})(?:{unit}|{ends})|(?:{number}){unit})){{0,3}}"
        ),
        re.compile(rf"(?P<number>{number})(?P<space>[{SPACE}]?-?)(?P<unit>{units.pattern()})?"),
    )


def _of(lang: str) -> _Patterns:
    # Without a language the text may be of any, and two numbers taken for one are still both there.
    return _patterns(not lang or lang in GROUPS_BY_SPACE)


def may_begin(character: str) -> bool:
    """Whether a quantity may begin with a character."""
    return character.isdecimal() or character in FRACTION or character in SIGNS or character in ".,"


def quantity_at(text: str, at: int, lang: str) -> Fact | None:
    """Return the date, measure or number that begins at an offset of a half-width text."""
    character = text[at]
    if character in _LETTERS and not ("$" in text[at : at + 3] or text[at + 3 : at + 4] in _BEHIND_A_CURRENCY):
        return None
    if character in _MONEY_BEGINS and (money := _MONEY_BEFORE.match(text, at)):
        amount = quantity_at(text, money.end(), lang)
        return Fact("measure", at, amount.end, text[at : amount.end]) if amount else None
    if not may_begin(character) or (at and text[at - 1].isdecimal()):
        return None
    if match := _DATE.match(text, at):
        return Fact("date", at, match.end(), match[0])
    match = _of(lang).measure.match(text, at)
    if match is None:
        return None
    surface = match[0].rstrip(SPACE)
    found = _units(surface, lang)
    if character == "," and lang and separators(lang)[0] == ".":
        return None  # "cotton ,100 %" has a comma, where numbers have points
    if found[-1] and (beside := _said_again(text, at + len(surface), lang)):
        return Fact("measure", at, beside, text[at:beside])
    if any(found) or len(found) > 1 or character in SIGNS:
        return Fact("measure", at, at + len(surface), surface)
    number = _of(lang).number.match(text, at)
    return Fact("number", at, number.end(), number[0]) if number else None


def _said_again(text: str, at: int, lang: str) -> int:
    """Return where a measure in brackets ends that says the one before in another unit: 43.2 cm (17"); else 0.

    Two placeholders of which one stands in brackets are lost more often than one.
    """
    bracket = _IN_BRACKETS.match(text, at)
    inner = quantity_at(text, bracket.end(), lang) if bracket and bracket.end() < len(text) else None
    if inner is None or inner.kind != "measure" or inner.surface[-1:] in ")）":
        return 0
    *_, last = parts(inner.surface, lang)
    if not last["unit"] or units.symbol(last["unit"]) == units.COUNT:
        return 0
    return inner.end + 1 if text[inner.end : inner.end + 1] in (")", "）") else 0


@lru_cache(maxsize=20_000)  # each quantity is asked for its parts six times, and "4 GB" stands in many texts
def parts(surface: str, lang: str) -> tuple[re.Match[str], ...]:
    """Return the numbers of a quantity, each with its unit: groups ``number``, ``space`` and ``unit``."""
    return tuple(_of(lang).part.finditer(surface))


@lru_cache(maxsize=20_000)
def _units(surface: str, lang: str) -> tuple[bool, ...]:
    """Return for each number of a quantity whether it has a unit."""
    return tuple(bool(part["unit"]) for part in parts(surface, lang))


def currency_of(surface: str) -> tuple[str, ...]:
    """Return the names of the currency that stands before an amount, the likeliest first; empty where none does."""
    match = _MONEY_BEFORE.match(surface)
    sign = match[0].strip(SPACE) if match else ""
    return _CURRENCIES.get(sign, (sign,) if sign else ())


def has_unit(surface: str, lang: str) -> bool:
    """Whether a text is nothing but one quantity, the last number of which has a unit."""
    found = quantity_at(surface, 0, lang) if surface else None
    if found is None or found.end != len(surface):
        return False
    *_, last = parts(surface, lang)
    return bool(last["unit"])


@cache
def unit_alone() -> re.Pattern[str]:
    """Return the pattern of a unit behind a number that is part of something else."""
    return re.compile(rf"[{SPACE}]?{units.pattern()}")


def is_joined_to_a_name(surface: str, lang: str) -> bool:
    """Whether what looks like a range ends without the unit of its beginning: "18V-55" is a model."""
    found = _units(surface, lang)
    return len(found) > 1 and any(found) and not found[-1]


def date_of(surface: str) -> str:
    """Return a date as ISO 8601 where year, month and day are certain, else as it stands (``05/06/2024``)."""
    surface = ascii_digits(surface)
    match = _SPELLED_DATE.fullmatch(surface) or _YEAR_FIRST.fullmatch(surface)
    if match is None:
        return surface
    return "-".join((match[1], *(part.zfill(2) for part in match.groups()[1:] if part)))
