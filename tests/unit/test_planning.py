"""Planning: languages, filters, identifiers, and what is refused before anything is searched."""

from decimal import Decimal

import numpy as np
import pytest

from catalog.errors import UnknownValueError, UsageError
from indexes.model import CodeLeg, ConceptLeg, TextLeg, VectorLeg
from search.model import SearchQuery
from search.planning import check_query, codes_in, plan, query_language, read_filters
from translation.terminology.termbase import Termbase, starter_concepts


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("무선 드릴", "fr", "ko"),
        ("コードレス ドリル", "de", "ja"),
        ("مثقاب", "en", "ar"),
        ("дрель", "pl", "ru"),
        ("无线电钻", "en", "zh"),
        ("無線電鑽", "ja", "ja"),
        ("Bosch 드릴", "fr", "ko"),
        ("Schraube М8", "de", "de"),
        ("T恤 shirt cotton", "fr", "fr"),
        ("perceuse", "fr", "fr"),
        ("Akkuschrauber", "fr", "fr"),
        ("12345", "zh", "zh"),
        ("", "tr", "tr"),
    ],
)
def test_the_query_language_is_told_from_its_script(text: str, lang: str, expected: str) -> None:
    assert query_language(SearchQuery(text, lang)) == expected


def test_a_given_query_language_wins() -> None:
    assert query_language(SearchQuery("무선", "fr", query_lang="en")) == "en"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("SK-1010-0840", ("SK10100840",)),
        ("4006381333931", ("4006381333931",)),
        ("GSR 18V-55", ("GSR18V55",)),
        ("ＳＫ－１０１０", ("SK1010",)),
        ("blaue Schrauben", ()),
        ("s1", ("S1",)),
        ("7", ("7",)),
        ("УИ-100850", ("УИ100850",)),
    ],
)
def test_identifiers_are_recognised(text: str, codes: tuple[str, ...]) -> None:
    assert set(codes) <= set(codes_in(text))
    assert bool(codes) == bool(codes_in(text))


def test_filters_of_one_name_are_alternatives() -> None:
    filters = read_filters([("brand", "BOSCH"), ("brand", "Makita"), ("country", "DE"), ("price", "10..")])
    assert filters.values == {"brand": ("bosch", "makita"), "country": ("DE",)}
    assert filters.prices == ((Decimal(10), None),)
    assert read_filters([]).empty


@pytest.mark.parametrize(
    "given", [("price", "10"), ("price", "a..b"), ("price", "NaN..1"), ("price", "1..Infinity"), ("price", "5..1")]
)
def test_a_price_that_is_no_range_is_refused(given: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="price"):
        read_filters([given])


def test_an_unknown_filter_names_the_known_ones() -> None:
    with pytest.raises(UnknownValueError, match=r"colour.*brand"):
        read_filters([("colour", "red")])


@pytest.mark.parametrize(
    "query",
    [
        SearchQuery("x", "xx"),
        SearchQuery("x", "en", query_lang="vi"),
        SearchQuery("x", "en", limit=0),
        SearchQuery("x", "en", limit=101),
        SearchQuery("x", "en", offset=-1),
        SearchQuery("x" * 513, "en"),
        SearchQuery("x", "en", sort="best"),
        SearchQuery("x", "en", sort="price"),
        SearchQuery("x", "en", sort="-price", filters=(("currency", "EUR"), ("currency", "USD"))),
    ],
)
def test_what_cannot_be_searched_is_refused(query: SearchQuery) -> None:
    with pytest.raises(UsageError):
        check_query(query)


def test_a_query_gets_the_legs_that_it_can_use() -> None:
    termbase = Termbase(starter_concepts())
    vector = np.ones(4, dtype=np.float32)
    laid = plan(SearchQuery("drill 4006381333931", "fr", "en"), termbase, {"fr": ["a"], "en": ["b"]}, vector, None)
    assert dict(zip(laid.names, map(type, laid.legs), strict=True)) == {
        "text": TextLeg,
        "original": TextLeg,
        "code": CodeLeg,
        "term": ConceptLeg,
        "meaning": VectorLeg,
    }
    assert laid.query_lang == "en"


def test_one_language_needs_one_text_leg() -> None:
    laid = plan(SearchQuery("zzzz yyyy", "fr"), Termbase([]), {"fr": ["zzzz"]}, None, None)
    assert laid.names == ("text",)
