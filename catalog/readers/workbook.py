"""XLSX workbooks (with or without macros), their cells as the sheet shows them.

Read as a stream over the XML of each sheet, because number formats matter (``00012345``) and faster readers do not give
them; openpyxl gives them at a seventh of the speed. A formula is never evaluated: its cell holds the value that the
spreadsheet program stored for it. Macros and links are not looked at.
"""

import codecs
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalog.readers.cell_styles import CellStyles
from catalog.readers.packages import DAMAGED_ZIP, TooLargeError, check_workbook, damaged, too_large
from catalog.readers.shared_texts import SharedTexts
from catalog.readers.sheets import MOST_MERGES, Merge, Sheet, SheetReader, SheetRow, bounded
from catalog.readers.workbook_parts import SheetPart, chunks_of, find_parts, held_chunks
from catalog.readers.workbook_rows import column_of, read_rows

_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]{0,150}?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")
_MERGES = b"mergeCell"
_OVERLAP = 200
"""Bytes of one piece that are looked at again with the next: longer than the tag that is looked for."""


class WorkbookReader(SheetReader):
    """Reads the catalog of an XLSX workbook; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "xlsx"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._texts: SharedTexts | None = None

    def check(self) -> None:
        """Refuse what would take too much memory or time before anything is unpacked."""
        check_workbook(self._path)

    @contextmanager
    def opened(self) -> Iterator[Sequence[Sheet]]:
        """Open the workbook; each sheet is read as a stream when its rows are asked for."""
        with one_error(self._path), zipfile.ZipFile(self._path) as package:
            parts = find_parts(package)
            styles = CellStyles.read(held_chunks(package, parts.styles) if parts.styles else (), parts.since_1904)

            def text_at(number: int) -> str:
                # Once for all passes over the workbook: reading 1,200,000 texts takes a second.
                if self._texts is None:
                    self._texts = SharedTexts(chunks_of(package, parts.texts) if parts.texts else ())
                return self._texts[number]

            yield [_XlsxSheet(package, sheet, text_at, styles) for sheet in parts.sheets]


class _XlsxSheet:
    """A sheet of an open workbook; see :class:`~catalog.readers.sheets.Sheet`."""

    def __init__(
        self, package: zipfile.ZipFile, sheet: SheetPart, text_at: Callable[[int], str], styles: CellStyles
    ) -> None:
        self._package = package
        self._part = sheet.part
        self._text_at = text_at
        self._styles = styles
        self.name = sheet.name
        self.visible = sheet.visible

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells, which stand behind all rows of the file."""
        return _find_merges(_as_utf8(chunks_of(self._package, self._part)))

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows as a stream, empty ones left out."""
        return bounded(read_rows(chunks_of(self._package, self._part), self._text_at, self._styles))


@contextmanager
def one_error(path: Path) -> Iterator[None]:
    """Turn whatever is wrong with a workbook into one clear error.

    Raises:
        UnreadableFileError: says whether it is too large or damaged.
    """
    from xml.parsers.expat import ExpatError

    problems: tuple[type[Exception], ...] = (
        *DAMAGED_ZIP, ExpatError, SyntaxError, LookupError, TypeError, ArithmeticError, struct.error,
        NotImplementedError,
    )  # fmt: skip
    try:
        yield
    except TooLargeError as problem:
        raise too_large(path, problem) from problem
    except problems as problem:
        raise damaged(path, problem) from problem


def _find_merges(chunks: Iterator[bytes]) -> tuple[Merge, ...]:
    """Search the bytes of a sheet for merged cells, ten times as fast as a parser."""
    merges: dict[Merge, None] = {}
    tail = b""
    for chunk in chunks:
        window = tail + chunk
        if _MERGES in window:
            merges.update((_merge(*found.groups()), None) for found in _MERGED.finditer(window))
            if len(merges) > MOST_MERGES:
                raise TooLargeError(f"more than {MOST_MERGES:,} merged cells")
        tail = window[-_OVERLAP:]
    return tuple(merges)


def _as_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass XML on as UTF-8 where it is UTF-16, the other encoding that a workbook may have."""
    first = next(chunks, b"")
    if not first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(first).encode()
    yield from (decoder.decode(chunk).encode() for chunk in chunks)


def _merge(first_column: bytes, first_line: bytes, last_column: bytes, last_line: bytes) -> Merge:
    first, last = column_of(first_column.decode()), column_of(last_column.decode())
    return Merge(int(first_line), int(last_line), first, last)
