"""Structures that real exports have: lists of categories, two header rows, objects in lists, headings between rows."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from catalog.columns.fields import Field
from catalog.columns.mapping import Mapping, Target
from catalog.importing import import_catalog
from catalog.model import Attribute, GivenText, Product, RowError
from catalog.options import ImportOptions
from catalog.readers import open_catalog
from catalog.readers.base import Record
from catalog.report import CatalogReport
from catalog.rows.joining import Group, Grouper
from catalog.rows.relations import Relations
from catalog.rows.splitting import level_separator, read_category, read_keywords, read_pairs
from tests.fakes.product_store import MemoryProductStore

Take = Callable[[str, str], tuple[CatalogReport, dict[str, Product]]]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    def take_file(name: str, text: str) -> tuple[CatalogReport, dict[str, Product]]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return taken(path)

    return take_file


def taken(path: Path) -> tuple[CatalogReport, dict[str, Product]]:
    store = MemoryProductStore()
    report = import_catalog(store, path, ImportOptions("shop"))
    return report, store.products


def attributes(product: Product) -> dict[str, str]:
    return {attribute.name: attribute.value for attribute in product.attributes}


def given(product: Product) -> dict[tuple[str, str], str]:
    return {(text.field, text.lang): text.text for text in product.given}


# -- cells that hold lists --

WOOCOMMERCE = """ID,Type,SKU,Name,Published,Regular price,Categories,Tags
1,simple,A,Hooded sweater with a logo,1,45,"Clothing, Clothing > Hoodies, Sale","warm, rock\\, pop"
2,simple,B,Album on a vinyl record,1,15,"Sale, Music > Records\\, Tapes",
3,simple,C,Cap with a small brim,1,9,"Accessories, Sale",
"""


def test_woocommerce_lists_categories_and_the_deepest_is_taken(take: Take) -> None:
    products = take("products.csv", WOOCOMMERCE)[1]
    assert [product.category for product in products.values()] == [
        ("Clothing", "Hoodies"),
        ("Music", "Records, Tapes"),
        ("Accessories",),
    ]
    assert products["A"].keywords == ("warm", "rock, pop")


@pytest.mark.parametrize(
    ("cell", "path"),
    [
        ("Clothing, Clothing > Hoodies, Sale", ("Clothing", "Hoodies")),
        ("Sale, House > Garden, House > Garden > Hoses", ("House", "Garden", "Hoses")),
        ("Kitchen, Bath > Towels", ("Kitchen, Bath", "Towels")),
        ("House > Pots, Pans", ("House", "Pots, Pans")),
    ],
)
def test_a_comma_stands_between_paths_where_a_root_comes_again(cell: str, path: tuple[str, ...]) -> None:
    assert read_category([cell], level_separator([cell])) == path


def test_a_keyword_may_hold_an_escaped_comma() -> None:
    assert read_keywords(["rock\\, pop; jazz"]) == ("rock, pop", "jazz")


def test_magento_encloses_values_in_quotes() -> None:
    assert read_pairs('material=Cotton|Wool,features="Dry, fast",care="a"|"b"') == [
        ("material", "Cotton, Wool"),
        ("features", "Dry, fast"),
        ("care", "a, b"),
    ]


# -- headers --


def two_header_rows(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Preisliste Holz & Heim"])
    sheet.append(["Artikel", None, "Beschreibung", None, "Preise", None, "Logistik", None])
    for cells in ("A2:B2", "C2:D2", "E2:F2", "G2:H2"):
        sheet.merge_cells(cells)
    sheet.append(["Nr.", "Bezeichnung", "deutsch", "englisch", "netto", "brutto", "EAN", "Gewicht (kg)"])
    oak = ("Massiver Tisch aus geölter Eiche für sechs Personen.", "Solid oiled oak table for six people.")
    beech = ("Bequemer Stuhl mit gepolsterter Sitzfläche.", "Comfortable chair with an upholstered seat.")
    sheet.append(["T-123", "Esstisch Eiche massiv", *oak, 1299.5, 1545.81, "4006381333931", 45.5])
    sheet.append(["S-124", "Stuhl Buche", *beech, 89.9, 106.98, "4006381333948", 5.2])
    book.save(path)
    return path


def test_a_row_of_groups_above_the_header_names_its_columns_too(tmp_path: Path) -> None:
    report, products = taken(two_header_rows(tmp_path / "list.xlsx"))
    assert list(products) == ["T-123", "S-124"]
    table = products["T-123"]
    assert (table.title, table.gtin) == ("Esstisch Eiche massiv", "4006381333931")
    assert table.description == "Massiver Tisch aus geölter Eiche für sechs Personen."
    assert given(table)["description", "en"] == "Solid oiled oak table for six people."
    assert report.mapping["Preise netto"] == "price"
    assert attributes(table)["Logistik Gewicht"] == "45.5 kg"


def test_a_row_below_a_merged_header_names_its_parts(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Artikelnummer", "Bezeichnung", "Marke", "Beschreibung", None])
    sheet.merge_cells("D1:E1")
    sheet.append([None, None, None, "deutsch", "englisch"])
    sheet.append(["A-1", "Hammer mit Holzstiel", "Stahl", "Ein Hammer für große Nägel.", "A hammer for big nails."])
    sheet.append(["A-2", "Zange für Draht", "Stahl", "Eine Zange für dünnen Draht.", "Pliers for thin wire."])
    book.save(tmp_path / "list.xlsx")
    products = taken(tmp_path / "list.xlsx")[1]
    assert list(products) == ["A-1", "A-2"]
    assert given(products["A-1"])["description", "en"] == "A hammer for big nails."


def test_a_second_column_of_the_same_name_is_not_lost(take: Take) -> None:
    text = (
        "sku,name,name,price\n1,Wooden table for six,for the kitchen,5 EUR\n2,Iron kettle with lid,for the tea,6 EUR\n"
    )
    report, products = take("two.csv", text)
    assert report.mapping["name (2)"] == "attributes.name-2"
    assert attributes(products["1"])["name (2)"] == "for the kitchen"


def test_zeros_kept_the_way_of_excel(take: Take) -> None:
    text = 'sku,name\n="00123",Wooden table for the kitchen\n"=""00124""",Iron kettle with a lid\n=00125,Oak chair\n'
    assert list(take("eq.csv", text)[1]) == ["00123", "00124", "=00125"]


