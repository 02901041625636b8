"""HTML tables that many shops send as ``.xls``: each table is a sheet, each of its rows a row.

The page is read by libxml2's parser for HTML, which knows what is left out and closes what was not closed. A cell is
its text; one with paragraphs or lists in it (a description) keeps its HTML. Where Excel wrote the page, a number
stands beside the text that is shown for it.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from catalog.errors import UnreadableFileError
from catalog.readers.encoding import honour_declared
from catalog.readers.flattening import words
from catalog.readers.identify import HTML_PAGE
from catalog.readers.opendocument import show_stored
from catalog.readers.packages import TooLargeError, too_large
from catalog.readers.sheets import (
    MAX_CELLS,
    MOST_MERGES,
    MOST_SHEETS,
    Merge,
    Sheet,
    SheetReader,
    SheetRow,
    bounded,
    known_fields,
)
from catalog.readers.text import head_text, mark_half_characters, marks_of, read_pieces

MAX_ROW_SIZE = 4_000_000
"""Characters of a row, and of what stands before the first one: each tag among them takes about 150 bytes."""
_MOST_ACROSS, _MOST_DOWN = 1_000, 65_534
_MOST_COLUMNS = 16_384
_LEAST_FIELDS = 2
_DECLARED = re.compile(r"""<meta\b[^<>]*?\bcharset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_OF_EXCEL = re.compile(r"urn:schemas-microsoft-com:office|mso-number-format", re.IGNORECASE)
_HEAD = 1 << 16
_CELLS = ("td", "th")
_BLOCKS = words("p ul ol li dl dt dd table h1 h2 h3 h4 h5 h6 div blockquote pre")
_WRAPPERS = words("p div span font center b strong i em u small nobr label a")
_UNSEEN = ("script", "style", "template")


