"""Every number, unit, code and tag of the samples is in every translation, counted by a reader of its own."""

from collections import Counter
from pathlib import Path

from api.bootstrap import Parts
from api.settings import load
from catalog.languages import CODES
from tests.unit.fact_reader import codes, damage, digits, numbers, tags, units

_STAND_INS = ("needs_review", "missing")
_KINDS = (("digits", digits), ("units", units), ("codes", codes), ("tags", tags))

# Numbers by value are counted in titles alone: descriptions of the samples hold dates and version numbers, which the
# simple reader takes for numbers with separators.
_BY_DIGITS = frozenset({"digit", "unit", "tag", "code"})


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
            for name, read in _KINDS:
                counted[name] += sum(read(text.source).values())
            lost = damage(text.source_lang, text.source, text.lang, text.shown)
            if text.translation.engine != "supplier" and not _BY_DIGITS.isdisjoint(lost):
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
    assert numbers("en", "1,000 sheets 2.5 mm 1.2.3") == Counter(["1000", "2.5", "123"])
    assert numbers("pt", "1.000 folhas 2,5 mm") == Counter(["1000", "2.5"])
    assert numbers("ru", "5 000 мАч") == Counter(["5000"])
    assert damage("en", "1,000 sheets", "pt", "1,000 folhas") == {"number": {"1000": 1}, "invented": {"1.000": 1}}
    assert damage("en", "4.7 kΩ", "pt", "47 kΩ") == {"number": {"4.7": 1}, "invented": {"47": 1}}
    assert damage("en", "Bosch drill ±5", "pt", "furadeira 5", "Bosch") == {"sign": {"±": 1}, "brand": {"Bosch": 1}}
    assert damage("en", "Wi-Fi 5 (802.11ac) 17 mm", "pt", "Wi-Fi 5 (802.11ac) 17 mm") == {}
