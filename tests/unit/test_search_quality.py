"""How well the search finds the samples: 180 known-item queries in fifteen languages, and the vectors alone beside it.

The queries are a fixture: they stay untouched when the ranking changes.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from api.bootstrap import Parts
from api.evaluating import evaluate_live, evaluate_vectors
from api.settings import load
from catalog.languages import CODES
from search.evaluation import Evaluation, matrix, read_queries

QUERIES = Path(__file__).parent.parent / "data" / "queries.jsonl"


@pytest.fixture(scope="module")
def parts(sample_home: Path) -> Parts:
    return Parts(load(home=sample_home))


@pytest.fixture(scope="module")
def fused(parts: Parts) -> Evaluation:
    return evaluate_live(parts, QUERIES)


@pytest.fixture(scope="module")
def alone(parts: Parts) -> Evaluation:
    return evaluate_vectors(parts, QUERIES)


def test_the_queries_are_enough_and_ask_across_languages(parts: Parts) -> None:
    queries = read_queries(QUERIES)
    assert len(queries) >= 150
    assert all(number >= 10 for number in Counter(query.lang for query in queries).values())
    assert {query.lang for query in queries} == set(CODES)
    langs = parts.sampler.source_langs(name for query in queries for name in query.relevant)
    assert all(name in langs for query in queries for name in query.relevant)
    assert sum(all(langs[name] != query.lang for name in query.relevant) for query in queries) >= 150


def test_known_items_are_found_across_languages(fused: Evaluation, alone: Evaluation) -> None:
    print(f"\nfused {json.dumps(fused.overall)}\nvectors alone {json.dumps(alone.overall)}\nrecall@10")
    print("\n".join(matrix(fused, "recall@10")))
    print("success@1")
    print("\n".join(matrix(fused, "success@1")))
    assert fused.overall["recall@10"] >= 0.90
    assert fused.overall["success@1"] >= 0.65
    assert fused.overall["success@1"] >= alone.overall["success@1"] + 0.05


@pytest.mark.parametrize("lang", CODES)
def test_no_language_is_left_behind(fused: Evaluation, lang: str) -> None:
    assert fused.by_lang[lang]["recall@10"] >= 0.75


@pytest.mark.parametrize(
    ("query", "lang"),
    [
        ("quantum chromodynamics lecture", "en"),
        ("wetter morgen berlin", "de"),
        ("курс доллара сегодня", "ru"),
        ("飛行機のチケット", "ja"),
        ("kup mieszkanie warszawa", "pl"),
        ("股票行情", "zh"),
        ("부동산 매매", "ko"),
        ("xyzzy", "en"),
    ],
)
def test_a_query_that_nothing_answers_has_no_hits(parts: Parts, query: str, lang: str) -> None:
    from search.model import SearchQuery

    assert parts.search.search(SearchQuery(query, lang)).hits == ()
