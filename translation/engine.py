"""The contract of every translation engine, whatever stands behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

from translation.licences import joined


@dataclass(frozen=True, slots=True)
class Pair:
    """A direction of translation, written ``en-pt``."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source}-{self.target}"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What serves one pair inside an engine.

    Attributes:
        name: for people, such as the folder's name; empty where the engine does not tell its models apart.
        version: changes whenever this pair's outputs may change; a model of another pair leaves it alone.
        licence: as the model says it, ``unknown`` where it says nothing.
    """

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is, for routing, keys and ``lexicart status``.

    Attributes:
        name: stable name, as written in ENGINES and stored with each text.
        version: changes whenever outputs may change: library and model digests, precision.
        licence: of the models, joined by AND where they have several.
        pairs: directions that it serves now.
        models: what serves each pair, where pairs differ in model or licence.
    """

    name: str
    version: str
    licence: str
    pairs: frozenset[Pair]
    models: Mapping[Pair, ModelInfo] = field(default_factory=dict, hash=False)

    @classmethod
    def of_models(cls, name: str, version: str, models: Mapping[Pair, ModelInfo]) -> Self:
        """Return the info of an engine that has a model for each of its pairs."""
        return cls(name, version, joined(model.licence for model in models.values()), frozenset(models), models)

    def model(self, pair: Pair) -> ModelInfo:
        """Return what serves a pair; the engine as a whole where it does not tell its models apart."""
        return self.models.get(pair) or ModelInfo("", self.version, self.licence)


@runtime_checkable
class TranslationEngine(Protocol):
    """Turns masked segments of one language into another.

    The contract, tested for every engine by ``tests/contract/engine.py``:

    * ``translate`` returns exactly as many texts as it was given, in the same order, duplicates included.
    * An empty text comes back empty; a text of any length and any Unicode comes back whole, never cut.
    * It raises :class:`~catalog.errors.TransientEngineError` for what may pass (connection, rate limit) and
      :class:`~catalog.errors.PermanentEngineError` for what will repeat on this input.
    * What is wrong with the engine itself and not with a text (a model that can't be loaded, a budget that is spent)
      raises :class:`~catalog.errors.UnavailableError`: the batch asks it no more, and its texts stay pending.
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

    def lacks(self, pair: Pair, text: str) -> frozenset[str]:
        """Return the characters of a text that would vanish in its translation; none where an engine can't tell.

        They depend on what :attr:`EngineInfo.version` depends on, and on nothing else.
        """
        return frozenset()

    def at_once(self, texts: Sequence[str]) -> int:
        """Return how many of the texts, from the first on, one call should have: what it loses when it fails."""
        return len(texts)

    def tries_again(self) -> bool:
        """Whether it has tried again already, after waits of its own, when it raises ``TransientEngineError``."""
        return False

    def reads_frames(self, pair: Pair) -> bool:
        """Whether it was measured to translate ``colour = orange`` better than ``orange``; translation/framing.py."""
        return False
