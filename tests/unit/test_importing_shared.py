"""Real files that nobody here wrote: what a careful person would take of each, and why not the rest.

The counts were derived by reading the files. Files that no reader takes yet are expected to be refused with a reason.
"""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from catalog.columns.header_rows import with_own_names
from catalog.columns.profiles import recognise
from catalog.importing import import_catalog
from catalog.model import Price, PriceTier, Product
from catalog.options import ImportOptions
from catalog.readers import open_catalog
from catalog.report import CatalogReport
from tests.fakes.product_store import MemoryProductStore

pytestmark = pytest.mark.shared


class Expected(NamedTuple):
    file: str
    encoding: str | None
    delimiter: str | None
    lang: str
    rows: int
    refused: int
    prices: int
    gtins: int
    brands: int
    categories: int
    images: int
    parents: int
    given: int


EXPECTED = [
    # 26 products; 23 have a price (the configurable, the grouped and the bundle have none); images are file names;
    # four variants name CP-001.
    Expected("en_bagisto.csv", "utf-8", ",", "en", 26, 0, 23, 0, 0, 26, 0, 4, 0),
    Expected("en_bagisto.xlsx", None, None, "en", 26, 0, 23, 0, 0, 26, 0, 4, 0),
    Expected("en_bagisto.xml", "utf-8", None, "en", 26, 0, 23, 0, 0, 26, 0, 4, 0),
    # 30 products have an attribute "upcs": 12 of them share three numbers, 4 have lost a leading zero, 14 are good.
    # Every product has its German title beside the English one; urls are paths.
    Expected("en_de_spryker_b2c.csv", "utf-8", ",", "en", 215, 0, 0, 14, 214, 215, 0, 0, 215),
    # 147 configurable products list their 1,847 variants; images are paths.
    Expected("en_magento_configurable.csv", "utf-8", ",", "en", 1994, 0, 1994, 0, 0, 1994, 0, 1847, 0),
    # The one EAN of all rows has a wrong check digit.
    Expected("en_prestashop_import.csv", "utf-8", ";", "en", 7, 0, 7, 0, 7, 7, 7, 0, 0),
    # Two variable products and a grouped one have no price; nine variations name their parent and are in its category.
    Expected("en_woocommerce_sample.csv", "utf-8", ",", "en", 24, 0, 21, 0, 0, 24, 24, 9, 0),
    # Pictures are paths; five tablets have a German description.
    Expected("icecat_tablets.csv", "utf-8", ";", "en", 25, 0, 25, 0, 25, 25, 0, 0, 5),
    # 477 of 487 have a price.
    Expected("icecat_webcams.csv", "utf-8", ";", "en", 487, 0, 477, 0, 487, 487, 0, 0, 257),
    # The first ten rows have neither an article number nor a product id nor any other number: nothing identifies them.
    # Nine dinner forks share one product id: the first is the product, eight are its variants.
    Expected("ja_eccube_template_sjis.csv", "cp932", ",", "ja", 20, 10, 10, 0, 0, 0, 0, 8, 0),
    # Brand, maker, origin and category are codes of the shop; 152 have an English name.
    Expected("ko_cafe24_export.csv", "utf-8-sig", ",", "ko", 171, 0, 171, 0, 0, 0, 0, 0, 152),
    # Brand and category are ids of the shop.
    Expected("zh_litemall_goods.gbk.csv", "gb18030", ",", "zh", 239, 0, 239, 0, 0, 0, 239, 0, 0),
]


@pytest.fixture(scope="module")
def catalogs(shared_data: Path) -> Path:
    return shared_data / "catalogs"


