"""A student that is loaded: batches of word ids in, their translations out, always taking the best next word."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from translation.engines.batched.arithmetic import Kernel, Precision, exact_kernel, shifted
from translation.engines.batched.choice import AnyWord, Choice, Floats, Ids, ListedWord
from translation.engines.batched.decoding import Decoding, Encoded
from translation.engines.batched.graphs import decoder_graph, encoder_graph, output_kernel
from translation.engines.batched.network import NEVER, Network
from translation.engines.batched.sessions import Binding, open_session
from translation.engines.batched.shortlist import Shortlist

POSITIONS = 1024
"""Rows of the table of positions, which is what Marian allows."""

LONGEST = (POSITIONS - 2) // 2
"""Word ids of the longest sentence, its end included: a translation may have twice as many and two."""

_ENCODED_TOGETHER = 640
"""Positions that the encoder takes at a time; more take more memory (6 KB each) and are no faster."""

_ENOUGH_ALIVE = 0.8
"""Finished sentences leave the batch once fewer are still being written."""


class Student:
    """A loaded model; threads may share it.

    Args:
        network: what the model file holds.
        shortlist: which words a sentence can become; ``None`` for all.
        end: the target word that ends a sentence.
        precision: which parts run in int8.
        kernel: how int8 is multiplied.
    """

    def __init__(
        self,
        network: Network,
        shortlist: Shortlist | None,
        *,
        end: int,
        precision: Precision = Precision.INT8,
        kernel: Kernel | None = None,
    ) -> None:
        kernel = exact_kernel() if kernel is None else kernel
        encoding = Kernel.FLOAT32 if precision is Precision.FLOAT32 else kernel
        decoding = kernel if precision is Precision.INT8 else Kernel.FLOAT32
        self._heads, self._split = network.heads, network.split
        # Copies, because the views of the model file would keep all of it.
        self._source = network.source.values.copy()
        self._target = self._source if network.target is network.source else network.target.values.copy()
        self._layers = range(len(network.decoder))
        self._shortlist = shortlist
        self._end = end
        self._positions = position_table(network.size)
        self._encoder = open_session(encoder_graph(network, encoding, careful=precision is Precision.CAREFUL))
        self._decoder = open_session(decoder_graph(network, decoding, shortlisted=shortlist is not None))
        # What the words' scores are divided by is in the graph where they are multiplied as integers.
        self._in_int8 = output_kernel(network, decoding) is not Kernel.FLOAT32
        self._multiplier = np.float32(network.target.multiplier)

    def translate(self, sentences: Sequence[Sequence[int]]) -> list[list[int]]:
        """Translate sentences of source word ids that end in the source's end of sentence; none above ``LONGEST``.

        What comes back is without its end. No sentence's translation depends on the others in the batch.
        """
        lengths = np.array([len(sentence) for sentence in sentences])
        decoding = Decoding(self._decoder, self._encode(sentences, lengths), self._choice(sentences), self._target)
        limits = 2 * lengths + 2
        written = np.full((len(sentences), int(limits.max())), self._end, np.int64)
        rows = np.arange(len(sentences))
        alive = np.ones(len(sentences), bool)
        for number in range(written.shape[1]):
            words = decoding.step(self._positions[number])
            written[rows, number] = words
            alive &= (words != self._end) & (number + 1 < limits[rows])
            left = np.count_nonzero(alive)
            if not left:
                break
            if left < _ENOUGH_ALIVE * rows.size:
                kept = np.flatnonzero(alive)
                decoding.keep(kept)
                rows, alive = rows[kept], alive[kept]
        return [self._until_end(line[:limit]) for line, limit in zip(written, limits, strict=True)]

    def _encode(self, sentences: Sequence[Sequence[int]], lengths: Ids) -> Encoded:
        """Run the encoder over the batch, part by part, each part's output to its place."""
        count, length = len(sentences), int(lengths.max())
        words = np.zeros((count, length, self._source.shape[1]), self._source.dtype)
        filled = np.arange(length) < lengths[:, None]
        words[filled] = self._source[np.concatenate([np.asarray(sentence) for sentence in sentences])]
        mask = np.where(filled, np.float32(0), NEVER).reshape(count, 1, 1, length)
        keys = tuple(np.empty((count, self._heads, self._split, length), np.float32) for _ in self._layers)
        values = tuple(np.empty((count, self._heads, length, self._split), np.float32) for _ in self._layers)
        binding = Binding(self._encoder)
        binding.read("positions", self._positions[:length])
        together = max(1, _ENCODED_TOGETHER // length)
        for start in range(0, count, together):
            part = slice(start, start + together)
            binding.read("words", words[part])
            binding.read("mask", mask[part])
            for number in self._layers:
                binding.write(f"keys_{number}", keys[number][part])
                binding.write(f"values_{number}", values[number][part])
            binding.run()
        return Encoded(keys, values, mask)

    def _choice(self, sentences: Sequence[Sequence[int]]) -> Choice:
        if self._shortlist is None:
            return AnyWord(len(sentences), len(self._target))
        candidates = self._shortlist.candidates(sentences)
        return ListedWord(candidates, self._output_weights(candidates.union))

    def _output_weights(self, words: Ids) -> NDArray[Any]:
        """Return the rows of some words in the type in which the decoder takes them."""
        rows: NDArray[Any] = self._target.take(words, axis=0)
        return shifted(rows, Kernel.UNSIGNED) if self._in_int8 else rows / self._multiplier

    def _until_end(self, line: Ids) -> list[int]:
        words: list[int] = line.tolist()
        return words[: words.index(self._end)] if self._end in words else words


def position_table(size: int) -> Floats:
    """Return sinusoidal positions, ``[POSITIONS, size]``: sines in the first half of a row, cosines in the second."""
    half = size // 2
    frequencies = np.exp(np.arange(half) * -(np.log(10_000.0) / (half - 1)))
    angles = np.arange(POSITIONS)[:, None] * frequencies
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)
