"""A feed -> the supplier's own workbook with language columns.

The workbook is made from the files as they came. One table gives back that very table (an XLSX file in place, see
:mod:`catalog.exports.patching`); several with the same columns give one table; where a feed has no one table (it came
as XML or JSON, or in files of different layouts) the export holds article numbers and texts alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import UsageError
from catalog.exports.added import AddedCells, TextsOf
from catalog.exports.model import EXPORT_COLUMN, SKU_COLUMN, Export, Kind
from catalog.exports.patching import CannotPatchError, Patch, can_patch, patch_workbook
from catalog.exports.places import Place, Places
from catalog.exports.planning import ExportOptions, find_sources, plan
from catalog.exports.sources import Source
from catalog.exports.store import ExportStore
from catalog.exports.writing import DelimitedTable, Table, WorkbookTable
from catalog.model import RowError
from catalog.readers.base import Record
from catalog.readers.delimited import DelimitedReader
from catalog.refused import in_order
from catalog.store import ProductStore

_PAGE = 200


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        export: its id.
        columns: names of the added columns.
        rows: rows with a product.
        cells: texts that were written.
        left_empty: texts without a translation that a buyer should read.
    """

    export: str
    file: str
    supplier: str
    feed: str
    kind: Kind
    langs: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    cells: int
    left_empty: int

    def as_json(self) -> dict[str, Any]:
        """What ``lexicart export --json`` prints."""
        body = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return body | {"langs": list(self.langs), "columns": list(self.columns)}


def export_feed(products: ProductStore, exports: ExportStore, texts: TextsOf, options: ExportOptions) -> ExportReport:
    """Write a feed's workbook with language columns, and record what its cells say.

    Raises:
        NotFoundError: the feed has no products.
        UsageError: the file can't be written, or every language asked for is the catalog's own.
    """
    with ExitStack() as stack:
        places = Places()
        stack.callback(places.close)
        sources = find_sources(stack, products, exports, places, options)
        kind: Kind = "table" if sources else "texts"
        export = plan(products, places, sources, options, kind)
        exports.begin(export)
        part = options.file.with_name(f".{options.file.name}.{export.id[:8]}.part")
        try:
            cells = AddedCells(export, exports, texts)
            try:
                _write(products, export, sources, places, cells, options, part)
                part.replace(options.file)
            except OSError as exc:
                raise UsageError(f"-o {options.file}: can't be written ({exc.strerror or exc})") from exc
        except BaseException:
            part.unlink(missing_ok=True)
            exports.drop(export)
            raise
    names = tuple(column.name for column in export.columns)
    langs = tuple(dict.fromkeys(column.lang for column in export.columns))
    return ExportReport(
        export.id, str(options.file), options.supplier, options.feed, kind, langs, names, cells.rows, cells.texts,
        cells.left_empty,
    )  # fmt: skip


# -- the file ---------------------------------------------------------------------------------------------------------


def _write(
    products: ProductStore,
    export: Export,
    sources: Sequence[Source],
    places: Places,
    cells: AddedCells,
    options: ExportOptions,
    part: Path,
) -> None:
    if len(sources) == 1 and _in_place(sources[0], options):
        try:
            _patch(export, sources[0], places, cells, part)
            return
        except CannotPatchError:
            pass  # the table is written anew below: the same cells, without the supplier's formats
    with closing(_table(export, sources, options, part)) as table:
        if not sources:
            _texts_alone(products, cells, table, options)
        elif len(sources) == 1 and options.delimiter and sources[0].shape.delimiter and sources[0].member is None:
            _delimited_rows(sources[0], places, cells, table)
        else:
            table.row(sources[0].shape.columns, cells.names)
            for source in sources:
                _record_rows(source, places, cells, table)


def _in_place(source: Source, options: ExportOptions) -> bool:
    is_workbook = source.shape.format == "xlsx" and source.member is None
    return is_workbook and options.delimiter is None and can_patch(source.path)


def _table(export: Export, sources: Sequence[Source], options: ExportOptions, part: Path) -> Table:
    delimiter = options.delimiter
    if delimiter is None:
        sheet = sources[0].shape.sheet if sources else None
        return WorkbookTable(part, (sheet or options.feed).split(", ")[0], export.id)
    own = sources[0].shape.delimiter if sources else None
    return DelimitedTable(part, own if delimiter == "," and own else delimiter)


def _patch(export: Export, source: Source, places: Places, cells: AddedCells, part: Path) -> None:
    columns = source.reader.shape().columns
    removed = frozenset(columns.index(name) for name in source.foreign)
    sheets = (source.shape.sheet or "").split(", ")
    names = [source.shape.sheet or ""] if len(sheets) == 1 else sheets

    def added(sheet: str, lines: Sequence[int]) -> dict[int, list[str] | None]:
        if not lines:
            return {}
        found = places.between(source.number, sheet if len(names) > 1 else "", min(lines), max(lines))
        return _row_cells(found, cells)

    patches = {name: Patch(source.header_lines(), removed) for name in names}
    patch_workbook(source.path, part, patches, cells.names, added, (EXPORT_COLUMN, export.id))


def _row_cells(found: Mapping[int, Place], cells: AddedCells) -> dict[int, list[str] | None]:
    """Return the added cells by line, ``None`` for a line that goes."""
    rows = cells.of([place.product for place in found.values() if place.product])
    return {
        line: None if place.goes else rows[place.product]
        for line, place in found.items()
        if place.goes or place.product in rows
    }


def _delimited_rows(source: Source, places: Places, cells: AddedCells, table: Table) -> None:
    """Write every row of the supplier's file, title lines and refused rows too."""
    columns = source.reader.shape().columns
    foreign = {place for place, name in enumerate(columns) if name in source.foreign}
    headers = source.header_lines()
    for page in _pages(row for row in DelimitedReader(source.path).rows() if not isinstance(row, RowError)):
        known = _row_cells(places.between(source.number, "", page[0].line, page[-1].line), cells)
        for row in page:
            added = cells.names if row.line in headers else known.get(row.line, [])
            if added is None:
                continue
            own = [cell for place, cell in enumerate(row.cells) if place not in foreign]
            width = len(columns) - len(foreign) if added else 0
            table.row([*own, *[""] * (width - len(own))], added)


def _record_rows(source: Source, places: Places, cells: AddedCells, table: Table) -> None:
    columns = source.shape.columns
    records = (record for record in source.own.records() if isinstance(record, Record))
    for page in _pages(records):
        for sheet in dict.fromkeys(record.sheet for record in page):
            part = [record for record in page if record.sheet == sheet]
            known = _row_cells(places.between(source.number, sheet or "", part[0].line, part[-1].line), cells)
            for record in part:
                added = known.get(record.line, [])
                if added is not None:
                    table.row(in_order(columns, record.cells), added)


def _pages(rows: Iterator[Any]) -> Iterator[list[Any]]:
    page: list[Any] = []
    for row in rows:
        page.append(row)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def _texts_alone(products: ProductStore, cells: AddedCells, table: Table, options: ExportOptions) -> None:
    table.row((SKU_COLUMN, "title"), cells.names)
    mine = (stored.product for stored in products.stream(options.supplier) if stored.feed == options.feed)
    for page in _pages(mine):
        known = cells.of([product.id for product in page])
        for product in page:
            table.row((product.sku, product.title), known.get(product.id, []))
