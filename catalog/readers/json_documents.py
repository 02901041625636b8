"""JSON documents and JSON Lines.

A document may be a list of products or hold one anywhere; the list that holds most is taken. Both formats are read line
by line through a push parser, so that every record knows its line and a file of one endless line needs no memory.
Numbers keep their digits: ``34.90`` stays ``34.90``.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.errors import UnreadableFileError
from catalog.model import RowError
from catalog.readers.base import FileShape, Record
from catalog.readers.encoding import decide_encoding
from catalog.readers.flattening import MAX_DEPTH, Entries, Node, depth_of, flatten
from catalog.readers.json_events import KEYED, BrokenJsonError, JsonSource, beginning_of, opening_at, read_steps
from catalog.readers.text import MAX_CELL, checked, read_lines, read_pieces, show, too_long

_COLUMNS_FROM = 200
"""Records from which the columns of a file without a header are gathered."""

_DEEPEST_KEYS = 3
MOST_BREAKS = 1_000
"""Syntax errors after which reading ends: what is broken so often is no catalog."""


class JsonReader:
    """Reads the largest list of objects in a JSON document; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "json"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = ""
        self._place: tuple[str, ...] = ()
        self._by_line = True

    def shape(self) -> FileShape:
        """Say how the document is understood.

        Raises:
            UnreadableFileError: it holds no list of objects, or is broken before the first one ends.
        """
        self._understand()
        return FileShape(self.format, self._encoding, None, None, gather_columns(self.records()))

    def records(self) -> Iterator[Record | RowError]:
        """Yield every record, in order.

        After a syntax error reading goes on with the next record that begins on a line of its own as the ones before
        did; where records do not, nothing more can be told apart, and reading ends.
        """
        self._understand()
        for number, found in enumerate(self._objects(), 1):
            if isinstance(found, RowError):
                yield found
                continue
            line, node = found
            record = to_record(line if self._by_line else number, node)
            if record is not None:
                yield record

    def _objects(self) -> Iterator[tuple[int, Node] | RowError]:
        source = JsonSource(read_pieces(self._path, self._encoding))
        opening = ""
        beginning: re.Pattern[str] | None = None
        for _ in range(MOST_BREAKS):
            builder = _Builder(self._place)
            try:
                for line, event, value in read_steps(self._path, source, opening):
                    was_outside = not builder.stack
                    found = builder.take(line, event, value)
                    if was_outside and builder.stack and self._by_line:
                        beginning = beginning_of(source.text) or beginning
                    if found is not None:
                        yield found
                    elif builder.size > MAX_CELL:
                        raise too_long(self._path, line)
                return
            except BrokenJsonError as problem:
                yield broken_json(problem.line, str(problem))
            if beginning is None or not source.skip_to(beginning):
                return
            opening = opening_at(self._place)
        yield broken_json(source.line, f"more than {MOST_BREAKS} errors: reading ends here")

    def _understand(self) -> None:
        if not self._encoding:
            encoding = decide_encoding(self._path)
            self._place, self._by_line = _find_list(self._path, encoding)
            self._encoding = encoding


class JsonLinesReader:
    """Reads one JSON object a line; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "jsonl"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = ""

    def shape(self) -> FileShape:
        """Say how the file is understood.

        Raises:
            UnreadableFileError: no line holds an object.
        """
        columns = gather_columns(self.records())
        if not columns and not any(isinstance(found, Record) for found in self.records()):
            raise UnreadableFileError(
                self._path.name, "no line of this file is a JSON object: one object a line is needed"
            )
        return FileShape(self.format, self._encoding, None, None, columns)

    def records(self) -> Iterator[Record | RowError]:
        """Yield every record, in order; a broken line is refused and the next one read."""
        self._encoding = self._encoding or decide_encoding(self._path)
        for piece in read_lines(self._path, self._encoding):
            if not piece.text.strip():
                continue
            record = _parse_line(piece.line, piece.text)
            if record is not None:
                yield record


def gather_columns(records: Iterator[Record | RowError]) -> tuple[str, ...]:
    """Return the columns of the first records in the order of their first appearance, a repeated one once."""
    columns: dict[str, None] = {}
    for found in islice(records, _COLUMNS_FROM):
        if isinstance(found, Record):
            columns.update(dict.fromkeys(column for column, _ in found.cells))
    return tuple(columns)


def to_record(line: int, node: Node) -> Record | RowError | None:
    """Return a node as a record, its refusal, or ``None`` where it holds no value."""
    if depth_of(node) > MAX_DEPTH:
        reason = f"the record is nested more than {MAX_DEPTH} levels deep: flatten it"
        return RowError(line, None, None, None, reason, "nested_too_deep")
    cells = flatten(node)
    return checked(Record(line, cells)) if cells else None


def broken_json(line: int, reason: str) -> RowError:
    """Return the error for JSON that can't be parsed."""
    return RowError(line, None, None, None, f"this is no valid JSON ({reason}): correct it", "broken_json")


def _parse_line(line: int, text: str) -> Record | RowError | None:
    try:
        node = json.loads(
            text, object_pairs_hook=_entries, parse_float=str, parse_int=str, parse_constant=_refuse_constant
        )
    except RecursionError:
        return broken_json(line, "nested too deep")
    except ValueError as problem:
        error = broken_json(line, str(problem))
        return RowError(line, None, None, show(text.strip()), error.reason, error.code)
    if not isinstance(node, Entries):
        return broken_json(line, "the line holds no object")
    return to_record(line, node)


def _entries(pairs: list[tuple[str, Any]]) -> Entries:
    return Entries((name, _scalar(value)) for name, value in pairs)


