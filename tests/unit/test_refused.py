"""Refused rows come back in the supplier's own layout, with a reason, and can be mended and sent again."""

import csv
import json
from pathlib import Path

from catalog.importing import import_catalog
from catalog.options import ImportOptions
from catalog.readers import open_catalog
from catalog.refused import REASON
from tests.fakes.product_store import MemoryProductStore

ROWS = (
    "Artikelnummer;Bezeichnung;Preis;Größe\n"
    "A1;Gummihammer für Fliesenleger;9,90 €;40\n"
    "A2;;8,50 €;0050\n"
    "A1;Schraubendreher;7,00 €;10\n"
)


def refused_of(path: Path, out: Path, store: MemoryProductStore | None = None) -> MemoryProductStore:
    store = store or MemoryProductStore()
    import_catalog(store, path, ImportOptions("keller", lang="de", refused=out))
    return store


def test_a_table_keeps_its_columns_delimiter_and_encoding(tmp_path: Path) -> None:
    path, out = tmp_path / "x.csv", tmp_path / "refused.csv"
    path.write_bytes(ROWS.encode("cp1252"))
    refused_of(path, out)
    rows = list(csv.reader(out.read_text(encoding="cp1252").splitlines(), delimiter=";"))
    assert rows[0] == ["Artikelnummer", "Bezeichnung", "Preis", "Größe", REASON]
    assert [row[:4] for row in rows[1:]] == [["A2", "", "8,50 €", "0050"], ["A1", "Schraubendreher", "7,00 €", "10"]]
    assert rows[1][4].startswith("line 3: ")
    assert "line 2" in rows[2][4]


def test_mended_rows_are_taken(tmp_path: Path) -> None:
    path, out = tmp_path / "x.csv", tmp_path / "refused.csv"
    path.write_text(ROWS, encoding="utf-8")
    store = refused_of(path, out)
    mended = out.read_text(encoding="utf-8").replace("A2;;", "A2;Holzhammer;").replace("A1;", "A3;")
    out.write_text(mended, encoding="utf-8")
    report = import_catalog(store, out, ImportOptions("keller", lang="de"))
    assert (report.taken, report.refused) == (2, 0)
    assert REASON in report.ignored_columns
    assert set(store.products) == {"A1", "A2", "A3"}


def test_nothing_refused_leaves_no_file(tmp_path: Path) -> None:
    path, out = tmp_path / "x.csv", tmp_path / "refused.csv"
    path.write_text("\n".join(ROWS.splitlines()[:2]), encoding="utf-8")
    refused_of(path, out)
    assert not out.exists()


def test_a_workbook_comes_back_as_one_with_text_cells(tmp_path: Path) -> None:
    from openpyxl import Workbook, load_workbook

    path, out = tmp_path / "x.xlsx", tmp_path / "refused.xlsx"
    book = Workbook()
    for row in (
        ["sku", "name", "note"],
        ["A1", "Gummihammer", "x"],
        ["A2", None, "=1+1 is no formula"],
        ["A3", None, "007"],
    ):
        book.active.append(row)
    book.active["C3"].data_type = "s"
    book.save(path)
    refused_of(path, out)
    rows = list(load_workbook(out).active.iter_rows())
    assert [[cell.value for cell in row[:3]] for row in rows] == [
        ["sku", "name", "note"],
        ["A2", None, "=1+1 is no formula"],
        ["A3", None, "007"],
    ]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}


def test_nested_records_come_as_json_lines_with_the_same_columns(tmp_path: Path) -> None:
    path, out = tmp_path / "x.json", tmp_path / "refused.jsonl"
    good = {"sku": "A1", "name": "Gummihammer für Fliesenleger", "price": {"amount": "5", "currency": "EUR"}}
    bad = {"sku": "A2", "price": {"amount": "6", "currency": "EUR"}, "tags": ["a", "b"]}
    path.write_text(json.dumps([good, bad]), encoding="utf-8")
    refused_of(path, out)
    [record] = open_catalog(out).records()
    assert ("price.amount", "6") in record.cells  # type: ignore[union-attr]
    assert [value for name, value in record.cells if name == "tags"] == ["a", "b"]  # type: ignore[union-attr]