@cache
def taken(path: Path) -> tuple[CatalogReport, dict[str, Product]]:
    store = MemoryProductStore()
    report = import_catalog(store, path, ImportOptions("shop"))
    return report, store.products


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected.file)
def test_a_real_file_gives_what_a_careful_person_would_take(expected: Expected, catalogs: Path) -> None:
    report, products = taken(catalogs / expected.file)
    assert report.refused_as_a_whole is None
    assert (report.encoding, report.delimiter, report.lang) == expected[1:4]
    assert (report.rows, report.refused, len(products)) == (
        expected.rows,
        expected.refused,
        expected.rows - expected.refused,
    )
    listed = list(products.values())
    found = (
        sum(bool(product.prices) for product in listed),
        sum(product.gtin is not None for product in listed),
        sum(bool(product.brand) for product in listed),
        sum(bool(product.category) for product in listed),
        sum(bool(product.images) for product in listed),
        sum(product.parent is not None for product in listed),
        sum(bool(product.given) for product in listed),
    )
    assert found == expected[6:]
    assert {product.lang for product in listed} == {expected.lang}
    for product in listed:
        assert "<" not in product.title
        assert "&amp;" not in product.title
        assert "<script" not in product.description
        assert "class=" not in product.description
        assert all("<" not in attribute.value for attribute in product.attributes)


def test_every_readable_file_is_expected(catalogs: Path) -> None:
    files = {path.name for path in catalogs.iterdir() if path.suffix in (".csv", ".xlsx", ".xml")}
    assert files == {expected.file for expected in EXPECTED}


def test_rows_without_any_number_are_refused_for_that(catalogs: Path) -> None:
    report, products = taken(catalogs / "ja_eccube_template_sjis.csv")
    assert [(error.line, error.code) for error in report.errors] == [(line, "no_identity") for line in range(2, 12)]
    fork = products["fork-01-new"]
    assert (fork.title, fork.prices) == ("ディナーフォーク", (Price(Decimal(110000), None),))


def test_three_formats_of_one_catalog_say_the_same(catalogs: Path) -> None:
    csv, xlsx, xml = (taken(catalogs / f"en_bagisto.{name}")[1] for name in ("csv", "xlsx", "xml"))
    assert csv == xml
    assert {sku: product.title for sku, product in xlsx.items()} == {sku: p.title for sku, p in csv.items()}
    assert {sku: product.prices for sku, product in xlsx.items()} == {sku: p.prices for sku, p in csv.items()}


def test_magento_variants_find_their_147_parents(catalogs: Path) -> None:
    products = taken(catalogs / "en_magento_configurable.csv")[1]
    parents = {product.parent for product in products.values() if product.parent}
    assert len(parents) == 147
    assert parents <= set(products)
    hoodie = products["MH01-XS-Black"]
    assert (hoodie.parent, hoodie.title) == ("MH01", "Chaz Kangeroo Hoodie-XS-Black")
    assert hoodie.category == ("Men", "Tops", "Hoodies & Sweatshirts")
    own, inherited = hoodie.attributes[:3], hoodie.attributes[3:]
    assert [(attribute.name, attribute.value) for attribute in own] == [
        ("weight", "1"),
        ("size", "XS"),
        ("color", "Black"),
    ]
    assert set(inherited) <= set(products["MH01"].attributes)
    assert "material" in {attribute.key for attribute in inherited}
    assert hoodie.description.startswith("<p>Ideal for cold-weather training or work outdoors")


PROFILES = {
    "en_bagisto.csv": "bagisto",
    "en_bagisto.xlsx": "bagisto",
    "en_bagisto.xml": "bagisto",
    "en_de_spryker_b2c.csv": "spryker",
    "en_magento_configurable.csv": "magento2",
    "en_prestashop_import.csv": "prestashop",
    "en_woocommerce_sample.csv": "woocommerce",
    "icecat_tablets.csv": "akeneo",
    "icecat_webcams.csv": "akeneo",
    "ja_eccube_template_sjis.csv": "eccube",
    "ko_cafe24_export.csv": "cafe24",
    "zh_litemall_goods.gbk.csv": None,
}


@pytest.mark.parametrize(("file", "profile"), PROFILES.items())
def test_real_headers_are_signed_by_their_source(file: str, profile: str | None, catalogs: Path) -> None:
    recognised = recognise(with_own_names(open_catalog(catalogs / file)).shape().columns)
    assert (recognised.profile.key if recognised else None) == profile


def test_magento_variants_know_what_tells_them_apart(catalogs: Path) -> None:
    products = taken(catalogs / "en_magento_configurable.csv")[1]
    variants = [product for product in products.values() if product.parent]
    assert {len(product.options) for product in variants} <= {1, 2}
    assert [(option.name, option.value) for option in products["MH01-XS-Black"].options] == [
        ("size", "XS"),
        ("color", "Black"),
    ]
    assert sum(product.parent is None for product in products.values()) == 147


