"""Readers of one build: connections to its file, and the snapshot of its newest commit."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexes.embedded import neutral
from indexes.embedded.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot and a connection in a transaction that sees the same generation."""

    snapshot: Snapshot
    connection: sqlite3.Connection


class BuildReader:
    """Gives views of a build; may be used by several threads.

    Args:
        folder: the build's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._inode = _inode(folder)
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._snapshot: Snapshot | None = None
        self._closed = False

    @property
    def current(self) -> bool:
        """Whether the folder still holds the build that this reader opened, not a later one of the same name."""
        return _inode(self.folder) == self._inode

    @contextmanager
    def view(self) -> Iterator[View]:
        """Read under one transaction: all that is read belongs to the same commit."""
        connection = self._borrow()
        try:
            connection.execute("BEGIN")
            yield View(self._snapshot_of(connection), connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._give_back(connection)

    def _snapshot_of(self, connection: sqlite3.Connection) -> Snapshot:
        # One row by its key, 3 µs: cheap enough to ask at every search whether another process committed.
        generation = neutral.generation(connection)
        with self._lock:
            if self._snapshot is None or self._snapshot.generation < generation:
                self._snapshot = Snapshot(self.folder, connection, self._snapshot)
            if self._snapshot.generation == generation:
                return self._snapshot
        # Another thread began its transaction later and has moved on; this one reads what it began with.
        return Snapshot(self.folder, connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return neutral.connect(self.folder)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close all connections; those in use are closed when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _inode(folder: Path) -> int | None:
    try:
        return (folder / neutral.FILE).stat().st_ino
    except FileNotFoundError:
        return None
