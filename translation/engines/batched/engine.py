"""The engine ``students``: Firefox's student models, batched, by onnxruntime."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version

from catalog.errors import PermanentEngineError
from translation.engine import EngineInfo, Pair, TranslationEngine
from translation.engines.alphabets import alphabets_of_students
from translation.engines.batched.arithmetic import Kernel, Precision, exact_kernel
from translation.engines.batched.loaded import LoadedModels
from translation.engines.batched.model import LoadedModel
from translation.engines.batched.scheduling import Crew
from translation.engines.models import StudentModel

NAME = "students"

_ARITHMETIC = 2
"""Raise it when a change here may change translations."""


class BatchedEngine(TranslationEngine):
    """Translates with every student model that is found, whole batches at a time.

    Args:
        models: the models to use, by pair; see :func:`translation.engines.models.find_models`.
        precision: which parts run in int8.
        memory: bytes that loaded models may take together; the one that was not used for longest goes. One is always
            kept.
        threads: batches that run at once, over all callers; ``None`` for one on each core.
    """

    def __init__(
        self,
        models: Mapping[Pair, StudentModel],
        precision: Precision = Precision.INT8,
        memory: int = 2_000_000_000,
        threads: int | None = None,
    ) -> None:
        self._models = dict(models)
        self._alphabets = alphabets_of_students()
        self._asked = precision
        self._loaded = LoadedModels(memory, self._load, precision)
        self._crew = Crew(threads)

    def info(self) -> EngineInfo:
        """Say what the engine is; reads the models' files once for their digests, loads none."""
        return self._info

    def describe(self) -> str:
        """Say how it runs on this machine; translations depend on the precision alone."""
        kernel = "" if self._precision is Precision.FLOAT32 else f" by kernel {exact_kernel()}"
        return f"{self._precision}{kernel}, {self._crew.threads} threads"

    @property
    def loaded(self) -> tuple[Pair, ...]:
        """Whose models are in memory, the one that was used last at the end."""
        return self._loaded.pairs

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate each text; sentence by sentence where it is long."""
        if pair not in self._models:
            raise PermanentEngineError(f"engine {NAME} does not serve {pair}: fetch its model")
        if not texts:
            return []
        for text in texts:
            try:
                text.encode()
            except UnicodeEncodeError as exc:
                raise PermanentEngineError(f"engine {NAME}, {pair}: {exc} on text {text[:80]!r}") from exc
        return self._loaded.get(self._models[pair]).translate(texts, self._crew)

    def lacks(self, pair: Pair, text: str) -> frozenset[str]:
        """Return the characters that the vocabularies of a pair's model do not have; reads those alone."""
        return self._alphabets(self._models[pair]).lacks(text)

    def reads_frames(self, pair: Pair) -> bool:
        """Whether short texts gain by a frame: of 433 values, 20 of 100 more are right (en-pt and pt-en)."""
        return not self.lacks(pair, "=")

    def _load(self, files: StudentModel) -> LoadedModel:
        return LoadedModel(files, self._digests[files.pair], self._precision)

    @cached_property
    def _digests(self) -> dict[Pair, str]:
        """What was told of each model, and is held to it when the model is loaded, now or later again."""
        return {pair: model.digest() for pair, model in self._models.items()}

    @cached_property
    def _info(self) -> EngineInfo:
        digests = ",".join(f"{pair}:{digest}" for pair, digest in sorted(self._digests.items(), key=str))
        runtime = f"onnxruntime {version('onnxruntime')} {self._precision}.{_ARITHMETIC}"
        models = {pair: model.info(runtime, self._digests[pair]) for pair, model in self._models.items()}
        return EngineInfo.of_models(NAME, f"{runtime} {digests}", models)

    @cached_property
    def _precision(self) -> Precision:
        return Precision.FLOAT32 if exact_kernel() is Kernel.FLOAT32 else self._asked
