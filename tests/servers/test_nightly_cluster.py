"""A night whose Elasticsearch is away: it waits, takes up where it can, and else does the rest."""

import select
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api import nightly
from api.bootstrap import Parts
from api.patience import Clock
from api.settings import load
from indexes.elasticsearch.client import Connection, Place

CATALOG = "sku;name\nS-1;Hammer mit Holzstiel\nS-2;Zange mit Griff\n"


class Door:
    """A port on this machine behind which, once it is open, a server is.

    Args:
        url: of the server.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "localhost", parts.port or 9200)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))  # bound and not listening: who connects is refused
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def open(self) -> None:
        self._socket.listen()
        threading.Thread(target=self._let_in, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _let_in(self) -> None:
        while True:
            try:
                outside, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(outside,), daemon=True).start()

    def _pass_on(self, outside: socket.socket) -> None:
        with outside, socket.create_connection(self._server) as inside:
            other = {outside: inside, inside: outside}
            while True:
                for ready in select.select(list(other), [], [])[0]:
                    sent = ready.recv(65_536)
                    if not sent:
                        return
                    other[ready].sendall(sent)


@pytest.fixture
def door(elasticsearch_url: str) -> Iterator[Door]:
    door = Door(elasticsearch_url.split(",")[0])
    yield door
    door.close()


@pytest.fixture
def parts(door: Door, elasticsearch_url: str, tmp_path: Path) -> Iterator[Parts]:
    prefix = f"night-{uuid.uuid4().hex[:8]}"
    parts = Parts(
        load(
            home=tmp_path, database_url="", engines="echo", langs="de,en", drop_settled_seconds=0,
            index="elasticsearch", elasticsearch_url=door.url, elasticsearch_prefix=prefix,
        )
    )  # fmt: skip
    folder = parts.settings.drop_folder / "keller"
    folder.mkdir(parents=True)
    (folder / "good.csv").write_text(CATALOG, encoding="utf-8")
    yield parts
    parts.close()
    connection = Connection(Place((elasticsearch_url.split(",")[0],)))
    indices = connection.admin.indices
    made = list(indices.get(index=f"{prefix}-*"))
    if made:
        indices.delete(index=made)
    connection.close()


def waiting(meanwhile: Callable[[int], None]) -> tuple[Clock, list[float]]:
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        meanwhile(len(waits))

    return Clock(monotonic=lambda: sum(waits), sleep=sleep), waits


def test_a_cluster_that_starts_while_the_night_waits_gets_its_index(parts: Parts, door: Door) -> None:
    clock, waits = waiting(lambda number: door.open() if number == 3 else None)
    report = nightly.run(parts, clock=clock)
    assert (report.exit_status, report.promoted, report.reasons) == (0, True, [])
    assert report.indexed["langs"]["de"]["documents"] == 2
    assert waits == [1.0, 2.0, 4.0]


def test_a_cluster_that_stays_away_gets_the_index_the_next_night(parts: Parts, door: Door) -> None:
    clock, waits = waiting(lambda _number: None)
    report = nightly.run(parts, clock=clock)
    assert (report.exit_status, report.promoted, sum(waits)) == (4, False, 600)
    assert door.url.removeprefix("http://") in report.reasons[0]
    said = {step["step"]: step["said"] for step in report.steps}
    assert "left out" in said["evaluate"]
    assert report.translated["segments"] > 0
    assert list(parts.settings.drop_folder.glob("keller/.done/*-good.csv"))
    door.open()
    again = nightly.run(parts)
    assert (again.exit_status, again.promoted, again.imported) == (0, True, [])
    assert again.indexed["langs"]["en"]["documents"] == 2
