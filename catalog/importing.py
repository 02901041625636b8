"""A supplier's file -> products in the store, and a report of everything that was understood or not."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol

from catalog.columns.header_rows import with_own_names
from catalog.columns.mapping import HandMapping, header_fingerprint, parse_mapping, read_mapping
from catalog.errors import NothingTakenError, UnreadableFileError
from catalog.learning import UNSURE_OF_LANGUAGE, Learned, learn
from catalog.model import Product, RowError
from catalog.options import ImportOptions
from catalog.readers import open_catalog
from catalog.readers.base import CatalogReader, FileShape
from catalog.refused import RefusedRows
from catalog.report import CatalogReport, Tally, report_from_json
from catalog.rows.assembling import AssembledRow, Assembler
from catalog.rows.relations import Relations
from catalog.uploads import ReadingNote

BATCH = 500
"""Products handed to the store at once: enough that a transaction's cost is shared, few enough to hold in memory."""

SAMPLES = 5

Outcome = Literal["created", "updated", "unchanged", "joined", "clash"]
Counts = Mapping[str, int]
"""What became of the products of a file: ``created``, ``updated``, ``unchanged`` and ``withdrawn``."""


class SavedRow(Protocol):
    """What the store made of one product."""

    @property
    def outcome(self) -> Outcome:
        """``joined``: the same content again; ``clash``: this file used the sku for another product."""
        ...

    @property
    def first_line(self) -> int | None:
        """Line of the first row with this sku."""
        ...


class Session(Protocol):
    """One transaction of a store; see :class:`catalog.session.ImportSession`."""

    @property
    def catalog(self) -> str:
        """Id of the upload."""
        ...

    def repeat(self, key: str) -> tuple[ReadingNote, Mapping[str, Any]] | None:
        """Take the products of an equal reading of the same bytes: its note and report, or ``None``."""
        ...

    def save(self, rows: Sequence[tuple[int, Product]]) -> Sequence[SavedRow]:
        """Save ``(line, product)`` in order and say what became of each."""
        ...

    def withdraw_missing(self, *, force: bool) -> int:
        """Withdraw what the feed had and this file has not."""
        ...

    def finish(self, describe: Callable[[Counts], Mapping[str, Any]], note: ReadingNote) -> None:
        """Take the file; keep the report that ``describe`` makes of what became of its products, and the note."""
        ...


class Store(Protocol):
    """What an import needs of a store; see :class:`catalog.store.ProductStore`."""

    def importing(
        self, *, supplier: str, feed: str, path: Path, filename: str, dry_run: bool = False
    ) -> AbstractContextManager[Session]:
        """Open the one transaction of a file; leaving it with an exception leaves no trace, nor does a dry run."""
        ...

    def saved_mapping(self, supplier: str, header: str) -> str | None:
        """Return the mapping that a person once gave for such a file."""
        ...

    def save_mapping(self, supplier: str, header: str, body: str) -> None:
        """Remember a mapping by hand."""
        ...


class _RollBack(Exception):  # noqa: N818 - no error: the way out of a transaction that must leave nothing
    """Leaves the transaction of a file of which nothing is to be kept."""


def import_catalog(store: Store, path: Path, options: ImportOptions) -> CatalogReport:
    """Take one file into the store.

    The file is a transaction of its own. It is read twice or more: to learn its columns, language and numbers, where
    rows speak of other rows to learn that, and to take its rows. A file that was taken before and would be read in the
    same way is not read again; its products are only compared with the store.

    Args:
        store: where the products go.
        path: the file.
        options: what a person says about it.

    Returns:
        The report; ``refused_as_a_whole`` says why nothing was taken of a file that can't be read, or of which one
        row was refused with ``strict``, or that would withdraw too much. Such files leave the store as it was.

    Raises:
        UsageError: an option or the mapping file is wrong, or the file for refused rows can't be written.
    """
    report = CatalogReport(None, options.filename or path.name, options.feed)
    hand = read_mapping(options.mapping) if options.mapping else None
    try:
        repeated = _repeat(store, path, options, hand, report.file)
        if repeated is not None:
            return repeated
        reader = with_own_names(open_catalog(path))
        shape = reader.shape()
        report = replace(report, format=shape.format, encoding=shape.encoding, delimiter=shape.delimiter)
        header = header_fingerprint(shape.columns)
        chosen = hand or _remembered(store, options.supplier, header)
        with Relations() as relations:
            learned = learn(reader, shape, options, chosen, relations, report.file)
            note = ReadingNote(reading_key(options), header, chosen.body if chosen else "")
            report = _take(store, path, options, reader, learned, _described(report, learned), note)
    except UnreadableFileError as error:
        where = "" if error.line is None else f"line {error.line}: "
        return replace(report, refused_as_a_whole=f"{where}{error.reason}")
    if hand is not None and report.refused_as_a_whole is None and not options.dry_run:
        store.save_mapping(options.supplier, header, hand.body)
    return report


