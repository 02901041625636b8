"""Parts of XLSX as programs other than Excel write them: addresses, kinds of cells, formats, formulas, variants."""
# ruff: noqa: E501 (markup is read by its lines)

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers import open_catalog
from catalog.readers.base import Record
from catalog.readers.identify import COMPOUND
from catalog.readers.numberformats import show_number
from tests.hostile import zipped
from tests.unit.test_workbooks import cells, taken

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADER = "<row><c t='inlineStr'><is><t>sku</t></is></c><c t='inlineStr'><is><t>title</t></is></c></row>"


def text_cell(text: str) -> str:
    return f"<c t='inlineStr'><is><t>{text}</t></is></c>"


def row_of(*texts: str) -> str:
    return f"<row>{''.join(map(text_cell, texts))}</row>"


class Book:
    """An XLSX written part by part, as no spreadsheet program would be made to write it."""

    def __init__(self, rows: str = "", space: str = MAIN) -> None:
        self.space = space
        self.kinds = KINDS if space == MAIN else "http://purl.oclc.org/ooxml/officeDocument/relationships"
        self.sheets = {"Goods": f"<sheetData>{rows}</sheetData>"}
        self.states: dict[str, str] = {}
        self.targets = "worksheets/sheet{}.xml"
        self.settings = ""
        self.texts = self.styles = ""
        self.encoding = "utf-8"

    def part(self, tag: str, inside: str) -> bytes:
        return f'<?xml version="1.0" encoding="{self.encoding}"?><{tag} xmlns="{self.space}">{inside}</{tag}>'.encode(
            self.encoding
        )

    def save(self, path: Path) -> Path:
        listed = "".join(
            f'<sheet xmlns:r="{self.kinds}" name="{name}" sheetId="{n}" r:id="r{n}" state="{self.states.get(name, "visible")}"/>'
            for n, name in enumerate(self.sheets, 1)
        )
        relations = [("worksheet", self.targets.format(n), f"r{n}") for n in range(1, len(self.sheets) + 1)]
        relations += [("sharedStrings", "sharedStrings.xml", "t"), ("styles", "/xl/styles.xml", "s")]
        parts = {
            f"xl/worksheets/sheet{n}.xml": self.part("worksheet", one) for n, one in enumerate(self.sheets.values(), 1)
        }
        parts |= {
            "xl/workbook.xml": self.part("workbook", f"{self.settings}<sheets>{listed}</sheets>"),
            "xl/_rels/workbook.xml.rels": "<Relationships>{}</Relationships>".format(
                "".join(
                    f'<Relationship Id="{key}" Type="{self.kinds}/{kind}" Target="{to}"/>'
                    for kind, to, key in relations
                )
            ).encode(),
            "xl/sharedStrings.xml": self.part("sst", self.texts),
            "xl/styles.xml": self.part("styleSheet", self.styles),
        }
        path.write_bytes(zipped(parts))
        return path


def shown(tmp_path: Path, cell: str, styles: str = "", settings: str = "") -> str:
    """What the second cell of the only row shows."""
    book = Book(f"{HEADER}<row>{text_cell('A')}{cell}</row>{row_of('B', 'x')}")
    book.styles, book.settings = styles, settings
    row = cells(book.save(tmp_path / "a.xlsx"))[0]
    return row[1] if len(row) > 1 else ""


def styled(code: str) -> str:
    formats = f'<numFmts><numFmt numFmtId="170" formatCode="{escape(code, {chr(34): "&quot;"})}"/></numFmts>'
    return f'{formats}<cellStyleXfs><xf numFmtId="1"/></cellStyleXfs><cellXfs><xf/><xf numFmtId="170"/></cellXfs>'


