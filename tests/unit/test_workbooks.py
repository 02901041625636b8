"""Sheets of every kind of workbook: numbers as shown, merged cells, which sheet is the catalog."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers import open_catalog
from catalog.readers.base import Record
from catalog.readers.identify import COMPOUND, refusal
from catalog.readers.opendocument import show_stored
from catalog.readers.sheets import Merge, SheetRow, fill_down
from tests.hostile import ods_cell, ods_number, ods_of

Rows = Sequence[Sequence[Any]]
Merges = Sequence[tuple[int, int, int, int]]
"""First and last line (from 1), first and last column (from 0)."""
Sheets = dict[str, tuple[Rows, Merges]]

TRAILING = "<table:table-row table:number-rows-repeated='1048000'><table:table-cell/></table:table-row>"


def write_xlsx(path: Path, sheets: Sheets) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, (rows, merges) in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for top, bottom, left, right in merges:
            sheet.merge_cells(f"{get_column_letter(left + 1)}{top}:{get_column_letter(right + 1)}{bottom}")
    book.save(path)


def write_xls(path: Path, sheets: Sheets) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    for name, (rows, merges) in sheets.items():
        sheet = book.add_sheet(name)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(line, column, cell)
        for top, bottom, left, right in merges:
            sheet.merge(top - 1, bottom - 1, left, right)
    book.save(str(path))


def write_ods(path: Path, sheets: Sheets) -> None:
    tables = []
    for name, (rows, merges) in sheets.items():
        begins = {(top, left): (bottom - top + 1, right - left + 1) for top, bottom, left, right in merges}
        lines = []
        for line, row in enumerate(rows, 1):
            cells = []
            for column, value in enumerate(row):
                down, across = begins.get((line, column), (1, 1))
                spans = f'table:number-rows-spanned="{down}" table:number-columns-spanned="{across}" '
                cell = ods_cell(value) if isinstance(value, str) else "<table:table-cell/>"
                if value is not None and not isinstance(value, str):
                    cell = ods_number(str(value), str(value))
                cells.append(cell.replace("<table:table-cell", f"<table:table-cell {spans}"))
            lines.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
        tables.append(f'<table:table table:name="{name}">{"".join(lines)}{TRAILING}</table:table>')
    path.write_bytes(ods_of("".join(tables)))


def write_spreadsheetml(path: Path, sheets: Sheets) -> None:
    tables = []
    for name, (rows, merges) in sheets.items():
        begins = {(top, left): (bottom - top, right - left) for top, bottom, left, right in merges}
        lines = []
        for line, row in enumerate(rows, 1):
            cells = []
            for column, value in enumerate(row):
                down, across = begins.get((line, column), (0, 0))
                kind = "String" if isinstance(value, str) else "Number"
                if value is not None:
                    spans = f'ss:Index="{column + 1}" ss:MergeDown="{down}" ss:MergeAcross="{across}"'
                    cells.append(f'<Cell {spans}><Data ss:Type="{kind}">{escape(str(value))}</Data></Cell>')
            lines.append(f'<Row ss:Index="{line}">{"".join(cells)}</Row>')
        tables.append(f'<Worksheet ss:Name="{name}"><Table>{"".join(lines)}</Table></Worksheet>')
    path.write_text(spreadsheetml_of("".join(tables)), "utf-8")


def spreadsheetml_of(sheets: str, styles: str = "") -> str:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}"><Styles>{styles}</Styles>{sheets}</Workbook>'
    )


def write_html(path: Path, sheets: Sheets) -> None:
    tables = []
    for rows, merges in sheets.values():
        begins = {(top, left): (bottom - top + 1, right - left + 1) for top, bottom, left, right in merges}
        hidden = {
            (line, column)
            for top, bottom, left, right in merges
            for line in range(top, bottom + 1)
            for column in range(left, right + 1)
        } - set(begins)
        lines = []
        for line, row in enumerate(rows, 1):
            spans = ((column, value, *begins.get((line, column), (1, 1))) for column, value in enumerate(row))
            cells = [
                f"<td rowspan={down} colspan='{across}'>{'' if value is None else escape(str(value))}"
                for column, value, down, across in spans
                if (line, column) not in hidden
            ]
            lines.append(f"<tr>{''.join(cells)}")
        tables.append(f"<table>{''.join(lines)}</table>")
    path.write_text(f"<html><body>{''.join(tables)}</body></html>", "utf-8")


WRITERS: dict[str, Callable[[Path, Sheets], None]] = {
    "xlsx": write_xlsx, "xls": write_xls, "ods": write_ods, "spreadsheetml": write_spreadsheetml, "html": write_html,
}  # fmt: skip


@pytest.fixture(params=list(WRITERS))
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Sheets], Path]:
    def write(sheets: Sheets) -> Path:
        path = tmp_path / "upload"  # an upload may have any name
        WRITERS[request.param](path, sheets)
        return path

    return write


def taken(path: Path) -> list[Record]:
    return [found for found in open_catalog(path).records() if isinstance(found, Record)]


def cells(path: Path) -> list[list[str]]:
    return [[value for _, value in record.cells] for record in taken(path)]


GOODS: Rows = [["sku", "title", "price"], ["A1", "Cup", 1.5], ["A2", "Mug", 2.25]]


class TestEveryWorkbook:
    def test_a_value_merged_over_rows_counts_for_each(self, written: Callable[[Sheets], Path]) -> None:
        rows: Rows = [
            ["sku", "title", "category"],
            ["A1", "Cup", "Kitchen"],
            ["A2", "Mug", None],
            [None, None, None],
            ["A3", "Saw", None],
            ["A4", "Axe", "Garden"],
        ]
        found = cells(written({"Goods": (rows, [(2, 5, 2, 2)])}))
        assert found == [
            ["A1", "Cup", "Kitchen"],
            ["A2", "Mug", "Kitchen"],
            ["A3", "Saw", "Kitchen"],
            ["A4", "Axe", "Garden"],
        ]

    def test_header_rows_that_merged_cells_bind_are_one(self, written: Callable[[Sheets], Path]) -> None:
        rows: Rows = [
            ["sku", "title", "Price", None, "Images", None],
            [None, None, "EUR", "USD", None, None],
            ["A1", "Cup", 1.5, 1.75, "a.jpg", "b.jpg"],
            ["A2", "Mug", 2.5, 2.75, "c.jpg", "d.jpg"],
        ]
        merges = [(1, 2, 0, 0), (1, 2, 1, 1), (1, 1, 2, 3), (1, 2, 4, 5)]
        path = written({"Goods": (rows, merges)})
        shape = open_catalog(path).shape()
        assert shape.columns == ("sku", "title", "Price EUR", "Price USD", "Images", "Images")
        assert shape.header_line == 1
        assert taken(path)[0].line == 3
        assert [value for column, value in taken(path)[0].cells if column == "Images"] == ["a.jpg", "b.jpg"]

    def test_the_sheet_that_names_products_is_the_catalog(self, written: Callable[[Sheets], Path]) -> None:
        notes: Rows = [["Topic", "Explanation"], *[[f"Point {n}", f"Please fill in field {n}"] for n in range(30)]]
        codes: Rows = [["Code", "Meaning", "Since"], *[[f"C{n}", f"Means {n}", "2020"] for n in range(60)]]
        path = written({"Read me": (notes, []), "Codes": (codes, []), "Goods": (GOODS, [])})
        shape = open_catalog(path).shape()
        names = ("table 3", ("table 1", "table 2")) if shape.format == "html" else ("Goods", ("Read me", "Codes"))
        assert (shape.sheet, shape.unread_sheets) == names
        assert [record.first("sku") for record in taken(path)] == ["A1", "A2"]

    def test_sheets_of_the_same_columns_are_one_catalog(self, written: Callable[[Sheets], Path]) -> None:
        more: Rows = [["sku", "title", "price"], ["B1", "Saw", 9]]
        other: Rows = [["sku", "stock"], ["A1", 5], ["A2", 6]]
        path = written({"Kitchen": (GOODS, []), "Tools": (more, []), "Stock": (other, [])})
        shape = open_catalog(path).shape()
        first, second = ("table 1", "table 2") if shape.format == "html" else ("Kitchen", "Tools")
        assert shape.sheet == f"{first}, {second}"
        assert len(shape.unread_sheets) == 1
        found = [(record.sheet, record.line, record.first("sku")) for record in taken(path)]
        assert found == [(first, 2, "A1"), (first, 3, "A2"), (second, 2, "B1")]

    def test_a_single_sheet_is_not_named(self, written: Callable[[Sheets], Path]) -> None:
        assert {record.sheet for record in taken(written({"Goods": (GOODS, [])}))} == {None}

    def test_an_error_in_one_of_several_sheets_names_it(self, written: Callable[[Sheets], Path]) -> None:
        more: Rows = [["sku", "title", "price"], ["B1", "Saw", 9], ["B2", "Axe \u202eput", 9], ["B3", "Tool", 9]]
        path = written({"Kitchen": (GOODS, []), "Tools": (more, [])})
        name = "table 2" if open_catalog(path).shape().format == "html" else "Tools"
        errors = [found for found in open_catalog(path).records() if isinstance(found, RowError)]
        assert [(error.line, error.code) for error in errors] == [(3, "bidi_override")]
        assert errors[0].reason.startswith(f"sheet {name}: a control that reverses")

    def test_a_workbook_without_a_table_is_refused(self, written: Callable[[Sheets], Path]) -> None:
        with pytest.raises(UnreadableFileError, match=r"no sheet|HTML page"):
            open_catalog(written({"Cover": ([["Welcome"]], [])})).shape()

    def test_a_sheet_without_a_header(self, written: Callable[[Sheets], Path], request: pytest.FixtureRequest) -> None:
        if request.node.callspec.params["written"] == "html":
            pytest.skip("a page needs a header that names products, unless it is called .xls")
        rows: Rows = [["A-100", "Hammer", 12.5], ["A-101", "Saw", 8.25], ["A-102", "Axe", 9.25]]
        path = written({"Goods": (rows, [])})
        assert open_catalog(path).shape().header_line is None
        assert cells(path)[0] == ["A-100", "Hammer", "12.5"]

    def test_long_numbers_keep_their_digits(self, written: Callable[[Sheets], Path]) -> None:
        rows: Rows = [["sku", "title", "ean"], ["A", "Cup", 4006381333931], ["B", "Mug", 12345678901234]]
        assert [row[2] for row in cells(written({"Goods": (rows, [])}))] == ["4006381333931", "12345678901234"]


class TestXls:
    def test_numbers_dates_and_errors_are_read_as_the_sheet_shows_them(self, tmp_path: Path) -> None:
        book = xlwt.Workbook()
        sheet = book.add_sheet("Goods")
        for column, name in enumerate(("sku", "price", "rebate", "since", "new", "sum", "far")):
            sheet.write(0, column, name)
        values: list[tuple[Any, str]] = [
            (417, "000000"), (1299, '#,##0.00 "€"'), (0.125, "0.0%"), (datetime(2026, 3, 5), "dd/mm/yyyy"),
            (True, "General"), (xlwt.Formula("1+1"), "General"), (9_999_999, "dd/mm/yyyy"),
        ]  # fmt: skip
        for column, (value, shown) in enumerate(values):
            sheet.write(1, column, value, xlwt.easyxf(num_format_str=shown))
        sheet.write(2, 0, "B")
        sheet.write(2, 1, "x")
        book.save(str(tmp_path / "a.xls"))
        # xlwt stores no value for a formula, and nothing here works one out.
        assert cells(tmp_path / "a.xls")[0] == ["000417", "1299.00 €", "12.5%", "05/03/2026", "TRUE", "9999999"]

    def test_the_list_of_streams_may_stand_far_behind(self, tmp_path: Path) -> None:
        content = bytearray(COMPOUND.ljust(3_000_000, b"\0"))
        content[30], content[48:52] = 9, (5_000).to_bytes(4, "little")
        content[5_001 * 512 : 5_001 * 512 + 16] = "Workbook".encode("utf-16-le")
        (tmp_path / "a.xls").write_bytes(content)
        assert refusal(tmp_path / "a.xls", bytes(content[:65536])) is None
        content[48:52] = (10).to_bytes(4, "little")
        (tmp_path / "a.xls").write_bytes(content)
        assert "without a workbook" in str(refusal(tmp_path / "a.xls", bytes(content[:65536])))

    def test_a_password_is_named(self, tmp_path: Path) -> None:
        write_xls(tmp_path / "a.xls", {"Goods": (GOODS, [])})
        content = bytearray((tmp_path / "a.xls").read_bytes())
        content[532:534] = b"\x2f\x00"  # the record behind the first one now says: encrypted
        (tmp_path / "a.xls").write_bytes(content)
        with pytest.raises(UnreadableFileError, match="password"):
            open_catalog(tmp_path / "a.xls").shape()

    def test_hidden_sheets_are_not_read(self, tmp_path: Path) -> None:
        book = xlwt.Workbook()
        for name, rows in (("Old", [["sku", "title", "price", "brand"], ["X", "Old cup", "1", "y"]]), ("New", GOODS)):
            sheet = book.add_sheet(name)
            sheet.visibility = int(name == "Old")
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write(line, column, cell)
        book.set_active_sheet(1)
        book.save(str(tmp_path / "a.xls"))
        assert [record.first("sku") for record in taken(tmp_path / "a.xls")] == ["A1", "A2"]


class TestOds:
    @pytest.mark.parametrize(
        ("text", "value", "shown"),
        [
            ("00012345", "12345", "00012345"),
            ("1.299,00 €", "1299", "1299.00 €"),
            ("€1,299.00", "1299", "€1299.00"),
            ("1 299", "1299", "1299"),
            ("1,299", "1.299", "1.299"),
            ("1.23E+12", "1234567890123", "1234567890123"),
            ("4006381333931", "4006381333931", "4006381333931"),
            ("-5,50", "-5.5", "-5.50"),
            ("(5.50)", "-5.5", "(5.50)"),
            ("2,68", "2.675", "2.68"),
            ("١٢٫٥", "12.5", "12.5"),
            ("3 1/2", "3.5", "3.5"),
            ("###", "417", "###"),
            ("", "12.50", "12.5"),
            ("12", "no number", "12"),
            ("1", "1e999", "1"),
        ],
    )
    def test_a_number_has_the_digits_shown_and_the_point_of_its_value(self, text: str, value: str, shown: str) -> None:
        assert show_stored(text, value) == shown

    def test_percentages_show_a_hundred_times_their_value(self) -> None:
        assert show_stored("12,5 %", "0.125", percent=True) == "12.5 %"

    @given(st.integers(0, 10**14), st.integers(0, 4), st.sampled_from([",.", ".,", " ,", "'."]))
    def test_any_locale_comes_out_the_same(self, number: int, decimals: int, signs: str) -> None:
        plain = f"{number / 10**decimals:.{decimals}f}" if decimals else str(number)
        whole, _, rest = plain.partition(".")
        text = f"{int(whole):,}".replace(",", signs[0]) + (signs[1] + rest if rest else "")
        assert show_stored(text, plain) == plain

    def test_dates_texts_notes_and_repeated_cells(self, tmp_path: Path) -> None:
        header = "".join(map(ods_cell, ("sku", "title", "since", "new", "x", "x", "far")))
        row = (
            ods_number("417", "000417")
            + '<table:table-cell office:value-type="string"><office:annotation><text:p>a note</text:p>'
            '</office:annotation><text:p>Cup<text:s text:c="3"/><text:span>blue</text:span></text:p>'
            "<text:p>big</text:p></table:table-cell>"
            '<table:table-cell office:value-type="date" office:date-value="2026-03-05T10:00:00"><text:p>5.3.</text:p>'
            '</table:table-cell><table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
            '<table:table-cell table:number-columns-repeated="2" office:value-type="string"><text:p>y</text:p>'
            '</table:table-cell><table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="7">'
            '<text:p>7,00</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/>'
        )
        table = f'<table:table table:name="G"><table:table-header-rows><table:table-row>{header}</table:table-row>'
        table += f"</table:table-header-rows><table:table-row>{row}</table:table-row>{TRAILING}</table:table>"
        (tmp_path / "a.ods").write_bytes(ods_of(table))
        assert cells(tmp_path / "a.ods") == [
            ["000417", "Cup   blue\nbig", "2026-03-05 10:00:00", "TRUE", "y", "y", "7.00"]
        ]

    def test_hidden_sheets_are_not_read(self, tmp_path: Path) -> None:
        style = '<style:style style:name="s1"><style:table-properties table:display="false"/></style:style>'
        row = "<table:table-row>{}</table:table-row>"
        rows = row.format(ods_cell("sku") + ods_cell("title")) + row.format(ods_cell("{}") + ods_cell("Cup"))
        hidden = f'<table:table table:name="H" table:style-name="s1">{rows.format("H")}</table:table>'
        shown = f'<table:table table:name="G">{rows.format("G")}</table:table>'
        (tmp_path / "a.ods").write_bytes(ods_of(hidden + shown, style))
        assert [record.first("sku") for record in taken(tmp_path / "a.ods")] == ["G"]


class TestXlsx:
    def test_a_formula_is_named_by_its_column(self, tmp_path: Path) -> None:
        write_xlsx(tmp_path / "a.xlsx", {"G": ([["sku", "title"], ["A", "=1+1"], ["B", "Mug"]], [])})
        errors = [found for found in open_catalog(tmp_path / "a.xlsx").records() if isinstance(found, RowError)]
        assert [(error.line, error.refused, error.reason.startswith("title:")) for error in errors] == [
            (2, False, True)
        ]

    def test_dates_without_time(self, tmp_path: Path) -> None:
        write_xlsx(tmp_path / "a.xlsx", {"G": ([["sku", "since"], ["A", date(2026, 3, 5)], ["B", "x"]], [])})
        assert cells(tmp_path / "a.xlsx")[0] == ["A", "2026-03-05"]

    def test_a_workbook_whose_tags_have_a_prefix(self, tmp_path: Path) -> None:
        out = io.BytesIO()
        write_xlsx(tmp_path / "a.xlsx", {"G": ([*GOODS, ["A3", None, 3]], [(3, 4, 1, 1)])})
        with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(out, "w") as new:
            for part in old.infolist():
                body = old.read(part)
                if part.filename.startswith("xl/worksheets/"):
                    body = body.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?xml", b"<?xml")
                    body = body.replace(b"xmlns=", b"xmlns:x=")
                new.writestr(part, body)
        (tmp_path / "a.xlsx").write_bytes(out.getvalue())
        assert [row[1] for row in cells(tmp_path / "a.xlsx")] == ["Cup", "Mug", "Mug"]


def test_filling_needs_a_row_that_holds_something() -> None:
    rows = [SheetRow(2, ["a", "x"]), SheetRow(3, ["", ""]), SheetRow(5, ["b"]), SheetRow(9, ["c", ""])]
    filled = list(fill_down(rows, [Merge(2, 5, 1, 1)]))
    assert [row.cells for row in filled] == [["a", "x"], ["", ""], ["b", "x"], ["c", ""]]
