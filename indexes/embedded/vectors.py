"""The vectors of a build in memory: one matrix, scanned exactly.

float32 and one matrix product by numpy: 8 µs for 300 products, 14.5 ms for 200,000. An int8 scan (numkong) takes 6 µs
and 7.0 ms and a quarter of the memory, but then has to rescore what it found (0.5 ms for 800 candidates) and brings a
library of 45 MB. It would pay where Elasticsearch is meant to serve.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

_TIE = 1e-6
"""Cosines closer than this are equal: the same vector gives sums that differ in the last bit from row to row."""


class VectorTable:
    """All vectors of a build and what is needed to centre them.

    Args:
        numbers: product number of each row.
        matrix: unit vectors, float32, one a row.
        sources: position in ``source_langs`` of each row's source language.
        source_langs: languages in which products were written.
    """

    def __init__(
        self, numbers: np.ndarray, matrix: np.ndarray, sources: np.ndarray, source_langs: Sequence[str]
    ) -> None:
        self._numbers = numbers
        self._matrix = matrix
        self._sources = sources
        self._source_langs = tuple(source_langs)
        self._lock = threading.Lock()
        self._centred: tuple[Mapping[str, np.ndarray], np.ndarray] | None = None

    def nearest(
        self, query: np.ndarray, limit: int, allowed: np.ndarray | None, means: Mapping[str, np.ndarray] | None
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Return numbers and cosines of the nearest products and how many are allowed at all.

        More than ``limit`` come back when several are as near as the last.

        Args:
            query: unit vector.
            allowed: for each product number whether it may be found; ``None`` for all.
            means: subtracted from each vector by its source language before comparing.
        """
        if not len(self._numbers):
            return self._numbers, np.zeros(0), 0
        scores = self._matrix @ query
        if means is not None:
            scores = self._shifted(scores, query, means)
        if allowed is not None:
            rows = np.flatnonzero(allowed[self._numbers])
            scores, numbers = scores[rows], self._numbers[rows]
        else:
            numbers = self._numbers
        total, limit = len(scores), max(limit, 1)
        if total > limit:
            last = np.partition(scores, total - limit)[total - limit]
            near = np.flatnonzero(scores >= last - _TIE)
            scores, numbers = scores[near], numbers[near]
        return numbers, np.round(scores.astype(np.float64), 6), total

    def _shifted(self, scores: np.ndarray, query: np.ndarray, means: Mapping[str, np.ndarray]) -> np.ndarray:
        """Turn q·v into the cosine of q and v minus its mean: (q·v - q·m) / |v - m|, without a second matrix."""
        along = np.array([float(query @ means[lang]) if lang in means else 0.0 for lang in self._source_langs])
        shifted: np.ndarray = (scores - along[self._sources]) / self._lengths(means)
        return shifted

    def _lengths(self, means: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return |v - m| for each row; kept, since the means of an encoder do not change."""
        with self._lock:
            if self._centred is None or not _same(self._centred[0], means):
                self._centred = (dict(means), self._measure_lengths(means))
            return self._centred[1]

    def _measure_lengths(self, means: Mapping[str, np.ndarray]) -> np.ndarray:
        zero = np.zeros(self._matrix.shape[1], dtype=np.float32)
        stacked = np.stack([means.get(lang, zero) for lang in self._source_langs])
        products = np.take_along_axis(self._matrix @ stacked.T, self._sources[:, None].astype(np.int64), axis=1)[:, 0]
        squares = 1.0 - 2.0 * products + np.einsum("ij,ij->i", stacked, stacked)[self._sources]
        lengths: np.ndarray = np.sqrt(np.maximum(squares, 1e-12))
        return lengths

    def updated(
        self, connection: sqlite3.Connection, changed: np.ndarray, sources: np.ndarray, source_langs: Sequence[str]
    ) -> "VectorTable":
        """Return the table with the rows of changed products replaced.

        Args:
            connection: in a transaction.
            changed: product numbers.
            sources: by product number, as in :class:`~indexes.embedded.columns.Catalogue`.
            source_langs: as there.
        """
        numbers, fresh = _read_some(connection, changed, self._matrix.shape[1])
        kept = ~np.isin(self._numbers, changed)
        now = np.concatenate([self._numbers[kept], numbers])
        return VectorTable(now, np.concatenate([self._matrix[kept], fresh]), sources[now], source_langs)


def _same(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[lang], other[lang]) for lang in one)


def read_vectors(
    connection: sqlite3.Connection, dimensions: int, sources: np.ndarray, source_langs: Sequence[str]
) -> VectorTable:
    """Read all vectors of a build."""
    everything = "SELECT number, vector FROM vectors ORDER BY number"
    count = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
    numbers, matrix = _filled(connection.execute(everything), count, dimensions)
    return VectorTable(numbers, matrix, sources[numbers], source_langs)


def _read_some(connection: sqlite3.Connection, wanted: np.ndarray, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Read the vectors of some products; those without one are left out."""
    query = "SELECT number, vector FROM vectors WHERE number IN (SELECT value FROM json_each(?))"
    rows = connection.execute(query, (json.dumps(wanted.tolist()),)).fetchall()
    return _filled(rows, len(rows), dimensions)


def _filled(rows: Iterable[tuple[int, bytes]], count: int, dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.zeros(count, dtype=np.int64)
    matrix = np.zeros((count, dimensions), dtype=np.float32)
    for at, (number, blob) in enumerate(rows):
        numbers[at] = number
        matrix[at] = np.frombuffer(blob, dtype=np.float16)
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    return numbers, matrix
