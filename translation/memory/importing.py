"""A TMX file into the memory, and exactly the texts that it concerns looked at again.

The file is read into a private stage first, so that of several translations for one place one is chosen before the
store is touched, and so that importing a file again changes nothing. Then come pages, each one transaction. The mark
``memory.version`` is part of what every translation depends on: it differs from the first page until the concerned
texts are marked, and is then put back. So a kill costs no text: where it stays, the next run looks at all of them.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from catalog.database import reading, writing
from catalog.locks import TEXTS, hold
from catalog.model import ProductText
from catalog.tables import texts
from translation.memory.entries import MemoryEntry, context_digest, store
from translation.memory.staging import Staging
from translation.memory.tmx import BadUnit, Unit, read
from translation.model import digest
from translation.records import marks
from translation.records.settled import look_again
from translation.records.texts import CHUNK
from translation.routing import PIVOT
from translation.segments import segments

MOST_ERRORS = 1_000
"""Refused units that a report names; all are counted."""

Progress = Callable[[int], None]
"""Called with a number of units that were read."""


def no_progress(_units: int) -> None:
    """Say nothing."""


@dataclass(slots=True)
class MemoryReport:
    """What became of a file; mutable while it is read.

    Attributes:
        units: translation units read.
        refused: those that could not be taken.
        other_languages: texts in languages beyond the fifteen, passed over.
        doubled: translations that gave way to another of the file for the same place.
        created: translations that are new.
        updated: those that replaced another.
        unchanged: those that were there.
        texts: texts of products that will be looked at again.
        errors: the first of the refused units.
    """

    file: str
    supplier: str
    units: int = 0
    refused: int = 0
    other_languages: int = 0
    doubled: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    texts: int = 0
    errors: list[BadUnit] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Units that were taken."""
        return self.units - self.refused

    def refuse(self, bad: BadUnit) -> None:
        """Count a refused unit."""
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(bad)

    def as_json(self) -> dict[str, Any]:
        """The document of ``lexicart memory import --json``."""
        return {
            "file": self.file,
            "supplier": self.supplier or None,
            "units": self.units,
            "taken": self.taken,
            "refused": self.refused,
            "other_languages": self.other_languages,
            "doubled": self.doubled,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "texts": self.texts,
            "errors": [{"unit": bad.number, "reason": bad.reason, "code": bad.code} for bad in self.errors],
        }


def import_tmx(engine: Engine, path: Path, supplier: str = "", progress: Progress = no_progress) -> MemoryReport:
    """Take a TMX file into the memory of a supplier, or of the installation where ``supplier`` is empty.

    Raises:
        UnreadableFileError: it is no TMX that can be read; nothing was taken.
    """
    report = MemoryReport(path.name, supplier)
    stage = Staging(supplier, path.name)
    try:
        for units in _pages(path, report):
            stage.add([pair for unit in units for pair in _entries(unit, supplier, path.name)])
            progress(len(units))
        report.doubled -= len(stage)
        version = _Version(engine)
        for page in stage.pages():
            _store(engine, page, version, stage, report)
        if version.is_open:
            report.texts = _look_at_texts(engine, stage, supplier)
            version.close()
    finally:
        stage.close()
    return report


def _pages(path: Path, report: MemoryReport) -> Iterator[list[Unit]]:
    page: list[Unit] = []
    for unit in read(path):
        report.units += 1
        if isinstance(unit, BadUnit):
            report.refuse(unit)
            continue
        report.other_languages += unit.others
        report.doubled += len(unit.pairs)
        page.append(unit)
        if len(page) == CHUNK:
            yield page
            page = []
    yield page


def _entries(unit: Unit, supplier: str, origin: str) -> Iterator[tuple[MemoryEntry, str]]:
    place = unit.place
    context = context_digest(place.kind, place.context) if place.kind else place.key
    for lang, text, target, translation in unit.pairs:
        yield MemoryEntry(supplier, lang, text, context, target, translation, origin), unit.changed_at


