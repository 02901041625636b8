"""What several workers have in hand, and what becomes of it when one dies."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from catalog.database import reading, writing
from catalog.tables import calls, leases, workers
from catalog.tables import texts as texts_table
from tests.unit.shop import Recorder, Shop, lamp
from tests.unit.terms import small_termbase
from translation.batch import Batch, BatchOptions
from translation.engine import Pair
from translation.model import State
from translation.records import leases as held
from translation.records.pending import Wanted
from translation.routing import Router
from translation.worker import Worker


@pytest.fixture
def shop(tmp_path: Path, database: str) -> Shop:
    return Shop(tmp_path)


def names(shop: Shop) -> list[str]:
    shop.store.follow()
    with reading(shop.database) as connection:
        return sorted(connection.execute(select(texts_table.c.digest)).scalars())


def crashes(shop: Shop) -> dict[str, int]:
    with reading(shop.database) as connection:
        return {row.key: row.crashes for row in connection.execute(select(calls))}


def kill(shop: Shop, worker: Worker) -> None:
    """Let a worker's heart have stopped long ago; its block has not been left."""
    worker._ended.set()
    worker._heart.join()
    with writing(shop.database) as connection:
        long_ago = held.moment(connection) - held.DEAD_AFTER - timedelta(seconds=1)
        connection.execute(update(workers).where(workers.c.id == worker.name).values(heartbeat_at=long_ago))


