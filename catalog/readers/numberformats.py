"""What does a sheet show for a number, with its number format?

The digits are what the sheet shows: leading zeros, number of decimals, percent, currency signs and other literal text.
Three things are left to the one who looks and are therefore written in one fixed way: the decimal sign is a point,
thousands are not grouped, and dates whose order or names hang on the viewer's country are ISO 8601. Scientific
notation is written out, so that a GTIN keeps all its digits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

GENERAL = "General"
_LITERAL_TOKEN = (
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)'
    r"|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|\[(?P<bracket>[^\]]*)\]"
)
_NUMBER_TOKEN = re.compile(rf"{_LITERAL_TOKEN}|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<other>.)", re.DOTALL)
_DATE_TOKEN = re.compile(
    rf"{_LITERAL_TOKEN}|(?P<ampm>AM/PM|A/P)|(?P<part>y+|m+|d+|h+|s+)|(?P<fraction>\.0+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
LONGEST = 1_000
"""Characters of a format that is looked at; Excel allows 255. A longer one is passed over."""
_SCIENTIFIC = re.compile(r"[0#?.]E[+-]", re.IGNORECASE)
_FRACTION = re.compile(r"[0#?]\s*/\s*[0#?\d]")
_OF_THE_VIEWER = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd hh:mm", "m/d/yyyy": "yyyy-mm-dd"}
_ISO_DATE, _ISO_TIME, _ELAPSED = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "[h]:mm:ss"
_SECONDS = {"h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True, slots=True)
class _Section:
    """One section of a number format: literal texts and digit places in their order.

    ``plain`` holds what stands before and behind the digits, and how many there are at least before the point, where
    nothing stands between them and the number is shown as large as it is.
    """

    tokens: tuple[tuple[str, str], ...]
    decimals: int
    least_decimals: int
    percent: int
    thousands: int
    plain: tuple[str, str, int] | None


def show_value(value: object, number_format: str | None) -> str:
    """Return a cell's value as its sheet shows it; the empty string for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return show_number(value, number_format or GENERAL)
    if isinstance(value, datetime | date | time):
        return _show_moment(value, number_format or _ISO_TIME)
    if isinstance(value, timedelta):
        return _show_duration(value, number_format or _ELAPSED)
    return str(value)


def show_number(value: int | float, number_format: str) -> str:
    """Return a number in a format such as ``0000000``, ``#,##0.00 "€"`` or ``0%``."""
    sections = _sections(number_format)
    if sections is None:
        return _plain(value)
    if value > 0:
        quick = _fill_plainly(sections[0], value)
        if quick is not None:
            return quick
    number = Decimal(repr(value))
    if number < 0 and len(sections) > 1:
        return _fill(sections[1], -number)
    if number == 0 and len(sections) > 2:
        return _fill(sections[2], number)
    shown = _fill(sections[0], abs(number))
    return f"-{shown}" if number < 0 and any(digit in "123456789" for digit in shown) else shown


