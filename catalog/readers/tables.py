"""Which row of a table names its columns? Shared by delimited text and by sheets.

Nothing here knows what a column means. A header is recognised by its shape: it is as wide as the table, its cells
are short, differ from each other, and are not of the kind (number, address, date, long text) that stands below them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.columns.fields import PRICE_FIELDS, Field, header_names, squash
from catalog.model import RowError
from catalog.readers.base import Record
from catalog.readers.text import MAX_CELL, bad_bytes, clean, show, too_long_record, unreadable_bytes

LOOKED_AT = 200
"""Rows from the top of a table on which its layout is decided."""

MOST_TITLE_ROWS = 50
_HEADER_LENGTH = 100
_WIDE_ENOUGH = 0.6

_NUMBER = re.compile(r"[-+]?[\d.,'’\s\u00a0\u202f]*\d[\d.,]*\s?(?:%|[^\W\d_]{1,3}|[€$£¥₩₽₺])?")
_DATE = re.compile(r"\d{1,4}[-./年]\d{1,2}[-./月]\d{1,4}日?(?:[T ]\d.*)?")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w./-]+\.(?:jpe?g|png|gif|webp)", re.IGNORECASE)
_CODE = re.compile(r"(?=.*\d)[A-Z0-9][A-Za-z0-9]*(?:[-_./][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header of a table is and what its columns are called.

    Attributes:
        header: place of the header row among the rows looked at, or ``None`` where the table has none.
        first: place of the first row of data.
        names: a name for each cell of a row; ``column N`` where the header is silent.
        columns: the names, nameless columns at the end that are empty left out.
    """

    header: int | None
    first: int
    names: tuple[str, ...]
    columns: tuple[str, ...]


def find_layout(rows: Sequence[Sequence[str]]) -> Layout | None:
    """Return the layout of a table from its first rows of cleaned cells, or ``None`` where there is no cell."""
    fullest = max(map(_filled, rows), default=0)
    if fullest == 0:
        return None
    wide = [place for place, row in enumerate(rows) if _filled(row) >= fullest * _WIDE_ENOUGH]
    header = next((place for place in wide[:3] if place <= MOST_TITLE_ROWS and _is_header(rows, place)), None)
    width = _usual_width(rows)
    if header is None:
        first = next(place for place, row in enumerate(rows) if _filled(row) >= min(2, fullest))
        return Layout(None, first, *_names((), width, rows))
    return Layout(header, header + 1, *_names(rows[header], width, rows))


def name_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names and the columns of a layout (see :class:`Layout`) for a header that was put together."""
    return _names(header, _usual_width([header, *rows]), rows)


def to_record(names: Sequence[str], line: int, cells: Sequence[str]) -> Record | RowError | None:
    """Return a row as a record, its refusal, or ``None`` for a row without values and a repeated header."""
    values = [cell.strip() for cell in cells]
    whole = "".join(values)
    if "\ufeff" in whole:
        values = [clean(value) for value in values]
        whole = "".join(values)
    if not whole:
        return None
    if len(whole) > MAX_CELL:
        return too_long_record(line, whole)
    found = bad_bytes(whole)
    if found is not None:
        return unreadable_bytes(line, next(value for value in values if bad_bytes(value)), found)
    if len(values) > len(names) and (surplus := [value for value in values[len(names) :] if value]):
        reason = (
            f"the row has {_last_filled(values)} cells, the table {len(names)} columns: "
            "a cell that holds the delimiter needs quotes around it"
        )
        return RowError(line, None, None, surplus[0][:200], reason, "too_many_cells")
    filled = tuple([pair for pair in zip(names, values, strict=False) if pair[1]])
    if filled[0][0] == filled[0][1] and all(name == value for name, value in filled):
        return None
    return Record(line, filled)


def is_words(cells: Sequence[str]) -> bool:
    """Say whether cells are words, as in a header, and not the numbers, codes and addresses of a product."""
    return all(_shape(cell) == "text" for cell in cells)


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _last_filled(row: Sequence[str]) -> int:
    return next((place + 1 for place in range(len(row) - 1, -1, -1) if row[place]), 0)


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of cells of most rows, narrow title lines and empty rows aside."""
    widths = Counter(len(row) for row in rows if _filled(row))
    wide = {width: number for width, number in widths.items() if width >= max(widths) / 2}
    return max(wide, key=lambda width: (wide[width], width))


def _names(header: Sequence[str], width: int, rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    width = max(width, _last_filled(header))
    padded = [*header[:width], *[""] * (width - len(header))]
    names = _told_apart([show(name) or f"column {number}" for number, name in enumerate(padded, 1)])
    used = max(_last_filled(header), max(_last_filled(row[:width]) for row in rows))
    return names, names[:used]


_ONE_VALUE = frozenset(
    {
        *(Field.SKU, Field.TITLE, Field.BRAND, Field.MPN, Field.STOCK, Field.MINIMUM_ORDER, Field.URL, Field.PARENT),
        *PRICE_FIELDS,
    }
)


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Number names that come again where a product has one such value: else nobody would hear of the second."""
    taken: dict[str, int] = {}
    told = []
    for name in names:
        taken[name] = taken.get(name, 0) + 1
        named = header_names().find(squash(name)) if taken[name] > 1 else None
        again = named is not None and named.field in _ONE_VALUE
        told.append(f"{name} ({taken[name]})" if again else name)
    return tuple(told)


def _is_header(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a row names columns rather than being a product."""
    row = rows[place]
    cells = [cell for cell in row if cell]
    if any(len(cell) > _HEADER_LENGTH or _ADDRESS.fullmatch(cell) for cell in cells):
        return False
    shapes = [_shape(cell) for cell in cells]
    if len(set(cells)) * 2 < len(cells) or shapes.count("number") * 2 > len(cells):
        return False
    below = [other for other in rows[place + 1 :] if _filled(other)]
    same = different = 0
    for number in range(len(row)):
        kind = _usual_shape([other[number] for other in below if number < len(other) and other[number]])
        if row[number] and kind != "text":
            same += _shape(row[number]) == kind
            different += _shape(row[number]) != kind
    if same == different:
        return "number" not in shapes and "date" not in shapes
    return same < different


def _usual_shape(cells: Sequence[str]) -> str:
    """Return the shape of most cells of a column, ``text`` where they differ."""
    if not cells:
        return "text"
    shape, number = Counter(map(_shape, cells)).most_common(1)[0]
    return shape if number * 3 >= len(cells) * 2 else "text"


def _shape(cell: str) -> str:
    if len(cell) > _HEADER_LENGTH:  # where a long row of digits would take a search through numbers a minute
        return "address" if _ADDRESS.fullmatch(cell) else "long"
    if _NUMBER.fullmatch(cell):
        return "number"
    if _DATE.fullmatch(cell):
        return "date"
    if _ADDRESS.fullmatch(cell):
        return "address"
    if _CODE.fullmatch(cell):
        return "code"
    return "text"
