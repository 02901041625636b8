"""The search service: one hit a product, in the buyer's language, with its reasons; errors are errors."""

from decimal import Decimal
from pathlib import Path

import pytest

from catalog.errors import BrokenIndexError, NoLiveBuildError, UnknownValueError, UsageError
from catalog.model import Price
from search.model import Facet, SearchPage, SearchQuery
from tests.fakes.products import product
from tests.fakes.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.save(
        product("S-1", title="Schraube verzinkt", gtin="4006381333931", prices=(Price(Decimal("3.10"), "EUR"),)),
        product("S-2", title="Schraube rostfrei", brand="Nordwerk", prices=(Price(Decimal("2.00"), "EUR"),)),
        product("D/3", title="Dübel grau", category=("Befestigung",), prices=(Price(Decimal("9.00"), "PLN"),)),
        product("H-4", title="Hammer", lang="en", brand="", prices=(), category=("Tools",)),
    )
    shop.update()
    return shop


def find(shop: Shop, text: str, lang: str = "de", **options: object) -> SearchPage:
    return shop.search().search(SearchQuery(text, lang, **options))  # type: ignore[arg-type]


def skus(page: SearchPage) -> list[str]:
    return [hit.sku for hit in page.hits]


def facet(page: SearchPage, name: str) -> Facet:
    return next(one for one in page.facets if one.name == name)


def test_a_word_finds_and_says_why(shop: Shop) -> None:
    page = find(shop, "Schrauben")
    assert set(skus(page)) == {"S-1", "S-2"}
    assert (page.total, page.exact) == (2, True)
    hit = page.hits[0]
    reason = next(one for one in hit.why if one.leg == "text")
    assert (reason.lang, reason.terms) == ("de", ("schraub",))
    assert (hit.rank, hit.title_lang, hit.title_state, hit.source_lang) == (1, "de", "source", "de")


def test_a_translated_title_is_shown_with_its_state_and_its_original(shop: Shop) -> None:
    [hit] = find(shop, "Hammer·fr", "fr", limit=1).hits
    assert (hit.title, hit.title_lang, hit.title_state) == ("Hammer·fr", "fr", "machine")
    assert (hit.source_title, hit.source_lang) == ("Hammer", "en")


@pytest.mark.parametrize("lang", ["de", "en", "fr"])
@pytest.mark.parametrize("code", ["4006381333931", "S-1", "s1"])
def test_an_identifier_is_found_from_every_language(shop: Shop, lang: str, code: str) -> None:
    hit = find(shop, code, lang).hits[0]
    assert hit.sku == "S-1"
    assert "code" in [reason.leg for reason in hit.why]


def test_what_nothing_answers_has_no_hits(shop: Shop) -> None:
    page = find(shop, "zzgl qqq xxyy")
    assert (page.hits, page.total, page.exact) == ((), 0, True)


def test_filters_hold_for_every_leg(shop: Shop) -> None:
    assert skus(find(shop, "Schraube", filters=(("brand", "nordwerk"),))) == ["S-2"]
    assert skus(find(shop, "Schraube", filters=(("brand", "nordwerk"), ("brand", "fixorit")))) != ["S-2"]
    assert skus(find(shop, "Schraube", filters=(("supplier", "other"),))) == []
    assert skus(find(shop, "Schraube", filters=(("price", "..2.50"), ("currency", "EUR")))) == ["S-2"]


def test_sorting_by_price(shop: Shop) -> None:
    euro = (("currency", "EUR"),)
    assert skus(find(shop, "Schraube", sort="price", filters=euro)) == ["S-2", "S-1"]
    assert skus(find(shop, "Schraube", sort="-price", filters=euro)) == ["S-1", "S-2"]


def test_paging_has_no_gap_and_no_repeat(shop: Shop) -> None:
    whole = skus(find(shop, "Schraube"))
    pages = [skus(find(shop, "Schraube", limit=1, offset=offset)) for offset in range(3)]
    assert pages == [[whole[0]], [whole[1]], []]
    assert find(shop, "Schraube", limit=1, offset=1).hits[0].rank == 2


def test_an_empty_query_browses(shop: Shop) -> None:
    page = find(shop, " ", facets=True)
    assert (page.total, len(page.hits)) == (4, 4)
    assert {value.label: value.count for value in facet(page, "brand").values} == {"Fixorit": 2, "Nordwerk": 1}
    assert find(shop, "", limit=2, offset=3).total == 4


def test_facets_are_named_in_the_buyers_language(shop: Shop) -> None:
    page = find(shop, "Schraube·fr", "fr", facets=True)
    labels = {value.label: value.count for value in facet(page, "category").values}
    assert labels == {"Verbindungstechnik·fr": 2, "Schrauben·fr": 2}


def test_a_facet_counts_as_if_it_were_not_filtered_by(shop: Shop) -> None:
    page = find(shop, "Schraube", facets=True, filters=(("brand", "nordwerk"),))
    assert {value.id for value in facet(page, "brand").values} == {"nordwerk", "fixorit"}
    assert {value.id: value.count for value in facet(page, "currency").values} == {"EUR": 1}


def test_suggestions_complete_titles_categories_and_brands(shop: Shop) -> None:
    found = shop.search().suggest("schr", "de")
    assert {(one.text, one.kind) for one in found} >= {("Schraube verzinkt", "product"), ("Schrauben", "category")}
    assert [one.kind for one in shop.search().suggest("fixo", "de")] == ["brand"]
    assert list(shop.search().suggest(" ", "de")) == []


def test_an_unknown_filter_is_an_error(shop: Shop) -> None:
    with pytest.raises(UnknownValueError, match="filter"):
        find(shop, "Schraube", filters=(("colour", "red"),))


def test_no_build_is_an_error_and_never_an_empty_page(tmp_path: Path) -> None:
    with pytest.raises(NoLiveBuildError, match="lexicart index"):
        find(Shop(tmp_path), "Schraube")


def test_a_damaged_index_is_an_error_and_never_an_empty_page(shop: Shop) -> None:
    live = shop.index.live()
    assert live is not None
    for path in sorted((shop.folder / "indexes").rglob("*")):
        if path.is_file() and live in str(path) and path.suffix in (".term", ".idx", ".store", ".db"):
            path.unlink()
    damaged = Shop(shop.folder)
    with pytest.raises(BrokenIndexError, match="lexicart index --full"):
        find(damaged, "Schraube")


def test_the_price_is_shown_in_the_currency_that_was_filtered_by(shop: Shop) -> None:
    both = (Price(Decimal("100"), "EUR"), Price(Decimal("5"), "USD"))
    shop.save(product("P-1", title="Zange", prices=both), product("P-2", title="Zange klein", prices=both[1:]))
    shop.update()
    [hit] = find(shop, "Zange", limit=1, filters=(("currency", "usd"),), sort="price").hits
    assert (hit.price, hit.currency) == ("5", "USD")
    assert {hit.price for hit in find(shop, "Zange").hits} == {"100", "5"}


def test_two_price_ranges_are_alternatives(shop: Shop) -> None:
    ranges = (("price", "..2.50"), ("price", "3..4"))
    assert set(skus(find(shop, "Schraube", filters=ranges))) == {"S-1", "S-2"}
    assert skus(find(shop, "Schraube", filters=ranges[1:])) == ["S-1"]


def test_a_query_in_a_language_that_is_not_indexed_is_answered_by_what_is(shop: Shop) -> None:
    assert find(shop, "винт", "de").query_lang == "ru"
    with pytest.raises(UsageError, match="language"):
        find(shop, "винт", "ru")
