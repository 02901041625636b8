"""Codes: model numbers, standards, sizes of threads, versions; what has letters and digits in one word."""

import re

from translation.facts.model import Fact
from translation.facts.quantities import has_unit, quantity_at, unit_alone

_STANDARDS = "ANSI|ASTM|BS|CE|DIN|EN|GB/T|GB|IEC|ISO|JIS|KS|NF|TS|UL|UNE|UNI|VDE|ГОСТ|ТУ"
_VERSIONED = (
    "Android|Bluetooth|DirectX|DisplayPort|HDMI|iOS|iPadOS|macOS|OpenGL|PCI Express|PCIe|PCI-E|SATA|Thunderbolt|"
    "Ubuntu|USB|Version|Ver\\.|Wi-Fi|WiFi|Windows|Zigbee"
)
_WORD = "A-Za-zА-ЯЁ"
CJK = "\u3040-\u30ff\u4e00-\u9fff가-힣"
"""Letters that are written against a code without a space."""
_CODE = re.compile(
    rf"(?<![^\W_{CJK}])(?:(?:(?:{_STANDARDS})[ /-])+(?=\d)|(?:(?:[A-ZА-ЯЁ]{{1,6}}-)?[A-ZА-ЯЁ]{{2,6}}[ -])?)"
    rf"(?=[{_WORD}×.,/_+-]*\d)[{_WORD}0-9]+(?:[-./×_+][{_WORD}0-9]+|(?<=\d),\d+)*"
    rf"(?![^\W_{CJK}])"
)
MAY_BE_CODE = (
    rf"(?:[A-ZА-ЯЁ/-]++[ ])*+[{_WORD}×.,/_+-]*+\d|(?:{_VERSIONED})[ -]?\d"
    r"|[CcKk](?:at|AT)\.?[ ]\d|Office[ ]\d|[A-Za-zµ0-9()]{1,9}+[₀-₉⁰¹²³⁴-⁹⁻⁺]|[A-Z]{0,2}\$[ ]?[.,]?\d"
)
"""How codes that begin with a letter begin, and some other words: a digit follows in that word or the next."""
# The point of a version is no decimal sign: "Bluetooth 5.0" in German is not "Bluetooth 5,0". A name with a whole
# number is locked too, else "Windows 10" comes back as "janelas 10".
_VERSION = re.compile(rf"(?<![^\W_{CJK}])(?:(?:{_VERSIONED})[ -]?\d+(?:\.\d+)+|802\.\d+[a-z]{{0,2}})(?![^\W_{CJK}])")
_NUMBERED = re.compile(rf"(?<![^\W_{CJK}])(?:Android|Bluetooth|iOS|macOS|Wi-Fi|WiFi|Windows) (?=\d)\d+(?![\w.,])")
# Category 6 is a class of cables, of which an engine made a cat; "Office 365" came back as "Cargo 365".
_CATEGORY_NAME = re.compile(
    rf"(?<![^\W_{CJK}])(?:(?:[CK]at|[CK]AT)\.?[ ]?(?=\d)|[ck]at\.?[ ]?(?=\d[aAeE]))"
    rf"[3-8](?:\.[12])?[aAeE]?(?:/[5-8][aAeE]?)*(?![^\W_{CJK}]|[.,]\d)"
)
_SOFTWARE = re.compile(r"(?<![^\W_])Office (?:365|20\d\d)(?![^\W_]|[.,]\d)")
_INDEX = "₀-₉₊₋⁰¹²³⁴-⁹⁺⁻"
# "CO₂", "Ca(OH)₂", "10⁻³", "m²" without a number; of "life²" the sign is a footnote's.
_INDEXED = re.compile(
    rf"(?<![^\W_{CJK}])(?=[A-Z0-9a-zµ()]+[{_INDEX}])(?:(?:\d*(?:[A-Z][a-z]?|\([A-Za-z]+\))[{_INDEX}]*)+|\d+[{_INDEX}]+"
    rf"|(?:[µmcdk]?m|in|ft)[²³](?:/[a-z]{{1,3}})?)(?![^\W_{CJK}])"
)
_SIZE_SYSTEM = re.compile(r"(?:BR|EU|EUR|JP|UK|US)[ ]?\d{1,2}(?:[.,]5)?(?![\w%]|[.,]\d)")
_YEAR_OF_STANDARD = re.compile(r":\d{4}(?:\+A\d+(?::\d{4})?)*(?![^\W_])")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}(?![^\W_])")
_SPACED_GTIN = re.compile(r"(?<!\d)\d \d{6} \d{6}(?!\d)")
_STANDARD = re.compile(rf"(?:(?:{_STANDARDS})[ /-])+\d")
_DIMENSION = re.compile(r"\d[×xX*хХG]\d+(?:[.,]\d+)?$")
_OIL_GRADE = re.compile(r"\d{1,2}W-?\d{2}")
# "X544n/dn/dtn" are models of one series, "AB12/Set" is a code and a word.
_NAMED_PART = re.compile(r"(?:[-.×_+]|(?<![a-z])/|/(?![a-z]{1,3}(?:/|$)))[A-Za-zА-ЯЁ]*[a-z][A-Za-zА-ЯЁ]*$")
_AFTER_A_VERSIONED_NAME = re.compile(rf"(?:{_VERSIONED})[ -]?$")
_VERSION_NUMBER = re.compile(rf"\d+(?:\.\d+)+(?![^\W_{CJK}])")
# "5e" behind a category is a class of cables; elsewhere it may be French or Dutch for the fifth.
_CATEGORY = re.compile(r"(?:\bcat|[ck]at[eé]gor\w*|категори\w*)[. ]*$", re.IGNORECASE)
_CLASS = re.compile(r"\d[aeAE](?![^\W_])")
_WINDOW = 14
"""Characters before a number in which the name is looked for to which it belongs."""
_ACRONYM = re.compile(r"(?:[A-ZА-ЯЁ]{1,6}-)?[A-ZА-ЯЁ]{2,6}(?=[ -])")
# "Short-29" is a word and a size, "Cat-5" and "Pt-100" are names of one piece.
_WORD_BEFORE = re.compile(r"[A-Z][a-z]{3,}-(?=\d)")
_CODE_IN_SMALL_LETTERS = re.compile(
    r"[a-z]{1,2}\d+(?:[.\d]+)?|(?:\d{4,5}|\d{3}(?!x))(?!(?:th|st|nd|rd|er|ers|pk)$)[a-z]{1,3}|\d+[a-z]+\d\w*|\d+\.\d+[a-z]{1,3}"
)
_SIZE = re.compile(r"[ ]?-(?:X{0,3}S|M|X{0,4}L|\dXL)-(?=[^\W\d_])|[ ]?-\d\d-(?=[A-Z][a-z]+$)")
_TITLE_WITH_SIZE = re.compile(r"[A-Z][a-z]+-\d\d-[A-Z][a-z]+$")
_COMPOUNDING = frozenset({"de", "nl"})


