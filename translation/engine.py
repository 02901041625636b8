"""The contract of every translation engine, whatever stands behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Pair:
    """A direction of translation, written ``en-pt``."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source}-{self.target}"


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is, for routing, keys and ``lexicart status``.

    Attributes:
        name: stable name, as written in ENGINES and stored with each text.
        version: changes whenever outputs may change: library and model digests, precision.
        licence: SPDX name of the models' licence.
        pairs: directions that it serves now.
    """

    name: str
    version: str
    licence: str
    pairs: frozenset[Pair]


@runtime_checkable
class TranslationEngine(Protocol):
    """Turns masked segments of one language into another.

    The contract, tested for every engine by ``tests/contract/engine.py``:

    * ``translate`` returns exactly as many texts as it was given, in the same order, duplicates included.
    * An empty text comes back empty; a text of any length and any Unicode comes back whole, never cut.
    * It raises :class:`~catalog.errors.TransientEngineError` for what may pass (connection, rate limit) and
      :class:`~catalog.errors.PermanentEngineError` for what will repeat on this input; nothing else.
    * It never returns the source as if it were a translation because something failed.
    * Placeholders ``[0]``, ``[1]`` ... are part of the text; the engine may move them and is not trusted to keep
      them: the batch counts them afterwards.
    * A pair that ``info().pairs`` does not name raises ``PermanentEngineError`` naming the pair.
    """

    def info(self) -> EngineInfo:
        """Say what the engine is; cheap, loads no model."""
        ...

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate ``texts`` from ``pair.source`` to ``pair.target``."""
        ...
