"""Quarantine: an engine in a process of its own, for texts during which a worker died.

If one of them is to blame, it is this process that ends and not the worker: so the worker goes on, and knows whose
fault it was. The texts of a worker that was killed from outside pass through here as well, and come out translated.
"""

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from catalog.errors import EngineError, LexicartError, PermanentEngineError, TransientEngineError
from translation.engine import Pair, TranslationEngine
from translation.routing import Step

MakeEngine = Callable[[str], TranslationEngine]
"""Makes an engine by its name. It is sent to the process: a function of a module, or a partial of one."""

_END_SECONDS = 5.0

_ERRORS: dict[str, type[LexicartError]] = {
    "transient": TransientEngineError,
    "permanent": PermanentEngineError,
    "engine": EngineError,
}


class QuarantineDiedError(Exception):
    """The process ended during a call: one of its texts is to blame."""


class Quarantine:
    """Translates by engines of another process, which is started at the first call and again after it died.

    Args:
        make: makes an engine.
    """

    def __init__(self, make: MakeEngine) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def translate(self, step: Step, texts: Sequence[str]) -> list[str]:
        """Translate texts by the step's engine; one call at a time.

        Raises:
            QuarantineDiedError: the process ended meanwhile.
            TransientEngineError: as the engine does.
            PermanentEngineError: as the engine does.
            EngineError: the engine can't be made there, or is another than the step's.
        """
        with self._lock:
            line = self._ready()
            try:
                line.send((step.name, step.engine.info().version, step.pair, list(texts)))
                kind, answer = line.recv()
            except (EOFError, OSError) as exc:
                self._end()
                raise QuarantineDiedError from exc
        if kind == "unexpected":
            raise RuntimeError(answer)
        if kind != "ok":
            raise _ERRORS[kind](answer)
        answers: list[str] = answer
        return answers

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ready(self) -> Connection:
        if self._line is not None and self._process is not None and self._process.is_alive():
            return self._line
        self._end()
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        # A daemon ends with the worker; one that is killed closes the line, which ends it too.
        self._process = context.Process(target=_serve, args=(theirs, self._make), daemon=True, name="quarantine")
        self._process.start()
        theirs.close()
        try:
            self._line.recv()
        except (EOFError, OSError) as exc:
            self._end()
            raise EngineError("the process for texts that crash engines could not start") from exc
        return self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.join(_END_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process = None


def _serve(line: Connection, make: MakeEngine) -> None:
    """Answer calls until the line closes."""
    engines: dict[str, TranslationEngine] = {}
    with suppress(EOFError, OSError):
        line.send("ready")
        while True:
            name, version, pair, texts = line.recv()
            line.send(_answer(engines, make, name, version, pair, texts))


def _answer(
    engines: dict[str, TranslationEngine], make: MakeEngine, name: str, version: str, pair: Pair, texts: list[str]
) -> tuple[str, object]:
    try:
        if name not in engines:
            engines[name] = make(name)
        if engines[name].info().version != version:
            return "engine", f"engine {name}: its models changed while a worker ran; start the worker again"
        return "ok", engines[name].translate(pair, texts)
    except TransientEngineError as exc:
        return "transient", str(exc)
    except PermanentEngineError as exc:
        return "permanent", str(exc)
    except LexicartError as exc:
        return "engine", str(exc)
    except Exception as exc:
        return "unexpected", f"{type(exc).__name__}: {exc}"