def code_at(text: str, at: int, lang: str, shouting: bool) -> Fact | None:
    """Return the code that begins at an offset of a half-width text.

    Args:
        text: the text.
        at: where to look.
        lang: its language, empty where it is not known.
        shouting: the text is in capitals, so that a word before a number is no acronym.
    """
    character = text[at]
    if character == "#":
        return _fact(at, _COLOUR.match(text, at))
    if not (character.isascii() and character.isalnum()) and not ("А" <= character <= "Я" or character == "Ё"):
        return None
    if not text.isascii() and (indexed := _INDEXED.match(text, at)):
        return _fact(at, indexed)
    if known := _VERSION.match(text, at) or (text[at + 1 : at + 2] == " " and _SPACED_GTIN.match(text, at)):
        return _fact(at, known)
    if character.isalpha() and (numbered := _numbered_at(text, at, lang)):
        return numbered
    match = _CODE.match(text, at)
    if match is None:
        return None
    surface = match[0]
    if surface.isalnum():  # most are, and what is said of joined ones takes half of the time
        return _with_dimension(text, at, surface) if _is_code(surface) else None
    # "2er-Set", "18V-Akku": what is joined in small letters is a word again.
    while named := _NAMED_PART.search(surface):
        surface = surface[: named.start()]
    if _STANDARD.match(surface):
        year = _YEAR_OF_STANDARD.match(text, at + len(surface))
        end = year.end() if year else at + len(surface)
        return Fact("code", at, end, text[at:end])
    if _WORD_BEFORE.match(surface) or (lang not in _COMPOUNDING and _TITLE_WITH_SIZE.match(text, at)):
        return None
    prefix = _ACRONYM.match(surface)
    if prefix and shouting and not _SIZE_SYSTEM.match(surface):
        return None
    if prefix and _is_only_measured(text, at, prefix.end() + 1, len(surface), lang):
        return None
    return _with_dimension(text, at, surface) if prefix or _is_code(surface) else None


