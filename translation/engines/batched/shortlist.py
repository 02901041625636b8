"""The lexical shortlist, ``lex.*.bin``: which target words a source word can become.

The file is little-endian: six u64 (magic, checksum, frequent, best, number of offsets, number of entries), then u64
offsets of each source word's list, then the lists as u32 word ids.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.errors import PermanentEngineError
from translation.engines.batched.network import NEVER

_MAGIC = 0xF11A48D5013417F5
_HEADER = struct.Struct("<6Q")


@dataclass(frozen=True, slots=True)
class Candidates:
    """The target words with which the sentences of a batch are written.

    Each sentence chooses from its own list. With the union of the batch for all, 10-30 % of titles would change with
    their neighbours.

    Attributes:
        union: words on any list, ascending.
        words: ``[sentences, longest list]``, each sentence's words, ascending; filled up with its first.
        places: where in the union these stand.
        bias: the output layer's, of these words; ``NEVER`` for what fills up.
    """

    union: NDArray[np.int64]
    words: NDArray[np.int64]
    places: NDArray[np.int64]
    bias: NDArray[np.float32]

    def rows(self, kept: NDArray[np.int64]) -> "Candidates":
        """Return the lists of some sentences, over the same union."""
        return Candidates(self.union, self.words[kept], self.places[kept], self.bias[kept])


class Shortlist:
    """The lists of a model.

    Args:
        frequent: so many of the first target words are on every list.
        offsets: where each source word's list begins, and where the last one ends.
        entries: target words, list after list.
        bias: the output layer's, one number a target word.
        shared: whether both sides have one vocabulary, so that a word of the source may be written as it is.
    """

    def __init__(
        self,
        frequent: int,
        offsets: NDArray[np.int64],
        entries: NDArray[np.uint32],
        bias: NDArray[np.float32],
        *,
        shared: bool,
    ) -> None:
        self._frequent = frequent
        self._offsets = offsets.tolist()
        self._entries = entries
        self._bias = bias
        self._shared = shared

    def candidates(self, sentences: Sequence[Sequence[int]]) -> Candidates:
        """Return the words for sentences of source word ids."""
        anywhere, listed = np.zeros((2, self._bias.size), bool)
        lists = []
        for sentence in sentences:
            self._mark(listed, sentence)
            lists.append(np.flatnonzero(listed))
            anywhere |= listed
            listed[:] = False
        union = np.flatnonzero(anywhere)
        place = np.empty(self._bias.size, np.int64)
        place[union] = np.arange(union.size)
        words = np.empty((len(lists), max(one.size for one in lists)), np.int64)
        bias = np.full(words.shape, NEVER, np.float32)
        for row, biases, one in zip(words, bias, lists, strict=True):
            row[: one.size], row[one.size :] = one, one[0]
            biases[: one.size] = self._bias[one]
        return Candidates(union, words, place[words], bias)

    def _mark(self, listed: NDArray[np.bool_], sentence: Sequence[int]) -> None:
        """Mark the words of a sentence's list."""
        distinct = set(sentence)
        listed[: self._frequent] = True
        if self._shared:
            listed[list(distinct)] = True
        for word in distinct:
            listed[self._entries[self._offsets[word] : self._offsets[word + 1]]] = True


def read_shortlist(
    path: Path, source_words: int, bias: NDArray[np.float32], *, shared: bool, data: bytes | None = None
) -> Shortlist:
    """Read a shortlist.

    Args:
        path: the file.
        source_words: words of the source vocabulary.
        bias: the output layer's, one number a target word.
        shared: whether both sides have one vocabulary.
        data: what is in the file, where that was read before.

    Raises:
        PermanentEngineError: it is damaged, no shortlist, or that of another model; names the file.
    """
    data = path.read_bytes() if data is None else data
    if len(data) < _HEADER.size:
        raise _refusal(path, "it is too short")
    magic, _, frequent, _, words, length = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise _refusal(path, "it is no lexical shortlist")
    if len(data) != _HEADER.size + 8 * words + 4 * length:
        raise _refusal(path, f"it has {len(data)} bytes, and its head promises another size")
    offsets = np.frombuffer(data, "<u8", words, _HEADER.size).astype(np.int64)
    entries = np.frombuffer(data, "<u4", length, _HEADER.size + 8 * words)
    if words <= source_words:
        raise _refusal(path, f"it has lists for {words - 1} words, and the source vocabulary has {source_words}")
    if offsets[0] or offsets[-1] != length or (np.diff(offsets) < 0).any():
        raise _refusal(path, "its lists overlap")
    if not 0 < frequent <= bias.size or (length and entries.max() >= bias.size):
        raise _refusal(path, f"it names words beyond the {bias.size} of the target vocabulary")
    return Shortlist(frequent, offsets, entries, bias, shared=shared)


def _refusal(path: Path, reason: str) -> PermanentEngineError:
    return PermanentEngineError(f"shortlist {path}: {reason}. Fetch the model again.")
