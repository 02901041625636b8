"""A file -> products in a store, and what is said about everything else."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.errors import UnknownValueError, UsageError
from catalog.importing import import_catalog
from catalog.model import Attribute, GivenText, Price, Product
from catalog.options import ImportOptions
from catalog.report import MOST_LISTED, CatalogReport
from catalog.store import ProductStore
from catalog.taking import Store
from tests.fakes.product_store import MemoryProductStore
from tests.servers.stores import open_store, stores_on

KEYS = [
    *("catalog", "file", "feed", "format", "encoding", "delimiter", "lang", "lang_confidence", "lang_by", "rows"),
    *("taken", "refused", "joined", "products", "created", "updated", "unchanged", "withdrawn", "doubtful_lang"),
    *("profile", "mapping", "confidences", "ignored_columns", "refused_as_a_whole", "said", "export", "corrections"),
    *("errors", "warnings", "samples"),
]
Write = Callable[[str, str], Path]

TOOLS = """Artikelnummer;Bezeichnung;Beschreibung;Marke;Preis;Bestand;EAN;Gewicht (kg)
A1;Schraubendreher mit Wechselklingen;Für Haus und Werkstatt, mit Griff;Fixorit;1.299,00 €;5;4057218008409;0,350
A2;Gummihammer für Fliesenleger;Geeignet für Camping und Garten;Fixorit;19,50 €;12;4057218010600;0,500
A3;Gartenhandschuhe aus Leder;Atmungsaktiv und waschbar;Fixorit;9,90 €;80;;0,120
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return write_file


@pytest.fixture
def store() -> MemoryProductStore:
    return MemoryProductStore()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """All stores must make the same of a file."""
    if request.param == "memory":
        yield MemoryProductStore()
        return
    with stores_on(request.getfixturevalue("postgres") if request.param == "postgresql" else None):
        yield ProductStore(open_store(tmp_path), tmp_path / "uploads")


def take(store: Store, path: Path, **options: object) -> CatalogReport:
    return import_catalog(store, path, ImportOptions("keller", **options))  # type: ignore[arg-type]


def codes(report: CatalogReport) -> list[tuple[int, str | None, str]]:
    return [(warning.line, warning.field, warning.code) for warning in report.warnings]


# -- the report --


def test_a_good_file_is_taken_whole(any_store: Store, write: Write) -> None:
    report = take(any_store, write("tools.csv", TOOLS))
    assert list(report.as_json()) == KEYS
    assert (report.format, report.encoding, report.delimiter) == ("csv", "utf-8", ";")
    assert (report.lang, report.lang_by) == ("de", "detected")
    assert (report.rows, report.taken, report.refused, report.products, report.created) == (3, 3, 0, 3, 3)
    assert (report.errors, report.warnings, report.refused_as_a_whole) == ((), (), None)
    assert report.mapping["Gewicht (kg)"] == "attributes.gewicht"
    json.dumps(report.as_json())


def test_the_product_is_what_the_row_says(store: MemoryProductStore, write: Write) -> None:
    take(store, write("tools.csv", TOOLS), country="DE")
    assert store.products["A1"] == Product(
        supplier="keller",
        sku="A1",
        lang="de",
        title="Schraubendreher mit Wechselklingen",
        description="Für Haus und Werkstatt, mit Griff",
        brand="Fixorit",
        attributes=(Attribute("gewicht", "Gewicht", "0,350 kg"),),
        prices=(Price(Decimal("1299.00"), "EUR"),),
        stock=5,
        gtin="4057218008409",
        country="DE",
    )


def test_the_same_file_again_changes_nothing(any_store: Store, write: Write) -> None:
    path = write("tools.csv", TOOLS)
    take(any_store, path)
    report = take(any_store, path)
    assert (report.products, report.created, report.updated, report.unchanged) == (3, 0, 0, 3)


def test_a_changed_row_is_an_update(any_store: Store, write: Write) -> None:
    take(any_store, write("tools.csv", TOOLS))
    report = take(any_store, write("tools.csv", TOOLS.replace("19,50", "18,50")))
    assert (report.created, report.updated, report.unchanged) == (0, 1, 2)


