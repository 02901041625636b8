"""An engine without a model: it marks each word with the target language. For tests and for trying the chain."""

import re
from collections.abc import Iterable, Sequence

from catalog.errors import PermanentEngineError
from catalog.languages import CODES
from translation.engine import EngineInfo, Pair, TranslationEngine

_PLACEHOLDER = re.compile(r"(\[\d+\])")


class EchoEngine(TranslationEngine):
    """Answers ``word`` with ``word·xx``: shaped like a translation, plainly none.

    Args:
        pairs: directions to serve; by default every pair of the fifteen.
    """

    def __init__(self, pairs: Iterable[Pair] | None = None) -> None:
        every = (Pair(one, other) for one in CODES for other in CODES if one != other)
        self._pairs = frozenset(every if pairs is None else pairs)

    def info(self) -> EngineInfo:
        """Say what the engine is."""
        return EngineInfo("echo", "1", "Apache-2.0", self._pairs)

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Mark the words of each text."""
        if pair not in self._pairs:
            raise PermanentEngineError(f"engine echo does not serve {pair}")
        return [self._mark(text, pair.target) for text in texts]

    def _mark(self, text: str, target: str) -> str:
        parts = _PLACEHOLDER.split(text)
        return "".join(
            part if number % 2 else re.sub(r"[^\W\d_]+", lambda match: f"{match[0]}·{target}", part)
            for number, part in enumerate(parts)
        )
