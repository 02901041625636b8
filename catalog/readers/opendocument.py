"""ODS workbooks (OpenDocument), their cells as the sheet shows them.

A cell stores its value and the text that the author's program showed for it. The digits are those of the text (leading
zeros, decimals, signs beside the number), the place of the decimal point is that of the value, so that ``1.299,00 €``
of a German author and ``€1,299.00`` of an Irish one are both read right. Dates are written as ISO 8601.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, DecimalException
from functools import partial
from pathlib import Path
from typing import Any

from catalog.errors import UnreadableFileError
from catalog.readers.numberformats import GENERAL, show_value
from catalog.readers.packages import DAMAGED_ZIP, TooLargeError, check_workbook, damaged, too_large
from catalog.readers.sheets import (
    MAX_CELLS,
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

CONTENT = "content.xml"
MAX_ROW_SIZE = 12_000_000
"""Bytes of a row: a hundred times what a sheet of long texts has."""
MOST_REPEATED = 10_000
"""Times that a filled row may stand in the sheet by one entry."""
_CHUNK = 1 << 16
_MOST_COLUMNS = 16_384
MAX_NUMBER = Decimal("1e300")
MAX_DIGITS = 60
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ROWS_SPANNED, _COLUMNS_SPANNED = f"{_TABLE}number-rows-spanned", f"{_TABLE}number-columns-spanned"
_ROWS_REPEATED, _COLUMNS_REPEATED = f"{_TABLE}number-rows-repeated", f"{_TABLE}number-columns-repeated"
_VALUE_TYPE, _VALUE, _PARAGRAPH = f"{_OFFICE}value-type", f"{_OFFICE}value", f"{_TEXT}p"
_NUMBER = re.compile(r"\d(?:[\d.,'’\s\u00a0\u202f\u066b\u066c]*\d)?(?:[eE][+-]?\d+)?")
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


class OpenDocumentReader(SheetReader):
    """Reads the catalog of an ODS workbook; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "ods"

    def check(self) -> None:
        """Refuse what would take too much memory or time before anything is unpacked."""
        check_workbook(self._path, (("manifest.xml", 5_000_000),))
        with _one_error(self._path), zipfile.ZipFile(self._path) as package:
            if "META-INF/manifest.xml" in package.namelist() and b"encryption-data" in package.read(
                "META-INF/manifest.xml"
            ):
                reason = "the workbook is protected by a password: save it without one and send it again"
                raise UnreadableFileError(self._path.name, reason)

    @contextmanager
    def opened(self) -> Iterator[Sequence[Sheet]]:
        """List the sheets; each is read as a stream when its rows are asked for."""
        with _one_error(self._path):
            yield [
                PassedSheet(found, partial(_rows, self._path, place)) for place, found in enumerate(_tables(self._path))
            ]


@contextmanager
def _one_error(path: Path) -> Iterator[None]:
    from lxml import etree

    try:
        yield
    except TooLargeError as problem:
        raise too_large(path, problem) from problem
    except (*DAMAGED_ZIP, etree.LxmlError, SyntaxError, LookupError, ArithmeticError, TypeError) as problem:
        raise damaged(path, problem) from problem


