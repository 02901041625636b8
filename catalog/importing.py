"""A supplier's file -> products in the store, and a report of everything that was understood or not."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.columns.header_rows import with_own_names
from catalog.columns.mapping import HandMapping, header_fingerprint, parse_mapping, read_mapping
from catalog.errors import NothingTakenError, UnreadableFileError, UsageError
from catalog.exports.model import Correction
from catalog.exports.returning import Corrections, ReturnedReader, find_export
from catalog.learning import Learned, learn
from catalog.model import RowError
from catalog.options import ImportOptions
from catalog.readers import catalogs_in, open_catalog, unread_in
from catalog.readers.base import CatalogReader, FileShape
from catalog.refused import RefusedRows
from catalog.repeating import Final, reading_key, repeat
from catalog.report import MOST_LISTED, CatalogReport, Tally
from catalog.returned_texts import look_at_texts
from catalog.rows.relations import Relations
from catalog.taking import Session, Store, take_rows, warn_of_columns, warn_of_currency, warn_of_sheets
from catalog.uploads import ReadingNote


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of corrections.

    Attributes:
        made: how many changed a text.
        refused: those that can't be made, each with the reason.
    """

    made: int
    refused: tuple[tuple[Correction, str], ...] = ()


MOST_CATALOGS = 200
"""Catalogs of an archive; they are open side by side."""

Correct = Callable[[Sequence[Correction]], Applied]
"""Applies corrections."""


class _RollBack(Exception):  # noqa: N818 - no error: the way out of a transaction that must leave nothing
    """Leaves the transaction of a file of which nothing is to be kept."""


def import_catalog(store: Store, path: Path, options: ImportOptions, correct: Correct | None = None) -> CatalogReport:
    """Take a file that holds one catalog into the store; see :func:`import_catalogs`.

    Raises:
        UsageError: an option or the mapping file is wrong, or the file is an archive with several catalogs.
    """
    try:
        several = len(catalogs_in(path))
    except UnreadableFileError:
        several = 0
    if several > 1:
        raise UsageError(f"{path.name}: the archive holds {several} catalogs")
    return import_catalogs(store, path, options, correct)[0]


def import_catalogs(
    store: Store, path: Path, options: ImportOptions, correct: Correct | None = None
) -> list[CatalogReport]:
    """Take a file into the store; an archive may hold several catalogs.

    The file is a transaction of its own. Each catalog is read twice or more: to learn its columns, language and
    numbers, where rows speak of other rows to learn that, and to take its rows. A file that was taken before and would
    be read in the same way is not read again; its products are only compared with the store.

    An export (:mod:`catalog.exports`) that comes back is a catalog like any other, but for the columns that the export
    added: where a person changed a cell of theirs, that is a correction.

    Args:
        store: where the products go.
        path: the file.
        options: what a person says about it.
        correct: applies the corrections of an export that comes back; without it they are only counted.

    Returns:
        A report for each catalog. ``refused_as_a_whole`` says why nothing was taken of one that can't be read, or of
        a file of which one row was refused with ``strict``, or that would withdraw too much. Such files leave the
        store as it was.

    Raises:
        UsageError: an option or the mapping file is wrong, or the file for refused rows can't be written.
    """
    hand = read_mapping(options.mapping) if options.mapping else None
    filename = options.filename or path.name
    repeated = repeat(store, path, options, hand, filename)
    if repeated is not None:
        return [repeated]
    try:
        members, unread = catalogs_in(path), unread_in(path)
        if len(members) > MOST_CATALOGS:
            reason = f"the archive holds {len(members)} catalogs, more than {MOST_CATALOGS}: send it in parts"
            raise UnreadableFileError(filename, reason)
    except UnreadableFileError as error:
        return [_unreadable(CatalogReport(None, filename, options.feed, said=options.said()), error)]
    if len(members) > 1 and options.refused:
        raise UsageError(f"--refused: {filename} holds {len(members)} catalogs: import them one by one for this")
    catalogs = [_Catalog.of(path, member, filename, options, several=len(members) > 1) for member in members]
    for name in unread:
        reason = f"{name!r} in the archive is read as no catalog: send it by itself if it has products"
        catalogs[0].tally.warn(RowError(1, None, None, name[:200], reason, "file_unread", refused=False))
    for one in catalogs:
        one.open(store, hand)
    reports = _take(store, path, options, catalogs)
    reports = [_corrected(one, report, correct, options) for one, report in zip(catalogs, reports, strict=True)]
    if hand is not None and not options.dry_run:
        for one, report in zip(catalogs, reports, strict=True):
            if report.refused_as_a_whole is None and not one.is_texts_alone:
                store.save_mapping(options.supplier, one.header, hand.body)
    return reports


