"""A worker: one process's share in translating a store that others translate as well.

It says every ten seconds that it lives. What it holds (texts, and requests at an engine) nobody else touches; when it
dies, by whatever cause, the others find that out, at once on the same machine and after a minute elsewhere.
"""

import os
import socket
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine, select

from catalog.database import reading, writing
from catalog.errors import UnavailableError
from catalog.tables import workers
from translation.records import leases
from translation.records.leases import AtWork, Claimed
from translation.records.texts import StoredText

BEAT_SECONDS = 10.0


class Worker(AbstractContextManager["Worker"]):
    """Holds texts and calls for as long as its ``with`` block runs.

    Args:
        engine: from :func:`catalog.database.connect`.
    """

    def __init__(self, engine: Engine) -> None:
        self.name = uuid.uuid4().hex
        self._engine = engine
        self._place = f"{_host()}:{os.getpid()}"
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Worker":
        with writing(self._engine) as connection:
            leases.enrol(connection, self.name, self._place)
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._heart.join()
        with writing(self._engine) as connection:
            leases.leave(connection, self.name)

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                with writing(self._engine) as connection:
                    leases.enrol(connection, self.name, self._place)
            except UnavailableError:
                continue  # the work itself meets the same fault and reports it; a store that is back gets the next beat

    # -- texts --------------------------------------------------------------------------------------------------------

    def take(self, names: Sequence[str]) -> list[StoredText]:
        """Lease those of the texts that nobody holds; what dead workers held is free."""
        self.bury()
        with writing(self._engine) as connection:
            return leases.take(connection, self.name, names)

    def release(self, names: Iterable[str]) -> None:
        """Give texts back, done or not."""
        with writing(self._engine) as connection:
            leases.release(connection, self.name, names)

    def bury(self) -> None:
        """Free what dead workers held."""
        with reading(self._engine) as connection:
            names = [one for one in leases.dead(connection, _is_gone) if one != self.name]
        if names:
            with writing(self._engine) as connection:
                leases.bury(connection, names)

    # -- calls --------------------------------------------------------------------------------------------------------

    def results(self, keys: Sequence[str]) -> dict[str, str]:
        """Return what engines answered before, by key."""
        with reading(self._engine) as connection:
            return leases.results(connection, keys)

    def claim(self, keys: Sequence[str]) -> Claimed:
        """Claim requests before an engine gets them."""
        with writing(self._engine) as connection:
            return leases.claim(connection, self.name, keys)

    def crashed(self, keys: Sequence[str]) -> None:
        """Count a crash for each of the requests in hand."""
        with writing(self._engine) as connection:
            leases.crashed(connection, self.name, keys)

    def put_back(self, keys: Sequence[str]) -> None:
        """Give requests back that were not asked."""
        if keys:
            with writing(self._engine) as connection:
                leases.put_back(connection, self.name, keys)

    def answered(self, given: Mapping[str, tuple[str, str]], keys: Sequence[str]) -> None:
        """Keep answers, ``key -> (translation, engine)``, and let go of their calls and of those that failed."""
        with writing(self._engine) as connection:
            leases.answered(connection, self.name, given, keys)


def at_work(connection: Connection) -> list[AtWork]:
    """Return the workers that live, by their places."""
    return leases.at_work(connection, _is_gone)


def alive(connection: Connection) -> frozenset[str]:
    """Return the workers that are at work."""
    names = connection.execute(select(workers.c.id)).scalars()
    return frozenset(names) - frozenset(leases.dead(connection, _is_gone))


def _host() -> str:
    """Name the machine, or the container, whose process numbers can be compared."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""  # no Linux
    return f"{socket.gethostname()} {space}".strip()


def _is_gone(place: str) -> bool:
    """Say whether a worker's process surely ended: it was on this machine, and its number is nobody's."""
    host, _, process = place.rpartition(":")
    if os.name != "posix" or host != _host():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # another user's
    return False
