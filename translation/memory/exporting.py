"""The memory into a TMX file: what was given, imported and corrected.

A supplier's file holds that supplier's memory and the spreading corrections of its texts, which win; without a supplier
it is the installation's memory, which holds for all. Corrections ``--only-here`` are one product's and stay out. A
corrected description is written sentence by sentence where correction and source have the same blocks and as many
sentences; where they have not, no sentence has a translation of its own, and it is counted as unaligned.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from catalog.database import reading
from catalog.model import ProductText
from catalog.tables import corrections, memory, texts
from translation.memory.entries import context_digest
from translation.memory.tmx import KINDS, Place
from translation.memory.tmx_writing import Entry, write
from translation.model import Segment, digest
from translation.segments import Piece, pieces

_STREAMED = 1_000
_BLOCK = re.compile(r"<[^<>]*>")

_Key = tuple[str, str, str]
"""Source language, digest of the source text, context."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What a file holds.

    Attributes:
        units: source texts.
        translations: their translations.
        corrections: those of them that a person made.
        unaligned: corrected texts that are no sentences of their source and were left out.
    """

    units: int
    translations: int
    corrections: int
    unaligned: int


@dataclass(slots=True)
class _Corrected:
    """What people corrected, by source; mutable while the corrections are read."""

    texts: dict[_Key, str]
    targets: dict[_Key, dict[str, str]]
    unaligned: int = 0

    def add(self, segment: Segment, target: str, translation: str) -> None:
        key = (segment.lang, digest(segment.text), context_digest(segment.kind, segment.context))
        self.texts[key] = segment.text
        self.targets.setdefault(key, {})[target] = translation


def export_tmx(
    engine: Engine, path: Path, supplier: str = "", source: str | None = None, target: str | None = None
) -> ExportReport:
    """Write the memory of a supplier, or of the installation where ``supplier`` is empty.

    Args:
        engine: of the store.
        path: the file to write; it is replaced when it is there.
        supplier: whose memory.
        source: only texts in this language.
        target: only translations into this language.

    Raises:
        UsageError: the file can't be written.
    """
    with reading(engine) as connection:
        corrected = _corrected(connection, supplier, source, target)
        made = sum(len(targets) for targets in corrected.targets.values())
        rows = _memory_rows(connection, supplier, source, target)
        units, translations = write(path, _entries(rows, corrected, _places(connection, supplier)))
    return ExportReport(units, translations, made, corrected.unaligned)


def _memory_rows(connection: Connection, supplier: str, source: str | None, target: str | None) -> Iterator[Row[Any]]:
    query = select(memory).where(memory.c.supplier == supplier)
    if source is not None:
        query = query.where(memory.c.source_lang == source)
    if target is not None:
        query = query.where(memory.c.target_lang == target)
    query = query.order_by(memory.c.source_lang, memory.c.source, memory.c.context, memory.c.target_lang)
    yield from connection.execute(query, execution_options={"yield_per": _STREAMED})


def _corrected(connection: Connection, supplier: str, source: str | None, target: str | None) -> _Corrected:
    """Read the newest spreading correction of each text; people made them, so that they fit in memory."""
    found = _Corrected({}, {})
    newest = select(func.max(corrections.c.id)).where(corrections.c.supplier == supplier, corrections.c.only_here == 0)
    query = (
        select(texts, corrections.c.lang.label("target"), corrections.c.text.label("correction"))
        .join(corrections, corrections.c.basis == texts.c.digest)
        .where(corrections.c.id.in_(newest.group_by(corrections.c.basis, corrections.c.lang)))
        .order_by(corrections.c.id)
    )
    for row in connection.execute(query):
        if source not in (None, row.lang) or target not in (None, row.target):
            continue
        pairs = aligned(ProductText("", row.kind, row.context, row.text), row.lang, row.correction, row.target)
        found.unaligned += not pairs
        for segment, translation in pairs:
            found.add(segment, row.target, translation)
    return found


def aligned(text: ProductText, lang: str, correction: str, target: str) -> list[tuple[Segment, str]]:
    """Return each segment of a text with its translation in a correction; none where they do not correspond."""
    ours = pieces(text, lang)
    theirs = pieces(ProductText(text.field, text.kind, text.context, correction), target)
    pairs = [(one, other.text) for one, other in zip(_segments(ours), _segments(theirs), strict=False)]
    same = len(_segments(ours)) == len(_segments(theirs)) and _blocks(ours) == _blocks(theirs)
    return pairs if same else []


def _segments(cut: tuple[Piece, ...]) -> list[Segment]:
    return [piece for piece in cut if isinstance(piece, Segment)]


def _blocks(cut: tuple[Piece, ...]) -> list[str]:
    return [tag for piece in cut if not isinstance(piece, Segment) for tag in _BLOCK.findall(piece)]


def _places(connection: Connection, supplier: str) -> dict[str, Place]:
    """Return what the digests of contexts stand for, so that other tools can show it: the memory keeps digests."""
    found = {context_digest(kind, ""): Place(kind) for kind in KINDS}
    query = select(texts.c.context).where(texts.c.kind == "attribute_value").distinct()
    if supplier:
        query = query.where(texts.c.supplier == supplier)
    for context in connection.execute(query).scalars():
        found[context_digest("attribute_value", context)] = Place("attribute_value", context)
    return found


def _entries(rows: Iterator[Row[Any]], corrected: _Corrected, places: Mapping[str, Place]) -> Iterator[Entry]:
    rest = dict(corrected.targets)
    for key, group in groupby(rows, lambda row: (row.source_lang, row.source, row.context)):
        same = list(group)
        targets = {row.target_lang: row.target_text for row in same} | rest.pop(key, {})
        yield Entry(key[0], same[0].source_text, _place(key[2], places), targets)
    for key, targets in sorted(rest.items()):
        yield Entry(key[0], corrected.texts[key], _place(key[2], places), targets)


def _place(context: str, places: Mapping[str, Place]) -> Place:
    return places.get(context, Place(key=context)) if context else Place()