def test_nobody_takes_what_another_has(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2", title="blue garden hose"), lamp("3", title="red garden hose"))
    every = names(shop)
    with Worker(shop.database) as one, Worker(shop.database) as other:
        assert [text.digest for text in one.take(every[:2])] == every[:2]
        assert [text.digest for text in other.take(every)] == every[2:]
        one.release(every[:1])
        assert [text.digest for text in other.take(every)] == every[:1]
    with Worker(shop.database) as third:
        assert [text.digest for text in third.take(list(reversed(every)))] == list(reversed(every))


def test_what_a_dead_worker_had_is_free(shop: Shop) -> None:
    shop.put(lamp("1"))
    dead = Worker(shop.database).__enter__()
    dead.take(names(shop))
    dead.claim(["a", "b"])
    with Worker(shop.database) as other:
        assert other.take(names(shop)) == []
        kill(shop, dead)
        assert len(other.take(names(shop))) == 1
        assert other.claim(["a"]).crashes == {"a": 1}
        assert crashes(shop) == {"a": 1, "b": 1}


def test_a_process_that_is_gone_is_dead_at_once(shop: Shop) -> None:
    shop.put(lamp("1"))
    script = (
        "import os, sys\n"
        "from catalog.database import connect\n"
        "from translation.worker import Worker\n"
        "worker = Worker(connect(sys.argv[1])).__enter__()\n"
        "worker.take(sys.argv[2:])\n"
        "print('taken', flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    url = shop.database.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", script, url, *names(shop)], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("taken\n", -9), done.stderr
    with reading(shop.database) as connection:
        assert len(connection.execute(select(leases)).all()) == 1
    with Worker(shop.database) as worker:
        assert len(worker.take(names(shop))) == 1


def test_who_leaves_in_good_order_counts_no_crash(shop: Shop) -> None:
    with Worker(shop.database) as worker:
        worker.claim(["a"])
    assert crashes(shop) == {}


def test_a_request_is_at_one_engine_at_a_time(shop: Shop) -> None:
    with Worker(shop.database) as one, Worker(shop.database) as other:
        assert set(one.claim(["a", "b"]).crashes) == {"a", "b"}
        assert set(other.claim(["b", "c"]).crashes) == {"c"}
        one.answered({"b": ("B", "echo")}, ["a", "b"])
        claimed = other.claim(["a", "b"])
        assert (set(claimed.crashes), claimed.known) == ({"a"}, {"b": "B"})


def test_kills_of_workers_alone_poison_nothing(shop: Shop) -> None:
    for known in (0, 1, 2, 2, 2):
        worker = Worker(shop.database).__enter__()
        assert worker.claim(["a"]).crashes == {"a": known}
        kill(shop, worker)
        with Worker(shop.database) as other:
            other.bury()


def test_after_three_crashes_no_engine_gets_it(shop: Shop) -> None:
    with Worker(shop.database) as worker:
        for known in range(held.POISONED):
            assert worker.claim(["a"]).crashes == {"a": known}
            worker.crashed(["a"])
            worker.put_back(["a"])
    with Worker(shop.database) as other:
        claimed = other.claim(["a", "b"])
        assert (claimed.poisoned, claimed.crashes) == ({"a"}, {"b": 0})


def test_an_answer_forgets_the_crashes(shop: Shop) -> None:
    worker = Worker(shop.database).__enter__()
    worker.claim(["a"])
    kill(shop, worker)
    with Worker(shop.database) as other:
        other.bury()
        other.claim(["a"])
        other.answered({"a": ("A", "echo")}, ["a"])
    assert crashes(shop) == {}


def test_a_worker_taken_for_dead_beats_on(shop: Shop) -> None:
    with Worker(shop.database) as worker, Worker(shop.database) as other:
        with writing(shop.database) as connection:
            connection.execute(update(workers).where(workers.c.id == worker.name).values(heartbeat_at=_EPOCH))
        other.bury()
        with writing(shop.database) as connection:
            held.enrol(connection, worker.name, "here:1")
            assert worker.name in set(connection.execute(select(workers.c.id)).scalars())


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Poisonous(Recorder):
    """An engine whose process dies of a text."""

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        if any("poison" in text for text in texts):
            os.kill(os.getpid(), 9)
        return super().translate(pair, texts)


_RUN = """
import sys
from pathlib import Path
from catalog.database import connect
from tests.unit.shop import Shop
from tests.unit.test_leases import poisonous_batch
from translation.batch import BatchOptions
poisonous_batch(Shop(Path(), connect(sys.argv[1]))).translate_pending(BatchOptions(("de",)))
"""


def poisonous(_name: str) -> Poisonous:
    return Poisonous(["en-de"])


def poisonous_batch(shop: Shop) -> Batch:
    router = Router([poisonous("")])
    return Batch(shop.store, router, small_termbase(), workers=1, waits=(), remake=poisonous)


def test_a_poisoned_text_is_flagged_and_the_rest_goes_on(shop: Shop) -> None:
    good = [
        lamp(str(number), title=f"garden hose {chr(97 + number % 26)}{chr(97 + number // 26)}") for number in range(40)
    ]
    bad = lamp("bad", title="garden poison hose")
    shop.put(*good, bad)
    url = shop.database.url.render_as_string(hide_password=False)
    ends: list[int] = []
    while not ends or ends[-1] != 0:
        assert len(ends) < 6
        ends.append(subprocess.run([sys.executable, "-c", _RUN, url]).returncode)
    assert ends == [-9, 0]  # the second and the third time it is the quarantine that dies
    found = shop.shown(bad, "de").translation
    assert (found.state, "ended 3 times" in found.reason) == (State.NEEDS_REVIEW, True)
    assert {shop.shown(one, "de").translation.state for one in good} == {State.MACHINE}
    # Asked for by hand it is tried once more.
    shop.translate(Recorder(["en-de"]), "de", everything=True)
    assert shop.shown(bad, "de").translation.state is State.MACHINE


class Counting(Recorder):
    """Counts, over all threads, how often each text is asked."""

    counted: Counter[tuple[str, str]]

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        with _LOCK:
            self.counted.update((str(pair), text) for text in texts)
        return super().translate(pair, texts)


_LOCK = threading.Lock()


def test_four_workers_never_translate_a_text_twice(shop: Shop) -> None:
    sentences = [f"A fine garden hose, made in town {chr(97 + n % 26)}{chr(97 + n // 26)}." for n in range(60)]
    for supplier in ("acme", "other", "third"):
        shop.put(
            *(
                lamp(
                    str(n),
                    supplier,
                    title=f"hose {chr(97 + n % 26)}x{chr(97 + n // 26)} garden",
                    description=" ".join((sentences[n % 60], sentences[(n * 7) % 60], sentences[(n + 31) % 60])),
                )
                for n in range(150)
            )
        )
    engine = Counting(["en-de", "en-fr", "en-pt"])
    engine.counted = Counter()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            shop.batch(engine).translate_pending(BatchOptions(("de", "fr", "pt")))
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert max(engine.counted.values()) == 1
    assert len(engine.counted) >= 3 * (150 + 60)
    shop.translate(engine, "de", "fr", "pt")
    assert max(engine.counted.values()) == 1
    for lang, states in shop.store.coverage(["de", "fr", "pt"]).items():
        assert states["machine"] == 3 * 150 * 2, lang


def test_suppliers_take_turns_and_titles_come_first(shop: Shop) -> None:
    big = [
        lamp(f"{n:04}", "aaa", title=f"hose number {n} of many", description=f"<p>Long text number {n}.</p>")
        for n in range(300)
    ]
    shop.put(*big)
    shop.put(*(lamp(str(n), "zzz", title=f"fork number {n} of few") for n in range(40)))
    shop.store.follow()
    run = shop.store.begin(Wanted(("de",), "policy"))
    with Worker(shop.database) as worker:
        first = worker.take(run.read(128))
        assert {one.supplier for one in first} == {"aaa", "zzz"}
        assert sum(one.supplier == "zzz" for one in first) == 40
        kinds = [one.kind for one in first]
        while page := run.read(128):
            kinds += [one.kind for one in worker.take(page)]
    assert kinds == ["title"] * 340 + ["description"] * 300


def test_what_is_imported_during_a_run_does_not_wait_for_all_of_it(shop: Shop) -> None:
    shop.put(*(lamp(f"{n:04}", "aaa", title=f"hose number {n} of many") for n in range(300)))
    shop.store.follow()
    run = shop.store.begin(Wanted(("de",), "policy"))
    with Worker(shop.database) as worker:
        worker.take(run.read(64))
        shop.put(*(lamp(str(n), "zzz", title=f"fork number {n} of few") for n in range(40)))
        run.follow()
        next_two = [one.supplier for _ in range(2) for one in worker.take(run.read(64))]
    assert next_two.count("zzz") == 40


def test_a_run_that_leaves_something_to_others_is_not_complete(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2", title="blue garden hose"))
    every = names(shop)
    engine = Recorder(["en-de"])
    with Worker(shop.database) as other:
        other.take(every[:1])
        shop.translate(engine, "de")
        assert len(engine.asked) == 1
    position = shop.store.position()
    shop.translate(engine, "de")
    assert len(engine.asked) == 2
    assert shop.log(position) != []


def test_the_status_names_who_is_at_work(shop: Shop) -> None:
    shop.put(lamp("1"))
    assert shop.store.workers() == []
    before = shop.store.changed()
    with Worker(shop.database) as worker:
        worker.take(names(shop))
        (one,) = shop.store.workers()
        assert (one.place.endswith(f":{os.getpid()}"), one.texts) == (True, 1)
        assert shop.store.changed() != before
    dead = Worker(shop.database).__enter__()
    kill(shop, dead)
    assert shop.store.workers() == []
    assert shop.store.poisoned() == 0
