from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import UnavailableError
from catalog.languages import CODES
from indexes.embedding import (
    LONGEST_TEXT,
    Encoder,
    SentenceEncoder,
    centred,
    language_means,
    means_digest,
    measure_means,
    save_means,
)
from translation.terminology.termbase import Concept, starter_concepts


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


class CountingEncoder:
    """Encodes a text by its length, in two dimensions."""

    name = "counting"
    version = "1"
    dimensions = 2

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        angles = np.array([len(text) for text in texts], dtype=np.float32) / 100
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def concept(name: str) -> Concept:
    return Concept(name, "product", "test", {lang: (f"{name} in {lang}", "another") for lang in CODES})


def test_it_is_an_encoder(encoder: SentenceEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert encoder.version


def test_vectors_are_unit_float32_in_the_order_of_the_texts(encoder: SentenceEncoder) -> None:
    texts = ["cordless drill", "手袋", "", "cordless drill", "x" * 50_000, "\ud800 half", "\x00"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.allclose(vectors[0], vectors[3], atol=1e-5)
    assert np.allclose(vectors[1], encoder.encode(["手袋"])[0], atol=1e-4)
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_only_the_beginning_of_a_long_text_counts(encoder: SentenceEncoder) -> None:
    beginning = ("drill " * LONGEST_TEXT)[:LONGEST_TEXT]
    one, other = encoder.encode([beginning + "lamp" * 1_000_000, beginning])
    assert np.allclose(one, other, atol=1e-5)


def test_translations_are_nearer_than_other_things(encoder: SentenceEncoder) -> None:
    drill, bohrer, cups = encoder.encode(["cordless drill", "Akku-Bohrmaschine", "コーヒーカップ"])
    assert drill @ bohrer > drill @ cups


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(), max_size=80))
def test_any_text_has_a_vector(text: str) -> None:
    vector = _shared().encode([text])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def _shared(kept: list[SentenceEncoder] = []) -> SentenceEncoder:  # noqa: B006 (one model for all examples)
    if not kept:
        kept.append(SentenceEncoder())
    return kept[0]


def test_several_threads_may_encode(encoder: SentenceEncoder) -> None:
    texts = [f"product number {at}" for at in range(40)]
    expected = encoder.encode(texts)
    fresh = SentenceEncoder()
    found: dict[int, np.ndarray] = {}

    def work(at: int) -> None:
        found[at] = fresh.encode(texts)

    threads = [Thread(target=work, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.allclose(vectors, expected, atol=1e-4) for vectors in found.values())


def test_means_are_of_the_preferred_terms_by_language() -> None:
    encoder, concepts = CountingEncoder(), [concept("drill"), concept("hammer drill")]
    means = measure_means(encoder, concepts)
    expected = encoder.encode(["drill in de", "hammer drill in de"]).mean(axis=0)
    assert list(means.by_language) == list(CODES)
    assert np.allclose(means.by_language["de"], expected)
    assert np.allclose(means.overall, np.mean([means.by_language[lang] for lang in CODES], axis=0))


def test_the_digest_follows_encoder_and_list() -> None:
    encoder = CountingEncoder()
    other = CountingEncoder()
    other.version = "2"
    digests = {
        means_digest(encoder, [concept("drill")]),
        means_digest(other, [concept("drill")]),
        means_digest(encoder, [concept("lamp")]),
        means_digest(encoder, [concept("drill"), concept("lamp")]),
    }
    assert len(digests) == 4
    assert means_digest(encoder, [concept("drill")]) in digests


def test_the_same_means_are_written_as_the_same_bytes(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    means = measure_means(encoder, [concept("drill")])
    for name in ("one.npz", "two.npz"):
        save_means(means, encoder, tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_means_of_another_encoder_are_refused() -> None:
    with pytest.raises(UnavailableError, match=r"counting 1.*indexes\.embedding"):
        language_means(CountingEncoder())


def test_the_shipped_means_are_current(encoder: SentenceEncoder) -> None:
    concepts = starter_concepts()
    shipped = language_means(encoder)
    assert shipped.digest == means_digest(encoder, concepts), "run `python -m indexes.embedding`"
    polish = encoder.encode([one.preferred("pl") for one in concepts]).mean(axis=0)
    assert np.allclose(shipped.by_language["pl"], polish, atol=1e-4)


def test_centring_brings_languages_together(encoder: SentenceEncoder) -> None:
    means = language_means(encoder).by_language
    concepts = starter_concepts()[::7]
    hits = {}
    for how in ("plain", "centred"):
        german, korean = (encoder.encode([one.preferred(lang) for one in concepts]) for lang in ("de", "ko"))
        if how == "centred":
            german, korean = centred(german, means["de"]), centred(korean, means["ko"])
        hits[how] = int((np.argmax(german @ korean.T, axis=1) == np.arange(len(concepts))).sum())
    assert hits["centred"] > hits["plain"]


def test_centred_vectors_are_unit_vectors() -> None:
    vectors = np.eye(3, dtype=np.float32)
    moved = centred(vectors, np.array([0.5, 0, 0], dtype=np.float32))
    assert moved.dtype == np.float32
    assert np.allclose(np.linalg.norm(moved, axis=1), 1)
    assert np.allclose(centred(vectors[1], vectors[0]), np.array([-1, 1, 0]) / np.sqrt(2))
    assert np.isfinite(centred(vectors[0], vectors[0])).all()