def _unreadable(report: CatalogReport, error: UnreadableFileError) -> CatalogReport:
    where = "" if error.line is None else f"line {error.line}: "
    return replace(report, refused_as_a_whole=f"{where}{error.reason}")


# -- one catalog ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Catalog:
    """One catalog of a file on its way into the store.

    Attributes:
        options: what a person says about it; of an export that comes back, what was said of the original.
        report: what is known of it so far.
        header: fingerprint of its columns.
        learned: what its first reading taught, ``None`` where it can't be read or holds texts alone.
        exported: it is an export that comes back.
        found: its corrections.
    """

    path: Path
    member: str | None
    options: ImportOptions
    report: CatalogReport
    relations: Relations
    tally: Tally
    reader: CatalogReader | None = None
    header: str = ""
    mapping: str = ""
    learned: Learned | None = None
    exported: ReturnedReader | None = None
    corrections: Corrections | None = None

    @classmethod
    def of(cls, path: Path, member: str | None, filename: str, options: ImportOptions, *, several: bool) -> "_Catalog":
        name = f"{filename}/{member}" if several else filename
        report = CatalogReport(None, name, options.feed, said=options.said())
        return cls(path, member, options, report, Relations(), Tally())

    def open(self, store: Store, hand: HandMapping | None) -> None:
        """Read it through and understand it; what makes it unreadable goes into its report."""
        try:
            reader = open_catalog(self.path, self.member)
            shape = reader.shape()
            self.report = replace(self.report, format=shape.format, encoding=shape.encoding, delimiter=shape.delimiter)
            self.exported = find_export(self.path, reader, store.exports.get, self.options.supplier)
            if self.exported is not None:
                self._follow(self.exported, store)
            if self.exported is not None and self.exported.export.kind == "texts":
                self.reader = self.exported
                return
            self.reader = with_own_names(self.exported or reader)
            shape = self.reader.shape()
            self.header = header_fingerprint(shape.columns)
            chosen = hand or _remembered(store, self.options.supplier, self.header)
            self.mapping = chosen.body if chosen else ""
            self.learned = learn(self.reader, shape, self.options, chosen, self.relations, self.report.file)
            self._describe(self.learned)
        except UnreadableFileError as error:
            self.report = _unreadable(self.report, error)

    def _follow(self, exported: ReturnedReader, store: Store) -> None:
        export = exported.export
        self.corrections = Corrections(
            export, exported.present(), lambda products: store.exports.written(export, products)
        )
        self.options = replace(
            self.options,
            feed=export.feed,
            lang=self.options.lang or export.lang,
            currency=self.options.currency or export.currency,
            country=self.options.country or export.country,
        )
        self.report = replace(self.report, feed=export.feed, export=export.id, said=self.options.said())

    def _describe(self, learned: Learned) -> None:
        mapping = learned.understanding.mapping
        self.report = replace(
            self.report,
            lang=learned.lang.code if learned.lang.confidence else None,  # no text says anything: none is claimed
            lang_confidence=learned.lang.confidence,
            lang_by=learned.lang_by,
            profile=mapping.profile.as_json() if mapping.profile else None,
            mapping=mapping.as_report(),
            confidences=mapping.confidences,
            ignored_columns=mapping.ignored,
        )

    @property
    def shape(self) -> FileShape:
        """How its file was understood."""
        if self.reader is None:
            raise ValueError("the catalog was not read")
        return self.reader.shape()

    @property
    def is_texts_alone(self) -> bool:
        """Whether it is an export of article numbers and texts, which corrects and changes no product."""
        return self.exported is not None and self.exported.export.kind == "texts"

    def look_at_texts(self, store: Store) -> None:
        """Find the corrections of an export of texts alone."""
        if self.exported is None or self.corrections is None:
            return
        look_at_texts(self.exported, self.corrections, store, self.tally)
        self.count(None)
        if not self.tally.taken:
            self.refuse("none of its rows names a product that is there")

    def count(self, catalog: str | None) -> None:
        """Put into the report what became of its rows, unless it was refused."""
        if self.report.refused_as_a_whole is None:
            self.report = self.tally.counted(self.report, catalog)

    def refuse(self, reason: str) -> None:
        """Report that nothing of it was kept: every row counts as refused, the listed ones say why."""
        if self.report.refused_as_a_whole is None:
            self.report = self.tally.refused_whole(self.report, reason)

    def take(self, session: Session, refused: RefusedRows | None) -> None:
        """Hand its rows to the store's session."""
        if self.learned is None or self.reader is None:
            return
        shape = self.reader.shape()
        warn_of_columns(self.tally, self.learned, shape)
        warn_of_sheets(self.tally, shape)
        take_rows(
            session,
            self.reader,
            self.learned,
            self.tally,
            refused,
            dry_run=self.options.dry_run,
            returned=self.exported,
            corrections=self.corrections,
        )
        warn_of_currency(self.tally, shape)


