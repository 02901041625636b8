"""How good the search is: metrics over judged queries, by language and by pair of languages.

Metrics come from ir-measures (trec_eval's definitions). A query counts in ``by_pair`` under the language in which it is
asked and the language in which its best product was written.
"""

import codecs
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UsageError
from catalog.languages import CODES
from catalog.model import Product
from indexes.backend import SearchIndex
from indexes.embedding import Encoder
from indexes.model import Filters, VectorLeg
from search.model import SearchQuery
from search.service import SearchService
from translation.facts import find
from translation.model import State
from translation.records.texts import FieldText
from translation.words import words

DEPTH = 10
"""Places of a page in which a product counts as found, the 10 of recall@10."""
ASKABLE = frozenset({State.SOURCE, State.REVIEWED, State.MEMORY, State.MACHINE})
"""States of a text that was written or translated whole: it may be asked for."""

_SHORTEST_TITLE = 2
_WORDS_OF_A_QUERY = 6


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the products that answer it.

    Attributes:
        relevant: grade by product id; above 0 counts as found.
    """

    id: str
    query: str
    lang: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Metrics over a set of queries.

    Attributes:
        across: metrics of the queries whose product was written in another language; empty when there is none.
        within: metrics of those whose product was written in the query's language.
        parity: cross-language recall over own-language recall; ``None`` where one of them has no query.
        missed: ids of the queries that found none of their products.
    """

    queries: int
    overall: Mapping[str, float]
    by_lang: Mapping[str, Mapping[str, float]]
    by_pair: Mapping[str, Mapping[str, float]]
    across: Mapping[str, float]
    within: Mapping[str, float]
    parity: float | None
    missed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The contract's JSON of ``lexicart evaluate``."""
        return {
            "queries": self.queries,
            "overall": self.overall,
            "by_lang": self.by_lang,
            "by_pair": self.by_pair,
            "parity": self.parity,
            "missed": list(self.missed),
        }


Ranker = Callable[[JudgedQuery], Sequence[str]]
"""Answers a query with product ids, best first."""


def read_queries(path: Path) -> list[JudgedQuery]:
    """Read judged queries from JSON Lines in UTF-8.

    Raises:
        UsageError: a line is no query, its id was used before, none of its products has a grade above 0, or there is
            no query at all; names file and line.
    """
    found: dict[str, JudgedQuery] = {}
    lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        query = _read_query(where, line)
        if query.id in found:
            raise UsageError(f"{where}: the id {query.id!r} was used before: give each query an id of its own")
        found[query.id] = query
    if not found:
        raise UsageError(f"{path}, line 1: there is no query in this file: write one JSON document a line")
    return list(found.values())


def _read_query(where: str, line: bytes) -> JudgedQuery:
    try:
        row = json.loads(line.decode("utf-8"))
        relevant = {str(name): int(grade) for name, grade in row["relevant"].items()}
        query = JudgedQuery(str(row["id"]), str(row["query"]), str(row["lang"]), relevant)
    except UnicodeDecodeError as exc:
        raise UsageError(f"{where}: this is not UTF-8 ({exc.reason} at byte {exc.start}): save it as UTF-8") from exc
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as exc:
        raise UsageError(f"{where}: a query is {{id, query, lang, relevant: {{product id: grade}}}} ({exc!r})") from exc
    if query.lang not in CODES:
        raise UsageError(f"{where}: no language {query.lang!r}: it is one of {', '.join(CODES)}")
    if not any(grade > 0 for grade in relevant.values()):
        raise UsageError(f"{where}: no product has a grade above 0, so nothing could be found")
    return query


def known_items(
    texts: Iterable[tuple[Product, Sequence[FieldText]]], langs: Sequence[str], limit: int, seed: int = 1
) -> list[JudgedQuery]:
    """Make queries from the catalog itself: the words of titles, in their own and in the other languages.

    Only what was written or translated whole makes a query: a draft made of terms would be asked of the index that
    holds that very draft, and a stand-in would be a query in another language.

    Args:
        texts: products with their texts.
        langs: languages to ask in.
        limit: most queries a language; a fixed random choice.
    """
    by_lang: dict[str, list[JudgedQuery]] = defaultdict(list)
    for product, fields in texts:
        for field in fields:
            if field.field == "title" and field.translation.state in ASKABLE:
                asked = _asked(field.lang, field.shown)
                if asked:
                    name = f"{field.lang}:{product.id}"
                    by_lang[field.lang].append(JudgedQuery(name, asked, field.lang, {product.id: 1}))
    chosen: list[JudgedQuery] = []
    for lang in langs:
        queries = by_lang[lang]
        chosen += random.Random(seed).sample(queries, min(limit, len(queries)))
    return chosen


