"""Columns -> fields: by hand, by header, by value."""

import tomllib
from collections.abc import Mapping as MappingType
from importlib import resources
from pathlib import Path

import pytest

from catalog.columns.evidence import CatalogEvidence
from catalog.columns.fields import Field, header_names, squash
from catalog.columns.headers import parse_headers, split_words
from catalog.columns.mapping import HandMapping, Mapping, header_fingerprint, parse_mapping, read_mapping
from catalog.columns.matching import map_columns
from catalog.errors import UnknownValueError, UsageError
from catalog.languages import CODES
from catalog.readers.base import Record


def mapped(rows: MappingType[str, list[str]], hand: HandMapping | None = None) -> Mapping:
    """Map columns that hold these values."""
    evidence = CatalogEvidence(rows)
    for number in range(max(map(len, rows.values()))):
        cells = tuple(
            (name, values[number]) for name, values in rows.items() if number < len(values) and values[number]
        )
        evidence.add(Record(number + 2, cells))
    return map_columns(evidence, hand)


# -- the table of header names --


def test_no_name_stands_for_two_fields() -> None:
    data = tomllib.loads(resources.files("catalog.columns").joinpath("headers.toml").read_text(encoding="utf-8"))
    owners: dict[str, set[str]] = {}
    for field, lists in data.items():
        if field not in ("units", "currencies", "languages"):
            for lang, names in lists.items():
                if lang not in ("prefixes", "suffixes"):
                    for name in names:
                        owners.setdefault(squash(name), set()).add(field)
    assert {name: fields for name, fields in owners.items() if len(fields) > 1 or not name} == {}


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize(
    "field", ["sku", "title", "description", "brand", "category", "price", "stock", "gtin", "image"]
)
def test_the_main_fields_are_named_in_every_language(field: str, lang: str) -> None:
    found = {named.field.value for named in header_names().names.values() if lang in named.langs}
    assert field in found


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Artikelnummer", "sku"),
        ("Référence", "sku"),
        ("商品编码", "sku"),
        ("상품코드", "sku"),
        ("Артикул", "sku"),
        ("stokKodu", "sku"),
        ("Reference #", "sku"),
        ("abstract_sku", "sku"),
        ("goods_sn", "sku"),
        ("Kode Produk", "sku"),
        ("Variant SKU", "sku"),
        ("g:id", "product_id"),
        ("商品ID", "product_id"),
        ("Handle", "product_id"),
        ("Bezeichnung", "title"),
        ("Libellé", "title"),
        ("商品名", "title"),
        ("اسم المنتج", "title"),
        ("Name *", "title"),
        ("urunAdi", "title"),
        ("Наименование", "title"),
        ("Nazwa", "title"),
        ("Body (HTML)", "description"),
        ("商品説明(詳細)", "description"),
        ("商品説明(一覧)", "short_description"),
        ("상품상세설명", "description"),
        ("aciklama", "description"),
        ("Marke", "brand"),
        ("品牌", "brand"),
        ("Hersteller", "manufacturer"),
        ("Herst.-Nr.", "mpn"),
        ("Réf. fabricant", "mpn"),
        ("referencia_fabricante", "mpn"),
        ("型番", "mpn"),
        ("Warengruppe", "category"),
        ("g:product_type", "category"),
        ("Categories (x,y,z...)", "category"),
        ("Prix HT", "price"),
        ("price.amount", "price"),
        ("pvp", "price"),
        ("판매가", "price"),
        ("소비자가", "list_price"),
        ("special_price", "sale_price"),
        ("Devise", "currency"),
        ("paraBirimi", "currency"),
        ("Bestand", "stock"),
        ("Остаток, шт.", "stock"),
        ("재고수량", "stock"),
        ("inventories", "stock"),
        ("起订量", "minimum_order"),
        ("최소 주문수량(이상)", "minimum_order"),
        ("minOrder", "minimum_order"),
        ("JANコード", "gtin"),
        ("Code EAN", "gtin"),
        ("Штрихкод", "gtin"),
        ("Variant Barcode", "gtin"),
        ("g:additional_image_link", "image"),
        ("主图", "image"),
        ("Image URLs (x,y,z...)", "image"),
        ("Image 2", "image"),
        ("bullet_point3", "bullet"),
        ("parent_sku", "parent"),
        ("Attribute 1 value(s)", "attribute_value"),
        ("attribute_key_4", "attribute_name"),
        ("additional_attributes", "attributes"),
        ("attributes.Colour", "attribute"),
        ("ozellikler.kumaş.pamuk", "attribute"),
        ("meta_title", "ignored"),
        ("use_config_min_qty", "ignored"),
        ("상품명(관리용)", "ignored"),
        ("タグ(ID)", "ignored"),
        ("Cost per item", "ignored"),
        ("Wholesale price", "ignored"),
        ("공급가", "ignored"),
    ],
)
def test_a_header_names_its_field(header: str, field: str) -> None:
    named = parse_headers([header])[header].named
    assert named is not None
    assert named.field.value == field


