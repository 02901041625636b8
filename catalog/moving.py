"""A whole store from one database to another: SQLite to PostgreSQL, back, or to another server.

Every table is read in one picture of the store and written in one transaction, some rows at a time, so that neither
side is ever held in memory, and nothing is there where it failed. Positions of the change log stay what they are, and
so do those that builds and marks remember; the sequences behind them go on where the old ones were.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select, text, update
from sqlalchemy.engine import make_url

from catalog.copying import copy_rows
from catalog.database import SCHEMA_VERSION, connect, place_of, prepare, reading, schema_version, writing
from catalog.errors import LexicartError, NotFoundError, SchemaOutdatedError, UsageError
from catalog.tables import builds, calls, changes, corrections, leases, metadata, workers

_PAGE = 2_000
"""Rows at a time; a product's body has some kilobytes."""

_NUMBERED = ((changes, "position"), (corrections, "id"))
"""Columns that the database numbers."""

Progress = Callable[[str, int], None]
"""Called with a table's name and a number of rows that were written."""


def no_progress(_table: str, _rows: int) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was taken.

    Attributes:
        source: URL of the database that was read, without its password.
        target: URL of the one that was written.
        tables: rows by table.
    """

    source: str
    target: str
    tables: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """The document of ``lexicart migrate --from --to --json``."""
        return {"from": self.source, "to": self.target, "schema": SCHEMA_VERSION, "tables": dict(self.tables)}


def move_store(source_url: str, target_url: str, progress: Progress = no_progress) -> Moved:
    """Copy a store into an empty database; the source stays as it is.

    Raises:
        UsageError: both are one database, or the target is not empty.
        NotFoundError: there is no store at the source.
        SchemaOutdatedError: one of them has another version's schema.
        UnavailableError: one of them can't be reached.
    """
    if make_url(source_url) == make_url(target_url):
        raise UsageError("--from and --to name one database: name the new one in --to")
    source = _source(source_url)
    target = connect(target_url, "--to and the server")
    try:
        prepare(target)
        _refuse_full(target)
        with reading(source) as old, writing(target) as new:
            counts = copy_store(old, new, progress)
            forget_workers(new)
        return Moved(_shown(source), _shown(target), counts)
    finally:
        source.dispose()
        target.dispose()


def forget_workers(connection: Connection) -> None:
    """Free what workers of the former store had in hand; of requests, only those that crashed stay known."""
    connection.execute(delete(leases))
    connection.execute(delete(calls).where(calls.c.crashes == 0))
    connection.execute(update(calls).values(worker=""))
    connection.execute(delete(workers))


def _source(url: str) -> Engine:
    place = place_of(url)
    if place is not None and not place.exists():
        raise NotFoundError(f"--from {url}: there is no file {place}")
    engine = connect(url, "--from and the server")
    version = schema_version(engine)
    if version is None:
        raise NotFoundError(f"--from {_shown(engine)}: there is no store in it")
    if version != SCHEMA_VERSION:
        raise SchemaOutdatedError(
            f"--from {_shown(engine)} has schema {version} and this version of Lexicart works with {SCHEMA_VERSION}: "
            "run `lexicart migrate` with LEXICART_DATABASE_URL set to it first"
        )
    return engine


def _refuse_full(target: Engine) -> None:
    with reading(target) as connection:
        if (table := first_filled(connection)) is not None:
            raise UsageError(
                f"--to {_shown(target)} is not empty (table {table}): a store is taken to a database of its own; make "
                "a new one"
            )


def first_filled(connection: Connection) -> str | None:
    """Return the name of a table that has rows, ``None`` for an empty store."""
    for table in metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            return table.name
    return None


# -- all rows ---------------------------------------------------------------------------------------------------------


def copy_store(old: Connection, new: Connection, progress: Progress = no_progress) -> dict[str, int]:
    """Copy all rows of all tables, look whether they are there, and let their numbers go on.

    Args:
        old: of a transaction that reads; its picture is what is copied.
        new: of one that writes, to tables without rows.
        progress: hears of what was copied.

    Returns:
        Rows by table.
    """
    counts = {table.name: _copy(old, new, table, progress) for table in metadata.sorted_tables}
    _go_on_numbering(old, new)
    _verify(new, counts)
    return counts


def _copy(old: Connection, new: Connection, table: Table, progress: Progress) -> int:
    number = 0
    query = select(table).order_by(*table.primary_key.columns)
    for page in _pages(old, query):
        _insert(new, table, page)
        number += len(page)
        progress(table.name, len(page))
    return number


def _pages(connection: Connection, query: Any) -> Iterator[Sequence[Row[Any]]]:
    yield from connection.execute(query, execution_options={"yield_per": _PAGE}).partitions()


def _insert(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    if connection.dialect.name == "postgresql":
        _refuse_nul(table, rows)
        copy_rows(connection, f'"{table.name}"', [column.name for column in table.columns], rows)
    else:
        connection.execute(insert(table), [dict(row._mapping) for row in rows])


def _refuse_nul(table: Table, rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        if any(isinstance(value, str) and "\0" in value for value in row):
            key = ", ".join(str(row._mapping[column.name]) for column in table.primary_key.columns)
            raise LexicartError(
                f"table {table.name}, row {key!r}: a text holds the character NUL, which PostgreSQL can't store: "
                "correct it and try again"
            )


# -- numbers that go on -----------------------------------------------------------------------------------------------


def _go_on_numbering(old: Connection, new: Connection) -> None:
    """Let no number be given twice, even where the rows that had it are gone: a build has read the log to there."""
    for table, column in _NUMBERED:
        # The new side may have given numbers to rows that were replaced: a reader may have come so far there.
        given = (_last_number(old, table, column), _last_number(new, table, column))
        last = max(*given, _highest(new, table, column))
        if table is changes:
            last = max(last, _highest(new, builds, "position"))
        if last:
            _set_last_number(new, table, column, last)


def _highest(connection: Connection, table: Table, column: str) -> int:
    return connection.execute(select(func.max(table.c[column]))).scalar() or 0


def _last_number(connection: Connection, table: Table, column: str) -> int:
    if connection.dialect.name == "postgresql":
        query = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {table.name}_{column}_seq"  # noqa: S608 - our names
        return int(connection.execute(text(query)).scalar_one())
    query = "SELECT seq FROM sqlite_sequence WHERE name = :name"
    return int(connection.execute(text(query), {"name": table.name}).scalar() or 0)


def _set_last_number(connection: Connection, table: Table, column: str, last: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.setval(f"{table.name}_{column}_seq", last)))
        return
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return  # its numbers are those of its rows
    name = {"name": table.name, "last": last}
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), name)
    connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), name)


def _verify(connection: Connection, counts: Mapping[str, int]) -> None:
    for table in metadata.sorted_tables:
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()
        if found != counts[table.name]:
            raise LexicartError(f"table {table.name} has {found} rows after {counts[table.name]} were written")


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
