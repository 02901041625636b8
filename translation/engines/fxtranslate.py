"""The engine ``fxtranslate``: Firefox's student models by the Rust library of that name.

The yardstick of the batched engine, and what runs a model that it refuses.
"""

import queue
import threading
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from importlib.metadata import version
from typing import TYPE_CHECKING

from catalog.errors import PermanentEngineError
from translation.engine import EngineInfo, Pair
from translation.engines.models import LICENCE, StudentModel

if TYPE_CHECKING:
    from fxtranslate import Translator

NAME = "fxtranslate"


class FxtranslateEngine:
    """Translates with every student model that is found, a text at a time.

    A translator of fxtranslate keeps the interpreter's lock and may neither be used nor dropped by another thread, so
    one thread of the engine owns them all and callers of any thread queue for it; several processes translate side by
    side.

    Args:
        models: the models to use, by pair; see :func:`translation.engines.models.find_models`.
    """

    def __init__(self, models: Mapping[Pair, StudentModel]) -> None:
        self._models = dict(models)
        self._work: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._owner = threading.Thread(target=_serve, args=(self._work, self._models), name="fxtranslate", daemon=True)
        self._start = threading.Lock()
        weakref.finalize(self, self._work.put, None)

    def info(self) -> EngineInfo:
        """Say what the engine is; reads the models' files once for their digests, loads none."""
        digests = ",".join(f"{pair}:{model.digest()}" for pair, model in sorted(self._models.items(), key=str))
        return EngineInfo(NAME, f"fxtranslate {version('fxtranslate')} {digests}", LICENCE, frozenset(self._models))

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate each text, sentence by sentence where it is long."""
        if pair not in self._models:
            raise PermanentEngineError(f"engine {NAME} does not serve {pair}: fetch its model")
        with self._start:
            if self._owner.ident is None:
                self._owner.start()
        answer: Future[list[str]] = Future()
        self._work.put((pair, texts, answer))
        return answer.result()


_Work = tuple[Pair, Sequence[str], "Future[list[str]]"]


def _serve(work: "queue.SimpleQueue[_Work | None]", models: Mapping[Pair, StudentModel]) -> None:
    """Own the translators: answer until the engine is gone."""
    loaded: dict[Pair, Translator] = {}
    while (asked := work.get()) is not None:
        pair, texts, answer = asked
        try:
            if pair not in loaded:
                loaded[pair] = _load(models[pair])
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


def _load(model: StudentModel) -> "Translator":
    from fxtranslate import Translator

    shortlist = model.shortlist.read_bytes() if model.shortlist else None
    try:
        return Translator(
            model.model.read_bytes(),
            model.source_vocabulary.read_bytes(),
            model.target_vocabulary.read_bytes(),
            shortlist,
        )
    except ValueError as exc:
        raise PermanentEngineError(f"model {model.model}: {exc}. Fetch it again.") from exc
