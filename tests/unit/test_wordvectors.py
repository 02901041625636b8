"""Word vectors: each word is embedded once, and a damaged cache never stops a search."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexes.wordvectors import WordVectors
from tests.fakes.encoder import HashEncoder

ZERO = np.zeros(HashEncoder.dimensions, dtype=np.float32)


class Counting(HashEncoder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return super().encode(texts)


def test_a_word_is_embedded_once_over_processes(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    before = WordVectors(first, ZERO, tmp_path / "words.db").of(["drill", "bit", "drill"])
    after = WordVectors(second, ZERO, tmp_path / "words.db").of(["bit", "drill"])
    assert (first.asked, second.asked) == (["drill", "bit"], [])
    assert before.shape == (3, HashEncoder.dimensions)
    np.testing.assert_allclose(before[[1, 0]], after, atol=1e-3)


def test_the_mean_is_subtracted_and_vectors_are_of_unit_length() -> None:
    encoder = HashEncoder()
    mean = encoder.encode(["drill"])[0] * 0.5
    vectors = WordVectors(encoder, mean).of(["bit"])
    expected = encoder.encode(["bit"])[0] - mean
    np.testing.assert_allclose(vectors[0], expected / np.linalg.norm(expected), atol=1e-5)


def test_nothing_has_no_vectors() -> None:
    assert WordVectors(HashEncoder(), ZERO).of([]).shape == (0, HashEncoder.dimensions)


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "words.db"
    file.write_bytes(b"this is no database" * 1000)
    encoder = Counting()
    assert WordVectors(encoder, ZERO, file).of(["drill"]).shape == (1, HashEncoder.dimensions)
    assert encoder.asked == ["drill"]
