"""An export that comes back: the supplier's own columns for the import, the added ones for corrections."""

import zipfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path

from catalog.errors import UnreadableFileError
from catalog.exports.model import EXPORT_COLUMN, Correction, Export, Written, changed
from catalog.exports.properties import custom_property
from catalog.model import Product, RowError
from catalog.readers.base import CatalogReader, FileShape, Record

_WAITING = 50_000
"""Rows whose cells are kept until their product is made: a group of rows has at most 10,000."""

Place = tuple[str | None, int]


def find_export(
    path: Path, reader: CatalogReader, get: Callable[[str], Export | None], supplier: str
) -> "ReturnedReader | None":
    """Return a reader that parts the added columns from the supplier's own, or ``None`` where the file is no export.

    Raises:
        UnreadableFileError: the export is another supplier's, or not of this installation: what it wrote can't be
            told from what a person corrected.
    """
    name = _name_of(path, reader)
    if name is None:
        return None
    export = get(name)
    if export is None:
        raise UnreadableFileError(
            path.name,
            f"it says that it is export {name[:40]!r}, which was not made here, so that nobody can tell what was "
            f"corrected in it: export again, or take out the column (and custom property) {EXPORT_COLUMN} to have its "
            "language columns taken as the supplier's own translations",
        )
    if export.supplier != supplier:
        raise UnreadableFileError(
            path.name, f"it is an export of supplier {export.supplier}: import it with --supplier {export.supplier}"
        )
    return ReturnedReader(reader, export)


def _name_of(path: Path, reader: CatalogReader) -> str | None:
    shape = reader.shape()
    if EXPORT_COLUMN in shape.columns:
        for record in reader.records():
            if isinstance(record, Record) and (found := record.first(EXPORT_COLUMN)):
                return found
    if shape.format == "xlsx" and shape.member is None and zipfile.is_zipfile(path):
        return custom_property(path, EXPORT_COLUMN)
    return None


class ReturnedReader:
    """A reader that shows the supplier's own columns alone and keeps the added cells aside.

    Attributes:
        export: the export that the file is.
    """

    def __init__(self, reader: CatalogReader, export: Export) -> None:
        self._reader = reader
        self.export = export
        self._added = export.added
        self._aside: dict[Place, tuple[tuple[str, str], ...]] = {}
        self._order: deque[Place] = deque()

    def shape(self) -> FileShape:
        """Say how the file is understood, without the added columns."""
        shape = self._reader.shape()
        return replace(shape, columns=tuple(name for name in shape.columns if name not in self._added))

    def records(self) -> Iterator[Record | RowError]:
        """Yield the records without the added cells, which :meth:`take_aside` gives."""
        self._aside.clear()
        self._order.clear()
        for record in self._reader.records():
            if isinstance(record, RowError):
                yield record
                continue
            own = tuple(cell for cell in record.cells if cell[0] not in self._added)
            if len(own) == len(record.cells):
                yield record
                continue
            self._keep((record.sheet, record.line), tuple(cell for cell in record.cells if cell[0] in self._added))
            if own:
                yield replace(record, cells=own)

    def _keep(self, place: Place, cells: tuple[tuple[str, str], ...]) -> None:
        self._aside[place] = cells
        self._order.append(place)
        if len(self._order) > _WAITING:
            self._aside.pop(self._order.popleft(), None)

    def present(self) -> frozenset[str]:
        """Names of the added columns that the file still has."""
        return frozenset(self._reader.shape().columns) & self._added

    def take_aside(self, record: Record) -> tuple[tuple[str, str], ...]:
        """Return the added cells of a record that was yielded, once."""
        return self._aside.pop((record.sheet, record.line), ())


class Corrections:
    """Gathers what a person changed in the added cells of one export.

    Args:
        export: the export.
        present: names of its columns that the file still has; a column taken out corrects nothing.
        written: looks up what the export wrote for some products.
    """

    def __init__(self, export: Export, present: Set[str], written: Callable[[Sequence[str]], Written]) -> None:
        self._export = export
        self._written = written
        self._columns = {column.name: column for column in export.columns if column.name in present}
        self._found: list[Correction] = []

    def look(self, rows: Sequence[tuple[int, Product, tuple[tuple[str, str], ...]]]) -> list[RowError]:
        """Compare rows ``(line, product, added cells)`` with what the export wrote; return what is to be warned of."""
        written = self._written([product.id for _, product, _ in rows])
        known = {product for product, _, _ in written}
        warnings: list[RowError] = []
        for line, product, cells in rows:
            said = dict(cells)
            if product.id not in known:
                if any(name in self._columns for name in said):
                    warnings.append(_warning(line, product, None, None, *_NOT_IN_EXPORT))
                continue
            if said.get(EXPORT_COLUMN, self._export.id) != self._export.id:
                warnings.append(_warning(line, product, None, said[EXPORT_COLUMN], *_OTHER_EXPORT))
                continue
            for name, column in self._columns.items():
                before = written.get((product.id, column.field, column.lang))
                text = None if before is None else changed(said.get(name, ""), before)
                if text is None:
                    continue
                if not text:
                    warnings.append(_warning(line, product, name, None, *_EMPTIED))
                elif column.lang == product.lang:
                    warnings.append(_warning(line, product, name, text, *_ORIGINAL))
                else:
                    self._found.append(Correction(line, product, column.field, column.lang, text))
        return warnings

    def all(self) -> list[Correction]:
        """Return the corrections; where one source text was corrected in two ways each holds for its product alone."""
        said: dict[tuple[str, str, str, str], set[str]] = {}
        for one in self._found:
            said.setdefault(_source(one), set()).add(one.text)
        return [replace(one, only_here=len(said[_source(one)]) > 1) for one in self._found]


def _source(correction: Correction) -> tuple[str, str, str, str]:
    for text in correction.product.texts():
        if text.field == correction.field:
            return text.kind, text.context, text.text, correction.lang
    return "", correction.field, correction.product.id, correction.lang


_NOT_IN_EXPORT = (
    "not_in_export",
    "the row was not in the export, so its language columns were not taken: give its translations in a catalog of "
    "your own",
)
_OTHER_EXPORT = (
    "other_export",
    "the row comes from another export than the first row, so its language columns were not taken: import each export "
    "by itself",
)
_EMPTIED = ("correction_empty", "the cell was emptied, which corrects nothing: the translation stays")
_ORIGINAL = (
    "correction_of_original",
    "this is the language in which the product was written: change it in the catalog's own column",
)


def _warning(line: int, product: Product, name: str | None, value: str | None, code: str, reason: str) -> RowError:
    return RowError(line, product.sku, name, None if value is None else value[:200], reason, code, refused=False)
