"""Forgetting a supplier: nothing of theirs stays, everything of others does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from api.bootstrap import Parts
from api.forgetting import Forgotten, forget
from api.intake import export_workbook, import_file
from api.settings import load
from api.translating import correct_text, translate_pending
from catalog.database import reading
from catalog.errors import NotFoundError
from catalog.exports.planning import USUAL_FIELDS, ExportOptions
from catalog.options import ImportOptions
from catalog.tables import metadata
from indexes.model import IndexDocument
from tests.servers.stores import store_url
from translation.batch import BatchOptions

LANGS = ("de", "en", "fr")
SECRET = "Geheimhammer aus Eichenholz"
CATALOG = f"sku,title,title_en\nA1,{SECRET},\nA2,Zange mit Griffen aus Kunststoff,Pliers with plastic handles\n"
SHARED = "sku,title\nB1,Gartenschlauch mit Spritze für den Garten\n"


@dataclass(frozen=True, slots=True)
class Forgetting:
    """An installation of which one supplier was forgotten, and what it said before."""

    parts: Parts
    done: Forgotten
    shown_before: Mapping[str, IndexDocument]
    others_before: object


@pytest.fixture(scope="module")
def forgetting(tmp_path_factory: pytest.TempPathFactory, module_database: str) -> Iterator[Forgetting]:
    folder = tmp_path_factory.mktemp("forgetting")
    parts = Parts(load(home=folder / "home", database_url=store_url(folder), engines=("echo",), langs=LANGS))
    for supplier, files in (("keller", (CATALOG, SHARED)), ("other", (SHARED,))):
        for number, content in enumerate(files):
            path = folder / f"{supplier}-{number}.csv"
            path.write_text(content, "utf-8")
            import_file(parts, path, ImportOptions(supplier=supplier, filename=path.name, lang="de"))
    translate_pending(parts, BatchOptions(LANGS))
    correct_text(parts, "keller/A1", "title", "fr", "Marteau secret", only_here=False)
    export_workbook(parts, ExportOptions("keller", "main", ("fr",), USUAL_FIELDS, folder / "back.csv"))
    parts.builder().update()
    parts.builder().update(full=True)
    shown = parts.index.documents("de", ["keller/A1"])
    others = parts.translations.field_texts(["other/B1"], LANGS)
    yield Forgetting(parts, forget(parts, "keller"), shown, others)
    parts.close()


def test_no_row_of_any_table_is_the_suppliers(forgetting: Forgetting) -> None:
    with reading(forgetting.parts.database) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                if table.name == "changes":  # it says that products went, until the indexes have followed
                    continue
                said = " ".join(map(str, row))
                assert not any(word in said for word in ("keller", "Geheim", "Marteau")), table.name


def test_their_bytes_are_gone_and_a_file_that_others_sent_too_stays(forgetting: Forgetting) -> None:
    folder = forgetting.parts.home / "uploads"
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.suffix]
    assert kept == [SHARED.encode()]


def test_they_leave_the_live_index_and_no_build_with_them_is_kept(forgetting: Forgetting) -> None:
    parts = forgetting.parts
    assert forgetting.shown_before
    assert (forgetting.done.products, forgetting.done.builds) == (3, 1)
    assert parts.index.documents("de", ["keller/A1", "other/B1"]).keys() == {"other/B1"}
    assert [build.state for build in parts.builds.existing()] == ["live"]


def test_other_suppliers_keep_everything(forgetting: Forgetting) -> None:
    parts = forgetting.parts
    assert parts.translations.field_texts(["other/B1"], LANGS) == forgetting.others_before
    assert translate_pending(parts, BatchOptions(LANGS)).translated == 0


def test_a_supplier_of_whom_nothing_is_kept_is_named(forgetting: Forgetting) -> None:
    for name in ("nobody", "keller"):
        with pytest.raises(NotFoundError, match=name):
            forget(forgetting.parts, name)


def test_they_may_come_back(forgetting: Forgetting, tmp_path: Path) -> None:
    path = tmp_path / "again.csv"
    path.write_text(CATALOG, "utf-8")
    (report,) = import_file(forgetting.parts, path, ImportOptions(supplier="keller", lang="de"))
    assert report.created == 2
