"""Numbers as languages write them: read by one locale's separators, written with another's (CLDR, by Babel)."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

NARROW_SPACES = "\u00a0\u2009\u202f"
"""Spaces that hold a number together; nobody types them between two numbers."""

GROUPS_BY_SPACE = frozenset({"fr", "pl", "ru"})
"""Languages whose suppliers write ``1 500`` with an ordinary space."""

_SPACES = f"\u0020{NARROW_SPACES}"
_GROUPED_BY_SPACE = re.compile(rf"(\d{{1,3}}(?:[{_SPACES}]\d{{3}})+)(?:([.,])(\d+))?")
_SEPARATED = re.compile(r"(\d+)([.,])(\d+)")
_GROUPED = re.compile(r"\d{1,3}([.,'])\d{3}(?:\1\d{3})+(?:([.,])(\d+))?")
_SWISS = re.compile(r"(\d{1,3}(?:['’]\d{3})+)(?:[.,](\d+))?")
_BOTH = re.compile(r"(\d{1,3}(?:([.,])\d{3})+)([.,])(\d+)")
_WORDS_FILE = Path(__file__).parent / "number_words.csv"
_SEPARATORS = {"٫": ".", "٬": ",", "．": ".", "，": ","}
_NOT_ASCII = re.compile(rf"[{''.join(_SEPARATORS)}]|(?![0-9])\d")
"""A separator or digit of another script."""

_IN_TEXT = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)+(?![.,]?\d)")


@dataclass(frozen=True, slots=True)
class Manner:
    """How numbers are written in one text.

    Attributes:
        lang: its language.
        decimal: the decimal sign that the text itself shows (``3.5 mm``), empty where it shows none or both.
    """

    lang: str
    decimal: str = ""


@lru_cache(maxsize=20_000)
def manner_of(lang: str, text: str) -> Manner:
    """Read from a text how its numbers are written.

    ``22.875`` alone may be twenty-two thousand by a supplier from elsewhere; beside ``3.5 mm`` it is not.
    """
    shown = set()
    for match in _IN_TEXT.finditer(ascii_digits(text)):
        number = match[0]
        if (single := _SEPARATED.fullmatch(number)) and (len(single[3]) != 3 or single[1] == "0"):
            shown.add(single[2])
        elif (both := _BOTH.fullmatch(number)) and both[2] != both[3]:
            shown.add(both[3])
    return Manner(lang, shown.pop() if len(shown) == 1 else "")


def ascii_digits(text: str) -> str:
    """Write digits and number separators of every script in ASCII: ``٢٫٥`` and ``２．５`` become ``2.5``."""
    if text.isascii():
        return text
    return _NOT_ASCII.sub(lambda found: _SEPARATORS.get(found[0]) or str(unicodedata.decimal(found[0])), text)


def _spelled(surface: str) -> str:
    """Write a number in ASCII, with the nought that ``.5`` lacks."""
    text = ascii_digits(surface)
    return f"0{text}" if text[:1] in (".", ",") else text


def plain_digits(surface: str) -> str:
    """Return a number's digits without separators, fractions written out: what stays equal across languages."""
    spelled = unicodedata.normalize("NFKC", surface)
    spelled = _spelled(spelled).replace("\u2044", "/")
    return re.sub(r"[^\d/]", "", spelled)


@cache
def separators(lang: str) -> tuple[str, str]:
    """Return a language's decimal sign and its sign between groups of three digits, for Latin digits."""
    from babel import numbers

    decimal = numbers.get_decimal_symbol(lang, numbering_system="latn")
    group = numbers.get_group_symbol(lang, numbering_system="latn")
    return decimal, group


def read(surface: str, manner: Manner | str) -> tuple[str, str] | None:
    """Return the whole digits and the fraction digits of a number, or ``None`` where the reading is uncertain.

    ``1.500`` is one and a half in English and fifteen hundred in German; a supplier who writes either may mean the
    other, so a reading against the habit of trailing zeros is not trusted. ``1,000`` in English is certain, unless the
    text writes its decimals with a comma.

    Args:
        surface: the number as it stands in the text.
        manner: how the text writes numbers, or just its language.
    """
    manner = Manner(manner) if isinstance(manner, str) else manner
    text = _spelled(surface)
    if text.isdecimal():
        return text, ""
    if match := _SWISS.fullmatch(text):
        return re.sub(r"\D", "", match[1]), match[2] or ""
    if match := _GROUPED_BY_SPACE.fullmatch(text):
        certain = " " not in match[1] or match[1].endswith(" 000" if manner.lang not in GROUPS_BY_SPACE else "0")
        return (re.sub(r"\D", "", match[1]), match[3] or "") if certain else None
    if (match := _BOTH.fullmatch(text)) and match[2] != match[3]:
        return re.sub(r"\D", "", match[1]), match[4]
    if (match := _GROUPED.fullmatch(text)) and match[2] is None:
        return re.sub(r"\D", "", text), ""
    if match := _SEPARATED.fullmatch(text):
        return _read_one_separator(match[1], match[2], match[3], manner)
    return None


