"""The gate: a build in which products can't be found, or found worse than before, does not serve."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from catalog.model import Price, Product
from indexes.model import BuildCheck, Verdict
from search.evaluation import JudgedQuery
from search.gate import Probe, known_item_check, parity_check
from search.model import SearchQuery
from tests.fakes.products import product
from tests.fakes.shop import Shop

PRODUCTS = [product(f"A-{number}", title=f"Schraube {name}") for number, name in enumerate(("rot", "gelb", "weiss"))]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path, keep=5)
    shop.save(*PRODUCTS)
    return shop


def verdict(shop: Shop, probes: Sequence[Probe], build: str) -> Verdict:
    return known_item_check(shop.search(), shop.index, lambda: probes, shop.builds.changed_since)(build, None)


def known(shop: Shop, sample: Sequence[Product], build: str) -> Sequence[str]:
    return verdict(shop, [Probe(one) for one in sample], build).reasons


def test_a_whole_build_passes(shop: Shop) -> None:
    assert known(shop, PRODUCTS, shop.update().build) == []


def test_products_that_are_not_found_are_named(shop: Shop) -> None:
    build = shop.update().build
    *by_id, by_sku, by_title = known(shop, [*PRODUCTS[:1], product("B-7", title="Zange")], build)
    assert by_id == [
        f"{where}: 1 of 2 products are not there by their id: acme/B-7"
        for where in ("de", "en", "fr", "without language")
    ]
    assert by_sku == "1 of 2 products are not found by their sku: acme/B-7"
    assert by_title == "1 of 2 products are not found by their title: acme/B-7"


def test_what_came_into_the_store_since_is_no_probe(shop: Shop) -> None:
    build = shop.update().build
    new, changed = product("B-7", title="Zange"), replace(PRODUCTS[0], title="Hammer")
    shop.save(new, changed)
    assert known(shop, [new, changed, *PRODUCTS[1:], *PRODUCTS[1:]], build) == []
    at_the_end = shop.update().build
    assert known(shop, [new, changed], at_the_end) == []
    assert known(shop, [product("B-8", title="Zange")], at_the_end) != []


def test_a_text_that_changed_since_is_not_asked_for(shop: Shop) -> None:
    """Workers go on translating while a build is judged: all else is probed and asked for all the same."""
    before = shop.update().build
    build = shop.update(full=True).build
    for one in PRODUCTS:
        shop.translations.correct(one, "title", "fr", f"Boulon {one.sku}", only_here=False)
    probes = [Probe(one, {"fr": f"Boulon {one.sku}"}) for one in PRODUCTS]
    found = verdict(shop, probes, build)
    assert (list(found.reasons), "found by translated title" in found.measured, found.undecided) == ([], False, False)
    queries = [*asked(PRODUCTS, ["de"]), *asked(PRODUCTS, ["fr"])]
    assert parity(shop, queries)(build, before).measured == {"recall@10 within a language": 1.0}
    assert "found by translated title" in verdict(shop, probes, shop.update().build).measured


def test_products_are_found_by_their_codes(shop: Shop) -> None:
    coded = product("C-1", title="Zange", gtin="4006381333931", mpn="ZX-900")
    shop.save(coded)
    build = shop.update().build
    assert known(shop, [coded], build) == []
    other = replace(coded, gtin="9780306406157", mpn="YY-100")
    by_gtin, by_mpn = known(shop, [other], build)
    assert by_gtin == "1 of 1 products are not found by their GTIN: acme/C-1"
    assert by_mpn == "1 of 1 products are not found by their MPN: acme/C-1"


def test_a_translated_title_finds_the_product_in_its_language(shop: Shop) -> None:
    shop.translate()
    shop.translations.correct(shop.products.get("acme/A-0").product, "title", "fr", "Boulon rubis", only_here=False)
    build = shop.update().build
    found = verdict(shop, [Probe(PRODUCTS[0], {"fr": "Boulon rubis"})], build)
    assert (list(found.reasons), found.measured["found by translated title"]) == ([], 1.0)
    [reason] = verdict(shop, [Probe(PRODUCTS[0], {"fr": "Casserole"})], build).reasons
    assert reason == "1 of 1 products are not found by their translated title: acme/A-0 (fr)"


def test_equals_that_fill_the_page_are_no_fault(shop: Shop) -> None:
    """Sizes of one shirt under one title, and a maker's number that stands for none."""
    many = [product(f"S-{number}", title="T-Shirt blau", mpn="0000000") for number in range(30)]
    shop.save(*many)
    assert known(shop, many, shop.update().build) == []


def test_what_no_query_takes_for_a_code_is_no_probe(shop: Shop) -> None:
    odd = [product("---", title="Zange"), product("sku of a house with many words", title="Hammer")]
    shop.save(*odd)
    assert known(shop, odd, shop.update().build) == []


def test_products_of_a_language_that_is_not_indexed_are_probed_by_sku(shop: Shop) -> None:
    foreign = product("R-1", title="Молоток", lang="ru")
    shop.save(foreign)
    assert known(shop, [foreign], shop.update().build) == []


def test_a_build_that_cannot_be_searched_is_refused(shop: Shop) -> None:
    shop.update()
    gone = shop.builds.add("20200101-000000-none", "x").name
    [reason] = known(shop, PRODUCTS, gone)
    assert "can't be searched" in reason


