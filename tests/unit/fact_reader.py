"""A reader of facts that shares no code with ``translation.facts``: simpler, it knows less and is wrong in other ways.

It counts what a translation lost or invented. Numbers are compared by value, read by rule of thumb: what stands before
three digits in the manner of the language is a separator of groups, everything else a decimal sign.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

# Units by what a reader recognises: the symbol, and how the scripts of the samples spell it.
_UNITS = {
    "mm": "mm MM мм مم ملم 毫米 ミリ 밀리미터",
    "cm": "cm CM см سم 厘米 センチ 센티",
    "ml": "ml мл مل 毫升 ミリリットル 밀리리터",
    "kg": "kg KG кг كجم كغ 公斤 千克 キロ",
    "g": "g gr г جم غ جرام 克 グラム 그램",
    "W": "W Вт واط وات 瓦 ワット 와트",
    "V": "V В فولت 伏 ボルト 볼트",
    "GHz": "GHz ГГц جيجاهرتز",
    "GB": "GB Go ГБ Гб جيجابايت جيجا",
    "TB": "TB To ТБ تيرابايت",
    "Hz": "Hz Гц هرتز 赫兹",
    "MB": "MB Mo МБ",
    "MP": "MP Мп",
    "px": "px pixels pixel Pixel píxeles píxeis piksel pikseli пикселей بكسل 像素 ピクセル 픽셀",
    "mAh": "mAh мАч 毫安时 毫安 مللي أمبير",
    "dpi": "DPI dpi",
    "in": "″ \" ” '' inch pouces polegadas Zoll pulgadas pollici inci inç cali インチ 인치 英寸 дюйм дюйма بوصة",
}
_SPELLINGS = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_LONGEST_FIRST = sorted(_SPELLINGS, key=len, reverse=True)
_MEASURE = re.compile(
    r"[\d½¼¾]\s?(" + "|".join(map(re.escape, _LONGEST_FIRST)) + r")(?![^\W\d_]|[²³0-9/·.][^\W_]|[²³23])"
)
_CODE = re.compile(r"(?<![^\W_])(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*[0-9])[A-Z][A-Z0-9-]{2,}(?![^\W_])")
_TAG = re.compile(r"</?[a-z][^<>]*>")

# Who writes 1.000 for a thousand, and who writes 1 000; the others write 1,000.
_GROUPS_BY_POINT = frozenset({"de", "es", "id", "it", "nl", "pt", "tr"})
_GROUPS_BY_SPACE = frozenset({"fr", "pl", "ru"})
_NAMED = re.compile(r"\S*[A-Za-z]\S*")
_MEASURED = re.compile(r"[(\[]?\d[\d.,]*[^\W\d]{0,4}\W*")
_NUMBER = re.compile(r"(?<![\w.,)])[.,]\d+(?![.,]?\d)|\d+(?:[.,]\d+)*")
_SIGNS = "±µΩ°®™€£$¥@#≤≥"
_ENERGY_CLASS = re.compile(r"(?<![^\W_])[A-G]\+{1,3}(?!\w)")
_FEET = re.compile(r"\d\s?['′](?!\d)")
_LETTER_OF_A_KIND = re.compile(
    r"\b(?:class|type|size|grade|Klasse|Typ|Größe|classe|tipo|taille|tamanho|talla|taglia|размер|класс|тип)"
    r" ([A-Z](?:\+{1,3})?|XX?[SL]|[IVX]{2,3})(?![\w+.'’&-])",
    re.IGNORECASE,
)
_SIZE_SYSTEM = re.compile(r"\b(?:EU|UK|US) (?=\d{1,2}\b)")
_RANGES = re.compile(r"\W*(?:[-–—~…]|\.\.\.|\b(?:to|bis|à|a|até|hasta|tot|do|до|إلى)\b)\W*")
_OWN_DIGITS = frozenset({"ar", "ja", "ko", "zh"})


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
    spelled = re.sub(r"(?<=[^\W\d_])(?:[²³]|(?<=[cm]m)[23](?!\w))", "", spelled.replace("٫", ".").replace("٬", ","))
    spelled = unicodedata.normalize("NFKC", spelled)
    spelled = re.sub(r"(?<![\d.,])[1-9]\d{0,2}(?: \d{3})* 000(?![\d.,])", lambda one: one[0].replace(" ", ""), spelled)
    spelled = re.sub(r"(?<=\d)['’](?=\d{3}(?!\d))", "", spelled)
    return Counter(_value(lang, number) for number in _numbers(lang, spelled))


def _numbers(lang: str, text: str) -> Iterator[str]:
    if lang in _GROUPS_BY_SPACE:
        text = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", text)
    yield from _NUMBER.findall(text)


def _value(lang: str, number: str) -> str:
    if number[0] in ".,":
        return f"0.{number[1:]}"
    if sum(number.count(sign) for sign in ".,") > 1 and len(set(number) & {".", ","}) == 1:
        return re.sub(r"[.,]", "", number)
    group, decimal = (".", ",") if lang in _GROUPS_BY_POINT else (",", ".")
    if lang in _GROUPS_BY_SPACE:
        group = "none"
    whole = re.sub(rf"{re.escape(group)}(?=\d{{3}}(?!\d))", "", number)
    return whole.replace(decimal, ".").replace(",", ".")


def units(text: str) -> Counter[str]:
    return Counter(
        _SPELLINGS[spelling]
        for spelling in _MEASURE.findall(unicodedata.normalize("NFC", half_width(text)).replace("مللي أ", "مللي\xa0أ"))
    )


def codes(text: str) -> Counter[str]:
    return Counter(code.replace("-", "") for code in _CODE.findall(half_width(text)) if not _MEASURE.fullmatch(code))


def tags(text: str) -> Counter[str]:
    return Counter(_TAG.findall(text))


def signs(text: str) -> Counter[str]:
    return Counter(sign for sign in text if sign in _SIGNS)


def _without_prefixes(lang: str, text: str) -> str:
    """Leave out what Russian and Arabic spell: мкФ, кОм."""
    return re.sub("[µΩ]", "", text) if lang in ("ar", "ru") else text


def designations(text: str) -> Counter[str]:
    """Count classes and sizes that are letters, and systems of sizes."""
    found = [match for match in _LETTER_OF_A_KIND.findall(half_width(text)) if match[0].isupper()]
    return Counter(
        [*set(found) | set(_ENERGY_CLASS.findall(text)), *(one.strip() for one in _SIZE_SYSTEM.findall(text))]
    )


def _without_designations(wanted: Counter[str], shown: str) -> Counter[str]:
    return Counter(
        {
            one: times - there
            for one, times in wanted.items()
            if times > (there := len(re.findall(rf"(?<![A-Za-z0-9]){re.escape(one)}(?![A-Za-z0-9+])", shown)))
        }
    )


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield numbers that follow one another, by their digits, and what stands between them."""
    found = list(_NUMBER.finditer(text))
    for one, other in pairwise(found):
        between = text[one.end() : other.start()]
        yield re.sub(r"\D", "", one[0]), re.sub(r"\D", "", other[0]), between


