"""Refused rows as a file in the supplier's own layout plus a reason, to mend and send again."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from catalog.errors import UsageError
from catalog.model import RowError
from catalog.readers.base import FileShape, Record

REASON = "lexicart_reason"
"""Column that says why; an import leaves it out."""


class _Sheet(Protocol):
    """Where refused rows are written, one after the other."""

    def add(self, cells: Sequence[tuple[str, str]]) -> None: ...

    def close(self) -> None: ...


class RefusedRows:
    """Writes refused rows; a context manager, and no file comes to be where no row was refused.

    Tables keep their columns in their order, delimited text its delimiter and encoding, workbooks come as XLSX; JSON
    and XML records come as flat JSON Lines, whose names a reader understands as it did those of the original.

    Args:
        path: the file to write; it is overwritten.
        shape: how the supplier's file was understood.

    Raises:
        UsageError: the file can't be written.
    """

    def __init__(self, path: Path, shape: FileShape) -> None:
        self._path = path
        self._shape = shape
        self._sheet: _Sheet | None = None

    def __enter__(self) -> "RefusedRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sheet is not None:
            self._sheet.close()

    def add(self, error: RowError, record: Record | None) -> None:
        """Write a refused row; one that could not be read stands there with its line and what is wrong."""
        if self._sheet is None:
            self._sheet = self._open()
        cells = record.cells if record is not None else ()
        self._sheet.add([*cells, (REASON, f"line {error.line}: {error.reason}")])

    def _open(self) -> _Sheet:
        try:
            if self._shape.format in ("json", "jsonl", "xml"):
                return _JsonLines(self._path)
            if self._shape.delimiter is None:
                return _Workbook(self._path, self._shape)
            return _Delimited(self._path, self._shape)
        except OSError as exc:
            raise UsageError(f"--refused {self._path}: can't be written ({exc.strerror or exc})") from exc


class _Delimited:
    def __init__(self, path: Path, shape: FileShape) -> None:
        self._columns = [*shape.columns, REASON]
        encoding = shape.encoding or "utf-8"
        # A reason may hold a letter that the supplier's encoding has not.
        self._file = path.open("w", encoding=encoding, errors="replace", newline="")
        self._writer = csv.writer(self._file, delimiter=shape.delimiter or ",", lineterminator="\r\n")
        if shape.header_line is not None:
            self._writer.writerow(self._columns)

    def add(self, cells: Sequence[tuple[str, str]]) -> None:
        self._writer.writerow(in_order(self._columns, cells))

    def close(self) -> None:
        self._file.close()


class _Workbook:
    def __init__(self, path: Path, shape: FileShape) -> None:
        from openpyxl import Workbook

        path.touch()
        self._path = path
        self._columns = [*shape.columns, REASON]
        self._book: Any = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("refused")
        self.add_row(self._columns)

    def add(self, cells: Sequence[tuple[str, str]]) -> None:
        self.add_row(in_order(self._columns, cells))

    def add_row(self, values: Sequence[str]) -> None:
        from openpyxl.cell import WriteOnlyCell

        row = []
        for value in values:
            cell = WriteOnlyCell(self._sheet, value=None)
            cell.value = value
            cell.data_type = "s"  # typed as text: never a formula, zeros in front stay
            row.append(cell)
        self._sheet.append(row)

    def close(self) -> None:
        self._book.save(self._path)


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def add(self, cells: Sequence[tuple[str, str]]) -> None:
        body: dict[str, str | list[str]] = {}
        for name, value in cells:
            before = body.get(name)
            if before is None:
                body[name] = value
            else:
                body[name] = [*before, value] if isinstance(before, list) else [before, value]
        self._file.write(json.dumps(body, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self._file.close()


def in_order(columns: Sequence[str], cells: Sequence[tuple[str, str]]) -> list[str]:
    """Put values under their columns; a column that comes several times takes its values in order."""
    left: dict[str, list[str]] = {}
    for name, value in cells:
        left.setdefault(name, []).append(value)
    return [left[name].pop(0) if left.get(name) else "" for name in columns]
