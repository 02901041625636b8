"""Rows for every table of a store, whatever its columns are."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import VARCHAR, BigInteger, Column, Connection, DateTime, Integer, MetaData, Table, insert, select

MOMENT = datetime(2026, 3, 29, 1, 30, 15, 123456, UTC)
"""An hour that many time zones pass over or have twice."""

Rows = Mapping[str, list[tuple[Any, ...]]]


def fill(connection: Connection, tables: MetaData, rows: int, first: int = 0) -> None:
    """Put rows into every table; they refer to each other where tables do.

    Args:
        connection: of a transaction that writes.
        tables: as the code declares them, or as they were found.
        rows: how many in each.
        first: number of the first; rows of other numbers have other keys.
    """
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(insert(table), [_row(table, number) for number in range(first, first + rows)])


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(table, column, number) for column in table.columns}


def _value(table: Table, column: Column[Any], number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _value(key.column.table, key.column, number)
    if isinstance(column.type, Integer | BigInteger):
        # The log was cut: its first positions are gone, and they are far apart.
        return 1_000 * number + 7 if table.name == "changes" else number + 1
    if isinstance(column.type, DateTime) or hasattr(column.type, "impl"):
        return MOMENT + timedelta(seconds=number)
    if column.name == "kind" and table.name == "texts":
        return ("title", "category", "description")[number % 3]
    if column.name == "policy":
        return "" if number % 2 else "p"
    # As they were found, columns may be short ones; the code declares none so on a server.
    longest = column.type.length if isinstance(column.type, VARCHAR) else None
    return f"{number} {table.name}.{column.name} ü 螺丝 \U0001f529 'x' \\N \t"[: longest or 60]


def rows_of(connection: Connection, tables: MetaData, *, but: frozenset[str] = frozenset()) -> Rows:
    """Return all rows of all tables, without some columns."""
    found = {}
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            columns = [column for column in table.columns if f"{table.name}.{column.name}" not in but]
            query = select(*columns).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in connection.execute(query)]
    return found
