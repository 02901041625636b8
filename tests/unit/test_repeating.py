"""The same file again: not read twice, and right whatever happened to its products in between; nothing without need."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from catalog.database import reading, writing
from catalog.errors import NothingTakenError
from catalog.importing import import_catalog
from catalog.options import ImportOptions
from catalog.report import CatalogReport
from catalog.store import ProductStore
from catalog.tables import changes, metadata
from tests.fakes.products import product
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")

HEADER = "Artikelnummer;Bezeichnung;Preis\n"
ROWS = HEADER + "".join(f"R{number};Gummihammer Größe {number} für Fliesenleger;9,90 €\n" for number in range(10))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> ProductStore:
    return ProductStore(engine, tmp_path / "uploads")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "feed.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def take(store: ProductStore, path: Path, **options: object) -> CatalogReport:
    return import_catalog(store, path, ImportOptions("acme", **options))  # type: ignore[arg-type]


def counts(report: CatalogReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


def was_read(store: ProductStore, path: Path, **options: object) -> bool:
    """Whether an import reads the file, told by a mark in the manifests that only a repetition passes on."""
    for place in (path.parent / "uploads").rglob("*.manifest.gz"):
        with gzip.open(place, "rt", encoding="utf-8") as file:
            head, *rest = file.readlines()
        body = json.loads(head)
        body["report"]["lang_confidence"] = 0.123
        with gzip.open(place, "wt", encoding="utf-8") as file:
            file.writelines([json.dumps(body) + "\n", *rest])
    return take(store, path, **options).lang_confidence != 0.123


def test_the_same_file_is_not_read_again_and_reports_the_same(store: ProductStore, path: Path) -> None:
    first = take(store, path)
    again = take(store, path)
    assert counts(first) == (10, 0, 0)
    assert counts(again) == (0, 0, 10)
    assert again.catalog != first.catalog
    same = {"catalog", "created", "updated", "unchanged"}
    kept = {name: value for name, value in first.as_json().items() if name not in same}
    assert {name: value for name, value in again.as_json().items() if name not in same} == kept
    assert store.upload_report(str(again.catalog)) == again.as_json()
    assert not was_read(store, path)


@pytest.mark.parametrize("options", [{"currency": "CHF"}, {"lang": "de"}, {"country": "DE"}, {"feed": "other"}])
def test_another_option_reads_it_again(store: ProductStore, path: Path, options: dict[str, object]) -> None:
    take(store, path)
    assert was_read(store, path, **options)


def test_another_mapping_reads_it_again(store: ProductStore, path: Path, tmp_path: Path) -> None:
    take(store, path)
    mapping = tmp_path / "map.toml"
    mapping.write_text('[constants]\nbrand = "Eigenmarke"\n', encoding="utf-8")
    assert was_read(store, path, mapping=mapping)
    assert store.get("acme/R1").product.brand == "Eigenmarke"
    assert not was_read(store, path)  # by the mapping that is saved now
    assert store.get("acme/R1").product.brand == "Eigenmarke"


def test_a_withdrawn_product_comes_back(store: ProductStore, path: Path) -> None:
    take(store, path)
    store.withdraw(["acme/R3"])
    position = store.position()
    assert counts(take(store, path)) == (0, 1, 9)
    assert not store.get("acme/R3").withdrawn
    assert store.get("acme/R3").product.title == "Gummihammer Größe 3 für Fliesenleger"
    assert store.position() == position + 1


def test_a_product_that_another_file_changed_is_restored(store: ProductStore, path: Path, tmp_path: Path) -> None:
    take(store, path)
    other = tmp_path / "other.csv"
    other.write_text(HEADER + "R4;Holzhammer für Zeltbauer im Garten;5,00 €\n", encoding="utf-8")
    take(store, other)
    assert store.get("acme/R4").product.title.startswith("Holzhammer")
    assert counts(take(store, path)) == (0, 1, 9)
    assert store.get("acme/R4").product.title.startswith("Gummihammer")


def test_a_forgotten_product_is_made_anew(store: ProductStore, path: Path, engine: Engine) -> None:
    from catalog.tables import products

    take(store, path)
    with writing(engine) as connection:
        connection.execute(products.delete().where(products.c.id == "acme/R5"))
    assert counts(take(store, path)) == (1, 0, 9)


def test_replace_withdraws_on_a_second_import_too(store: ProductStore, path: Path, tmp_path: Path) -> None:
    take(store, path)
    more = tmp_path / "more.csv"
    more.write_text(HEADER + "X1;Schraubendreher mit Wechselklingen;5,00 €\n", encoding="utf-8")
    take(store, more)
    assert take(store, path, replace=True).withdrawn == 1
    assert store.get("acme/X1").withdrawn
    refused = take(store, more, replace=True)
    assert "--force" in str(refused.refused_as_a_whole)
    assert (refused.taken, refused.refused, refused.products, refused.catalog) == (0, 1, 0, None)
    assert store.counts() == {"acme": 10}


# -- what is kept, and what is not --


def kept(tmp_path: Path) -> list[Path]:
    return [place for place in (tmp_path / "uploads").rglob("*") if place.is_file()]


def rows_of(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_a_dry_run_writes_nothing_at_all(store: ProductStore, path: Path, tmp_path: Path, engine: Engine) -> None:
    before = rows_of(engine)
    assert take(store, path, dry_run=True).created == 10
    assert not (tmp_path / "uploads").exists()
    assert rows_of(engine) == before


def test_a_file_of_which_nothing_is_taken_is_not_kept(store: ProductStore, path: Path, tmp_path: Path) -> None:
    path.write_text(ROWS + ";;\nZ1;;\n", encoding="utf-8")
    assert take(store, path, strict=True).refused_as_a_whole is not None
    assert kept(tmp_path) == []


def test_a_failure_inside_the_lock_leaves_no_byte(store: ProductStore, path: Path, tmp_path: Path) -> None:
    take(store, path)
    files = sorted(kept(tmp_path))
    few = tmp_path / "few.csv"
    few.write_text(HEADER + "R1;Gummihammer Größe 1 für Fliesenleger;9,90 €\n", encoding="utf-8")

    def fail() -> None:
        with store.importing(supplier="acme", feed="main", path=few, filename="few.csv") as session:
            session.save([(2, product("R1"))])
            session._replace = False  # as if the feed had grown after the question was asked

    with pytest.raises(NothingTakenError):
        fail()
    assert sorted(kept(tmp_path)) == files
    assert store.counts() == {"acme": 10}


def test_others_write_while_a_file_is_read(store: ProductStore, path: Path, engine: Engine) -> None:
    with store.importing(supplier="acme", feed="main", path=path, filename="x.csv") as session:
        session.save([(2, product("A-1"))])
        with writing(engine) as connection:  # would wait 30 s and fail if the session held the lock
            connection.execute(changes.insert().values(product="other/1", lang=""))
    assert store.get("acme/A-1").product.sku == "A-1"


def test_what_another_import_changed_meanwhile_is_compared_again(store: ProductStore, path: Path) -> None:
    with store.importing(supplier="acme", feed="main", path=path, filename="x.csv") as session:
        session.save([(2, product("A-1"))])
        with store.importing(supplier="acme", feed="main", path=path, filename="y.csv") as other:
            other.save([(2, product("A-1", title="Other"))])
    assert store.get("acme/A-1").product.title == product("A-1").title
