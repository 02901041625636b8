"""What a running `serve` notes of its searches, without slowing or failing one.

A search only counts in memory; a thread of its own writes every few seconds. What can't be written is tried again, and
said once. A process that is killed loses the counts of those seconds.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable

from api.bootstrap import Parts
from search.model import SearchPage, SearchQuery
from search.zero_results import ZeroResults, ZeroSearch, missed_by

LOG = logging.getLogger("lexicart.searches")

FLUSH_SECONDS = 5.0

_LONGEST_CLOSE_SECONDS = 10.0

MOST_PENDING = 1_000
"""Different searches that wait to be written; further ones are not counted."""


def note_zero_result(parts: Parts, query: SearchQuery, page: SearchPage) -> None:
    """Count one search at once if it found nothing; a store that can't be written is warned of, and fails no search."""
    recorder = ZeroResultRecorder(lambda: parts.zero_results)
    recorder.count(query, page)
    recorder.flush()


class ZeroResultRecorder:
    """Counts searches that found nothing.

    Args:
        store: returns the record; called when there is something to write, never by a search.
        seconds: between two writes.
    """

    def __init__(self, store: Callable[[], ZeroResults], seconds: float = FLUSH_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._lock = threading.Lock()
        self._pending: Counter[ZeroSearch] = Counter()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._failing = False

    def note(self, query: SearchQuery, page: SearchPage) -> None:
        """Count a search if it found nothing; it costs a search microseconds."""
        if self.count(query, page):
            with self._lock:
                self._begin()

    def count(self, query: SearchQuery, page: SearchPage) -> bool:
        """Count a search that found nothing, until :meth:`flush`; say whether it found nothing."""
        found = missed_by(query, page)
        if found is not None:
            with self._lock:
                self._count(found, 1)
        return found is not None

    def flush(self) -> None:
        """Write what was counted; where that fails it is kept for the next time, and logged."""
        with self._lock:
            taken, self._pending = self._pending, Counter()
        if not taken:
            return
        try:
            self._store().add(taken)
            self._failing = False
        except Exception as exc:  # whatever it is, searches go on
            with self._lock:
                for search, times in taken.items():
                    self._count(search, times)
            if not self._failing:
                LOG.warning("searches that found nothing can't be recorded; they are tried again: %s", exc)
            self._failing = True

    def close(self) -> None:
        """Write what was counted, for the last time; a store that does not answer holds nobody up for long."""
        with self._lock:
            self._closing.set()
            thread = self._thread
        if thread is not None:
            thread.join(_LONGEST_CLOSE_SECONDS)

    def _count(self, search: ZeroSearch, times: int) -> None:
        if search in self._pending or len(self._pending) < MOST_PENDING:
            self._pending[search] += times

    def _begin(self) -> None:
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._steadily, name="zero-results", daemon=True)
            self._thread.start()

    def _steadily(self) -> None:
        while not self._closing.wait(self._seconds):
            self.flush()
        self.flush()
