"""Choosing the next words of a batch, among all words or among each sentence's own list."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from translation.engines.batched.sessions import Binding
from translation.engines.batched.shortlist import Candidates

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


class Choice(Protocol):
    """Where the decoder writes its scores, and what is best by them."""

    def bind(self, binding: Binding) -> None:
        """Tell the decoder where to write."""
        ...

    def best(self) -> Ids:
        """Return the word of the highest score for each sentence; of equal ones that of the lowest id."""
        ...

    def rows(self, kept: Ids) -> "Choice":
        """Return the choice for some of the sentences."""
        ...


class AnyWord:
    """All words of the vocabulary; their bias is in the graph.

    Args:
        sentences: how many.
        words: how many.
    """

    def __init__(self, sentences: int, words: int) -> None:
        self._scores = np.empty((sentences, words), np.float32)

    def bind(self, binding: Binding) -> None:
        """Tell the decoder where to write."""
        binding.write("scores", self._scores)

    def best(self) -> Ids:
        """Return the best words."""
        best: Ids = self._scores.argmax(axis=1)
        return best

    def rows(self, kept: Ids) -> "AnyWord":
        """Return the choice for some of the sentences."""
        return AnyWord(kept.size, self._scores.shape[1])


class ListedWord:
    """Each sentence's own candidates: a sixth to a tenth of the batch's union, for which the decoder has scores.

    Args:
        candidates: the lists.
        weights: output weights of the union, ``[words, size]``.
    """

    def __init__(self, candidates: Candidates, weights: NDArray[np.generic]) -> None:
        sentences = np.arange(len(candidates.words))
        self._candidates = candidates
        self._weights = weights
        self._scores = np.empty((candidates.union.size, sentences.size), np.float32)
        self._places = candidates.places * sentences.size + sentences[:, None]
        self._own = np.empty(candidates.bias.shape, np.float32)
        self._sentences = sentences

    def bind(self, binding: Binding) -> None:
        """Tell the decoder what to score and where to write."""
        binding.read("weights", self._weights)
        binding.write("scores", self._scores)

    def best(self) -> Ids:
        """Return the best words."""
        # "clip" lets numpy write into the array that is there; no place is outside.
        self._scores.take(self._places, out=self._own, mode="clip")
        np.add(self._own, self._candidates.bias, out=self._own)
        best: Ids = self._candidates.words[self._sentences, self._own.argmax(axis=1)]
        return best

    def rows(self, kept: Ids) -> "ListedWord":
        """Return the choice for some of the sentences."""
        return ListedWord(self._candidates.rows(kept), self._weights)