class HtmlTableReader(SheetReader):
    """Reads the catalog of a page of HTML; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "html"
    without_table = HTML_PAGE

    def check(self) -> None:
        """Decide the encoding; what is too large shows while it is read."""
        with self._path.open("rb") as file:
            declared = _DECLARED.search(head_text(file.read(_HEAD)))
        self.encoding = honour_declared(self._path, declared.group(1) if declared else None)

    @contextmanager
    def opened(self) -> Iterator[Sequence[Sheet]]:
        """List the tables in one pass; each is read as a stream when its rows are asked for."""
        encoding = self.encoding or "utf-8"
        try:
            found = _list(self._path, encoding)
            yield [_Table(self._path, encoding, place, merges) for place, merges in enumerate(found)]
        except TooLargeError as problem:
            raise too_large(self._path, problem) from problem

    def is_catalog(self, columns: Sequence[str]) -> bool:
        """Say whether a table is one of products: pages have tables too, for their menus and forms."""
        with self._path.open("rb") as file:
            text = head_text(file.read(_HEAD))
        made_for_sheets = self._path.suffix.casefold() == ".xls" or _OF_EXCEL.search(text) is not None
        return made_for_sheets or len(known_fields(columns)) >= _LEAST_FIELDS


@dataclass(slots=True)
class _Table:
    """A table; see :class:`~catalog.readers.sheets.Sheet`."""

    path: Path
    encoding: str
    place: int
    found: list[Merge]
    visible: bool = True

    @property
    def name(self) -> str:
        """Which of the page's tables it is."""
        return f"table {self.place + 1}"

    def merges(self) -> Sequence[Merge]:
        """Return the cells that reach over several columns or rows."""
        return self.found

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows as a stream, empty ones left out."""
        return bounded(self._rows())

    def _rows(self) -> Iterator[SheetRow]:
        grid = _Grid()
        for place, line, element in _table_rows(self.path, self.encoding):
            if place > self.place:
                return
            if place == self.place:
                cells = grid.row(line, element)
                if cells:
                    yield SheetRow(line, cells)


@dataclass(slots=True)
class _Grid:
    """Puts cells into their columns, past those that cells from rows above reach into."""

    merges: list[Merge] = field(default_factory=list)
    _held: dict[int, int] = field(default_factory=dict)
    _placed: int = 0

    def row(self, line: int, element: Any) -> list[str]:
        """Return the texts of a row, empty ones at its end left out, and note which cells are merged.

        Raises:
            TooLargeError: there are more cells than are read.
        """
        cells: list[str] = []
        column = 0
        for cell in _cells_of(element):
            while self._held.get(column, 0) >= line:
                column += 1
            across, down = _span(cell, "colspan", _MOST_ACROSS), _span(cell, "rowspan", _MOST_DOWN)
            text = _shown(cell)
            if text:
                cells += [""] * (column - len(cells)) + [text]
            if across > 1 or down > 1:
                self.merges.append(Merge(line, line + down - 1, column, column + across - 1))
            if down > 1:
                self._held |= dict.fromkeys(range(column, column + across), line + down - 1)
            column += across
            if column > _MOST_COLUMNS:
                raise TooLargeError(f"a row has more than {_MOST_COLUMNS:,} cells")
        self._placed += column
        if self._placed > MAX_CELLS or len(self.merges) > MOST_MERGES:
            raise TooLargeError(f"a table has more than {MAX_CELLS:,} cells or {MOST_MERGES:,} merged ones")
        return cells


def _list(path: Path, encoding: str) -> list[list[Merge]]:
    """Return the merged cells of each table, in one pass."""
    grids: list[_Grid] = []
    for place, line, element in _table_rows(path, encoding):
        while len(grids) <= place:
            grids.append(_Grid())
        grids[place].row(line, element)
    return [grid.merges for grid in grids]


def _table_rows(path: Path, encoding: str) -> Iterator[tuple[int, int, Any]]:
    """Yield each row of a table that is not inside another, with the table's place and its own number.

    Raises:
        TooLargeError: a row is larger, or there are more tables, than is read.
        UnreadableFileError: the page is nothing that libxml2 can read.
    """
    from lxml import etree

    parser = etree.HTMLPullParser(
        ("start", "end"), tag=("table", "tr"), encoding="utf-8", no_network=True, remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    place, line, silent = -1, 0, 0
    try:
        for piece in read_pieces(path, encoding):
            # libxml2 ends a page at a NUL; as a mark it refuses its row alone.
            parser.feed(mark_half_characters(piece.text).replace("\0", marks_of(0)).encode())
            silent += len(piece.text)
            for event, element in parser.read_events():
                if _is_nested(element):
                    continue
                if event == "start" and element.tag == "table":
                    place, line = place + 1, 0
                elif event == "end" and element.tag == "tr" and place >= 0:
                    line, silent = line + 1, 0
                    yield place, line, element
                if event == "end":
                    _forget(element)
            if silent > MAX_ROW_SIZE or place > MOST_SHEETS:
                reason = f"a row has more than {MAX_ROW_SIZE:,} characters, or the page more than {MOST_SHEETS} tables"
                raise TooLargeError(reason)
        parser.close()
        rest = [element for event, element in parser.read_events() if event == "end" and element.tag == "tr"]
    except etree.LxmlError as problem:
        raise UnreadableFileError(path.name, f"this page of HTML can't be read ({problem}): save it again") from problem
    for element in rest:
        if place >= 0 and not _is_nested(element):
            line += 1
            yield place, line, element


def _cells_of(row: Any) -> Iterator[Any]:
    """Yield the cells of a row, also those inside a form that someone opened between row and cell."""
    for child in row:
        if child.tag in _CELLS:
            yield child
        elif child.tag != "table":
            yield from (inner for inner in child if inner.tag in _CELLS)


def _shown(cell: Any) -> str:
    stored = cell.get("x:num")
    text = _text_of(cell).strip()
    return show_stored(text, stored) if stored and text else text


def _text_of(element: Any) -> str:
    element = _inmost(element)
    if any(child.tag in _BLOCKS for child in element.iterdescendants()):
        return _markup(element)
    text = "".join(_inline(element))
    if not text.strip():
        image = next(element.iter("img"), None)
        return str(image.get("src") or "") if image is not None else ""
    return text


def _inmost(element: Any) -> Any:
    """Return the innermost of the elements that do no more than wrap the content of a cell."""
    while len(element) == 1 and element[0].tag in _WRAPPERS:
        if (element.text or "").strip() or (element[0].tail or "").strip():
            break
        element = element[0]
    return element


def _inline(element: Any) -> Iterator[str]:
    """Yield the text of an element without blocks, line breaks as such."""
    yield element.text or ""
    for child in element.iterdescendants():
        if child.tag == "br":
            yield "\n"
        elif child.tag not in _UNSEEN:
            yield child.text or ""
        yield child.tail or ""


def _markup(element: Any) -> str:
    from lxml import etree

    inside = [escape(element.text or "", quote=False)]
    inside += [etree.tostring(child, encoding="unicode", method="html") for child in element]
    return "".join(inside)


def _span(cell: Any, name: str, most: int) -> int:
    written = (cell.get(name) or "").strip()
    return min(max(1, int(written)), most) if written.isdecimal() and len(written) < 10 else 1


def _is_nested(element: Any) -> bool:
    """Whether a table or a row stands inside a cell."""
    return any(parent.tag in _CELLS for parent in element.iterancestors())


def _forget(element: Any) -> None:
    """Drop an element's content and all that stands before it, so that memory stays flat."""
    element.clear()
    for inner in (element, *element.iterancestors()):
        parent = inner.getparent()
        while parent is not None and inner.getprevious() is not None:
            del parent[0]
