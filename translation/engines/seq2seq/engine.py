"""One engine over several models, whatever library runs them: each pair is translated by the first that speaks it."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import ClassVar, Protocol

from catalog.errors import PermanentEngineError
from translation.engine import EngineInfo, Pair
from translation.engines.seq2seq.families import Family

BEAM = 2
"""Hypotheses that are followed side by side."""


class Model(Protocol):
    """One checkpoint."""

    @property
    def label(self) -> str:
        """Its name, for people."""
        ...

    @property
    def family(self) -> Family:
        """Its family: pairs, marks and licence."""
        ...

    def digest(self) -> str:
        """Return what its translations depend on beside the text."""
        ...

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate texts; long ones in parts."""
        ...


class ModelsEngine:
    """Translates with checkpoints; see :class:`~translation.engine.TranslationEngine`.

    Args:
        models: in order of preference.

    Attributes:
        name: the engine's name.
        libraries: distributions that run the models; their versions are part of the engine's.
    """

    name: ClassVar[str]
    libraries: ClassVar[tuple[str, ...]]

    def __init__(self, models: Sequence[Model]) -> None:
        self._models: dict[Pair, Model] = {}
        for model in models:
            for pair in model.family.pairs:
                self._models.setdefault(pair, model)

    def info(self) -> EngineInfo:
        """Say what the engine is; loads no weights."""
        models = sorted(set(self._models.values()), key=lambda model: model.label)
        licences = " AND ".join(sorted({model.family.licence for model in models}))
        runs = " ".join(f"{name} {version(name)}" for name in self.libraries)
        said = ",".join(f"{model.label}:{model.digest()}" for model in models)
        return EngineInfo(self.name, f"{runs} beam {BEAM} {said}", licences, frozenset(self._models))

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate each text; texts beyond what the model reads in parts."""
        model = self._models.get(pair)
        if model is None:
            raise PermanentEngineError(f"engine {self.name} does not serve {pair}: name a model that does")
        return model.translate(pair, texts)
