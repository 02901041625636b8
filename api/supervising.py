"""Processes that work side by side and are started again when one dies.

A text that crashes an engine takes the process with it. The next process goes on with smaller batches, finds the text
and flags it (:mod:`translation.records.leases`); so somebody has to start that next process.
"""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

LOG = logging.getLogger("lexicart.worker")

FINAL = (2, 4, 5)
"""Exit statuses that would repeat: a wrong setting, something asked for by name that is absent, a refused build."""

_SAID = 100

DONE = _SAID
"""Exit status of a process that has done what it was started for: any other end, even with 0, is an accident."""


def said(status: int) -> int:
    """Return by which status a supervised process says one of :data:`FINAL`: a library may end it with a bare 2."""
    return _SAID + status


_RESTART_SECONDS = 1.0
_KILL_AFTER_SECONDS = 30.0


@dataclass(slots=True)
class _Child:
    """A process by what it was started with."""

    arguments: tuple[str, ...]
    process: "subprocess.Popen[bytes]"
    ended: bool = False
    next_start: float = 0.0


class Supervisor:
    """Runs commands of ``lexicart`` until they end in good order, or until a signal ends them all.

    Args:
        commands: the arguments of each.
    """

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self._commands = [tuple(one) for one in commands]
        self._stop = threading.Event()

    def run(self) -> int:
        """Start all and wait; return the exit status, that of the first one which can't work."""
        children = [_Child(one, _start(one)) for one in self._commands]
        before = {number: signal.signal(number, self._end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self._stop.wait(0.1) and not all(child.ended for child in children):
                for child in children:
                    status = _look_after(child)
                    if status is not None:
                        return status
            return 0
        finally:
            _end_all(children)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()


def _look_after(child: _Child) -> int | None:
    """Start a child that died again; return its exit status where that would repeat."""
    if child.ended:
        return None
    status = child.process.poll()
    if status is None:
        return None
    if status == DONE:
        child.ended = True
    elif status - _SAID in FINAL:
        return status - _SAID
    elif child.next_start == 0.0:
        LOG.error("a worker process ended with status %d and is started again", status)
        child.next_start = time.monotonic() + _RESTART_SECONDS
    elif time.monotonic() >= child.next_start:
        _close(child)
        child.process, child.next_start = _start(child.arguments), 0.0
    return None


def _start(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    # Its standard input ends when this process does, however it does, and then it ends too.
    return subprocess.Popen([sys.executable, "-m", "api", *arguments], stdin=subprocess.PIPE)


def _close(child: _Child) -> None:
    """Close our end of a process's standard input."""
    if child.process.stdin is not None:
        child.process.stdin.close()


def _end_all(children: Sequence[_Child]) -> None:
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
        _close(child)
    deadline = time.monotonic() + _KILL_AFTER_SECONDS
    for child in children:
        try:
            child.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
