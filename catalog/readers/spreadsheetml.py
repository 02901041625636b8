"""Workbooks in the XML of Excel 2003 (SpreadsheetML), which many shops send as ``.xls``; cells as the sheet shows them.

Everything stands in one document: styles, then each sheet with its rows, and behind these whether it is hidden. A cell
says how far it is merged where it stands. Formulas are never evaluated: their stored value is read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from catalog.readers.cell_styles import CellStyles
from catalog.readers.encoding import honour_declared
from catalog.readers.numberformats import GENERAL
from catalog.readers.packages import TooLargeError
from catalog.readers.sheets import (
    MAX_ROWS,
    MOST_MERGES,
    MOST_SHEETS,
    FoundSheet,
    Merge,
    PassedSheet,
    Sheet,
    SheetReader,
    SheetRow,
)
from catalog.readers.text import head_text, mark_half_characters, read_pieces
from catalog.readers.workbook import one_error
from catalog.readers.workbook_rows import MAX_ROW_CELLS, MAX_ROW_SIZE, show_iso
from catalog.readers.xml_parts import DEEPEST, XmlStream, kinds_of, too_deep

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_NAMES = ("Style", "NumberFormat", "Worksheet", "Table", "Column", "Row", "Cell", "Data", "Comment", "PhoneticText")
_ATTRIBUTES = ("ID", "Format", "Name", "Type", "StyleID", "Index", "Span", "Formula", "MergeAcross", "MergeDown")
_FULL = {name: f"{NAMESPACE}}}{name}" for name in _ATTRIBUTES}
_KINDS = kinds_of((NAMESPACE,), _NAMES) | kinds_of((_EXCEL,), ("Visible",))
_DECLARED = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")
_NAMED = {
    "general number": GENERAL, "general date": "m/d/yy h:mm", "long date": "[$-F800]yyyy-mm-dd",
    "medium date": "dd-mmm-yy", "short date": "mm-dd-yy", "long time": "h:mm:ss", "medium time": "h:mm AM/PM",
    "short time": "h:mm", "fixed": "0.00", "standard": "#,##0.00", "percent": "0.00%", "scientific": "0.00E+00",
    "currency": "#,##0.00", "euro currency": "[$€-2] #,##0.00", "yes/no": '"Yes";"Yes";"No"',
    "true/false": '"TRUE";"TRUE";"FALSE"', "on/off": '"On";"On";"Off"',
}  # fmt: skip
"""Formats that have a name; the sign of ``Currency`` is that of the viewer's country and therefore left out."""
MOST_STYLES = 100_000
_MOST_COLUMNS = 16_384


