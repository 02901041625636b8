"""Rows of one catalog -> the session of a store, row by row, and everything that is to be said of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol

from catalog.exports.model import Export, Written
from catalog.exports.returning import Corrections, ReturnedReader
from catalog.learning import UNSURE_OF_LANGUAGE, Learned
from catalog.model import Product, RowError
from catalog.readers.base import CatalogReader, FileShape
from catalog.refused import RefusedRows
from catalog.report import Tally
from catalog.rows.assembling import AssembledRow, Assembler
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

    def finish(self, describe: Callable[[Counts], Mapping[str, Any]], note: ReadingNote | None) -> None:
        """Take the file; keep the report that ``describe`` makes of what became of its products, and the note.

        Without a note an equal file is read again.
        """
        ...


class KnownProduct(Protocol):
    """A product of the store."""

    @property
    def product(self) -> Product:
        """The product."""
        ...

    @property
    def withdrawn(self) -> bool:
        """Whether it is out of the market."""
        ...


class KnownExports(Protocol):
    """What an import needs of the record of exports; see :class:`catalog.exports.store.ExportStore`."""

    def get(self, name: str) -> Export | None:
        """Return an export by its id."""
        ...

    def written(self, export: Export, products: Sequence[str]) -> Written:
        """Return what an export wrote for some products."""
        ...


class Store(Protocol):
    """What an import needs of a store; see :class:`catalog.store.ProductStore`."""

    @property
    def exports(self) -> KnownExports:
        """The workbooks that went back to suppliers."""
        ...

    def many(self, ids: Sequence[str]) -> Sequence[KnownProduct]:
        """Return the products of the ids that exist."""
        ...

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


def take_rows(
    session: Session,
    reader: CatalogReader,
    learned: Learned,
    tally: Tally,
    refused: RefusedRows | None,
    *,
    dry_run: bool,
    returned: ReturnedReader | None = None,
    corrections: Corrections | None = None,
) -> None:
    """Hand the products of one catalog to a store's session; refused rows and warnings go to the tally.

    Args:
        returned: of an export that comes back, what keeps its added cells.
        corrections: compares these with what the export wrote.
    """
    for batch in _batches(_built(reader, learned, tally, refused)):
        taken = _save(session, batch, tally, refused)
        if dry_run:
            shown = {product.sku: product for product in (*tally.samples, *(product for _, product in taken))}
            tally.samples = list(shown.values())[:SAMPLES]
        if returned is not None and corrections is not None:
            looked = [
                (row.line, product, returned.take_aside(row.record))
                for row, product in taken
                if row.record is not None and row.counts
            ]
            for warning in corrections.look([one for one in looked if one[2]]):
                tally.warn(warning)


def _built(
    reader: CatalogReader, learned: Learned, tally: Tally, refused: RefusedRows | None
) -> Iterator[tuple[AssembledRow, Product]]:
    """Yield the products of a file; refused and joined rows and warnings go to the tally."""
    for row in Assembler(learned.understanding).rows(reader.records()):
        if isinstance(row.result, RowError) and not row.result.refused:  # a value that the reader could not have
            tally.warn(row.result)
            continue
        tally.rows += row.counts
        for warning in row.warnings:
            tally.warn(_placed(warning, row))
        if row.result is None:
            tally.count("joined")
        elif isinstance(row.result, RowError):
            _refuse(tally, refused, _placed(row.result, row), row)
        else:
            tally.doubtful += row.doubtful
            yield row, row.result


def _placed(error: RowError, row: AssembledRow) -> RowError:
    """Name the sheet where several are read as one table, because a line is then in each of them."""
    sheet = row.record.sheet if row.record is not None else None
    return error if sheet is None else replace(error, reason=f"sheet {sheet}: {error.reason}")


def _batches(built: Iterator[tuple[AssembledRow, Product]]) -> Iterator[list[tuple[AssembledRow, Product]]]:
    while batch := list(islice(built, BATCH)):
        yield batch


def _refuse(tally: Tally, refused: RefusedRows | None, error: RowError, row: AssembledRow) -> None:
    if not row.counts:  # a variant inside a record: the record was taken
        tally.warn(replace(error, refused=False))
        return
    tally.refuse(error)
    if refused is not None:
        refused.add(error, row.record)


def _save(
    session: Session, batch: Sequence[tuple[AssembledRow, Product]], tally: Tally, refused: RefusedRows | None
) -> list[tuple[AssembledRow, Product]]:
    """Save products and return those that were taken."""
    taken = []
    outcomes = session.save([(row.line, product) for row, product in batch])
    for (row, product), saved in zip(batch, outcomes, strict=True):
        if saved.outcome == "clash":
            sheets = row.record is not None and row.record.sheet is not None
            where = f"line {saved.first_line}{' of this or an earlier sheet' if sheets else ''}"
            reason = (
                f"{where} used this article number for a product with other content: give each product a number of its "
                "own"
            )
            error = RowError(row.line, product.sku, "sku", product.sku, reason, "sku_used_twice")
            _refuse(tally, refused, _placed(error, row), row)
        else:
            taken.append((row, product))
            tally.count(saved.outcome)
            tally.without_currency += any(price.currency is None for price in product.prices)
    return taken


def warn_of_columns(tally: Tally, learned: Learned, shape: FileShape) -> None:
    """Warn of columns whose meaning is in doubt, and of a language that is."""
    for notice in learned.understanding.mapping.notices:
        reason = f"column {notice.column!r}: {notice.reason}"
        tally.warn(RowError(shape.header_line or 1, None, notice.column, None, reason, notice.code, refused=False))
    if learned.lang_by == "detected" and 0 < learned.lang.confidence <= UNSURE_OF_LANGUAGE:
        reason = f"read as {learned.lang.english_name}, which is not sure: say the language with --lang"
        tally.warn(RowError(shape.header_line or 1, None, "lang", None, reason, "language_unsure", refused=False))


def warn_of_currency(tally: Tally, shape: FileShape) -> None:
    """Warn of prices without a currency, once for the file and not once a row."""
    if tally.without_currency:
        reason = (
            f"products with a price without currency: {tally.without_currency}; name it in the file or by --currency"
        )
        tally.warn(RowError(shape.header_line or 1, None, "currency", None, reason, "no_currency", refused=False))


def warn_of_sheets(tally: Tally, shape: FileShape) -> None:
    """Warn of tables in a workbook that were not read."""
    for name in shape.unread_sheets:
        reason = f"sheet {name!r} holds another table and was not read: send it as a file of its own if it has products"
        tally.warn(RowError(1, None, None, name[:200], reason, "sheet_unread", refused=False))