@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        ("zh_litemall_goods.gbk.csv", "gb18030"),
        ("ja_eccube_template_sjis.csv", "cp932"),
        ("ko_cafe24_export.csv", "utf-8-sig"),
    ],
)
def test_titles_of_east_asia_are_the_file_s_own_bytes(file: str, encoding: str, catalogs: Path) -> None:
    text = (catalogs / file).read_bytes().decode(encoding)
    # Runs of spaces become one; no other character may differ.
    text = re.sub(r"[ \t\u00a0]+", " ", text)
    for product in taken(catalogs / file)[1].values():
        assert product.title in text


def test_bagisto_prices_of_quantities_are_kept(catalogs: Path) -> None:
    report, products = taken(catalogs / "en_bagisto.csv")
    assert products["SP-001"].price_tiers == (PriceTier(2, Decimal(12), None),)
    assert [warning.value for warning in report.warnings if warning.code == "price_tier_unreadable"] == [
        "group=all,qty=3,type=discount,price=50"
    ]


def test_icecat_prices_come_in_two_currencies(catalogs: Path) -> None:
    products = taken(catalogs / "icecat_tablets.csv")[1]
    assert products["10433706"].prices == (Price(Decimal("29.56"), "EUR"), Price(Decimal(662), "USD"))
    assert products["10433706"].title == "Toshiba AT100 AT100-100"
    assert "\\n" not in "".join(product.description for product in products.values())


def test_spryker_brands_and_numbers_come_out_of_attributes(catalogs: Path) -> None:
    report, products = taken(catalogs / "en_de_spryker_b2c.csv")
    camera = products["001"]
    assert (camera.brand, camera.gtin, camera.category) == ("Canon", "013803252910", ("digital cameras",))
    assert ("megapixel", "20 MP") in [(attribute.name, attribute.value) for attribute in camera.attributes]
    assert {(given.field, given.lang) for given in camera.given} == {("title", "de"), ("description", "de")}
    codes = [warning.code for warning in report.warnings if warning.field == "gtin"]
    assert (codes.count("gtin_shared"), codes.count("gtin_length")) == (12, 4)


def test_prestashop_warns_of_its_one_wrong_ean(catalogs: Path) -> None:
    report, products = taken(catalogs / "en_prestashop_import.csv")
    assert [warning.code for warning in report.warnings if warning.field == "gtin"] == ["gtin_check_digit"] * 7
    ipod = products["RP-demo_1"]
    assert (ipod.title, ipod.brand, ipod.stock, ipod.minimum_order) == ("iPod Nano", "Apple", 160, 1)
    assert ipod.keywords == ("apple", "ipod", "nano")


def test_korean_titles_keep_their_tags_and_costs_stay_private(catalogs: Path) -> None:
    report, products = taken(catalogs / "ko_cafe24_export.csv")
    squid = products["P00000JT"]
    assert squid.title == "[인생]페스츄리오징어150g"
    assert squid.prices == (Price(Decimal("6300.00"), None),)
    assert {"공급가", "브랜드", "상품결제안내"} <= set(report.ignored_columns)
    assert {warning.field for warning in report.warnings if warning.code == "codes_not_names"} == {
        "브랜드",
        "제조사",
        "원산지",
    }


def test_chinese_titles_are_not_altered(catalogs: Path) -> None:
    text = (catalogs / "zh_litemall_goods.gbk.csv").read_bytes().decode("gb18030")
    products = taken(catalogs / "zh_litemall_goods.gbk.csv")[1]
    assert all(product.title in text for product in products.values())
    assert products["1006002"].title == "轻奢纯棉刺绣水洗四件套"
    assert products["1006002"].prices == (Price(Decimal("899.00"), None),)
    assert all(image.startswith("http://yanxuan") for image in products["1006002"].images)


def test_what_no_reader_takes_yet_says_what_to_send(catalogs: Path) -> None:
    report, products = taken(catalogs / "en_bagisto.xls")
    assert products == {} or len(products) == 26
    assert products or "XLSX" in str(report.refused_as_a_whole)
