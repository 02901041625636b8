"""XLS workbooks (Excel 5 to 2003), their cells as the sheet shows them.

Read by xlrd, because it gives number formats and merged cells; calamine is seven times as fast (0.09 s against 0.66 s
for 300,000 cells) and gives neither. xlrd holds a sheet in memory, which the format bounds at 65,536 rows. Formulas are
never evaluated: the stored value is read. Macros and links are not looked at.
"""

import io
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import time
from typing import Any

from catalog.errors import UnreadableFileError
from catalog.readers.numberformats import GENERAL, show_value
from catalog.readers.packages import TooLargeError, damaged, too_large
from catalog.readers.sheets import Merge, Sheet, SheetReader, SheetRow, bounded

MAX_SIZE = 100_000_000
"""Bytes of a file that is read: one of that size (230,000 rows of twelve columns in four sheets) takes 310 MiB."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class BinaryWorkbookReader(SheetReader):
    """Reads the catalog of an XLS workbook; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "xls"

    def check(self) -> None:
        """Refuse a workbook that would take too much memory."""
        size = self._path.stat().st_size
        if size > MAX_SIZE:
            reason = f"an old workbook of {size:,} bytes, more than {MAX_SIZE:,}: save it as XLSX or CSV and send that"
            raise UnreadableFileError(self._path.name, reason)

    @contextmanager
    def opened(self) -> Iterator[Sequence[Sheet]]:
        """Open the workbook; a sheet is loaded when its rows are asked for."""
        import xlrd
        from xlrd.compdoc import CompDocError

        problems = (
            xlrd.XLRDError, CompDocError, struct.error, AssertionError, LookupError, TypeError, ValueError,
            AttributeError, ArithmeticError, NotImplementedError, RecursionError, EOFError, OSError,
        )  # fmt: skip
        try:
            # Other programs than Excel list sectors twice; xlrd still bounds what it reads by the stated length.
            with xlrd.open_workbook(
                str(self._path), logfile=_Nowhere(), formatting_info=True, on_demand=True, ragged_rows=True,
                ignore_workbook_corruption=True,
            ) as book:  # fmt: skip
                yield [_XlsSheet(book, place) for place in range(book.nsheets)]
        except TooLargeError as problem:
            raise too_large(self._path, problem) from problem
        except problems as problem:
            if "encrypted" in str(problem):
                reason = "the workbook is protected by a password: save it without one and send it again"
                raise UnreadableFileError(self._path.name, reason) from problem
            raise damaged(self._path, problem) from problem


class _Nowhere(io.StringIO):
    """xlrd writes what it finds odd to a stream; nobody reads it."""

    def write(self, text: str, /) -> int:
        """Drop a text."""
        return len(text)


class _XlsSheet:
    """A sheet of an open workbook; see :class:`~catalog.readers.sheets.Sheet`."""

    def __init__(self, book: Any, place: int) -> None:
        self._book = book
        self._place = place
        self.name = str(book.sheet_names()[place])
        # What is no worksheet (a chart, a macro sheet) has no rows, and xlrd does not list it.
        self.visible = book._sheet_visibility[place] == 0

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells."""
        cells = self._book.sheet_by_index(self._place).merged_cells
        return [Merge(top + 1, bottom, left, right - 1) for top, bottom, left, right in cells]

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows, empty ones left out; afterwards the sheet is no longer held."""
        return bounded(self._loaded_rows())

    def _loaded_rows(self) -> Iterator[SheetRow]:
        sheet = self._book.sheet_by_index(self._place)
        try:
            for number in range(sheet.nrows):
                if sheet.row_len(number):
                    yield SheetRow(number + 1, [self._text(cell) for cell in sheet.row(number)])
        finally:
            # Of several sheets only one is held: 65,535 rows of twelve columns take 60 MiB.
            self._book.unload_sheet(self._place)

    def _text(self, cell: Any) -> str:
        if cell.ctype == 1:
            return str(cell.value)
        if cell.ctype == 2:
            return show_value(cell.value, self._format(cell.xf_index))
        if cell.ctype == 3:
            return self._moment(cell)
        if cell.ctype == 4:
            return "TRUE" if cell.value else "FALSE"
        return _ERRORS.get(cell.value, "#N/A") if cell.ctype == 5 else ""

    def _format(self, style: int | None) -> str:
        if style is None or not 0 <= style < len(self._book.xf_list):
            return GENERAL
        found = self._book.format_map.get(self._book.xf_list[style].format_key)
        return GENERAL if found is None else str(found.format_str)

    def _moment(self, cell: Any) -> str:
        """Show a date or a time; a serial number outside the calendar is shown as the number it is."""
        from xlrd import XLDateError
        from xlrd.xldate import xldate_as_datetime

        try:
            moment = xldate_as_datetime(cell.value, self._book.datemode)
        except (XLDateError, ArithmeticError, ValueError):
            return show_value(cell.value, GENERAL)
        shown: object = moment
        if 0 <= cell.value < 1:
            shown = time(moment.hour, moment.minute, moment.second)
        return show_value(shown, self._format(cell.xf_index))
