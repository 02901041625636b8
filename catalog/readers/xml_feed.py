"""XML feeds: Google Merchant as RSS or Atom, and any file in which one element repeats.

The element that is a product is found by itself. Parsing is a stream; document types are not loaded, files that
declare entities are refused, nothing is ever fetched, and libxml2's own limits on depth and length stay on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers.ampersands import Ampersands
from catalog.readers.base import FileShape, Record
from catalog.readers.encoding import honour_declared
from catalog.readers.flattening import Node, words
from catalog.readers.json_documents import gather_columns, to_record
from catalog.readers.offers import CategoryTree, complete
from catalog.readers.text import MAX_CELL, Piece, head_text, mark_half_characters, read_pieces, too_long
from catalog.readers.xml_nodes import local_name, text_of, to_node

_RECORD_NAMES = words(
    "product item entry offer article good position produkt produit producto prodotto produto artikel artículo "
    "articolo artigo urun ürün товар 商品 상품 shopitem record row"
)
_VARIANT_NAMES = words("variant variation option size sku child combination")

_DECLARED = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")
_MOST_PATHS = 5_000
_MOST_ELEMENTS = 100_000
_LONGEST_PROLOG = 1_000_000
MOST_READ_AGAIN = 500_000_000
"""Bytes that are passed over once more, all errors of a file together; about five seconds."""


class XmlReader:
    """Reads the repeated element of an XML file; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "xml"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = ""
        self._place: tuple[str, ...] = ()
        self._by_line = True
        self._tree = CategoryTree()

    def shape(self) -> FileShape:
        """Say how the feed is understood.

        Raises:
            UnreadableFileError: it declares entities, or no element in it looks like a product.
        """
        self._understand()
        return FileShape(self.format, self._encoding, None, None, gather_columns(self.records()))

    def records(self) -> Iterator[Record | RowError]:
        """Yield every record, in order.

        Where the XML is broken, reading goes on with the next record that begins on a line of its own; where records
        do not, nothing more can be told apart, and reading ends.
        """
        self._understand()
        number = 0
        for found in self._elements():
            if isinstance(found, RowError):
                yield found
                continue
            line, element = found
            number += 1
            record = to_record(line if self._by_line else number, self.node_of(element))
            if record is not None:
                yield record

    def node_of(self, element: Any) -> Node:
        """Return a record's element as the tree that ``flattening`` knows."""
        return complete(to_node(element, is_record=True), self._tree)

    def _elements(self) -> Iterator[tuple[int, Any] | RowError]:
        opening: Opening | None = None
        pieces = read_pieces(self._path, self._encoding)
        done = again = 0
        while again <= MOST_READ_AGAIN:
            try:
                for line, element in elements_at(self._path, pieces, self._place, opening):
                    if opening is None and self._by_line:
                        opening = Opening.of(element)
                    done = line
                    yield line, element
                return
            except BrokenXmlError as problem:
                reason = f"the XML is broken here ({problem}): correct it and send it again"
                yield RowError(problem.line, None, None, None, reason, "broken_xml")
                done = max(done, problem.line)
            # libxml2 may tell only at the end of the file that it gave up in the middle.
            again += self._path.stat().st_size
            pieces = read_pieces(self._path, self._encoding)
            opening = None if opening is None else opening.skip_to(pieces, done)
            if opening is None or opening.piece is None:
                return
            done = opening.piece.line
        yield RowError(done, None, None, None, "broken too often to be read any further", "broken_xml")

    def _understand(self) -> None:
        if not self._encoding:
            with self._path.open("rb") as file:
                declared = _DECLARED.search(head_text(file.read(1024)))
            encoding = honour_declared(self._path, declared.group(1) if declared else None)
            places, broken = _survey(self._path, encoding, self._tree)
            self._place = self.place_among(places, broken)
            lines = places[self._place].lines
            self._by_line = len(lines) < 2 or lines[0] != lines[1]
            self._encoding = encoding

    def place_among(self, places: "dict[tuple[str, ...], Place]", broken: "BrokenXmlError | None") -> tuple[str, ...]:
        """Return the path of the element that is a product.

        Raises:
            UnreadableFileError: there is none.
        """
        return _find_record(self._path, places, broken)