def test_the_store_keeps_the_report(store: MemoryProductStore, write: Write) -> None:
    report = take(store, write("tools.csv", TOOLS), filename="Preisliste März.csv")
    assert store.state.reports == [report.as_json()]
    assert report.file == "Preisliste März.csv"


# -- what refuses a row, and what does not --

ROWS = """SKU,Title,GTIN,Price,Stock,Link,Image
A1,"Garden hose &amp; reel, 20 m long",1.23E+12,24.90 EUR,in stock,www.foo,x.jpg
A2,<b>Spade</b> for heavy snow,-,free,5,https://a.example/2,https://a.example/2.jpg
A3,Rake with a long wooden handle,4006381333932,-3.00 EUR,-2,,https://a.example/3.jpg
,A row with a number of the world,4006381333931,5.00 EUR,1,,
,Nothing but a title and a price,,5.00 EUR,1,,
A6,,,1.00 EUR,1,,
A1,Another title with the same number,,2.00 EUR,1,,
"""


def test_only_identity_title_and_a_clash_refuse_a_row(any_store: Store, write: Write) -> None:
    report = take(any_store, write("rows.csv", ROWS))
    found = [(error.line, error.sku, error.field, error.code) for error in report.errors]
    assert found == [
        (6, None, "sku", "no_identity"),
        (7, "A6", "title", "no_title"),
        (8, "A1", "sku", "sku_used_twice"),
    ]
    assert "line 2" in report.errors[2].reason
    assert (report.rows, report.taken, report.refused) == (7, 4, 3)


def test_any_other_bad_value_is_left_out_and_said(store: MemoryProductStore, write: Write) -> None:
    report = take(store, write("rows.csv", ROWS))
    assert codes(report) == [
        (2, "image", "image_address"),
        (2, "url", "url_address"),
        (2, "stock", "stock_unreadable"),
        (2, "gtin", "gtin_scientific"),
        (3, "price", "price_unreadable"),
        (4, "price", "price_negative"),
        (4, "stock", "stock_unreadable"),
        (4, "gtin", "gtin_check_digit"),
    ]
    assert all(warning.reason and not warning.refused for warning in report.warnings)
    hose = store.products["A1"]
    assert (hose.title, hose.gtin, hose.stock, hose.url, hose.images) == (
        *("Garden hose & reel, 20 m long", None, None, None),
        (),
    )
    assert store.products["A2"].title == "Spade for heavy snow"


def test_without_a_sku_the_shops_id_the_gtin_or_the_mpn_identify(store: MemoryProductStore, write: Write) -> None:
    text = (
        "ID,SKU,Title,EAN,MPN\n7,,Red wool hat for winter,,\n,,Blue wool scarf,4006381333931,\n,,Green gloves,,GL-9\n"
    )
    report = take(store, write("ids.csv", text))
    assert list(store.products) == ["7", "4006381333931", "GL-9"]
    assert report.refused == 0


def test_a_row_that_repeats_another_is_joined(any_store: Store, write: Write) -> None:
    line = TOOLS.splitlines()[1]
    report = take(any_store, write("twice.csv", f"{TOOLS}{line}\n"))
    assert (report.taken, report.joined, report.products, report.refused) == (4, 1, 3, 0)


def test_a_number_that_several_products_carry_identifies_none(store: MemoryProductStore, write: Write) -> None:
    text = TOOLS.replace("9,90 €;80;;", "9,90 €;80;4057218010600;")
    report = take(store, write("shared.csv", text))
    assert codes(report) == [(3, "gtin", "gtin_shared"), (4, "gtin", "gtin_shared")]
    assert [product.gtin for product in store.products.values()] == ["4057218008409", None, None]


def test_the_same_product_twice_keeps_its_number(store: MemoryProductStore, write: Write) -> None:
    line = TOOLS.splitlines()[1]
    take(store, write("twice.csv", f"{TOOLS}{line}\n"))
    assert store.products["A1"].gtin == "4057218008409"


