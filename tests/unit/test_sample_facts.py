"""Every number, unit, code and tag of the samples is in every translation, counted by a reader of its own.

The reader below shares no code with ``translation.facts``: it is simpler, knows less, and is wrong in other ways.
"""

import re
import unicodedata
from collections import Counter
from pathlib import Path

from api.bootstrap import Parts
from api.settings import load
from catalog.languages import CODES
from translation.texts import FieldText

_STAND_INS = ("needs_review", "missing")

# Units by what a reader recognises: the symbol, and how the scripts of the samples spell it.
_UNITS = {
    "mm": "mm мм مم ملم 毫米 ミリ 밀리미터",
    "cm": "cm см سم 厘米 センチ 센티",
    "ml": "ml мл مل 毫升 ミリリットル 밀리리터",
    "kg": "kg кг كجم كغ 公斤 千克 キロ",
    "g": "g gr г جم غ جرام 克 グラム 그램",
    "W": "W Вт واط وات 瓦 ワット 와트",
    "V": "V В فولت 伏 ボルト 볼트",
}
_SPELLINGS = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_LONGEST_FIRST = sorted(_SPELLINGS, key=len, reverse=True)
_MEASURE = re.compile(
    r"[\d½¼¾]\s?(" + "|".join(map(re.escape, _LONGEST_FIRST)) + r")(?![^\W\d_]|[²³0-9/·.][^\W_]|[²³])"
)
_CODE = re.compile(r"(?<![^\W_])(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*[0-9])[A-Z][A-Z0-9-]{2,}(?![^\W_])")
_TAG = re.compile(r"</?[a-z][^<>]*>")


def digits(text: str) -> Counter[str]:
    """Count the digits, fractions spelled out: separators differ by language, digits never do."""
    spelled = unicodedata.normalize("NFKC", text)
    return Counter(str(unicodedata.digit(character)) for character in spelled if character.isdigit())


def units(text: str) -> Counter[str]:
    return Counter(
        _SPELLINGS[spelling] for spelling in _MEASURE.findall(unicodedata.normalize("NFC", half_width(text)))
    )


def codes(text: str) -> Counter[str]:
    return Counter(code.replace("-", "") for code in _CODE.findall(half_width(text)) if not _MEASURE.fullmatch(code))


def tags(text: str) -> Counter[str]:
    return Counter(_TAG.findall(text))


def half_width(text: str) -> str:
    return "".join(chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else sign for sign in text)


def damage(text: FieldText) -> dict[str, Counter[str]]:
    """Return by kind what the translation lost."""
    lost = {
        kind: read(text.source) - read(text.shown) for kind, read in (("digit", digits), ("unit", units), ("tag", tags))
    }
    # A code may stand within a longer name on one side: it is lost when its letters and digits are nowhere.
    squeezed = half_width(text.shown).replace("-", "").replace(" ", "")
    lost["code"] = Counter({code: times for code, times in codes(text.source).items() if code not in squeezed})
    return {kind: missing for kind, missing in lost.items() if missing}


def test_every_fact_of_the_samples_is_in_every_translation(sample_home: Path) -> None:
    parts = Parts(load(home=sample_home))
    ids = sorted(parts.products.live_ids())
    counted: Counter[str] = Counter()
    damaged = []
    for texts in parts.translations.field_texts(ids, CODES).values():
        for text in texts:
            counted["texts"] += 1
            if text.lang == text.source_lang:
                continue
            if text.translation.state.value in _STAND_INS:
                counted[text.translation.state.value] += 1
                continue
            counted["translated"] += 1
            for name, read in (("digits", digits), ("units", units), ("codes", codes), ("tags", tags)):
                counted[name] += sum(read(text.source).values())
            if text.translation.engine != "supplier" and (lost := damage(text)):
                damaged.append((text.product, text.field, text.lang, text.source, text.shown, lost))
    parts.database.dispose()
    print(dict(counted), "damaged:", len(damaged))
    for one in damaged[:10]:
        print(*one)
    assert damaged == []
    assert counted["texts"] > 30_000
    assert min(counted[name] for name in ("digits", "units", "codes", "tags", "translated")) > 0


def test_the_reader_sees_damage() -> None:
    assert units("500毫升 10 W") == Counter({"ml": 1, "W": 1})
    assert units("3×1.5mm² 5 kg/m³") == Counter()
    assert digits("１２½ 1,000") == Counter("1212" + "1000") - Counter("1") + Counter("1")
    assert codes("GSR18V-55 Bosch IP67 20 cm") == Counter({"GSR18V55": 1, "IP67": 1})
    assert tags("<b>x</b>") == Counter(["<b>", "</b>"])