class SpreadsheetMlReader(SheetReader):
    """Reads the catalog of an XML workbook; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "spreadsheetml"

    def check(self) -> None:
        """Decide the encoding; what is too large shows while it is read."""
        with self._path.open("rb") as file:
            declared = _DECLARED.search(head_text(file.read(1024)))
        self.encoding = honour_declared(self._path, declared.group(1) if declared else None)

    @contextmanager
    def opened(self) -> Iterator[Sequence[Sheet]]:
        """List the sheets in one pass; each is read as a stream when its rows are asked for."""
        encoding = self.encoding or "utf-8"
        with one_error(self._path):
            listed = _Document()
            for _ in listed.read(self._path, encoding):
                pass
            yield [
                PassedSheet(found, partial(_rows, self._path, encoding, place))
                for place, found in enumerate(listed.sheets)
            ]


def _rows(path: Path, encoding: str, place: int) -> Iterator[SheetRow]:
    return _Document(place).read(path, encoding)


class _Document:
    """Makes rows of the tags of the document: of one sheet, or of none while the sheets are listed.

    Args:
        wanted: place of the sheet whose rows are read.
    """

    def __init__(self, wanted: int | None = None) -> None:
        self.sheets: list[FoundSheet] = []
        self._wanted = wanted
        self._rows: list[SheetRow] = []
        self._cells: list[str] = []
        self._valueless: list[tuple[int, str]] = []
        self._letters: list[str] = []
        self._texts: list[str] = []
        self._styles: dict[str, int] = {}
        self._formats = [GENERAL]
        self._shown = CellStyles(self._formats)
        self._style = self._kind = ""
        self._column_styles: dict[int, str] = {}
        self._row_style = self._table_style = ""
        self._formula: str | None = None
        self._line = self._column = self._depth = self._inside = self._noted = 0
        self._next = 1
        self.stream = XmlStream("utf-8")
        self.stream.parser.StartElementHandler = self._start
        self.stream.parser.EndElementHandler = self._end
        self.stream.parser.CharacterDataHandler = self._letters.append

    def read(self, path: Path, encoding: str) -> Iterator[SheetRow]:
        """Yield the rows of the sheet that is wanted.

        Raises:
            TooLargeError: a row or a list is larger than any spreadsheet program writes it.
            xml.parsers.expat.ExpatError: it is no XML.
        """
        silent = 0
        for text in _utf8(path, encoding):
            before = self._line, len(self.sheets)
            self.stream.feed(text)
            silent = 0 if before != (self._line, len(self.sheets)) else silent + len(text)
            if silent > MAX_ROW_SIZE:
                raise TooLargeError(f"a row has more than {MAX_ROW_SIZE:,} bytes")
            yield from self._rows
            self._rows.clear()
            if self._wanted is not None and len(self.sheets) > self._wanted + 1:
                return
        self.stream.feed(b"", last=True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise too_deep()
        kind = _KINDS.get(name)
        if kind == "Data" or kind == "Visible":
            self._letters.clear()
            self._kind = _of(attributes, "Type") or ""
        elif kind == "Cell":
            self._start_cell(attributes)
        elif kind == "Row":
            self._start_row(attributes)
        elif kind in ("Comment", "PhoneticText"):
            self._noted += 1
        elif kind == "Column":
            self._add_column(attributes)
        elif kind == "Worksheet":
            self._start_sheet(_of(attributes, "Name") or "")
        elif kind == "Table":
            self._table_style = _of(attributes, "StyleID") or ""
        elif kind in ("Style", "NumberFormat"):
            self._add_style(kind, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        kind = _KINDS.get(name)
        if kind == "Data":
            if not self._noted:
                self._texts.extend(self._letters)
            self._letters.clear()
        elif kind == "Cell":
            self._end_cell()
        elif kind == "Row":
            if self._cells and self._is_wanted():
                self._rows.append(SheetRow(self._line, self._cells, self._valueless))
        elif kind in ("Comment", "PhoneticText"):
            self._noted -= 1
        elif kind == "Visible" and self.sheets:
            self.sheets[-1].visible = "Hidden" not in "".join(self._letters)

    def _is_wanted(self) -> bool:
        return len(self.sheets) - 1 == self._wanted

    def _add_style(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "Style":
            # A style without a number format has that of the style "Default", which comes first.
            self._styles[_of(attributes, "ID") or ""] = self._styles.get("Default", 0)
            self._style = _of(attributes, "ID") or ""
            if len(self._styles) > MOST_STYLES:
                raise TooLargeError(f"more than {MOST_STYLES:,} styles")
            return
        code = _of(attributes, "Format") or GENERAL
        self._formats.append(_NAMED.get(code.casefold(), code))
        if len(self._formats) > MOST_STYLES:
            raise TooLargeError(f"more than {MOST_STYLES:,} number formats")
        self._styles[self._style] = len(self._formats) - 1

    def _start_sheet(self, name: str) -> None:
        self.sheets.append(FoundSheet(name))
        if len(self.sheets) > MOST_SHEETS:
            raise TooLargeError(f"more than {MOST_SHEETS} sheets")
        self._line = self._column = 0
        self._next = 1
        self._column_styles = {}
        self._table_style = ""

    def _add_column(self, attributes: dict[str, str]) -> None:
        first = _count(attributes, "Index", self._column + 1)
        last = min(first + _count(attributes, "Span", 0), _MOST_COLUMNS)
        if first <= self._column:
            raise ValueError(f"column {first} stands behind column {self._column}")
        style = _of(attributes, "StyleID")
        if style and first <= _MOST_COLUMNS:
            self._column_styles |= dict.fromkeys(range(first - 1, last), style)
        self._column = last

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._line = _count(attributes, "Index", self._next)
        self._next = self._line + 1 + _count(attributes, "Span", 0)
        self._row_style = _of(attributes, "StyleID") or ""
        self._column = self._inside = 0
        self._cells = []
        self._valueless = []

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._texts.clear()
        self._kind = ""
        self._formula = _of(attributes, "Formula")
        self._column = _count(attributes, "Index", self._column + 1) - 1
        own = _of(attributes, "StyleID") or self._row_style
        self._style = own or self._column_styles.get(self._column) or self._table_style or "Default"
        across, down = _count(attributes, "MergeAcross", 0), _count(attributes, "MergeDown", 0)
        self._inside = min(across, _MOST_COLUMNS)
        if (across or down) and self._wanted is None and self.sheets:
            end = min(self._line + down, MAX_ROWS), self._column + self._inside
            self.sheets[-1].merges.append(Merge(self._line, end[0], self._column, end[1]))
            if len(self.sheets[-1].merges) > MOST_MERGES:
                raise TooLargeError(f"more than {MOST_MERGES:,} merged cells")
        if self._column > MAX_ROW_CELLS:
            raise TooLargeError(f"a row has more than {MAX_ROW_CELLS:,} cells")

    def _end_cell(self) -> None:
        if self._is_wanted():
            text = self._shown_text("".join(self._texts))
            if text:
                self._cells.extend([""] * (self._column + 1 - len(self._cells)))
                self._cells[self._column] = text
            elif self._formula and self._kind != "String":
                self._valueless.append((self._column, self._formula))
        self._column += 1 + self._inside

    def _shown_text(self, value: str) -> str:
        if not value:
            return ""
        style = str(self._styles.get(self._style, self._styles.get("Default", 0)))
        if self._kind == "Number":
            return self._shown.show(value.strip(), style)
        if self._kind == "DateTime":
            return show_iso(value.strip(), self._shown.format(style))
        if self._kind == "Boolean":
            return "TRUE" if value.strip() in ("1", "true") else "FALSE"
        return value


def _utf8(path: Path, encoding: str) -> Iterable[bytes]:
    """Yield the document as UTF-8, in pieces of at most 64 KiB and mostly of more than a line."""
    waiting: list[str] = []
    size = 0
    begun = False
    for piece in read_pieces(path, encoding):
        # Scripts leave empty lines above the declaration, where XML allows none.
        text = piece.text if begun else piece.text.lstrip()
        begun = begun or bool(text)
        waiting.append(text)
        size += len(text)
        if size > 1 << 14:
            yield mark_half_characters("".join(waiting)).encode()
            waiting.clear()
            size = 0
    yield mark_half_characters("".join(waiting)).encode()


def _of(attributes: dict[str, str], name: str) -> str | None:
    """Return an attribute, which belongs to the namespace of the sheets, or to none as some programs write it."""
    if not attributes:
        return None
    found = attributes.get(_FULL[name])
    return attributes.get(name) if found is None else found


def _count(attributes: dict[str, str], name: str, absent: int) -> int:
    written = _of(attributes, name)
    if written is None:
        return absent
    written = written.strip()
    return min(int(written), MAX_ROWS + 1) if written.isdecimal() and len(written) < 12 else absent
