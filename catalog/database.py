"""The store's database: its engines, its transactions and its schema version.

SQLite (WAL) serves one machine; PostgreSQL serves many.

On PostgreSQL a transaction that only reads is REPEATABLE READ: one picture of the store, as on SQLite. One that writes
is READ COMMITTED: it takes the locks of :mod:`catalog.locks` first and then sees what was committed before it got them.
Under a stricter level it would keep a picture from before it waited, and be thrown out by the server for that, though
nobody did anything wrong.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from catalog.errors import LexicartError, SchemaOutdatedError, UnavailableError
from catalog.locks import SCHEMA, hold

SCHEMA_VERSION = "0007"
"""Alembic revision that this code works with; a test compares it with the newest migration."""

_MIGRATIONS = Path(__file__).parent / "migrations"

_WRITES = "lexicart_writes"
_CHECK = "lexicart_check"

_OF_THE_SETTING = "LEXICART_DATABASE_URL and the server"

_CONFLICTS = ("40001", "40P01", "55P03")
"""PostgreSQL's serialization failure, deadlock, and lock timeout."""

_DISK_FULL = "53100"


def connect(url: str, check: str = _OF_THE_SETTING) -> Engine:
    """Return an engine for a database URL; no connection is made yet.

    SQLite gets WAL (readers never wait for the writer), ``synchronous=FULL`` (what was acknowledged survives loss of
    power) and a wait of 30 s for another process's transaction. PostgreSQL gets a wait of ten minutes: only who imports
    the same supplier, or changes what translations are made from, waits there at all.

    Args:
        url: of the database.
        check: what a person should look at when it can't be used: the setting or option that named it.

    Raises:
        UnavailableError: what speaks to this kind of database is not installed.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = _connect_server(parsed.set(drivername="postgresql+psycopg"))
    else:
        engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    engine.update_execution_options(**{_CHECK: check})
    return engine


def _connect_server(url: URL) -> Engine:
    try:
        # A pooled connection may be dead: a server is restarted while `serve` and workers run.
        engine = create_engine(url, pool_pre_ping=True)
    except ImportError as exc:  # psycopg is absent, or is there without the C library that it speaks through
        raise UnavailableError(
            f"a store on PostgreSQL needs psycopg ({exc}): pip install 'lexicart[postgres]'"
        ) from exc
    event.listen(engine, "connect", _prepare_server)
    return engine


def _prepare_server(connection: Any, _record: Any) -> None:
    # Plans are compiled for seconds of work; ours take milliseconds, and the estimates of a fresh store say otherwise.
    connection.execute("SET lock_timeout = '10min'; SET jit = off")
    connection.commit()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN (below) decides, not the driver's guess
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: a transaction that reads first and upgrades later can fail with SQLITE_BUSY
    # without any wait.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: one consistent picture of the store."""
    with _reachable(engine), engine.connect().execution_options(**_reads(engine)) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; it is committed on leaving, rolled back by an exception."""
    with _reachable(engine), engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


def _reads(engine: Engine) -> dict[str, Any]:
    if engine.dialect.name == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {}


@contextmanager
def _reachable(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as exc:
        place = engine.url.render_as_string(hide_password=True)
        if getattr(exc.orig, "sqlstate", None) in _CONFLICTS:
            raise UnavailableError(
                f"database {place}: another process wrote the same at the same time: nothing was written, try again"
            ) from exc
        if _is_full(exc):
            raise UnavailableError(
                f"database {place}: its disk is full. Nothing was written; free space and try again."
            ) from exc
        said = " ".join(str(exc.orig).split()).rstrip(".?")
        raise UnavailableError(f"database {place}: {said}. Check {_check(engine)}.") from exc


def _is_full(exc: DBAPIError) -> bool:
    return getattr(exc.orig, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(exc.orig, "sqlstate", "") == _DISK_FULL


def _check(engine: Engine) -> str:
    return str(engine.get_execution_options().get(_CHECK, _OF_THE_SETTING))


def prepare(engine: Engine) -> None:
    """Make a fresh database ready, or check that an existing one has this version's schema.

    Raises:
        SchemaOutdatedError: the schema is another version's; names ``lexicart migrate``.
        UnavailableError: the database can't be reached.
    """
    version = schema_version(engine)
    if version is None:
        migrate(engine)
    elif version != SCHEMA_VERSION:
        raise SchemaOutdatedError(
            f"the store has schema {version} and this version of Lexicart works with {SCHEMA_VERSION}: "
            "run `lexicart migrate`"
        )


def schema_version(engine: Engine) -> str | None:
    """Return the schema's revision, or ``None`` for a database without any table of ours."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def revisions() -> frozenset[str]:
    """Return the schema versions that this version of Lexicart has a way from."""
    from alembic.script import ScriptDirectory

    return frozenset(one.revision for one in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


def migrate(engine: Engine, down_to: str | None = None, *, up_to: str = "head") -> None:
    """Bring the schema to this version, in one transaction.

    Args:
        engine: of the store.
        down_to: an older revision to go back to, or ``base`` for none; what that one has no table or column for is
            lost.
        up_to: an older revision than this version's, where not ``down_to`` one.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with _changing_tables(engine) as connection:
        hold(connection, SCHEMA)  # of two processes that make a fresh store ready, one finds it done
        _refuse_encoding(connection, engine)
        config.attributes["connection"] = connection
        if down_to is None:
            command.upgrade(config, up_to)
        else:
            command.downgrade(config, down_to)


@contextmanager
def _changing_tables(engine: Engine) -> Iterator[Connection]:
    """Open a transaction in which a table may be made anew under the rows that refer to it.

    That is how SQLite changes a column; it forbids it while it watches over references, so it looks at them afterwards.
    """
    if engine.dialect.name != "sqlite":
        with writing(engine) as connection:
            yield connection
        return
    own = connect(engine.url.render_as_string(hide_password=False), _check(engine))
    event.listen(own, "connect", lambda connection, _record: connection.execute("PRAGMA foreign_keys=OFF"))
    try:
        with writing(own) as connection:
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise LexicartError(f"after the migration a row of table {broken[0]} refers to nothing in {broken[2]}")
    finally:
        own.dispose()


def _refuse_encoding(connection: Connection, engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise UnavailableError(
            f"database {engine.url.database} has encoding {encoding}, which can't hold fifteen languages: "
            "make one with ENCODING 'UTF8' TEMPLATE template0"
        )


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT of the connection's dialect, which has ``on_conflict_do_update`` on both databases."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def utc_now() -> datetime:
    """Return the present moment in UTC, to the microsecond."""
    return datetime.now(UTC)


def place_of(url: str) -> Path | None:
    """Return the file of a SQLite URL, ``None`` for a server."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
