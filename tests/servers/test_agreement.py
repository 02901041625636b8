"""The same shop in both backends: how far their first ten hits agree, and why they differ where they do."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import Parts
from api.settings import load
from catalog.languages import CODES
from search.evaluation import JudgedQuery, by_service, evaluate, read_queries
from search.model import SearchHit, SearchPage, SearchQuery

QUERIES = Path(__file__).parent.parent / "data" / "queries.jsonl"

_LEAST_AGREEMENT = 0.8
_PLACES = 10


@pytest.fixture(scope="module")
def queries() -> list[JudgedQuery]:
    return read_queries(QUERIES)


@pytest.fixture(scope="module")
def embedded(sample_home: Path) -> Parts:
    return Parts(load(home=sample_home))


@pytest.fixture(scope="module")
def on_cluster(sample_home: Path, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """The same products and translations, indexed on the cluster."""
    home = tmp_path_factory.mktemp("cluster") / "home"
    shutil.copytree(sample_home, home, ignore=shutil.ignore_patterns("indexes"))
    parts = Parts(
        load(
            home=home,
            index="elasticsearch",
            elasticsearch_url=elasticsearch_url,
            elasticsearch_prefix=f"agreement{abs(hash(str(home))):x}"[:40],
        )
    )
    report = parts.builder().update()
    assert report.promoted, report.reasons
    yield parts
    connection = parts.index._connection  # type: ignore[attr-defined]
    connection.admin.indices.delete(index=list(connection.admin.indices.get(index=f"{parts.index._names.prefix}-*")))
    parts.index.close()  # type: ignore[attr-defined]
    parts.database.dispose()


@pytest.fixture(scope="module")
def pages(embedded: Parts, on_cluster: Parts, queries: list[JudgedQuery]) -> list[tuple[SearchPage, SearchPage]]:
    return [
        (embedded.search.search(asked), on_cluster.search.search(asked))
        for asked in (SearchQuery(query.query, query.lang, limit=_PLACES) for query in queries)
    ]


def agreement(one: SearchPage, other: SearchPage) -> float:
    """Return the share of hits that both have, of the longer list."""
    first, second = {hit.id for hit in one.hits}, {hit.id for hit in other.hits}
    return len(first & second) / max(len(first), len(second)) if first or second else 1.0


def legs(hit: SearchHit | None) -> frozenset[str]:
    return frozenset(reason.leg for reason in hit.why) if hit else frozenset()


def difference(mine: SearchHit, all_of_other: dict[str, SearchHit]) -> str:
    """Name the class of a difference: why a hit is among the first ten of one backend only."""
    there = all_of_other.get(mine.id)
    words = legs(mine) & {"text", "original"}
    if there is None:
        return f"not found by the other: {' and '.join(sorted(words)) or 'its floor by meaning'} decided"
    if words and not legs(there) & {"text", "original"}:
        return "ranked lower: the other's analysis does not bring a word of it together with the query"
    if legs(there) & {"text", "original"} and not words:
        return "ranked higher without a word, as others lost theirs"
    return "ranked lower: words met in both count differently" if words else "pushed out by another hit"


def test_the_first_ten_hits_agree(
    pages: list[tuple[SearchPage, SearchPage]],
    queries: list[JudgedQuery],
    embedded: Parts,
    on_cluster: Parts,
) -> None:
    shares = [agreement(*pair) for pair in pages]
    by_lang: dict[str, list[float]] = defaultdict(list)
    classes: Counter[str] = Counter()
    for query, share, (one, other) in zip(queries, shares, pages, strict=True):
        by_lang[query.lang].append(share)
        if share == 1.0:
            continue
        asked = SearchQuery(query.query, query.lang, limit=100)
        for name, mine, theirs, parts in (
            ("embedded only", one, other, on_cluster),
            ("cluster only", other, one, embedded),
        ):
            others = {hit.id: hit for hit in parts.search.search(asked).hits}
            shown = {hit.id for hit in theirs.hits}
            for hit in mine.hits:
                if hit.id not in shown:
                    classes[f"{name}, {difference(hit, others)}"] += 1
    mean = sum(shares) / len(shares)
    same_first = sum([hit.id for hit in one.hits[:1]] == [hit.id for hit in other.hits[:1]] for one, other in pages)
    print(f"\nagreement of the first ten: {mean:.3f}; the same first hit: {same_first} of {len(pages)}")
    print(" ".join(f"{lang} {sum(found) / len(found):.2f}" for lang, found in sorted(by_lang.items())))
    for what, number in classes.most_common():
        print(f"{number:5} {what}")
    assert set(by_lang) == set(CODES)
    assert mean >= _LEAST_AGREEMENT
    assert min(sum(found) / len(found) for found in by_lang.values()) >= 0.7


def test_known_items_are_found_as_well(embedded: Parts, on_cluster: Parts, queries: list[JudgedQuery]) -> None:
    langs = embedded.sampler.source_langs(name for query in queries for name in query.relevant)
    here = evaluate(queries, by_service(embedded.search), langs).overall
    there = evaluate(queries, by_service(on_cluster.search), langs).overall
    print(f"\nembedded {here}\ncluster {there}")
    assert there["recall@10"] >= here["recall@10"] - 0.02
    assert there["ndcg@10"] >= here["ndcg@10"] - 0.02