def torn_ranges(source: str, shown: str) -> Counter[str]:
    """Count the ranges of a text of which a translation makes two numbers with a comma."""
    lists = {
        (one, other) for one, other, between in _pairs(shown) if "," in between and not re.search(r"[^\W\d]", between)
    }
    ranges = [(one, other) for one, other, between in _pairs(source) if _RANGES.fullmatch(between)]
    return Counter(f"{one}-{other}" for one, other in ranges if (one, other) in lists)


def damage(source_lang: str, source: str, lang: str, shown: str, brand: str = "") -> dict[str, Counter[str]]:
    """Return by kind what a translation lost, and under ``invented`` the numbers that it added."""
    kept = set(filter(_is_name, source.split())) & set(filter(_is_name, shown.split()))
    before, after = (numbers(of, _without(kept, text)) for of, text in ((source_lang, source), (lang, shown)))
    lost = {
        "digit": digits(source) - digits(shown),
        "unit": units(source) - units(shown),
        "tag": tags(source) - tags(shown),
        "sign": signs(_without_prefixes(lang, source)) - signs(_without_prefixes(lang, shown)),
        "number": before - after,
        "invented": after - before,
        "feet": Counter({"'": len(_FEET.findall(source)) - len(_FEET.findall(shown.replace("’", "'")))}),
        "designation": _without_designations(designations(source), half_width(shown)),
        "range": torn_ranges(source, shown),
        "script": Counter(one for one in shown if one.isdecimal() and not one.isascii() and lang not in _OWN_DIGITS),
    }
    lost["feet"] = +lost["feet"]
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
    # What stood apart stays apart: of "230 x 115" comes no 230 115.
    return " ".join("|" if word in names else word for word in text.split())
