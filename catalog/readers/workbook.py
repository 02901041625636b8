"""XLSX workbooks, their cells as the sheet shows them.

Read by openpyxl in its streaming mode, because number formats matter (``00012345``) and faster readers do not give
them. A formula is never evaluated: its cell holds the value that the spreadsheet program stored for it.
"""

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from defusedxml.common import DefusedXmlException

from catalog.readers.numberformats import show_value
from catalog.readers.packages import DAMAGED_ZIP, check_workbook, damaged
from catalog.readers.sheets import MAX_ROWS, MOST_MERGES, Merge, Sheet, SheetReader, SheetRow, bounded

MAX_SHARED_TEXTS = 150_000_000
"""Bytes of the table of texts, the one large part that is held in memory (about 450 MiB when read)."""
MAX_SHARED_TAGS = 8_000_000
"""Four for a plain text: 2,000,000 texts. Each tag of an attack costs about 60 bytes."""
MAX_ROW_SIZE = 12_000_000
"""Bytes of a row, and of all that stands before the first and behind the last one; Excel's longest cell has 32,767."""
MAX_ROW_CELLS = 100_000
MAX_HELD = 10_000_000
"""Bytes of any other part that is held in memory: styles, the list of sheets, a theme."""
_LIST = "[Content_Types].xml"
_HELD = (("sharedStrings.xml", MAX_SHARED_TEXTS), ("styles.xml", MAX_HELD), (".rels", MAX_HELD), (_LIST, MAX_HELD),
         ("core.xml", MAX_HELD), ("custom.xml", MAX_HELD), ("theme1.xml", MAX_HELD))  # fmt: skip
_OVERRIDE = re.compile(rb"<(?:\w+:)?Override\s[^>]*>")
_PART_NAME = re.compile(rb"""PartName\s*=\s*["']([^"']*)["']""")
_CONTENT_TYPE = re.compile(rb"""ContentType\s*=\s*["']([^"']*)["']""")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >]")
_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
_OVERLAP = 200
"""Bytes of one piece that are looked at again with the next: longer than any tag that is looked for."""


class WorkbookReader(SheetReader):
    """Reads the catalog of an XLSX workbook; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "xlsx"

    def check(self) -> None:
        """Refuse what would take too much memory or time before anything is unpacked."""
        check_workbook(self._path, _HELD)
        with _one_error(self._path), zipfile.ZipFile(self._path) as package:
            for part, kind in _held_parts(package):
                if b"sharedStrings" in kind:
                    _check_shared_texts(package, part)
                elif b"worksheet" not in kind and package.getinfo(part).file_size > MAX_HELD:
                    raise OverflowError(f"{part} has more than {MAX_HELD:,} bytes")

    @contextmanager
    def opened(self) -> Iterator[Sequence[Sheet]]:
        """Open the workbook for streaming."""
        with ExitStack() as stack:
            stack.enter_context(_one_error(self._path))
            book = stack.enter_context(_loaded(self._path, values=True))

            def formulas() -> Any:
                return stack.enter_context(_loaded(self._path, values=False))

            yield [_XlsxSheet(self._path, sheet, formulas) for sheet in book.worksheets]


@dataclass(frozen=True, slots=True)
class _Scan:
    """What a quick search through the bytes of a sheet found."""

    has_formulas: bool
    merges: tuple[Merge, ...]


class _XlsxSheet:
    """A sheet in openpyxl's streaming mode; see :class:`~catalog.readers.sheets.Sheet`."""

    def __init__(self, path: Path, sheet: Any, formulas: Callable[[], Any]) -> None:
        self._path = path
        self._sheet = sheet
        self._open_formulas = formulas
        self.name = str(sheet.title)
        self.visible = sheet.sheet_state == "visible"

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells, which stand behind all rows of the file."""
        return self._scanned.merges

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows; where the sheet holds formulas it is read a second time beside itself, to name them."""
        shown = _numbered(self._sheet)
        if not self._scanned.has_formulas:
            yield from bounded(SheetRow(line, [_text(cell) for cell in row]) for line, row in shown)
            return
        written = _numbered(self._open_formulas()[self.name])
        yield from bounded(
            SheetRow(line, [_text(cell) for cell in row], _valueless(row, raw[1] if raw else ()))
            for (line, row), raw in zip_longest(shown, written)
        )

    @cached_property
    def _scanned(self) -> _Scan:
        with zipfile.ZipFile(self._path) as package:
            # openpyxl does not read merged cells when it streams, and names the part of a sheet nowhere else.
            return _scan(package, str(self._sheet._worksheet_path))


