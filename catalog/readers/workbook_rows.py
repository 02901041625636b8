"""Rows of an XLSX sheet, as a stream: one pass over its XML, about 60 bytes of state beside the row at hand."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time

from catalog.readers.cell_styles import CellStyles
from catalog.readers.numberformats import show_value
from catalog.readers.packages import TooLargeError
from catalog.readers.shared_texts import NAMESPACES, unescape
from catalog.readers.sheets import SheetRow
from catalog.readers.xml_parts import DEEPEST, XmlStream, kinds_of, too_deep

MAX_ROW_SIZE = 12_000_000
"""Bytes of a row, and of all that stands before the first and behind the last one; Excel's longest cell has 32,767."""
MAX_ROW_CELLS = 100_000
LAST_COLUMN = "XFD"
MOST_SHARED_FORMULAS = 10_000
_KINDS = kinds_of(NAMESPACES, ("row", "c", "v", "f", "is", "t", "rPh"))


def read_rows(chunks: Iterable[bytes], text_at: Callable[[int], str], styles: CellStyles) -> Iterator[SheetRow]:
    """Yield the rows of a sheet that have a cell.

    Args:
        chunks: the sheet's XML.
        text_at: the shared texts, by number.
        styles: what its numbers are shown as.

    Raises:
        TooLargeError: a row, or what stands beside the rows, is larger than any spreadsheet program writes it.
        Exception: it is no XML, or no sheet; see :func:`catalog.readers.workbook.one_error`.
    """
    events = _Events(text_at, styles)
    silent = 0
    for chunk in chunks:
        events.stream.feed(chunk)
        silent = 0 if events.rows else silent + len(chunk)
        if silent > MAX_ROW_SIZE:
            raise TooLargeError(f"a row has more than {MAX_ROW_SIZE:,} bytes")
        yield from events.rows
        events.rows.clear()
    events.stream.feed(b"", last=True)


class _Events:
    """Makes rows of the tags of a sheet; ``rows`` holds those that are complete."""

    __slots__ = (
        "_cell", "_cells", "_column", "_columns", "_depth", "_formula", "_formulas", "_inline", "_letters", "_line",
        "_show", "_spoken", "_styles", "_text_at", "_value", "_valueless", "rows", "stream",
    )  # fmt: skip

    def __init__(self, text_at: Callable[[int], str], styles: CellStyles) -> None:
        self.rows: list[SheetRow] = []
        self.stream = XmlStream()
        self._text_at = text_at
        self._styles = styles
        self._show = styles.show
        self._columns: dict[str, int] = {}
        self._formulas: dict[str, str] = {}
        self._letters: list[str] = []
        self._cells: list[str] = []
        self._valueless: list[tuple[int, str]] = []
        self._line = self._column = self._depth = self._spoken = 0
        self._cell: dict[str, str] = {}
        self._value: str | None = None
        self._formula: str | None = None
        self._inline: list[str] | None = None
        self.stream.parser.StartElementHandler = self._start
        self.stream.parser.EndElementHandler = self._end
        self.stream.parser.CharacterDataHandler = self._letters.append

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise too_deep()
        kind = _KINDS.get(name)
        if kind == "c":
            self._cell = attributes
            self._value = None
        elif kind in ("v", "t"):
            self._letters.clear()
        elif kind == "f":
            self._letters.clear()
            self._formula = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif kind == "row":
            self._start_row(attributes.get("r"))
        elif kind == "is":
            self._inline = []
        elif kind == "rPh":
            self._spoken += 1

    def _end(self, name: str) -> None:
        self._depth -= 1
        kind = _KINDS.get(name)
        if kind == "v":
            self._value = "".join(self._letters)
        elif kind == "c":
            self._end_cell()
        elif kind == "t":
            if self._inline is not None and not self._spoken:
                self._inline.extend(self._letters)
        elif kind == "f":
            self._end_formula("".join(self._letters))
        elif kind == "row":
            if len(self._cells) > MAX_ROW_CELLS:
                raise _too_many_cells()
            if self._cells:
                self.rows.append(SheetRow(self._line, self._cells, self._valueless))
        elif kind == "rPh":
            self._spoken -= 1

    def _start_row(self, number: str | None) -> None:
        # A few programs write 12.0; a row without number follows the one before.
        self._line = self._line + 1 if number is None else int(float(number))
        if self._line < 1:
            raise ValueError(f"{number} is no number of a row")
        self._column = 0
        self._cells = []
        self._valueless = []

    def _end_cell(self) -> None:
        attributes, value, cells = self._cell, self._value, self._cells
        kind = attributes.get("t")
        if value and kind == "s":
            text = self._text_at(int(value))
        elif value and (kind is None or kind == "n"):
            text = self._show(value, attributes.get("s"))
        else:
            text = self._other(kind, value)
        address = attributes.get("r")
        column = self._place_of(address) if address else self._column
        self._column = column + 1
        if column == len(cells):
            cells.append(text)
        elif column < len(cells):
            cells[column] = text
        elif column > MAX_ROW_CELLS:
            raise _too_many_cells()
        else:
            cells.extend([""] * (column - len(cells)))
            cells.append(text)
        if self._formula is not None:
            # A text that came out empty is a value; that is how "" of a formula is stored.
            if not text and (kind != "str" or value is None):
                self._valueless.append((column, self._formula))
            self._formula = None

    def _place_of(self, address: str) -> int:
        letters = address.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = self._columns[letters] = column_of(letters)
        return known

    def _other(self, kind: str | None, value: str | None) -> str:
        """Return what a cell shows that is neither a shared text nor a number."""
        if self._inline is not None:
            text = unescape("".join(self._inline))
            self._inline = None
            return text
        if not value:
            return ""
        if kind == "b":
            return "TRUE" if value.strip() in ("1", "true") else "FALSE"
        if kind == "d":
            return show_iso(value.strip(), self._styles.format(self._cell.get("s")))
        return unescape(value)

    def _end_formula(self, text: str) -> None:
        shared = self._formula
        if shared and text and len(self._formulas) < MOST_SHARED_FORMULAS:
            self._formulas[shared] = text[:200]
        # The others of a shared formula name only its number.
        self._formula = "=" + (text or self._formulas.get(shared or "", ""))


def _too_many_cells() -> TooLargeError:
    return TooLargeError(f"a row has more than {MAX_ROW_CELLS:,} cells")


def show_iso(value: str, number_format: str | None) -> str:
    """Return a date or time that is stored in ISO 8601 as its sheet shows it; what is none, as it stands."""
    for kind in (datetime, time):
        try:
            moment: datetime | date | time = kind.fromisoformat(value)
        except ValueError:
            continue
        if isinstance(moment, datetime) and len(value) <= 10:
            moment = moment.date()
        return show_value(moment, number_format)
    return value


def column_of(letters: str) -> int:
    """Return the number of a column, from 0: ``A`` is 0, ``AA`` is 26.

    Raises:
        ValueError: these are no letters of a column.
    """
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or len(letters) > len(LAST_COLUMN):
            raise ValueError(f"there is no column {letters[:20]}")
        number = number * 26 + ord(letter) - 64
    if not number:
        raise ValueError("a cell has no column")
    return number - 1
