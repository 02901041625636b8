"""An encoder without a model."""

import hashlib
from collections.abc import Sequence

import numpy as np


class HashEncoder:
    """An encoder without a model: texts that share words are near, others are far; the same text is the same vector."""

    name = "hash"
    version = "1"
    dimensions = 64

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Sum a fixed random direction for each word."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for number, text in enumerate(texts):
            for word in text.casefold().split() or [""]:
                seed = int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=4).digest(), "big")
                rows[number] += np.random.default_rng(seed).standard_normal(self.dimensions).astype(np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
