"""A call of an engine: again after a wait where it failed for the moment, in parts where one text is to blame."""

import time
from collections.abc import Callable, Sequence

from catalog.errors import EngineError, PermanentEngineError, TransientEngineError
from translation.retries import Answer, Failure, Request
from translation.routing import Step

Translate = Callable[[Step, Sequence[str]], list[str]]


def directly(step: Step, texts: Sequence[str]) -> list[str]:
    """Call the engine in this process."""
    return step.engine.translate(step.pair, texts)


def ask(batch: Sequence[Request], translate: Translate, waits: Sequence[float]) -> list[Answer]:
    """Ask one engine; a permanent error is pinned to the text that causes it, so that the rest goes on."""
    try:
        return list(_try(batch, translate, waits))
    except PermanentEngineError as exc:
        if len(batch) == 1:
            return [Failure(str(exc))]
        half = len(batch) // 2
        return [*ask(batch[:half], translate, waits), *ask(batch[half:], translate, waits)]


def _try(batch: Sequence[Request], translate: Translate, waits: Sequence[float]) -> list[str]:
    """Call an engine, again after a wait where it failed for the moment."""
    step = batch[0].step
    for pause in (*waits, None):
        try:
            answers = translate(step, [request.text for request in batch])
        except TransientEngineError:
            if pause is None:
                raise
            time.sleep(pause)
            continue
        if len(answers) != len(batch):
            raise EngineError(f"engine {step.name} gave {len(answers)} answers for {len(batch)} texts")
        # PostgreSQL keeps no NUL; as U+FFFD it is found to be garbage, like any other control character.
        return [answer.replace("\0", "\ufffd") for answer in answers]
    raise AssertionError("unreachable: the last try returns or raises")