SHOPIFY = """Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src,\
"Care instructions (product.metafields.custom.care_instructions)",Included / United States,Price / Côte d’Ivoire
crew,Merino crew sweater,<p>A soft sweater.</p>,Fjord,Size,S,MC-S,89.00,https://x.example/1.jpg,Wash cold,true,99
crew,,,,,M,MC-M,89.00,,,,
crew,,,,,L,,89.00,,,,
"""


def test_shopify_markets_metafields_and_a_variant_without_a_number(take: Take) -> None:
    report, products = take("shopify.csv", SHOPIFY)
    assert {"Included / United States", "Price / Côte d’Ivoire"} <= set(report.ignored_columns)
    assert attributes(products["MC-S"]) == {"Care instructions": "Wash cold", "Size": "S"}
    assert attributes(products["MC-M"]) == {"Size": "M", "Care instructions": "Wash cold"}
    assert products["MC-S"].options == (Attribute("size", "Size", "S"),)
    assert [(warning.line, warning.code) for warning in report.warnings][:1] == [(4, "variant_without_number")]


# -- headings and totals --

SECTIONS = """Артикул;Наименование;Цена, руб;Остаток
Крепёж;;;
Б-1;Болт М8 оцинкованный;12,50;100
Б-2;Гайка шестигранная М8;3,20;500
Инструмент;;;
И-1;Молоток слесарный 500 г;450,00;12
И-2;;;
Итого:;;465,70;612
"""


def test_headings_are_categories_and_totals_are_no_rows(take: Take) -> None:
    report, products = take("list.csv", SECTIONS)
    assert {sku: product.category for sku, product in products.items()} == {
        "Б-1": ("Крепёж",),
        "Б-2": ("Крепёж",),
        "И-1": ("Инструмент",),
    }
    assert [(error.line, error.sku) for error in report.errors] == [(7, "И-2")]
    assert (report.rows, report.taken, report.refused) == (4, 3, 1)


def test_a_file_with_categories_keeps_them_under_headings(take: Take) -> None:
    text = (
        "SKU,Name,Category,Price\n,Screws and bolts,,\nA-1,Wood screw with a flat head,Screws,1 EUR\n"
        "A-2,Hex bolt of zinc steel,Bolts,2 EUR\n"
    )
    report, products = take("list.csv", text)
    assert [product.category for product in products.values()] == [("Screws",), ("Bolts",)]
    assert report.refused == 0


def test_one_title_alone_among_many_rows_is_a_broken_row(take: Take) -> None:
    rows = [f"A-{number},Wood screw number {number},{number} EUR" for number in range(1, 6)]
    text = "\n".join(["SKU,Name,Price", *rows[:3], ",Nothing but a title,", *rows[3:]])
    report = take("list.csv", text)[0]
    assert [(error.line, error.code) for error in report.errors] == [(5, "no_identity")]


# -- objects in lists --


