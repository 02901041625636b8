"""The change log: which products and which of their languages changed, in the order of the commits.

Everything after an import follows it, each reader from its own position. A reader that has passed a position never
looks back, so nothing may appear behind it. SQLite has one writer at a time, and its positions are in the order of the
commits. On PostgreSQL positions are too, as readers see them: a transaction takes its positions from a sequence, but
may commit after another that took later ones. So before its first position it takes an advisory lock that carries the
newest position there is then, and releases it by ending; readers stop at the lowest of these.

(A bound by transaction ids, ``pg_snapshot_xmin``, would need no lock, but waits for every transaction of the server: a
dump of another database would keep an import from being translated.)
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, SelectBase, insert, select, text, true

from catalog.database import reading
from catalog.tables import changes

_LOGS = "lexicart_logs"
_BOUND = "lexicart_bound"
_SPACE = 0x4C58
"""The upper 16 bits of our locks' numbers; 48 are left for a position."""

_LOCK = text(
    f"SELECT pg_advisory_xact_lock_shared({_SPACE}::bigint << 48 | CASE WHEN is_called THEN last_value ELSE 0 END) "  # noqa: S608 - a constant
    "FROM changes_position_seq"
)
_NEWEST = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM changes_position_seq")
_OLDEST_LOCK = text(
    "SELECT min((classid::bigint & 65535) << 32 | objid::bigint) FROM pg_locks WHERE locktype = 'advisory' "  # noqa: S608 - a constant
    "AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND classid::bigint >> 16 = {_SPACE}"
)

_PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.02


def log_changes(connection: Connection, products_and_langs: set[tuple[str, str]]) -> None:
    """Append changes: ``(product id, language)``, the language empty when the product itself changed."""
    if products_and_langs:
        _begin_logging(connection)
        rows = [{"product": product, "lang": lang} for product, lang in sorted(products_and_langs)]
        connection.execute(insert(changes), rows)


def log_selected(connection: Connection, named: SelectBase) -> None:
    """Append the changes that a query gives, in its order."""
    _begin_logging(connection)
    connection.execute(insert(changes).from_select(["product", "lang"], named))


def _begin_logging(connection: Connection) -> None:
    """Take the lock behind which this transaction's positions lie, once."""
    if connection.dialect.name != "postgresql":
        return
    transaction = connection.get_transaction()
    if connection.info.get(_LOGS) is not transaction:
        connection.execute(_LOCK)
        connection.info[_LOGS] = transaction


# -- reading ----------------------------------------------------------------------------------------------------------


@contextmanager
def reading_log(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads and may read the change log; see :func:`catalog.database.reading`."""
    bound = None
    if engine.dialect.name == "postgresql":
        # Before the snapshot: what ended since is in it, and what has not is still locked.
        with reading(engine) as connection:
            bound = _bound_now(connection)
    with reading(engine) as connection:
        connection.info[_BOUND] = (connection.get_transaction(), bound)
        yield connection


def visible(connection: Connection) -> ColumnElement[bool]:
    """Return the condition under which entries of the log may be read: none may appear before them any more.

    Args:
        connection: of :func:`reading_log` or of a transaction that writes.
    """
    if connection.dialect.name != "postgresql":
        return true()
    return changes.c.position <= _bound(connection)


def last_position(connection: Connection) -> int:
    """Return the position of the newest change that may be read, 0 when there is none."""
    query = select(changes.c.position).where(visible(connection))
    found = connection.execute(query.order_by(changes.c.position.desc()).limit(1)).scalar()
    return found or 0


def settle(engine: Engine) -> None:
    """Wait until all that was committed before now can be read, some seconds at most.

    It rarely has to: entries are written at the end of a transaction. But who has just committed wants to read that,
    though another is writing its entries at this very moment.
    """
    if engine.dialect.name != "postgresql":
        return
    with reading(engine) as connection:
        newest = connection.execute(_NEWEST).scalar_one()
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        with reading(engine) as connection:
            if _bound_now(connection) >= newest:
                return
        time.sleep(_POLL_SECONDS)


def _bound(connection: Connection) -> int:
    known: tuple[Any, int] | None = connection.info.get(_BOUND)
    if known is not None and known[0] is connection.get_transaction():
        return known[1]
    if connection.get_isolation_level() != "READ COMMITTED":
        raise RuntimeError("the change log is read under catalog.changelog.reading_log")
    return _bound_now(connection)


def _bound_now(connection: Connection) -> int:
    """Return the position up to which every transaction has ended.

    The newest position is asked first: a transaction that has taken one of those has its lock by then, and shows it
    until it has ended. A statement after this one sees what it wrote.
    """
    newest: int = connection.execute(_NEWEST).scalar_one()
    oldest: int | None = connection.execute(_OLDEST_LOCK).scalar_one()
    return newest if oldest is None else min(newest, oldest)
