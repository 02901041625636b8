"""How fast are workbooks read, and in how much memory? ``python -m benchmarks.workbooks [--rows 100000]``.

Writes one catalog of twelve columns with number formats as each kind of workbook, and reads each in a process of its
own. An XLS sheet ends at 65,536 rows, so there are two, which are read as one catalog. The same rows every time.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from benchmarks.intake import gtin

COLUMNS = (
    "sku", "title", "description", "brand", "category", "price", "currency", "stock", "ean", "colour", "weight",
    "since",
)  # fmt: skip
FORMATS = {"sku": "0000000", "price": "0.00", "ean": "0", "weight": '0.0 "kg"', "since": "dd/mm/yyyy"}
XLS_ROWS = 65_535
LIMIT = 500
"""MiB that reading 100,000 rows may take."""
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
_THINGS = ("Hammer", "Kettle", "Lamp", "Rope", "Tent", "Drill", "Brush", "Bowl", "Shelf", "Cable")
_KINDS = ("small", "large", "folding", "stainless", "wooden", "electric", "heavy duty", "waterproof")
_USES = ("for the workshop", "for kitchen and garden", "with two year warranty", "made of recycled parts")
_FIRST_DAY = date(2020, 1, 1)
_BEFORE_FIRST = (date(2020, 1, 1) - date(1899, 12, 30)).days

Row = tuple[int | float | str, ...]
"""The cells of a row; ``since`` as the number of days that a sheet stores."""


def rows(number: int) -> Iterator[Row]:
    """Yield products that differ from each other, about 400 bytes each."""
    chance = random.Random(11)
    for n in range(number):
        thing, kind = chance.choice(_THINGS), chance.choice(_KINDS)
        text = " ".join(f"{chance.choice(_KINDS)} {chance.choice(_THINGS)} {chance.choice(_USES)}," for _ in range(6))
        yield (
            n, f"{kind.capitalize()} {thing} {n % 9973} mm", text, f"Brand {n % 40}", f"Tools > {thing}s",
            round(chance.random() * 5000, 2), "EUR", n % 300, int(gtin(n)), chance.choice(("red", "blue", "black")),
            round(n % 90 / 10, 1), _BEFORE_FIRST + n % 2000,
        )  # fmt: skip


def shown(row: Row) -> tuple[str, ...]:
    """Return what a sheet shows for a row."""
    cells = [str(cell) for cell in row]
    cells[0] = f"{row[0]:07}"
    cells[5] = f"{row[5]:.2f}"
    cells[10] = f"{row[10]:.1f} kg"
    cells[11] = f"{_FIRST_DAY + timedelta(days=int(row[11]) - _BEFORE_FIRST):%d/%m/%Y}"
    return tuple(cells)


def write_xlsx(path: Path, number: int) -> None:
    """Write the workbook as Excel does, all texts shared; openpyxl would take minutes."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    known: dict[str, int] = {}
    styles = {COLUMNS.index(name): place for place, name in enumerate(FORMATS, 1)}
    formats = "".join(f'<numFmt numFmtId="{163 + n}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
                      for n, code in enumerate(FORMATS.values(), 1))  # fmt: skip
    used = "".join(f'<xf numFmtId="{163 + n}"/>' for n in range(1, len(FORMATS) + 1))

    def cell(line: int, column: int, value: int | float | str) -> str:
        place = f'r="{chr(65 + column)}{line}"'
        if isinstance(value, str):
            return f'<c {place} t="s"><v>{known.setdefault(value, len(known))}</v></c>'
        style = f' s="{styles[column]}"' if column in styles else ""
        return f"<c {place}{style}><v>{value!r}</v></c>"

    def relations(*targets: tuple[str, str]) -> str:
        listed = "".join(f'<Relationship Id="r{n}" Type="{kinds}/{kind}" Target="{target}"/>'
                         for n, (kind, target) in enumerate(targets))  # fmt: skip
        return f'<Relationships xmlns="{package}/relationships">{listed}</Relationships>'

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        with book.open("xl/worksheets/sheet1.xml", "w") as out:
            out.write(f"<worksheet {main}><sheetData>".encode())
            for line, row in enumerate((COLUMNS, *rows(number)), 1):
                cells = "".join(cell(line, column, value) for column, value in enumerate(row))
                out.write(f'<row r="{line}" spans="1:12">{cells}</row>'.encode())
            out.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w") as out:
            out.write(f'<sst {main} uniqueCount="{len(known)}">'.encode())
            out.writelines(f"<si><t>{escape(text)}</t></si>".encode() for text in known)
            out.write(b"</sst>")
        listed = f'<numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>{used}</cellXfs>'
        book.writestr("xl/styles.xml", f"<styleSheet {main}>{listed}</styleSheet>")
        sheet = '<sheets><sheet name="Products" sheetId="1" r:id="r0"/></sheets>'
        book.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{kinds}">{sheet}</workbook>')
        book.writestr("_rels/.rels", relations(("officeDocument", "xl/workbook.xml")))
        parts = [("worksheet", "worksheets/sheet1.xml")]
        parts += [(kind, f"{kind}.xml") for kind in ("sharedStrings", "styles")]
        book.writestr("xl/_rels/workbook.xml.rels", relations(*parts))
        listed = "".join(f'<Override PartName="/xl/{part}" ContentType="{_KIND.format(kind)}"/>'
                         for kind, part in (("sheet.main", "workbook.xml"), *parts))  # fmt: skip
        types = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        book.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types">{types}{listed}</Types>')