def _remembered(store: Store, supplier: str, header: str) -> HandMapping | None:
    body = store.saved_mapping(supplier, header)
    return None if body is None else parse_mapping(body, f"saved for {supplier}")


def _described(report: CatalogReport, learned: Learned) -> CatalogReport:
    mapping = learned.understanding.mapping
    return replace(
        report,
        lang=learned.lang.code,
        lang_confidence=learned.lang.confidence,
        lang_by=learned.lang_by,
        profile=mapping.profile.as_json() if mapping.profile else None,
        mapping=mapping.as_report(),
        confidences=mapping.confidences,
        ignored_columns=mapping.ignored,
    )


# -- the same file again ----------------------------------------------------------------------------------------------


def reading_key(options: ImportOptions) -> str:
    """Return a digest of all that decides how bytes are read, but for the mapping: options and version of the code."""
    said = (options.supplier, options.feed, options.lang, options.currency, options.country, options.strict)
    return hashlib.sha256(f"{said!r}{code_digest()}".encode()).hexdigest()


@cache
def code_digest() -> str:
    """Return a digest of this package's files: another version may understand a file differently."""
    package = Path(__file__).parent
    files = sorted(path for suffix in ("*.py", "*.toml") for path in package.rglob(suffix))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _repeat(
    store: Store, path: Path, options: ImportOptions, hand: HandMapping | None, filename: str
) -> CatalogReport | None:
    """Take a file that was taken before in the same way; ``None`` where it has to be read."""
    if options.dry_run or options.refused or not path.is_file():
        return None
    try:
        with store.importing(supplier=options.supplier, feed=options.feed, path=path, filename=filename) as session:
            found = session.repeat(reading_key(options))
            if found is None:
                raise _RollBack
            note, body = found
            mapping = hand.body if hand else store.saved_mapping(options.supplier, note.header)
            if (mapping or "") != note.mapping:
                raise _RollBack
            report = replace(report_from_json(body), catalog=session.catalog, file=filename)
            if options.replace:
                session.withdraw_missing(force=options.force)
            final = _Final(report)
            session.finish(lambda counts: final.settle(counts).as_json(), note)
    except _RollBack:
        return None
    except NothingTakenError as error:  # --replace would withdraw too much
        if isinstance(error, UnreadableFileError):
            raise
        nothing = CatalogReport(None, report.file, report.feed)
        described = replace(nothing, **{name: getattr(report, name) for name in _DESCRIPTION})
        return replace(described, rows=report.rows, refused=report.rows, refused_as_a_whole=str(error))
    return final.report


_DESCRIPTION = (
    *("format", "encoding", "delimiter", "lang", "lang_confidence", "lang_by", "profile", "mapping", "confidences"),
    *("ignored_columns", "errors", "warnings"),
)
"""What a report says of a file even where nothing of it is taken."""


class _Final:
    """A report whose counts are known only when its file is taken."""

    def __init__(self, report: CatalogReport) -> None:
        self.report = report

    def settle(self, counts: Counts) -> CatalogReport:
        created, updated, unchanged = (counts[name] for name in ("created", "updated", "unchanged"))
        self.report = replace(
            self.report,
            products=created + updated + unchanged,
            created=created,
            updated=updated,
            unchanged=unchanged,
            withdrawn=counts["withdrawn"],
        )
        return self.report


# -- a file row by row ------------------------------------------------------------------------------------------------


def _take(
    store: Store,
    path: Path,
    options: ImportOptions,
    reader: CatalogReader,
    learned: Learned,
    report: CatalogReport,
    note: ReadingNote,
) -> CatalogReport:
    """Save the rows in one transaction, or leave no trace."""
    tally = Tally()
    _warn_of_columns(tally, learned, reader.shape())
    refused = RefusedRows(options.refused, reader.shape()) if options.refused else None
    try:
        with (
            refused or nullcontext(),
            store.importing(
                supplier=options.supplier,
                feed=options.feed,
                path=path,
                filename=report.file,
                dry_run=options.dry_run,
            ) as session,
        ):
            _save_all(session, _built(reader, learned, tally, refused), tally, refused, dry_run=options.dry_run)
            _warn_of_currency(tally, learned, reader.shape())
            refusal = _refusal(tally, options)
            if refusal is not None:
                report = _refused(report, tally, refusal)
                raise _RollBack
            withdrawn = session.withdraw_missing(force=options.force) if options.replace else 0
            final = _Final(_counted(report, tally, None if options.dry_run else session.catalog, withdrawn))
            report = final.report
            if options.dry_run:
                raise _RollBack
            session.finish(lambda counts: final.settle(counts).as_json(), note)
            report = final.report
    except _RollBack:
        pass
    except UnreadableFileError:
        raise
    except NothingTakenError as error:  # --replace would withdraw too much
        report = _refused(report, tally, str(error))
    return report


