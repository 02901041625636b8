"""The table of texts that the cells of an XLSX workbook share, and how its texts are written.

Held as one run of UTF-8 with the places where texts end: 1,200,000 texts take 9 MiB beside their letters, where as many
Python strings take 65 MiB and more.
"""

import re
from array import array
from collections.abc import Iterable

from catalog.readers.packages import TooLargeError
from catalog.readers.xml_parts import DEEPEST, XmlStream, kinds_of, too_deep

MAX_SIZE = 200_000_000
"""Bytes of the table, markup included."""
MAX_TEXTS = 8_000_000
MAX_TEXT_SIZE = 12_000_000
"""Bytes of one text with its markup; Excel's longest cell has 32,767 characters."""
NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""Of the transitional and of the strict variant."""
_KINDS = kinds_of(NAMESPACES, ("si", "t", "rPh"))
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def unescape(text: str) -> str:
    """Return a text with ``_xHHHH_`` replaced by its character, as ECMA-376 says (ST_Xstring); ``_x005F_`` is ``_``."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
    return _HALVES.sub(lambda match: match.group().encode("utf-16", "surrogatepass").decode("utf-16"), text)


class SharedTexts:
    """The texts by their numbers.

    Args:
        chunks: the part of the workbook that holds them.

    Raises:
        TooLargeError: there are more of them, or longer ones, than are read.
    """

    def __init__(self, chunks: Iterable[bytes] = ()) -> None:
        self._content = bytearray()
        self._ends = array("Q", [0])
        _fill(self, chunks)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(f"there is no text {number}")
        return self._content[self._ends[number] : self._ends[number + 1]].decode("utf-8", "surrogatepass")

    def add(self, text: str) -> None:
        """Add the next text."""
        self._content += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._content))


def _fill(table: SharedTexts, chunks: Iterable[bytes]) -> None:
    size = silent = 0
    events = _Events(table)
    for chunk in chunks:
        before = len(table)
        events.stream.feed(chunk)
        size += len(chunk)
        silent = 0 if len(table) > before else silent + len(chunk)
        if size > MAX_SIZE:
            raise TooLargeError(f"its table of texts has more than {MAX_SIZE:,} bytes")
        if len(table) > MAX_TEXTS:
            raise TooLargeError(f"its table of texts has more than {MAX_TEXTS:,} texts")
        if silent > MAX_TEXT_SIZE:
            raise TooLargeError(f"a cell has more than {MAX_TEXT_SIZE:,} bytes")
    if size:
        events.stream.feed(b"", last=True)


class _Events:
    """Gathers the pieces of each text; how it is to be spoken (``rPh``) is not part of it."""

    def __init__(self, table: SharedTexts) -> None:
        self.stream = XmlStream()
        self._table = table
        self._letters: list[str] = []
        self._pieces: list[str] = []
        self._depth = 0
        self._spoken = 0
        self.stream.parser.StartElementHandler = self._start
        self.stream.parser.EndElementHandler = self._end
        self.stream.parser.CharacterDataHandler = self._letters.append

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise too_deep()
        kind = _KINDS.get(name)
        if kind == "t":
            self._letters.clear()
        elif kind == "si":
            self._letters.clear()
            self._pieces.clear()
        elif kind == "rPh":
            self._spoken += 1

    def _end(self, name: str) -> None:
        self._depth -= 1
        kind = _KINDS.get(name)
        if kind == "t":
            if not self._spoken:
                self._pieces.extend(self._letters)
            self._letters.clear()
        elif kind == "si":
            self._table.add(unescape("".join(self._pieces)))
        elif kind == "rPh":
            self._spoken -= 1
