"""What every search backend must do with documents and queries that nobody would write, and somebody sends.

A document is taken and found, or refused by name with its reason; its neighbours are there either way, and what is
read afterwards can be read. Inherit, and provide a fixture ``index`` as in :mod:`tests.contract.search_index`.
"""

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model import Attribute, Price, Product
from catalog.store import StoredProduct
from indexes.acceptable import SHOWN_LENGTH
from indexes.backend import SearchIndex
from indexes.documents import facts_of, fold_code
from indexes.model import FACETS, SORTS, BrowseLeg, CodeLeg, ConceptLeg, Facts, Filters, IndexDocument, Leg, TextLeg
from indexes.readable import readable
from search.planning import MAX_QUERY_LENGTH
from tests.contract.search_index import direction, document, product

LANGS = ("ar", "de", "en", "ja", "ko", "zh")

WHOLE = {
    "nothing": "",
    "a NUL": "\0lamp\0",
    "a byte order mark": "\ufefflamp",
    "halves of a pair": "\ud800 lamp \udfff",
    "no characters": "\ufffe\uffff\U0010ffff\ufdd0 lamp",
    "controls of direction": "\u202e\u2066" * 5_000 + "lamp\u2069",
    "accents in a flood": "la" + "\u0301\u0327" * 20_000 + "mp",
    "a family": "👩‍👩‍👧‍👦" * 5_000,
    "flags": "🇩🇪" * 10_000,
    "ligature of four words": "\ufdfa" * 5_000,
    "only punctuation": "!?.,;:-_()[]{}<>/\\|*~^\"'" * 1_000,
    "only spaces": " \t\n\u3000\u00a0\u2028" * 5_000,
    "a word of 32,766 bytes": "x" * 32_766,
    "a word without end": "x" * 100_000,
    "syntax": 'title:(lamp OR *) AND NOT /.*/ -"x" ~2 {"query": {"match_all": {}}} \\',
    "markup": "<" * 30_000 + "b>lamp</b>&#0;&#xD800;",
}
"""Texts that are shown as they were given, but for halves of surrogate pairs."""

CUT = {
    "a megabyte in a word": "x" * 1_000_000,
    "a megabyte of Han": "方" * 1_000_000,
    "a megabyte of everything": "aß方カ가م" * 160_000,
    "ten megabytes": "lamp garden hose " * 620_000,
}

VALUES = ("", "\0", "\ud800", "x" * 8_192, "字" * 11_000, "a.b", "a=b", "*", "\u202e", "x" * 200_000)
"""What ids of categories, brands and so on might be."""

FACTS: Mapping[str, Facts] = {
    **{f"values like {one[:2]!a}{len(one)}": Facts(one, (one,), one, one, {one: Decimal(1)}) for one in VALUES},
    "5,000 categories": Facts("s", tuple(f"c{at}" for at in range(5_000))),
    "5,000 attributes": Facts("s", attributes={f"key-{at}": f"value-{at}" for at in range(5_000)}),
    "long attributes": Facts("s", attributes={"k" * 9_000: "v", "k": "字" * 11_000, "größe-cm": "\0\ud800"}),
    "300 currencies": Facts("s", prices={f"C{at}": Decimal(at) for at in range(300)}),
    "no amount": Facts("s", prices={"EUR": Decimal("NaN")}),
    "a signal": Facts("s", prices={"EUR": Decimal("sNaN")}),
    "no end": Facts("s", prices={"EUR": Decimal("Infinity")}),
    "less than nothing": Facts("s", prices={"EUR": Decimal(-1)}),
    "minus nothing": Facts("s", prices={"EUR": Decimal("-0")}),
    "more than there is": Facts("s", prices={"EUR": Decimal("1E+999999"), "USD": Decimal(10) ** 27}),
    "less than a grain": Facts("s", prices={"EUR": Decimal("1E-999999"), "USD": Decimal("0." + "1" * 3_000)}),
    "before Christ": Facts("s", created=-(2**61)),
    "after everything": Facts("s", created=2**63),
    "in 9999": Facts("s", created=253_402_300_799),
    "in 1901": Facts("s", created=-2_177_452_800),
    **{f"the KEY {key!r}": Facts("s", attributes={key: "x"}) for key in ("", ".", "a.b", "a=b", "..", "a b", "_")},
}

REFUSED = {
    "no amount",
    "a signal",
    "no end",
    "less than nothing",
    "before Christ",
    "after everything",
    *(name for name in FACTS if name.startswith("the KEY")),
}


def one_of_each() -> list[str]:
    """Return characters of every general category and of every block of 256 of the first planes."""
    by_category: dict[str, str] = {}
    for code in range(sys.maxunicode + 1):
        by_category.setdefault(unicodedata.category(chr(code)), chr(code))
    return [*by_category.values(), *(chr(code) for code in range(0x41, 0x20000, 0x1000))]


