"""Sheets of any kind of workbook as records: which sheet is the catalog, what merged cells mean.

* The catalog is the visible sheet whose header names most of what a product has, and of equals the fullest; a cover,
  a page of instructions or a list of codes is none. Sheets with the very same columns (one a category) are read on.
* A cell merged over several rows counts for each of them that holds something else too.
* Header rows that a merged cell binds together are one header: ``Price`` over ``EUR`` and ``USD`` becomes
  ``Price EUR`` and ``Price USD``; a name over several columns without names of their own names each. The same holds
  for a row of group names right above the header, each merged over the columns of its group.
"""

import math
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from catalog.columns.fields import Field, header_names, squash
from catalog.columns.headers import parse_headers
from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers.base import FileShape, Record
from catalog.readers.packages import TooLargeError
from catalog.readers.tables import LOOKED_AT, Layout, find_layout, is_words, name_columns, to_record
from catalog.readers.text import clean, show

MAX_ROWS = 1_048_576
MAX_CELLS = 20_000_000
"""Cells of a sheet, empty ones before filled ones included: a cell in the last column of every row is an attack."""
MOST_MERGES = 200_000
MOST_SHEETS = 300
_HEADER_ROWS = 4
_TITLE_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells shown as one; lines count from 1, columns from 0, both ends belong to it."""

    first_line: int
    last_line: int
    first_column: int
    last_column: int


@dataclass(slots=True)
class SheetRow:
    """One row of a sheet.

    Attributes:
        line: its number in the sheet, from 1.
        cells: what its cells show.
        valueless: column and text of the formulas whose value was never stored.
    """

    line: int
    cells: list[str]
    valueless: Sequence[tuple[int, str]] = ()


class Sheet(Protocol):
    """One sheet of an open workbook."""

    @property
    def name(self) -> str:
        """What its tab says."""
        ...

    @property
    def visible(self) -> bool:
        """Whether a person who opens the workbook sees it."""
        ...

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells, at most :data:`MOST_MERGES`."""
        ...

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows in order, as a stream where the format allows; empty ones may be left out."""
        ...


@dataclass(slots=True)
class FoundSheet:
    """What one pass through a document found of a sheet.

    Attributes:
        name: what its tab says.
        visible: whether it is shown.
        merges: its merged cells.
    """

    name: str
    visible: bool = True
    merges: list[Merge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PassedSheet:
    """A sheet of a document that is read from its beginning for every pass; see :class:`Sheet`."""

    found: FoundSheet
    read: Callable[[], Iterator[SheetRow]]

    @property
    def name(self) -> str:
        """What its tab says."""
        return self.found.name

    @property
    def visible(self) -> bool:
        """Whether it is shown."""
        return self.found.visible

    def merges(self) -> Sequence[Merge]:
        """Return the merged cells."""
        return self.found.merges

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows as a stream, empty ones left out."""
        return bounded(self.read())


@dataclass(frozen=True, slots=True)
class _Part:
    """A sheet that is read: where its table is and how much it looks like the catalog."""

    place: int
    name: str
    layout: Layout
    header_line: int | None
    first_line: int
    score: float


@dataclass(frozen=True, slots=True)
class _Understanding:
    parts: tuple[_Part, ...]
    unread: tuple[str, ...]


class SheetReader(ABC):
    """Reads the catalog of a workbook; see :class:`~catalog.readers.base.CatalogReader`."""

    format: str
    encoding: str | None = None
    """Codec of a workbook that is text, known once it has been opened."""
    without_table = "no sheet of this workbook holds a table: send the sheet with the products"
    """Why a workbook is refused that has no table."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._understood: _Understanding | None = None

    @abstractmethod
    def opened(self) -> AbstractContextManager[Sequence[Sheet]]:
        """Open the workbook; within the block whatever is wrong with it becomes an ``UnreadableFileError``."""

    @abstractmethod
    def check(self) -> None:
        """Refuse, once and before it is opened, a workbook that would take too much memory or time."""

    def shape(self) -> FileShape:
        """Say how the workbook is understood.

        Raises:
            UnreadableFileError: it is damaged, protected, too large, or has no table.
        """
        known = self._understand()
        main = known.parts[0]
        sheet = ", ".join(part.name for part in sorted(known.parts, key=lambda part: part.place))
        columns, header_line = main.layout.columns, main.header_line
        return FileShape(
            self.format, self.encoding, None, header_line, columns, sheet=sheet, unread_sheets=known.unread
        )

    def records(self) -> Iterator[Record | RowError]:
        """Yield every row of the table, in order of the sheets; lines are those of its sheet.

        A formula whose value was never stored is reported as a warning (``refused`` is false) before its row. Where
        several sheets are read, each record names its own, and the reason of each error does.
        """
        known = self._understand()
        with self.opened() as sheets:
            for part in sorted(known.parts, key=lambda part: part.place):
                found = _records(sheets[part.place], part)
                yield from found if len(known.parts) == 1 else _naming(found, part.name)

    def _understand(self) -> _Understanding:
        if self._understood is None:
            self.check()
            with self.opened() as sheets:
                understood = _understand(self._path, sheets, self.without_table)
            if not self.is_catalog(understood.parts[0].layout.columns):
                raise UnreadableFileError(self._path.name, self.without_table)
            self._understood = understood
        return self._understood

    def is_catalog(self, columns: Sequence[str]) -> bool:
        """Say whether a sheet with these columns may be the catalog; a workbook's always may."""
        return True


