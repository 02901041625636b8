"""The sample suppliers: what a new user sees first must come out whole."""

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from catalog.importing import import_catalog
from catalog.model import GivenText, Price, Product
from catalog.options import ImportOptions
from catalog.report import CatalogReport
from tests.fakes.product_store import MemoryProductStore

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


class Expected(NamedTuple):
    file: str
    format: str
    encoding: str | None
    delimiter: str | None
    lang: str
    rows: int
    refused: int
    gtins: int
    descriptions: int
    currency: str


# Counted in the files: every row has sku, title, brand, category, price, stock and image; some lack GTIN or text.
EXPECTED = [
    Expected("anadolu-tekstil.jsonl", "jsonl", "utf-8", None, "tr", 26, 0, 23, 23, "TRY"),
    Expected("hanbit-beauty.csv", "csv", "cp949", ",", "ko", 28, 0, 26, 25, "KRW"),
    Expected("huerta-verde.json", "json", "utf-8", None, "es", 27, 0, 24, 23, "EUR"),
    Expected("nile-souq.json", "json", "utf-8", None, "ar", 28, 0, 25, 25, "EGP"),
    Expected("northgate-outdoor.xml", "xml", "utf-8", None, "en", 26, 0, 24, 21, "GBP"),
    Expected("osaka-daidokoro.csv", "csv", "cp932", ",", "ja", 28, 0, 25, 26, "JPY"),
    Expected("papeterie-lumiere.csv", "csv", "utf-8-sig", ";", "fr", 30, 3, 25, 24, "EUR"),
    Expected("porto-casa.xlsx", "xlsx", None, None, "pt", 27, 0, 25, 23, "EUR"),
    Expected("schraubenkontor-keller.csv", "csv", "cp1252", ";", "de", 27, 0, 24, 25, "EUR"),
    Expected("shenzhen-mingliang.csv", "csv", "gb18030", ",", "zh", 28, 0, 25, 25, "CNY"),
    Expected("ural-instrument.csv", "csv", "cp1251", ";", "ru", 28, 0, 26, 25, "RUB"),
]


def taken(name: str, currency: str | None = None) -> tuple[CatalogReport, dict[str, Product]]:
    store = MemoryProductStore()
    report = import_catalog(store, SAMPLES / name, ImportOptions(Path(name).stem, currency=currency))
    return report, store.products


def test_every_sample_is_expected() -> None:
    files = {path.name for path in SAMPLES.iterdir() if path.suffix in (".csv", ".json", ".jsonl", ".xlsx", ".xml")}
    assert files == {expected.file for expected in EXPECTED}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected.file)
def test_a_sample_is_understood_and_taken_whole(expected: Expected) -> None:
    # Hanbit names no currency anywhere, as Korean shops do: who imports it says it.
    report, products = taken(expected.file, "KRW" if expected.lang == "ko" else None)
    assert (report.format, report.encoding, report.delimiter) == expected[1:4]
    assert (report.lang, report.lang_by, report.doubtful_lang) == (expected.lang, "detected", 0)
    assert report.lang_confidence is not None
    assert report.lang_confidence > 0.9
    assert (report.rows, report.refused, report.joined) == (expected.rows, expected.refused, 0)
    assert [warning.as_json() for warning in report.warnings] == []
    assert len(products) == expected.rows - expected.refused
    for product in products.values():
        assert product.lang == expected.lang
        assert product.title
        assert "<" not in product.title
        assert product.brand
        assert len(product.category) >= 2
        assert [price.currency for price in product.prices] == [expected.currency]
        assert product.prices[0].amount > 0
        assert product.stock is not None
        assert product.images
        assert all(image.startswith("https://") for image in product.images)
        assert product.attributes
    assert sum(product.gtin is not None for product in products.values()) == expected.gtins
    assert sum(bool(product.description) for product in products.values()) == expected.descriptions


def test_the_three_bad_rows_are_refused_and_only_they() -> None:
    report, products = taken("papeterie-lumiere.csv")
    assert [(error.line, error.sku, error.field, error.code) for error in report.errors] == [
        (20, None, "sku", "no_identity"),
        (22, "PL-1108", "sku", "sku_used_twice"),
        (27, "PL-1206", "title", "no_title"),
    ]
    assert "line 14" in report.errors[1].reason
    assert "PL-1206" not in products


def attributes(product: Product) -> dict[str, str]:
    return {attribute.name: attribute.value for attribute in product.attributes}


def test_a_german_screw() -> None:
    screw = taken("schraubenkontor-keller.csv")[1]["SK-1010-0840"]
    assert screw.title == "Sechskantschraube DIN 933 M8×40 Edelstahl A2 Vollgewinde, 100 Stück"
    assert (screw.brand, screw.mpn, screw.gtin, screw.stock) == ("Fixorit", "FX 933-08040-A2", "4057218008409", 186)
    assert screw.category == ("Verbindungstechnik", "Schrauben", "Sechskantschrauben")
    assert screw.prices == (Price(Decimal("24.90"), "EUR"),)
    assert attributes(screw)["Gewicht"] == "2,050 kg"
    assert attributes(screw)["Abmessung"] == "M8×40 mm, SW 13"
    dear = taken("schraubenkontor-keller.csv")[1]
    assert max(product.prices[0].amount for product in dear.values()) > 1000


