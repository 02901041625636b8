"""XML of workbooks read by expat, as a stream and in bounded memory: no document types, no entities, no deep nesting.

expat calls Python functions with each tag; a tree of libxml2 costs twice the time for sheets, because every cell of it
becomes a Python object.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from catalog.readers.packages import TooLargeError

CHUNK = 1 << 16
DEEPEST = 100
"""Elements inside each other; those of a sheet have six, drawings and extensions a few more."""
MOST_NAMES = 10_000
"""Different tags and attributes: expat keeps each of them until the end, and a sheet has about a hundred."""


class DeclaredEntityError(ValueError):
    """A part of a workbook has a document type, where entities are declared; no spreadsheet program writes one."""


class XmlStream:
    """Feeds XML to handlers that the caller sets on :attr:`parser`; tags come as ``namespace}name``.

    Args:
        encoding: what the bytes are, against what the document declares; ``None`` to believe it.
    """

    def __init__(self, encoding: str | None = None) -> None:
        from xml.parsers.expat import ParserCreate

        self._names: dict[str, str] = {}
        self.parser: Any = ParserCreate(encoding, "}", self._names)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse_declaration

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Parse a piece; ``last`` says that the document must be complete.

        Raises:
            xml.parsers.expat.ExpatError: it is no XML.
            DeclaredEntityError: it has a document type.
            TooLargeError: too many different names.
        """
        self.parser.Parse(chunk, last)
        if len(self._names) > MOST_NAMES:
            raise TooLargeError(f"a part has more than {MOST_NAMES:,} different names of elements")


def _refuse_declaration(*_: object) -> None:
    raise DeclaredEntityError("it declares XML entities, which no spreadsheet program writes")


def too_deep() -> TooLargeError:
    """Return the error for elements that stand too deep inside each other."""
    return TooLargeError(f"a part has more than {DEEPEST} elements inside each other")


def start_tags(chunks: Iterable[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the local name of each start tag with its attributes, local names too, in the order of the document.

    Raises:
        xml.parsers.expat.ExpatError: it is no XML.
        DeclaredEntityError: it has a document type.
        TooLargeError: it is nested too deep, or has too many different names.
    """
    stream = XmlStream()
    found: list[tuple[str, dict[str, str]]] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise too_deep()
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    stream.parser.StartElementHandler = start
    stream.parser.EndElementHandler = end
    for chunk in chunks:
        stream.feed(chunk)
        yield from found
        found.clear()
    stream.feed(b"", last=True)


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def kinds_of(namespaces: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Map the full names of elements to their short ones; also without any namespace, as some programs write them."""
    names = tuple(names)
    full: dict[str, str] = {f"{space}}}{name}": name for space in namespaces for name in names}
    return full | {name: name for name in names}
