"""Buyers who search without a pause, and note every search that failed and every wait."""

import random
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from types import TracebackType
from typing import Self

from api.bootstrap import Parts
from catalog.errors import UnavailableError
from search.model import SearchQuery
from tests.servers.faults.shop import sku


class Searchers:
    """Threads that search until they are told to stop; each search asks for a product that is there.

    Args:
        parts: the installation whose search is asked.
        products: how many products there are.
        threads: how many search side by side.
        seed: of the choice of queries.
    """

    def __init__(self, parts: Parts, products: int, threads: int = 3, seed: int = 1) -> None:
        self._parts = parts
        self._products = products
        self._stop = threading.Event()
        self._answered: list[float] = []
        self._took: list[float] = []
        self.failed: list[str] = []
        self._threads = [
            threading.Thread(target=self._search, args=(random.Random(seed + at),), daemon=True)
            for at in range(threads)
        ]

    def __enter__(self) -> Self:
        _ = self._parts.search
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    @property
    def answered(self) -> int:
        """How many searches were answered rightly."""
        return len(self._answered)

    def gap(self, since: float = 0.0) -> tuple[float, float]:
        """Return the longest time between two answered searches since a moment (monotonic), and when it began."""
        moments = sorted(one for one in list(self._answered) if one >= since)
        return max(((later - one, one) for one, later in pairwise(moments)), default=(0.0, since))

    def slowest(self, share: float = 1.0) -> float:
        """Return within how many seconds a share of the searches was answered."""
        took: Sequence[float] = sorted(self._took)
        return took[min(int(share * len(took)), len(took) - 1)] if took else 0.0

    def wait_for(self, number: int, seconds: float = 120) -> None:
        """Wait until so many searches more were answered, one at least in each so many seconds."""
        wanted = self.answered + number
        before, end = self.answered, time.monotonic() + seconds
        while self.answered < wanted:
            if self.answered != before:
                before, end = self.answered, time.monotonic() + seconds
            assert time.monotonic() < end, f"searches stand still; failed: {self.failed[:3]}"
            time.sleep(0.02)

    def _search(self, chance: random.Random) -> None:
        while not self._stop.is_set():
            asked = sku(chance.randrange(self._products))
            lang = chance.choice(self._parts.settings.langs)
            started = time.monotonic()
            try:
                page = self._parts.search.search(SearchQuery(asked, lang))
                if not any(hit.sku == asked for hit in page.hits):
                    self.failed.append(f"{asked} in {lang} is not found")
                    continue
            except Exception as exc:
                kind = UnavailableError.__name__ if isinstance(exc, UnavailableError) else type(exc).__name__
                self.failed.append(f"after {time.monotonic() - started:.1f} s: {kind}: {exc}")
                continue
            ended = time.monotonic()
            self._answered.append(ended)
            self._took.append(ended - started)
