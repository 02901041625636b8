"""Known sources: recognised by their header, read by their own rules, rows that continue a product joined."""

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from catalog.columns.fields import Field
from catalog.columns.profiles import profiles, recognise
from catalog.importing import import_catalog
from catalog.model import Attribute, GivenText, Price, PriceTier, Product
from catalog.options import ImportOptions
from catalog.report import CatalogReport
from tests.fakes.product_store import MemoryProductStore

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "profiles"


class Expected(NamedTuple):
    file: str
    profile: str | None
    lang: str
    rows: int
    refused: int
    joined: int
    parents: dict[str, str]


EXPECTED = [
    Expected("shopify.csv", "shopify", "en", 6, 0, 2, {"AP-L-OC": "AP-S-OC"}),
    Expected("shopify_2025.csv", "shopify", "en", 2, 0, 0, {"LAMP-UK": "LAMP-EU"}),
    Expected("woocommerce.csv", "woocommerce", "en", 5, 1, 0, {"BL-RED": "501", "BL-BLUE": "501"}),
    Expected("magento2.csv", "magento2", "en", 6, 0, 3, {"LMP-S": "LMP", "LMP-L": "LMP"}),
    Expected("magento1.csv", "magento1", "en", 4, 0, 2, {"VAS-R": "VAS"}),
    Expected("prestashop.csv", "prestashop", "fr", 2, 0, 0, {}),
    Expected("opencart.csv", "opencart", "en", 2, 0, 0, {}),
    Expected("google_merchant.tsv", "google_merchant", "en", 2, 0, 0, {"R-S": "R", "R-M": "R"}),
    Expected("google_merchant.xml", "google_merchant", "en", 2, 0, 0, {"R-S": "R", "R-M": "R"}),
    Expected("amazon.txt", "amazon", "en", 3, 0, 0, {"BAG-BLK": "BAG", "BAG-TAN": "BAG"}),
    Expected("cafe24.csv", "cafe24", "ko", 2, 0, 0, {}),
    Expected("eccube.csv", "eccube", "ja", 3, 0, 0, {"kyusu-b": "kyusu-r"}),
    Expected("taobao.csv", "taobao", "zh", 2, 0, 0, {}),
    Expected("odoo.csv", "odoo", "en", 3, 0, 1, {}),
    Expected("akeneo.csv", "akeneo", "en", 2, 0, 0, {}),
    Expected("spryker.csv", "spryker", "en", 1, 0, 0, {}),
    Expected("spryker_concrete.csv", "spryker_concrete", "en", 2, 0, 0, {"101_1": "101", "101_2": "101"}),
    Expected("bagisto.csv", "bagisto", "en", 4, 0, 1, {"TENT-G": "TENT", "TENT-O": "TENT"}),
    Expected("icecat.csv", "icecat", "en", 2, 1, 0, {}),
    Expected("bmecat.xml", "bmecat", "de", 1, 0, 0, {}),
    Expected("yml.xml", "yml", "ru", 2, 0, 0, {}),
    Expected("nested_variants.json", None, "en", 3, 0, 0, {"MUG-R": "MUG", "MUG-B": "MUG"}),
]


def taken(name: str) -> tuple[CatalogReport, dict[str, Product]]:
    store = MemoryProductStore()
    return import_catalog(store, SAMPLES / name, ImportOptions("shop")), store.products


def options(product: Product) -> dict[str, str]:
    return {option.name: option.value for option in product.options}


def given(product: Product) -> dict[tuple[str, str], str]:
    return {(text.field, text.lang): text.text for text in product.given}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected.file)
def test_a_source_is_recognised_and_read_by_its_rules(expected: Expected) -> None:
    report, products = taken(expected.file)
    assert (report.profile["key"] if report.profile else None) == expected.profile
    assert report.profile is None or report.profile["confidence"] >= 0.7
    assert (report.lang, report.rows, report.refused, report.joined) == expected[2:6]
    assert {product.sku: product.parent for product in products.values() if product.parent} == expected.parents
    assert {product.lang for product in products.values()} == {expected.lang}
    assert report.rows == report.taken + report.refused
    assert all(product.title for product in products.values())
    assert set(report.confidences) == set(report.mapping)


def test_every_profile_has_a_sample() -> None:
    assert {expected.profile for expected in EXPECTED} - {None} == {profile.key for profile in profiles()}
    assert {path.name for path in SAMPLES.iterdir()} == {expected.file for expected in EXPECTED}


def test_profiles_name_only_fields_that_there_are() -> None:
    for profile in profiles():
        for field in profile.columns.values():
            assert field.startswith("attributes.") or field in set(Field)


def test_a_header_without_a_signature_is_nobody_s() -> None:
    assert recognise(["sku", "name", "price", "stock"]) is None
    assert recognise(["Handle", "Title", "Vendor"]) is None


def test_what_is_typical_makes_it_surer() -> None:
    bare = recognise(["Handle", "Title", "Option1 Name", "Option1 Value"])
    full = recognise(["Handle", "Title", "Option1 Name", "Option1 Value", "Vendor", "Variant SKU", "Image Src"])
    assert bare is not None
    assert full is not None
    assert 0.5 < bare.confidence < full.confidence < 1