QUERIES = (
    *WHOLE.values(),
    "x" * 100_000,
    "lamp " * 20_000,
    "方" * 100_000,
    "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 50,
    "*", "?", "_all", "a*", "~", "=", "~x", "=x", "lamp^1000", "[1 TO 2]", "&&", "||", "'; DROP TABLE products; --",
    "%00", "%s", "{{7*7}}", "${x}", "../../etc/passwd", "\\u0000", "NaN", "-1", "null",
)  # fmt: skip

characters = st.characters(exclude_categories=())
strange = st.text(characters, max_size=30) | st.sampled_from(["lamp", "\0", "\ud800", "字" * 9_000, "a\u0301" * 50])


@st.composite
def products(draw: st.DrawFn) -> Product:
    """Draw a product as no reader would let it pass."""
    amounts = st.decimals(allow_nan=None) | st.decimals(min_value=0, max_value=10**9, places=2)
    values = draw(st.lists(st.tuples(strange, strange), max_size=5))
    prices = draw(st.lists(st.tuples(amounts, st.none() | strange), max_size=3))
    return Product(
        supplier="s",
        sku=draw(st.text(characters, min_size=1, max_size=40)),
        lang=draw(st.sampled_from(LANGS)),
        title=draw(strange),
        brand=draw(strange),
        category=tuple(draw(st.lists(strange, max_size=4))),
        attributes=tuple(Attribute(f"key-{at}", name, value) for at, (name, value) in enumerate(values)),
        prices=tuple(Price(amount, currency) for amount, currency in prices),
        country=draw(st.none() | strange),
    )


def stored(one: Product, created: str = "2026-01-01T00:00:00+00:00") -> StoredProduct:
    """Return a product as the store gives it."""
    return StoredProduct(product=one, feed="main", withdrawn=False, created_at=created)


