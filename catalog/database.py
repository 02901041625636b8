"""The store's database: its engines, its transactions and its schema version.

SQLite (WAL) serves one machine; PostgreSQL serves many.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from catalog.errors import SchemaOutdatedError, UnavailableError

SCHEMA_VERSION = "0004"
"""Alembic revision that this code works with; a test compares it with the newest migration."""

_WRITES = "lexicart_writes"


def connect(url: str) -> Engine:
    """Return an engine for a database URL; no connection is made yet.

    SQLite gets WAL (readers never wait for the writer), ``synchronous=FULL`` (what was acknowledged survives loss of
    power) and a wait of 30 s for another process's transaction.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


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
    with _reachable(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; it is committed on leaving, rolled back by an exception."""
    with _reachable(engine), engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def _reachable(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as exc:
        place = engine.url.render_as_string(hide_password=True)
        raise UnavailableError(f"database {place}: {exc.orig}. Check LEXICART_DATABASE_URL and the server.") from exc


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


def migrate(engine: Engine) -> None:
    """Bring the schema to this version, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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
