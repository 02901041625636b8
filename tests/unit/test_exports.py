"""Workbooks that go back to suppliers: their own rows and columns, ours beside them, and only a person corrects."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from catalog.errors import NotFoundError, UsageError
from catalog.exports.cells import letters, number, workbook_text
from catalog.exports.exporting import ExportReport, export_feed
from catalog.exports.model import EXPORT_COLUMN, Correction, cell_digest, changed, guarded, unguarded
from catalog.exports.planning import USUAL_FIELDS, ExportOptions
from catalog.importing import Applied, import_catalogs
from catalog.options import ImportOptions
from catalog.report import CatalogReport
from catalog.store import ProductStore
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")

TOOLS = """Preisliste 2026;;;;
Artikelnummer;Bezeichnung;Warengruppe;Preis (EUR);Bestand
A1;Schraubendreher mit Wechselklingen;Werkzeug > Handwerkzeug;1.299,00;5
A2;Gummihammer für Fliesenleger;Werkzeug > Handwerkzeug;19,50;12
A3;Gartenhandschuhe aus Leder;Garten > Bekleidung;9,90;80
"""


@dataclass(frozen=True, slots=True)
class Shown:
    text: str | None
    state: str


class Shop:
    """A store and what the translation says of its texts."""

    def __init__(self, folder: Path) -> None:
        engine = open_store(folder)
        self.folder = folder
        self.store = ProductStore(engine, folder / "uploads")
        self.said: dict[tuple[str, str, str], Shown] = {}
        self.suffix = ""
        self.corrected: list[Correction] = []

    def send(self, content: str | bytes, name: str = "tools.csv", **options: object) -> CatalogReport:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.take(path, **options)

    def take(self, path: Path, **options: object) -> CatalogReport:
        said = {"supplier": "keller", "filename": path.name, **options}
        (report,) = import_catalogs(self.store, path, ImportOptions(**said), self.correct)  # type: ignore[arg-type]
        return report

    def correct(self, found: Sequence[Correction]) -> Applied:
        self.corrected += found
        return Applied(len(found))

    def texts(self, ids: Sequence[str], langs: Sequence[str]) -> Mapping[str, Mapping[tuple[str, str], Shown]]:
        return {
            stored.product.id: {
                (text.field, lang): self.said.get(
                    (stored.product.sku, text.field, lang), Shown(f"{text.text} ({lang}){self.suffix}", "machine")
                )
                for text in stored.product.texts()
                for lang in langs
            }
            for stored in self.store.many(ids)
        }

    def export(self, name: str, *langs: str, fields: tuple[str, ...] = USUAL_FIELDS, feed: str = "main") -> Path:
        self.report = self.export_report(name, *langs, fields=fields, feed=feed)
        return self.folder / name

    def export_report(
        self, name: str, *langs: str, fields: tuple[str, ...] = USUAL_FIELDS, feed: str = "main"
    ) -> ExportReport:
        options = ExportOptions("keller", feed, langs or ("fr",), fields, self.folder / name)
        return export_feed(self.store, self.store.exports, self.texts, options)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def rows_of(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"))
    sheet = load_workbook(path).worksheets[0]
    return [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def edit(path: Path, change: Callable[[list[list[str]]], None]) -> Path:
    """Change the cells of an export as a person would, in a spreadsheet program."""
    if path.suffix == ".csv":
        rows = rows_of(path)
        change(rows)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
        return path
    book = load_workbook(path)
    sheet = book.worksheets[0]
    rows = [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    before = [list(row) for row in rows]
    change(rows)
    for line, (row, old) in enumerate(zip(rows, before, strict=True), 1):
        for column, (value, was) in enumerate(zip(row, old, strict=True), 1):
            if value != was:
                sheet.cell(line, column).value = value or None
                sheet.cell(line, column).data_type = "s" if value else "n"
    book.save(path)
    return path


def unchanged(report: CatalogReport, products: int) -> bool:
    counts = (report.created, report.updated, report.withdrawn, report.unchanged, report.corrections)
    return counts == (0, 0, 0, products, 0)


@pytest.mark.parametrize("name", ["back.csv", "back.xlsx"])
def test_the_workbook_has_the_suppliers_rows_and_columns_and_ours_behind_them(shop: Shop, name: str) -> None:
    shop.send(TOOLS)
    rows = rows_of(shop.export(name, "fr", "zh"))
    header = next(row for row in rows if row[0] == "Artikelnummer")
    assert header == [
        *("Artikelnummer", "Bezeichnung", "Warengruppe", "Preis (EUR)", "Bestand"),
        *("title_fr", "category_fr", "state_fr", "title_zh", "category_zh", "state_zh", EXPORT_COLUMN),
    ]
    first = next(row for row in rows if row[0] == "A1")
    assert first[1:6] == [
        *("Schraubendreher mit Wechselklingen", "Werkzeug > Handwerkzeug", "1.299,00", "5"),
        "Schraubendreher mit Wechselklingen (fr)",
    ]
    assert first[7] == "machine"
    assert first[-1] == shop.report.export


def test_csv_keeps_title_lines_and_the_delimiter(shop: Shop) -> None:
    shop.send(TOOLS)
    assert shop.export("back.csv").read_text("utf-8-sig").splitlines()[0] == "Preisliste 2026;;;;"


@pytest.mark.parametrize("name", ["back.csv", "back.xlsx", "back.tsv"])
def test_an_export_that_comes_back_untouched_changes_nothing(shop: Shop, name: str) -> None:
    shop.send(TOOLS)
    path = shop.export(name, "fr", "zh", "ar")
    assert unchanged(shop.take(path), 3)
    assert shop.corrected == []


@pytest.mark.parametrize("name", ["back.csv", "back.xlsx"])
def test_it_changes_nothing_even_when_machine_texts_changed_in_between(shop: Shop, name: str) -> None:
    shop.send(TOOLS)
    path = shop.export(name)
    shop.suffix = " by a better engine"
    assert unchanged(shop.take(path), 3)


@pytest.mark.parametrize("name", ["back.csv", "back.xlsx"])
def test_a_changed_cell_is_a_correction_and_no_other(shop: Shop, name: str) -> None:
    shop.send(TOOLS)

    def person(rows: list[list[str]]) -> None:
        header = next(row for row in rows if row[0] == "Artikelnummer")
        next(row for row in rows if row[0] == "A2")[header.index("title_fr")] = "Maillet en caoutchouc"

    report = shop.take(edit(shop.export(name), person))
    assert (report.unchanged, report.updated, report.corrections) == (3, 0, 1)
    (one,) = shop.corrected
    assert (one.product.sku, one.field, one.lang, one.text) == ("A2", "title", "fr", "Maillet en caoutchouc")
    assert one.only_here is False


def test_what_the_supplier_changes_in_their_own_columns_is_a_change_of_the_product(shop: Shop) -> None:
    shop.send(TOOLS)

    def person(rows: list[list[str]]) -> None:
        next(row for row in rows if row[0] == "A2")[3] = "21,00"

    report = shop.take(edit(shop.export("back.csv"), person))
    assert (report.updated, report.unchanged, report.corrections) == (1, 2, 0)


@pytest.mark.parametrize("state", ["needs_review", "missing"])
def test_what_needs_a_person_is_exported_empty_and_may_be_filled_in(shop: Shop, state: str) -> None:
    shop.send(TOOLS)
    shop.said["A1", "title", "fr"] = Shown("should not be shown", state)
    path = shop.export("back.csv", fields=("title",))
    row = next(row for row in rows_of(path) if row[0] == "A1")
    assert row[5:7] == ["", state]
    assert unchanged(shop.take(path), 3)

    def person(rows: list[list[str]]) -> None:
        next(row for row in rows if row[0] == "A1")[5] = "Tournevis"

    assert shop.take(edit(path, person)).corrections == 1


def test_an_emptied_cell_corrects_nothing_and_is_named(shop: Shop) -> None:
    shop.send(TOOLS)

    def person(rows: list[list[str]]) -> None:
        next(row for row in rows if row[0] == "A1")[5] = ""

    report = shop.take(edit(shop.export("back.csv"), person))
    assert report.corrections == 0
    assert [(one.sku, one.field, one.code) for one in report.warnings] == [("A1", "title_fr", "correction_empty")]


def test_a_column_that_was_taken_out_corrects_nothing(shop: Shop) -> None:
    shop.send(TOOLS)

    def person(rows: list[list[str]]) -> None:
        for row in rows:
            del row[5:6]

    report = shop.take(edit(shop.export("back.csv"), person))
    assert unchanged(report, 3)
    assert report.warnings == ()


def test_rows_may_be_sorted_and_left_out(shop: Shop) -> None:
    shop.send(TOOLS)

    def person(rows: list[list[str]]) -> None:
        rows[2:] = [rows[4], rows[2]]

    report = shop.take(edit(shop.export("back.csv"), person))
    assert (report.unchanged, report.withdrawn, report.corrections) == (2, 0, 0)


def test_one_source_corrected_in_two_ways_holds_for_each_product_alone(shop: Shop) -> None:
    shop.send(TOOLS.replace("Gummihammer für Fliesenleger", "Schraubendreher mit Wechselklingen"))

    def person(rows: list[list[str]]) -> None:
        rows[2][5], rows[3][5] = "Tournevis A", "Tournevis B"

    shop.take(edit(shop.export("back.csv"), person))
    assert [(one.product.sku, one.text, one.only_here) for one in shop.corrected] == [
        ("A1", "Tournevis A", True),
        ("A2", "Tournevis B", True),
    ]


def test_cells_that_look_like_formulas_are_texts(shop: Shop) -> None:
    shop.send(TOOLS)
    for sku, text in (("A1", "=1+1"), ("A2", "-plus"), ("A3", "-5 °C")):
        shop.said[sku, "title", "fr"] = Shown(text, "reviewed")
    path = shop.export("back.csv", fields=("title",))
    assert [row[5] for row in rows_of(path)[2:]] == ["'=1+1", "'-plus", "-5 °C"]
    assert unchanged(shop.take(path), 3)
    workbook = shop.export("back.xlsx", fields=("title",))
    sheet = load_workbook(workbook).worksheets[0]
    cells = {row[0].value: row[5] for row in sheet.iter_rows()}
    assert (cells["A1"].value, cells["A1"].data_type) == ("=1+1", "s")
    assert unchanged(shop.take(workbook), 3)


def test_the_suppliers_own_cells_are_not_touched_in_csv(shop: Shop) -> None:
    shop.send(TOOLS.replace("Gummihammer", "=Gummihammer"))
    assert rows_of(shop.export("back.csv"))[3][1] == "=Gummihammer für Fliesenleger"


def test_a_withdrawn_product_is_not_brought_back(shop: Shop) -> None:
    shop.send(TOOLS)
    shop.store.withdraw(["keller/A2"])
    for name in ("back.csv", "back.xlsx"):
        path = shop.export(name)
        assert "A2" not in [row[0] for row in rows_of(path)]
        assert unchanged(shop.take(path), 2)


def test_what_was_said_at_the_import_holds_for_the_export(shop: Shop) -> None:
    content = "sku,title,price\nA1,Hammer mit Stiel aus Holz,5.00\nA2,Zange mit Griffen aus Kunststoff,6.00\n"
    shop.send(content, lang="de", currency="CHF", country="CH", feed="tools")
    assert unchanged(shop.take(shop.export("back.csv", feed="tools")), 2)


def test_a_column_of_the_suppliers_own_translations_stays_theirs(shop: Shop) -> None:
    content = (
        "sku;title;title_fr;description\n"
        "A1;Hammer mit Stiel aus Holz;Marteau à manche en bois;Für Haus und Werkstatt, mit Griff\n"
        "A2;Zange mit Griffen aus Kunststoff;;Zum Greifen und Biegen von Draht\n"
    )
    shop.send(content)
    path = shop.export("back.csv", fields=("title",))
    assert rows_of(path)[0] == [*content.splitlines()[0].split(";"), "lexicart_title_fr", "state_fr", EXPORT_COLUMN]
    assert unchanged(shop.take(path), 2)


def test_an_export_of_an_export_has_its_columns_once(shop: Shop) -> None:
    shop.send(TOOLS)
    for name in ("back.csv", "back.xlsx"):
        shop.take(shop.export(name, "fr"), filename=f"first-{name}")

        def person(rows: list[list[str]]) -> None:
            next(row for row in rows if row[0] == "A3")[4] += "1"  # so that this file is the one that gave the feed

        shop.take(edit(shop.folder / name, person))
        again = shop.export(f"again-{name}", "fr", "it")
        header = next(row for row in rows_of(again) if row[0] == "Artikelnummer")
        assert header.count("title_fr") == header.count("state_it") == header.count(EXPORT_COLUMN) == 1
        assert len(header) == 12
        assert unchanged(shop.take(again), 3)


def test_another_suppliers_export_is_refused_and_says_whose_it_is(shop: Shop) -> None:
    shop.send(TOOLS)
    report = shop.take(shop.export("back.csv"), supplier="somebody")
    assert "--supplier keller" in str(report.refused_as_a_whole)


def test_an_export_of_another_installation_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.send(TOOLS)
    path = shop.export("back.xlsx")
    (tmp_path / "other").mkdir()
    report = Shop(tmp_path / "other").take(path)
    assert "was not made here" in str(report.refused_as_a_whole)
    assert report.taken == 0


def test_a_row_that_was_not_in_the_export_gives_no_correction(shop: Shop) -> None:
    shop.send(TOOLS)

    def person(rows: list[list[str]]) -> None:
        rows.append(["A9", "Wasserwaage aus Aluminium", "Werkzeug", "8,00", "3", *rows[2][5:]])

    report = shop.take(edit(shop.export("back.csv"), person))
    assert (report.created, report.unchanged, report.corrections) == (1, 3, 0)
    assert [(one.sku, one.code) for one in report.warnings] == [("A9", "not_in_export")]


def test_a_dry_run_counts_corrections_and_makes_none(shop: Shop) -> None:
    shop.send(TOOLS)

    def person(rows: list[list[str]]) -> None:
        rows[2][5] = "Tournevis"

    report = shop.take(edit(shop.export("back.csv"), person), dry_run=True)
    assert report.corrections == 1
    assert shop.corrected == []


def test_a_feed_that_did_not_come_as_a_table_is_exported_as_texts(shop: Shop) -> None:
    images = ("https://img.example.com/a.jpg", "https://img.example.com/b.jpg")
    shop.send(json.dumps([{"sku": "A1", "title": "Hammer mit Stiel aus Holz und Leder", "images": images}]), "a.json")
    path = shop.export("back.xlsx")
    assert shop.report.kind == "texts"
    assert rows_of(path)[0][:3] == ["sku", "title", "title_fr"]
    assert unchanged(shop.take(path), 1)

    def person(rows: list[list[str]]) -> None:
        rows[1][2] = "Marteau"

    assert shop.take(edit(path, person)).corrections == 1
    assert shop.store.get("keller/A1").product.images == images


def test_several_files_with_the_same_columns_are_one_workbook(shop: Shop) -> None:
    shop.send(TOOLS)
    header, title, *_ = reversed(TOOLS.splitlines()[:2])
    shop.send(f"{title}\n{header}\nA4;Wasserwaage aus Aluminium;Werkzeug;8,00;3\n", "more.csv")
    path = shop.export("back.csv")
    assert shop.report.kind == "table"
    assert {row[0] for row in rows_of(path)[1:]} == {"A1", "A2", "A3", "A4"}
    assert unchanged(shop.take(path), 4)


def test_what_was_said_of_an_archive_holds_for_each_catalog_in_it(shop: Shop) -> None:
    path = shop.folder / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in (1, 2):
            archive.writestr(
                f"{number}.csv", f"sku,title,price\nA{number},Hammer mit Stiel aus Holz Nr. {number},5.00\n"
            )
    import_catalogs(shop.store, path, ImportOptions("keller", lang="de", currency="CHF"))
    back = shop.export("back.csv", "de", "fr")
    assert {column[-3:] for column in shop.report.columns} == {"_fr"}
    assert unchanged(shop.take(back), 2)


def test_an_empty_feed_and_the_catalogs_own_language_are_refused(shop: Shop) -> None:
    with pytest.raises(NotFoundError, match="no products in feed"):
        shop.export("back.csv")
    shop.send(TOOLS)
    with pytest.raises(UsageError, match="in which the catalog is written"):
        shop.export("back.csv", "de")
    with pytest.raises(UsageError, match=r"\.xlsx, \.csv or \.tsv"):
        shop.export("back.doc", "fr")
    with pytest.raises(UsageError, match="can't be written"):
        shop.export("no/such/folder/back.csv", "fr")


def test_a_text_too_long_for_a_cell_is_left_out_and_named(shop: Shop) -> None:
    shop.send(TOOLS)
    shop.said["A1", "title", "fr"] = Shown("a" * 32_768, "machine")
    path = shop.export("back.xlsx", fields=("title",))
    assert rows_of(path)[2 if len(rows_of(path)) == 5 else 1][5:7] == ["", "machine, too long for a cell"]
    assert unchanged(shop.take(path), 3)


# -- the supplier's own workbook --------------------------------------------------------------------------------------


def workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Artikel & Preise"
    for row in (
        ["Preisliste", None, None, None],
        ["Artikelnummer", "Bezeichnung", "Preis (EUR)", "Warengruppe"],
        [12, "Schraubendreher mit Wechselklingen", 24.9, "Werkzeug"],
        [13, "Gummihammer für Fliesenleger", 19.5, None],
        [14, "Gartenhandschuhe aus Leder", 9.9, "Garten"],
    ):
        sheet.append(row)
    for line in (3, 4, 5):
        sheet.cell(line, 1).number_format = "00000"
        sheet.cell(line, 3).number_format = "0.00"
    sheet.merge_cells("D3:D4")
    sheet["B2"].font = Font(bold=True)
    sheet.column_dimensions["B"].width = 42
    book.create_sheet("Notizen")["A1"] = "=SUM(1,2)"
    book.save(path)
    return path


def test_an_xlsx_comes_back_as_it_was_with_cells_added(shop: Shop) -> None:
    original = workbook(shop.folder / "list.xlsx")
    assert shop.take(original).created == 3
    path = shop.export("back.xlsx", "fr", "ko")
    before, after = load_workbook(original), load_workbook(path)
    assert after.sheetnames == before.sheetnames
    for old, new in zip(before.worksheets, after.worksheets, strict=True):
        assert new.merged_cells.ranges == old.merged_cells.ranges
        for row in old.iter_rows():
            for cell in row:
                other = new.cell(cell.row, cell.column)
                assert (other.value, other.number_format, other.font.b) == (cell.value, cell.number_format, cell.font.b)
    sheet = after.worksheets[0]
    assert sheet.column_dimensions["B"].width == 42
    assert [cell.value for cell in sheet[2]][4:6] == ["title_fr", "category_fr"]
    assert {cell.data_type for cell in sheet[3][4:]} == {"s"}
    assert after.custom_doc_props[EXPORT_COLUMN].value == shop.report.export
    assert unchanged(shop.take(path), 3)


def test_the_id_is_found_in_either_place(shop: Shop) -> None:
    shop.take(workbook(shop.folder / "list.xlsx"))
    without_property = shop.export("a.xlsx")
    with zipfile.ZipFile(without_property) as package:
        parts = {name: package.read(name) for name in package.namelist() if name != "docProps/custom.xml"}
    with zipfile.ZipFile(without_property, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert unchanged(shop.take(without_property), 3)

    without_column = shop.export("b.xlsx")
    book = load_workbook(without_column)
    book.worksheets[0].delete_cols(book.worksheets[0].max_column)
    book.save(without_column)
    assert unchanged(shop.take(without_column), 3)


def test_sheets_that_are_one_table_all_get_the_columns(shop: Shop) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, first in (("Werkzeug", 10), ("Garten", 20)):
        sheet = book.create_sheet(name)
        sheet.append(["Artikelnummer", "Bezeichnung", "Preis (EUR)"])
        for row in range(3):
            sheet.append([f"A{first + row}", f"Gummihammer für Fliesenleger Nr. {first + row}", 5.5])
    book.save(shop.folder / "list.xlsx")
    assert shop.take(shop.folder / "list.xlsx").created == 6
    path = shop.export("back.xlsx", fields=("title",))
    for sheet in load_workbook(path).worksheets:
        assert [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
            f"{row[1]} (fr)" for row in sheet.iter_rows(min_row=2, values_only=True)
        ]
    assert unchanged(shop.take(path), 6)


def test_a_withdrawn_products_row_is_emptied_in_place_but_for_merged_cells(shop: Shop) -> None:
    shop.take(workbook(shop.folder / "list.xlsx"))
    shop.store.withdraw(["keller/00012"])
    path = shop.export("back.xlsx")
    sheet = load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet[3]][:4] == [None, None, None, "Werkzeug"]
    report = shop.take(path)
    assert (report.unchanged, report.created, report.updated) == (2, 0, 0)
    assert shop.store.get("keller/00012").withdrawn


# -- cells ------------------------------------------------------------------------------------------------------------


@given(st.text())
def test_a_guarded_cell_is_read_as_what_was_written(text: str) -> None:
    assert changed(guarded(text), cell_digest(text)) is None
    assert guarded(text)[:1] not in ("=", "+", "@", "\t")


@given(st.sampled_from("=+@-\t'"), st.text(max_size=5))
def test_a_guard_is_taken_off_once(first: str, rest: str) -> None:
    text = first + rest
    assert unguarded(guarded(text)) in (text, text[1:])
    if guarded(text) != text:
        assert unguarded(guarded(text)) == text


@given(st.integers(0, 20_000))
def test_columns_have_letters(column: int) -> None:
    assert number(letters(column)) == column


def test_letters_are_those_of_a_sheet() -> None:
    assert [letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_what_xml_can_not_hold_is_escaped() -> None:
    assert workbook_text("a\x01b\r_x0041_") == "a_x0001_b_x000D__x005F_x0041_"
