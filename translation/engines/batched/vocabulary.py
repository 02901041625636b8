"""From text to word pieces and back, by the SentencePiece models of a student."""

import re
from collections.abc import Sequence
from pathlib import Path

from catalog.errors import PermanentEngineError

_WORD = re.compile(r"\s*\S+\s*|\s+")


class Vocabulary:
    """The word pieces of one side.

    Args:
        path: a SentencePiece model.
        data: what is in it, where that was read before.

    Raises:
        PermanentEngineError: it can't be read, or has no end of sentence; names the file.
    """

    def __init__(self, path: Path, data: bytes | None = None) -> None:
        from sentencepiece import SentencePieceProcessor

        try:
            data = path.read_bytes() if data is None else data
            self._pieces = SentencePieceProcessor(model_proto=data, num_threads=1)
        except (RuntimeError, OSError) as exc:
            raise PermanentEngineError(f"vocabulary {path}: {exc}. Fetch the model again.") from exc
        self.end: int = self._pieces.eos_id()
        self.unknown: int = self._pieces.unk_id()
        if self.end < 0:
            raise PermanentEngineError(f"vocabulary {path}: it has no end of sentence, so it is no student's")

    def __len__(self) -> int:
        return int(self._pieces.vocab_size())

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the word pieces of each text, without the end of sentence."""
        encoded: list[list[int]] = self._pieces.encode(list(texts))
        return encoded

    def decode(self, sentences: Sequence[Sequence[int]]) -> list[str]:
        """Return the text of each sentence of word pieces."""
        decoded: list[str] = self._pieces.decode([list(sentence) for sentence in sentences])
        return decoded

    def parts(self, text: str, most: int) -> list[str]:
        """Cut a text into parts of at most ``most`` pieces, between words where possible; joined they are the text."""
        made: list[str] = []
        room = 0
        words = _WORD.findall(text)
        for word, length in zip(words, self.lengths(words), strict=True):
            if length > most:
                made += self._halves(word, most)
                room = 0
            elif not made or length > room:
                made.append(word)
                room = most - length
            else:
                made[-1] += word
                room -= length
        return made

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return how many pieces each text has."""
        return [len(pieces) for pieces in self.encode(texts)]

    def _halves(self, word: str, most: int) -> list[str]:
        if len(word) == 1 or self.lengths([word])[0] <= most:
            return [word]
        middle = len(word) // 2
        return [*self._halves(word[:middle], most), *self._halves(word[middle:], most)]
