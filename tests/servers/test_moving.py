"""A store that goes from one database to another is the same store, and goes on where it was."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, delete, select, text

from catalog.changelog import last_position, log_changes, reading_log
from catalog.database import connect, prepare, reading, writing
from catalog.errors import NotFoundError, SchemaOutdatedError, UnavailableError, UsageError
from catalog.moving import Moved, move_store
from catalog.tables import calls, changes, corrections, metadata
from indexes.store import IndexStore
from tests.servers.filling import Rows, fill, rows_of
from tests.servers.stores import Server

ROWS = 5


def _kept(connection: Connection) -> Rows:
    """Return all rows that go along: workers of the former store have nothing in hand in the new one."""
    found = rows_of(connection, metadata)
    return {name: rows for name, rows in found.items() if name not in ("calls", "leases", "workers")}


def test_nobody_of_the_former_store_is_at_work_in_the_new_one(tmp_path: Path) -> None:
    old, new = f"sqlite:///{tmp_path / 'store.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    filled(old).dispose()
    move_store(old, new)
    target = connect(new)
    with reading(target) as connection:
        rows = rows_of(connection, metadata)
        crashed = connection.execute(select(calls.c.worker, calls.c.crashes)).all()
    target.dispose()
    assert rows["leases"] == rows["workers"] == []
    assert crashed
    assert all(row.worker == "" and row.crashes for row in crashed)


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def server_url(postgres: Server, tmp_path: Path) -> str:
    return postgres.url_of(str(tmp_path), ready=False)


@pytest.fixture(params=["to a server", "from a server", "to a file"])
def way(request: pytest.FixtureRequest, tmp_path: Path, file_url: str) -> tuple[str, str]:
    if request.param == "to a file":
        return file_url, f"sqlite:///{tmp_path / 'new.db'}"
    server_url: str = request.getfixturevalue("server_url")
    return (file_url, server_url) if request.param == "to a server" else (server_url, file_url)


def filled(url: str) -> Engine:
    engine = connect(url)
    prepare(engine)
    with writing(engine) as connection:
        fill(connection, metadata, ROWS)
    return engine


def test_every_row_arrives(way: tuple[str, str]) -> None:
    source = filled(way[0])
    with reading(source) as connection:
        before = _kept(connection)
    told: dict[str, int] = {}
    moved = move_store(*way, lambda table, rows: told.__setitem__(table, told.get(table, 0) + rows))
    target = connect(way[1])
    for engine in (source, target):
        with reading(engine) as connection:
            assert _kept(connection) == before
        engine.dispose()
    assert moved.tables == told == {table.name: ROWS for table in metadata.sorted_tables}


def test_readers_of_the_log_go_on_where_they_were(way: tuple[str, str]) -> None:
    source = filled(way[0])
    with writing(source) as connection:
        log_changes(connection, {("acme/1", "")})
    with reading_log(source) as connection:
        last = last_position(connection)
    builds = IndexStore(source, "x")
    builds.add("live", "settings")
    with writing(source) as connection:  # every reader has passed all of it
        connection.execute(delete(changes))
        connection.execute(delete(corrections))
    source.dispose()
    move_store(*way)
    target = connect(way[1])
    builds = IndexStore(target, "x")
    assert builds.get("live").position == last
    assert builds.behind(last) == 0
    with writing(target) as connection:
        log_changes(connection, {("acme/2", "")})
    found = builds.changes(last, 10)
    assert found.products == {"acme/2"}
    assert found.until > last
    target.dispose()


def test_corrections_are_numbered_on(way: tuple[str, str]) -> None:
    filled(way[0]).dispose()
    move_store(*way)
    target = connect(way[1])
    row = {"supplier": "a", "product": "a/1", "field": "title", "lang": "de", "basis": "b", "only_here": 0, "text": "x"}
    with writing(target) as connection, reading(target) as before:
        (old,) = [row.made_at for row in before.execute(corrections.select().limit(1))]
        connection.execute(corrections.insert(), [row | {"made_at": old}])
        assert connection.execute(text("SELECT max(id) FROM corrections")).scalar() == ROWS + 1
    target.dispose()


def test_there_and_back_again(file_url: str, server_url: str, tmp_path: Path) -> None:
    source = filled(file_url)
    with reading(source) as connection:
        before = _kept(connection)
    source.dispose()
    back_url = f"sqlite:///{tmp_path / 'back.db'}"
    move_store(file_url, server_url)
    move_store(server_url, back_url)
    back = connect(back_url)
    with reading(back) as connection:
        assert _kept(connection) == before
    back.dispose()


def test_what_fails_leaves_nothing(file_url: str, server_url: str) -> None:
    filled(file_url).dispose()

    def fail(table: str, _rows: int) -> None:
        if table == "translations":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_store(file_url, server_url, fail)
    assert isinstance(move_store(file_url, server_url), Moved)


def test_a_database_that_is_not_empty_is_refused(way: tuple[str, str]) -> None:
    filled(way[0]).dispose()
    filled(way[1]).dispose()
    with pytest.raises(UsageError, match="is not empty"):
        move_store(*way)


def test_a_store_that_is_not_there_is_named(file_url: str, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(NotFoundError, match=r"store\.db"):
        move_store(file_url, target)
    assert not (tmp_path / "store.db").exists()
    (tmp_path / "store.db").touch()
    with pytest.raises(NotFoundError, match="no store"):
        move_store(file_url, target)
    with pytest.raises(UsageError, match="one database"):
        move_store(file_url, file_url)


def test_an_old_schema_is_refused(file_url: str, tmp_path: Path) -> None:
    engine = filled(file_url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    with pytest.raises(SchemaOutdatedError, match="lexicart migrate"):
        move_store(file_url, f"sqlite:///{tmp_path / 'new.db'}")


def test_a_server_that_is_not_there_is_named(file_url: str) -> None:
    filled(file_url).dispose()
    nowhere = "postgresql://u:secret@127.0.0.1:1/d"
    for option, way in (("--to", (file_url, nowhere)), ("--from", (nowhere, file_url + ".new"))):
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1") as refused:
            move_store(*way)
        assert f"Check {option} and the server" in str(refused.value)
        assert "LEXICART_DATABASE_URL" not in str(refused.value)
        assert "secret" not in str(refused.value)