class TestPartsOfXlsx:
    @pytest.mark.parametrize(
        ("cell", "text"),
        [
            ("<c t='str'><v>plain</v></c>", "plain"),
            ("<c><v>4006381333931</v></c>", "4006381333931"),
            ("<c t='n'><v>4.006381333931E12</v></c>", "4006381333931"),
            ("<c t='b'><v>1</v></c>", "TRUE"),
            ("<c t='b'><v>0</v></c>", "FALSE"),
            ("<c t='e'><v>#N/A</v></c>", "#N/A"),
            ("<c t='d'><v>2026-03-05T10:00:00</v></c>", "2026-03-05 10:00:00"),
            ("<c t='d'><v>2026-03-05</v></c>", "2026-03-05"),
            (
                "<c t='inlineStr'><is><r><t>blue </t></r><r><rPr><b/></rPr><t>cup</t></r><rPh><t>kana</t></rPh></is></c>",
                "blue cup",
            ),
            ("<c><v>no number</v></c>", "no number"),
            ("<c><v>1e999</v></c>", "1e999"),
            ("<c t='str'><f>1+1</f><v>2</v></c>", "2"),
            ("<c t='str'><v>a_x000D_\nb</v></c>", "a\r\nb"),
            ("<c t='inlineStr'><is><t>_x005F_x000D_ _x0041_ _xZZZZ_ x000D_</t></is></c>", "_x000D_ A _xZZZZ_ x000D_"),
            ("<c t='str'><v>_xD83D__xDE00_</v></c>", "😀"),
        ],
    )
    def test_a_cell_of_each_kind(self, tmp_path: Path, cell: str, text: str) -> None:
        assert shown(tmp_path, cell) == text

    @pytest.mark.parametrize(
        ("raw", "code", "text"),
        [
            ("417", "000000", "000417"),
            ("1299.5", '#,##0.00\\ "€"', "1299.50 €"),
            ("0.125", "0.0%", "12.5%"),
            ("46086", "dd/mm/yyyy", "05/03/2026"),
            ("46086.25", "yyyy-mm-dd hh:mm", "2026-03-05 06:00"),
            ("0.25", "h:mm", "6:00"),
            ("0.25", "yyyy-mm-dd", "06:00:00"),
            ("59", "yyyy-mm-dd", "1900-02-28"),
            ("61", "yyyy-mm-dd", "1900-03-01"),
            ("9999999", "dd/mm/yyyy", "9999999"),
            ("-1", "dd/mm/yyyy", "-1"),
            ("1.5", "[h]:mm:ss", "36:00:00"),
            ("-0.5", "[hh]:mm", "-12:00"),
            ("12", '[Red]0 "days"', "12 days"),
            ("12", "0.00_);[Red](0.00)", "12.00"),
        ],
    )
    def test_a_number_in_its_format(self, tmp_path: Path, raw: str, code: str, text: str) -> None:
        assert shown(tmp_path, f"<c s='1'><v>{raw}</v></c>", styled(code)) == text

    @pytest.mark.parametrize(
        ("number", "raw", "text"),
        [(2, "5", "5.00"), (9, "0.5", "50%"), (14, "46086", "2026-03-05"), (31, "46086", "2026-03-05"), (49, "7", "7"),
         (46, "1.25", "30:00:00"), (20, "0.5", "12:00"), (200, "5", "5")],
    )  # fmt: skip
    def test_formats_that_are_named_by_number_alone(self, tmp_path: Path, number: int, raw: str, text: str) -> None:
        styles = f'<cellXfs><xf/><xf numFmtId="{number}"/></cellXfs>'
        assert shown(tmp_path, f"<c s='1'><v>{raw}</v></c>", styles) == text

    def test_dates_may_count_from_1904(self, tmp_path: Path) -> None:
        cell, styles = "<c s='1'><v>44624</v></c>", styled("yyyy-mm-dd")
        assert shown(tmp_path, cell, styles, "<workbookPr date1904='1'/>") == "2026-03-05"
        assert shown(tmp_path, cell, styles, "<workbookPr date1904='0'/>") == "2022-03-04"

    @pytest.mark.parametrize("space", [MAIN, STRICT])
    @pytest.mark.parametrize(
        "target",
        [
            "worksheets/sheet{}.xml",
            "/xl/worksheets/sheet{}.xml",
            "../xl/./worksheets/Sheet{}.xml",
            "worksheets\\sheet{}.xml",
        ],
    )
    def test_where_the_sheets_are_and_in_which_variant(self, tmp_path: Path, space: str, target: str) -> None:
        book = Book(HEADER + "<row><c t='s'><v>1</v></c><c t='s'><v>0</v></c></row>", space)
        book.targets = target
        book.texts = "<si><t>Cup</t></si><si><r><t xml:space='preserve'>A </t></r><r><t>1</t></r></si>"
        assert cells(book.save(tmp_path / "a.xlsx")) == [["A 1", "Cup"]]

    def test_cells_stand_where_their_address_says(self, tmp_path: Path) -> None:
        rows = (
            "<row r='1'><c r='A1' t='str'><v>sku</v></c><c r='B1' t='str'><v>title</v></c><c r='D1' t='str'><v>ean</v></c></row>"
            "<row r='5'><c r='D5'><v>7</v></c><c r='A5' t='str'><v>A</v></c></row>"
            "<row><c t='str'><v>B</v></c><c r='D6'><v>8</v></c></row>"
            "<row r='9.0'><c r='AA9' t='str'><v>far</v></c><c r='A9' t='str'><v>C</v></c></row>"
        )
        path = Book(rows).save(tmp_path / "a.xlsx")
        assert open_catalog(path).shape().columns[:4] == ("sku", "title", "column 3", "ean")
        assert [(record.line, record.cells) for record in taken(path)] == [
            (5, (("sku", "A"), ("ean", "7"))),
            (6, (("sku", "B"), ("ean", "8"))),
            (9, (("sku", "C"), ("column 27", "far"))),
        ]

    def test_formulas_give_what_was_stored_for_them_and_nothing_else(self, tmp_path: Path) -> None:
        rows = (
            row_of("sku", "title", "price", "sum"),
            "<row><c t='inlineStr'><is><t>A</t></is></c><c t='str'><f>IF(1,\"\",2)</f><v></v></c>"
            "<c><f t='shared' si='0' ref='C2:C3'>D2*2</f></c><c><f>1</f><v>7</v></c></row>",
            "<row><c t='inlineStr'><is><t>B</t></is></c><c t='str'><v>Cup</v></c><c><f t='shared' si='0'/><v/></c></row>",
        )
        found = list(open_catalog(Book("".join(rows)).save(tmp_path / "a.xlsx")).records())
        errors = [(error.line, error.value) for error in found if isinstance(error, RowError)]
        assert errors == [(2, "=D2*2"), (3, "=D2*2")]
        assert [record.cells for record in found if isinstance(record, Record)] == [
            (("sku", "A"), ("sum", "7")), (("sku", "B"), ("title", "Cup")),
        ]  # fmt: skip

    def test_hidden_sheets_and_charts_are_no_catalogs(self, tmp_path: Path) -> None:
        book = Book(HEADER + row_of("G", "Cup"))
        for state in ("hidden", "veryHidden"):
            book.sheets[state] = (
                f"<sheetData>{row_of('sku', 'title', 'price', 'ean')}{row_of('H', 'x', '1', '2')}</sheetData>"
            )
            book.states[state] = state
        shape = open_catalog(book.save(tmp_path / "a.xlsx")).shape()
        assert (shape.sheet, shape.unread_sheets) == ("Goods", ())

    def test_a_workbook_in_utf_16(self, tmp_path: Path) -> None:
        book = Book(HEADER + row_of("A", "やかん") + "<row><c t='str'><v>B</v></c></row>")
        book.sheets["Goods"] += "<mergeCells count='1'><mergeCell ref='B2:B3'/></mergeCells>"
        book.encoding = "utf-16"
        assert cells(book.save(tmp_path / "a.xlsx")) == [["A", "やかん"], ["B", "やかん"]]

    def test_parts_whose_names_have_backslashes_and_capitals(self, tmp_path: Path) -> None:
        path = Book(HEADER + row_of("A", "Cup")).save(tmp_path / "a.xlsx")
        with zipfile.ZipFile(path) as old:
            parts = {name.replace("/", "\\").replace("sheet1", "Sheet1"): old.read(name) for name in old.namelist()}
        path.write_bytes(zipped(parts))
        assert cells(path) == [["A", "Cup"]]

    def test_macros_are_ignored(self, tmp_path: Path) -> None:
        Book(HEADER + row_of("A", "Cup")).save(tmp_path / "a.xlsm")
        with zipfile.ZipFile(tmp_path / "a.xlsm", "a") as package:
            package.writestr("xl/vbaProject.bin", COMPOUND + b"Sub Auto_Open()")
        assert open_catalog(tmp_path / "a.xlsm").shape().format == "xlsx"
        assert cells(tmp_path / "a.xlsm") == [["A", "Cup"]]

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            ("<row><c t='s'><v>99</v></c></row>", "damaged"),
            ("<row><c t='s'><v>-1</v></c></row>", "damaged"),
            ("<row><c r='1'><v>1</v></c></row>", "damaged"),
            ("<row><c s='70'><v>1</v></c></row>", "damaged"),
            ("<row r='0'><c><v>1</v></c></row>", "damaged"),
            ("<row r='1048577'><c><v>1</v></c></row>", "more than 1,048,576 rows.*send it in parts, or as CSV"),
        ],
    )
    def test_what_can_not_be_meant_is_refused(self, tmp_path: Path, rows: str, says: str) -> None:
        path = Book(HEADER + row_of("A", "x") + rows).save(tmp_path / "a.xlsx")
        with pytest.raises(UnreadableFileError, match=says):
            list(open_catalog(path).records())

    @given(
        st.integers(1, 10**15),
        st.integers(0, 6),
        st.sampled_from(["0", "0.00", "000000", '"€" #,##0.0', "#.000", "0.0 kg"]),
    )
    def test_the_quick_way_to_show_a_number_is_the_exact_one(self, whole: int, decimals: int, code: str) -> None:
        value = whole / 10**decimals
        # A format with a part for negative numbers that is never used goes the long way.
        assert show_number(value, code) == show_number(-value, f"0;{code}")
