"""An archive with several catalogs: a report each, one transaction together."""

import zipfile
from pathlib import Path

import pytest

from catalog.errors import UsageError
from catalog.importing import import_catalog, import_catalogs
from catalog.options import ImportOptions
from catalog.report import CatalogReport
from catalog.store import ProductStore
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")

TOOLS = "sku;title\nA1;Schraubendreher mit Wechselklingen\nA2;Gummihammer für Fliesenleger und Maurer\n"
LIGHTS = "sku,title,description\nB1,Lampe de bureau avec pied en métal,Pour la maison et le bureau\n"
BROKEN = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    engine = open_store(tmp_path)
    return ProductStore(engine, tmp_path / "uploads")


def take(store: ProductStore, path: Path, files: dict[str, str | bytes], **options: object) -> list[CatalogReport]:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return import_catalogs(store, path, ImportOptions("keller", **options))  # type: ignore[arg-type]


def test_each_catalog_is_understood_and_reported_by_itself(store: ProductStore, tmp_path: Path) -> None:
    tools, lights = take(store, tmp_path / "all.zip", {"tools.csv": TOOLS, "lights.csv": LIGHTS})
    assert (tools.file, tools.lang, tools.delimiter, tools.created) == ("all.zip/tools.csv", "de", ";", 2)
    assert (lights.file, lights.lang, lights.delimiter, lights.created) == ("all.zip/lights.csv", "fr", ",", 1)
    assert tools.catalog == lights.catalog is not None
    assert store.counts() == {"keller": 3}
    assert store.upload_report(str(tools.catalog)) == {"catalogs": [tools.as_json(), lights.as_json()]}


def test_one_that_can_not_be_read_does_not_stop_the_others(store: ProductStore, tmp_path: Path) -> None:
    broken, lights = take(store, tmp_path / "all.zip", {"a.csv": BROKEN, "b.csv": LIGHTS})
    assert broken.refused_as_a_whole
    assert (broken.catalog, lights.created) == (None, 1)


def test_replace_takes_the_catalogs_of_an_archive_together(store: ProductStore, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    more = "".join(f"C{number};Gummihammer für Fliesenleger Nummer {number}\n" for number in range(6))
    take(store, path, {"tools.csv": TOOLS + more, "lights.csv": LIGHTS})
    tools, lights = take(
        store, path, {"tools.csv": TOOLS + more[: more.index("C5")], "lights.csv": LIGHTS}, replace=True
    )
    assert (tools.withdrawn, lights.withdrawn) == (0, 1)
    assert store.get("keller/C5").withdrawn
    assert not store.get("keller/B1").withdrawn


def test_replace_refuses_an_archive_of_which_one_catalog_can_not_be_read(store: ProductStore, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    take(store, path, {"tools.csv": TOOLS, "lights.csv": LIGHTS})
    reports = take(store, path, {"tools.csv": BROKEN, "lights.csv": LIGHTS}, replace=True, force=True)
    assert all(report.refused_as_a_whole for report in reports)
    assert store.counts() == {"keller": 3}


def test_too_much_missing_refuses_the_whole_archive(store: ProductStore, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    take(store, path, {"tools.csv": TOOLS, "lights.csv": LIGHTS})
    reports = take(
        store,
        path,
        {"tools.csv": TOOLS.splitlines()[0] + "\nA1;Neuer Name für den Hammer\n", "b.csv": LIGHTS},
        replace=True,
    )
    assert all("--force" in str(report.refused_as_a_whole) for report in reports)
    assert store.get("keller/A1").product.title == "Schraubendreher mit Wechselklingen"


def test_strict_refuses_the_whole_archive(store: ProductStore, tmp_path: Path) -> None:
    reports = take(store, tmp_path / "all.zip", {"tools.csv": TOOLS + ";no number\n", "b.csv": LIGHTS}, strict=True)
    assert all("--strict" in str(report.refused_as_a_whole) for report in reports)
    assert store.counts() == {}


def test_one_number_in_two_catalogs_is_refused_in_the_second(store: ProductStore, tmp_path: Path) -> None:
    _, second = take(store, tmp_path / "all.zip", {"a.csv": TOOLS, "b.csv": LIGHTS.replace("B1", "A1")})
    assert "none of its 1 rows" in str(second.refused_as_a_whole)
    assert [error.code for error in second.errors] == ["sku_used_twice"]


def test_a_dry_run_writes_nothing(store: ProductStore, tmp_path: Path) -> None:
    reports = take(store, tmp_path / "all.zip", {"tools.csv": TOOLS, "lights.csv": LIGHTS}, dry_run=True)
    assert [len(report.samples) for report in reports] == [2, 1]
    assert store.counts() == {}


def test_what_is_asked_of_one_catalog_is_refused_for_several(store: ProductStore, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"tools.csv": TOOLS, "lights.csv": LIGHTS}
    with pytest.raises(UsageError, match="one by one"):
        take(store, tmp_path / "all.zip", files, refused=tmp_path / "refused.csv")
    with pytest.raises(UsageError, match="2 catalogs"):
        import_catalog(store, tmp_path / "all.zip", ImportOptions("keller"))
    assert store.counts() == {}