def _scalar(value: Any) -> Node:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not isinstance(value, Entries):
        return [_scalar(child) for child in value]
    if isinstance(value, Decimal):
        return format(value, "f") if value.as_tuple().exponent in range(-40, 1) else str(value)
    return str(value) if isinstance(value, int) else value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


@dataclass(slots=True)
class _Builder:
    """Builds the objects of the list at ``place`` from events; ``place`` holds a key or ``[]`` for each level."""

    place: tuple[str, ...]
    path: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    stack: list[Any] = field(default_factory=list)
    key: str | None = None
    line: int = 0
    size: int = 0

    def take(self, line: int, event: str, value: Any) -> tuple[int, Node] | None:
        """Take one event; return an object of the list with its line once it is complete."""
        if not self.stack:
            if event == "start_map" and _stands_at(self.path, self.place):
                self.size = 0
                self.stack, self.keys, self.line = [Entries()], [""], line
                self.key = self.path[-1] if self.place[-1] == KEYED else None
            else:
                _follow(self.path, event, value)
            return None
        if event == "map_key":
            self.keys[-1] = value
        elif event in ("start_map", "start_array"):
            child: Any = Entries() if event == "start_map" else []
            self._put(child)
            self.stack.append(child)
            self.keys.append("")
        elif event in ("end_map", "end_array"):
            done = self.stack.pop()
            self.keys.pop()
            if not self.stack:
                return self.line, done if self.key is None else _with_key(done, self.key)
        else:
            self._put(_scalar(value))
        return None

    def _put(self, child: Any) -> None:
        parent = self.stack[-1]
        self.size += len(child) + 8 if isinstance(child, str) else 8
        parent.append((self.keys[-1], child) if isinstance(parent, Entries) else child)


def _stands_at(path: list[str], place: tuple[str, ...]) -> bool:
    if place and place[-1] == KEYED:
        return len(path) == len(place) and path[-1] != "[]" and tuple(path[:-1]) == place[:-1]
    return tuple(path) == place


def _with_key(record: Entries, key: str) -> Entries:
    """Return a record with the key under which it stands, unless it says that itself."""
    if any(value == key for _, value in record):
        return record
    taken = {name.casefold() for name, _ in record}
    return Entries([("key" if "sku" in taken else "sku", key), *record])


def _follow(path: list[str], event: str, value: Any) -> None:
    """Keep ``path`` at the place in the document where the next value will stand."""
    if event == "map_key":
        path[-1] = value
    elif event == "start_map":
        path.append("")
    elif event == "start_array":
        path.append("[]")
    elif event in ("end_map", "end_array"):
        path.pop()


@dataclass(slots=True)
class _Listed:
    """What is known of the objects at one place: their values, first lines, and the keys that they share."""

    values: int = 0
    objects: int = 0
    lines: list[int] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)

    @property
    def alike(self) -> bool:
        """Whether two or more objects have two keys in common: records, rather than sections of a document."""
        common = self.keys.most_common(2)
        return self.objects > 1 and len(common) == 2 and common[-1][1] * 2 > self.objects


def _find_list(path: Path, encoding: str) -> tuple[tuple[str, ...], bool]:
    """Return the place of the objects that hold most values, and whether these begin on lines of their own.

    They stand in a list, or in an object under their article numbers. Lists within the objects of a list (variants,
    images) count for the list around them.
    """
    places: dict[tuple[str, ...], _Listed] = {}
    broken: BrokenJsonError | None = None
    try:
        for line, event, value, here, owners in _owned(path, encoding):
            for place in owners:
                found = places.setdefault(place, _Listed())
                if event == "start_map" and len(here) == len(place):
                    found.objects += 1
                    found.lines += [line] if len(found.lines) < 2 else []
                elif event == "map_key" and len(here) == len(place) + 1 and len(found.keys) < 1_000:
                    found.keys[value] += 1
                elif event not in _STRUCTURE:
                    found.values += 1
            if len(places) > 10_000:
                break
    except BrokenJsonError as problem:
        broken = problem
    lists = {place: found for place, found in places.items() if place[-1] == "[]" and found.values}
    keyed = {place: found for place, found in places.items() if place[-1] == KEYED and found.alike}
    best = max(lists, key=lambda place: lists[place].values, default=None)
    best_keyed = max(keyed, key=lambda place: keyed[place].values, default=None)
    if best_keyed is not None and (best is None or keyed[best_keyed].values > 2 * lists[best].values):
        best = best_keyed
    if best is None:
        reason = f"broken JSON ({broken})" if broken else "no list of objects in this document"
        raise UnreadableFileError(path.name, f"{reason}: send a list of products", broken.line if broken else None)
    lines = places[best].lines
    return best, len(lines) < 2 or lines[0] != lines[1]


_STRUCTURE = ("start_map", "start_array", "end_map", "end_array", "map_key")


def _owned(path: Path, encoding: str) -> Iterator[tuple[int, str, Any, list[str], list[tuple[str, ...]]]]:
    """Yield the events with the path before each, and the places of the lists and objects that may be records of."""
    here: list[str] = []
    listed: tuple[str, ...] | None = None
    keyed: list[tuple[str, ...]] = []
    for line, event, value in read_steps(path, JsonSource(read_pieces(path, encoding))):
        if event == "start_map" and here and listed is None:
            if here[-1] == "[]":
                listed = tuple(here)
            elif "[]" not in here and len(here) <= _DEEPEST_KEYS:
                keyed.append((*here[:-1], KEYED))
        yield line, event, value, here, keyed if listed is None else [*keyed, listed]
        _follow(here, event, value)
        if event == "end_map":
            if listed is not None and len(here) == len(listed):
                listed = None
            if keyed and len(here) == len(keyed[-1]):
                keyed.pop()