def _read_one_separator(whole: str, sign: str, rest: str, manner: Manner) -> tuple[str, str] | None:
    if len(rest) != 3 or len(whole) > 3 or whole.startswith("0"):
        return whole, rest
    if manner.decimal:
        # What the text itself shows outweighs the habit of its language: a decimal sign is never also a group's.
        if sign == manner.decimal:
            return (whole, rest) if sign == separators(manner.lang)[0] else None
        return (whole + rest, "") if sign == separators(manner.lang)[1] else None
    decimal, group = separators(manner.lang)
    if sign == group and sign != decimal:
        return whole + rest, ""
    return None


def is_uncertain(surface: str, manner: Manner | str) -> bool:
    """Whether a number could be read in two ways, so that it is kept as it stands and a person should look.

    Fractions (``2½``) and what only looks like a number (``1.2.3``) have one reading: themselves.
    """
    text = ascii_digits(surface)
    looks = _GROUPED_BY_SPACE.fullmatch(text) or _SEPARATED.fullmatch(text)
    return bool(looks) and read(surface, manner) is None


def readings(surface: str, manner: Manner | str) -> tuple[str, ...]:
    """Return the values that a number may have, in ASCII with a decimal point: one, or two where it is uncertain."""
    found = read(surface, manner)
    if found is not None:
        return (_value(*found),)
    text = ascii_digits(surface)
    if match := _SEPARATED.fullmatch(text):
        return _value(match[1] + match[3], ""), _value(match[1], match[3])
    if _GROUPED_BY_SPACE.fullmatch(text):
        return (re.sub(r"[^\d.,]", "", text).replace(",", "."),)
    return (re.sub(rf"[{_SPACES}]", "", unicodedata.normalize("NFKC", text)).replace("\u2044", "/"),)


def _value(whole: str, fraction: str) -> str:
    return f"{whole}.{fraction}" if fraction else whole


def localised(surface: str, source: Manner | str, target: str) -> str:
    """Write a number of the source language as the target language writes it.

    Only what is certain changes: a number whose reading is uncertain, a fraction (``2½``, ``1/2``) and a plain run of
    digits keep their signs. Digits of other scripts become ASCII unless the target uses the source's script.
    """
    source = Manner(source) if isinstance(source, str) else source
    if source.lang == target:
        return surface
    reading = read(surface, source)
    text = _spelled(surface)
    if reading is None or text.isdecimal():
        return text
    whole, fraction = reading
    decimal, group = separators(target)
    grouped = len(re.sub(r"\d", "", text)) > (1 if fraction else 0)
    if grouped and len(whole) > 3:
        head = len(whole) % 3 or 3
        whole = group.join([whole[:head], *(whole[at : at + 3] for at in range(head, len(whole), 3))])
    return whole + (decimal + fraction if fraction else "")


@cache
def _number_words() -> dict[str, dict[str, re.Pattern[str]]]:
    """Return by language and number the pattern of the words for it."""
    found: dict[str, dict[str, re.Pattern[str]]] = {}
    with _WORDS_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            for lang in filter(lambda name: name != "number", row):
                spellings = "|".join(map(re.escape, row[lang].split("|")))
                # Chinese, Japanese and Korean write numbers and nouns together.
                begins, ends = ("", "") if lang in _WITHOUT_SPACES else (r"(?<![^\W\d_])", r"(?![^\W\d_])")
                found.setdefault(lang, {})[row["number"]] = re.compile(f"{begins}(?:{spellings}){ends}", re.IGNORECASE)
    return found


_WITHOUT_SPACES = frozenset({"ja", "ko", "zh"})


def said_in_words(value: str, lang: str, text: str) -> int:
    """Return how often a text says a small number in words: ``three`` or ``третий`` for ``3``."""
    pattern = _number_words().get(lang, {}).get(value)
    return len(pattern.findall(text)) if pattern else 0