def test_a_japanese_knife_keeps_every_character() -> None:
    knives = taken("osaka-daidokoro.csv")[1]
    assert knives["OD-K1210"].title == "刃音 牛刀 ２１０ｍｍ モリブデン鋼 口金付 食洗機対応"
    assert knives["OD-K1210"].category == ("キッチン用品", "包丁", "牛刀")
    assert knives["OD-K1210"].prices == (Price(Decimal(6500), "JPY"),)
    assert "ｽﾃﾝﾚｽ" in knives["OD-K3230"].title
    assert sum(len(product.gtin or "") == 8 for product in knives.values()) == 2


def test_a_chinese_lamp_with_two_pictures() -> None:
    lamp = taken("shenzhen-mingliang.csv")[1]["ML-TD-0121"]
    assert lamp.category == ("灯具", "台灯")
    assert (lamp.minimum_order, lamp.stock, lamp.prices) == (10, 1260, (Price(Decimal("89.00"), "CNY"),))
    assert lamp.images == (
        "https://img.example.com/mingliang/ML-TD-0121-1.jpg",
        "https://img.example.com/mingliang/ML-TD-0121-2.jpg",
    )
    assert attributes(lamp)["电压"] == "AC 220V（附DC 12V适配器）"


def test_a_korean_toner_with_its_english_name() -> None:
    toner = taken("hanbit-beauty.csv", "KRW")[1]["HB10001"]
    assert toner.title == "[설빛담] 히알루론산 수분 토너 300ml"
    assert toner.category == ("스킨케어", "토너/스킨")
    assert toner.prices == (Price(Decimal(18900), "KRW"),)
    assert toner.given == (GivenText("title", "en", "Seolbitdam Hyaluronic Acid Hydrating Toner 300ml"),)
    assert toner.description.startswith("<p>분자 크기가 다른 <b>5종 히알루론산</b>")
    given = [product for product in taken("hanbit-beauty.csv", "KRW")[1].values() if product.given]
    assert len(given) == 10


def test_a_russian_drill_with_units_from_the_header() -> None:
    drill = taken("ural-instrument.csv")[1]["УИ-100850"]
    assert drill.prices == (Price(Decimal("7890.00"), "RUB"),)
    assert drill.category == ("Электроинструмент", "Перфораторы")
    assert attributes(drill)["Мощность"] == "850 Вт"
    assert attributes(drill)["Габариты"] == "370х95х215 мм"
    assert attributes(drill)["Напряжение"] == "220 В"


def test_arab_dates_from_nested_json() -> None:
    dates = taken("nile-souq.json")[1]["NS-F-1001"]
    assert dates.title == "تمر مجدول فاخر حجم جامبو - علبة ١ كجم - محصول الواحات البحرية"
    assert dates.category == ("مواد غذائية", "تمور")
    assert dates.prices == (Price(Decimal("285.0"), "EGP"),)
    assert (dates.minimum_order, dates.stock, len(dates.images)) == (6, 640, 2)
    assert attributes(dates)["الوزن الصافي"] == "1 كجم"


def test_turkish_textiles_with_nested_measures() -> None:
    textiles = taken("anadolu-tekstil.jsonl")[1]
    shirt = textiles["AT-GYM-1042"]
    assert attributes(shirt) == {
        "renk": "Açık mavi",
        "bedenler": "S, M, L, XL, XXL",
        "kumaş pamuk": "%97",
        "kumaş elastan": "%3",
        "gramaj": "130 g/m²",
        "yıkama": "30 °C",
    }
    assert attributes(textiles["AT-AYK-3102"])["ağırlık"] == "235 g"
    assert not any("birim" in name for product in textiles.values() for name in attributes(product))


def test_a_spanish_hose_with_units_from_the_keys() -> None:
    hose = taken("huerta-verde.json")[1]["HV01015"]
    assert attributes(hose) == {
        "color": "Verde",
        "diametro": "19 mm",
        "longitud": "25 m",
        "presion trabajo": "8 bar",
        "peso": "5.9 kg",
    }


def test_a_portuguese_table_with_leading_zeros() -> None:
    table = taken("porto-casa.xlsx")[1]["000417"]
    assert (table.gtin, table.prices) == ("5608412004170", (Price(Decimal("649.00"), "EUR"),))
    assert attributes(table)["Dimensões"] == "160–210 x 90 x 76 cm"
    assert attributes(table)["Peso"] == "58.5 kg"


def test_an_english_tent_from_a_shopping_feed() -> None:
    tent = taken("northgate-outdoor.xml")[1]["NGO-10021"]
    assert tent.description == (
        "<p>Two blackout bedrooms and a full-height porch for muddy boots.</p>"
        "<ul><li>Fibreglass poles 9.5 mm</li><li>Pitches flysheet first in about 15 minutes</li></ul>"
    )
    assert tent.prices == (Price(Decimal("279.99"), "GBP"),)
    assert tent.url == "https://www.northgate-outdoor.example/p/ngo-10021"
    assert attributes(tent)["Pitched size"] == "520 x 280 x 195 cm"
    assert attributes(tent)["shipping weight"] == "11.4 kg"


def test_every_title_and_sku_stands_in_the_file_as_it_is() -> None:
    for expected in EXPECTED:
        if expected.format != "csv" or expected.encoding is None:
            continue
        text = (SAMPLES / expected.file).read_bytes().decode(expected.encoding).replace('""', '"')
        for product in taken(expected.file)[1].values():
            assert product.sku in text
            assert product.title in text