def variant_at(text: str, at: int, lang: str) -> Fact | None:
    """Return the size between hyphens that begins at an offset: "-XL-", or "-32-" before the last word of a title.

    Behind it an engine takes even a colour for a part of the name; locked apart it is translated. In German and Dutch
    the hyphens of "Typ-12-Stecker" make one word.
    """
    if text[at] not in "- " or at == 0 or not (text[at - 1].isalpha() or text[at - 1] in "™®)"):
        return None
    match = _SIZE.match(text, at)
    if match is None or (lang in _COMPOUNDING and any(map(str.isdecimal, match[0]))):
        return None
    return Fact("variant", at, match.end(), match[0])


def _fact(at: int, match: re.Match[str] | None) -> Fact | None:
    return Fact("code", at, match.end(), match[0]) if match else None


def _numbered_at(text: str, at: int, lang: str) -> Fact | None:
    """Return a name with its number ("Windows 10"); in "Android 4 GB" the number belongs to the unit."""
    match = _NUMBERED.match(text, at)
    if match is None and text[at] in "CKOck":
        match = _CATEGORY_NAME.match(text, at) or _SOFTWARE.match(text, at)
    if match is None:
        return None
    number = next(place for place in range(at, match.end()) if text[place].isdecimal())
    quantity = quantity_at(text, number, lang)
    return None if quantity and quantity.end > match.end() else _fact(at, match)


def number_of_a_name_at(text: str, at: int) -> Fact | None:
    """Return a number that belongs to the name before it: the 2.0 of "FlexUSB 2.0", the 5e of "category 5e".

    Args:
        text: the text.
        at: where a digit stands.
    """
    before = text[max(0, at - _WINDOW) : at]
    if (match := _VERSION_NUMBER.match(text, at)) and _AFTER_A_VERSIONED_NAME.search(before):
        return _fact(at, match)
    if (match := _CLASS.match(text, at)) and _CATEGORY.search(before):
        return _fact(at, match)
    return None


def looks_measured(surface: str) -> bool:
    """Whether a code may look like a measure and is none: ``5W-30`` is no power, ``802.11g`` no weight."""
    return any(pattern.fullmatch(surface) for pattern in (_OIL_GRADE, _VERSION))


def without_acronym(surface: str) -> tuple[str, str]:
    """Split the acronym off a code: ``("GSR", "18V-55")``; empty where a code has none."""
    match = _ACRONYM.match(surface)
    return (match[0], surface[match.end() + 1 :]) if match else ("", surface)


def _with_dimension(text: str, at: int, surface: str) -> Fact:
    """Return a code; of a thread with its length the unit is a part: "M12×1000 mm"."""
    end = at + len(surface)
    if _DIMENSION.search(surface) and (unit := unit_alone().match(text, end)):
        end = unit.end()
    return Fact("code", at, end, text[at:end])


def _is_only_measured(text: str, at: int, number: int, length: int, lang: str) -> bool:
    """Whether what follows a seeming acronym is a plain quantity.

    "HR 30 kg/m³" is foam of a density and "VT 30kVA" a supply of a power; "GSR 18V-55" and "PF-510" are models.
    """
    surface = text[at : at + length]
    if surface[number - 1] == "-" and not has_unit(surface[number:], lang):
        return False
    quantity = quantity_at(text, at + number, lang)
    if quantity is None:
        return False
    return quantity.end > at + length or has_unit(surface[number:], lang)


def _is_code(token: str) -> bool:
    if not any(map(str.isalpha, token)) or not any(map(str.isdecimal, token)):
        return False
    return token != token.lower() or bool(_CODE_IN_SMALL_LETTERS.fullmatch(token))
