"""Evaluating the live build of an installation."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from api.bootstrap import Parts
from catalog.errors import UsageError
from search.evaluation import Evaluation, JudgedQuery, Ranker, by_service, by_vectors, evaluate, read_queries

KNOWN_ITEMS_A_LANGUAGE = 50

_NAMED = 5

Queries = Path | Sequence[JudgedQuery] | None
"""A file of judged queries, such queries, or ``None`` for known-item queries that the catalog yields."""


def judged_queries(parts: Parts, path: Path, warn: Callable[[str], None]) -> list[JudgedQuery]:
    """Return the queries of a file as far as this store can answer them.

    Products that are not in the store can't be found, so they would only say how old the file is: they are left out,
    and queries of which none is left with them.

    Args:
        parts: the installation.
        path: JSON Lines, see :func:`search.evaluation.read_queries`.
        warn: called with a sentence about what was left out.

    Raises:
        UsageError: the file is wrong, or none of its products is in the store.
    """
    queries = read_queries(path)
    here = parts.sampler.source_langs(_relevant(queries))
    absent = sorted({name for query in queries for name in query.relevant if name not in here})
    kept = [query for query in (_present(query, here) for query in queries) if query is not None]
    if absent:
        named = ", ".join(absent[:_NAMED]) + (" ..." if len(absent) > _NAMED else "")
        warn(
            f"{path}: {len(absent)} relevant products are not in the store ({named}); "
            f"{len(queries) - len(kept)} of {len(queries)} queries are left out, nothing could answer them"
        )
    if not kept:
        raise UsageError(f"{path}: none of the relevant products is in the store: import their catalog first")
    return kept


def _present(query: JudgedQuery, here: Collection[str]) -> JudgedQuery | None:
    relevant = {name: grade for name, grade in query.relevant.items() if name in here}
    return replace(query, relevant=relevant) if any(grade > 0 for grade in relevant.values()) else None


def evaluate_live(parts: Parts, queries: Queries, cutoffs: Sequence[int] = (10,)) -> Evaluation:
    """Measure the live build."""
    return _evaluated(parts, queries, by_service(parts.search), cutoffs)


def evaluate_vectors(parts: Parts, queries: Queries, cutoffs: Sequence[int] = (10,)) -> Evaluation:
    """Measure the vectors alone (title and category)."""
    return _evaluated(parts, queries, by_vectors(parts.index, parts.encoder), cutoffs)


def _evaluated(parts: Parts, queries: Queries, ranker: Ranker, cutoffs: Sequence[int]) -> Evaluation:
    asked = _asked(parts, queries)
    return evaluate(asked, ranker, parts.sampler.source_langs(_relevant(asked)), cutoffs)


def _asked(parts: Parts, queries: Queries) -> Sequence[JudgedQuery]:
    if queries is None:
        return parts.sampler.known_items(KNOWN_ITEMS_A_LANGUAGE)
    return read_queries(queries) if isinstance(queries, Path) else queries


def _relevant(queries: Iterable[JudgedQuery]) -> Iterator[str]:
    return (name for query in queries for name in query.relevant)
