"""A buyer who searches all the time, in a process of its own; see :func:`searching`.

``python -m tests.fakes.searcher`` searches what the environment's settings describe until its standard input ends, and
then prints one JSON document.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from indexes.backend import SearchIndex
from indexes.model import Filters, IndexDocument, Leg, LegAnswer, ProductDocument
from tests.conftest import ROOT

_PAUSE_SECONDS = 0.1


@dataclass(slots=True)
class Searcher:
    """What a buyer saw.

    Attributes:
        said: for people.
        faults: searches that failed, and answers with fewer products than an earlier one.
    """

    said: str = ""
    faults: list[str] = field(default_factory=list)


@contextmanager
def searching(environment: Mapping[str, str], langs: Sequence[str]) -> Iterator[Searcher]:
    """Search while the block runs; products are only added meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.searcher", *langs],
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = Searcher()
    try:
        yield found
    finally:
        out, _ = process.communicate()
    seen = json.loads(out)
    found.said = f"{seen['searches']} searches, {len(seen['faults'])} failed, the slowest took {seen['slowest']:.2f} s"
    found.faults += seen["faults"]
    if not seen["searches"]:
        found.faults.append("nobody searched")


class _Noting:
    """An index that notes how much it was asked for and gave, for who asks why a page was empty."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self.noted: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def legs(self, legs: Sequence[Leg], filters: Filters, build: str | None = None) -> Sequence[LegAnswer]:
        answers = self._index.legs(legs, filters, build)
        self.noted.append(f"{build}: legs {[(len(one.matches), one.total) for one in answers]}")
        return answers

    def documents(self, lang: str, ids: Sequence[str], build: str | None = None) -> Mapping[str, IndexDocument]:
        found = self._index.documents(lang, ids, build)
        self.noted.append(f"{len(found)} of {len(ids)} documents")
        return found

    def products(self, ids: Sequence[str], build: str | None = None) -> Mapping[str, ProductDocument]:
        found = self._index.products(ids, build)
        self.noted.append(f"{len(found)} of {len(ids)} products")
        return found


def _search_until(ended: threading.Event, langs: Sequence[str]) -> dict[str, object]:
    from api.bootstrap import Parts
    from api.settings import load
    from search.model import SearchQuery

    parts = Parts(load())
    noting = parts.__dict__["index"] = _Noting(parts.index)
    service = parts.search
    most = dict.fromkeys(langs, 0)
    faults: list[str] = []
    searches, slowest = 0, 0.0
    while not ended.is_set():
        for lang in langs:
            begun = time.monotonic()
            try:
                noting.noted.clear()
                everything = service.search(SearchQuery("", lang, limit=20))
                page = service.search(SearchQuery("garden hose", lang, query_lang="en", limit=20))
            except Exception as exc:
                faults.append(f"a search in {lang} failed: {type(exc).__name__}: {exc}")
                continue
            slowest = max(slowest, time.monotonic() - begun)
            searches += 2
            if everything.total < most[lang]:
                faults.append(f"{lang} has {everything.total} products, it had {most[lang]}")
            most[lang] = max(most[lang], everything.total)
            if not page.hits or not everything.hits:
                shown = f"{len(page.hits)} of {page.total}, browsing {len(everything.hits)} of {everything.total}"
                faults.append(f"a search in {lang} showed {shown}: {'; '.join(noting.noted)}")
            time.sleep(_PAUSE_SECONDS)
    return {"searches": searches, "faults": faults, "slowest": slowest}


def _main() -> None:
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    print(json.dumps(_search_until(ended, sys.argv[1:])))


if __name__ == "__main__":
    _main()
