"""Parts of an XLSX package: which are its sheets, its texts and its styles; by relationships, not by names."""

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.readers.packages import TooLargeError
from catalog.readers.xml_parts import CHUNK, start_tags

MAX_HELD = 10_000_000
"""Bytes of a part that says how the others hang together."""
_USUAL_BOOK = "xl/workbook.xml"
_USUAL = {"sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet: what its tab says, whether it is shown, and the part that holds it."""

    name: str
    visible: bool
    part: str


@dataclass(frozen=True, slots=True)
class BookParts:
    """What a workbook consists of; ``texts`` and ``styles`` are ``None`` where it has none."""

    sheets: tuple[SheetPart, ...]
    texts: str | None
    styles: str | None
    since_1904: bool


@dataclass(frozen=True, slots=True)
class _Relation:
    kind: str
    target: str


def find_parts(package: zipfile.ZipFile) -> BookParts:
    """Find the parts of a workbook.

    Raises:
        KeyError: it has no list of sheets.
        TooLargeError: a part that is held in memory is too large.
    """
    # Names of parts are compared without case, and some programs write them with backslashes.
    present = {name.replace("\\", "/").casefold(): name for name in package.namelist()}
    book = _book(package, present)
    relations = _relations(package, present, book)
    sheets: list[SheetPart] = []
    since_1904 = False
    for name, attributes in start_tags(held_chunks(package, book)):
        if name == "workbookPr":
            since_1904 = attributes.get("date1904", "0") in ("1", "true", "on")
        elif name == "sheet":
            relation = relations.get(attributes.get("id", ""))
            part = present.get(relation.target) if relation and relation.kind == "worksheet" else None
            if part is not None:  # what is no worksheet (a chart, a macro sheet) has no rows
                visible = attributes.get("state", "visible") == "visible"
                sheets.append(SheetPart(attributes.get("name", ""), visible, part))
    found = {relation.kind: present.get(relation.target) for relation in relations.values()}
    texts, styles = (found.get(kind) or present.get(usual.casefold()) for kind, usual in _USUAL.items())
    return BookParts(tuple(sheets), texts, styles, since_1904)


def chunks_of(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part in pieces."""
    with package.open(part) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def held_chunks(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Yield a part that is kept in memory, in pieces.

    Raises:
        TooLargeError: it is larger than :data:`MAX_HELD`.
    """
    size = 0
    for chunk in chunks_of(package, part):
        size += len(chunk)
        if size > MAX_HELD:
            raise TooLargeError(f"its part {part[:100]} has more than {MAX_HELD:,} bytes")
        yield chunk


def _book(package: zipfile.ZipFile, present: dict[str, str]) -> str:
    relations = _relations(package, present, "")
    target = next((found.target for found in relations.values() if found.kind == "officeDocument"), _USUAL_BOOK)
    return present.get(target) or present[_USUAL_BOOK]


def _relations(package: zipfile.ZipFile, present: dict[str, str], part: str) -> dict[str, _Relation]:
    """Return what a part refers to, by the number that it uses for it; of the package itself for no part."""
    folder, name = posixpath.split(part.replace("\\", "/"))
    listed = present.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
    if listed is None:
        return {}
    relations: dict[str, _Relation] = {}
    for tag, attributes in start_tags(held_chunks(package, listed)):
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            whole = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").casefold()
            kind = attributes.get("Type", "").rpartition("/")[2]
            relations[attributes.get("Id", "")] = _Relation(kind, whole)
    return relations