class BrokenXmlError(Exception):
    """XML that can't be parsed, and the line on which that shows."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        super().__init__(reason)


@dataclass(slots=True)
class Opening:
    """How a new parser is brought to where a record may begin, after the old one gave up.

    Attributes:
        tags: the start tags of the elements around the records, name spaces included.
        record: what a record's start tag begins with.
        piece: the line at which to go on.
        skipped: characters of it before the record.
    """

    tags: str
    record: re.Pattern[str]
    piece: Piece | None = None
    skipped: int = 0

    @classmethod
    def of(cls, element: Any) -> "Opening":
        """Learn it from a record."""
        around = list(element.iterancestors())[::-1]
        spaces = {prefix: uri for node in (*around, element) for prefix, uri in node.nsmap.items()}
        declared = "".join(f" xmlns{':' + key if key else ''}={quoteattr(uri)}" for key, uri in spaces.items())
        tags = "".join(f"<{_written(node)}{declared}>" for node in around)
        return cls(tags, re.compile(rf"<{re.escape(_written(element))}(?=[\s/>])"))

    def skip_to(self, pieces: Iterator[Piece], line: int) -> "Opening | None":
        """Return the opening at the next record below a line, or ``None`` where there is none."""
        for piece in pieces:
            found = self.record.search(piece.text) if piece.line > line else None
            if found is not None:
                return Opening(self.tags, self.record, piece, found.start())
        return None

    def pieces(self) -> Iterator[Piece]:
        """Yield what a new parser reads first."""
        if self.piece is not None:
            yield Piece(self.piece.line, self.tags + self.piece.text[self.skipped :])


def _steps(path: Path, pieces: Iterator[Piece], opening: Opening | None = None) -> Iterator[tuple[int, str, Any]]:
    """Yield the parser's events, each with the line on which its tag begins.

    Raises:
        UnreadableFileError: the document declares entities, or a text is longer than the limit.
        BrokenXmlError: it can't be parsed.
    """
    from lxml import etree

    parser, ampersands = _parser(), Ampersands()
    resumed = opening is not None and opening.piece is not None
    line = bracket_line = 1
    silent = 0
    prolog: str | None = None if resumed else ""
    try:
        for piece in chain(opening.pieces() if opening and resumed else (), pieces):
            line = piece.line
            if prolog is not None:
                prolog = _checked_prolog(path, prolog + piece.text, line)
            text = ampersands.mended(mark_half_characters(piece.text), ends_line=piece.ends_line)
            parser.feed(text.encode())
            silent += len(piece.text)
            for event, element in parser.read_events():
                prolog, silent = None, 0
                # No "<" may stand inside a tag: one that began above began at the last "<" above.
                yield line if f"<{_written(element)}" in piece.text else bracket_line, event, element
            if silent > MAX_CELL:
                raise too_long(path, line)
            if "<" in piece.text:
                bracket_line = line
        parser.close()
    except etree.XMLSyntaxError as problem:
        if "too long" in str(problem):  # libxml2's own limit of a text, a little above ours
            raise too_long(path, line) from problem
        begun = opening.piece.line if opening is not None and opening.piece is not None else 1
        told = begun + (problem.lineno or 1) - 1
        what = re.sub(r",? ?\(?(?:<string>, )?line \d+(?:, column \d+)?\)?", "", str(problem))
        raise BrokenXmlError(min(line, told), what[:160]) from problem


def _parser() -> Any:
    from lxml import etree

    # Without collect_ids=False: it makes libxml2 load the document type, from any file or device that it names.
    return etree.XMLPullParser(
        ("start", "end"), encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _checked_prolog(path: Path, prolog: str, line: int) -> str:
    if "<!ENTITY" in prolog:
        reason = "the file declares XML entities, which no catalog needs: write the texts out and send it again"
        raise UnreadableFileError(path.name, reason, line)
    if len(prolog) > _LONGEST_PROLOG:
        raise UnreadableFileError(path.name, "a million characters before the first element: this is no catalog", line)
    return prolog


def elements_at(
    path: Path, pieces: Iterator[Piece], place: tuple[str, ...], opening: Opening | None = None
) -> Iterator[tuple[int, Any]]:
    """Yield each element at ``place`` with its line; the tree behind it is thrown away.

    Raises:
        UnreadableFileError: an element is larger than the limits.
        BrokenXmlError: the document can't be parsed.
    """
    here: list[str] = []
    begun: int | None = None
    size = 0
    for line, event, element in _steps(path, pieces, opening):
        if event == "start":
            here.append(element.tag)
            size += 1
            if begun is None and tuple(here) == place:
                begun, size = line, 0
            if begun is not None and size > _MOST_ELEMENTS:
                raise too_long(path, begun)
            continue
        if begun is not None and tuple(here) == place:
            yield begun, element
            begun = None
        here.pop()
        if begun is None:
            _forget(element)


def elements_named(path: Path, pieces: Iterator[Piece], names: frozenset[str]) -> Iterator[Any]:
    """Yield the outermost elements of some folded local names; the tree behind them is thrown away.

    Raises:
        BrokenXmlError: the document can't be parsed.
    """
    inside = 0
    for _, event, element in _steps(path, pieces):
        wanted = local_name(element.tag) in names
        if event == "start":
            inside += wanted
            continue
        if wanted:
            inside -= 1
            if not inside:
                yield element
        if not inside:
            _forget(element)


@dataclass(slots=True)
class Place:
    """What is known of the elements at one path: how many there are and how many values they hold."""

    elements: int = 0
    values: int = 0
    own_values: int = 0
    lines: list[int] = field(default_factory=list)


def _find_record(path: Path, places: dict[tuple[str, ...], Place], broken: BrokenXmlError | None) -> tuple[str, ...]:
    known = {
        place: found for place, found in places.items() if found.values >= max(1, 2 * found.elements) and len(place) > 1
    }
    total = max((found.values for found in known.values()), default=0)
    named = [place for place in known if local_name(place[-1]) in _RECORD_NAMES and known[place].values * 3 >= total]
    repeated = [place for place in known if known[place].elements > 1]
    candidates = named or repeated or list(known)
    if not candidates:
        raise no_record(path, broken)
    best = max(candidates, key=lambda place: (known[place].values, -len(place)))
    return best if named else _inner_record(best, known)


def no_record(path: Path, broken: BrokenXmlError | None) -> UnreadableFileError:
    """Return the error for a document in which no element is a product."""
    reason = f"broken XML ({broken})" if broken else "no element of this file looks like a product"
    return UnreadableFileError(path.name, f"{reason}: send one element a product", broken.line if broken else None)


def _inner_record(outer: tuple[str, ...], places: dict[tuple[str, ...], Place]) -> tuple[str, ...]:
    """Return the products inside when ``outer`` only groups them (a category that holds its articles)."""
    group = places[outer]
    inside = [
        place
        for place, found in places.items()
        if len(place) > len(outer)
        and place[: len(outer)] == outer
        and found.elements > group.elements
        and found.values * 10 >= group.values * 7
        and found.values >= 3 * found.elements
        and local_name(place[-1]) not in _VARIANT_NAMES
    ]
    if group.own_values > 3 * group.elements or not inside:
        return outer
    return max(inside, key=lambda place: (places[place].values, -len(place)))


def _survey(
    path: Path, encoding: str, tree: CategoryTree
) -> tuple[dict[tuple[str, ...], Place], BrokenXmlError | None]:
    places: dict[tuple[str, ...], Place] = {}
    here: list[str] = []
    values = [0]
    try:
        for line, event, element in _steps(path, read_pieces(path, encoding)):
            if event == "start":
                here.append(element.tag)
                values.append(0)
                place = places.setdefault(tuple(here), Place())
                if len(place.lines) < 2:
                    place.lines.append(line)
                if len(places) > _MOST_PATHS:
                    reason = f"more than {_MOST_PATHS} different kinds of elements: this is no catalog"
                    raise UnreadableFileError(path.name, reason, line)
            else:
                place = places[tuple(here)]
                inside = values.pop()
                own = len(element.attrib)
                is_leaf = not inside and _has_text(element)
                place.elements += 1
                place.values += inside + own + is_leaf
                place.own_values += own
                values[-1] += inside + own + is_leaf
                here.pop()
                if is_leaf and tuple(here) in places:
                    places[tuple(here)].own_values += 1
                if not inside:
                    tree.add(element, text_of)
                _forget(element)
    except BrokenXmlError as problem:
        return places, problem
    return places, None


def _has_text(element: Any) -> bool:
    return bool((element.text or "").strip()) or any(not isinstance(child.tag, str) for child in element)


def _forget(element: Any) -> None:
    """Drop an element's content and all that stands before it, so that memory stays flat."""
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _written(element: Any) -> str:
    local = local_name(element.tag, fold=False)
    return f"{element.prefix}:{local}" if element.prefix else local
