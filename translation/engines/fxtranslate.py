"""The engine ``fxtranslate``: Firefox's student models by the Rust library of that name.

The yardstick of the batched engine, and what runs a model that it refuses.
"""

import queue
import threading
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from catalog.errors import PermanentEngineError
from translation.engine import EngineInfo, Pair, TranslationEngine
from translation.engines.alphabets import alphabets_of_students
from translation.engines.models import StudentModel

if TYPE_CHECKING:
    from fxtranslate import Translator

NAME = "fxtranslate"


class FxtranslateEngine(TranslationEngine):
    """Translates with every student model that is found, a text at a time.

    A translator of fxtranslate keeps the interpreter's lock and may neither be used nor dropped by another thread, so
    one thread of the engine owns them all and callers of any thread queue for it; several processes translate side by
    side.

    Args:
        models: the models to use, by pair; see :func:`translation.engines.models.find_models`.
    """

    def __init__(self, models: Mapping[Pair, StudentModel]) -> None:
        self._models = dict(models)
        self._alphabets = alphabets_of_students()
        self._work: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._owner = threading.Thread(target=_serve, args=(self._work, self._models), name="fxtranslate", daemon=True)
        self._start = threading.Lock()
        weakref.finalize(self, self._work.put, None)

    def info(self) -> EngineInfo:
        """Say what the engine is; reads the models' files once for their digests, loads none."""
        return self._info

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate each text, sentence by sentence where it is long."""
        if pair not in self._models:
            raise PermanentEngineError(f"engine {NAME} does not serve {pair}: fetch its model")
        with self._start:
            if self._owner.ident is None:
                self._owner.start()
        answer: Future[list[str]] = Future()
        self._work.put((pair, self._digests[pair], texts, answer))
        return answer.result()

    def lacks(self, pair: Pair, text: str) -> frozenset[str]:
        """Return the characters that the vocabularies of a pair's model do not have; reads those alone."""
        return self._alphabets(self._models[pair]).lacks(text)

    def reads_frames(self, pair: Pair) -> bool:
        """Whether short texts gain by a frame: of 433 values, 20 of 100 more are right (en-pt and pt-en)."""
        return not self.lacks(pair, "=")

    @cached_property
    def _digests(self) -> dict[Pair, str]:
        """What was told of each model, and is held to it when the model is loaded."""
        return {pair: model.digest() for pair, model in self._models.items()}

    @cached_property
    def _info(self) -> EngineInfo:
        digests = ",".join(f"{pair}:{digest}" for pair, digest in sorted(self._digests.items(), key=str))
        runtime = f"fxtranslate {version('fxtranslate')}"
        models = {pair: model.info(runtime, self._digests[pair]) for pair, model in self._models.items()}
        return EngineInfo.of_models(NAME, f"{runtime} {digests}", models)


_Work = tuple[Pair, str, Sequence[str], "Future[list[str]]"]


def _serve(work: "queue.SimpleQueue[_Work | None]", models: Mapping[Pair, StudentModel]) -> None:
    """Own the translators: answer until the engine is gone."""
    loaded: dict[Pair, Translator] = {}
    while (asked := work.get()) is not None:
        pair, digest, texts, answer = asked
        try:
            if pair not in loaded:
                loaded[pair] = _load(models[pair], digest)
            answer.set_result([_one(loaded[pair], pair, text) for text in texts])
        except BaseException as exc:
            answer.set_exception(exc)


def _one(translator: "Translator", pair: Pair, text: str) -> str:
    if not text.strip():
        return text
    try:
        # translate_long cuts nothing, whatever the length: it splits at sentences first.
        return translator.translate_long(text) if len(text) > _LONG else translator.translate(text)
    except (ValueError, RuntimeError) as exc:
        raise PermanentEngineError(f"engine {NAME}, {pair}: {exc} on text {text[:80]!r}") from exc


_LONG = 400
"""Characters above which a text is split first: the models read about 500 tokens, and CJK has one a character."""


def _load(model: StudentModel, digest: str) -> "Translator":
    from fxtranslate import Translator

    contents = model.read(digest)
    shortlist = contents[model.shortlist] if model.shortlist else None
    try:
        return Translator(
            contents[model.model], contents[model.source_vocabulary], contents[model.target_vocabulary], shortlist
        )
    except ValueError as exc:
        raise PermanentEngineError(f"model {model.model}: {exc}. Fetch it again.") from exc
