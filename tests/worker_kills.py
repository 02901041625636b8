"""Workers killed at random instants while a store fills: what is asked in the end is what an undisturbed run gives.

``python -m tests.worker_kills --kills 500`` by hand; ``--url`` names a fresh database, a SQLite file by default. Prints
what happened and exits with status 1 when a text was lost, doubled or made differently.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from catalog.database import connect, prepare, reading
from catalog.model import Product
from catalog.tables import calls, engine_results, leases, workers
from tests.unit.shop import Shop, lamp
from tests.unit.terms import small_termbase
from translation.batch import Batch, BatchOptions
from translation.engine import Pair
from translation.engines.echo import EchoEngine
from translation.routing import Router

LANGS = ("de", "en", "fr", "pt")
SUPPLIERS = ("acme", "borealis", "cosmo")
AT_ONCE = 4
ADDED = 40
_KILLS_A_TURN = 5
_SECONDS_A_CALL, _SECONDS_A_TEXT = 0.02, 0.002

Shown = dict[tuple[str, str, str], tuple[str, str]]


class SlowEcho(EchoEngine):
    """An engine that takes its time."""

    def translate(self, pair: Pair, given: Sequence[str]) -> list[str]:
        time.sleep(_SECONDS_A_CALL + _SECONDS_A_TEXT * len(given))
        return super().translate(pair, given)


def slow_echo(_name: str = "echo") -> SlowEcho:
    return SlowEcho([Pair("en", target) for target in LANGS if target != "en"])


def batch(shop: Shop) -> Batch:
    return Batch(shop.store, Router([slow_echo()]), small_termbase(), workers=1, remake=slow_echo)


def products(turn: int) -> Iterator[Product]:
    """Yield products of which each has words of its own, a sentence that others have too, and one that changes."""
    for number in range(ADDED):
        supplier = SUPPLIERS[number % len(SUPPLIERS)]
        word = "".join(chr(97 + int(digit)) for digit in f"{turn}{number:02}")
        text = f"<p>A garden hose of kind {word}. Made for gardens of sort {chr(97 + number % 20)}. It bends.</p>"
        yield lamp(f"{turn}-{number}", supplier, title=f"garden hose {word} green", description=text)
    yield lamp("changing", "acme", title=f"garden hose in its state {''.join(chr(97 + int(d)) for d in str(turn))}")


def shown(shop: Shop, turns: int) -> Shown:
    """Return every text as readers see it."""
    ids = sorted({product.id for turn in range(turns) for product in products(turn)})
    found = shop.store.field_texts(ids, LANGS)
    return {
        (text.product, text.field, text.lang): (text.shown, text.translation.state.value)
        for fields in found.values()
        for text in fields
    }


@dataclass(slots=True)
class Storm:
    """Workers over one store, and their killer.

    Attributes:
        killed: how many were killed at work.
        turns: how often products were added.
    """

    url: str
    chance: random.Random
    killed: int = 0
    turns: int = 0

    def rage(self, kills: int) -> None:
        """Kill so many workers, and start another one for each."""
        shop = Shop(Path(), connect(self.url))
        alive = [self._start() for _ in range(AT_ONCE)]
        while self.killed < kills:
            if self.killed % _KILLS_A_TURN == 0:
                shop.put(*products(self.turns))
                self.turns += 1
            time.sleep(self.chance.uniform(0.05, 1.5))
            victim = self.chance.choice(alive)
            os.kill(victim, signal.SIGKILL)
            _, status = os.waitpid(victim, 0)
            assert os.WIFSIGNALED(status), f"a worker ended by itself with status {status}"
            self.killed += 1
            alive[alive.index(victim)] = self._start()
        for process in alive:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        shop.database.dispose()

    def _start(self) -> int:
        sys.stdout.flush()
        process = os.fork()
        if process:
            return process
        try:
            shop = Shop(Path(), connect(self.url))
            while True:
                batch(shop).translate_pending(BatchOptions(LANGS))
                time.sleep(0.02)
        finally:
            os._exit(1)


def faults(url: str, turns: int) -> Iterator[str]:
    """Finish the work undisturbed, and yield what is not as it would be without any kill."""
    shop = Shop(Path(), connect(url))
    asked = batch(shop).translate_pending(BatchOptions(LANGS)).translated
    print(f"the last run, undisturbed, asked for {asked} texts")
    with tempfile.TemporaryDirectory() as folder:
        calm = Shop(Path(), connect(f"sqlite:///{folder}/calm.db"))
        prepare(calm.database)
        for turn in range(turns):
            calm.put(*products(turn))
        batch(calm).translate_pending(BatchOptions(LANGS))
        expected = shown(calm, turns)
        found = shown(shop, turns)
        different = [place for place, text in expected.items() if found.get(place) != text]
        if different or set(found) != set(expected):
            yield f"{len(different)} of {len(expected)} texts differ: {different[:3]}"
        print(f"{len(expected)} texts of {turns * ADDED + 1} products are as in an undisturbed run")
    with reading(shop.database) as connection:
        for table in (leases, workers):
            if left := connection.execute(select(func.count()).select_from(table)).scalar_one():
                yield f"{left} rows are left in {table.name}"
        poisoned = connection.execute(select(func.count()).select_from(calls).where(calls.c.crashes > 2)).scalar_one()
        if poisoned:
            yield f"{poisoned} requests count as poisoned"
        double = select(engine_results.c.key).group_by(engine_results.c.key).having(func.count() > 1)
        if connection.execute(double).first():
            yield "an answer is kept twice"
    if batch(shop).translate_pending(BatchOptions(LANGS)).segments:
        yield "a further run found something to do"


def main(arguments: Sequence[str] | None = None) -> int:
    """Let a storm pass and look at what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--url", help="a fresh database; a SQLite file by default")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{folder}/storm.db"
        first = connect(url)
        prepare(first)
        first.dispose()
        storm = Storm(url, random.Random(chosen.seed))
        storm.rage(chosen.kills)
        print(f"seed {chosen.seed}: {storm.killed} workers killed at work, {AT_ONCE} at a time")
        found = list(faults(url, storm.turns))
    for fault in found:
        print(f"FAULT: {fault}")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
