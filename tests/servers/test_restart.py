"""A server that dies and comes back: what was committed is there, and who was connected goes on."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from catalog.changelog import log_changes
from catalog.database import connect, prepare, reading, writing
from catalog.errors import UnavailableError
from indexes.store import IndexStore
from tests.servers.postgres import Postgres, new_folder


@pytest.fixture
def server(postgres_url: str) -> Iterator[Postgres]:
    """A server of this test's own, since others' would die with it."""
    assert postgres_url
    server = Postgres(new_folder())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def engine(server: Postgres) -> Iterator[Engine]:
    engine = connect(server.url)
    prepare(engine)
    yield engine
    engine.dispose()


def log(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        log_changes(connection, {(name, "")})


def test_what_was_committed_is_there_and_the_log_goes_on_behind_it(server: Postgres, engine: Engine) -> None:
    log(engine, "a/1")
    store = IndexStore(engine, "x")
    before = store.changes(0, 10)

    def die() -> None:
        with writing(engine) as connection:
            log_changes(connection, {("a/2", "")})
            server.kill()
            connection.execute(text("SELECT 1"))

    with pytest.raises(UnavailableError, match="LEXICART_DATABASE_URL"):
        die()
    assert store.changes(0, 10) == before
    log(engine, "a/3")
    after = store.changes(before.until, 10)
    assert after.products == {"a/3"}
    assert after.until > before.until


def test_a_connection_that_died_while_nobody_used_it_is_not_noticed(server: Postgres, engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    server.kill()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_a_server_that_was_stopped_is_named(server: Postgres, engine: Engine) -> None:
    server.stop()
    with pytest.raises(UnavailableError, match="LEXICART_DATABASE_URL"), reading(engine):
        pass
