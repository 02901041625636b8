"""Numbers, prices and quantities as people write them in fifteen languages.

``1,299`` is a thousand and more in English and hardly more than one in German. What a cell itself shows wins
(``1.299,00``), then what its column shows, then its language; what stays open is not guessed.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from catalog.model import Price
from catalog.values.currencies import SHARED_SIGNS, find_currency, names_money
from catalog.values.price_wording import hundredth_of, is_from_price, of_one, pieces_priced

DecimalMark = Literal[".", ","]

PLACEHOLDERS = frozenset({"-", "--", "—", "–", "n/a", "#n/a", "null", "nan", "\\n", "#value!", "#ref!", "?", "/"})
"""Cells that say "nothing here"."""

LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))

_SPACES = " \u00a0\u2007\u2009\u202f'’`"
_NUMBER = re.compile(rf"\d(?:[{_SPACES}.,]?\d)*")
_GROUPED_BY_SPACE = re.compile(rf"\d{{1,3}}(?:[{_SPACES}]\d{{3}})+")
_GROUPED = {
    ",": re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}"),
    ".": re.compile(r"\d{1,3}(?:\.\d{3})+"),
}
_PLAIN_DECIMAL = re.compile(
    r"(?:[0-9]+|[0-9]{1,3}(?:(?:\.[0-9]{3})+(?=,)|(?:,[0-9]{3})+(?=\.)))(?:(?P<mark>[.,])[0-9]{1,2})?"
)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """A number read from text.

    Attributes:
        value: the number, or ``None`` where it can be read in two ways and nothing decides.
        mark: the decimal mark that the text itself proves, or ``None``.
        ambiguous: the text alone can be read in two ways (``1,299``).
    """

    value: Decimal | None
    mark: DecimalMark | None
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class PriceReading:
    """What a price cell gave.

    Attributes:
        prices: at most one a currency.
        problem: code of what kept a price out, or ``None``.
        mark: decimal mark proved by the cell.
        ambiguous: the cell alone can be read in two ways.
    """

    prices: tuple[Price, ...]
    problem: str | None = None
    mark: DecimalMark | None = None
    ambiguous: bool = False


def ascii_digits(text: str) -> str:
    """Write digits of any script (full-width, Arabic-Indic ...) and their separators in ASCII."""
    if text.isascii():
        return text
    return _BEYOND_ASCII.sub(_ascii_digit, text)


def _ascii_digit(match: re.Match[str]) -> str:
    char = match[0]
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    return {"٫": ".", "٬": "'", "，": ",", "．": ".", "−": "-", "－": "-", "\u3000": " "}.get(char, char)


def plain_decimal(text: str) -> ReadNumber | None:
    """Read a number in the ways of writing that most cells have and that can be read in one way only.

    That is ``1299``, ``12.5``, ``12,50`` and ``1.299,00``. :func:`read_number` says the same of them and of many more.
    """
    match = _PLAIN_DECIMAL.fullmatch(text)
    if match is None:
        return None
    last = match["mark"]
    if not last:
        return ReadNumber(Decimal(text), None, False)
    mark: DecimalMark = "," if last == "," else "."
    whole, _, part = text.rpartition(mark)
    return ReadNumber(Decimal(f"{whole.replace(_other(mark), '')}.{part}"), mark, False)


def read_number(text: str, mark: DecimalMark | None = None) -> ReadNumber | None:
    """Read one number that fills the whole text.

    Args:
        text: digits of any script with separators; a sign may stand before it.
        mark: decimal mark of its column or language, asked only where the text itself leaves it open.

    Returns:
        ``None`` where the text is no number.
    """
    plain = text.strip()
    if plain[:1].isalpha() or plain[:1] == "<":  # most texts are none, and some are long
        return None
    plain = ascii_digits(plain).strip()
    sign = -1 if plain.startswith("-") else 1
    plain = plain.lstrip("+-").strip()
    if not _NUMBER.fullmatch(plain):
        return None
    found = _read_digits(plain, mark)
    if found is None or found.value is None:
        return found
    return ReadNumber(sign * found.value, found.mark, found.ambiguous)


def _read_digits(plain: str, mark: DecimalMark | None) -> ReadNumber | None:
    whole = _GROUPED_BY_SPACE.match(plain)
    grouped_by_space = whole is not None
    if whole is not None:
        plain = re.sub(f"[{_SPACES}]", "", whole[0]) + plain[whole.end() :]
    if any(char in plain for char in _SPACES):
        return None
    marks = [char for char in plain if char in ".,"]
    if not marks:
        return ReadNumber(_decimal(plain), None, False)
    last: DecimalMark = "," if marks[-1] == "," else "."
    if len(set(marks)) == 2:
        return _with_both(plain, marks, last)
    if len(marks) > 1:
        return (
            ReadNumber(_decimal(plain.replace(last, "")), _other(last), False)
            if _GROUPED[last].fullmatch(plain)
            else None
        )
    before, after = plain.split(last)
    if len(after) != 3 or len(before) > 3 or before.startswith("0") or grouped_by_space:
        return ReadNumber(_decimal(f"{before}.{after}"), last, False)
    if mark is None:
        return ReadNumber(None, None, True)
    return ReadNumber(_decimal(f"{before}.{after}" if mark == last else before + after), None, True)


def _with_both(plain: str, marks: list[str], last: DecimalMark) -> ReadNumber | None:
    group = _other(last)
    before, _, after = plain.rpartition(last)
    if marks.count(last) > 1 or not _GROUPED[group].fullmatch(before):
        return None
    return ReadNumber(_decimal(f"{before.replace(group, '')}.{after}"), last, False)


def _other(mark: DecimalMark) -> DecimalMark:
    return "." if mark == "," else ","


def _decimal(text: str) -> Decimal:
    return Decimal(text)


@cache
def decimal_mark(lang: str) -> DecimalMark | None:
    """Return the decimal mark of a language, by CLDR, with Western digits."""
    from babel import Locale

    symbols = Locale.parse(lang).number_symbols["latn"]
    mark = symbols["decimal"]
    return mark if mark in (".", ",") else None


_PRICE_NUMBER = rf"\d(?:[{_SPACES}]\d{{3}}(?!\d)|[.,]?\d)*"
_SIGN = r"(?:US|AU|CA|HK|NT|R|S)\s?\$|[^\W\d_]{1,10}(?:\.[^\W\d_]\b)?\.?|[\$€£¥￥₩￦₽₺₹฿₫₴₸₪¢￠]"
_MONEY = re.compile(
    rf"(?P<before>{_SIGN}|[\\＼])?\s*(?P<minus>-\s?)?(?P<number>{_PRICE_NUMBER})(?P<flat>[.,]\s?[-–—]{{1,2}}(?!\d))?"
    rf"\s*(?P<behind>{_SIGN})?"
)


def read_prices(
    text: str, *, currency: str | None = None, mark: DecimalMark | None = None, lang: str | None = None
) -> PriceReading:
    """Read the prices of a cell: ``1.299,00 €``, ``¥1,299``, ``24.99 GBP``, ``29.56 EUR,662 USD``.

    Args:
        text: the cell.
        currency: currency of the column, file or supplier, for amounts that name none.
        mark: decimal mark that the column proves.
        lang: language of the catalog: settles ``¥``, and groups of thousands where the column proves nothing.

    Returns:
        Prices, or the code of the problem: ``price_unreadable``, ``price_ambiguous``, ``price_range``,
        ``price_negative``, ``price_zero``, ``price_from`` (``ab 9,90 €``), ``price_per_quantity`` (``4,20 € / 100 ml``;
        the price of 100 pieces gives that of one) or ``currency_unknown`` (prices are there then, without a currency).
    """
    number = plain_decimal(text)
    if number is not None:
        return _plain_price(number, currency)
    plain = ascii_digits(text).strip()
    if is_from_price(plain):
        return PriceReading((), "price_from")
    found = [_amount(match, currency, lang) for match in _MONEY.finditer(plain)]
    named = [money for money in found if money.named]
    chosen = named or found
    if not chosen or (not named and len(found) > 1):
        return PriceReading(
            (), "price_range" if len(found) == 2 and re.search(r"\d\s*[-–—~]\s*\d", plain) else "price_unreadable"
        )
    pieces = pieces_priced(plain) if len(chosen) < len(found) else 1
    if pieces is None:
        return PriceReading((), "price_per_quantity")
    prices: dict[str | None, Price] = {}
    proved: DecimalMark | None = None
    ambiguous = False
    for money in chosen:
        number = read_number(money.digits, _mark_for(money.currency, money.digits, mark, lang))
        if number is None:
            return PriceReading((), "price_unreadable")
        proved, ambiguous = proved or number.mark, ambiguous or number.ambiguous
        if number.value is None:
            return PriceReading((), "price_ambiguous", proved, True)
        amount = of_one(number.value, pieces * 100 if money.cents else pieces)
        problem = _refused_amount(amount, money.negative)
        if problem:
            return PriceReading((), problem, proved, ambiguous)
        if money.cents and prices:  # 12 руб. 50 коп.
            whole = next(reversed(prices))
            prices[whole] = Price(prices[whole].amount + amount, whole)
            continue
        if money.currency in prices and prices[money.currency].amount != amount:
            return PriceReading((), "price_range", proved, ambiguous)
        prices[money.currency] = Price(amount, money.currency)
    unknown = None in prices and any(money.shared_sign and money.currency is None for money in chosen)
    return PriceReading(tuple(prices.values()), "currency_unknown" if unknown else None, proved, ambiguous)


def is_amount(text: str) -> bool:
    """Say whether a cell is about an amount, read or not: a bare number, or one with a currency or ``,-`` beside it."""
    return read_number(text) is not None or is_money(text) or is_from_price(ascii_digits(text))


def is_money(text: str) -> bool:
    """Say whether a cell is one amount that shows by itself to be money: ``12 Euro``, ``1,299円``, ``199.-``."""
    match = _MONEY.fullmatch(ascii_digits(text).strip())
    if match is None:
        return False
    signs = [sign.strip() for sign in (match["before"], match["behind"]) if sign]
    return bool(match["flat"]) or any(names_money(sign) for sign in signs)


def _plain_price(number: ReadNumber, currency: str | None) -> PriceReading:
    assert number.value is not None
    problem = _refused_amount(number.value, negative=False)
    prices = () if problem else (Price(number.value, currency),)
    return PriceReading(prices, problem, number.mark, False)


@dataclass(frozen=True, slots=True)
class _Money:
    digits: str
    currency: str | None
    named: bool
    shared_sign: bool
    negative: bool
    cents: bool


def _amount(match: re.Match[str], currency: str | None, lang: str | None) -> _Money:
    signs = [sign.strip() for sign in (match["before"], match["behind"]) if sign]
    codes = [code for sign in signs if (code := find_currency(sign, lang) or find_currency(sign.upper(), lang))]
    shared = any(sign in SHARED_SIGNS for sign in signs)
    cents = [] if codes or shared else [code for sign in signs if (code := hundredth_of(sign, lang)) is not None]
    named = next((code for code in [*codes, *cents] if code), None)
    return _Money(
        match["number"],
        named or currency,
        bool(codes or cents) or shared,
        shared or (bool(cents) and named is None),
        match["minus"] is not None,
        bool(cents),
    )


def _refused_amount(value: Decimal, negative: bool) -> str | None:
    if negative:
        return "price_negative"
    if value == 0:
        return "price_zero"
    return "price_unreadable" if value >= _LARGEST else None


def _mark_for(currency: str | None, digits: str, mark: DecimalMark | None, lang: str | None) -> DecimalMark | None:
    """Decide what ``1,299`` means: by its column, by a currency without cents, by a language that groups so."""
    if mark is not None:
        return mark
    sign: DecimalMark = "," if "," in digits else "."
    if currency is not None and _has_no_cents(currency):
        return _other(sign)
    # A language in which the sign is the decimal mark would make a price of three decimals: that is not decided.
    return _other(sign) if lang is not None and decimal_mark(lang) == _other(sign) else None


@cache
def _has_no_cents(currency: str) -> bool:
    """Say whether nobody pays cents: by CLDR's digits of cash, which differ from the bank's for rupiah and forint."""
    from babel.core import get_global

    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[2]) == 0


_COUNT = re.compile(r"[<>≥≤~≈+]?\s*(?P<number>[+-]?\s?\d[\d\s.,'’]*)\s*\+?\s*(?P<unit>[^\W\d]*\.?)")
_DIGITS_OF_A_COUNT = len(str(_LARGEST)) - 1
_NAMED_COUNTS = re.compile(r"(?:[\w-]+\s*[=:]\s*\d+\s*(?:[,;|]\s*|$))+")


def read_count(text: str) -> int | None:
    """Read a quantity: ``46``, ``1 260 шт.``, ``100.0``, ``> 50``, ``default=100,north=20`` (added up).

    Returns:
        ``None`` where the text is no whole number of things, or a negative one.
    """
    if len(text) <= _DIGITS_OF_A_COUNT and text.isdigit() and text.isascii():
        return int(text)
    plain = ascii_digits(text).strip()
    if _NAMED_COUNTS.fullmatch(plain):
        return sum(int(digits) for digits in re.findall(r"[=:]\s*(\d+)", plain))
    match = _COUNT.fullmatch(plain)
    if match is None:
        return None
    digits = match["number"].strip()
    # Nobody stocks a thousandth of a thing: three digits behind a mark are thousands.
    number = read_number(digits, "." if "," in digits else ",")
    if number is None or number.value is None or number.value < 0 or number.value >= _LARGEST:
        return None
    return int(number.value) if number.value == int(number.value) else None


_BARE = re.compile(r"[~≈±<>≤≥+-]?\s*[ØøΦφ⌀]?\s*\d[\d.,]*(?:\s*(?:[-–—~/x×хX*:]|bis|to|à|до)\s*[ØøΦφ⌀]?\s*\d[\d.,]*)*")


def is_bare_number(text: str) -> bool:
    """Say whether a value is only a number, a range or a row of sizes, so that a unit may be put behind it."""
    return _BARE.fullmatch(ascii_digits(text).strip()) is not None


def with_unit(value: str, unit: str | None) -> str:
    """Put a unit behind a bare number; any other value stays as it is."""
    if not unit or not is_bare_number(value):
        return value
    return f"{value}{unit}" if unit in ("%", '"') else f"{value} {unit}"


def is_placeholder(text: str) -> bool:
    """Say whether a cell says that it holds nothing (``-``, ``n/a``, ``null``)."""
    return len(text) <= LONGEST_PLACEHOLDER and text.strip().casefold() in PLACEHOLDERS
