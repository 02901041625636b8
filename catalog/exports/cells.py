"""Texts as spreadsheet files hold them: typed strings that no program takes for a formula or a number."""

import re
from xml.sax.saxutils import escape

_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""What XML can't hold, and the carriage return, which it would turn into a line feed."""

LAST_COLUMN = 16_384


def workbook_text(text: str) -> str:
    """Return a text in the escapes of workbooks (ECMA-376, ``ST_Xstring``): ``_x000D_`` for a carriage return."""
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", _LOOKS_ESCAPED.sub("_x005F_", text))


def string_cell(column: int, line: int, text: str) -> str:
    """Return a cell that holds a string and nothing else.

    Args:
        column: from 0.
        line: from 1.
        text: as people read it; an empty one gives no cell.
    """
    if not text:
        return ""
    place = f"{letters(column)}{line}"
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(workbook_text(text))}</t></is></c>'


def letters(column: int) -> str:
    """Return a column's letters: ``A`` for 0, ``AA`` for 26."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def number(name: str) -> int:
    """Return a column's number from 0; the inverse of :func:`letters`."""
    found = 0
    for letter in name:
        found = found * 26 + ord(letter) - 64
    return found - 1
