"""One engine over several models, whatever library runs them: each pair by the first that speaks it and may be used."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import ClassVar, Protocol

from catalog.errors import PermanentEngineError
from translation.engine import EngineInfo, ModelInfo, Pair, TranslationEngine
from translation.engines.alphabets import Alphabet
from translation.engines.seq2seq.families import Family
from translation.licences import Use

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

    @property
    def alphabet(self) -> Alphabet:
        """The characters that its vocabularies have."""
        ...

    def describe(self) -> str:
        """Say where it runs and in which precision."""
        ...

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate texts; long ones in parts."""
        ...


class ModelsEngine(TranslationEngine):
    """Translates with checkpoints; see :class:`~translation.engine.TranslationEngine`.

    Args:
        models: in order of preference.
        use: what translations are for. A model whose licence forbids it gives way to any other that speaks the pair;
            what only such models speak is offered with their licence, and routing refuses it.

    Attributes:
        name: the engine's name.
        libraries: distributions that run the models; their versions are part of the engine's.
    """

    name: ClassVar[str]
    libraries: ClassVar[tuple[str, ...]]

    def __init__(self, models: Sequence[Model], use: Use = Use.ANY) -> None:
        self._models: dict[Pair, Model] = {}
        for model in sorted(models, key=lambda model: not use.allows(model.family.licence)):
            for pair in model.family.pairs:
                self._models.setdefault(pair, model)

    def info(self) -> EngineInfo:
        """Say what the engine is; loads no weights."""
        models = sorted(set(self._models.values()), key=lambda model: model.label)
        runs = " ".join([*(f"{name} {version(name)}" for name in self.libraries), f"beam {BEAM}"])
        said = ",".join(f"{model.label}:{model.digest()}" for model in models)
        by_model = {model: ModelInfo(model.label, f"{runs} {model.digest()}", model.family.licence) for model in models}
        return EngineInfo.of_models(
            self.name, f"{runs} {said}", {pair: by_model[model] for pair, model in self._models.items()}
        )

    def describe(self) -> str:
        """Say how its models run on this machine."""
        return ", ".join(sorted({model.describe() for model in self._models.values()}))

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate each text; texts beyond what the model reads in parts."""
        model = self._models.get(pair)
        if model is None:
            raise PermanentEngineError(f"engine {self.name} does not serve {pair}: name a model that does")
        return model.translate(pair, texts)

    def lacks(self, pair: Pair, text: str) -> frozenset[str]:
        """Return the characters that the vocabularies of the model do not have; loads no weights."""
        return self._models[pair].alphabet.lacks(text)