class FuzzedDocumentsContract:
    """Inherit, and provide a fixture ``index``: a backend without any build."""

    # -- documents by hand --------------------------------------------------------------------------------------------

    def test_any_text_is_taken_and_shown(self, index: SearchIndex) -> None:
        index.create("b1", ["en", "ja"])
        texts = {**WHOLE, **CUT}
        for lang in ("en", "ja"):
            one = [
                document(f"s/{name}", lang, f"{name} {text}", category=(text,), body=(text,), brand=text)
                for name, text in texts.items()
            ]
            assert not index.write("b1", one, []).rejected
        index.write("b1", [], [product(f"s/{name}", direction((1, 1)), title=text) for name, text in texts.items()])
        index.commit("b1")
        assert index.counts("b1") == dict.fromkeys(("", "en", "ja"), len(texts))
        for lang in ("en", "ja"):
            found = index.documents(lang, [f"s/{name}" for name in texts], "b1")
            assert {name: one.title for name, one in found.items()} == {
                f"s/{name}": readable(f"{name} {text}"[:SHOWN_LENGTH]) for name, text in texts.items()
            }
            for name in texts:
                assert self._finds(index, lang, name, f"s/{name}"), name
        self._everything_can_be_read(index)

    def test_what_is_cut_is_found_by_its_title_first(self, index: SearchIndex) -> None:
        index.create("b1", ["en"])
        long = document("s/1", "en", "Lantern", category=("Gardening",), body=("hose " * 100_000, "zeppelin"))
        index.write("b1", [replace(long, analysed=dict(sorted(long.analysed.items())))], [])
        index.commit("b1")
        for word in ("lantern", "gardening", "hose"):
            assert self._finds(index, "en", word, "s/1"), word
        assert not self._finds(index, "en", "zeppelin", "s/1")

    def test_any_facts_are_taken_or_refused_by_name(self, index: SearchIndex) -> None:
        index.create("b1", ["en", "ja"])
        taken = 0
        for at, (name, facts) in enumerate(FACTS.items()):
            bad, good = f"s/{at}", f"s/good-{at}"
            fine = Facts("good", ("c1",), "brand", "DE", {"EUR": Decimal(at)}, at)
            labels = dict.fromkeys(facts.attributes, ("name", "value"))
            report = index.write(
                "b1",
                [
                    document(good, "en", "Fine lamp", facts=fine),
                    replace(document(bad, "en", "Strange lamp", facts=facts), attributes=labels),
                    replace(document(bad, "ja", "Strange lamp", facts=facts), attributes=labels),
                    document(good, "ja", "Fine lamp", facts=fine),
                ],
                [product(bad, direction((1, 1)), facts=facts), product(good, direction((2, 1)), facts=fine)],
            )
            assert set(report.rejected) <= {bad}, name
            assert (bad in report.rejected) >= (name in REFUSED), name
            assert all(report.rejected.values())
            assert report.accepted == 3 if report.rejected else 6
            taken += not report.rejected
        index.commit("b1")
        assert index.counts("b1") == dict.fromkeys(("", "en", "ja"), taken + len(FACTS))
        assert taken >= len(FACTS) - len(REFUSED) - 1  # the embedded index has numbers for 255 currencies
        self._everything_can_be_read(index)
        found = index.facets(["supplier", "currency"], None, Filters(), "b1")
        assert found["supplier"]["good"] == found["currency"]["EUR"] - 3 == len(FACTS)

    def test_codes_and_concepts_of_any_length(self, index: SearchIndex) -> None:
        index.create("b1", ["en"])
        names = ("", "\0", "\ud800", "X" * 8_191, "X" * 40_000, "字" * 20_000)
        strange_one = product("s/1", direction((1, 1)), codes=(*names, "GOOD1"), concepts=(*names, "lamp"))
        many = product(
            "s/2",
            direction((1, 1)),
            codes=[f"C{at}" for at in range(20_000)],
            concepts=[f"c{at}" for at in range(20_000)],
        )
        assert not index.write("b1", [], [strange_one, many]).rejected
        index.commit("b1")
        legs: list[Leg] = [CodeLeg((*names, "GOOD1", "C19999"), 5), ConceptLeg((*names, "lamp", "c19999"), 5)]
        for answer in index.legs(legs, Filters(), "b1"):
            assert sorted(match.id for match in answer.matches) == ["s/1", "s/2"]

    @pytest.mark.parametrize("shown", ["x" * 3_000_000, "\ud800", "字" * 1_000_000])
    def test_the_address_of_an_image_is_of_any_length(self, index: SearchIndex, shown: str) -> None:
        import json

        index.create("b1", ["en"])
        body = json.dumps({"sku": "1", "image": shown, "url": "https://shop.example/1"}, ensure_ascii=False)
        assert not index.write("b1", [], [replace(product("s/1", direction((1, 1))), shown=body)]).rejected
        index.commit("b1")
        found = json.loads(index.products(["s/1"], "b1")["s/1"].shown)
        assert (found["sku"], found["url"]) == ("1", "https://shop.example/1")
        assert found["image"] == (None if len(shown) > SHOWN_LENGTH else "\ufffd")

    # -- documents by chance ------------------------------------------------------------------------------------------

    @given(drawn=st.lists(products(), min_size=1, max_size=4, unique_by=lambda one: one.sku))
    @settings(suppress_health_check=list(HealthCheck))
    def test_products_by_chance(self, index: SearchIndex, drawn: Sequence[Product]) -> None:
        if "b1" not in index.builds():
            index.create("b1", LANGS)
        good = document("s/good", "en", "Fine lamp")
        made = [_document(one) for one in drawn]
        report = index.write(
            "b1",
            [*made, good],
            [
                replace(
                    product(one.id, direction((1, 1)), codes=[fold_code(one.sku)], facts=made[at].facts),
                    source_title=one.title,
                )
                for at, one in enumerate(drawn)
            ],
        )
        index.commit("b1")
        assert set(report.rejected) <= {one.id for one in drawn}
        for one, written in zip(drawn, made, strict=True):
            found = index.documents(one.lang, [one.id], "b1")
            if one.id in report.rejected:
                assert report.rejected[one.id]
                assert not found
                assert not index.products([one.id], "b1")
            else:
                assert found[one.id].title == readable(one.title)
                assert found[one.id].facts.prices == {
                    readable(currency): amount for currency, amount in written.facts.prices.items()
                }
                assert index.products([one.id], "b1")[one.id].source_title == readable(one.title)
        assert list(index.documents("en", ["s/good"], "b1")) == ["s/good"]
        self._everything_can_be_read(index)

    # -- queries ------------------------------------------------------------------------------------------------------

    def test_any_query_is_answered(self, index: SearchIndex) -> None:
        self._lamps(index)
        for query in QUERIES:
            self._ask(index, "ja", query[:MAX_QUERY_LENGTH])
        for query in (*QUERIES, *one_of_each()):
            self._ask(index, "en", query[:MAX_QUERY_LENGTH])
        for query in ("x" * 100_000, "方" * 20_000, "lamp " * 20_000):
            self._ask(index, "zh", query)

    @given(query=st.text(characters, max_size=60))
    @settings(suppress_health_check=list(HealthCheck))
    def test_queries_by_chance(self, index: SearchIndex, query: str) -> None:
        if "b1" not in index.builds():
            self._lamps(index)
        self._ask(index, "en", query)
        self._ask(index, "ja", query)

    def test_any_value_can_be_filtered_by(self, index: SearchIndex) -> None:
        self._lamps(index)
        legs: list[Leg] = [BrowseLeg("en", "newest", 5), TextLeg("en", ("lamp",), 5), CodeLeg(("A1",), 5)]
        for value in (*VALUES, "x" * 100_000, *WHOLE.values()):
            for name in (*FACETS, "attributes.colour"):
                for answer in index.legs(legs, Filters({name: (value,)}), "b1"):
                    assert not answer.matches, (name, value[:50])

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _lamps(self, index: SearchIndex) -> None:
        index.create("b1", LANGS)
        facts = Facts("acme", ("c1",), "brand", "DE", {"EUR": Decimal(1)}, 1)
        documents = [document("acme/1", lang, "lamp", facts=facts) for lang in LANGS]
        index.write("b1", documents, [product("acme/1", direction((1, 1)), codes=("A1",), facts=facts)])
        index.commit("b1")

    def _ask(self, index: SearchIndex, lang: str, query: str) -> None:
        """Ask as a search does: analysed, by its words, as a code, as a term, as the beginning of something."""
        tokens = tuple(dict.fromkeys(token.text for token in index.analyze(lang, query, "b1")))
        code = fold_code(query)
        legs: list[Leg] = [TextLeg(lang, tokens, 5), CodeLeg((code, query), 5), ConceptLeg((query,), 5)]
        for answer in index.legs(legs, Filters(), "b1"):
            assert {match.id for match in answer.matches} <= {"acme/1"}
        assert all(one.text == "lamp" for one in index.suggest(lang, query, 5, "b1"))

    def _finds(self, index: SearchIndex, lang: str, query: str, name: str) -> bool:
        tokens = tuple(token.text for token in index.analyze(lang, query, "b1"))
        [answer] = index.legs([TextLeg(lang, tokens, 100)], Filters(), "b1")
        return name in {match.id for match in answer.matches if set(match.matched) == set(tokens)}

    def _everything_can_be_read(self, index: SearchIndex) -> None:
        counts = index.counts("b1")
        facets: Any = index.facets([*FACETS, "attributes"], None, Filters(), "b1")
        assert all(number > 0 for values in facets.values() for number in values.values())
        for sort in SORTS:
            given = {"currency": ("EUR",)} if "price" in sort else {}
            [answer] = index.legs([BrowseLeg("en", sort, 1_000)], Filters(given), "b1")
            assert answer.total == len(answer.matches) == (counts["en"] if not given else answer.total)
            index.documents("en", [match.id for match in answer.matches], "b1")


