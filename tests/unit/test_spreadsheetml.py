"""The XML of Excel 2003, as shops send it for .xls."""
# ruff: noqa: E501 (markup is read by its lines)

from pathlib import Path

import pytest

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers import open_catalog
from tests.unit.test_workbooks import cells, spreadsheetml_of, taken


def text(value: str) -> str:
    return f"<Cell><Data ss:Type='String'>{value}</Data></Cell>"


class TestSpreadsheetMl:
    def read(self, folder: Path, sheets: str, styles: str = "", encoding: str = "utf-8") -> list[list[str]]:
        text = spreadsheetml_of(sheets, styles).replace(
            '?xml version="1.0"?', f'?xml version="1.0" encoding="{encoding}"?'
        )
        (folder / "a.xls").write_bytes(("\n " + text).encode(encoding))
        return cells(folder / "a.xls")

    def sheet(self, *rows: str, width: int = 2) -> str:
        names = ("sku", "title", "price", "", "", "since", "rebate", "new", "state")[:width]
        named = f"<Row>{''.join(map(text, names))}</Row>"
        return f"<Worksheet ss:Name='Goods'><Table><Column ss:Index='3' ss:StyleID='s3'/>{named}{''.join(rows)}</Table></Worksheet>"

    def test_cells_are_read_as_the_sheet_shows_them(self, tmp_path: Path) -> None:
        styles = "".join(
            f"<Style ss:ID='s{n}'><NumberFormat ss:Format='{code}'/></Style>"
            for n, code in ((1, "0000000"), (2, "Short Date"), (3, "0.00"), (4, "Percent"))
        )
        row = (
            "<Row ss:Index='4'><Cell ss:StyleID='s1'><Data ss:Type='Number'>417</Data></Cell>"
            "<Cell><ss:Data ss:Type='String' xmlns='http://www.w3.org/TR/REC-html40'><B>Cup</B> blue&#10;big</ss:Data>"
            "<Comment><ss:Data>a note</ss:Data></Comment></Cell><Cell><Data ss:Type='Number'>12.5</Data></Cell>"
            "<Cell ss:Index='6' ss:StyleID='s2'><Data ss:Type='DateTime'>2026-03-05T00:00:00.000</Data></Cell>"
            "<Cell ss:StyleID='s4'><Data ss:Type='Number'>0.5</Data></Cell>"
            "<Cell><Data ss:Type='Boolean'>1</Data></Cell><Cell><Data ss:Type='Error'>#N/A</Data></Cell></Row>"
        )
        found = self.read(tmp_path, self.sheet(row, width=9), styles)
        assert found == [["0000417", "Cup blue\nbig", "12.50", "2026-03-05", "50.00%", "TRUE", "#N/A"]]
        shape = open_catalog(tmp_path / "a.xls").shape()
        assert (shape.format, shape.encoding, shape.header_line) == ("spreadsheetml", "utf-8", 1)
        assert taken(tmp_path / "a.xls")[0].line == 4

    def test_hidden_sheets_are_not_read(self, tmp_path: Path) -> None:
        row = "<Row><Cell><Data ss:Type='String'>{}</Data></Cell><Cell><Data ss:Type='String'>Cup</Data></Cell></Row>"
        hidden = "<WorksheetOptions xmlns='urn:schemas-microsoft-com:office:excel'><Visible>SheetHidden</Visible></WorksheetOptions>"
        old = self.sheet(row.format("H"), row.format("I")).replace("</Worksheet>", hidden + "</Worksheet>")
        assert self.read(tmp_path, old + self.sheet(row.format("G"))) == [["G", "Cup"]]

    @pytest.mark.parametrize("encoding", ["windows-1251", "utf-16", "koi8-r"])
    def test_encodings(self, tmp_path: Path, encoding: str) -> None:
        row = "<Row><Cell><Data ss:Type='String'>A</Data></Cell><Cell><Data ss:Type='String'>Молоток слесарный</Data></Cell></Row>"
        assert self.read(tmp_path, self.sheet(row), encoding=encoding) == [["A", "Молоток слесарный"]]

    def test_a_formula_without_value_is_reported(self, tmp_path: Path) -> None:
        row = "<Row><Cell><Data ss:Type='String'>A</Data></Cell><Cell ss:Formula='=1+1'/></Row>"
        self.read(tmp_path, self.sheet(row, row))
        errors = [found for found in open_catalog(tmp_path / "a.xls").records() if isinstance(found, RowError)]
        assert [(error.line, error.code, error.value) for error in errors] == [
            (line, "formula_without_value", "=1+1") for line in (2, 3)
        ]

    def test_damage_is_one_clear_error(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFileError, match=r"a\.xls: the workbook is damaged"):
            self.read(tmp_path, self.sheet("<Row><Cell>"))
