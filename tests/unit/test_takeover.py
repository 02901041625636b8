"""Both ways in which a file's products reach the store do the same: from a file that is attached, and by copying."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from catalog.database import reading, writing
from catalog.errors import UnavailableError
from catalog.spool import Spool, SpooledRow
from catalog.tables import changes, products
from catalog.takeover import Arrival, AttachedTakeover, StagedTakeover
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")

ARRIVAL = Arrival("acme", "main", "0" * 32)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(tmp_path)
    yield engine
    engine.dispose()


class Way:
    """One of the two ways, with the connections that it needs."""

    def __init__(self, store: Engine) -> None:
        self.spool = Spool(store)
        beside = self.spool.beside_store
        self.engine = self.spool.engine if beside else store
        self.takeover = AttachedTakeover(ARRIVAL) if beside else StagedTakeover(ARRIVAL, self.spool)

    def write(self, *rows: SpooledRow) -> dict[str, int]:
        self.spool.add(rows)
        with writing(self.engine) as connection:
            return self.takeover.write(connection)


@pytest.fixture
def way(store: Engine) -> Iterator[Way]:
    way = Way(store)
    yield way
    way.spool.close()


def row(sku: str, digest: str, body: str = "{}") -> SpooledRow:
    return SpooledRow(sku, 2, digest, "de", "Marke", body)


def has(store: Engine, sku: str, digest: str, *, feed: str = "main", withdrawn: int = 0) -> None:
    own = {"id": f"acme/{sku}", "digest": digest, "lang": "de", "brand": "", "body": "old"}
    with writing(store) as connection:
        connection.execute(products.insert(), own | ARRIVAL.columns(BEFORE) | {"feed": feed, "withdrawn": withdrawn})


def logged(store: Engine) -> list[str]:
    with reading(store) as connection:
        return list(connection.execute(changes.select().order_by(changes.c.position)).scalars("product"))


def test_only_what_differs_is_written_and_logged(store: Engine, way: Way) -> None:
    has(store, "same", "1")
    has(store, "other", "1")
    has(store, "gone", "1", withdrawn=1)
    has(store, "moved", "1", feed="second")
    counts = way.write(row("same", "1"), row("other", "2"), row("gone", "1"), row("moved", "1"), row("new", "1"))
    assert counts == {"created": 1, "updated": 3, "unchanged": 1}
    assert sorted(logged(store)) == ["acme/gone", "acme/moved", "acme/new", "acme/other"]
    with reading(store) as connection:
        found = {one.id: one for one in connection.execute(products.select())}
    assert {(one.digest, one.feed, one.withdrawn) for one in found.values()} == {("1", "main", 0), ("2", "main", 0)}
    assert found["acme/same"].body == "old"
    assert found["acme/other"].created_at == BEFORE
    assert found["acme/new"].created_at == found["acme/new"].updated_at > BEFORE


def test_a_product_known_only_by_its_digest_is_restored(store: Engine, way: Way) -> None:
    has(store, "kept", "1")
    has(store, "gone", "1", withdrawn=1)
    assert way.write(row("kept", "1", body=""), row("gone", "1", body="")) == {
        "created": 0,
        "updated": 1,
        "unchanged": 1,
    }
    assert logged(store) == ["acme/gone"]
    with reading(store) as connection:
        assert {(one.withdrawn, one.body) for one in connection.execute(products.select())} == {(0, "old")}


@pytest.mark.parametrize("known", [True, False])
def test_a_product_known_only_by_its_digest_may_have_changed(store: Engine, way: Way, known: bool) -> None:
    if known:
        has(store, "A-1", "2")
    with pytest.raises(UnavailableError, match="import the file again"):
        way.write(row("A-1", "1", body=""))
    assert logged(store) == []


def test_it_is_asked_before_whether_all_of_them_are_there(store: Engine, way: Way) -> None:
    has(store, "A-1", "1", withdrawn=1)
    way.spool.add([row("A-1", "1", body="")])
    with reading(way.engine) as connection:
        assert way.takeover.still_there(connection)
    way.spool.add([row("A-2", "1", body="")])
    with reading(way.engine) as connection:
        assert not way.takeover.still_there(connection)


def test_what_the_file_does_not_name_is_missing(store: Engine, way: Way) -> None:
    for sku in ("A-1", "A-2", "acme/A-1", "x"):
        has(store, sku, "1")
    has(store, "other", "1", feed="second")
    has(store, "gone", "1", withdrawn=1)
    way.spool.add([row("A-2", "9"), row("acme/A-1", "9")])
    with reading(way.engine) as connection:
        assert way.takeover.missing(connection) == {"acme/A-1", "acme/x"}


def test_a_spool_leaves_no_file(store: Engine, tmp_path: Path) -> None:
    spool = Spool(store)
    spool.add([row("A-1", "1")])
    if os.name == "posix":  # it has no name from the start, so that a killed import leaves none behind
        assert [place.name for place in tmp_path.iterdir() if "import" in place.name] == []
    assert spool.find(["A-1", "A-2"]) == {"A-1": (2, "1")}
    assert list(spool.digests()) == [("A-1", "1")]
    spool.close()
    assert [place.name for place in tmp_path.iterdir() if "import" in place.name] == []