def _asked(lang: str, title: str) -> str:
    """Return the naming words of a title: without codes, measures and numbers, at most six."""
    facts = [(fact.start, fact.end) for fact in find(title)]
    kept = [word for word in words(lang, title) if not any(start <= word.start < end for start, end in facts)]
    if len(kept) < _SHORTEST_TITLE:
        return ""
    cut = kept[:_WORDS_OF_A_QUERY]
    joiner = "" if lang in ("zh", "ja") else " "
    return joiner.join(title[word.start : word.end] for word in cut)


def by_service(service: SearchService, build: str | None = None, depth: int = DEPTH) -> Ranker:
    """Return a ranker that asks the search service for ``depth`` hits."""

    def rank(query: JudgedQuery) -> list[str]:
        page = service.search(SearchQuery(query.query, query.lang, limit=depth), build)
        return [hit.id for hit in page.hits]

    return rank


def by_vectors(index: SearchIndex, encoder: Encoder, depth: int = DEPTH) -> Ranker:
    """Return a ranker by the vectors alone: the yardstick beside which a fused ranking is printed."""

    def rank(query: JudgedQuery) -> list[str]:
        [answer] = index.legs([VectorLeg(encoder.encode([query.query])[0], depth)], Filters())
        return [match.id for match in answer.matches]

    return rank


def evaluate(
    queries: Sequence[JudgedQuery], rank: Ranker, source_langs: Mapping[str, str], cutoffs: Sequence[int] = (10,)
) -> Evaluation:
    """Measure a ranker.

    Args:
        queries: what to ask.
        rank: answers a query.
        source_langs: language in which each relevant product was written.
        cutoffs: the k of recall@k and ndcg@k; ``mrr@10`` and ``success@1`` are always there.
    """
    per_query = _measure(queries, rank, cutoffs)
    groups: dict[str, list[str]] = defaultdict(list)
    pairs: dict[str, list[str]] = defaultdict(list)
    for query in queries:
        groups[query.lang].append(query.id)
        best = max(query.relevant, key=lambda name: query.relevant[name])
        pairs[f"{query.lang}>{source_langs.get(best, '?')}"].append(query.id)
    own = [name for pair, names in pairs.items() if pair[:2] == pair[3:] for name in names]
    cross = [name for pair, names in pairs.items() if pair[:2] != pair[3:] for name in names]
    return Evaluation(
        queries=len(queries),
        overall=_mean(per_query, list(per_query)),
        by_lang={lang: _mean(per_query, names) for lang, names in sorted(groups.items())},
        by_pair={pair: _mean(per_query, names) for pair, names in sorted(pairs.items())},
        across=_mean(per_query, cross),
        within=_mean(per_query, own),
        parity=_parity(per_query, own, cross),
        missed=tuple(name for name, values in per_query.items() if not values[f"recall@{DEPTH}"]),
    )


def _measure(queries: Sequence[JudgedQuery], rank: Ranker, cutoffs: Sequence[int]) -> dict[str, dict[str, float]]:
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    measures = {f"mrr@{DEPTH}": RR @ DEPTH, "success@1": Success @ 1, f"recall@{DEPTH}": R @ DEPTH}
    for k in sorted({*cutoffs, DEPTH}):
        measures |= {f"recall@{k}": R @ k, f"ndcg@{k}": nDCG @ k}
    judged = [ir_measures.Qrel(query.id, name, grade) for query in queries for name, grade in query.relevant.items()]
    run = [
        ir_measures.ScoredDoc(query.id, name, -float(place))
        for query in queries
        for place, name in enumerate(rank(query))
    ]
    names = {measure: name for name, measure in measures.items()}
    per_query: dict[str, dict[str, float]] = {query.id: dict.fromkeys(measures, 0.0) for query in queries}
    for metric in ir_measures.iter_calc(list(names), judged, run):
        per_query[metric.query_id][names[metric.measure]] = float(metric.value)
    return per_query


def _mean(per_query: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> dict[str, float]:
    if not names:
        return {}
    metrics = per_query[names[0]]
    return {metric: round(sum(per_query[name][metric] for name in names) / len(names), 4) for metric in sorted(metrics)}


def _parity(per_query: Mapping[str, Mapping[str, float]], own: Sequence[str], cross: Sequence[str]) -> float | None:
    metric = f"recall@{DEPTH}"
    in_own = _mean(per_query, own).get(metric)
    across = _mean(per_query, cross).get(metric)
    return round(across / in_own, 4) if in_own and across is not None else None


def matrix(evaluation: Evaluation, metric: str) -> Iterator[str]:
    """Yield the lines of a table of one metric: languages asked in by languages found."""
    sources = sorted({pair[3:] for pair in evaluation.by_pair})
    yield f"{'':>6}" + "".join(f"{source:>6}" for source in sources) + f"{'all':>7}"
    for lang, values in evaluation.by_lang.items():
        cells = (evaluation.by_pair.get(f"{lang}>{source}", {}).get(metric) for source in sources)
        row = "".join("     ." if cell is None else f"{cell:>6.2f}" for cell in cells)
        yield f"{lang:>6}{row}{values[metric]:>7.2f}"
