"""Finding products by vectors.

Each product has one vector that is searched: its own minus the mean of its language, because the search compares so
(:mod:`search.fusion`). Elasticsearch finds candidates in a graph of vectors of one byte a dimension and compares the
best of them exactly. A leg with other means than the index's is answered from more candidates, compared here.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from indexes.elasticsearch.documents import Means, read_vector
from indexes.elasticsearch.queries import EVERYTHING, Query, total
from indexes.elasticsearch.questions import Answers, Question, Search
from indexes.embedding import centred
from indexes.model import LegAnswer, Match, VectorLeg

_FURTHER = 100
"""Candidates beyond the limit: so many products with the same vector are still ordered by id."""

_COMPARED = 3
"""Candidates of the graph for each that is asked for; see docs/cluster.md for what that finds."""

_OVERSAMPLE = 2.0
"""Of so many times the candidates the exact cosine is computed by the cluster."""

_OTHER_MEANS = 5
"""Candidates for each that is asked for when they are compared here, by other means than the index's."""

_MOST = 10_000
"""Candidates that Elasticsearch takes."""


class Vectors:
    """Makes questions of vector legs.

    Args:
        means: those of the index, by language code; none where vectors are compared as they are.
    """

    def __init__(self, means: Means) -> None:
        self._means = means

    def question(self, index: str, leg: VectorLeg, conditions: Sequence[Query]) -> Question[LegAnswer]:
        """Return what a vector leg asks of the cluster."""
        ours = self._is_ours(leg.means)
        wanted = leg.limit + _FURTHER if ours else _OTHER_MEANS * leg.limit + _FURTHER
        candidates = min(wanted, _MOST)
        nearest: dict[str, Any] = {
            "field": "nearness",
            "query_vector": [float(value) for value in leg.vector],
            "k": candidates,
            "num_candidates": min(max(_COMPARED * leg.limit, candidates), _MOST),
            "rescore_vector": {"oversample": _OVERSAMPLE},
        }
        if conditions:
            nearest["filter"] = list(conditions)
        body = {
            "knn": nearest,
            "size": candidates,
            "_source": False if ours else ["vector"],
            "docvalue_fields": ["id"] if ours else ["id", "source_lang"],
        }
        count = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [EVERYTHING, *conditions]}}}
        read = _read if ours else partial(_compare, leg)
        return Question((Search(index, body), Search(index, count)), partial(_best, leg, read))

    def _is_ours(self, means: Mapping[str, np.ndarray] | None) -> bool:
        given = means or {}
        if given is self._means:
            return True
        return given.keys() == self._means.keys() and all(
            np.array_equal(given[lang], self._means[lang]) for lang in given
        )


def _best(leg: VectorLeg, read: Any, answers: Answers) -> LegAnswer:
    found, count = answers
    matches = sorted(read(found["hits"]["hits"]), key=lambda match: (-match.score, match.id))
    return LegAnswer(tuple(matches[: leg.limit]), total(count))


def _read(hits: Sequence[Mapping[str, Any]]) -> list[Match]:
    # Elasticsearch keeps scores above 0: (1 + cosine) / 2.
    return [Match(hit["fields"]["id"][0], 2.0 * hit["_score"] - 1.0) for hit in hits]


def _compare(leg: VectorLeg, hits: Sequence[Mapping[str, Any]]) -> list[Match]:
    """Compare candidates here, each minus its language's mean where the leg has one."""
    means = leg.means or {}
    matches = []
    for hit in hits:
        vector = read_vector(hit["_source"]["vector"])
        mean = means.get(hit["fields"]["source_lang"][0])
        compared = vector if mean is None else centred(vector, mean)
        matches.append(Match(hit["fields"]["id"][0], float(compared @ leg.vector)))
    return matches
