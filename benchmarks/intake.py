"""How fast are catalogs read, and in how much memory? ``python -m benchmarks.intake [--rows 200000]``.

Writes a catalog of fifteen columns as CSV (``--rows``) and as XLSX, XLS, ODS, JSON and XML (``--sheet-rows``), and runs
each job in a process of its own: the reader alone, the whole import into SQLite, the import of the unchanged file once
more, and as yardsticks of pure reading csv.reader, and pandas and polars where they are installed.
"""

import argparse
import csv
import importlib.util
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

COLUMNS = (
    "sku", "title", "description", "brand", "category", "price", "currency", "stock", "ean", "mpn", "colour",
    "material", "weight", "image", "url",
)  # fmt: skip
SHEETS = ("xlsx", "xls", "ods", "json", "xml")
XLS_ROWS = 65_535
_THINGS = ("Hammer", "Kettle", "Lamp", "Rope", "Tent", "Drill", "Brush", "Bowl", "Shelf", "Cable")
_KINDS = ("small", "large", "folding", "stainless", "wooden", "electric", "heavy duty", "waterproof")
_USES = ("for the workshop", "for kitchen and garden", "with two year warranty", "made of recycled parts")


def rows(number: int) -> Iterator[tuple[str, ...]]:
    """Yield products that differ from each other, about 600 bytes each; the same ones every time."""
    chance = random.Random(7)
    for n in range(number):
        thing, kind = chance.choice(_THINGS), chance.choice(_KINDS)
        text = " ".join(f"{chance.choice(_KINDS)} {chance.choice(_THINGS)} {chance.choice(_USES)}," for _ in range(8))
        yield (
            f"SKU-{n:07}", f"{kind.capitalize()} {thing} {n % 997} mm", text, f"Brand {n % 40}", f"Tools > {thing}s",
            f"{n % 5000 / 7:.2f}", "EUR", str(n % 300), gtin(n), f"M{n:06}", chance.choice(("red", "blue", "black")),
            chance.choice(("steel", "oak", "nylon")), f"{n % 90 / 10:.1f} kg", f"https://shop.example/i/{n}.jpg",
            f"https://shop.example/p/{n}",
        )  # fmt: skip


def gtin(number: int) -> str:
    """Return a GTIN-13 with its check digit."""
    body = f"400{number:09}"
    return body + str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(body)) % 10)


def write(path: Path, number: int) -> None:
    {"csv": _csv, "xlsx": _xlsx, "xls": _xls, "ods": _ods, "json": _json, "xml": _xml}[path.suffix[1:]](path, number)


def _csv(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(number))


def _xlsx(path: Path, number: int) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    sheet.append(COLUMNS)
    for row in rows(number):
        sheet.append(row)
    book.save(path)


def _xls(path: Path, number: int) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Products")
    for line, row in enumerate((COLUMNS, *rows(number))):
        for column, cell in enumerate(row):
            sheet.write(line, column, cell)
    book.save(str(path))


def _ods(path: Path, number: int) -> None:
    urn = "urn:oasis:names:tc:opendocument:xmlns:"
    spaces = " ".join(f'xmlns:{name}="{urn}{name}:1.0"' for name in ("office", "table", "text", "style"))
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        with package.open("content.xml", "w") as out:
            out.write(f"<office:document-content {spaces}><office:body><office:spreadsheet>".encode())
            out.write(b'<table:table table:name="Products">')
            for row in (COLUMNS, *rows(number)):
                cells = "".join(cell.format(escape(value)) for value in row)
                out.write(f"<table:table-row>{cells}</table:table-row>".encode())
            out.write(b"</table:table></office:spreadsheet></office:body></office:document-content>")


def _json(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"products": [\n')
        for place, row in enumerate(rows(number)):
            file.write((",\n" if place else "") + json.dumps(dict(zip(COLUMNS, row, strict=True))))
        file.write("\n]}")


def _xml(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("<catalog>\n")
        for row in rows(number):
            cells = "".join(f"<{column}>{escape(cell)}</{column}>" for column, cell in zip(COLUMNS, row, strict=True))
            file.write(f"<product>{cells}</product>\n")
        file.write("</catalog>")


def _read(path: Path) -> int:
    from catalog.model import RowError
    from catalog.readers import open_catalog

    reader = open_catalog(path)
    reader.shape()
    return sum(not isinstance(found, RowError) for found in reader.records())


def _import(path: Path) -> int:
    from catalog.database import connect, prepare
    from catalog.importing import import_catalog
    from catalog.options import ImportOptions
    from catalog.store import ProductStore

    engine = connect(f"sqlite:///{path}.db")
    prepare(engine)
    return import_catalog(ProductStore(engine, path.parent / "uploads"), path, ImportOptions("acme")).taken


def _with_csv(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _with_pandas(path: Path) -> int:
    import pandas

    return len(pandas.read_csv(path, dtype=str))


def _with_polars(path: Path) -> int:
    import polars

    return len(polars.read_csv(path, infer_schema=False))


JOBS = {
    "reader": _read, "import": _import, "import again": _import, "csv.reader": _with_csv, "pandas": _with_pandas,
    "polars": _with_polars,
}  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Write the files, run every job and print the table."""
    options = _options(arguments)
    if options.job:
        _run_here(options.job, options.file)
        return
    print(f"{'file':6} {'rows':>9} {'MB':>7}  {'job':14} {'seconds':>8} {'rows/s':>9} {'peak MiB':>9}")
    for suffix in ("csv", *SHEETS):
        number = options.rows if suffix == "csv" else options.sheet_rows
        number = min(number, XLS_ROWS) if suffix == "xls" else number
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"catalog.{suffix}"
            write(path, number)
            for job in JOBS:
                if suffix == "csv" or job in ("reader", "import"):
                    _measure(job, path, number)


def _measure(job: str, path: Path, number: int) -> None:
    if job in ("pandas", "polars") and importlib.util.find_spec(job) is None:
        return
    command = [sys.executable, "-m", "benchmarks.intake", "--job", job, "--file", str(path)]
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert done["rows"] == number, f"{job} took {done['rows']} of {number} rows"
    size = path.stat().st_size / 1e6
    speed = number / done["seconds"]
    print(
        f"{path.suffix[1:]:6} {number:>9,} {size:>7.1f}  {job:14} {done['seconds']:>8.2f} {speed:>9,.0f} "
        f"{done['peak']:>9,.0f}",
        flush=True,
    )


def _run_here(job: str, path: Path) -> None:
    """Do one job in this process and print what it took as JSON; the interpreter's own 15 MiB are part of the peak."""
    begun = time.perf_counter()
    number = JOBS[job](path)
    seconds = time.perf_counter() - begun
    print(json.dumps({"rows": number, "seconds": seconds, "peak": _peak()}))


def _peak() -> float:
    """Return the most memory of this process so far in MiB; what rusage says may still be its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kilobytes = next(line.split()[1] for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000, help="of the CSV file")
    parser.add_argument("--sheet-rows", type=int, default=20_000, help="of the other files")
    parser.add_argument("--job", choices=list(JOBS), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
