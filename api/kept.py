"""Values that are read beside who asks for them, and kept for a while: asking often costs little and never hangs."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

LOG = logging.getLogger("lexicart.metrics")

_Value = TypeVar("_Value")

MOST_OF_THE_TIME = 0.05
"""A value that may be old and takes long is read so rarely that no more of the time than this goes into it."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[_Value]):
    """A value, when it was read (monotonic seconds), and how long that took (seconds)."""

    value: _Value
    at: float
    took: float


class Kept(Generic[_Value]):
    """A value that a thread of its own reads, one at a time, when somebody asks and the last reading is old.

    Args:
        name: for the log.
        read: reads it; may raise, take long, or hang.
        seconds: for which a reading is new.
        old_too: whether the last reading is given while the next one takes longer than who asks will wait.
    """

    def __init__(self, name: str, read: Callable[[], _Value], seconds: float, *, old_too: bool = False) -> None:
        self._name = name
        self._read = read
        self._seconds = seconds
        self._old_too = old_too
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._reading = False
        self._last: Reading[_Value] | None = None
        self._failing = False

    def begin(self) -> None:
        """Begin to read where the last reading is old or failed; returns at once."""
        with self._lock:
            if self._reading or self._is_new():
                return
            self._reading = True
            self._done.clear()
        threading.Thread(target=self._refresh, name=f"metrics-{self._name}", daemon=True).start()

    def get(self, until: float) -> Reading[_Value] | None:
        """Return the reading that was begun, ``None`` when it failed or is not there in time.

        Args:
            until: monotonic time to wait for at the longest.
        """
        in_time = self._done.wait(max(0.0, until - time.monotonic()))
        with self._lock:
            return self._last if in_time or self._old_too else None

    def _is_new(self) -> bool:
        if self._last is None:
            return False
        seldom = self._last.took / MOST_OF_THE_TIME if self._old_too else 0.0
        return time.monotonic() - self._last.at < max(self._seconds, seldom)

    def _refresh(self) -> None:
        started = time.monotonic()
        try:
            value = self._read()
        except Exception as exc:  # whatever it is, the metrics say that the part is not up
            self._end(None)
            if not self._failing:
                LOG.warning("metrics without %s: %s", self._name, exc)
            self._failing = True
            return
        self._failing = False
        now = time.monotonic()
        self._end(Reading(value, now, now - started))

    def _end(self, reading: Reading[_Value] | None) -> None:
        with self._lock:
            self._last = reading
            self._reading = False
            self._done.set()