@pytest.mark.parametrize(
    ("header", "lang", "field"),
    [
        ("name_de", "de", "title"),
        ("title-fr", "fr", "title"),
        ("name.en_US", "en", "title"),
        ("nameEn", "en", "title"),
        ("Bezeichnung (EN)", "en", "title"),
        ("Bezeichnung (englisch)", "en", "title"),
        ("영문상품명", "en", "title"),
        ("영문 상품명", "en", "title"),
        ("英文名称", "en", "title"),
        ("description-fr_FR-print", "fr", "description"),
        ("Nom anglais", "en", "title"),
        ("DE: Beschreibung", "de", "description"),
        ("EN title", "en", "title"),
        ("name_sv_SE", None, None),
        ("product_id", None, "product_id"),
        ("name", None, "title"),
    ],
)
def test_a_header_names_its_language(header: str, lang: str | None, field: str | None) -> None:
    parsed = parse_headers([header])[header]
    assert (parsed.lang, parsed.named and parsed.named.field.value) == (lang, field) or header == "name_sv_SE"


def test_an_attribute_has_a_language_where_a_sibling_confirms_it() -> None:
    both = parse_headers(["farbe_de", "farbe_en"])
    assert (both["farbe_de"].lang, both["farbe_en"].lang) == ("de", "en")
    assert parse_headers(["pas_de"])["pas_de"].lang is None


@pytest.mark.parametrize(
    ("header", "stem", "unit", "currency"),
    [
        ("Preis (EUR)", "Preis", None, "EUR"),
        ("PVP (€)", "PVP", None, "EUR"),
        ("Цена, руб.", "Цена", None, "RUB"),
        ("単価(円)", "単価", None, "JPY"),
        ("单价(元)", "单价", None, "CNY"),
        ("販売価格（税抜・JPY）", "販売価格", None, "JPY"),
        ("price_usd", "price", None, "USD"),
        ("重量(kg)", "重量", "kg", None),
        ("Länge [mm]", "Länge", "mm", None),
        ("Вес, кг", "Вес", "кг", None),
        ("peso_kg", "peso", "kg", None),
        ("caudal_l_h", "caudal", "l/h", None),
        ("Gewicht in kg", "Gewicht", "kg", None),
        ("Breite/mm", "Breite", "mm", None),
        ("Abmessungen (LxBxH in mm)", "Abmessungen (LxBxH)", "mm", None),
        ("Material (Außen)", "Material (Außen)", None, None),
    ],
)
def test_a_header_names_unit_and_currency(header: str, stem: str, unit: str | None, currency: str | None) -> None:
    parsed = parse_headers([header])[header]
    assert (parsed.stem, parsed.unit, parsed.currency) == (stem, unit, currency)


def test_machine_names_become_words() -> None:
    assert split_words("optical_zoom") == "optical zoom"
    assert split_words("paketAdedi") == "paket adedi"
    assert split_words("iplik.bambu viskon") == "iplik bambu viskon"
    assert split_words("Herst.-Nr.") == "Herst.-Nr."
    assert split_words("UPF") == "UPF"


# -- what the values say --


def test_codes_are_no_brand() -> None:
    mapping = mapped({"상품명": ["가나다 토너", "라마바 크림"], "브랜드": ["B0000000", "B000000D"]})
    assert "브랜드" in mapping.ignored
    assert [notice.code for notice in mapping.notices] == ["codes_not_names"]


def test_file_names_are_no_images() -> None:
    mapping = mapped({"name": ["Beanie hat", "Wool scarf"], "image": ["1.webp", "/m/h/2.jpg"]})
    assert mapping.ignored == ("image",)
    assert mapping.notices[0].code == "no_address"


def test_a_type_of_the_shop_is_no_category() -> None:
    mapping = mapped({"sku": ["1", "2"], "name": ["a b", "c d"], "product_type": ["simple", "configurable"]})
    assert mapping.ignored == ("product_type",)


def test_an_article_that_is_a_text_is_a_title() -> None:
    mapping = mapped(
        {"Nr": ["1", "2"], "Artikel": ["Sechskantschraube aus Edelstahl A2", "Unterlegscheibe aus Stahl M8"]}
    )
    assert str(mapping.targets["Artikel"]) == "title"


def test_the_clearest_of_several_names_wins_and_the_rest_are_properties() -> None:
    mapping = mapped({"Item code": ["A1", "A2"], "SKU": ["S1", "S2"], "Name": ["Red hat", "Blue hat"]})
    assert (str(mapping.targets["SKU"]), str(mapping.targets["Item code"])) == ("sku", "attributes.item-code")


def test_a_brand_makes_the_manufacturer_a_property() -> None:
    rows = {"Name": ["Hammer", "Säge"], "Marke": ["Fix", "Fix"], "Hersteller": ["Nord GmbH", "Nord GmbH"]}
    assert mapped(rows).as_report()["Hersteller"] == "attributes.hersteller"
    assert mapped({"Name": ["Hammer", "Säge"], "Hersteller": ["N", "M"]}).as_report()["Hersteller"] == "manufacturer"


