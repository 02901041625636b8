"""Which engine translates which pair, and over which middle language."""

from collections.abc import Sequence
from dataclasses import dataclass

from translation.engine import Pair, TranslationEngine
from translation.model import digest

PIVOT = "en"
"""Every one of the fifteen has models from and to English."""


@dataclass(frozen=True, slots=True)
class Step:
    """One engine on one pair.

    Attributes:
        name: the engine's name, as stored with a text.
        version: what the step's outputs depend on beside the text.
    """

    engine: TranslationEngine
    pair: Pair
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Route:
    """How a pair is served: one step, or two over English."""

    steps: tuple[Step, ...]

    @property
    def version(self) -> str:
        """Digest-ready description of the whole way."""
        return " > ".join(step.version for step in self.steps)


class Router:
    """Chooses engines by pair: the first of the chain that serves the pair directly, else two over English.

    Args:
        engines: in order of preference.
    """

    def __init__(self, engines: Sequence[TranslationEngine]) -> None:
        self.engines = tuple(engines)
        self._infos = tuple(engine.info() for engine in self.engines)
        self._routes: dict[Pair, Route | None] = {}

    @property
    def version(self) -> str:
        """Digest of every engine's name, version and pairs."""
        return digest(*(f"{one.name} {one.version} {' '.join(sorted(map(str, one.pairs)))}" for one in self._infos))

    def direct(self, pair: Pair) -> Step | None:
        """Return the first engine that serves a pair itself."""
        for engine, info in zip(self.engines, self._infos, strict=True):
            if pair in info.pairs:
                return Step(engine, pair, info.name, f"{info.name} {info.version} {pair}")
        return None

    def route(self, pair: Pair) -> Route | None:
        """Return how a pair is served, or ``None`` when no engine and no pivot serves it."""
        if pair not in self._routes:
            self._routes[pair] = self._find(pair)
        return self._routes[pair]

    def _find(self, pair: Pair) -> Route | None:
        if step := self.direct(pair):
            return Route((step,))
        if PIVOT in (pair.source, pair.target):
            return None
        first, second = self.direct(Pair(pair.source, PIVOT)), self.direct(Pair(PIVOT, pair.target))
        return Route((first, second)) if first and second else None