def test_lists_of_objects_of_a_shop(take: Take) -> None:
    shirt = {
        "id": 794,
        "name": "Shirt of fine cotton",
        "sku": "PQ-1",
        "price": "21.99",
        "weight": "0.3",
        "weight_unit": "kg",
        "categories": [{"id": 9, "name": "Clothing", "slug": "c"}, {"id": 14, "name": "Shirts", "slug": "s"}],
        "tags": [{"id": 1, "name": "cotton", "slug": "cotton"}],
        "images": [{"id": 792, "src": "https://x.example/1.jpg", "name": "one", "alt": ""}],
        "attributes": [
            {"id": 6, "name": "Color", "position": 0, "visible": True, "variation": True, "options": ["Black", "Red"]},
            {"id": 0, "name": "Size", "options": ["S", "M"]},
        ],
    }
    report, products = take("products.json", json.dumps([shirt, {"sku": "W", "name": "Warm hat for winter"}]))
    product = products["PQ-1"]
    assert attributes(product) == {"weight": "0.3 kg", "Color": "Black, Red", "Size": "S, M"}
    assert (product.category, product.keywords) == (("Clothing", "Shirts"), ("cotton",))
    assert product.images == ("https://x.example/1.jpg",)
    assert not [warning for warning in report.warnings if warning.code == "no_address"]


def test_options_of_variants_are_called_as_their_product_says(take: Take) -> None:
    player = {
        "id": 632,
        "title": "Small player of music",
        "body_html": "<p>It plays music for many hours.</p>",
        "variants": [
            {"id": 8, "title": "Pink", "sku": "P-PINK", "option1": "Pink", "weight": 1.25, "weight_unit": "lb"},
            {"id": 9, "title": "Red", "sku": "P-RED", "option1": "Red"},
        ],
        "options": [{"id": 5, "name": "Color", "position": 1, "values": ["Pink", "Red"]}],
    }
    plain = {
        "id": 633,
        "title": "Bag for the player",
        "variants": [{"id": 10, "sku": "BAG", "option1": "Default Title"}],
        "options": [{"name": "Title", "values": ["Default Title"]}],
    }
    products = take("products.json", json.dumps({"products": [player, plain]}))[1]
    assert products["P-PINK"].options == (Attribute("color", "Color", "Pink"),)
    assert attributes(products["P-PINK"]) == {"Color": "Pink", "weight": "1.25 lb"}
    assert products["BAG"].title == "Bag for the player"
    assert products["BAG"].options == ()


# -- feeds --


def feed(items: str) -> str:
    start = '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>'
    return f"{start}{items}</channel></rss>"


def test_a_title_with_and_without_its_name_space(take: Take) -> None:
    rest = "<g:link>http://e.example/1</g:link><g:image_link>http://e.example/1.jpg</g:image_link>"
    rest += "<g:availability>in_stock</g:availability><g:shipping><g:country>US</g:country></g:shipping>"
    items = f"<item><g:id>1</g:id><g:title>Wooden table for six</g:title>{rest}</item>\n"
    items += f"<item><g:id>2</g:id><title>Iron kettle with lid</title>{rest}</item>\n"
    report, products = take("feed.xml", feed(items))
    assert [product.title for product in products.values()] == ["Wooden table for six", "Iron kettle with lid"]
    assert (report.refused, [product.attributes for product in products.values()]) == (0, [(), ()])


def test_a_second_title_is_used_where_the_first_is_empty(take: Take) -> None:
    text = "sku,title,product name\n1,Wooden table for six,Table\n2,,Kettle of iron\n"
    products = take("two.csv", text)[1]
    assert [product.title for product in products.values()] == ["Wooden table for six", "Kettle of iron"]
    assert [attributes(product) for product in products.values()] == [{"product name": "Table"}, {}]


def test_attributes_of_another_language_beside_their_own(take: Take) -> None:
    text = (
        "sku,name.en_US,name.de_DE,attribute_key_1,value_1,attribute_key_1.en_US,value_1.en_US,attribute_key_1.de_DE,"
        "value_1.de_DE\n1,Small camera,Kleine Kamera,pixels,20 MP,color,Red,farbe,Weinrot\n"
    )
    product = take("spryker.csv", text)[1]["1"]
    assert attributes(product) == {"pixels": "20 MP", "color": "Red"}
    assert given(product)["attributes.color.name", "de"] == "farbe"
    assert given(product)["attributes.color.value", "de"] == "Weinrot"