def test_a_price_without_a_currency_is_kept_and_said_once(store: MemoryProductStore, write: Write) -> None:
    path = write("tools.csv", TOOLS.replace(" €", ""))
    report = take(store, path)
    assert codes(report) == [(1, "currency", "no_currency")]
    assert store.products["A2"].prices == (Price(Decimal("19.50"), None),)
    take(store, path, currency="CHF")
    assert store.products["A2"].prices == (Price(Decimal("19.50"), "CHF"),)


def test_a_column_of_prices_decides_what_one_price_leaves_open(store: MemoryProductStore, write: Write) -> None:
    text = "sku;name;price\nA;Hammer drill with a case;1,299\nB;Cordless screwdriver set;24,90\n"
    take(store, write("prices.csv", text), currency="EUR")
    assert store.products["A"].prices[0].amount == Decimal("1.299")
    ambiguous = take(store, write("prices.csv", text.replace("24,90", "2,490")), lang="de")
    assert codes(ambiguous) == [(2, "price", "price_ambiguous"), (3, "price", "price_ambiguous")]


def test_warnings_beyond_the_limit_are_counted(store: MemoryProductStore, write: Write) -> None:
    rows = "".join(f"S{number};Gummihammer für Fliesenleger;oft\n" for number in range(MOST_LISTED + 500))
    text = f"Artikelnummer;Bezeichnung;Preis\nS-1;Schraubendreher;9,90 €\n{rows}"
    report = take(store, write("many.csv", text))
    assert len(report.warnings) == MOST_LISTED
    assert report.warnings[-1].code == "more_warnings"
    assert report.warnings[-1].reason.startswith("501 more")


# -- options --


def test_strict_refuses_the_file_for_one_row(store: MemoryProductStore, write: Write) -> None:
    report = take(store, write("rows.csv", ROWS), strict=True)
    assert report.refused_as_a_whole is not None
    assert (report.rows, report.taken, report.refused, len(report.errors)) == (7, 0, 7, 3)
    assert store.products == {}


def test_a_dry_run_shows_five_products_and_writes_nothing(any_store: Store, write: Write) -> None:
    path = write("tools.csv", TOOLS)
    report = take(any_store, path, dry_run=True)
    assert (report.catalog, report.taken, report.created) == (None, 3, 3)
    assert [product.sku for product in report.samples] == ["A1", "A2", "A3"]
    assert report.as_json()["samples"][0]["prices"] == [{"amount": "1299.00", "currency": "EUR"}]
    assert take(any_store, path).created == 3


def test_a_file_of_which_nothing_is_taken_leaves_no_trace(store: MemoryProductStore, write: Write) -> None:
    report = take(store, write("none.csv", "SKU,Title,Price\nA1,,5\nA2,,6\n"))
    assert (report.catalog, report.taken, report.refused) == (None, 0, 2)
    assert report.refused_as_a_whole is not None
    assert store.state.reports == []


def test_an_unreadable_file_is_refused_as_a_whole(store: MemoryProductStore, tmp_path: Path) -> None:
    report = take(store, tmp_path / "absent.csv")
    assert report.refused_as_a_whole is not None
    assert list(report.as_json()) == KEYS


def test_replace_withdraws_what_is_missing(any_store: Store, write: Write) -> None:
    lines = [f"R{number};Gummihammer Größe {number} für Fliesenleger;9,90 €\n" for number in range(10)]
    header = "Artikelnummer;Bezeichnung;Preis\n"
    take(any_store, write("feed.csv", header + "".join(lines)))
    assert take(any_store, write("feed.csv", header + "".join(lines[:9]))).withdrawn == 0
    assert take(any_store, write("feed.csv", header + "".join(lines[:9])), replace=True).withdrawn == 1
    few = write("feed.csv", header + "".join(lines[:3]))
    refused = take(any_store, few, replace=True)
    assert refused.refused_as_a_whole is not None
    assert "--force" in refused.refused_as_a_whole
    assert take(any_store, few, replace=True, force=True).withdrawn == 6