def _numbered(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield rows with their number in the sheet. The size that the file states is not believed."""
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), 1)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a serial number that is no date: the cell shows an error, which is read
            number, row = next(rows, (0, ()))
        if number == 0:
            return
        if row or number > MAX_ROWS:
            yield number, row


def _text(cell: Any) -> str:
    if cell.value is None:
        return ""
    return cell.value if isinstance(cell.value, str) else show_value(cell.value, cell.number_format)


def _valueless(row: tuple[Any, ...], written: tuple[Any, ...]) -> list[tuple[int, str]]:
    pairs = enumerate(zip(row, written, strict=False))
    return [(n, str(raw.value)) for n, (cell, raw) in pairs if cell.value is None and raw.value is not None]


@contextmanager
def _one_error(path: Path) -> Iterator[None]:
    """Turn whatever is wrong with a workbook into one clear error."""
    from openpyxl.utils.exceptions import InvalidFileException

    problems = (
        *DAMAGED_ZIP, InvalidFileException, SyntaxError, DefusedXmlException, KeyError, TypeError, IndexError,
        AttributeError, ArithmeticError, AssertionError,
    )  # fmt: skip
    try:
        yield
    except problems as problem:
        raise damaged(path, problem) from problem


@contextmanager
def _loaded(path: Path, values: bool) -> Iterator[Any]:
    from openpyxl import load_workbook

    # As a stream: openpyxl refuses a path by its ending, and an upload has any.
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know change no value
            workbook = load_workbook(file, read_only=True, data_only=values, keep_links=False)
        stack.callback(_close, workbook)
        yield workbook


def _close(workbook: Any) -> None:
    with suppress(AttributeError):
        workbook.close()


def _scan(package: zipfile.ZipFile, part: str) -> _Scan:
    """Search the bytes of a sheet for formulas, merged cells and what takes too much memory, faster than a parser.

    Raises:
        OverflowError: a row, or what stands beside the rows, is larger than any spreadsheet program writes it.
    """
    has_formulas = False
    merges: dict[Merge, None] = {}
    size = cells = 0
    tail = b""
    for chunk in _chunks(package, part):
        row = chunk.rfind(b"<row")
        size, cells = (len(chunk) - row, 0) if row >= 0 else (size + len(chunk), cells)
        cells += sum(1 for _ in _CELL.finditer(chunk, max(0, row)))
        if size > MAX_ROW_SIZE or cells > MAX_ROW_CELLS:
            raise OverflowError(f"a row has more than {MAX_ROW_SIZE:,} bytes or {MAX_ROW_CELLS:,} cells")
        window = tail + chunk
        has_formulas = has_formulas or _FORMULA.search(window) is not None
        merges.update((_merge(*found.groups()), None) for found in _MERGED.finditer(window))
        if len(merges) > MOST_MERGES:
            raise OverflowError(f"more than {MOST_MERGES:,} merged cells")
        tail = window[-_OVERLAP:]
    return _Scan(has_formulas, tuple(merges))


def _held_parts(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield the parts that the package lists and their kinds: these, not the names, decide what openpyxl reads."""
    present = set(package.namelist())
    for override in _OVERRIDE.findall(package.read(_LIST)) if _LIST in present else ():
        name, kind = _PART_NAME.search(override), _CONTENT_TYPE.search(override)
        part = name.group(1).decode("utf-8", "replace").lstrip("/") if name else ""
        if kind and part in present:
            yield part, kind.group(1)


def _check_shared_texts(package: zipfile.ZipFile, part: str) -> None:
    """Raise :class:`OverflowError` for a table of texts that holds more of them, or longer ones, than are read."""
    tags = silent = size = 0
    for chunk in _chunks(package, part):
        size += len(chunk)
        tags += chunk.count(b"<")
        silent = len(chunk) - chunk.rfind(b"<") if b"<" in chunk else silent + len(chunk)
        if size > MAX_SHARED_TEXTS:
            raise OverflowError(f"its table of texts has more than {MAX_SHARED_TEXTS:,} bytes")
        if tags > MAX_SHARED_TAGS:
            raise OverflowError(f"its table of texts has more than {MAX_SHARED_TAGS:,} tags")
        if silent > MAX_ROW_SIZE:
            raise OverflowError(f"a cell has more than {MAX_ROW_SIZE:,} bytes")


def _chunks(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with package.open(part) as file:
        while chunk := file.read(1 << 17):
            yield chunk


def _merge(first_column: bytes, first_line: bytes, last_column: bytes, last_line: bytes) -> Merge:
    return Merge(int(first_line), int(last_line), _number(first_column), _number(last_column))


def _number(letters: bytes) -> int:
    """Return the number of a column, from 0: ``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
