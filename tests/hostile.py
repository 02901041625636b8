"""Small catalogs of every format, ways to spoil them, and what a reader must keep to whatever it is given.

Used by ``tests/unit/test_fuzz_readers.py`` for seconds and by ``benchmarks/fuzz_intake.py`` for hours.
"""

import gzip
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers import catalogs_in, open_catalog
from catalog.readers.base import Record
from catalog.readers.text import MAX_CELL, bad_bytes

COLUMNS = ("sku", "title", "price", "ean", "image")
ROWS = (
    ("000417", 'Hammer 16oz, "oak"; grip', "12.50", "4006381333931", "a.jpg"),
    ("B-2", "やかん 1.5L ステンレス", "1.299,00", "", "https://x.example/b.jpg"),
    ("C/3", "Größe für Möbel & Tür", "9", "12345670", ""),
    ("D 4", "مصباح LED", "1 299,00 €", "", "d.png"),
)

_ODS_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)
_TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b"\r", b"\n", b",", b";", b"\t", b"{", b"}", b"[", b"]",
    b"\\ud800", b"\\u0000", b"NaN", b"1e999999", b"-", b"<", b">", b"</", b"/>", b"<!--", b"<![CDATA[", b"]]>", b"&",
    b"<!DOCTYPE x [", b"&#0;", b"&#x202e;", b"&x;", b"<!ENTITY a 'b'>", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b",
    b"\xed\xa0\x80", b"\xe2\x80\xae", b"\x80", b"\xff", b"sep=;\n", b"=1+1", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff",
    b"99999999999", b"\x1a",
)  # fmt: skip