def write_xls(path: Path, number: int) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    styles = {COLUMNS.index(name): xlwt.easyxf(num_format_str=code) for name, code in FORMATS.items()}
    plain = xlwt.easyxf()
    sheet, line = None, 0
    for n, row in enumerate(rows(number)):
        if n % XLS_ROWS == 0:
            sheet, line = book.add_sheet(f"Products {n // XLS_ROWS + 1}"), 0
            for column, name in enumerate(COLUMNS):
                sheet.write(0, column, name)
        line += 1
        for column, value in enumerate(row):
            sheet.write(line, column, value, styles.get(column, plain))
        if line % 1000 == 0:
            sheet.flush_row_data()
    book.save(str(path))


def write_ods(path: Path, number: int) -> None:
    urn = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{name}="{urn}{name}:1.0"' for name in ("office", "table", "text", "style"))

    def cell(value: int | float | str, text: str) -> str:
        kind = f'"float" office:value="{value}"' if not isinstance(value, str) else '"string"'
        return f"<table:table-cell office:value-type={kind}><text:p>{escape(text)}</text:p></table:table-cell>"

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        with package.open("content.xml", "w") as out:
            out.write(f"<office:document-content {spaces}><office:body><office:spreadsheet>".encode())
            out.write(b'<table:table table:name="Products">')
            out.write(f"<table:table-row>{''.join(cell(name, name) for name in COLUMNS)}</table:table-row>".encode())
            for row in rows(number):
                # A date is stored as text of its own kind; the others as the number beside what is shown.
                cells = [cell(value, text) for value, text in zip(row, shown(row), strict=True)]
                day = _FIRST_DAY + timedelta(days=int(row[11]) - _BEFORE_FIRST)
                cells[11] = f'<table:table-cell office:value-type="date" office:date-value="{day}"/>'
                out.write(f"<table:table-row>{''.join(cells)}</table:table-row>".encode())
            out.write(b"</table:table></office:spreadsheet></office:body></office:document-content>")


