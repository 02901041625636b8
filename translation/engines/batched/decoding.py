"""The decoder in the middle of a batch: what it has read, its states, and one step after the other."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from translation.engines.batched.choice import Choice, Floats, Ids
from translation.engines.batched.sessions import Binding

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the encoder made of a batch, one row a sentence.

    Attributes:
        keys: for each layer of the decoder.
        values: likewise.
        mask: 0 where the sentence has a word, far below where it has none.
    """

    keys: tuple[Floats, ...]
    values: tuple[Floats, ...]
    mask: Floats

    def rows(self, kept: Ids) -> "Encoded":
        """Return some rows of it."""
        return Encoded(tuple(one[kept] for one in self.keys), tuple(one[kept] for one in self.values), self.mask[kept])


class Decoding:
    """A batch that is being written.

    Two bindings take turns, each reading the states that the other wrote, so that from one step to the next nothing is
    copied or bound anew.

    Args:
        session: the decoder.
        encoded: what is translated.
        choice: among which words.
        embedding: of the target's words, ``[words, size]``.
    """

    def __init__(
        self, session: "InferenceSession", encoded: Encoded, choice: Choice, embedding: NDArray[np.generic]
    ) -> None:
        count, size = len(encoded.mask), embedding.shape[1]
        self._session = session
        self._encoded = encoded
        self._choice = choice
        self._embedding = embedding
        self._words = np.zeros((count, size), embedding.dtype)
        self._position = np.empty(size, np.float32)
        self._states = [[np.zeros((count, size), np.float32) for _ in encoded.keys] for _turn in range(2)]
        self._turn = 0
        self._bindings = [self._bind(turn) for turn in range(2)]

    def step(self, position: Floats) -> Ids:
        """Return the next word of each sentence, which the step after it follows."""
        np.copyto(self._position, position)
        self._bindings[self._turn].run()
        self._turn = 1 - self._turn
        best = self._choice.best()
        # "clip" lets numpy write into the array that is there; no word is outside.
        self._embedding.take(best, axis=0, out=self._words, mode="clip")
        return best

    def keep(self, kept: Ids) -> None:
        """Go on with some of the sentences."""
        self._encoded = self._encoded.rows(kept)
        self._choice = self._choice.rows(kept)
        self._words = self._words[kept]
        self._states = [[state[kept] for state in states] for states in self._states]
        self._bindings = [self._bind(turn) for turn in range(2)]

    def _bind(self, turn: int) -> Binding:
        binding = Binding(self._session)
        binding.read("words", self._words)
        binding.read("position", self._position)
        binding.read("mask", self._encoded.mask)
        for number, (keys, values) in enumerate(zip(self._encoded.keys, self._encoded.values, strict=True)):
            binding.read(f"keys_{number}", keys)
            binding.read(f"values_{number}", values)
            binding.read(f"state_{number}", self._states[turn][number])
            binding.write(f"next_{number}", self._states[1 - turn][number])
        self._choice.bind(binding)
        return binding
