"""The gate: a build in which products can't be found, or found worse than before, does not serve."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog.model import Product
from search.evaluation import JudgedQuery
from search.gate import known_item_check, parity_check
from tests.fakes.products import product
from tests.fakes.shop import Shop

PRODUCTS = [product(f"A-{number}", title=f"Schraube {name}") for number, name in enumerate(("rot", "gelb", "weiss"))]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path, keep=5)
    shop.save(*PRODUCTS)
    return shop


def known(shop: Shop, sample: Sequence[Product], build: str) -> Sequence[str]:
    return known_item_check(shop.search(), lambda: sample)(build, None)


def test_a_whole_build_passes(shop: Shop) -> None:
    assert known(shop, PRODUCTS, shop.update().build) == []


def test_products_that_are_not_found_are_named(shop: Shop) -> None:
    build = shop.update().build
    [by_code, by_title] = known(shop, [*PRODUCTS[:1], product("B-7", title="Zange")], build)
    assert by_code == "1 of 2 products are not found by their sku: acme/B-7"
    assert by_title == "1 of 2 are not found by their title: acme/B-7"


def test_products_of_a_language_that_is_not_indexed_are_probed_by_sku(shop: Shop) -> None:
    foreign = product("R-1", title="Молоток", lang="ru")
    shop.save(foreign)
    assert known(shop, [foreign], shop.update().build) == []


def test_a_build_that_cannot_be_searched_is_refused(shop: Shop) -> None:
    shop.update()
    [reason] = known(shop, PRODUCTS, "20200101-000000-none")
    assert "can't be searched" in reason


def test_recall_that_fell_refuses_the_build(shop: Shop) -> None:
    queries = [JudgedQuery(one.sku, one.title, lang, {one.id: 1}) for one in PRODUCTS for lang in ("de", "en")]
    check = parity_check(shop.search(), lambda: queries, lambda: {one.id: "de" for one in PRODUCTS})
    before = shop.update().build
    assert check(before, None) == []
    assert check(before, before) == []
    worse = shop.update(full=True).build
    shop.index.delete(worse, [one.id for one in PRODUCTS[1:]])
    shop.index.commit(worse)
    across, within = check(worse, before)
    assert across.startswith("recall@10 across languages of the known-item queries fell from 1.000 to 0.333")
    assert within.startswith("recall@10 within a language of the known-item queries fell from 1.000 to 0.333")
