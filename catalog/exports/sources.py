"""The supplier's own files, read again in the way in which they were imported."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.columns.header_rows import with_own_names
from catalog.columns.mapping import header_fingerprint, parse_mapping
from catalog.errors import UnreadableFileError
from catalog.exports.returning import ReturnedReader, find_export
from catalog.exports.store import ExportStore
from catalog.learning import learn
from catalog.options import ImportOptions
from catalog.readers import catalogs_in, open_catalog
from catalog.readers.base import CatalogReader, FileShape
from catalog.rows.assembling import AssembledRow, Assembler
from catalog.rows.relations import Relations
from catalog.store import KeptUpload, ProductStore

TABLES = ("csv", "tsv", "xlsx", "xls", "ods")
"""Formats with a row a product and one header row."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said when a file was imported."""

    lang: str | None = None
    currency: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One catalog of a feed.

    Attributes:
        path: the file, under the name that the supplier knows.
        member: which file of an archive, ``None`` for a plain file.
        reader: reads it as it stands.
        own: reads the supplier's own columns, where it is an export that came back; else ``reader``.
        said: what a person said when it was imported.
        lang: the language that its import found.
        number: among the files of the feed.
    """

    path: Path
    member: str | None
    reader: CatalogReader
    own: CatalogReader
    said: Said
    lang: str | None
    number: int = -1

    @property
    def shape(self) -> FileShape:
        """How it is understood, the columns of an earlier export left out."""
        return self.own.shape()

    @property
    def is_table(self) -> bool:
        """Whether it is a table with a header, so that columns can be added."""
        return self.shape.format in TABLES and self.shape.header_line is not None

    @property
    def foreign(self) -> frozenset[str]:
        """Columns of the file that an earlier export added."""
        return self.own.present() if isinstance(self.own, ReturnedReader) else frozenset()

    def header_lines(self) -> set[int]:
        """Lines that name columns: the header, and below it the source's own names where a template has both."""
        lines = {self.shape.header_line, with_own_names(self.own).shape().header_line}
        return {line for line in lines if line is not None}

    def rows(self, store: ProductStore, supplier: str, feed: str) -> Iterator[AssembledRow]:
        """Yield what becomes of its rows."""
        options = ImportOptions(
            supplier=supplier, feed=feed, lang=self.said.lang, currency=self.said.currency, country=self.said.country
        )
        reader = with_own_names(self.own)
        shape = reader.shape()
        saved = store.saved_mapping(supplier, header_fingerprint(shape.columns))
        hand = None if saved is None else parse_mapping(saved, f"saved for {supplier}")
        with Relations() as relations:
            learned = learn(reader, shape, options, hand, relations, self.path.name)
            yield from Assembler(learned.understanding).rows(reader.records())


def said_in(report: dict[str, Any]) -> Said:
    """Return what a person said, as the report of an import keeps it."""
    return Said(**(report.get("said") or {}))


@contextmanager
def sources_of(upload: KeptUpload, exports: ExportStore, supplier: str) -> Iterator[list[Source]]:
    """Open the catalogs of an upload; those that can't be read any more are left out."""
    with tempfile.TemporaryDirectory(prefix="lexicart-") as folder:
        path = Path(folder) / (Path(upload.filename).name or "catalog")
        path.symlink_to(upload.path.resolve())  # some formats are told by the file's name, and bytes are kept without
        found = []
        try:
            members = catalogs_in(path)
        except UnreadableFileError:
            members = ()
        for member in members:
            try:
                found.append(_source(path, member, _report_of(upload, member), exports, supplier))
            except UnreadableFileError:  # a part of an archive that its import refused as well
                continue
        yield found


def _report_of(upload: KeptUpload, member: str | None) -> dict[str, Any]:
    """Return what the import said of one catalog; an archive of several has a report for each."""
    several: list[dict[str, Any]] = upload.report.get("catalogs", [])
    own = (report for report in several if report["file"] == f"{upload.filename}/{member}")
    return next(own, {}) if several else upload.report


def _source(path: Path, member: str | None, report: dict[str, Any], exports: ExportStore, supplier: str) -> Source:
    reader = open_catalog(path, member)
    own = find_export(path, reader, exports.get, supplier)
    return Source(path, member, reader, reader if own is None else own, said_in(report), report.get("lang"))