def as_csv(encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Write the rows as delimited text."""
    quoted = (['"' + cell.replace('"', '""') + '"' for cell in row] for row in (COLUMNS, *ROWS))
    return "\r\n".join(delimiter.join(row) for row in quoted).encode(encoding, "replace")


def as_json(indent: int | None = 1) -> bytes:
    """Write the rows as a document with a list of objects."""
    rows = [dict(zip(COLUMNS, row, strict=True)) | {"weight": {"value": 1.5, "unit": "kg"}} for row in ROWS]
    return json.dumps({"products": rows, "count": len(rows)}, indent=indent).encode()


def as_json_lines() -> bytes:
    """Write the rows as an object a line."""
    return b"\n".join(json.dumps(dict(zip(COLUMNS, row, strict=True))).encode() for row in ROWS)


def as_keyed_json() -> bytes:
    """Write the rows as an object under article numbers."""
    return json.dumps({row[0]: dict(zip(COLUMNS[1:], row[1:], strict=True)) for row in ROWS}, indent=1).encode()


def as_xml() -> bytes:
    """Write the rows as an RSS feed."""
    items = "\n".join(
        "<item>" + "".join(f"<g:{c}>{escape(v)}</g:{c}>" for c, v in zip(COLUMNS, row, strict=True)) + "</item>"
        for row in ROWS
    )
    space = 'xmlns:g="http://base.google.com/ns/1.0"'
    return f'<?xml version="1.0"?>\n<rss {space}><channel>\n{items}\n</channel></rss>'.encode()


def as_bmecat() -> bytes:
    """Write the rows as BMEcat 2005."""
    products = "\n".join(
        f"<PRODUCT><SUPPLIER_PID>{escape(sku)}</SUPPLIER_PID><PRODUCT_DETAILS><DESCRIPTION_SHORT>{escape(title)}"
        f'</DESCRIPTION_SHORT><INTERNATIONAL_PID type="gtin">{ean}</INTERNATIONAL_PID></PRODUCT_DETAILS>'
        "<PRODUCT_FEATURES><FEATURE><FNAME>Länge</FNAME><FVALUE>5</FVALUE><FUNIT>MMT</FUNIT></FEATURE></PRODUCT_FEATURES>"
        f"<PRODUCT_PRICE_DETAILS><PRODUCT_PRICE><PRICE_AMOUNT>{escape(price)}</PRICE_AMOUNT></PRODUCT_PRICE>"
        f"</PRODUCT_PRICE_DETAILS><MIME_INFO><MIME><MIME_SOURCE>{image}</MIME_SOURCE></MIME></MIME_INFO></PRODUCT>"
        for sku, title, price, ean, image in ROWS
    )
    group = "<GROUP_ID>1</GROUP_ID><GROUP_NAME>x</GROUP_NAME><PARENT_ID>0</PARENT_ID>"
    tree = f"<CATALOG_STRUCTURE>{group}</CATALOG_STRUCTURE>"
    header = '<HEADER><CATALOG><LANGUAGE default="true">deu</LANGUAGE><CURRENCY>EUR</CURRENCY></CATALOG></HEADER>'
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE BMECAT SYSTEM "bmecat.dtd">\n<BMECAT version="2005">{header}'
        f"<T_NEW_CATALOG>{tree}\n{products}\n</T_NEW_CATALOG></BMECAT>"
    ).encode()


def as_xlsx() -> bytes:
    """Write the rows as a workbook with merged cells, a number format and a formula."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (COLUMNS, *ROWS):
        sheet.append(list(row))
    sheet.append([417, "=1+1", 12.5, 4006381333931, None])
    sheet["A6"].number_format = "000000"
    sheet.merge_cells("E2:E4")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_xls() -> bytes:
    """Write the rows as an old binary workbook."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Products")
    for line, row in enumerate((COLUMNS, *ROWS)):
        for column, cell in enumerate(row):
            sheet.write(line, column, cell)
    sheet.write(5, 0, 417, xlwt.easyxf(num_format_str="000000"))
    sheet.write_merge(5, 6, 1, 1, "merged")
    sheet.write(6, 0, xlwt.Formula("1+1"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_spreadsheetml() -> bytes:
    """Write the rows as the XML of Excel 2003, with a merged cell, a number format and a formula."""
    cell = '<Cell><Data ss:Type="String">{}</Data></Cell>'
    rows = "".join(f"<Row>{''.join(cell.format(escape(v)) for v in row)}</Row>\n" for row in (COLUMNS, *ROWS))
    number = '<Row ss:Index="7"><Cell ss:StyleID="n"><Data ss:Type="Number">417</Data></Cell>{}</Row>'
    day = '<Data ss:Type="DateTime">2026-03-05T00:00:00.000</Data>'
    rest = f'<Cell ss:MergeAcross="1" ss:Formula="=1+1"/><Cell>{day}</Cell>'
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    style = '<Styles><Style ss:ID="n"><NumberFormat ss:Format="000000"/></Style></Styles>'
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}">{style}'
        f'<Worksheet ss:Name="Products"><Table>{rows}{number.format(rest)}</Table></Worksheet></Workbook>'
    ).encode()


def as_html() -> bytes:
    """Write the rows as a page of HTML as shops write it: tags left open, a cell over two rows, a description."""
    rows = "\n".join("<tr>" + "".join(f"<td>{escape(v)}" for v in row) for row in (COLUMNS, *ROWS))
    more = '<tr><td rowspan="2" x:num="417">000417<td><p>Cup</p><ul><li>blue</ul><td colspan="2">9<br>x'
    more += '<td><img src="e.jpg">'
    return f'<html><meta charset="utf-8"><table border=1>\n{rows}{more}<tr><td>Mug</table></html>'.encode()


def as_tarball() -> bytes:
    """Pack two catalogs as .tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
        for name, content in (("export/a.csv", as_csv()), (f"export/{'b' * 120}.xml", as_xml())):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(gzip.decompress(out.getvalue()), mtime=0)


def ods_cell(value: str) -> str:
    """Write a cell of text."""
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def ods_number(value: str, shown: str, kind: str = "float") -> str:
    """Write a cell of a number with the text that is shown for it."""
    stored = f'office:value-type="{kind}" office:value="{value}"'
    return f"<table:table-cell {stored}><text:p>{escape(shown)}</text:p></table:table-cell>"


def ods_of(tables: str, styles: str = "") -> bytes:
    """Pack tables as an ODS workbook."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_SPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def as_ods() -> bytes:
    """Write the rows as an OpenDocument workbook."""
    rows = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in (COLUMNS, *ROWS))
    number = f'<table:table-row table:number-rows-repeated="2">{ods_number("417", "000417")}</table:table-row>'
    return ods_of(f'<table:table table:name="Products">{rows}{number}</table:table>')


def zipped(parts: dict[str, bytes]) -> bytes:
    """Pack parts as a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


SEEDS: dict[str, Callable[[], bytes]] = {
    "csv": as_csv,
    "gbk": lambda: as_csv("gb18030", ";"),
    "sjis": lambda: as_csv("cp932", "\t"),
    "utf16": lambda: as_csv("utf-16", "|"),
    "json": as_json,
    "json on one line": lambda: as_json(None),
    "keyed json": as_keyed_json,
    "jsonl": as_json_lines,
    "xml": as_xml,
    "bmecat": as_bmecat,
    "xlsx": as_xlsx,
    "xls": as_xls,
    "ods": as_ods,
    "spreadsheetml": as_spreadsheetml,
    "html": as_html,
    "tarball": as_tarball,
    "gzip": lambda: gzip.compress(as_csv(), mtime=0),
    "zip": lambda: zipped({"a.csv": as_csv(), "sub/b.xml": as_xml()}),
}


def spoil(chance: random.Random, content: bytes, other: bytes) -> bytes:
    """Return a file with one to eight things wrong; packages and archives are half of the time spoilt inside."""
    if content.startswith(b"PK") and chance.random() < 0.6:
        return _spoil_inside(chance, content, other)
    if content.startswith(b"\x1f\x8b") and chance.random() < 0.6:
        return gzip.compress(spoil(chance, gzip.decompress(content), other), mtime=0)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        content = _spoil_once(chance, content, other)
    return content


def _spoil_inside(chance: random.Random, content: bytes, other: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = chance.choice(sorted(parts))
    what = chance.random()
    if what < 0.08:
        del parts[name]
    elif what < 0.12:
        parts[chance.choice(("../up.csv", "/etc/x.csv", "b.csv", "xl/workbook.bin", "c.zip"))] = other
    else:
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            parts[name] = _spoil_once(chance, parts[name], other)
    return zipped(parts)


def _spoil_once(chance: random.Random, content: bytes, other: bytes) -> bytes:
    if not content:
        return other
    at, to = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    to = min(to, at + chance.choice((1, 4, 64, 4096)))
    match chance.randrange(9):
        case 0:
            return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
        case 1:
            return content[:at] + content[to:]
        case 2:
            return content[:at] + content[at:to] * chance.choice((2, 3, 50)) + content[to:]
        case 3 | 4:
            return content[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 1, 2, 300)) + content[at:]
        case 5:
            return content[:at] + chance.randbytes(chance.choice((1, 2, 8, 500))) + content[to:]
        case 6:
            begin = chance.randrange(len(other)) if other else 0
            return content[:at] + other[begin : begin + 300] + content[to:]
        case 7:
            return content[:at]
        case _:
            digits = [place for place, byte in enumerate(content) if 48 <= byte <= 57]
            if not digits:
                return content
            place = chance.choice(digits)
            number = chance.choice((b"0", b"-1", b"65536", b"1048577", b"2147483648", b"1e400", b"\xd9\xa3"))
            return content[:place] + number + content[place + 1 :]


def read_all(path: Path) -> str:
    """Read a file as an import does and say what came of it: ``refused``, or numbers of records and errors.

    Raises:
        AssertionError: something came out that no reader may give.
        Exception: anything but ``UnreadableFileError`` is a fault of the reader.
    """
    try:
        members = catalogs_in(path)
    except UnreadableFileError as error:
        return _refused(error)
    return "; ".join(_read_member(path, member) for member in members[:5])


def _read_member(path: Path, member: str | None) -> str:
    records = errors = 0
    try:
        reader = open_catalog(path, member)
        shape = reader.shape()
        assert all(isinstance(column, str) and column for column in shape.columns)
        for found in reader.records():
            if isinstance(found, RowError):
                errors += 1
                assert found.reason
                assert found.code
            else:
                records += 1
                _check_record(found)
    except UnreadableFileError as error:
        return _refused(error)
    return f"{records} records, {errors} errors"


def _check_record(record: Record) -> None:
    assert record.line >= 1
    assert record.cells
    for column, value in record.cells:
        assert value.strip() == value != ""
        assert len(value) <= MAX_CELL
        assert bad_bytes(value) is None, value
        value.encode()
        column.encode()


def _refused(error: UnreadableFileError) -> str:
    assert error.file
    assert len(error.reason) < 1_000
    return "refused"
