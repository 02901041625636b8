"""Styles of an XLSX workbook: what a stored number is shown as, by the number format of its cell."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from functools import lru_cache

from catalog.readers.numberformats import GENERAL, LONGEST, show_number, show_value
from catalog.readers.xml_parts import start_tags

BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)', 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: r'_(* #,##0_);_(* \(#,##0\);_(* "-"_);_(@_)', 42: r'_("$"* #,##0_);_("$"* \(#,##0\);_("$"* "-"_);_(@_)',
    43: r'_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)',
    44: r'_("$"* #,##0.00_);_("$"* \(#,##0.00\);_("$"* "-"??_);_(@_)', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Formats that a file names by number alone (ECMA-376, 18.8.30)."""
_OF_THE_VIEWER = dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58), "[$-F800]yyyy-mm-dd") | {
    32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss",
}  # fmt: skip
"""Dates and times of Chinese, Japanese and Korean programs, written by each in its own way."""
MOST_STYLES = 100_000
_KEPT = 1 << 14
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_LONGEST_NUMBER = 300
_WHOLE = re.compile(r"[1-9]\d*|0", re.ASCII)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_SHOWN_AS_IS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', re.DOTALL)
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_FAKE_LEAP_DAY = 60
"""The 29th of February 1900, which Excel believes in: days before it are one less than they seem."""


class CellStyles:
    """What numbers of a workbook are shown as.

    Args:
        formats: the number format of each style, by its number.
        since_1904: whether dates count from 1904 rather than from 1900.
    """

    def __init__(self, formats: list[str], since_1904: bool = False) -> None:
        self._formats = formats or [GENERAL]
        self._since_1904 = since_1904
        self.show: Callable[[str, str | None], str] = lru_cache(maxsize=_KEPT)(self._show)
        """Return what is shown for a number as it is stored, in a style; what is no number is shown as it stands."""

    @classmethod
    def read(cls, chunks: Iterable[bytes], since_1904: bool) -> "CellStyles":
        """Read the part of a workbook that lists its styles."""
        own: dict[int, str] = {}
        used: list[int] = []
        place = ""
        for name, attributes in start_tags(chunks):
            if name == "numFmt" and place == "numFmts":
                own[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", GENERAL)
            elif name == "xf" and place == "cellXfs" and len(used) < MOST_STYLES:
                used.append(_number(attributes.get("numFmtId")))
            elif name in ("numFmts", "cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
                place = name
        return cls([own.get(number) or format_of(number) for number in used], since_1904)

    def format(self, style: str | None) -> str:
        """Return the number format of a style; that of the first one where the cell names none.

        Raises:
            IndexError: there is no such style.
        """
        return self._formats[int(style) if style else 0]

    def _show(self, raw: str, style: str | None) -> str:
        number_format = self.format(style)
        if number_format == GENERAL and _WHOLE.fullmatch(raw):
            return raw
        if len(raw) > _LONGEST_NUMBER or not _NUMBER.fullmatch(raw):
            return raw
        value = float(raw) if "." in raw or "e" in raw or "E" in raw else int(raw)
        if not math.isfinite(value):
            return raw
        kind = kind_of(number_format)
        if kind == "number":
            return show_number(value, number_format)
        shown = moment_of(value, self._since_1904) if kind == "date" else duration_of(value)
        return show_number(value, GENERAL) if shown is None else show_value(shown, number_format)


def format_of(number: int) -> str:
    """Return the format that has a number in every workbook; ``General`` where none has it."""
    return BUILT_IN.get(number) or _OF_THE_VIEWER.get(number) or GENERAL


@lru_cache(maxsize=512)
def kind_of(number_format: str) -> str:
    """Say what a format shows: a ``number``, a ``date`` (also a time), or a ``duration`` that goes beyond 24 hours."""
    first = number_format[:LONGEST].split(";")[0]
    if _ELAPSED.search(first):
        return "duration"
    if "general" in first.casefold():
        return "number"
    return "date" if re.search("[dmhysDMHYS]", _SHOWN_AS_IS.sub("", first)) else "number"


def moment_of(serial: int | float, since_1904: bool) -> datetime | time | None:
    """Return the date that a serial number of days means, the time where it is less than a day.

    Returns ``None`` for a number outside the calendar.
    """
    if serial < 0:
        return None
    days, rest = divmod(serial, 1)
    try:
        inside = timedelta(milliseconds=round(rest * 86_400_000))
        if serial < 1 and not inside.days:
            return (_EPOCH + inside).time()
        early = not since_1904 and serial < _FAKE_LEAP_DAY
        return (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(days=days + early) + inside
    except OverflowError:
        return None


def duration_of(days: int | float) -> timedelta | None:
    """Return a stored number of days as a duration to the millisecond, ``None`` where no duration is so long."""
    try:
        return timedelta(milliseconds=round(days * 86_400_000))
    except OverflowError:
        return None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