def _built(
    reader: CatalogReader, learned: Learned, tally: Tally, refused: RefusedRows | None
) -> Iterator[tuple[AssembledRow, Product]]:
    """Yield the products of a file; refused and joined rows and warnings go to the tally."""
    for row in Assembler(learned.understanding).rows(reader.records()):
        tally.rows += row.counts
        for warning in row.warnings:
            tally.warn(warning)
        if row.result is None:
            tally.count("joined")
        elif isinstance(row.result, RowError):
            _refuse(tally, refused, row.result, row)
        else:
            tally.doubtful += row.doubtful
            yield row, row.result


def _refuse(tally: Tally, refused: RefusedRows | None, error: RowError, row: AssembledRow) -> None:
    if not row.counts:  # a variant inside a record: the record was taken
        tally.warn(replace(error, refused=False))
        return
    tally.refuse(error)
    if refused is not None:
        refused.add(error, row.record)


def _save_all(
    session: Session,
    products: Iterator[tuple[AssembledRow, Product]],
    tally: Tally,
    refused: RefusedRows | None,
    *,
    dry_run: bool,
) -> None:
    batch: list[tuple[AssembledRow, Product]] = []
    for built in products:
        batch.append(built)
        if dry_run and len(tally.samples) < SAMPLES:
            tally.samples.append(built[1])
        if len(batch) == BATCH:
            _save(session, batch, tally, refused)
            batch = []
    if batch:
        _save(session, batch, tally, refused)


def _save(
    session: Session, batch: Sequence[tuple[AssembledRow, Product]], tally: Tally, refused: RefusedRows | None
) -> None:
    outcomes = session.save([(row.line, product) for row, product in batch])
    for (row, product), saved in zip(batch, outcomes, strict=True):
        if saved.outcome == "clash":
            reason = (
                f"line {saved.first_line} used this article number for a product with other content: "
                "give each product a number of its own"
            )
            error = RowError(row.line, product.sku, "sku", product.sku, reason, "sku_used_twice")
            _refuse(tally, refused, error, row)
        else:
            tally.count(saved.outcome)
            tally.without_currency += any(price.currency is None for price in product.prices)


def _warn_of_columns(tally: Tally, learned: Learned, shape: FileShape) -> None:
    for notice in learned.understanding.mapping.notices:
        reason = f"column {notice.column!r}: {notice.reason}"
        tally.warn(RowError(shape.header_line or 1, None, notice.column, None, reason, notice.code, refused=False))
    if learned.lang_by == "detected" and learned.lang.confidence <= UNSURE_OF_LANGUAGE:
        reason = f"read as {learned.lang.english_name}, which is not sure: say the language with --lang"
        tally.warn(RowError(shape.header_line or 1, None, "lang", None, reason, "language_unsure", refused=False))


def _warn_of_currency(tally: Tally, learned: Learned, shape: FileShape) -> None:
    """Once for the file, not once a row."""
    if tally.without_currency:
        reason = (
            f"products with a price without currency: {tally.without_currency}; name it in the file or by --currency"
        )
        tally.warn(RowError(shape.header_line or 1, None, "currency", None, reason, "no_currency", refused=False))


def _refusal(tally: Tally, options: ImportOptions) -> str | None:
    if options.strict and tally.refused:
        return f"{tally.refused} of {tally.rows} rows were refused and --strict takes all or nothing"
    if not tally.taken:
        return "it holds no products" if not tally.rows else f"none of its {tally.rows} rows could be taken"
    return None


def _counted(report: CatalogReport, tally: Tally, catalog: str | None, withdrawn: int) -> CatalogReport:
    created, updated, unchanged = (tally.outcomes.get(name, 0) for name in ("created", "updated", "unchanged"))
    return replace(
        report,
        catalog=catalog,
        rows=tally.rows,
        taken=tally.taken,
        refused=tally.refused,
        joined=tally.outcomes.get("joined", 0),
        products=created + updated + unchanged,
        created=created,
        updated=updated,
        unchanged=unchanged,
        withdrawn=withdrawn,
        doubtful_lang=tally.doubtful,
        errors=tuple(sorted(tally.errors, key=lambda error: error.line)),
        warnings=tally.all_warnings(),
        samples=tuple(tally.samples),
    )


def _refused(report: CatalogReport, tally: Tally, reason: str) -> CatalogReport:
    """The report of a file of which nothing was kept: every row counts as refused, the listed ones say why."""
    return replace(
        report,
        rows=tally.rows,
        refused=tally.rows,
        refused_as_a_whole=reason,
        errors=tuple(sorted(tally.errors, key=lambda error: error.line)),
        warnings=tally.all_warnings(),
    )
