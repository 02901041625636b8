"""Numbers as languages write them: read by one locale's separators, written with another's (CLDR, by Babel)."""

import re
import unicodedata
from functools import cache

_SPACES = "\u0020\u00a0\u2009\u202f"
_GROUPED_BY_SPACE = re.compile(rf"(\d{{1,3}}(?:[{_SPACES}]\d{{3}})+)(?:([.,])(\d+))?")
_SEPARATED = re.compile(r"(\d+)([.,])(\d+)")
_GROUPED = re.compile(r"\d{1,3}([.,'])\d{3}(?:\1\d{3})+(?:([.,])(\d+))?")
_BOTH = re.compile(r"(\d{1,3}(?:([.,])\d{3})+)([.,])(\d+)")


def ascii_digits(text: str) -> str:
    """Write digits and number separators of every script in ASCII: ``٢٫٥`` and ``２．５`` become ``2.5``."""
    spelled = text.replace("٫", ".").replace("٬", ",").replace("．", ".")
    return "".join(
        character if (value := unicodedata.decimal(character, None)) is None else str(value) for character in spelled
    )


def plain_digits(surface: str) -> str:
    """Return a number's digits without separators, fractions written out: what stays equal across languages."""
    spelled = unicodedata.normalize("NFKC", surface)
    spelled = ascii_digits(spelled).replace("\u2044", "/")
    return re.sub(r"[^\d/]", "", spelled)


@cache
def separators(lang: str) -> tuple[str, str]:
    """Return a language's decimal sign and its sign between groups of three digits, for Latin digits."""
    from babel import numbers

    decimal = numbers.get_decimal_symbol(lang, numbering_system="latn")
    group = numbers.get_group_symbol(lang, numbering_system="latn")
    return decimal, group


def read(surface: str, lang: str) -> tuple[str, str] | None:
    """Return the whole digits and the fraction digits of a number, or ``None`` where the reading is uncertain.

    ``1.500`` is one and a half in English and fifteen hundred in German; a supplier who writes either may mean the
    other, so a reading against the habit of trailing zeros is not trusted. ``1,000`` in English is certain.
    """
    text = ascii_digits(surface)
    if text.isdecimal():
        return text, ""
    if match := _GROUPED_BY_SPACE.fullmatch(text):
        return re.sub(r"\D", "", match[1]), match[3] or ""
    if (match := _BOTH.fullmatch(text)) and match[2] != match[3]:
        return re.sub(r"\D", "", match[1]), match[4]
    if (match := _GROUPED.fullmatch(text)) and match[2] is None:
        return re.sub(r"\D", "", text), ""
    if match := _SEPARATED.fullmatch(text):
        return _read_one_separator(match[1], match[2], match[3], lang)
    return None


def _read_one_separator(whole: str, sign: str, rest: str, lang: str) -> tuple[str, str] | None:
    decimal, group = separators(lang)
    if len(rest) != 3 or len(whole) > 3 or whole == "0":
        return whole, rest
    if sign == group and sign != decimal:
        return whole + rest, ""
    return None


def localised(surface: str, source: str, target: str) -> str:
    """Write a number of the source language as the target language writes it.

    Only what is certain changes: a number whose reading is uncertain, a fraction (``2½``, ``1/2``) and a plain run of
    digits keep their signs. Digits of other scripts become ASCII unless the target uses the source's script.
    """
    if source == target:
        return surface
    reading = read(surface, source)
    text = ascii_digits(surface)
    if reading is None or text.isdecimal():
        return text
    whole, fraction = reading
    decimal, group = separators(target)
    grouped = len(re.sub(r"\d", "", text)) > (1 if fraction else 0)
    if grouped and len(whole) > 3:
        head = len(whole) % 3 or 3
        whole = group.join([whole[:head], *(whole[at : at + 3] for at in range(head, len(whole), 3))])
    return whole + (decimal + fraction if fraction else "")
