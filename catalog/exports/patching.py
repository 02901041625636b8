"""The supplier's own XLSX workbook with cells added to its rows: all else in it stays byte for byte.

A sheet's XML is passed through as a stream and only its rows are opened, so formats, widths, formulas with their stored
values, pictures and further sheets are what the supplier made of them. Writing the workbook anew would lose them.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO
from xml.sax.saxutils import quoteattr

from defusedxml.ElementTree import fromstring

from catalog.exports.cells import LAST_COLUMN, letters, number, string_cell
from catalog.exports.properties import PART, RELATION, TYPE, with_property

_WORKBOOK = "/officeDocument"
_SPACES = re.compile(r"\{[^}]*\}")
_ROW = re.compile(rb"<((?:\w+:)?)row((?:\s[^>]*?)?)(/?)>")
_CELL = re.compile(rb'<(?:\w+:)?c(?=[\s/>])(?:[^>]*?\sr="([A-Z]{1,3})\d+")?[^>]*?(?:/>|>.*?</(?:\w+:)?c>)', re.DOTALL)
_LINE = re.compile(rb'\sr="(\d+)"')
_SPANS = re.compile(rb'\sspans="[^"]*"')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):')
_DIMENSION = re.compile(rb'(<(?:\w+:)?dimension\s[^>]*?ref="(?:[A-Z]+\d+:)?)([A-Z]+)(\d+")')
_CHUNK = 1 << 18


class CannotPatchError(Exception):
    """The workbook can't take further columns in place; it has to be written anew."""


@dataclass(slots=True)
class Patch:
    """What becomes of one sheet.

    Attributes:
        headers: lines that get the names of the added columns.
        removed: columns (from 0) whose cells go: those of an earlier export.
        last_column: the last column that the supplier uses.
        kept_cells: by line, columns whose cells begin a merged area.
    """

    headers: Set[int]
    removed: Set[int]
    last_column: int = -1
    kept_cells: dict[int, set[int]] = field(default_factory=dict)


AddedCells = Callable[[str, Sequence[int]], Mapping[int, Sequence[str] | None]]
"""For a sheet's name and some lines: the texts to add to a line, ``None`` for a line that goes."""

_AT_ONCE = 200


def can_patch(path: Path) -> bool:
    """Say whether a workbook can be given back in place: in UTF-8, without macros, unsigned."""
    with zipfile.ZipFile(path) as package:
        types = package.read("[Content_Types].xml")
        return b"macroEnabled" not in types and not any("_xmlsignatures" in name for name in package.namelist())


def patch_workbook(
    path: Path,
    target: Path,
    sheets: Mapping[str, Patch],
    names: Sequence[str],
    added: AddedCells,
    properties: tuple[str, str],
) -> None:
    """Write a workbook with further cells.

    Args:
        path: the supplier's workbook.
        target: the file to write.
        sheets: the sheets that get cells, by name.
        names: of the added columns.
        added: what each line gets.
        properties: name and value of the custom property that the workbook gets.

    Raises:
        CannotPatchError: a sheet has no room for the columns, or is written in a way that this can't follow.
    """
    with zipfile.ZipFile(path) as package:
        parts = _sheet_parts(package)
        if not sheets.keys() <= parts.keys():
            raise CannotPatchError
        chosen = {parts[name]: (name, patch) for name, patch in sheets.items()}
        for part, (_, patch) in chosen.items():
            _measure(package, part, patch, len(names))
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
            for info in package.infolist():
                if info.filename == PART:
                    continue
                with package.open(info) as source, out.open(_fresh(info), "w", force_zip64=True) as sink:
                    if info.filename in chosen:
                        name, patch = chosen[info.filename]
                        _patch_sheet(source, sink, patch, names, partial(added, name))
                    elif info.filename in _LISTS and PART not in package.namelist():
                        sink.write(_with_entry(source.read(), _LISTS[info.filename]))
                    else:
                        while chunk := source.read(_CHUNK):
                            sink.write(chunk)
            before = package.read(PART) if PART in package.namelist() else None
            out.writestr(PART, with_property(before, *properties))


_LISTS = {
    "[Content_Types].xml": (
        '<Override xmlns="http://schemas.openxmlformats.org/package/2006/content-types" '
        f"PartName={quoteattr('/' + PART)} ContentType={quoteattr(TYPE)}/>"
    ),
    "_rels/.rels": (
        '<Relationship xmlns="http://schemas.openxmlformats.org/package/2006/relationships" '
        f'Id="rIdLexicart" Type={quoteattr(RELATION)} Target={quoteattr(PART)}/>'
    ),
}


