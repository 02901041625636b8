"""Waiting for what is away for a while: at night servers are restarted."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from catalog.errors import BackendRefusesError, UnavailableError

LOG = logging.getLogger("lexicart.nightly")

_Result = TypeVar("_Result")

_LONGEST_PAUSE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and waiting for it; tests give one that does not wait."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def until_reached(work: Callable[[], _Result], seconds: float, clock: Clock) -> _Result:
    """Do what needs a backend, and again while that can't be reached, with pauses of 1, 2, 4 ... 30 seconds.

    Args:
        work: may be done again from the start.
        seconds: after which the error is passed on.
        clock: to wait by.

    Raises:
        UnavailableError: it can't be reached all that time.
        BackendRefusesError: at once, for waiting does not mend that.
    """
    end = clock.monotonic() + seconds
    pause = 1.0
    while True:
        try:
            return work()
        except BackendRefusesError:
            raise
        except UnavailableError as exc:
            left = end - clock.monotonic()
            if left <= 0:
                raise
            LOG.warning("%s; trying again for %.0f s", exc, left)
            clock.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
