"""Stores for tests: by default a SQLite file in the test's folder, under the fixture ``database`` any of the databases.

A test names its store by a folder, and who names the same folder gets the same store; so the tests of a store are
written once. On PostgreSQL each store is a database of its own, copied from one that is ready.
"""

import hashlib
import shutil
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool, Pool

from catalog.database import SCHEMA_VERSION, connect, prepare

_TEMPLATE = f"lexicart_ready_{SCHEMA_VERSION}"


class Server:
    """Databases on a PostgreSQL server.

    Args:
        url: of a database in which others may be made.
        lock: file that all processes of this test run share.
    """

    def __init__(self, url: str, lock: Path) -> None:
        self.url = url
        self._lock = lock
        self._made: dict[str, str] = {}
        self._engines: list[Engine] = []

    def url_of(self, name: str, *, ready: bool = True) -> str:
        """Return the URL of the database of a name; a new one is made, with our tables in it if it shall be ready."""
        if name not in self._made:
            if ready:
                with self.administrator() as connection:
                    self._make_template(connection)
            self._make(name, _TEMPLATE if ready else "template0")
        return self._made[name]

    def copy(self, name: str, to: str) -> None:
        """Let the database of a name be a copy of another's."""
        self._make(to, make_url(self._made[name]).database or "")

    def _make(self, name: str, template: str) -> None:
        database = "t" + hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
        with self.administrator() as connection:
            connection.execute(text(f"CREATE DATABASE {database} TEMPLATE {template}"))
        self._made[name] = self.place_of(database)

    def open(self, name: str) -> Engine:
        """Return an engine for the database of a name."""
        engine = connect(self.url_of(name))
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        """Forget all databases that were made here."""
        for engine in self._engines:
            engine.dispose()
        for connection in [one for one in _connections if not one.closed]:
            if self.place_of(connection.info.dbname) in self._made.values():
                connection.close()  # a thread had it when its engine was disposed of, or nobody closed the engine
        with self.administrator() as connection:
            for url in self._made.values():
                connection.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))
        self._made.clear()
        self._engines.clear()

    def _make_template(self, connection: Connection) -> None:
        with FileLock(self._lock):
            there = text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.execute(there, {"name": _TEMPLATE}).first() is not None:
                return
            connection.execute(text("CREATE DATABASE lexicart_making TEMPLATE template0"))
            making = connect(self.place_of("lexicart_making"))
            prepare(making)
            making.dispose()
            connection.execute(text(f"ALTER DATABASE lexicart_making RENAME TO {_TEMPLATE}"))

    def place_of(self, database: str) -> str:
        """Return the URL of a database."""
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def administrator(self) -> Iterator[Connection]:
        """Connect to the first database, outside of transactions."""
        engine = create_engine(make_url(self.url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection


_connections: weakref.WeakSet[Any] = weakref.WeakSet()
"""Connections to PostgreSQL that this process made; one that is forgotten open fails whichever test comes next."""


@event.listens_for(Pool, "connect")
def _remember(connection: Any, _record: Any) -> None:
    if hasattr(connection, "pgconn"):
        _connections.add(connection)


_server: list[Server] = []
"""Where stores are made now, the last one; none: in files."""


@contextmanager
def stores_on(server: Server | None) -> Iterator[None]:
    """Make stores on a server, or in files, for a while."""
    if server is None:
        yield
        return
    _server.append(server)
    try:
        yield
    finally:
        _server.pop().close()


def store_url(folder: Path) -> str:
    """Return the URL of the store of a folder."""
    if _server:
        return _server[-1].url_of(str(folder))
    return f"sqlite:///{folder / 'store.db'}"


def open_store(folder: Path) -> Engine:
    """Return an engine for the store of a folder, made ready."""
    engine = _server[-1].open(str(folder)) if _server else connect(store_url(folder))
    prepare(engine)
    return engine


def copy_store(folder: Path, to: Path) -> None:
    """Let the store of one folder be that of another too; no connection to it may be open."""
    if _server:
        _server[-1].copy(str(folder), str(to))
    else:
        shutil.copy(folder / "store.db", to)