def _plain(value: int | float) -> str:
    """Write a number with all digits that a sheet keeps (15), without exponent."""
    if isinstance(value, int):
        return str(value)
    text = format(Decimal(format(value, ".15g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=512)
def _sections(number_format: str) -> tuple[_Section, ...] | None:
    """Cut a format into its sections, or return ``None`` for those that are shown plainly."""
    if len(number_format) > LONGEST or _SCIENTIFIC.search(number_format) or _FRACTION.search(number_format):
        return None
    sections: list[_Section] = []
    for text in _split(number_format)[:3]:
        if "general" in text.casefold() or text.strip() == "@":
            return None
        sections.append(_section(text))
    if not any(kind == "digit" for kind, _ in sections[0].tokens):
        return None
    return tuple(sections)


def _split(number_format: str) -> list[str]:
    parts = [""]
    for match in _NUMBER_TOKEN.finditer(number_format):
        if match.group() == ";":
            parts.append("")
        else:
            parts[-1] += match.group()
    return parts


def _section(text: str) -> _Section:
    tokens: list[tuple[str, str]] = []
    decimals = least = percent = thousands = 0
    after_point = False
    for match in _NUMBER_TOKEN.finditer(text):
        kind, value = match.lastgroup or "other", match.group(match.lastgroup or 0)
        if kind == "digit":
            tokens.append(("decimal" if after_point else "digit", value))
            decimals += after_point
            least = decimals if after_point and value == "0" else least
            thousands = 0
        elif kind == "point" and not after_point:
            after_point = True
            tokens.append(("point", "."))
        elif kind == "comma":
            thousands += 1  # behind the last digit each comma divides by a thousand; between digits it groups
        elif kind in ("quoted", "escaped", "currency", "other", "point"):
            percent += value == "%" and kind == "other"
            tokens.append(("text", value))
        elif kind == "space":
            tokens.append(("text", " "))
    plain = _plain_section(tokens) if least == decimals and not percent and not thousands else None
    return _Section(tuple(tokens), decimals, least, percent, thousands, plain)


def _plain_section(tokens: list[tuple[str, str]]) -> tuple[str, str, int] | None:
    """Return what ``plain`` of a section is, ``None`` where text stands between its digits."""
    kinds = [kind != "text" for kind, _ in tokens]
    if True not in kinds:
        return None
    first, behind = kinds.index(True), len(kinds) - kinds[::-1].index(True)
    if not all(kinds[first:behind]):
        return None
    digits = "".join(value for kind, value in tokens if kind == "digit")
    before, after = ("".join(value for _, value in part) for part in (tokens[:first], tokens[behind:]))
    return before, after, len(digits) - digits.find("0") if "0" in digits else 0


def _fill_plainly(section: _Section, value: int | float) -> str | None:
    """Show a positive number that needs no rounding, eight times as fast; ``None`` where that is not so."""
    if section.plain is None:
        return None
    whole, _, rest = repr(value).partition(".")
    rest = "" if rest == "0" else rest
    if len(rest) > section.decimals or not whole.isdecimal() or "e" in rest:
        return None
    before, after, least = section.plain
    whole = whole.lstrip("0").zfill(least)
    digits = f"{whole}.{rest:0<{section.decimals}}" if section.decimals else whole
    return f"{before}{digits}{after}".strip()


def _fill(section: _Section, number: Decimal) -> str:
    """Put the digits of a number that is not negative into the places of a section."""
    with localcontext() as context:
        context.prec = 400
        scaled = number * (Decimal(100) ** section.percent) / (Decimal(1000) ** section.thousands)
        rounded = scaled.quantize(Decimal(1).scaleb(-section.decimals), ROUND_HALF_UP)
    whole, _, decimals = format(rounded, "f").partition(".")
    if len(decimals) > section.least_decimals:
        decimals = decimals[: section.least_decimals] + decimals[section.least_decimals :].rstrip("0")
    places = [place for place, (kind, _) in enumerate(section.tokens) if kind == "digit"]
    filled = _whole_digits(section, places, whole.lstrip("0"))
    shown = ""
    for place, (kind, value) in enumerate(section.tokens):
        if kind == "digit":
            shown += filled[place]
        elif kind == "point":
            shown += f".{decimals}" if decimals else ""
        elif kind == "text":
            shown += value
    return shown.strip()


def _whole_digits(section: _Section, places: list[int], whole: str) -> dict[int, str]:
    """Give each digit place its digit from the right; the first place takes all that is left over."""
    filled: dict[int, str] = {}
    zeros = [place for place in places if section.tokens[place][1] == "0"]
    for place in reversed(places):
        if place == places[0]:
            filled[place] = whole
            if not whole and zeros and place >= zeros[0]:
                filled[place] = "0"
        elif whole:
            filled[place], whole = whole[-1], whole[:-1]
        else:
            filled[place] = "0" if zeros and place >= zeros[0] else ""
    return filled


def _show_moment(value: datetime | date | time, number_format: str) -> str:
    tokens = _date_tokens(_OF_THE_VIEWER.get(number_format, number_format))
    parts = [text.lower() for kind, text in tokens if kind == "part"]
    named = any(len(text) > 2 and text[0] in "md" for text in parts)
    without_day = isinstance(value, time) and any(text[0] in "yd" for text in parts)
    if not parts or named or without_day or "[$-F800]" in number_format.upper() or "[$-F400]" in number_format.upper():
        midnight = not isinstance(value, datetime) or (value.hour, value.minute, value.second) == (0, 0, 0)
        code = "hh:mm:ss" if isinstance(value, time) else _ISO_DATE if midnight else _ISO_TIME
        tokens = _date_tokens(code)
    return _write_moment(value, tokens)


@lru_cache(maxsize=512)
def _date_tokens(number_format: str) -> tuple[tuple[str, str], ...]:
    found = _DATE_TOKEN.finditer(_split(number_format[:LONGEST])[0])
    return tuple((match.lastgroup or "other", match.group(match.lastgroup or 0)) for match in found)


def _show_duration(value: timedelta, number_format: str) -> str:
    """Write hours beyond a day as hours (``[h]:mm`` shows ``26:30``); each further part is what is left over."""
    left = round(abs(value.total_seconds()))
    shown = ""
    for kind, text in _date_tokens(number_format):
        unit = _SECONDS.get(text[:1].lower()) if kind in ("part", "bracket") else None
        if unit:
            amount, left = divmod(left, unit)
            shown += str(amount).zfill(len(text))
        elif kind in ("quoted", "escaped", "other"):
            shown += text
    return f"-{shown.strip()}" if value < timedelta() else shown.strip()


def _write_moment(value: datetime | date | time, tokens: Sequence[tuple[str, str]]) -> str:
    half_day = any(kind == "ampm" for kind, _ in tokens)
    parts = [place for place, (kind, _) in enumerate(tokens) if kind == "part"]
    shown = ""
    for place, (kind, text) in enumerate(tokens):
        if kind == "part":
            number = parts.index(place)
            before = tokens[parts[number - 1]][1].lower() if number else ""
            after = tokens[parts[number + 1]][1].lower() if number + 1 < len(parts) else ""
            shown += _moment_part(value, text.lower(), before.startswith("h") or after.startswith("s"), half_day)
        elif kind == "ampm":
            shown += "PM" if getattr(value, "hour", 0) >= 12 else "AM"
        elif kind in ("quoted", "escaped", "other"):
            shown += text
    return shown.strip()


def _moment_part(value: datetime | date | time, code: str, beside_hours: bool, half_day: bool) -> str:
    def number(name: str) -> int:
        return int(getattr(value, name, 0))

    if code[0] == "y":
        return f"{number('year'):04d}" if len(code) > 2 else f"{number('year') % 100:02d}"
    if code[0] == "m":
        amount = number("minute") if beside_hours else number("month")
    elif code[0] == "d":
        amount = number("day")
    elif code[0] == "h":
        amount = (number("hour") + 11) % 12 + 1 if half_day else number("hour")
    else:
        amount = number("second")
    return f"{amount:02d}" if len(code) > 1 else str(amount)
