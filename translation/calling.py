"""A call of an engine: again after a wait where it failed for the moment, in parts where one text is to blame."""

import logging
import time
from collections.abc import Callable, Sequence

from catalog.errors import EngineError, LexicartError, PermanentEngineError, TransientEngineError
from translation.quarantine import QuarantineDiedError
from translation.retries import Answer, Failure, Request
from translation.routing import Step

LOG = logging.getLogger(__name__)

Translate = Callable[[Step, Sequence[str]], list[str]]

_BROKEN = 8
"""Texts of a batch that all fail in a way no engine should: then it is the engine that is broken, and not they."""


class _UnexpectedError(PermanentEngineError):
    """An engine raised what it should not."""


def directly(step: Step, texts: Sequence[str]) -> list[str]:
    """Call the engine in this process."""
    return step.engine.translate(step.pair, texts)


def ask(batch: Sequence[Request], translate: Translate, waits: Sequence[float]) -> list[Answer]:
    """Ask one engine; a permanent error is pinned to the text that causes it, so that the rest goes on.

    Raises:
        TransientEngineError: it failed for the moment, through all tries.
        EngineError: it broke its contract, or raised something unexpected for every text.
    """
    unexpected: list[_UnexpectedError] = []
    answers = _ask(batch, translate, waits, unexpected)
    if unexpected:
        LOG.error("%s", unexpected[0], exc_info=unexpected[0].__cause__)
    if len(batch) >= _BROKEN and all(isinstance(answer, Failure) for answer in answers) and unexpected:
        raise EngineError(f"{unexpected[0]}; it does so for each of {len(batch)} texts")
    return answers


def _ask(
    batch: Sequence[Request], translate: Translate, waits: Sequence[float], unexpected: list[_UnexpectedError]
) -> list[Answer]:
    try:
        return list(_try(batch, translate, waits))
    except PermanentEngineError as exc:
        if len(batch) == 1:
            unexpected += [exc] if isinstance(exc, _UnexpectedError) else []
            return [Failure(str(exc))]
        half = len(batch) // 2
        return [answer for part in (batch[:half], batch[half:]) for answer in _ask(part, translate, waits, unexpected)]


def _try(batch: Sequence[Request], translate: Translate, waits: Sequence[float]) -> list[str]:
    """Call an engine, again after a wait where it failed for the moment and has not waited itself."""
    step = batch[0].step
    for pause in (*(() if step.engine.tries_again() else waits), None):
        try:
            answers = translate(step, [request.text for request in batch])
        except TransientEngineError:
            if pause is None:
                raise
            time.sleep(pause)
            continue
        except (LexicartError, QuarantineDiedError):
            raise
        except (Exception, SystemExit) as exc:
            # A library that stumbles over one text must not keep the others from being translated.
            raise _UnexpectedError(f"engine {step.name}, {step.pair}: unexpected {type(exc).__name__}: {exc}") from exc
        if len(answers) != len(batch):
            raise EngineError(f"engine {step.name} gave {len(answers)} answers for {len(batch)} texts")
        # PostgreSQL keeps no NUL; as U+FFFD it is found to be garbage, like any other control character.
        return [answer.replace("\0", "\ufffd") for answer in answers]
    raise AssertionError("unreachable: the last try returns or raises")