def bounded(rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
    """Pass rows on, up to the limits of a sheet; :class:`TooLargeError` above them."""
    cells = 0
    for row in rows:
        cells += len(row.cells)
        if row.line > MAX_ROWS or cells > MAX_CELLS:
            raise TooLargeError(f"the sheet has more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells")
        yield row


def _records(sheet: Sheet, part: _Part) -> Iterator[Record | RowError]:
    names = part.layout.names
    for row in fill_down(sheet.rows(), sheet.merges()):
        if row.line < part.first_line:
            continue
        for column, formula in row.valueless:
            name = names[column] if column < len(names) else f"column {column + 1}"
            reason = f"{name}: the formula has no stored value: open the file in a spreadsheet program and save it"
            yield RowError(row.line, None, None, formula[:200], reason, "formula_without_value", refused=False)
        record = to_record(names, row.line, row.cells)
        if record is not None:
            yield record


def _naming(found: Iterable[Record | RowError], sheet: str) -> Iterator[Record | RowError]:
    for one in found:
        if isinstance(one, Record):
            yield Record(one.line, one.cells, sheet)
        else:
            yield replace(one, reason=f"sheet {show(sheet)}: {one.reason}")


def fill_down(rows: Iterable[SheetRow], merges: Sequence[Merge]) -> Iterator[SheetRow]:
    """Give the value of a cell that is merged over several rows to each of them, empty rows aside."""
    waiting = deque(sorted((m for m in merges if m.last_line > m.first_line), key=lambda merge: merge.first_line))
    if not waiting:
        yield from rows
        return
    held: dict[int, tuple[int, str]] = {}
    for row in rows:
        held = {column: kept for column, kept in held.items() if kept[0] >= row.line}
        if any(map(clean, row.cells)):
            for column, (_, value) in held.items():
                row.cells.extend([""] * (column + 1 - len(row.cells)))
                row.cells[column] = row.cells[column] or value
        while waiting and waiting[0].first_line <= row.line:
            merge = waiting.popleft()
            if merge.first_line == row.line and merge.first_column < len(row.cells):
                held[merge.first_column] = (merge.last_line, row.cells[merge.first_column])
        yield row


def _understand(path: Path, sheets: Sequence[Sheet], without_table: str) -> _Understanding:
    if len(sheets) > MOST_SHEETS:
        raise UnreadableFileError(path.name, f"more than {MOST_SHEETS} sheets: send the sheet with the products alone")
    looked = (_look(place, sheet) for place, sheet in enumerate(sheets) if sheet.visible)
    tables = [part for part in looked if part is not None]
    if not tables:
        raise UnreadableFileError(path.name, without_table)
    main = max(tables, key=lambda part: part.score)
    alike = [part for part in tables if part is not main and _continues(part, main)]
    unread = tuple(part.name for part in tables if part is not main and part not in alike)
    return _Understanding((main, *alike), unread)


def _continues(part: _Part, main: _Part) -> bool:
    """Whether a sheet is the same table over again, for other products."""
    return part.header_line is not None and main.header_line is not None and part.layout.columns == main.layout.columns


def _look(place: int, sheet: Sheet) -> _Part | None:
    merges = sheet.merges()
    top = [
        (row.line, [clean(cell) for cell in row.cells]) for row in islice(fill_down(sheet.rows(), merges), LOOKED_AT)
    ]
    width = max((len(row) for _, row in top), default=0)
    rows = [row + [""] * (width - len(row)) for _, row in top]
    layout = find_layout(rows) if _is_table(rows) else None
    if layout is None:
        return None
    lines = [line for line, _ in top]
    if layout.header is not None:
        layout = _whole_header(layout, layout.header, lines, rows, merges)
    header_line = None if layout.header is None else lines[layout.header]
    first_line = 0 if layout.first == 0 else lines[layout.first - 1] + 1
    return _Part(place, sheet.name, layout, header_line, first_line, _score(layout, rows))


def _is_table(rows: list[list[str]]) -> bool:
    """Whether rows are more than a cover page: at least two rows of which one has two cells."""
    filled = [sum(map(bool, row)) for row in rows]
    return sum(map(bool, filled)) >= 2 and max(filled) >= 2


def known_fields(columns: Iterable[str]) -> set[Field]:
    """Return the fields of a product that a header names."""
    fields = {found.field for name in columns if (found := header_names().find(squash(name)))}
    return fields - {Field.IGNORED, Field.ATTRIBUTE}


def _score(layout: Layout, rows: list[list[str]]) -> float:
    """Say how much a sheet looks like the catalog: fields that its header names, then how full it is."""
    fields = known_fields(layout.columns)
    known = len(fields) + _TITLE_WEIGHT * (Field.TITLE in fields)
    filled = sum(sum(map(bool, row)) for row in rows[layout.first :])
    return (known if filled else 0) + math.log10(1 + filled)


def _across(line: int, merges: Sequence[Merge], width: int) -> list[Merge]:
    """Return the cells of a line that are merged over several columns, but not over all."""
    return [m for m in merges if m.first_line == line and 0 < m.last_column - m.first_column < width - 1]


def _groups(line: int, row: Sequence[str], below: Sequence[str], merges: Sequence[Merge]) -> bool:
    """Whether a row names groups of the columns that the header right below it names."""
    groups = [
        [below[column] for column in range(m.first_column, min(m.last_column + 1, len(below)))]
        for m in _across(line, merges, len(row))
        if m.first_column < len(row) and row[m.first_column]
    ]
    texts = [text for text in row if text]
    return len(texts) > 1 and is_words(texts) and any(len({name for name in names if name}) > 1 for names in groups)


def _names_parts(place: int, lines: list[int], rows: list[list[str]], merges: Sequence[Merge]) -> bool:
    """Whether a row below the header names the parts of its merged cells, and is no row of data."""
    if place + 1 >= len(rows) or lines[place] != lines[place - 1] + 1:
        return False
    row, above = rows[place], rows[place - 1]
    parts = {
        column
        for m in _across(lines[place - 1], merges, len(row))
        for column in range(m.first_column, min(m.last_column + 1, len(row)))
    }
    others = [column for column in range(len(row)) if column not in parts]
    names = [row[column] for column in parts]
    return (
        len(parts) > 1
        and all(names)
        and len(set(names)) > 1
        and is_words(names)
        and all(row[column] in ("", above[column]) for column in others)
    )


def _column_name(texts: Sequence[str], *, unique: bool) -> str:
    """Return the name of a column under a group: both, but the lower alone where only that is a known name."""
    whole = " ".join(texts)
    if len(texts) > 1 and unique and not _is_known(whole) and _is_known(texts[-1]):
        return texts[-1]
    return whole


def _is_known(name: str) -> bool:
    named = parse_headers([name])[name].named
    return named is not None and named.field not in (Field.IGNORED, Field.ATTRIBUTE)


def _whole_header(
    layout: Layout, header: int, lines: list[int], rows: list[list[str]], merges: Sequence[Merge]
) -> Layout:
    """Return the layout with a header of all the rows that merged cells bind to the header row."""
    top = lines[header]
    bottom = max((m.last_line for m in merges if m.first_line == top and m.last_line < top + _HEADER_ROWS), default=top)
    if bottom == top and _names_parts(header + 1, lines, rows, merges):
        bottom = lines[header + 1]
    if header and lines[header - 1] == top - 1 and _groups(lines[header - 1], rows[header - 1], rows[header], merges):
        top = lines[header - 1]
    places = [place for place, line in enumerate(lines) if top <= line <= bottom]
    sideways = {
        (merge.first_line, column): merge.first_column
        for merge in merges
        if top <= merge.first_line <= bottom and merge.last_column > merge.first_column
        for column in range(merge.first_column, min(merge.last_column + 1, len(rows[header])))
    }
    if len(places) < 2 and not sideways:
        return layout
    listed = []
    for column in range(len(rows[header])):
        texts = [rows[place][sideways.get((lines[place], column), column)] for place in places]
        listed.append(list(dict.fromkeys(text for text in texts if text)))
    alone = Counter(texts[-1] for texts in listed if texts)
    names = [_column_name(texts, unique=bool(texts) and alone[texts[-1]] == 1) for texts in listed]
    first = places[-1] + 1
    return Layout(header, first, *name_columns(names, rows[first:] or rows))