def _events(path: Path, *tags: str) -> Iterator[tuple[str, Any]]:
    """Yield the starts and ends of elements; entities are not resolved.

    Raises:
        TooLargeError: a row is larger than any spreadsheet program writes it.
    """
    from lxml import etree

    parser = etree.XMLPullParser(
        ("start", "end"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    silent = 0
    with zipfile.ZipFile(path) as package, package.open(CONTENT) as file:
        while chunk := file.read(_CHUNK):
            parser.feed(chunk)
            silent += len(chunk)
            for event, element in parser.read_events():
                silent = 0
                yield event, element
            if silent > MAX_ROW_SIZE:
                raise TooLargeError(f"a row has more than {MAX_ROW_SIZE:,} bytes")
    parser.close()


def _tables(path: Path) -> list[FoundSheet]:
    """List the sheets with their merged cells, in one pass."""
    tables: list[FoundSheet] = []
    hidden: set[str] = set()
    line = 0
    for event, element in _events(path, f"{_TABLE}table", f"{_TABLE}table-row", f"{_STYLE}style"):
        if element.tag == f"{_STYLE}style":
            if event == "end":
                if any(child.get(f"{_TABLE}display") == "false" for child in element):
                    hidden.add(element.get(f"{_STYLE}name", ""))
                _forget(element)
        elif element.tag == f"{_TABLE}table":
            if event == "start" and not _is_nested(element):
                visible = element.get(f"{_TABLE}style-name") not in hidden
                tables.append(FoundSheet(element.get(f"{_TABLE}name", ""), visible))
                line = 0
                if len(tables) > MOST_SHEETS:
                    raise TooLargeError(f"more than {MOST_SHEETS} sheets")
            elif event == "end":
                _forget(element)
        elif event == "end" and tables:
            line += 1
            tables[-1].merges += _merges(element, line)
            line += _count(element, _ROWS_REPEATED, MAX_ROWS) - 1
            if len(tables[-1].merges) > MOST_MERGES:
                raise TooLargeError(f"more than {MOST_MERGES:,} merged cells")
            _forget(element)
    return tables


def _merges(row: Any, line: int) -> Iterator[Merge]:
    column = 0
    for cell in row:
        if cell.tag in _CELLS:
            down, across = _count(cell, _ROWS_SPANNED, MAX_ROWS), _count(cell, _COLUMNS_SPANNED, _MOST_COLUMNS)
            if down > 1 or across > 1:
                yield Merge(line, line + down - 1, column, column + across - 1)
            column += _count(cell, _COLUMNS_REPEATED, _MOST_COLUMNS)


def _rows(path: Path, place: int) -> Iterator[SheetRow]:
    """Yield the rows of one sheet; a row that says it stands there many times is given so many times."""
    seen, line = -1, 0
    for event, element in _events(path, f"{_TABLE}table", f"{_TABLE}table-row"):
        if element.tag == f"{_TABLE}table":
            if event == "start" and not _is_nested(element):
                seen, line = seen + 1, 0
                if seen > place:
                    return
            elif event == "end":
                _forget(element)
        elif event == "end":
            times = _count(element, _ROWS_REPEATED, MAX_ROWS + 1)
            cells = _cells(element) if seen == place else []
            if cells and times > MOST_REPEATED:
                raise TooLargeError(f"line {line + 1} stands there {times:,} times")
            for number in range(times if cells else 0):
                yield SheetRow(line + number + 1, list(cells))
            line += times
            _forget(element)


def _cells(row: Any) -> list[str]:
    """Return what the cells of a row show, empty cells at its end left out."""
    cells: list[str] = []
    empty = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = _count(cell, _COLUMNS_REPEATED, _MOST_COLUMNS)
        text = "" if cell.tag == _CELLS[1] else _shown(cell)
        if not text:
            empty += times
            continue
        cells += [""] * empty + [text] * times
        empty = 0
        if len(cells) > MAX_CELLS // 1000:
            raise TooLargeError(f"a row has more than {MAX_CELLS // 1000:,} cells")
    return cells


def _shown(cell: Any) -> str:
    kind = cell.get(_VALUE_TYPE)
    if kind is None and not len(cell):
        return ""
    text = "\n".join([_paragraph(child) for child in cell if child.tag == _PARAGRAPH])
    if kind in ("float", "percentage", "currency"):
        return show_stored(text, cell.get(_VALUE, ""), percent=kind == "percentage")
    if kind == "date":
        return str(cell.get(f"{_OFFICE}date-value") or text).replace("T", " ")
    if kind == "boolean":
        return str(cell.get(f"{_OFFICE}boolean-value") or text).upper()
    return text or str(cell.get(f"{_OFFICE}string-value") or cell.get(f"{_OFFICE}time-value") or "")


def show_stored(text: str, value: str, *, percent: bool = False) -> str:
    """Return a number with the digits and signs of the text that was shown for it, the point where its value says.

    Args:
        text: what the author's program showed: ``1.299,00 €``, ``00012``, ``1.23E+12``.
        value: the number that is stored.
        percent: the text shows a hundred times the value.
    """
    try:
        number = abs(Decimal(value)) * (100 if percent else 1)
        plain = show_value(float(value), GENERAL)
    except (DecimalException, ValueError, OverflowError):
        return text
    found = _NUMBER.search(text)
    if found is None or not number.is_finite() or abs(number) > MAX_NUMBER:
        return text or plain
    if "e" in found.group().casefold() or len(_NUMBER.findall(text)) > 1:
        return plain
    digits = _digits(found.group())
    if len(digits) > MAX_DIGITS:
        return plain
    behind = len(re.split(r"\D", found.group())[-1])
    # First what the last sign of the text says: it decides where the value is nought.
    for decimals in (behind % len(digits), *range(len(digits))):
        shown = Decimal(digits).scaleb(-decimals)
        # A text is rounded to its decimals: half a unit of the last one, and a little for binary fractions.
        if abs(shown - number) * 2 <= Decimal("1.000001").scaleb(-decimals):
            whole = digits[: len(digits) - decimals]
            written = f"{whole}.{digits[len(digits) - decimals :]}" if decimals else digits
            return (text[: found.start()] + written + text[found.end() :]).strip()
    return plain


def _digits(text: str) -> str:
    """Return the digits of a text, those of other scripts as ours."""
    digits = re.sub(r"\D", "", text)
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _paragraph(element: Any) -> str:
    """Return the text of a paragraph with its spaces, tabs and line breaks, without what is noted beside it."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * _count(child, f"{_TEXT}c", 1000))
        elif child.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif isinstance(child.tag, str) and child.tag.startswith(_TEXT):
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _count(element: Any, name: str, most: int) -> int:
    """Return the number that an attribute holds, 1 where it is absent, as nearly all of them are."""
    written = element.get(name)
    return min(max(1, int(written)), most) if written is not None and written.isdecimal() else 1


def _is_nested(table: Any) -> bool:
    """Whether a table stands inside a cell of another."""
    return any(parent.tag in _CELLS for parent in table.iterancestors())


def _forget(element: Any) -> None:
    """Drop an element's content and all that stands before it, so that memory stays flat."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