def _remembered(store: Store, supplier: str, header: str) -> HandMapping | None:
    body = store.saved_mapping(supplier, header)
    return None if body is None else parse_mapping(body, f"saved for {supplier}")


# -- one transaction --------------------------------------------------------------------------------------------------


def _take(store: Store, path: Path, options: ImportOptions, catalogs: Sequence[_Catalog]) -> list[CatalogReport]:
    """Take the catalogs of a file, or leave no trace."""
    readable = [one for one in catalogs if one.report.refused_as_a_whole is None]
    refusal = _impossible(options, catalogs, readable)
    if refusal is not None:
        for one in readable:
            one.report = replace(one.report, refused_as_a_whole=refusal)
        readable = []
    for one in readable:
        if one.is_texts_alone:
            one.look_at_texts(store)
    tables = [one for one in readable if not one.is_texts_alone]
    if tables:
        _take_tables(store, path, options, tables)
    for one in catalogs:
        one.relations.close()
    return [one.report for one in catalogs]


def _impossible(options: ImportOptions, catalogs: Sequence[_Catalog], readable: Sequence[_Catalog]) -> str | None:
    """Say why the catalogs of an archive can't be taken together, or ``None``."""
    if options.replace and 0 < len(readable) < len(catalogs):
        return "another catalog of the archive can't be read, and --replace would withdraw its products: mend it first"
    if len({one.options.feed for one in readable}) > 1:
        return "the archive holds an export of another feed: import each by itself"
    return None


def _take_tables(store: Store, path: Path, options: ImportOptions, tables: Sequence[_Catalog]) -> None:
    """Save the rows of all catalogs in one transaction."""
    refused = RefusedRows(options.refused, tables[0].shape) if options.refused else None
    try:
        with (
            refused or nullcontext(),
            store.importing(
                supplier=options.supplier,
                feed=tables[0].options.feed,
                path=path,
                filename=options.filename or path.name,
                dry_run=options.dry_run,
            ) as session,
        ):
            for one in tables:
                one.take(session, refused)
            _check(tables, options)
            withdrawn = session.withdraw_missing(force=options.force) if options.replace else 0
            for one in tables:
                one.count(None if options.dry_run else session.catalog)
            tables[-1].report = replace(tables[-1].report, withdrawn=withdrawn)
            if options.dry_run:
                raise _RollBack
            _finish(session, tables)
    except _RollBack:
        pass
    except NothingTakenError as error:  # a catalog breaks off, or --replace would withdraw too much
        for one in tables:
            one.refuse(_reason(error))


def _reason(error: NothingTakenError) -> str:
    if isinstance(error, UnreadableFileError):
        return error.reason if error.line is None else f"line {error.line}: {error.reason}"
    return str(error)


def _check(tables: Sequence[_Catalog], options: ImportOptions) -> None:
    """Refuse what can't be taken: with ``strict`` the whole file, else each catalog that gave nothing."""
    strict = [one for one in tables if options.strict and one.tally.refused]
    for one in tables:
        if one in strict:
            one.refuse(f"{one.tally.refused} of {one.tally.rows} rows were refused and --strict takes all or nothing")
        elif strict:
            one.refuse("rows of another catalog of the archive were refused and --strict takes all or nothing")
        elif not one.tally.taken:
            rows = one.tally.rows
            one.refuse(f"none of its {rows} rows could be taken" if rows else "it holds no products")
    if all(one.report.refused_as_a_whole for one in tables):
        raise _RollBack


def _finish(session: Session, tables: Sequence[_Catalog]) -> None:
    """Take the file; what a single catalog gave is known exactly when it is taken."""
    if len(tables) > 1:
        session.finish(lambda _counts: {"catalogs": [one.report.as_json() for one in tables]}, None)
        return
    (one,) = tables
    final = Final(one.report)
    note = None if one.exported else ReadingNote(reading_key(one.options), one.header, one.mapping)
    session.finish(lambda counts: final.settle(counts).as_json(), note)
    one.report = final.report


# -- corrections ------------------------------------------------------------------------------------------------------


def _corrected(one: _Catalog, report: CatalogReport, correct: Correct | None, options: ImportOptions) -> CatalogReport:
    """Apply what was corrected in an export; what can't be applied is a warning."""
    if one.corrections is None or report.refused_as_a_whole is not None:
        return report
    found = one.corrections.all()
    if options.dry_run or correct is None or not found:
        return replace(report, corrections=len(found))
    warnings = list(report.warnings)
    applied = correct(found)
    for correction, reason in applied.refused:
        where = (correction.line, correction.product.sku, f"{correction.field} ({correction.lang})")
        warnings.append(RowError(*where, correction.text[:200], reason, "correction_refused", refused=False))
    return replace(report, corrections=applied.made, warnings=tuple(warnings[:MOST_LISTED]))