BMECAT = """<?xml version="1.0" encoding="UTF-8"?>
<BMECAT version="2005"><HEADER><CATALOG><LANGUAGE default="true">deu</LANGUAGE>
<LANGUAGE>eng</LANGUAGE></CATALOG></HEADER>
<T_NEW_CATALOG><CATALOG_GROUP_SYSTEM>
<CATALOG_STRUCTURE type="root"><GROUP_ID>1</GROUP_ID><GROUP_NAME lang="deu">Katalog</GROUP_NAME><PARENT_ID>0</PARENT_ID>
</CATALOG_STRUCTURE>
<CATALOG_STRUCTURE type="leaf"><GROUP_ID>2</GROUP_ID><GROUP_NAME lang="deu">Werkzeuge</GROUP_NAME>
<GROUP_NAME lang="eng">Tools</GROUP_NAME><PARENT_ID>1</PARENT_ID></CATALOG_STRUCTURE></CATALOG_GROUP_SYSTEM>
<PRODUCT><SUPPLIER_PID>X-1</SUPPLIER_PID><PRODUCT_DETAILS>
<DESCRIPTION_SHORT lang="deu">Bohrschrauber mit Akku</DESCRIPTION_SHORT></PRODUCT_DETAILS>
<PRODUCT_FEATURES>
<FEATURE><FNAME lang="deu">Farbe</FNAME><FNAME lang="eng">Colour</FNAME><FVALUE lang="deu">blau</FVALUE>
<FVALUE lang="eng">blue</FVALUE></FEATURE>
<FEATURE><FNAME lang="deu">Max. Spannung</FNAME><FNAME lang="eng">Max. voltage</FNAME><FVALUE>18</FVALUE>
<FUNIT>VLT</FUNIT></FEATURE></PRODUCT_FEATURES></PRODUCT>
<PRODUCT_TO_CATALOGGROUP_MAP><PROD_ID>X-1</PROD_ID><CATALOG_GROUP_ID>2</CATALOG_GROUP_ID></PRODUCT_TO_CATALOGGROUP_MAP>
</T_NEW_CATALOG></BMECAT>
"""


def test_features_and_groups_of_bmecat_in_a_second_language(take: Take) -> None:
    product = take("catalog.xml", BMECAT)[1]["X-1"]
    assert attributes(product) == {"Farbe": "blau", "Max. Spannung": "18 V"}
    assert product.category == ("Werkzeuge",)
    assert set(product.given) == {
        GivenText("category", "en", "Tools"),
        GivenText("attributes.farbe.name", "en", "Colour"),
        GivenText("attributes.farbe.value", "en", "blue"),
        GivenText("attributes.max-spannung.name", "en", "Max. voltage"),
    }


def test_offers_name_categories_by_id_and_may_have_no_name() -> None:
    sample = Path(__file__).resolve().parents[1] / "data" / "profiles" / "yml.xml"
    report, products = taken(sample)
    kettle = products["501"]
    assert kettle.title == "Чайник электрический Самовар Классика 1,7 л"
    assert kettle.category == ("Бытовая техника", "Чайники")
    assert (kettle.prices[0].currency, kettle.brand, kettle.mpn) == ("RUB", "Самовар", "CH-17")
    assert attributes(products["502"]) == {"Цвет": "белый"}
    assert {"available", "typePrefix"} <= set(report.ignored_columns)


# -- what a reader warns of --


def test_a_warning_of_the_reader_ends_no_product() -> None:
    mapping = Mapping({"id": Target(Field.PRODUCT_ID), "name": Target(Field.TITLE)}, (), (), {})
    warning = RowError(3, None, None, "=A1", "no value", "formula_without_value", refused=False)
    rows: list[Record | RowError] = []
    rows += [Record(2, (("id", "1"), ("name", "Lamp")), "Sheet"), warning, Record(3, (("id", "1"),), "Sheet")]
    with Relations() as relations:
        found = list(Grouper(mapping, relations).groups(rows))
    assert found[0] is warning
    assert isinstance(found[1], Group)
    assert (found[1].head.sheet, len(found[1].joined), len(found)) == ("Sheet", 1, 2)


def test_a_category_that_no_list_explains_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text("<f><item><sku>1</sku><category>5</category></item><item><sku>2</sku><n>x</n></item></f>")
    records = [record.cells for record in open_catalog(path).records() if isinstance(record, Record)]
    assert records == [(("sku", "1"), ("category", "5")), (("sku", "2"), ("n", "x"))]


def test_a_row_in_a_sixteenth_language_is_taken_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "sku,title,description\n"
        "1,Wooden table,A large wooden table for the dining room with four legs.\n"
        "2,Wooden chair,A comfortable chair made of oak for the kitchen.\n"
        "3,Träbord,Ett stort bord av trä för matsalen med fyra ben och lådor.\n"
        "4,Kerti tömlő,Kerti tömlő szórófejjel és fali tartóval kültéri használatra.\n"
        "5,Desk lamp,A lamp for your desk with a dimmer and a long cable.\n",
        "utf-8",
    )
    report = import_catalog(MemoryProductStore(), path, ImportOptions("shop"))
    named = [(one.line, one.reason.split(",")[0]) for one in report.warnings if one.code == "language_outside"]
    assert named == [(4, "the text looks like Swedish"), (5, "the text looks like Hungarian")]
    assert (report.taken, report.doubtful_lang) == (5, 2)