def _store(
    engine: Engine, page: Sequence[MemoryEntry], version: "_Version", stage: Staging, report: MemoryReport
) -> None:
    with writing(engine) as connection:
        hold(connection, TEXTS)
        stored = store(connection, page)
        if stored.changed:
            version.open(connection)
    stage.note_news(stored.changed)
    report.created += len(stored.created)
    report.updated += len(stored.updated)
    report.unchanged += stored.unchanged


class _Version:
    """The mark of the memory's version: another than before while an import is under way.

    It stays another when the import is killed, and when one import opened it while another had it open: then everything
    is looked at, which is never wrong.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._before: str | None = None
        self._own = uuid.uuid4().hex

    @property
    def is_open(self) -> bool:
        """Whether this import changed anything."""
        return self._before is not None

    def open(self, connection: Connection) -> None:
        """Let translations of before count as not looked at, from this transaction on."""
        if self._before is None:
            self._before = marks.mark(connection, marks.MEMORY_VERSION) or ""
            marks.set_mark(connection, marks.MEMORY_VERSION, self._own)

    def close(self) -> None:
        """Let them count again: those that changed are marked."""
        with writing(self._engine) as connection:
            hold(connection, TEXTS)
            if marks.mark(connection, marks.MEMORY_VERSION) == self._own:
                marks.set_mark(connection, marks.MEMORY_VERSION, self._before or "")


def _look_at_texts(engine: Engine, stage: Staging, supplier: str) -> int:
    """Let the texts that hold a segment of which the memory learned be looked at again; return how many they are.

    English that is new concerns a text's translations into every language: it is the middle of a pivot. Pages that are
    being translated are made again, since they may have been begun before the memory learned; it is enough to say so
    now, because what they save before is marked here.
    """
    concerned = 0
    for page in _texts_in(engine, stage.news_langs(), supplier):
        targets = _targets(page, stage)
        if targets:
            concerned += len(targets)
            with writing(engine) as connection:
                hold(connection, TEXTS)
                _mark(connection, targets)
                marks.inputs_changed(connection)
    return concerned


def _texts_in(engine: Engine, langs: Sequence[str], supplier: str) -> Iterator[Sequence[Row[Any]]]:
    after = ""
    while True:
        query = select(texts).where(texts.c.lang.in_(langs), texts.c.digest > after)
        if supplier:
            query = query.where(texts.c.supplier == supplier)
        with reading(engine) as connection:
            page = connection.execute(query.order_by(texts.c.digest).limit(CHUNK)).all()
        if not page:
            return
        yield page
        after = page[-1].digest


def _targets(page: Sequence[Row[Any]], stage: Staging) -> dict[str, set[str]]:
    """Return the languages in which each concerned text of a page changes, by its name."""
    held: dict[str, dict[str, set[tuple[str, str]]]] = defaultdict(dict)
    for row in page:
        held[row.lang][row.digest] = {
            (digest(segment.text), context_digest(segment.kind, segment.context))
            for segment in segments(ProductText("", row.kind, row.context, row.text), row.lang)
        }
    targets: dict[str, set[str]] = {}
    for lang, of_lang in held.items():
        news = stage.news_of(lang, sorted({source for found in of_lang.values() for source, _ in found}))
        for name, found in of_lang.items():
            changed = {
                target for source, place in found for context, target in news.get(source, ()) if context in ("", place)
            }
            if changed:
                targets[name] = changed
    return targets


def _mark(connection: Connection, targets: Mapping[str, set[str]]) -> None:
    everywhere = sorted(name for name, langs in targets.items() if PIVOT in langs)
    look_again(connection, everywhere)
    for lang in sorted({lang for langs in targets.values() for lang in langs} - {PIVOT}):
        look_again(connection, sorted(name for name, langs in targets.items() if lang in langs), lang)