def _fresh(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    fresh = zipfile.ZipInfo(info.filename, info.date_time)
    fresh.compress_type = zipfile.ZIP_DEFLATED
    fresh.external_attr = info.external_attr
    return fresh


def _with_entry(listing: bytes, entry: str) -> bytes:
    end = listing.rindex(b"</")
    return listing[:end] + entry.encode() + listing[end:]


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    book = _targets(package, "_rels/.rels", "")
    main = next((target for kind, target in book.values() if kind.endswith(_WORKBOOK)), None)
    if main is None:
        raise CannotPatchError
    folder, _, file = main.rpartition("/")
    related = _targets(package, f"{folder}/_rels/{file}.rels".lstrip("/"), folder)
    found = {}
    for element in fromstring(package.read(main)).iter():
        if _SPACES.sub("", element.tag) == "sheet":
            link = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
            if link in related:
                found[element.get("name", "")] = related[link][1]
    return found


def _targets(package: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return kind and part of every relation that a part of relations lists."""
    if part not in package.namelist():
        raise CannotPatchError
    found = {}
    for element in fromstring(package.read(part)):
        target = element.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else _joined(folder, target)
        found[element.get("Id", "")] = (element.get("Type", ""), path)
    return found


def _joined(folder: str, target: str) -> str:
    parts = [part for part in folder.split("/") if part]
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


# -- one sheet --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    line: int
    prefix: bytes
    attributes: bytes
    cells: bytes


def _pieces(source: IO[bytes]) -> Iterator[bytes | _Row]:
    """Yield a sheet's bytes, its rows opened."""
    buffer, place, line = b"", 0, 0
    while True:
        start = _ROW.search(buffer, place)
        end = b"" if start is None or start[3] else b"</" + start[1] + b"row>"
        stop = buffer.find(end, start.end()) if start is not None and end else None
        if start is None or stop == -1:
            chunk = source.read(_CHUNK)
            if chunk:
                passed = place if start is not None else max(place, len(buffer) - _CHUNK)
                if passed > place:
                    yield buffer[place:passed]
                buffer, place = buffer[passed:] + chunk, 0
                continue
            if start is not None:
                raise CannotPatchError
            yield buffer[place:]
            return
        if start.start() > place:
            yield buffer[place : start.start()]
        stated = _LINE.search(start[2])
        line = int(stated[1]) if stated else line + 1
        yield _Row(line, start[1], start[2], b"" if stop is None else buffer[start.end() : stop])
        place = start.end() if stop is None else stop + len(end)


def _measure(package: zipfile.ZipFile, part: str, patch: Patch, columns: int) -> None:
    """Find the last column in use and the merged cells; refuse a sheet that can't be followed."""
    with package.open(part) as source:
        head = source.read(200)
        if b"\0" in head or (b"encoding=" in head and b"utf-8" not in head.lower()):
            raise CannotPatchError
    tail = b""
    with package.open(part) as source:
        for piece in _pieces(source):
            if isinstance(piece, bytes):
                window = tail + piece
                for column, line in _MERGE.findall(window):
                    patch.kept_cells.setdefault(int(line), set()).add(number(column.decode()))
                tail = window[-200:]
                continue
            for cell in _CELL.finditer(piece.cells):
                if cell[1] is None:
                    raise CannotPatchError
                column = number(cell[1].decode())
                if column not in patch.removed:
                    patch.last_column = max(patch.last_column, column)
    if patch.last_column + columns >= LAST_COLUMN:
        raise CannotPatchError


def _patch_sheet(
    source: IO[bytes],
    sink: IO[bytes],
    patch: Patch,
    names: Sequence[str],
    added: Callable[[Sequence[int]], Mapping[int, Sequence[str] | None]],
) -> None:
    waiting: list[bytes | _Row] = []
    last = letters(patch.last_column + len(names)).encode()

    def flush() -> None:
        texts = added([piece.line for piece in waiting if isinstance(piece, _Row)])
        for piece in waiting:
            if isinstance(piece, bytes):
                sink.write(_DIMENSION.sub(rb"\g<1>" + last + rb"\g<3>", piece, count=1))
            else:
                own = names if piece.line in patch.headers else texts.get(piece.line, ())
                sink.write(_patched(piece, patch, own))
        waiting.clear()

    for piece in _pieces(source):
        waiting.append(piece)
        if len(waiting) >= 2 * _AT_ONCE:
            flush()
    flush()


def _patched(row: _Row, patch: Patch, texts: Sequence[str] | None) -> bytes:
    cells = row.cells
    if texts is None:
        kept = patch.kept_cells.get(row.line, set())
        cells = b"".join(one[0] for one in _CELL.finditer(cells) if number(one[1].decode()) in kept)
    elif patch.removed:
        cells = b"".join(one[0] for one in _CELL.finditer(cells) if number(one[1].decode()) not in patch.removed)
    new = "".join(
        string_cell(column, row.line, text) for column, text in enumerate(texts or (), patch.last_column + 1)
    ).encode()
    if row.prefix:
        new = new.replace(b"</", b"</" + row.prefix)
        new = re.sub(rb"<(?=[a-z])", b"<" + row.prefix, new)
    attributes = _SPANS.sub(b"", row.attributes).rstrip()
    if _LINE.search(attributes) is None:
        attributes += f' r="{row.line}"'.encode()
    return b"<" + row.prefix + b"row" + attributes + b">" + cells + new + b"</" + row.prefix + b"row>"
