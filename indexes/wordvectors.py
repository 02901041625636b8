"""Vectors of single words, kept in a file so that each word is embedded once.

MaxSim compares every word of a query with every word of a title. Embedding the 1,600 words of 200 titles takes half
a second; reading them from this file takes 10 ms, and from memory nothing. Vectors are those of the sentence encoder
minus one fixed mean, unit length, kept as float16 (1 KB a word).
"""

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from indexes.embedding import Encoder

logger = logging.getLogger(__name__)

_IN_MEMORY = 50_000
"""Words kept in memory: 100 MB of float32 vectors."""

_CHUNK = 500


class WordVectors:
    """Unit vectors of words.

    Args:
        encoder: embeds words that are not known yet.
        mean: subtracted from every word's vector: what all words share says nothing.
        file: where vectors are kept; ``None`` keeps them in memory only.
    """

    def __init__(self, encoder: Encoder, mean: np.ndarray, file: Path | None = None) -> None:
        self._encoder = encoder
        self._mean = mean
        self._file = file
        self._lock = threading.Lock()
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()
        self._connection: sqlite3.Connection | None = None

    def of(self, words: Sequence[str]) -> np.ndarray:
        """Return one unit vector a word, float32 ``[len(words), dimensions]``."""
        with self._lock:
            missing = [word for word in dict.fromkeys(words) if word not in self._known]
            if missing:
                self._learn(missing)
            rows = [self._known[word] for word in words]
            for word in words:
                self._known.move_to_end(word)
            while len(self._known) > _IN_MEMORY:
                self._known.popitem(last=False)
        if not rows:
            return np.zeros((0, self._encoder.dimensions), dtype=np.float32)
        return np.stack(rows)

    def remember(self, words: Iterable[str]) -> None:
        """Embed and keep words before anybody asks; the builder does so for titles."""
        distinct = list(dict.fromkeys(words))
        for start in range(0, len(distinct), _CHUNK):
            self.of(distinct[start : start + _CHUNK])

    def _start_anew(self, exc: sqlite3.DatabaseError) -> None:
        """Give up a cache that can't be read or written: every word in it can be embedded again."""
        logger.warning("word vectors %s: %s; they are made anew", self._file, exc)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)
        self._file = None

    def _learn(self, words: Sequence[str]) -> None:
        try:
            stored = self._read(words)
        except sqlite3.DatabaseError as exc:
            self._start_anew(exc)
            stored = {}
        fresh = [word for word in words if word not in stored]
        if fresh:
            vectors = self._encoder.encode(fresh) - self._mean
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
            stored.update(zip(fresh, vectors.astype(np.float32), strict=True))
            try:
                self._write({word: stored[word] for word in fresh})
            except sqlite3.DatabaseError as exc:
                self._start_anew(exc)
        self._known.update(stored)

    def _open(self) -> sqlite3.Connection | None:
        if self._file is not None and self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._file, check_same_thread=False, timeout=30)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")  # a lost word is embedded again
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS words (encoder TEXT, word TEXT, vector BLOB, PRIMARY KEY (encoder, word))"
                " WITHOUT ROWID"
            )
        return self._connection

    @property
    def _name(self) -> str:
        return f"{self._encoder.name} {self._encoder.version}"

    def _read(self, words: Sequence[str]) -> dict[str, np.ndarray]:
        connection = self._open()
        found: dict[str, np.ndarray] = {}
        if connection is None:
            return found
        for start in range(0, len(words), _CHUNK):
            chunk = words[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT word, vector FROM words WHERE encoder = ? AND word IN ({marks})"  # noqa: S608
            for word, blob in connection.execute(query, (self._name, *chunk)):
                found[word] = np.frombuffer(blob, dtype=np.float16).astype(np.float32)
        return found

    def _write(self, vectors: dict[str, np.ndarray]) -> None:
        connection = self._open()
        if connection is None:
            return
        with connection:
            connection.executemany(
                "INSERT OR REPLACE INTO words VALUES (?, ?, ?)",
                [(self._name, word, vector.astype(np.float16).tobytes()) for word, vector in vectors.items()],
            )
