"""Locks of the store that stand for more than rows.

SQLite has one writer at a time, so that a transaction that writes may read first and rely on it. On PostgreSQL writers
run side by side; what must not, takes one of these locks. Order of taking, so that no two can wait for each other:
supplier, :data:`TEXTS`, :data:`TURN`, then rows in the order of their keys.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, func, select
from sqlalchemy.pool import NullPool

from catalog.errors import UnavailableError

TEXTS = "texts"
"""What translations are made from: texts, their products, corrections, memory, terms. Who saves translations shares it;
who changes any of these has it alone, so that a saved page was made from what still holds."""

TURN = "turn"
"""Under which policy translations are saved: shared by who saves, held alone by who changes it."""

SCHEMA = "schema"
"""The tables themselves."""

_SPACE = 0x4C58
"""First of the two numbers of our advisory locks, where other applications may have theirs."""

_POLL_SECONDS = 0.1


def hold(connection: Connection, name: str, *, shared: bool = False) -> None:
    """Hold a lock until the transaction ends; wait while another holds it.

    On SQLite the transaction that writes holds everything already.

    Args:
        connection: of a transaction that writes.
        name: what is locked.
        shared: together with others who share it.
    """
    if connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        connection.execute(select(lock(_SPACE, number_of(name))))


def hold_supplier(connection: Connection, supplier: str) -> None:
    """Hold a supplier's products until the transaction ends: two imports of one supplier come one after another."""
    hold(connection, f"supplier {supplier}")


def number_of(name: str) -> int:
    """Return the number by which PostgreSQL knows a lock: 32 bits with sign."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), signed=True)


@contextmanager
def held(engine: Engine, name: str, wait: float) -> Iterator[None]:
    """Hold a lock of the database on a connection of its own; it is released when the process ends, however it ends.

    Args:
        engine: of a PostgreSQL server.
        name: what is locked.
        wait: seconds after which to give up.

    Raises:
        UnavailableError: another process holds it, on this machine or another.
    """
    own = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    key = (_SPACE, number_of(f"held {name}"))
    with own.connect() as connection:
        end = time.monotonic() + wait
        while not connection.execute(select(func.pg_try_advisory_lock(*key))).scalar_one():
            if time.monotonic() >= end:
                place = engine.url.render_as_string(hide_password=True)
                raise UnavailableError(f"another {name} is running on {place}: wait for it and try again")
            time.sleep(_POLL_SECONDS)
        yield