@pytest.mark.parametrize(
    "options",
    [
        {"lang": "sv"},
        {"currency": "euro"},
        {"currency": "XXQ"},
        {"country": "Germany"},
        {"feed": ""},
        {"force": True},
    ],
)
def test_a_wrong_option_is_refused_at_once(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ImportOptions("keller", **options)  # type: ignore[arg-type]


def test_a_wrong_currency_names_the_right_ones() -> None:
    with pytest.raises(UnknownValueError, match="EUR"):
        ImportOptions("keller", currency="EURO")


# -- mapping by hand --


def test_a_mapping_by_hand_is_remembered_for_the_same_header(any_store: Store, write: Write) -> None:
    mapping = write("map.toml", '[columns]\n"Marke" = "ignored"\n[constants]\nbrand = "Eigenmarke"\n')
    path = write("tools.csv", TOOLS)
    first = take(any_store, path, mapping=mapping)
    assert "Marke" in first.ignored_columns
    again = take(any_store, write("april.csv", TOOLS.replace("19,50", "21,00")))
    assert "Marke" in again.ignored_columns
    assert again.updated == 1
    other = take(any_store, write("other.csv", TOOLS.replace("Bestand", "Lager")))
    assert other.mapping["Marke"] == "brand"


def test_a_dry_run_does_not_remember_the_mapping(store: MemoryProductStore, write: Write) -> None:
    mapping = write("map.toml", '[columns]\n"Marke" = "ignored"\n')
    take(store, write("tools.csv", TOOLS), mapping=mapping, dry_run=True)
    assert store.mappings == {}


# -- languages --


def test_texts_in_other_languages_are_given_texts(store: MemoryProductStore, write: Write) -> None:
    text = (
        "sku,name_de,name_en,description_de,description_en,farbe_de,farbe_en\n"
        "X1,Gartenschere mit Feder,Garden shears with spring,Für Hecken und Rosen,For hedges and roses,rot,red\n"
    )
    take(store, write("two.csv", text))
    product = store.products["X1"]
    assert (product.lang, product.title) == ("de", "Gartenschere mit Feder")
    assert product.attributes == (Attribute("farbe", "farbe", "rot"),)
    assert set(product.given) == {
        GivenText("title", "en", "Garden shears with spring"),
        GivenText("description", "en", "For hedges and roses"),
        GivenText("attributes.farbe.value", "en", "red"),
    }


def test_a_row_that_has_only_another_title_is_in_that_language(store: MemoryProductStore, write: Write) -> None:
    text = "sku,name_de,name_en\nX1,Gartenschere,Garden shears\nX2,Rosenschere,\nX3,,Hedge trimmer\n"
    report = take(store, write("two.csv", text))
    assert [(product.lang, product.title) for product in store.products.values()] == [
        ("de", "Gartenschere"),
        ("de", "Rosenschere"),
        ("en", "Hedge trimmer"),
    ]
    assert report.refused == 0


def test_a_row_clearly_in_another_language_gets_its_own(store: MemoryProductStore, write: Write) -> None:
    english = (
        "A9;Cordless drill with two batteries;"
        "Powerful motor for wood and metal, comes with a sturdy case;Fixorit;99,00 €;1;;2,0\n"
    )
    report = take(store, write("tools.csv", TOOLS + english))
    assert report.lang == "de"
    assert [product.lang for product in store.products.values()] == ["de", "de", "de", "en"]
    assert report.doubtful_lang == 1


def test_a_language_outside_the_fifteen_is_named(store: MemoryProductStore, write: Write) -> None:
    titles = [
        "Skruvmejsel med utbytbara bits och handtag",
        "Hammare med gummihandtag för hemmet",
        "Handskar för trädgården i stor storlek",
        "Borrmaskin med laddare och två batterier",
        "Stege av aluminium med tre steg",
    ]
    text = "sku;name\n" + "".join(f"S{number};{title}\n" for number, title in enumerate(titles))
    report = take(store, write("swedish.csv", text))
    assert report.refused_as_a_whole is not None
    assert "Swedish" in report.refused_as_a_whole
    assert "--lang" in report.refused_as_a_whole
    assert take(store, write("swedish.csv", text), lang="de").taken == 5


def test_an_unsure_language_is_said(store: MemoryProductStore, write: Write) -> None:
    report = take(store, write("short.csv", "sku,name,price\nA,Canon IXUS,5 EUR\n"))
    assert (report.taken, [warning.code for warning in report.warnings]) == (1, ["language_unsure"])
    assert take(store, write("short.csv", "sku,name,price\nA,Canon IXUS,5 EUR\n"), lang="en").warnings == ()


def test_a_catalog_without_words_asks_for_its_language(store: MemoryProductStore, write: Write) -> None:
    text = "sku,name,price\nA,M8x40,5 EUR\nB,M10-60,6 EUR\n"
    report = take(store, write("codes.csv", text))
    assert "--lang" in str(report.refused_as_a_whole)
    assert take(store, write("codes.csv", text), lang="de").taken == 2


def test_the_header_helps_where_the_texts_say_little(store: MemoryProductStore, write: Write) -> None:
    text = "Artikelnummer;Bezeichnung;Preis;Währung\nA;M8x40 V2A;5,20;EUR\nB;M10-60;6,20;EUR\n"
    assert take(store, write("codes.csv", text)).lang == "de"


def test_a_column_may_name_the_language_of_each_row(store: MemoryProductStore, write: Write) -> None:
    text = "sku,locale,name\nA,de_DE,Gartenschere mit Feder\nB,fr_FR,Ours en peluche lavable\n"
    take(store, write("locale.csv", text))
    assert [product.lang for product in store.products.values()] == ["de", "fr"]


# -- variants, pairs, nested records --


def test_variants_name_their_parent_wherever_it_stands(store: MemoryProductStore, write: Write) -> None:
    text = (
        "sku,name,configurable_variations\n"
        "H-S,Hooded jacket small,\nH-M,Hooded jacket medium,\n"
        'H,Hooded jacket,"sku=H-S,size=S|sku=H-M,size=M"\n'
    )
    take(store, write("variants.csv", text))
    assert [(product.sku, product.parent) for product in store.products.values()] == [
        ("H-S", "H"),
        ("H-M", "H"),
        ("H", None),
    ]


def test_attributes_come_from_pairs_and_lists_too(store: MemoryProductStore, write: Write) -> None:
    text = (
        "sku,name,Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s),additional_attributes\n"
        'P1,Warm hooded jacket,Color,"Red, Blue",Brand,Acme,"has_options=0,size=XS,material=Wool|Silk"\n'
    )
    take(store, write("pairs.csv", text))
    product = store.products["P1"]
    assert [(attribute.name, attribute.value) for attribute in product.attributes] == [
        ("Color", "Red, Blue"),
        ("size", "XS"),
        ("material", "Wool, Silk"),
    ]
    assert product.brand == "Acme"


def test_a_nested_record_becomes_one_product(store: MemoryProductStore, write: Write) -> None:
    record = {
        "id": "N1",
        "name": "Garden shears with a leather grip",
        "category": ["Garden", "Tools"],
        "price": {"amount": 12.5, "currency": "GBP"},
        "specs": {"weight": {"value": 350, "unit": "g"}, "size": {"width": 5, "height": 20, "unit": "cm"}},
        "images": ["https://a.example/1.jpg", "https://a.example/2.jpg"],
        "keywords": "shears, garden; roses",
    }
    take(store, write("nested.json", json.dumps([record])))
    product = store.products["N1"]
    assert product.category == ("Garden", "Tools")
    assert product.prices == (Price(Decimal("12.5"), "GBP"),)
    assert [(attribute.name, attribute.value) for attribute in product.attributes] == [
        ("weight", "350 g"),
        ("size width", "5 cm"),
        ("size height", "20 cm"),
    ]
    assert product.images == ("https://a.example/1.jpg", "https://a.example/2.jpg")
    assert product.keywords == ("shears", "garden", "roses")


@pytest.mark.parametrize(
    ("cells", "path"),
    [
        (["Werkzeug > Hämmer", "Werkzeug > Sägen"], ("Werkzeug", "Hämmer")),
        (["Werkzeug / Hämmer", "Garten / Scheren"], ("Werkzeug", "Hämmer")),
        (["Default Category/Men/Tops,Default Category/Sale,Default Category", "Default Category/Men"], ("Men", "Tops")),
        (["토너/스킨", "크림"], ("토너/스킨",)),
        (["Kitchen, Bath > Towels", "Kitchen, Bath > Soap"], ("Kitchen, Bath", "Towels")),
        (["webcams,cameras_sales,logitech", "webcams"], ("webcams",)),
        (["digital-cameras", "smartphones"], ("digital cameras",)),
    ],
)
def test_a_category_is_a_path(store: MemoryProductStore, write: Write, cells: list[str], path: tuple[str, ...]) -> None:
    rows = "".join(f'C{number};Hammer with a handle {number};"{cell}"\n' for number, cell in enumerate(cells))
    take(store, write("categories.csv", f"sku;name;category\n{rows}"), lang="en")
    assert store.products["C0"].category == path


def test_levels_may_stand_in_columns_of_their_own(store: MemoryProductStore, write: Write) -> None:
    text = "Art.-Nr.;Bezeichnung;Kategorie;Unterkategorie\nK1;Gummihammer für Fliesenleger;Werkzeug;Hämmer\n"
    take(store, write("levels.csv", text))
    assert store.products["K1"].category == ("Werkzeug", "Hämmer")


def test_short_and_long_descriptions_are_blocks_of_one(store: MemoryProductStore, write: Write) -> None:
    text = (
        "sku,name,short_description,description\n"
        "D1,Garden shears,For hedges,<p>Sharp <b>blades</b></p><ul><li>steel</li></ul>\n"
        "D2,Garden hose,Long and strong,Long and strong hose of 20 m\n"
    )
    take(store, write("texts.csv", text), lang="en")
    assert store.products["D1"].description == "<p>For hedges</p><p>Sharp <b>blades</b></p><ul><li>steel</li></ul>"
    assert store.products["D2"].description == "Long and strong hose of 20 m"


def test_a_row_in_a_sixteenth_language_is_said(store: MemoryProductStore, write: Write) -> None:
    text = "sku,locale,name\nA,de_DE,Gartenschere mit Feder\nB,sv_SE,Gartenhandschuhe aus Leder\n"
    report = take(store, write("locale.csv", text))
    assert (3, "lang", "language_unknown") in codes(report)
    assert store.products["B"].lang == "de"


def test_a_row_that_continues_a_refused_one_is_refused_with_it(store: MemoryProductStore, write: Write) -> None:
    text = (
        "Handle,Title,Variant SKU,Image Src\n"
        "mug,,M-1,https://a.example/1.jpg\nmug,,,https://a.example/2.jpg\n"
        "hat,Warm hat made of wool,H-1,\nmug,,M-2,\n"
    )
    report = take(store, write("handles.csv", text), lang="en")
    assert [(error.line, error.code) for error in report.errors] == [(2, "no_title"), (3, "no_title"), (5, "no_title")]
    assert "line 2" in report.errors[1].reason
    assert "right before it" in report.errors[2].reason
    assert (report.rows, report.taken, report.refused) == (4, 1, 3)


def test_views_are_joined_wherever_they_stand(store: MemoryProductStore, write: Write) -> None:
    text = (
        "sku,store_view_code,name\n"
        "A,fr,Sécateur de jardin avec ressort\nB,,Leather gloves for the garden\n"
        "A,,Garden shears with a spring\nB,german,Gartenhandschuhe aus Leder\n"
    )
    report = take(store, write("views.csv", text))
    assert (report.lang, report.taken, report.joined, report.products) == ("en", 4, 2, 2)
    assert store.products["A"].title == "Garden shears with a spring"
    assert store.products["A"].given == (GivenText("title", "fr", "Sécateur de jardin avec ressort"),)
    assert store.products["B"].given == (GivenText("title", "de", "Gartenhandschuhe aus Leder"),)
