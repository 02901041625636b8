"""CSV, TSV and their kin: delimited text in any encoding.

A record may span lines inside quotes. Whether its quotes close is checked here line by line; the cells are then cut by
the standard library's parser. So one forgotten quote refuses one row and not the rest of the file.
"""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers.base import FileShape, Record
from catalog.readers.encoding import decide_encoding
from catalog.readers.tables import LOOKED_AT, Layout, find_layout, to_record
from catalog.readers.text import MAX_CELL, Piece, clean, read_lines, show

DELIMITERS = ",;\t|"
MOST_LINES_OF_A_CELL = 20_000
TOP_LINES = 4_000
TOP_SIZE = 2_000_000
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of delimited text.

    Attributes:
        line: line on which it begins.
        cells: its cells as they stand, quotes taken off.
        well_formed: false where text follows a closing quote; the cell is then kept with its quotes.
        quoted: there are quotes in the line.
    """

    line: int
    cells: list[str]
    well_formed: bool = True
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Understanding:
    encoding: str
    delimiter: str
    skipped_to: int
    layout: Layout
    header_line: int | None
    first_line: int


class DelimitedReader:
    """Reads delimited text; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "csv"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._understood: _Understanding | None = None

    def shape(self) -> FileShape:
        """Say how the file is understood.

        Raises:
            UnreadableFileError: there is no row, or no encoding reads the file.
        """
        known = self._understand()
        name = "tsv" if known.delimiter == "\t" else "csv"
        return FileShape(name, known.encoding, known.delimiter, known.header_line, known.layout.columns)

    def records(self) -> Iterator[Record | RowError]:
        """Yield every record, in order."""
        known = self._understand()
        for row in self._rows(known):
            if row.line < known.first_line:
                continue
            if isinstance(row, RowError):
                yield row
                continue
            record = to_record(known.layout.names, row.line, _shown(row))
            if record is not None:
                yield record

    def rows(self) -> Iterator[Row | RowError]:
        """Yield every row as it stands, those above the header too; what can't be cut is a ``RowError``."""
        return self._rows(self._understand())

    def _rows(self, known: _Understanding) -> Iterator[Row | RowError]:
        lines = read_lines(self._path, known.encoding)
        return split_rows((piece for piece in lines if piece.line > known.skipped_to), known.delimiter)

    def _understand(self) -> _Understanding:
        if self._understood is None:
            self._understood = _understand(self._path)
        return self._understood


def split_rows(lines: Iterator[Piece], delimiter: str) -> Iterator[Row | RowError]:
    """Cut lines into rows; a row whose quote never closes is refused and reading goes on at the line after it."""
    csv.field_size_limit(MAX_CELL * 2)
    waiting: deque[Piece] = deque()
    while True:
        piece = waiting.popleft() if waiting else next(lines, None)
        if piece is None:
            return
        if '"' not in piece.text:
            yield Row(piece.line, piece.text.rstrip("\r\n").split(delimiter))
            continue
        row: Row | RowError | None = _parse(piece.line, piece.text, delimiter)
        if row is None:
            row, unused = _continue(piece, lines, waiting, delimiter)
            waiting.extendleft(reversed(unused))
        yield row


def _continue(
    first: Piece, lines: Iterator[Piece], waiting: deque[Piece], delimiter: str
) -> tuple[Row | RowError, list[Piece]]:
    """Take lines until the quote that is open at the end of ``first`` closes; else give them all back."""
    taken: list[Piece] = []
    size = len(first.text)
    while len(taken) < MOST_LINES_OF_A_CELL and size < MAX_CELL:
        piece = waiting.popleft() if waiting else next(lines, None)
        if piece is None:
            break
        taken.append(piece)
        size += len(piece.text)
        if '"' not in piece.text:
            continue
        state = _quotes(piece.text, delimiter)
        if state == "closed":
            row = _parse(first.line, first.text + "".join(part.text for part in taken), delimiter)
            if row is not None and row.well_formed:
                return row, []
        if state != "open":
            break
    reason = "a quote opens in this row and does not close: close it, or double quotes that belong to the text"
    return RowError(first.line, None, None, show(first.text.strip()), reason, "unclosed_quote"), taken