def parity(shop: Shop, queries: Sequence[JudgedQuery]) -> BuildCheck:
    def langs(ids: Iterable[str]) -> dict[str, str]:
        return dict.fromkeys(ids, "de")

    return parity_check(shop.search(), shop.index, lambda: queries, langs, shop.builds.changed_since)


def asked(sample: Sequence[Product], langs: Sequence[str] = ("de", "en")) -> list[JudgedQuery]:
    return [JudgedQuery(f"{lang}:{one.sku}", one.title, lang, {one.id: 1}) for one in sample for lang in langs]


def test_recall_that_fell_refuses_the_build(shop: Shop) -> None:
    check = parity(shop, asked(PRODUCTS))
    before = shop.update().build
    assert check(before, None) == Verdict()
    assert list(check(before, before).reasons) == []
    worse = shop.update(full=True).build
    shop.index.delete(worse, [one.id for one in PRODUCTS[1:]])
    shop.index.commit(worse)
    across, within = check(worse, before).reasons
    said = "of the known-item queries fell from 1.000 to 0.333; not found any more"
    assert across == f"recall@10 across languages {said}: en:A-1, en:A-2"
    assert within == f"recall@10 within a language {said}: de:A-1, de:A-2"
    assert check(worse, before).measured["recall@10 across languages"] == pytest.approx(1 / 3, abs=1e-4)


def test_one_query_of_a_few_is_chance(shop: Shop) -> None:
    before = shop.update().build
    now = shop.update(full=True).build
    shop.index.delete(now, [PRODUCTS[0].id])
    shop.index.commit(now)
    assert parity(shop, asked(PRODUCTS))(now, before).reasons == []


SHIRTS = [product(f"M-{number}", title="T-Shirt blau") for number in range(8)]


@pytest.mark.parametrize("number", [20, 60, 150])
def test_a_catalog_of_many_alike_may_grow(shop: Shop, number: int) -> None:
    """Sizes of one shirt: those that came push some of those that were there out of ten places, or all out of sight."""
    shop.save(*SHIRTS)
    before = shop.update().build
    shop.save(*(product(f"A-{one:03}", title="T-Shirt blau") for one in range(number)))
    shop.translate()
    now = shop.builder().update(full=True).build
    found = [hit.id for hit in shop.search().search(SearchQuery("T-Shirt blau", "de"), now).hits]
    assert not set(found) >= {one.id for one in SHIRTS}, "else this test shows nothing"
    verdict = parity(shop, asked(SHIRTS))(now, before)
    assert list(verdict.reasons) == []
    assert set(verdict.measured.values()) <= {1.0}
    shop.index.delete(now, [one.id for one in SHIRTS[2:]])
    shop.index.commit(now)
    assert len(parity(shop, asked(SHIRTS))(now, before).reasons) == (2 if number < 100 else 0)


def test_more_of_many_alike_may_be_translated(shop: Shop) -> None:
    others = [product(f"A-{number}", title="T-Shirt blau") for number in range(30)]
    shop.save(*SHIRTS, *others)
    correct = partial(shop.translations.correct, field="title", lang="fr", text="Chemise", only_here=True)
    shop.translations.follow()
    for one in SHIRTS:
        correct(one)
    before = shop.builder().update().build
    for one in others:
        correct(one)
    now = shop.builder().update(full=True).build
    queries = [JudgedQuery(one.sku, "Chemise", "fr", {one.id: 1}) for one in SHIRTS]
    verdict = parity(shop, queries)(now, before)
    assert (list(verdict.reasons), verdict.measured) == ([], {"recall@10 across languages": 1.0})


def test_what_is_asked_for_may_be_translated_since(shop: Shop) -> None:
    """In the live build the originals stood in, and were found; what is asked for is never left out of the page."""
    shop.save(*SHIRTS)
    before = shop.builder().update().build
    queries = [JudgedQuery(one.sku, "T-Shirt blau", "fr", {one.id: 1}) for one in SHIRTS]
    found = {hit.id for hit in shop.search().search(SearchQuery("T-Shirt blau", "fr"), before).hits}
    assert found >= {one.id for one in SHIRTS}
    others = [product(f"A-{number}", title="T-Shirt blau") for number in range(30)]
    shop.save(*others)
    shop.translations.follow()
    for one in (*SHIRTS, *others):
        shop.translations.correct(one, "title", "fr", "T-Shirt blau", only_here=True)
    now = shop.builder().update(full=True).build
    verdict = parity(shop, queries)(now, before)
    assert (list(verdict.reasons), verdict.measured) == ([], {"recall@10 across languages": 1.0})


def test_a_build_that_is_worse_after_all_prices_changed_is_refused(shop: Shop) -> None:
    before = shop.update().build
    shop.save(*(replace(one, prices=(Price(Decimal(5), "EUR"),)) for one in PRODUCTS))
    now = shop.update(full=True).build
    shop.index.delete(now, [one.id for one in PRODUCTS[1:]])
    shop.index.commit(now)
    assert len(parity(shop, asked(PRODUCTS))(now, before).reasons) == 2


def test_what_cannot_be_judged_is_judged_again(shop: Shop) -> None:
    before = shop.update().build
    now = shop.update(full=True).build
    shop.save(*(replace(one, title=f"Hammer {one.sku}") for one in PRODUCTS))
    assert parity(shop, asked(PRODUCTS))(now, before) == Verdict(undecided=True)
    assert verdict(shop, [Probe(one) for one in PRODUCTS], now) == Verdict(undecided=True)