def write_spreadsheetml(path: Path, number: int) -> None:
    urn = "urn:schemas-microsoft-com:office:spreadsheet"
    styles = "".join(
        f'<Style ss:ID="s{COLUMNS.index(name)}"><NumberFormat ss:Format="{escape(code, {chr(34): "&quot;"})}"/></Style>'
        for name, code in FORMATS.items()
    )

    def cell(column: int, value: int | float | str) -> str:
        style = f' ss:StyleID="s{column}"' if COLUMNS[column] in FORMATS and not isinstance(value, str) else ""
        kind = "String" if isinstance(value, str) else "Number"
        if COLUMNS[column] == "since" and not isinstance(value, str):
            day = _FIRST_DAY + timedelta(days=int(value) - _BEFORE_FIRST)
            kind, value = "DateTime", f"{day}T00:00:00.000"
        return f'<Cell{style}><Data ss:Type="{kind}">{escape(str(value))}</Data></Cell>'

    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n')
        out.write(f'<Workbook xmlns="{urn}" xmlns:ss="{urn}"><Styles>{styles}</Styles>\n')
        out.write('<Worksheet ss:Name="Products"><Table>\n')
        for row in (COLUMNS, *rows(number)):
            out.write(f"<Row>{''.join(cell(column, value) for column, value in enumerate(row))}</Row>\n")
        out.write("</Table></Worksheet></Workbook>")


def write_html(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write('<html><head><meta charset="utf-8"></head><body><table border="1">\n')
        for row in (COLUMNS, *map(shown, rows(number))):
            out.write(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n")
        out.write("</table></body></html>")


WRITERS: dict[str, Callable[[Path, int], None]] = {
    "xlsx": write_xlsx, "xls": write_xls, "ods": write_ods, "xml": write_spreadsheetml, "html": write_html,
}  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """Read a workbook in this process, check the number of its rows and a few cells, and say what it took."""
    from catalog.readers import open_catalog
    from catalog.readers.base import Record

    begun, worked = time.perf_counter(), time.process_time()
    reader = open_catalog(path)
    kind = reader.shape().format
    looked = time.perf_counter()
    number = 0
    last: Record | None = None
    for found in reader.records():
        assert isinstance(found, Record), found
        number += 1
        last = found
    assert last is not None
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    return {
        "format": kind, "rows": number, "last": last.cells, "shape": looked - begun, "took": took, "cpu": worked,
        "peak": peak(),
    }  # fmt: skip


def peak() -> float:
    """Return the most memory that this process has held, in MiB.

    Not ``ru_maxrss``: that of a new process begins with the size of the one that started it.
    """
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def main() -> int:
    options = _options()
    if options.read:
        print(json.dumps(read(options.read)))
        return 0
    failed = []
    print(f"{'kind':6} {'rows':>9} {'MiB':>7} {'shape s':>8} {'rows/s':>8} {'rows/CPU s':>10} {'peak MiB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.kinds.split(","):
            path = (options.keep or Path(folder)) / f"workbook.{kind}"
            if not path.exists():
                WRITERS[kind](path, options.rows)
            found = _measure(path)
            number, megabytes = found["rows"], path.stat().st_size / 2**20
            print(f"{kind:6} {number:9,} {megabytes:7.1f} {found['shape']:8.2f} {number / found['took']:8,.0f} "
                  f"{number / found['cpu']:10,.0f} {found['peak']:9.0f}", flush=True)  # fmt: skip
            differs = _differences(found, options.rows)
            if differs:
                print(f"       read wrongly: {differs}")
            if differs or found["peak"] > LIMIT:
                failed.append(kind)
    return 1 if failed else 0


def _differences(found: dict[str, Any], number: int) -> list[str]:
    """Say in what the last row that was read differs from the one that was written."""
    *_, row = rows(number)
    wanted = list(shown(row))
    if found["format"] == "ods":  # an author's way to write a date hangs on his country
        wanted[11] = str(_FIRST_DAY + timedelta(days=int(row[11]) - _BEFORE_FIRST))
    differs = [f"{cell} is not {text}" for (_, cell), text in zip(found["last"], wanted, strict=True) if cell != text]
    return differs if found["rows"] == number else [f"{found['rows']:,} rows", *differs]


def _measure(path: Path) -> dict[str, Any]:
    job = [sys.executable, "-m", "benchmarks.workbooks", "--read", str(path)]
    return dict(json.loads(subprocess.run(job, check=True, capture_output=True, text=True).stdout))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kinds", default=",".join(WRITERS), help="which workbooks, by comma")
    parser.add_argument("--keep", type=Path, help="a folder where the workbooks stay, and are taken from")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
