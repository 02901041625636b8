"""Article numbers that the whole world shares: GTIN, EAN, UPC and ISBN, checked."""

import re
from dataclasses import dataclass

from catalog.values.numbers import ascii_digits

GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?\s*[eE]\s*\+?\d{1,3}")
_SPREADSHEET_TAIL = re.compile(r"\.0+$")
_BETWEEN = re.compile(r"[,;|/]\s*(?=\d{6})|\s{2,}")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015]")
_LENGTH_OF_ISBN10 = 10
_ISBN10 = re.compile(r"\d{9}[\dXx]")

_LOST_DIGITS = (
    "a spreadsheet turned the number into powers of ten and lost its digits: "
    "format the column as text and enter the number again"
)


@dataclass(frozen=True, slots=True)
class GtinReading:
    """What a cell gave.

    Attributes:
        gtin: digits of a GTIN-8, -12, -13 or -14 whose check digit is right (an ISBN-10 becomes its ISBN-13), or
            ``None``.
        code: why not: ``gtin_scientific``, ``gtin_length``, ``gtin_check_digit``, ``gtin_placeholder`` or
            ``gtin_unreadable``; ``None`` with a GTIN.
        reason: the same for the supplier.
    """

    gtin: str | None
    code: str | None = None
    reason: str = ""


def read_gtin(text: str) -> GtinReading:
    """Read the article number of a cell; of several the first right one counts."""
    if text.isascii() and text.isdigit() and len(text) != _LENGTH_OF_ISBN10:
        return _checked(text)
    parts = _BETWEEN.split(text.strip())
    readings = [_read_one(part) for part in parts if part]
    right = next((reading for reading in readings if reading.gtin), None)
    return right or (readings[0] if readings else GtinReading(None, "gtin_unreadable", "the cell is empty"))


def _read_one(text: str) -> GtinReading:
    plain = ascii_digits(text).strip().lstrip("'")
    if _SCIENTIFIC.fullmatch(plain):
        return GtinReading(
            None,
            "gtin_scientific",
            "a spreadsheet turned the number into powers of ten and lost digits: format the column as text, enter "
            "the number again",
        )
    digits = _SEPARATORS.sub("", _SPREADSHEET_TAIL.sub("", plain))
    if _ISBN10.fullmatch(digits) and len(digits) == _LENGTH_OF_ISBN10:
        return _from_isbn10(digits)
    if not (digits.isascii() and digits.isdigit()):
        return GtinReading(None, "gtin_unreadable", "a GTIN, EAN, UPC or ISBN has digits only")
    return _checked(digits)


def _checked(digits: str) -> GtinReading:
    if len(digits) not in GTIN_LENGTHS:
        hint = " (a spreadsheet may have dropped leading zeros)" if 5 <= len(digits) <= 11 else ""
        return GtinReading(None, "gtin_length", f"{len(digits)} digits; a GTIN has 8, 12, 13 or 14{hint}")
    if not digits.strip("0"):
        return GtinReading(None, "gtin_placeholder", "only zeros: a placeholder, not a number")
    if not _has_right_check_digit(digits):
        from stdnum import ean

        right = ean.calc_check_digit(digits[:-1])
        return GtinReading(
            None, "gtin_check_digit", f"wrong check digit {digits[-1]} (it would be {right}): a digit is mistyped"
        )
    return GtinReading(digits)


def _has_right_check_digit(digits: str) -> bool:
    """Say the same as ``stdnum.ean.is_valid`` in a tenth of its 15 µs: every number of a file is asked twice."""
    return (sum(map(int, digits[::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10 == 0


def _from_isbn10(digits: str) -> GtinReading:
    from stdnum import isbn

    if not isbn.is_valid(digits):
        return GtinReading(None, "gtin_check_digit", "an ISBN-10 with a wrong check digit: a digit is mistyped")
    return GtinReading(isbn.to_isbn13(digits))


def is_gtin(text: str) -> bool:
    """Say whether a cell is a GTIN of at least 12 digits; eight digits are right by chance one time in ten."""
    return (
        len(text) in (12, 13, 14)
        and text.isdigit()
        and text.isascii()
        and _has_right_check_digit(text)
        and bool(text.strip("0"))
    )
