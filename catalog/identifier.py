"""py3langid's identifier, faster on texts that repeat each other's words, as those of a catalog do.

Most of its time goes into an automaton that it walks byte by byte in Python (40 of 72 µs for a row of 370 bytes), and
into fetching numbers from all over a model of megabytes. Where a word was met in the same state before, its steps are
known; and the numbers that were needed once lie together. The answers are the same to the last bit.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

_MOST_WORDS = 20_000
"""Words that are remembered, about 7 MB; then they are forgotten all together."""

_LONGEST_WORD = 32
"""Bytes of a word that is remembered. Text without spaces (Chinese) is walked as it is."""

_DIGIT = re.compile(rb"[0-9]")
"""Words with digits hardly come again, and are not remembered."""


class Identifier(LanguageIdentifier):  # type: ignore[misc]  # py3langid has no types
    """A :class:`LanguageIdentifier` that remembers words."""

    __slots__ = ["_lock", "_new", "_places", "_table", "_words"]

    @classmethod
    def load(cls) -> "Identifier":
        """Load the model that py3langid ships, for all its languages, with probabilities."""
        identifier: Identifier = cls.from_model_file(MODEL_FILE, norm_probs=True)
        identifier._remember_nothing()
        return identifier

    def restricted(self, codes: Sequence[str]) -> "Identifier":
        """Return an identifier of these languages only; the model stays one in memory."""
        identifier = copy(self)
        identifier.set_languages(list(codes))
        identifier._remember_nothing()
        return identifier

    def most_likely(self, text: str) -> str:
        """Return the language of :meth:`classify` without its confidence, which takes a quarter of the time.

        Where two languages are as likely as each other, it may be the other one.
        """
        code: str = self.nb_classes[int(self._raw_score(self._encode(text)).argmax())]
        return code

    def _remember_nothing(self) -> None:
        self._lock = threading.Lock()  # several threads may import at once
        self._words: dict[tuple[int, bytes], tuple[int, list[int]]] = {}
        self._places: dict[int, int] = {}  # of a feature in the table
        self._new: list[int] = []  # features that are not in the table yet
        self._table: Any = self.nb_ptc[:0]

    def _raw_score(self, text: bytes) -> Any:
        with self._lock:
            visits = self._visits(text)
            if not visits:
                return super()._raw_score(text)
            if self._new:
                self._extend_table()
            return self._sparse_score(visits, self._table)

    def _extend_table(self) -> None:
        end, table = len(self._places), self._table
        if end > len(table):
            # float32: the model's half-precision numbers would be widened for every text anew.
            self._table = np.empty((2 * end, table.shape[1]), np.float32)
            self._table[: len(table)] = table
        self._table[end - len(self._new) : end] = self.nb_ptc[self._new]
        self._new.clear()

    def _visits(self, text: bytes) -> Counter[int]:
        """Count the features of a text in the order in which they are met, as ``visit_counts`` of py3langid does."""
        known, state = self._words, 0
        features: list[int] = []
        words = text.split(b" ")
        last = words.pop()
        for word in words:
            step = known.get((state, word))
            if step is None:
                step = self._walk(state, word + b" ")
                if len(word) <= _LONGEST_WORD and not _DIGIT.search(word):
                    if len(known) >= _MOST_WORDS:
                        known.clear()
                    known[state, word] = step
            state = step[0]
            features += step[1]
        features += self._walk(state, last)[1]
        return Counter(features)

    def _walk(self, state: int, word: bytes) -> tuple[int, list[int]]:
        """Return the state after a word, and the places of the features that were met."""
        next_state, row, output, places = self.tk_nextmove, self._rowbase, self.tk_output, self._places
        found = []
        for byte in word:
            state = next_state[row[state] + byte]
            feature = output[state]
            if feature >= 0:
                if feature not in places:
                    places[feature] = len(places)
                    self._new.append(feature)
                found.append(places[feature])
        return state, found
