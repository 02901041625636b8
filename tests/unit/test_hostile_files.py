"""Files made to harm: each ends in one clear error or refused rows, in bounded memory and time.

All of them are read by one child process, which forks for each and gives it 700 MiB of address space and 20 s of
processor time (sqlalchemy and the store are not loaded there; the libraries of all readers take about 150 MiB).
"""

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.database import connect, prepare
from catalog.importing import import_catalog
from catalog.options import ImportOptions
from catalog.store import ProductStore
from tests.conftest import ROOT
from tests.hostile import as_csv, as_html, as_ods, as_spreadsheetml, as_xlsx, ods_cell, ods_of, zipped

MEMORY = 700 << 20
SECONDS = 20

CHILD = f"""
import json, os, resource, sys
from pathlib import Path
import chardet, ijson, lxml.etree, openpyxl, xlrd
from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers import open_catalog

def read(path):
    try:
        reader = open_catalog(path)
        reader.shape()
        records, codes = 0, []
        for found in reader.records():
            if isinstance(found, RowError):
                codes.append(found.code)
            else:
                records += 1
        return {{"records": records, "codes": codes[:5]}}
    except UnreadableFileError as error:
        return {{"file": error.file, "reason": error.reason}}
    except BaseException as error:
        return {{"fault": repr(error)[:500]}}

for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
        resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
        out = read(Path(name))
        print(json.dumps([Path(name).name, out]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def tarball(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=9) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


ITEM = "<item><n>1</n><t>{}</t></item>"


def rewritten(package: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        return zipped({name: change(old.read(name)) if name == part else old.read(name) for name in old.namelist()})


def sheet_with(xml: bytes, where: bytes = b"</sheetData>") -> bytes:
    return rewritten(as_xlsx(), "xl/worksheets/sheet1.xml", lambda body: body.replace(where, xml + where))


def shared_texts(xml: bytes, part: str = "xl/sharedStrings.xml") -> bytes:
    # What the relationships name is read, whatever it is called.
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Id="texts" Type="{kind}" Target="/{part}"/>'.encode()
    book = sheet_with(b'<row r="9"><c t="s"><v>0</v></c></row>')
    end = b"</Relationships>"
    book = rewritten(book, "xl/_rels/workbook.xml.rels", lambda body: body.replace(end, relation + end))
    with zipfile.ZipFile(io.BytesIO(book)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    body = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + xml + b"</sst>"
    return zipped({**parts, part: body})


def lol(depth: int = 9) -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, depth))
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{levels}]><a>{ITEM.format(f"&l{depth - 1};")}</a>'


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "laughs.xml": (lambda: lol().encode(), "declares XML entities"),
    "utf16-laughs.xml": (lambda: lol().encode("utf-16"), "declares XML entities"),
    "parameter.xml": (lambda: b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>', "XML entities"),
    "deep.xml": (lambda: b"<a>" * 200_000, "send one element a product"),
    "long-text.xml": (lambda: f"<a>{ITEM.format('x' * 12_000_000)}</a>".encode(), "10 million"),
    "wide.xml": (lambda: ("<a><item>" + "<b/>" * 300_000 + "<n>1</n><t>2</t></item></a>").encode(), "10 million"),
    "attributes.xml": (lambda: ('<a><item x="' + "y" * 11_000_000 + '"/></a>').encode(), "10 million"),
    "long-text.json": (lambda: ('[{"a": "' + "x" * 12_000_000 + '"}]').encode(), "10 million"),
    "deep.json": (lambda: b'[{"a":' * 200_000, "nested"),
    "number.json": (lambda: b'[{"a": ' + b"9" * 20_000 + b"}]", "4,000 digits"),
    "long-number.json": (lambda: b'[{"a": ' + b"9" * 11_000_000 + b"}]", "4,000 digits"),
    "one-line.csv": (lambda: b"sku,title\nA,Cup\n" + b"x" * 30_000_000, "10 million"),
    "one-line-without-ascii.csv": (lambda: b"sku,title\nA,Cup\n" + "やかん".encode() * 3_500_000, "10 million"),
    "image.csv": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 50, "PNG image"),
    "empty.csv": (lambda: b"", "empty"),
    "nul.csv": (lambda: b"\0" * 5_000_000, "empty"),
    "binary.csv": (lambda: noise(range(256)), "binary file"),
    "noise.csv": (lambda: noise([*range(128, 256), 10, 44]), "no encoding reads"),
    "noise-like-gbk.csv": (lambda: noise([*range(0xA1, 0xFF), 10, 44]), "no encoding reads"),
    "bomb.csv.gz": (lambda: gzip.compress(b"\0" * 60_000_000, 6), "250 times"),
    "bomb.zip": (lambda: zipped({"a.csv": b"\0" * 60_000_000}), "times its size"),
    "many.zip": (lambda: zipped({f"{number}.csv": b"" for number in range(10_001)}), "10001 parts"),
    "climbing.zip": (lambda: zipped({"../../a.csv": as_csv()}), "leads out"),
    "part.xlsx": (lambda: shared_texts(b"<si><t>" + b"x" * 60_000_000 + b"</t></si>"), "times its size"),
    "cell.xlsx": (
        lambda: sheet_with(b'<row r="9"><c t="inlineStr"><is><t>' + b"x" * 40_000_000 + b"</t></is></c></row>"),
        "12,000,000 bytes",
    ),
    "row.xlsx": (lambda: sheet_with(b'<row r="9">' + b"<c/>" * 2_000_000 + b"</row>"), "100,000 cells"),
    "tail.xlsx": (lambda: sheet_with(b"<x/>" * 4_000_000, b"</worksheet>"), "12,000,000 bytes"),
    "texts.xlsx": (lambda: shared_texts(b"<si/>" * 8_100_000, "xl/worksheets/other.bin"), "8,000,000 texts"),
    "deep.xlsx": (lambda: sheet_with(b"<x>" * 200_000, b"</worksheet>"), "inside each other"),
    "names.xlsx": (
        lambda: sheet_with(b"".join(b"<x%d/>" % n for n in range(20_000)), b"</worksheet>"),
        "different names",
    ),
    "late-entities.xlsx": (
        lambda: rewritten(
            as_xlsx(), "xl/worksheets/sheet1.xml",
            lambda body: b" " * 5_000 + b'<!DOCTYPE a [<!ENTITY b "c">]>' + body[body.index(b"<worksheet") :],
        ),
        "XML entities",
    ),
    "merges.xlsx": (
        lambda: sheet_with(
            b"<mergeCells>" + b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(1, 210_000)),
            b"</worksheet>",
        ),
        "200,000 merged",
    ),
    "entities.xlsx": (
        lambda: rewritten(as_xlsx(), "xl/styles.xml", lambda body: b'<!DOCTYPE a [<!ENTITY b "c">]>' + body),
        "XML entities",
    ),
    "password.xlsx": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
    "password.ods": (
        lambda: zipped(
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": b"\x99" * 500,
                "META-INF/manifest.xml": b"<manifest><encryption-data/></manifest>",
            }
        ),
        "password",
    ),
    "repeated.ods": (
        lambda: ods_of(
            '<table:table table:name="a"><table:table-row table:number-rows-repeated="1048576">'
            + ods_cell("x").replace("cell ", 'cell table:number-columns-repeated="16384" ', 1)
            + "</table:table-row></table:table>"
        ),
        "1,048,576 times",
    ),
    "row.ods": (
        lambda: ods_of('<table:table table:name="a"><table:table-row>' + "<table:table-cell/>" * 700_000),
        "12,000,000 bytes",
    ),
    "entities.ods": (
        lambda: rewritten(as_ods(), "content.xml", lambda body: b'<!DOCTYPE a [<!ENTITY b "c">]>' + body),
        "XML entities",
    ),
    "laughs.xls": (
        lambda: b'<?mso-application progid="Excel.Sheet"?><!DOCTYPE a [<!ENTITY b "c">]>' + as_spreadsheetml()[60:],
        "XML entities",
    ),
    "row-2003.xls": (
        lambda: as_spreadsheetml().replace(b"</Row>", b"<Cell/>" * 2_000_000 + b"</Row>", 1), "100,000 cells",
    ),
    "deep-2003.xls": (
        lambda: as_spreadsheetml().replace(b"</Data>", b"<b>" * 200_000 + b"</Data>", 1), "inside each other",
    ),
    "merges-2003.xls": (
        lambda: as_spreadsheetml().replace(b"</Row>", b"</Row>" + b'<Row><Cell MergeDown="1"/></Row>' * 210_000, 1),
        "200,000 merged",
    ),
    "row-page.xls": (lambda: as_html() + b"<table><tr>" + b"<td>" * 500_000, "16,384 cells"),
    "cell-page.xls": (lambda: as_html() + b"<table><tr><td>" + b"<br>" * 2_000_000, "4,000,000 characters"),
    "spans-page.xls": (
        lambda: as_html() + b"<table>" + b"<tr><td colspan=1000 rowspan=9>" * 40_000, "20,000,000 cells",
    ),
    "tables-page.xls": (lambda: as_html() + b"<table><tr></table>" * 10_000, "more than 300 tables"),
    "page.html": (lambda: b"<html><table><tr><td>Name<td>Age<tr><td>Ann<td>7<tr><td>Bo<td>8</table>", "HTML page"),
    "comments.html": (lambda: b"<!---->" * 8_000 + b"x", "element"),
    "metas.html": (lambda: b"<html>" + b"<meta charset" * 4_000 + b" " * 60_000 + b"<table><tr>", "HTML page"),
    "workbooks.xls": (lambda: b"<Workbook " * 6_000, "element"),
    "merge-tags.xlsx": (lambda: sheet_with(b"<mergeCell " * 1_000_000, b"</worksheet>"), "damaged"),
    "archive.mht": (lambda: b"MIME-Version: 1.0\nX-Document-Type: Workbook\n\n", "web archive"),
    "bomb.tgz": (lambda: tarball("a.csv", b"\0" * 60_000_000), "250 times"),
    "climbing.tgz": (lambda: tarball("../../a.csv", as_csv()), "leads out"),
    "header.tgz": (lambda: tarball("a" * 100_000, as_csv()), "65,536 bytes"),
    "cut.xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 40, "damaged"),
}  # fmt: skip
"""Files that are refused as a whole, and what is said of each."""

ROWS: dict[str, tuple[bytes, list[str], int]] = {
    "device.xml": (f'<!DOCTYPE a SYSTEM "file:///dev/zero"><a>{ITEM.format("x")}</a>'.encode(), [], 1),
    "network.xml": (
        f'<!DOCTYPE a PUBLIC "-//x" "http://192.0.2.1/a.dtd"><a>{ITEM.format("&ouml;")}</a>'.encode(), [], 1,
    ),
    "surrogates.json": (
        b'[\n{"sku": "A", "t": "x\\ud800y"},\n{"sku": "B", "t": "\\ud83d\\ude00"}\n]',
        ["unreadable_bytes"], 1,
    ),
    "surrogates.jsonl": (b'{"sku": "A", "t": "\\udc00"}\n{"sku": "B", "t": "x"}\n', ["unreadable_bytes"], 1),
    "overrides.csv": ("sku,title\nA,Cup \u202eput\nB,Mug\u200f\u2067\n".encode(), ["bidi_override"], 1),
    "overrides.xml": (f"<a>{ITEM.format('&#x202e;x')}{ITEM.format('y')}</a>".encode(), ["bidi_override"], 1),
    "half.csv": (
        "sku,title\nA,Cup\nB,M".encode("utf-16") + b"\x00\xd8" + "g\nC,Pot\n".encode("utf-16-le"),
        ["unreadable_bytes"], 2,
    ),
    "half.xml": (
        f"<a>{ITEM.format('x')}{ITEM.format('?y')}</a>".encode("utf-16").replace(b"?\0", b"\x00\xd8"),
        ["unreadable_bytes"], 1,
    ),
    "long-cell.csv": (
        b'sku,title\nA,"' + (b"x" * 999 + b"\n") * 12_000 + b'"\nB,Cup\n',
        ["unclosed_quote", "unclosed_quote"],
        12_000,
    ),
    "format.xlsx": (
        rewritten(as_xlsx(), "xl/styles.xml", lambda body: body.replace(b'"000000"', b'"%b"' % (b"[" * 2_000_000))),
        ["formula_without_value"], 5,
    ),
    "formulas.csv": (b"sku,title\nA,=1+1\nB,@SUM(A1)\n", [], 2),
}  # fmt: skip
"""Files whose bad rows are refused: codes of these, number of records."""

if "LEXICART_TEST_EXAMPLES" not in os.environ:
    for name in ("texts.xlsx", "tail.xlsx", "row.xlsx", "wide.xml"):
        del FILES[name]  # ten seconds of the twenty; where changes land they are read


def noise(values: Any) -> bytes:
    import random

    chance = random.Random(4)
    return bytes(chance.choices(list(values), k=20_000))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for name in (*FILES, *ROWS):
        paths.append(str(folder / name))
        (folder / name).write_bytes(FILES[name][0]() if name in FILES else ROWS[name][0])
    child = subprocess.run(
        [sys.executable, "-c", CHILD, *paths], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return dict(map(json.loads, child.stdout.splitlines()))


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_refused_with_its_name_and_what_to_do(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    outcome = outcomes[name]
    assert FILES[name][1] in outcome.get("reason", ""), outcome
    assert outcome["file"].startswith(name)
    assert ": " in outcome["reason"]


@pytest.mark.parametrize("name", ROWS)
def test_bad_rows_are_refused_and_the_others_read(outcomes: dict[str, dict[str, Any]], name: str) -> None:
    _, codes, records = ROWS[name]
    assert outcomes[name] == {"records": records, "codes": codes}


def test_the_store_stays_as_it_was(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/store.db")
    prepare(engine)
    store = ProductStore(engine, tmp_path / "uploads")
    good = tmp_path / "good.csv"
    good.write_bytes(as_csv())
    assert import_catalog(store, good, ImportOptions("acme")).taken == 4
    position = store.position()
    for name in ("laughs.xml", "climbing.zip", "image.csv", "noise.csv", "cut.xls", "password.ods"):
        (tmp_path / name).write_bytes(FILES[name][0]())
        report = import_catalog(store, tmp_path / name, ImportOptions("acme", replace=True, force=True))
        assert FILES[name][1] in (report.refused_as_a_whole or "")
    assert store.position() == position
    assert len(list((tmp_path / "uploads").rglob("*.*"))) == 1
