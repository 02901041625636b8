"""A batch by several processes of this machine.

Around the engines there is as much Python as in them, and the Python of one process keeps one core busy, however many
threads it has. Several processes share the store as workers on several machines do, by leases; the one that was asked
is one of them, counts what they did, and in the end looks whether one of them left anything.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from api.settings import Settings
from catalog.errors import LexicartError
from translation.batch import BatchOptions
from translation.report import BatchReport, Progress

LOG = logging.getLogger(__name__)

WORTH_A_PROCESS = 2_000
"""Texts, each counted once a language, for which a process is worth its start: two seconds of a core."""

_IN_PROCESS = frozenset({"students", "fxtranslate"})
"""Engines that work on one core a process. Others wait for servers, or hold gigabytes on a graphics card."""

_END_SECONDS = 30.0


def processes_for(settings: Settings, options: BatchOptions, engines: Sequence[str], workers: int | None) -> int:
    """Return how many processes may share a batch; 1 where one process does it better.

    A limit is counted, and `--all` remembered, by one process.
    """
    if options.limit is not None or options.everything or not _IN_PROCESS.issuperset(engines or settings.engines):
        return 1
    return workers or settings.workers or os.cpu_count() or 1


def on_one_core(settings: Settings) -> Settings:
    """Return settings for one process of several: engines that would take all cores take one."""
    return settings.model_copy(update={"workers": 1, "students_threads": settings.students_threads or 1})


@contextmanager
def helpers(
    settings: Settings, options: BatchOptions, engines: Sequence[str], number: int, progress: "Shares"
) -> Iterator[BatchReport]:
    """Let further processes translate what is pending while the block does its own part.

    What they did is in the report when the block is left, which waits for them; an error of the block ends them. One
    that dies is told of and not started again: what it had in hand is free, for the others or a later run.
    """
    report = BatchReport()
    alone = on_one_core(settings)
    ending = threading.Event()
    listener = ThreadPoolExecutor(1, thread_name_prefix="helpers")
    with listener, _started([(alone, options, tuple(engines)) for _ in range(number)]) as lines:
        heard = listener.submit(_listen, lines, progress, report, ending)
        try:
            yield report
            heard.result()
        except BaseException:
            ending.set()
            for line in lines:
                with suppress(OSError):
                    line.send(None)  # whatever is said to one ends it
            wait_for([heard], _END_SECONDS)
            raise


def _listen(lines: Sequence[Connection], progress: "Shares", report: BatchReport, ending: threading.Event) -> None:
    """Hear what processes did until all have ended."""
    shares = {line: progress.share() for line in lines}
    while shares:
        for line in wait(list(shares)):
            assert isinstance(line, Connection)
            try:
                said = line.recv()
            except (EOFError, OSError):
                if not ending.is_set():
                    LOG.error("a process that shared the work ended early; what it had in hand is done again")
                multiprocessing.active_children()  # it looks alive to those who share its work until it is waited for
                del shares[line]
                continue
            if isinstance(said, BatchReport):
                report.add(said)
                report.failures = {**said.failures, **report.failures}
                del shares[line]
            elif isinstance(said, str):
                LOG.error("a process that shared the work failed: %s", said)
                del shares[line]
            else:
                shares[line].advance(*said)


class Shares:
    """Tells one progress what several runs do.

    Args:
        progress: what hears of it.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._words = 0
        self._begun = False
        self._lock = threading.Lock()  # one run is told of by this process's own thread, the others by a listener's

    def begin(self, texts: int) -> None:
        """Say how many texts there are at most; said again, it tells nothing new."""
        if not self._begun:
            self._begun = True
            self._progress.begin(texts)

    def share(self) -> "Share":
        """Return what one of the runs tells."""
        return Share(self)

    def add(self, lang: str, texts: int, words: int) -> None:
        """Say what was done since it was last said."""
        with self._lock:
            self._words += words
            self._progress.advance(lang, texts, self._words)


class Share:
    """The progress of one of several runs; see :class:`translation.report.Progress`."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares
        self._words = 0

    def begin(self, texts: int) -> None:
        """Hear how much there is."""
        self._shares.begin(texts)

    def advance(self, lang: str, texts: int, words: int) -> None:
        """Hear what was done, and how many words so far in this run."""
        self._shares.add(lang, texts, words - self._words)
        self._words = words


@contextmanager
def _started(works: Sequence[tuple[Settings, BatchOptions, tuple[str, ...]]]) -> Iterator[list[Connection]]:
    """Start a process for each piece of work; all end with the block, and with this process, however it ends."""
    context = multiprocessing.get_context("spawn")
    lines: list[Connection] = []
    children: list[SpawnProcess] = []
    try:
        for number, work in enumerate(works):
            ours, theirs = context.Pipe()
            lines.append(ours)
            # No daemon: it may need a process of its own, for texts that crash engines.
            child = context.Process(target=_work, args=(theirs, *work), name=f"translate-{number}")
            child.start()
            children.append(child)
            theirs.close()
        yield list(lines)
    finally:
        for line in lines:
            line.close()
        for child in children:
            child.join(_END_SECONDS)
            if child.is_alive():
                child.kill()
                child.join()


def _work(line: Connection, settings: Settings, options: BatchOptions, engines: tuple[str, ...]) -> None:
    """Do a share of the work and tell of it, until it is done or the line closes."""
    from api.bootstrap import Parts, start_logging

    # A terminal interrupts all processes at once: the one that was asked says by the line when the others end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    start_logging(settings)
    threading.Thread(target=_end_with, args=(line,), daemon=True).start()
    parts = Parts(settings)
    try:
        said: object = parts.batch(engines).translate_pending(options, _Telling(line))
    except LexicartError as exc:
        said = str(exc)
    finally:
        parts.close()
    with suppress(OSError):
        line.send(said)


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(0)  # what it holds is given back on the way out


def _end_with(line: Connection) -> None:
    """End this process when nobody listens any more."""
    with suppress(EOFError, OSError):
        line.recv()
    os.kill(os.getpid(), signal.SIGTERM)


class _Telling:
    """Tells by a line what was done."""

    def __init__(self, line: Connection) -> None:
        self._line = line

    def begin(self, texts: int) -> None:
        """Hear how much there is; the one who listens knows."""

    def advance(self, lang: str, texts: int, words: int) -> None:
        """Tell what was done."""
        with suppress(OSError):
            self._line.send((lang, texts, words))
