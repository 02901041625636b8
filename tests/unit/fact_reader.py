"""A reader of facts that shares no code with ``translation.facts``: simpler, it knows less and is wrong in other ways.

It counts what a translation lost or invented. Numbers are compared by value, read by rule of thumb: what stands before
three digits in the manner of the language is a separator of groups, everything else a decimal sign.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

# Units by what a reader recognises: the symbol, and how the scripts of the samples spell it.
_UNITS = {
    "mm": "mm мм مم ملم 毫米 ミリ 밀리미터",
    "cm": "cm см سم 厘米 センチ 센티",
    "ml": "ml мл مل 毫升 ミリリットル 밀리리터",
    "kg": "kg кг كجم كغ 公斤 千克 キロ",
    "g": "g gr г جم غ جرام 克 グラム 그램",
    "W": "W Вт واط وات 瓦 ワット 와트",
    "V": "V В فولت 伏 ボルト 볼트",
    "GHz": "GHz ГГц جيجاهرتز",
    "GB": "GB Go ГБ Гб جيجابايت جيجا",
    "TB": "TB To ТБ تيرابايت",
    "Hz": "Hz Гц هرتز 赫兹",
    "MB": "MB Mo МБ",
    "MP": "MP Мп",
    "mAh": "mAh мАч 毫安 毫安时",
    "dpi": "DPI dpi",
    "in": "″ \" ” '' inch pouces polegadas Zoll pulgadas pollici inci inç cali インチ 인치 英寸 дюйм дюйма بوصة",
}
_SPELLINGS = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_LONGEST_FIRST = sorted(_SPELLINGS, key=len, reverse=True)
_MEASURE = re.compile(
    r"[\d½¼¾]\s?(" + "|".join(map(re.escape, _LONGEST_FIRST)) + r")(?![^\W\d_]|[²³0-9/·.][^\W_]|[²³])"
)
_CODE = re.compile(r"(?<![^\W_])(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*[0-9])[A-Z][A-Z0-9-]{2,}(?![^\W_])")
_TAG = re.compile(r"</?[a-z][^<>]*>")

# Who writes 1.000 for a thousand, and who writes 1 000; the others write 1,000.
_GROUPS_BY_POINT = frozenset({"de", "es", "id", "it", "nl", "pt", "tr"})
_GROUPS_BY_SPACE = frozenset({"fr", "pl", "ru"})
_NAMED = re.compile(r"\S*[A-Za-z]\S*")
_MEASURED = re.compile(r"[(\[]?\d[\d.,]*[^\W\d]{0,4}\W*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SIGNS = "±µΩ°®™€£@#≤≥"


def half_width(text: str) -> str:
    return "".join(chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else sign for sign in text)


def digits(text: str) -> Counter[str]:
    """Count the digits, fractions spelled out: separators differ by language, digits never do."""
    spelled = unicodedata.normalize("NFKC", text)
    return Counter(str(unicodedata.digit(character)) for character in spelled if character.isdigit())


def numbers(lang: str, text: str) -> Counter[str]:
    """Count the numbers by value."""
    spelled = "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character for character in half_width(text)
    )
    spelled = unicodedata.normalize("NFKC", spelled.replace("٫", ".").replace("٬", ","))
    return Counter(_value(lang, number) for number in _numbers(lang, spelled))


def _numbers(lang: str, text: str) -> Iterator[str]:
    if lang in _GROUPS_BY_SPACE:
        text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", text)
    yield from _NUMBER.findall(text)


def _value(lang: str, number: str) -> str:
    if sum(number.count(sign) for sign in ".,") > 1 and len(set(number) & {".", ","}) == 1:
        return re.sub(r"[.,]", "", number)
    group, decimal = (".", ",") if lang in _GROUPS_BY_POINT else (",", ".")
    if lang in _GROUPS_BY_SPACE:
        group = "none"
    whole = re.sub(rf"{re.escape(group)}(?=\d{{3}}(?!\d))", "", number)
    return whole.replace(decimal, ".").replace(",", ".")


def units(text: str) -> Counter[str]:
    return Counter(
        _SPELLINGS[spelling] for spelling in _MEASURE.findall(unicodedata.normalize("NFC", half_width(text)))
    )


def codes(text: str) -> Counter[str]:
    return Counter(code.replace("-", "") for code in _CODE.findall(half_width(text)) if not _MEASURE.fullmatch(code))


def tags(text: str) -> Counter[str]:
    return Counter(_TAG.findall(text))


def signs(text: str) -> Counter[str]:
    return Counter(sign for sign in text if sign in _SIGNS)


def damage(source_lang: str, source: str, lang: str, shown: str, brand: str = "") -> dict[str, Counter[str]]:
    """Return by kind what a translation lost, and under ``invented`` the numbers that it added."""
    kept = set(filter(_is_name, source.split())) & set(filter(_is_name, shown.split()))
    before, after = (numbers(of, _without(kept, text)) for of, text in ((source_lang, source), (lang, shown)))
    lost = {
        "digit": digits(source) - digits(shown),
        "unit": units(source) - units(shown),
        "tag": tags(source) - tags(shown),
        "sign": signs(source) - signs(shown),
        "number": before - after,
        "invented": after - before,
    }
    # A code may stand within a longer name on one side: it is lost when its letters and digits are nowhere.
    squeezed = half_width(shown).replace("-", "").replace(" ", "")
    lost["code"] = Counter({code: times for code, times in codes(source).items() if code not in squeezed})
    if brand and brand.casefold() in source.casefold() and brand.casefold() not in shown.casefold():
        lost["brand"] = Counter([brand])
    return {kind: missing for kind, missing in lost.items() if missing}


def _is_name(word: str) -> bool:
    """Whether a word is a code or a version, whose points are no separators."""
    return bool(_NAMED.fullmatch(word)) and not _MEASURED.fullmatch(word)


def _without(names: set[str], text: str) -> str:
    return " ".join(word for word in text.split() if word not in names)
