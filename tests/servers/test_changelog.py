"""The change log under writers that commit late and in another order: nothing is lost, nothing is seen twice."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from catalog.changelog import last_position, log_changes, reading_log, settle, visible
from catalog.database import reading, writing
from catalog.tables import changes
from indexes.store import IndexStore
from tests.servers.stores import Server

WRITERS, TRANSACTIONS, ROLLED_BACK = 6, 40, 7


@pytest.fixture
def engine(postgres: Server, tmp_path: Path) -> Engine:
    return postgres.open(str(tmp_path))


def log(engine: Engine, *names: str) -> None:
    with writing(engine) as connection:
        log_changes(connection, {(name, "") for name in names})


def seen(engine: Engine, since: int = 0) -> list[str]:
    return sorted(IndexStore(engine, "x").changes(since, 1000).products)


def test_what_commits_late_is_not_passed_by(engine: Engine) -> None:
    log(engine, "a/0")
    with writing(engine) as late:
        log_changes(late, {("a/1", "")})
        log(engine, "a/2")
        assert seen(engine) == ["a/0"]
        with reading_log(engine) as connection:
            before = last_position(connection)
    assert seen(engine, before) == ["a/1", "a/2"]


def test_what_is_rolled_back_holds_nobody_up(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            log_changes(connection, {("a/1", "")})
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    log(engine, "a/2")
    assert seen(engine) == ["a/2"]


def test_transactions_that_log_nothing_hold_nobody_up(engine: Engine, postgres: Server) -> None:
    """So an import is followed although somebody's transaction is open for hours, in this database or another."""
    other = create_engine(postgres.url)
    with writing(engine) as here, other.begin() as there:
        here.execute(text("INSERT INTO marks VALUES ('a', 'b')"))
        there.execute(text("SELECT pg_current_xact_id()"))
        log(engine, "a/1")
        assert seen(engine) == ["a/1"]
    other.dispose()


def test_a_transaction_that_ends_between_the_bound_and_the_picture_is_seen_later(engine: Engine) -> None:
    """The bound is taken first: what ends afterwards is in the picture and beyond the bound."""
    with writing(engine) as late:
        log_changes(late, {("a/1", "")})
        log(engine, "a/2")
        reader = reading_log(engine)
        connection = reader.__enter__()
    assert connection.execute(changes.select().where(visible(connection))).all() == []
    reader.__exit__(None, None, None)
    assert seen(engine) == ["a/1", "a/2"]


def test_a_picture_without_a_bound_is_refused(engine: Engine) -> None:
    with reading(engine) as connection, pytest.raises(RuntimeError, match="reading_log"):
        last_position(connection)


def test_who_committed_waits_for_those_who_are_about_to(engine: Engine) -> None:
    with ThreadPoolExecutor() as pool:
        with writing(engine) as late:
            log_changes(late, {("a/1", "")})
            log(engine, "a/2")
            waiting = pool.submit(settle, engine)
            time.sleep(0.1)
            assert not waiting.done()
        waiting.result(timeout=5)
    assert seen(engine) == ["a/1", "a/2"]


def test_a_crowd_of_writers_and_readers(engine: Engine) -> None:
    committed: set[str] = set()
    finished = threading.Event()

    def write(writer: int) -> None:
        chance = random.Random(writer)
        for number in range(TRANSACTIONS):
            names = {(f"w{writer}/{number}-{part}", "") for part in range(chance.randint(1, 20))}
            try:
                with writing(engine) as connection:
                    for name in sorted(names):
                        log_changes(connection, {name})
                    time.sleep(chance.choice((0, 0, 0.001, 0.02)))
                    if number % ROLLED_BACK == 0:
                        raise RuntimeError("stop")
                committed.update(name for name, _ in names)
            except RuntimeError:
                continue

    def read() -> list[str]:
        store, position = IndexStore(engine, "x"), 0
        found: list[str] = []
        while True:
            is_last = finished.is_set()
            with reading_log(engine) as connection:
                page = connection.execute(
                    changes.select()
                    .where(changes.c.position > position, visible(connection))
                    .order_by(changes.c.position)
                    .limit(50)
                ).all()
            found += [row.product for row in page]
            if page:
                position = page[-1].position
            elif is_last:
                assert store.behind(position) == 0
                return found

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for writer in [pool.submit(write, number) for number in range(WRITERS)]:
            writer.result()
        finished.set()
        for reader in readers:
            found = reader.result()
            assert len(found) == len(set(found))
            assert set(found) == committed
