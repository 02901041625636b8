"""Evaluation: trec_eval's metrics by language and by pair; queries that the catalog itself yields."""

import pytest

from search.evaluation import JudgedQuery, evaluate, known_items, matrix
from tests.fakes.products import product
from translation.model import State, Translation
from translation.records.texts import FieldText

SOURCES = {"a/1": "de", "a/2": "ko"}


def judged(name: str, lang: str, **relevant: int) -> JudgedQuery:
    return JudgedQuery(name, name, lang, {f"a/{sku.removeprefix('p')}": grade for sku, grade in relevant.items()})


def test_metrics_by_language_and_pair() -> None:
    answers = {"one": ["a/1"], "two": ["a/9", "a/2"], "three": ["a/9"]}
    queries = [judged("one", "de", p1=2), judged("two", "de", p2=1), judged("three", "fr", p1=1)]
    result = evaluate(queries, lambda query: answers[query.query], SOURCES, (5,))
    assert result.queries == 3
    assert result.overall["recall@10"] == pytest.approx(2 / 3, abs=1e-4)
    assert result.overall["success@1"] == pytest.approx(1 / 3, abs=1e-4)
    assert result.overall["mrr@10"] == pytest.approx(0.5)
    assert "ndcg@5" in result.overall
    assert result.by_lang["fr"]["recall@10"] == 0.0
    assert {pair: values["recall@10"] for pair, values in result.by_pair.items()} == {
        "de>de": 1.0,
        "de>ko": 1.0,
        "fr>de": 0.0,
    }
    assert (result.within["recall@10"], result.across["recall@10"], result.parity) == (1.0, 0.5, 0.5)
    assert result.missed == ("three",)
    assert list(matrix(result, "recall@10"))[1].split() == ["de", "1.00", "1.00", "1.00"]


def test_recall_counts_every_relevant_product() -> None:
    result = evaluate([judged("one", "de", p1=2, p2=1)], lambda _: ["a/2"], SOURCES)
    assert result.overall["recall@10"] == 0.5


def test_a_query_without_any_answer_counts() -> None:
    result = evaluate([judged("one", "fr", p1=1)], lambda _: [], SOURCES)
    assert result.overall == dict.fromkeys(result.overall, 0.0)
    assert result.parity is None


def field(lang: str, text: str | None, state: State) -> FieldText:
    return FieldText("acme/A-1", "title", "title", "de", "Rote Schraube M8", lang, Translation(text, state, "x"))


def test_drafts_and_stand_ins_make_no_query() -> None:
    one = product("A-1", title="Rote Schraube M8")
    texts = [
        field("de", "Rote Schraube M8", State.SOURCE),
        field("en", "Red screw M8", State.MACHINE),
        field("fr", "Vis rouge M8", State.GLOSS),
        field("ko", None, State.MISSING),
    ]
    found = known_items([(one, texts)], ("de", "en", "fr", "ko"), 10)
    assert [(query.lang, query.query, query.relevant) for query in found] == [
        ("de", "Rote Schraube", {"acme/A-1": 1}),
        ("en", "Red screw", {"acme/A-1": 1}),
    ]


def test_the_choice_of_queries_repeats() -> None:
    texts = [
        (product(f"A-{number}", title=f"Rote Schraube {number}"), [field("de", "Rote Schraube", State.SOURCE)])
        for number in range(50)
    ]
    assert known_items(texts, ("de",), 5) == known_items(texts, ("de",), 5)
    assert len(known_items(texts, ("de",), 5)) == 5
