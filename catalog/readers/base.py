"""What every reader of a catalog file does, and how a file that can't be read is refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from catalog.model import RowError


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file, before anybody knows what its columns mean.

    Attributes:
        line: line of the file where the record begins, from 1, as an editor or a sheet shows it. In files without
            lines (a JSON array on one line) the number of the record.
        cells: ``(column, value)`` in the order of the file, values as text exactly as the file shows them, empty
            cells left out. A column may repeat (several images). Nested structures are flattened with dots
            (``price.amount``); a list of scalars repeats its column; a list of objects that each name a value
            (``{"name": "Colour", "value": "red"}``) becomes ``attributes.Colour`` = ``red``.
        sheet: of several sheets that are read as one table, the one in which the line is; else ``None``.
    """

    line: int
    cells: tuple[tuple[str, str], ...]
    sheet: str | None = None

    def first(self, column: str) -> str | None:
        """Return the first value of a column, or ``None``."""
        return next((value for name, value in self.cells if name == column), None)


@dataclass(frozen=True, slots=True)
class FileShape:
    """How a file was understood, for the report.

    Attributes:
        format: ``csv``, ``xlsx``, ``json``, ``jsonl``, ``xml`` ...
        encoding: Python codec name in which the text was read; ``None`` for binary formats.
        delimiter: of delimited text, else ``None``.
        header_line: line (from 1) of the header row, ``None`` where the format names its fields in every record.
        columns: the column names in the order of the file (for nested formats, of the records looked at).
        sheet: of a workbook, the sheet that is the catalog; several with the same columns, joined by commas.
        unread_sheets: further visible sheets of a workbook that hold a table and were not read.
        member: of an archive, the name of the file inside.
    """

    format: str
    encoding: str | None
    delimiter: str | None
    header_line: int | None
    columns: tuple[str, ...]
    sheet: str | None = None
    unread_sheets: tuple[str, ...] = ()
    member: str | None = None


class CatalogReader(Protocol):
    """Reads one format.

    Contract, tested for every reader by ``tests/contract/reader.py``:

    * ``shape`` looks at as much of the file as it needs and raises
      :class:`~catalog.errors.UnreadableFileError` when the file can't be read as a whole.
    * ``records`` streams: memory does not grow with the file, and it may be called again from the start.
    * A record that can't be read (bytes that are no text, a broken JSON line, an unclosed quote) is yielded as a
      refused ``RowError`` that names its line, and the records after it are still read.
    * A record without any value is left out. Values are not altered: no trimming of zeros, no number formats
      beyond those that the sheet itself shows; only surrounding white space is stripped.
    """

    def shape(self) -> FileShape:
        """Say how the file is understood."""
        ...

    def records(self) -> Iterator[Record | RowError]:
        """Yield every record of the file, in order."""
        ...


class ReaderFactory(Protocol):
    """Opens a file in one format; ``readers.open_catalog`` asks each factory in turn."""

    @property
    def format(self) -> str:
        """Name of the format, as the report gives it."""
        ...

    def recognises(self, path: Path, head: bytes) -> bool:
        """Say whether a file is of this format, from its name and its first 64 KiB."""
        ...

    def __call__(self, path: Path) -> CatalogReader:
        """Return a reader of ``path``."""
        ...
