"""ProductStore: saving is idempotent, a file is one transaction, nothing vanishes by accident."""

from pathlib import Path

import pytest

from catalog.database import reading
from catalog.errors import NotFoundError, NothingTakenError
from catalog.model import GivenText, Product, from_json, to_json
from catalog.store import ProductStore
from catalog.tables import changes
from tests.fakes.products import product
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    engine = open_store(tmp_path)
    return ProductStore(engine, tmp_path / "uploads")


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.csv"
    path.write_text("sku;title\n")
    return path


def save(store: ProductStore, upload: Path, *rows: Product, feed: str = "main") -> list[str]:
    with store.importing(supplier="acme", feed=feed, path=upload, filename=upload.name) as session:
        return [saved.outcome for saved in session.save(list(enumerate(rows, 2)))]


def test_a_product_survives_its_json() -> None:
    one = product(given=(GivenText("title", "en", "Screw"),), stock=3, gtin="4006381333931")
    assert from_json(to_json(one)) == one
    assert from_json(to_json(one)).digest() == one.digest()


def test_saving_again_changes_nothing(store: ProductStore, upload: Path) -> None:
    assert save(store, upload, product("A-1"), product("A-2")) == ["created", "created"]
    position = store.position()
    assert save(store, upload, product("A-1"), product("A-2")) == ["unchanged", "unchanged"]
    assert store.position() == position


def test_a_changed_product_is_updated_and_logged(store: ProductStore, upload: Path) -> None:
    save(store, upload, product("A-1"))
    position = store.position()
    assert save(store, upload, product("A-1", title="Schraube")) == ["updated"]
    assert store.position() > position
    assert store.get("acme/A-1").product.title == "Schraube"


def test_the_same_sku_twice_in_a_file(store: ProductStore, upload: Path) -> None:
    with store.importing(supplier="acme", feed="main", path=upload, filename="x.csv") as session:
        first = session.save([(2, product("A-1")), (3, product("A-1")), (4, product("A-1", title="Other"))])
        later = session.save([(900, product("A-1", title="Third"))])
    assert [saved.outcome for saved in first] == ["created", "joined", "clash"]
    assert [saved.outcome for saved in later] == ["clash"]
    assert later[0].first_line == 2
    assert store.get("acme/A-1").product.title == "Edelstahlschraube M8×40"


def test_an_exception_rolls_the_whole_file_back(store: ProductStore, upload: Path) -> None:
    def fail() -> None:
        with store.importing(supplier="acme", feed="main", path=upload, filename="x.csv") as session:
            session.save([(2, product("A-1"))])
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert store.counts() == {}
    assert save(store, upload, product("A-1")) == ["created"]


def test_replace_withdraws_what_is_missing_and_it_can_come_back(store: ProductStore, upload: Path) -> None:
    save(store, upload, *(product(f"A-{number}") for number in range(10)))
    with store.importing(supplier="acme", feed="main", path=upload, filename="x.csv") as session:
        session.save([(number, product(f"A-{number}")) for number in range(9)])
        assert session.withdraw_missing(force=False) == 1
    assert store.get("acme/A-9").withdrawn
    assert store.counts() == {"acme": 9}
    assert save(store, upload, product("A-9")) == ["updated"]
    assert not store.get("acme/A-9").withdrawn


def test_replace_refuses_half_a_file(store: ProductStore, upload: Path) -> None:
    save(store, upload, *(product(f"A-{number}") for number in range(10)))

    def half(force: bool) -> int:
        with store.importing(supplier="acme", feed="main", path=upload, filename="x.csv") as session:
            session.save([(number, product(f"A-{number}")) for number in range(5)])
            return session.withdraw_missing(force=force)

    with pytest.raises(NothingTakenError, match=r"5 of 10 products .* --force"):
        half(force=False)
    assert store.counts() == {"acme": 10}
    assert half(force=True) == 5


def test_replace_leaves_other_feeds_alone(store: ProductStore, upload: Path) -> None:
    save(store, upload, product("B-1"), feed="other")
    with store.importing(supplier="acme", feed="main", path=upload, filename="x.csv") as session:
        session.save([(2, product("A-1"))])
        assert session.withdraw_missing(force=False) == 0
    assert store.counts() == {"acme": 2}


def test_withdrawing_an_unknown_product_withdraws_nothing(store: ProductStore, upload: Path) -> None:
    save(store, upload, product("A-1"))
    with pytest.raises(NotFoundError, match="acme/nope"):
        store.withdraw(["acme/A-1", "acme/nope"])
    assert store.counts() == {"acme": 1}
    assert store.withdraw(["acme/A-1"]) == 1
    assert store.withdraw(["acme/A-1"]) == 0


def test_the_upload_is_kept_as_it_came(store: ProductStore, upload: Path, tmp_path: Path) -> None:
    upload.write_bytes(b"\xff\x00 not text")
    save(store, upload, product("A-1"))
    save(store, upload, product("A-1"))
    kept = [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [b"\xff\x00 not text"]


def test_streaming_pages_through_everything_once(store: ProductStore, upload: Path) -> None:
    save(store, upload, *(product(f"A-{number}") for number in range(1203)))
    ids = [one.product.id for one in store.stream()]
    assert len(ids) == len(set(ids)) == 1203
    assert ids == sorted(ids)
    assert list(store.stream("nobody")) == []


def test_a_sample_is_of_what_is_live_and_stays_the_same(store: ProductStore, upload: Path) -> None:
    assert store.sample_ids(40) == []
    save(store, upload, *(product(f"A-{number}") for number in range(60)), product("B-1"))
    with store.importing(supplier="acme", feed="main", path=upload, filename="x.csv") as session:
        session.save([(number, product(f"A-{number}")) for number in range(60)])
        session.withdraw_missing(force=False)
    chosen = store.sample_ids(40)
    assert sorted(chosen) == sorted(store.sample_ids(40))
    assert len(set(chosen)) == 40
    assert set(chosen) < store.live_ids()
    assert set(store.sample_ids(1000)) == store.live_ids() == {f"acme/A-{number}" for number in range(60)}


def test_the_change_log_names_each_changed_product_once(store: ProductStore, upload: Path) -> None:
    save(store, upload, product("A-1"), product("A-2"))
    save(store, upload, product("A-1"), product("A-2", title="Neu"))
    with reading(store._engine) as connection:
        logged = [row.product for row in connection.execute(changes.select().order_by(changes.c.position))]
    assert logged == ["acme/A-1", "acme/A-2", "acme/A-2"]