def test_shopify_rows_go_on_with_their_product() -> None:
    products = taken("shopify.csv")[1]
    apron, long, towel = products["AP-S-OC"], products["AP-L-OC"], products["tea-towel"]
    assert apron.images == tuple(f"https://img.example/apron-{name}.jpg" for name in ("1", "2", "3", "s"))
    assert (options(apron), options(long)) == (
        {"Size": "Short", "Colour": "Ochre"},
        {"Size": "Long", "Colour": "Ochre"},
    )
    assert (long.title, long.brand, long.category, long.stock) == ("Linen Apron", "Hearthmade", apron.category, 4)
    assert (long.description, long.images) == (apron.description, ("https://img.example/apron-l.jpg",))
    assert towel.attributes == (Attribute("colour", "Colour", "White, Grey"),)
    assert products["BOARD-1"].attributes == ()


def test_a_price_of_a_variant_without_a_number_is_said_to_be_left_out() -> None:
    report = taken("shopify.csv")[0]
    assert [(warning.line, warning.sku) for warning in report.warnings if warning.code == "variant_price"] == [
        (7, "tea-towel")
    ]


def test_woocommerce_parents_are_found_by_id() -> None:
    report, products = taken("woocommerce.csv")
    red = products["BL-RED"]
    assert (red.title, red.category, options(red)) == ("Wool Blanket", ("Blankets",), {"Colour": "Red"})
    assert "Scottish" in red.description
    assert products["BL-BLUE"].title == "Wool Blanket in Blue"
    assert [(error.line, error.code) for error in report.errors] == [(6, "no_title")]
    assert "parent" in report.errors[0].reason
    assert [warning.code for warning in report.warnings if warning.line == 6] == ["parent_unknown"]


def test_magento_store_views_are_translations_that_the_supplier_gave() -> None:
    products = taken("magento2.csv")[1]
    lamp = given(products["LMP"])
    assert lamp["title", "de"] == "Papierlampe"
    assert lamp["title", "fr"] == "Lampe en papier"
    assert lamp["description", "de"].startswith("Eine Lampe aus gefaltetem Papier")
    assert lamp["attributes.material.value", "de"] == "Papier"
    assert ("description", "en") not in lamp
    # The view "outlet" names no language: its text does; and it wins over what the parent hands down.
    assert given(products["LMP-S"])["description", "de"].startswith("Eine kleine Lampe")


def test_magento_variants_inherit_from_a_parent_behind_them() -> None:
    small = taken("magento2.csv")[1]["LMP-S"]
    assert small.description == "A lamp of folded paper for warm light in the evening."
    assert options(small) == {"size": "Small"}


def test_magento_1_rows_without_a_number_continue() -> None:
    vase = taken("magento1.csv")[1]["VAS-R"]
    assert vase.images == ("https://img.example/vase-r.jpg", "https://img.example/vase-r2.jpg")
    assert given(vase)["title", "de"] == "Rote Glasvase"
    assert vase.price_tiers == (PriceTier(10, Decimal("17.50"), None), PriceTier(50, Decimal("15.00"), None))
    assert vase.minimum_order == 2


def test_odoo_rows_with_more_attributes_continue() -> None:
    desk = taken("odoo.csv")[1]["DESK-7"]
    assert [attribute.name for attribute in desk.attributes] == ["Legs", "Colour"]
    assert desk.category == ("Office Furniture",)


def test_amazon_s_third_header_row_names_the_columns() -> None:
    report, products = taken("amazon.txt")
    black = products["BAG-BLK"]
    assert report.mapping["external_product_id"] == "gtin"
    assert black.bullets == ("Room for three days", "Washable canvas")
    assert (black.gtin, options(black)) == ("4057218008409", {"color": "Black"})
    assert black.description == "A bag for short journeys by train."


def test_taobao_s_chinese_header_row_names_the_columns() -> None:
    cup = taken("taobao.csv")[1]["TB-001"]
    assert (cup.title, cup.stock, cup.prices) == ("景德镇手绘青花茶杯", 120, (Price(Decimal("68.00"), None),))


def test_cafe24_choices_are_attributes() -> None:
    mug = taken("cafe24.csv")[1]["P0000AAB"]
    assert [(attribute.name, attribute.value) for attribute in mug.attributes] == [
        ("색상", "하양, 파랑"),
        ("크기", "소, 대"),
    ]
    assert given(mug) == {("title", "en"): "Ceramic mug 350ml"}


def test_opencart_languages_stand_in_brackets() -> None:
    chair = taken("opencart.csv")[1]["GC-61"]
    assert (chair.title, chair.minimum_order, chair.mpn) == ("Folding Garden Chair", 2, "Chair-61")
    assert given(chair)["title", "de"] == "Klappbarer Gartenstuhl"


def test_bagisto_rows_of_other_locales_are_translations() -> None:
    products = taken("bagisto.csv")[1]
    assert set(products["TENT"].given) == {
        GivenText("title", "fr", "Tente de randonnée pour deux"),
        GivenText("description", "fr", "Légère et sèche.\n\nUne tente légère pour deux personnes et leurs sacs."),
    }
    assert products["TENT-G"].title == "Trail Tent for Two"
    assert options(products["TENT-G"]) == {"color": "Green"}
    assert products["TENT"].price_tiers == (PriceTier(5, Decimal(139), None),)


def test_variants_inside_a_record_are_products_or_choices() -> None:
    products = taken("nested_variants.json")[1]
    red = products["MUG-R"]
    assert (red.title, red.brand, red.gtin, red.stock) == ("Enamel Mug for Campers", "Trailwise", "4006381333931", 4)
    assert red.prices == (Price(Decimal("12.50"), "EUR"),)
    assert options(red) == {"colour": "Red"}
    assert products["PAN"].attributes == (Attribute("size", "size", "24 cm, 28 cm"),)
    assert products["CUP"].price_tiers == (PriceTier(10, Decimal("6.50"), "EUR"), PriceTier(50, Decimal("5.90"), "EUR"))