def _document(one: Product) -> IndexDocument:
    facts = facts_of(stored(one))
    made = document(one.id, one.lang, one.title, category=one.category, brand=one.brand, facts=facts)
    shown = {attribute.key: (attribute.name, attribute.value) for attribute in one.attributes}
    return replace(made, attributes={key: shown[key] for key in facts.attributes})


class FuzzedSearchContract:
    """Inherit, and provide a fixture ``client``: the HTTP API over a catalog with a product called "lamp"."""

    def test_any_query_has_an_answer_or_a_reason(self, client: TestClient) -> None:
        # As bytes: halves of surrogate pairs and what is no UTF-8 at all come over the wire too.
        given = [query.encode("utf-8", "surrogatepass") for query in (*QUERIES, *one_of_each())]
        for query in (*given, b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", bytes(range(256)) * 2):
            for path in ("search", "suggest"):
                quoted = quote_from_bytes(query)
                if len(quoted) > 60_000:  # no client sends a longer line
                    quoted = quoted[:60_000].rpartition("%")[0] or quoted[:60_000]
                answer = client.get(f"/v1/{path}?lang=en&q={quoted}")
                assert answer.status_code in (200, 422), (path, query[:50], answer.text[:500])
                if len(query) > 4 * MAX_QUERY_LENGTH:
                    assert answer.status_code == 422
                    assert "512" in answer.json()["detail"]

    def test_any_filter_has_an_answer_or_a_reason(self, client: TestClient) -> None:
        names = ("brand", "category", "currency", "price", "attributes.k", "attributes.", "")
        asked = [(name, value) for value in VALUES for name in (*names, value)]
        for name, value in (*asked, *(("brand", value) for value in (*WHOLE.values(), *QUERIES[-30:]))):
            given = quote_from_bytes(f"{name}:{value}"[:2_000].encode("utf-8", "surrogatepass"))
            answer = client.get(f"/v1/search?lang=en&q=lamp&filter={given}&facets={str(name == 'brand').lower()}")
            assert answer.status_code in (200, 422), (given[:200], answer.text[:500])

    def test_the_catalog_is_searched_as_before(self, client: TestClient) -> None:
        found = client.get("/v1/search?lang=en&q=lamp").json()
        assert [hit["title"] for hit in found["hits"]] == ["lamp"]
