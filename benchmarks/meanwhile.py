"""Searches from a process of their own while something else goes on, one after the other."""

import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

from api.bootstrap import Parts
from api.settings import load
from search.model import SearchQuery

_SEARCH_EVERY = 0.2
"""Seconds from one search to the next, where the first does not take longer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: when, how many milliseconds it took, and its hits; ``None`` where it failed."""

    at: float
    took: float
    hits: int | None


def search_on(settings: dict[str, str], queries: Sequence[tuple[str, str]], file: Path, stop: Event) -> None:
    """Search one query after the other until told to stop; runs in a process of its own."""
    parts = Parts(load(**settings))
    parent = multiprocessing.parent_process()
    with file.open("w", encoding="utf-8", buffering=1) as out:
        number = 0
        while not stop.is_set() and parent is not None and parent.is_alive():
            text, lang = queries[number % len(queries)]
            number += 1
            at, started = time.time(), time.perf_counter()
            hits: int | None = None
            try:
                hits = len(parts.search.search(SearchQuery(text, lang, facets=True)).hits)
            except Exception as exc:
                print(f"search {text!r} in {lang} failed: {exc}", file=sys.stderr)
            took = time.perf_counter() - started
            out.write(json.dumps([at, took * 1000, hits]) + "\n")
            stop.wait(max(0.0, _SEARCH_EVERY - took))


def latencies(file: Path, began: float, ended: float) -> str:
    """Return the row of a table: searches between two moments, p50, p95, the slowest, failures, those without a hit."""
    asked = [Asked(*json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    within = [one for one in asked if began <= one.at < ended]
    times = sorted(one.took for one in within if one.hits is not None)
    if len(times) < 2:
        return f"{len(times)} | | | | |"
    p95 = statistics.quantiles(times, n=20)[-1]
    failed, empty = sum(one.hits is None for one in within), sum(one.hits == 0 for one in within)
    return f"{len(times)} | {statistics.median(times):.0f} | {p95:.0f} | {times[-1]:.0f} | {failed} | {empty}"


@contextmanager
def searching(settings: dict[str, str], queries: Sequence[tuple[str, str]], file: Path) -> Iterator[None]:
    """Let another process search meanwhile; begin when it has answered each query once."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=search_on, args=(settings, queries, file, stop))
    process.start()
    try:
        while not file.exists() or len(file.read_bytes().splitlines()) < len(queries):
            if not process.is_alive():
                raise SystemExit("the process that searches ended")
            time.sleep(0.5)
        yield
    finally:
        stop.set()
        process.join()
