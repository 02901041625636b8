"""Which characters the vocabularies of a model know."""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from catalog.errors import PermanentEngineError
from translation.engines.models import StudentModel
from translation.spelling import must_survive

Knows = Callable[[str], bool]
"""Whether a vocabulary has pieces for a character."""


_NOTHING: frozenset[str] = frozenset()


class Alphabet:
    """The characters that a model reads and writes; each is asked once.

    Args:
        reads: of the vocabulary of the source.
        writes: of that of the target.
    """

    def __init__(self, reads: Knows, writes: Knows) -> None:
        self._reads = reads
        self._writes = writes
        self._known: dict[str, bool] = {}
        self._safe: set[str] = set()

    def lacks(self, text: str) -> frozenset[str]:
        """Return the characters of a text that vanish in the model.

        Letters and punctuation are translated, so the target needs them not: an English model has no Cyrillic. Other
        characters have to be in both. Space and what is not seen is no character here.
        """
        # Most texts hold nothing else than what was found safe in others.
        doubtful = set(text if text.isascii() else unicodedata.normalize("NFC", text)) - self._safe
        return frozenset(_as_written(filter(self._vanishes, doubtful), text)) if doubtful else _NOTHING

    def _vanishes(self, character: str) -> bool:
        if character not in self._known:
            seen = unicodedata.category(character)[0] not in "CZ"
            writes = self._writes if must_survive(character) else _always
            self._known[character] = not seen or (self._reads(character) and writes(character))
            if self._known[character]:
                self._safe.add(character)
        return not self._known[character]


def _always(_character: str) -> bool:
    return True


def _as_written(lacking: Iterable[str], text: str) -> Iterable[str]:
    """Yield characters as they stand in a text, the marks of those that it has in parts."""
    for character in lacking:
        marks = filter(unicodedata.combining, unicodedata.normalize("NFD", character))
        yield from (part for part in (character, *marks) if part in text)


def alphabet_of_files(source: Path, target: Path) -> Alphabet:
    """Return the alphabet of two SentencePiece models, which may be one."""
    reads = pieces_know(source)
    return Alphabet(reads, reads if source == target else pieces_know(target))


def alphabets_of_students() -> Callable[[StudentModel], Alphabet]:
    """Return what gives the alphabet of a student model, each read once."""
    return cache(lambda model: alphabet_of_files(model.source_vocabulary, model.target_vocabulary))


def pieces_know(path: Path) -> Knows:
    """Return whether a SentencePiece model knows a character.

    Raises:
        PermanentEngineError: it can't be read; names the file.
    """
    from sentencepiece import SentencePieceProcessor

    try:
        pieces = SentencePieceProcessor(model_file=str(path), num_threads=1)
    except (RuntimeError, OSError) as exc:
        raise PermanentEngineError(f"vocabulary {path}: {exc}. Fetch the model again.") from exc
    unknown = pieces.unk_id()
    return lambda character: unknown not in pieces.encode(character)
