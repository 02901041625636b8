"""Tables that are written anew: delimited text, or a workbook whose every cell is a string."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from catalog.exports.cells import workbook_text
from catalog.exports.model import EXPORT_COLUMN, guarded


class Table(Protocol):
    """Where the rows of an export go."""

    def row(self, own: Sequence[str], added: Sequence[str]) -> None:
        """Write one row: the supplier's cells as they stand, and ours."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class DelimitedTable:
    """Delimited text in UTF-8 with a mark at its begin, by which spreadsheet programs know it.

    The supplier's own encoding might lack the letters of fifteen languages. Our cells are kept from being taken for
    formulas; the supplier's stay as they came.
    """

    def __init__(self, path: Path, delimiter: str) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="", errors="surrogatepass")
        self._writer = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")

    def row(self, own: Sequence[str], added: Sequence[str]) -> None:
        """Write one row."""
        self._writer.writerow([*own, *map(guarded, added)])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class WorkbookTable:
    """An XLSX workbook with one sheet; numbers stay what the supplier's sheet showed, as text."""

    def __init__(self, path: Path, title: str, export: str) -> None:
        from openpyxl import Workbook
        from openpyxl.packaging.custom import StringProperty

        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(_tab(title))
        self._book.custom_doc_props.append(StringProperty(name=EXPORT_COLUMN, value=export))

    def row(self, own: Sequence[str], added: Sequence[str]) -> None:
        """Write one row."""
        self._sheet.append([self._cell(text) for text in (*own, *added)])

    def _cell(self, text: str) -> object:
        from openpyxl.cell import WriteOnlyCell

        if not text:
            return None
        cell = WriteOnlyCell(self._sheet, workbook_text(text))
        cell.data_type = "s"  # openpyxl takes a text that begins with "=" for a formula
        return cell

    def close(self) -> None:
        """Finish the file."""
        self._book.save(self._path)


def _tab(title: str) -> str:
    """Return what a sheet may be called: 31 characters, none of seven."""
    return "".join(" " if letter in "[]:*?/\\" else letter for letter in title)[:31] or "Catalog"
