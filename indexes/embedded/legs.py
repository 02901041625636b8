"""The legs of a search, run on one snapshot."""

import heapq
import math
import sqlite3
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from catalog.errors import UnknownValueError, UsageError
from indexes.embedded import neutral
from indexes.embedded.snapshot import Snapshot
from indexes.facts import PRICE_UNIT, check_filters, readable_filters
from indexes.model import (
    SORTS,
    BrowseLeg,
    CodeLeg,
    ConceptLeg,
    Filters,
    Leg,
    LegAnswer,
    Match,
    TextLeg,
    VectorLeg,
)


class LegRunner:
    """Runs legs under the same filters.

    Args:
        snapshot: what is searched.
        connection: in a transaction of the snapshot's generation.
        filters: hold for every leg.
    """

    def __init__(self, snapshot: Snapshot, connection: sqlite3.Connection, filters: Filters) -> None:
        check_filters(filters)
        self._snapshot = snapshot
        self._connection = connection
        self._filters = readable_filters(filters)

    def run(self, leg: Leg) -> LegAnswer:
        """Answer one leg."""
        match leg:
            case TextLeg():
                return self._text(leg)
            case CodeLeg():
                return self._codes(leg)
            case ConceptLeg():
                return self._concepts(leg)
            case VectorLeg():
                return self._vectors(leg)
            case BrowseLeg():
                return self._browse(leg)

    @cached_property
    def _allowed(self) -> np.ndarray | None:
        """For each product number whether it passes the filters; ``None`` when all do."""
        if self._filters.empty:
            return None
        return self._snapshot.facts(self._connection).mask(self._filters)

    def _text(self, leg: TextLeg) -> LegAnswer:
        reader = self._snapshot.texts(leg.lang)
        if reader is None:
            return LegAnswer((), 0, dict.fromkeys(leg.tokens, 0), 0)
        ids = self._snapshot.catalogue.ids
        hits, total = reader.find(leg.tokens, self._filters, self._snapshot.currencies, leg.limit, ids)
        matches = tuple(Match(ids[hit.number], hit.score, hit.matched, hit.in_title) for hit in hits)
        return LegAnswer(matches, total, reader.frequencies(leg.tokens), reader.documents)

    def _codes(self, leg: CodeLeg) -> LegAnswer:
        found = neutral.postings(self._connection, "codes", leg.codes)
        return self._having(found, dict.fromkeys(found, 1.0), leg.limit)

    def _concepts(self, leg: ConceptLeg) -> LegAnswer:
        found = neutral.postings(self._connection, "concepts", leg.concepts)
        documents = self._snapshot.product_count
        weights = {name: _rarity(len(numbers), documents) for name, numbers in found.items()}
        answer = self._having(found, weights, leg.limit)
        frequencies = {name: len(numbers) for name, numbers in found.items()}
        return LegAnswer(answer.matches, answer.total, frequencies, documents)

    def _having(self, found: Mapping[str, np.ndarray], weights: Mapping[str, float], limit: int) -> LegAnswer:
        """Rank products by the sum of the weights of the names that they have."""
        scores = np.zeros(len(self._snapshot.catalogue.ids), dtype=np.float64)
        for name, having in found.items():
            scores[having] += weights[name]
        if self._allowed is not None:
            scores[~self._allowed] = 0.0
        numbers = np.flatnonzero(scores > 0)
        has = {name: set(having.tolist()) for name, having in found.items()}
        ids = self._snapshot.catalogue.ids
        matches = tuple(
            Match(ids[number], score, tuple(name for name in found if number in has[name]))
            for number, score in self._top(numbers, scores[numbers], limit)
        )
        return LegAnswer(matches, len(numbers))

    def _vectors(self, leg: VectorLeg) -> LegAnswer:
        self._snapshot.check_dimensions(leg.vector)
        table = self._snapshot.vectors(self._connection)
        numbers, scores, total = table.nearest(leg.vector, leg.limit, self._allowed, leg.means)
        return LegAnswer(self._plain_matches(numbers, scores, leg.limit), total)

    def _browse(self, leg: BrowseLeg) -> LegAnswer:
        if leg.sort not in SORTS:
            raise UnknownValueError("sort", leg.sort, SORTS)
        shown = self._snapshot.in_language(leg.lang)
        if self._allowed is not None:
            shown &= self._allowed
        numbers = np.flatnonzero(shown)
        return LegAnswer(self._plain_matches(numbers, self._sort_values(leg.sort)[numbers], leg.limit), len(numbers))

    def _sort_values(self, sort: str) -> np.ndarray:
        """Return for each product number the value by which products are browsed, the highest first."""
        facts = self._snapshot.facts(self._connection)
        if sort == "newest":
            return facts.created.astype(np.float64)
        if sort == "relevance":
            return np.zeros(facts.size, dtype=np.float64)
        currencies = self._filters.values.get("currency")
        if not currencies:
            raise UsageError("sorting by price needs a currency filter: prices of different currencies don't compare")
        lowest = facts.lowest_prices(currencies) * float(PRICE_UNIT)
        return lowest if sort == "-price" else -lowest

    def _plain_matches(self, numbers: np.ndarray, scores: np.ndarray, limit: int) -> tuple[Match, ...]:
        ids = self._snapshot.catalogue.ids
        return tuple(Match(ids[number], score) for number, score in self._top(numbers, scores, limit))

    def _top(self, numbers: np.ndarray, scores: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """Return number and score of the highest scores, best first, equal ones by id.

        Of those that share the last place's score only the first by id are ordered: a catalog imported at once is one
        such tie when it is browsed by age.
        """
        ids = self._snapshot.catalogue.ids
        pairs: Iterable[tuple[int, float]]
        if len(numbers) > limit > 0:
            last = np.partition(scores, len(scores) - limit)[len(scores) - limit]
            above = scores > last
            tied = heapq.nsmallest(limit - int(above.sum()), numbers[scores == last].tolist(), key=ids.__getitem__)
            pairs = [*zip(numbers[above].tolist(), scores[above].tolist(), strict=True)]
            pairs += [(number, float(last)) for number in tied]
        else:
            pairs = zip(numbers.tolist(), scores.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], ids[pair[0]]))[:limit]


def _rarity(having: int, documents: int) -> float:
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))