def _quotes(text: str, delimiter: str) -> str:
    """Say what becomes of a quoted cell that is open where ``text`` begins: ``open``, ``closed`` or ``broken``."""
    inside, place = True, 0
    while True:
        if not inside:
            # Outside, only a quote right behind a delimiter opens a cell.
            opening = text.find(delimiter + '"', place)
            if opening < 0:
                return "closed"
            inside, place = True, opening + 2
            continue
        quote = text.find('"', place)
        if quote < 0:
            return "open"
        if text.startswith('""', quote):
            place = quote + 2
        elif text.startswith((delimiter, "\r", "\n"), quote + 1) or quote + 1 == len(text):
            inside, place = False, quote + 1
        else:
            return "broken"


def _parse(line: int, text: str, delimiter: str) -> Row | None:
    """Cut one record into cells, or return ``None`` where a quote is still open at its end."""
    try:
        return Row(line, next(csv.reader([text], delimiter=delimiter, strict=True), []), quoted=True)
    except csv.Error as problem:
        if "unexpected end" in str(problem):
            return None
        return Row(line, _parse_loosely(text.rstrip("\r\n"), delimiter), well_formed=False, quoted=True)


_TEXT_FORMULA = re.compile(r'="([^"]*)"')


def _shown(row: Row) -> list[str]:
    """Return what Excel shows of a row: ``="00123"`` is how people keep the zeros of a number in a CSV file."""
    if not row.quoted:
        return row.cells
    return [match[1] if (match := _TEXT_FORMULA.fullmatch(cell.strip())) else cell for cell in row.cells]


def _parse_loosely(text: str, delimiter: str) -> list[str]:
    """Cut a line in which text follows a closing quote; such a cell keeps its quotes."""
    cells = []
    place = 0
    quoted = re.compile(r'"((?:[^"]|"")*)"(?=' + re.escape(delimiter) + "|$)")
    while True:
        match = quoted.match(text, place)
        if match:
            cells.append(match.group(1).replace('""', '"'))
            place = match.end()
        else:
            end = text.find(delimiter, place)
            cells.append(text[place:] if end < 0 else text[place:end])
            place = len(text) if end < 0 else end
        if place >= len(text):
            return cells
        place += len(delimiter)


def _understand(path: Path) -> _Understanding:
    encoding = decide_encoding(path)
    top, whole = _top(read_lines(path, encoding))
    declared = _SEPARATOR_LINE.fullmatch(top[0].text) if top else None
    skipped_to = 1 if declared else 0
    lines = top[skipped_to:]
    delimiter = declared.group(1) if declared else _choose_delimiter(lines, whole)
    rows = _first_rows(lines, delimiter, whole)
    layout = find_layout([[clean(cell) for cell in _shown(row)] for row in rows])
    if layout is None:
        raise UnreadableFileError(path.name, "there is no row in this file: send the catalog with its rows")
    header_line = None if layout.header is None else rows[layout.header].line
    first_line = 0 if layout.first == 0 else rows[layout.first - 1].line + 1
    return _Understanding(encoding, delimiter, skipped_to, layout, header_line, first_line)


def _top(lines: Iterator[Piece]) -> tuple[list[Piece], bool]:
    """Return the lines on which the layout is decided, and whether they are the whole file."""
    top: list[Piece] = []
    size = 0
    for piece in lines:
        if len(top) == TOP_LINES or size > TOP_SIZE:
            return top, False
        top.append(piece)
        size += len(piece.text)
    return top, True


def _first_rows(lines: list[Piece], delimiter: str, whole: bool) -> list[Row]:
    rows: list[Row] = []
    for row in islice(split_rows(iter(lines), delimiter), LOOKED_AT):
        if isinstance(row, Row):
            rows.append(row)
        elif not whole:
            break  # its quote may close below the lines that were looked at
    return rows


def _choose_delimiter(lines: list[Piece], whole: bool) -> str:
    """Return the delimiter that cuts most rows into the same number of cells, more than one."""
    return max(DELIMITERS, key=lambda delimiter: _regularity(_first_rows(lines, delimiter, whole)))


def _regularity(rows: list[Row]) -> float:
    """Return, from 0 to 1, how much rows look like a table: the share of the usual width, wide tables before narrow."""
    filled = [row for row in rows if any(map(clean, row.cells))]
    widths = Counter(len(row.cells) for row in filled if row.well_formed and len(row.cells) > 1)
    if not widths:
        return 0.0
    width = max(widths, key=lambda width: (widths[width], width))
    return widths[width] / len(filled) * (1 - 1 / width)
