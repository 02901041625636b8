"""The SentencePiece models of a converted checkpoint: texts to pieces and back."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.errors import UsageError
from translation.engines.alphabets import Alphabet, alphabet_of_files

_SHARED = ("sentencepiece.bpe.model", "spiece.model", "sentencepiece.model")


class Pieces:
    """Source and target pieces; families with one vocabulary use one model for both.

    Args:
        folder: the checkpoint's files, ``source.spm`` and ``target.spm`` or one of the shared names among them.

    Raises:
        UsageError: there is no SentencePiece model.
    """

    def __init__(self, folder: Path) -> None:
        shared = next((folder / name for name in _SHARED if (folder / name).is_file()), None)
        own = folder / "source.spm"
        if shared is None and not (own.is_file() and (folder / "target.spm").is_file()):
            raise UsageError(
                f"model {folder}: it has no SentencePiece model (source.spm and target.spm, or {_SHARED[0]}): convert "
                "the checkpoint with --copy_files"
            )
        self._source_file = shared or own
        self._target_file = shared or folder / "target.spm"

    def cut(self, text: str) -> list[str]:
        """Return the pieces of a text."""
        pieces: list[str] = self._source.encode(text, out_type=str)
        return pieces

    def count(self, text: str) -> int:
        """Return how many pieces a text has."""
        return len(self._source.encode(text))

    def join(self, pieces: Sequence[str], marks: frozenset[str]) -> str:
        """Return the text that pieces of the target say, marks left out."""
        text: str = self._target.decode([piece for piece in pieces if piece not in marks])
        return text

    @property
    def alphabet(self) -> Alphabet:
        """The characters that both have."""
        return alphabet_of_files(self._source_file, self._target_file)

    @cached_property
    def _source(self) -> Any:
        return _load(self._source_file)

    @cached_property
    def _target(self) -> Any:
        return self._source if self._source_file == self._target_file else _load(self._target_file)


def _load(path: Path) -> Any:
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=str(path))


def vocabulary_of(folder: Path) -> frozenset[str]:
    """Return the vocabulary of a model that CTranslate2 converted.

    Raises:
        UsageError: there is none.
    """
    for name in ("shared_vocabulary", "target_vocabulary"):
        if (folder / f"{name}.json").is_file():
            return frozenset(json.loads((folder / f"{name}.json").read_text("utf-8")))
        if (folder / f"{name}.txt").is_file():
            return frozenset((folder / f"{name}.txt").read_text("utf-8").split("\n"))
    raise UsageError(f"model {folder}: it has no vocabulary: convert it again with ct2-transformers-converter")