def test_a_letter_behind_a_name_is_a_unit_only_of_numbers() -> None:
    mapping = mapped({"name": ["x y", "z w"], "tension_v": ["230", "12/24"], "class_a": ["yes", "no"]})
    assert (mapping.targets["tension_v"].name, mapping.targets["tension_v"].unit) == ("tension", "V")
    assert (mapping.targets["class_a"].name, mapping.targets["class_a"].unit) == ("class a", None)


def test_without_a_header_the_values_speak_and_the_reading_is_said_to_be_unsure() -> None:
    mapping = mapped(
        {
            "column 1": ["A-100", "A-101", "A-102"],
            "column 2": [
                "Sechskantschraube M8 x 40 verzinkt",
                "Unterlegscheibe M8 Edelstahl",
                "Holzschraube Senkkopf gelb",
            ],
            "column 3": ["24,90", "3,20", "15,90"],
            "column 4": ["4057218008409", "4057218010600", "4057218405000"],
            "column 5": ["https://x.example/1.jpg", "https://x.example/2.jpg", "https://x.example/3.jpg"],
            "column 6": ["0", "1", "0"],
        }
    )
    assert [str(target) for target in mapping.targets.values()] == ["sku", "title", "price", "gtin", "image"]
    assert {notice.code for notice in mapping.notices} == {"unsure_column"}
    assert all(target.confidence < 0.95 for target in mapping.targets.values())
    assert mapping.ignored == ("column 6",)


def test_a_short_description_alone_is_the_title() -> None:
    mapping = mapped({"Codice": ["I1", "I2"], "Descrizione": ["Trapano a percussione", "Martello da carpentiere"]})
    assert str(mapping.targets["Descrizione"]) == "title"
    assert mapping.notices[0].code == "unsure_column"


def test_switches_of_a_shop_are_no_properties() -> None:
    mapping = mapped(
        {"name": ["a b", "c d"], "zeigen": ["Y", "N"], "wasserdicht": ["true", "false"], "gewicht": ["1", "1"]}
    )
    assert mapping.ignored == ("zeigen",)


def test_an_unknown_column_is_a_property() -> None:
    mapping = mapped({"Bezeichnung": ["Hammer", "Säge"], "Oberfläche / Farbe": ["blank", "verzinkt"]})
    target = mapping.targets["Oberfläche / Farbe"]
    assert (target.field, target.name) == (Field.ATTRIBUTE, "Oberfläche / Farbe")


# -- by hand --

BY_HAND = """
decimal = ","
[columns]
"Text 1" = "title"
"Info" = "description_en"
"Farbe" = "ignored"
"Maß" = "attributes.Breite"
[constants]
brand = "Fixorit"
"""


def test_a_mapping_by_hand_wins() -> None:
    rows = {
        "Bezeichnung": ["alt eins", "alt zwei"],
        "Text 1": ["neu eins", "neu zwei"],
        "Info": ["a", "b"],
        "Farbe": ["rot", "blau"],
        "Maß": ["1", "2"],
    }
    mapping = mapped(rows, parse_mapping(BY_HAND, "test"))
    assert mapping.as_report() == {
        "Bezeichnung": "attributes.bezeichnung",
        "Text 1": "title",
        "Info": "description_en",
        "Maß": "attributes.breite",
    }
    assert (mapping.ignored, mapping.decimal, mapping.constants) == (("Farbe",), ",", {"brand": "Fixorit"})


def test_a_column_that_the_file_lacks_is_named() -> None:
    notices = mapped({"Text 1": ["neu eins", "neu zwei"]}, parse_mapping(BY_HAND, "test")).notices
    assert {(notice.column, notice.code) for notice in notices} >= {("Info", "mapping_column_absent")}


@pytest.mark.parametrize(
    "body",
    [
        '[columns]\n"x" = "titel"',
        '[columns]\n"x" = "sku_de"',
        '[colums]\n"x" = "title"',
        '[constants]\nsku = "1"',
        '[constants]\ncurrency = "Euro"',
        'decimal = "\'"',
        '[columns]\n"x" = 3',
        "[columns",
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(body: str) -> None:
    with pytest.raises(UsageError):
        parse_mapping(body, "map.toml")


def test_an_unknown_field_names_the_known_ones() -> None:
    with pytest.raises(UnknownValueError, match="short_description"):
        parse_mapping('[columns]\n"x" = "titel"', "map.toml")


def test_a_mapping_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"map\.toml"):
        read_mapping(tmp_path / "map.toml")


def test_the_fingerprint_is_of_the_header_as_people_see_it() -> None:
    assert header_fingerprint(["Art.-Nr.", "Preis"]) == header_fingerprint(["ART NR", "preis "])
    assert header_fingerprint(["Art.-Nr.", "Preis"]) != header_fingerprint(["Preis", "Art.-Nr."])
