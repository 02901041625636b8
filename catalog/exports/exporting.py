"""A feed -> the supplier's own workbook with language columns.

The workbook is made from the files as they came. One table gives back that very table (an XLSX file in place, see
:mod:`catalog.exports.patching`); several with the same columns give one table; where a feed has no one table (it came
as XML or JSON, or in files of different layouts) the export holds article numbers and texts alone.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from catalog.errors import NotFoundError, UsageError
from catalog.exports.model import EXPORT_COLUMN, LONGEST_CELL, SKU_COLUMN, Export, Kind, LanguageColumn, cell_digest
from catalog.exports.patching import CannotPatchError, Patch, can_patch, patch_workbook
from catalog.exports.places import Place, Places
from catalog.exports.sources import Said, Source, sources_of
from catalog.exports.store import ExportStore
from catalog.exports.writing import DelimitedTable, Table, WorkbookTable
from catalog.model import RowError
from catalog.readers.base import Record
from catalog.readers.delimited import DelimitedReader
from catalog.refused import in_order
from catalog.store import ProductStore

FIELDS = ("title", "description", "bullets", "category", "keywords", "attributes")
"""What may be exported; an attribute takes two columns a language."""

USUAL_FIELDS = FIELDS[:-1]

NOT_SHOWN = frozenset({"needs_review", "missing"})
"""States without a text that a buyer should read: the original stands in, and an export leaves the cell empty."""

_PAGE = 200


class ShownText(Protocol):
    """A text of a product in one language."""

    @property
    def text(self) -> str | None:
        """The translation, or ``None``."""
        ...

    @property
    def state(self) -> str:
        """Its state, as the contract names it."""
        ...


TextsOf = Callable[[Sequence[str], Sequence[str]], Mapping[str, Mapping[tuple[str, str], ShownText]]]
"""Texts of products in languages, by product id, then by field and language."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export.

    Attributes:
        supplier: whose feed.
        feed: which of the supplier's feeds.
        langs: the languages to add columns for.
        fields: some of :data:`FIELDS`.
        file: where the workbook goes; its ending, ``.xlsx``, ``.csv`` or ``.tsv``, decides the format.
    """

    supplier: str
    feed: str
    langs: tuple[str, ...]
    fields: tuple[str, ...]
    file: Path

    def __post_init__(self) -> None:
        if self.file.suffix.lower() not in (".xlsx", ".csv", ".tsv"):
            raise UsageError(f"-o {self.file}: give the workbook a name that ends in .xlsx, .csv or .tsv")

    @property
    def delimiter(self) -> str | None:
        """Of delimited text, ``None`` for a workbook."""
        return {".csv": ",", ".tsv": "\t"}.get(self.file.suffix.lower())


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
        sources = _sources(stack, products, exports, places, options)
        kind: Kind = "table" if sources else "texts"
        export = _planned(products, places, sources, options, kind)
        exports.begin(export)
        part = options.file.with_name(f".{options.file.name}.{export.id[:8]}.part")
        try:
            cells = _Cells(export, exports, texts)
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


# -- which files, which columns ---------------------------------------------------------------------------------------


def _sources(
    stack: ExitStack, products: ProductStore, exports: ExportStore, places: Places, options: ExportOptions
) -> list[Source]:
    """Place the feed's products in the files that gave them; no files where these make no one table."""
    total = products.feed_size(options.supplier, options.feed)
    if total == 0:
        raise NotFoundError(f"supplier {options.supplier} has no products in feed {options.feed!r}")

    def live(ids: Sequence[str]) -> set[str]:
        return products.in_feed(options.supplier, options.feed, ids)

    found: list[Source] = []
    covered = number = 0
    for upload in products.kept_uploads(options.supplier, options.feed):
        if covered == total:
            break
        for source in stack.enter_context(sources_of(upload, exports, options.supplier)):
            added = places.add(number, source.rows(products, options.supplier, options.feed), live)
            number += 1
            if added:
                found.append(replace(source, number=number - 1))
                covered += added
    return found if covered == total and _is_one_table(found) else []


def _is_one_table(sources: Sequence[Source]) -> bool:
    return all(source.is_table for source in sources) and len({source.shape.columns for source in sources}) == 1


def _planned(
    products: ProductStore, places: Places, sources: Sequence[Source], options: ExportOptions, kind: Kind
) -> Export:
    own = {source.lang for source in sources} or _languages(products, options)
    langs = [lang for lang in options.langs if own != {lang}]
    if not langs:
        raise UsageError(f"--lang {', '.join(options.langs)}: this is the language in which the catalog is written")
    taken = {name.casefold() for source in sources for name in source.shape.columns}
    columns, states = [], []
    fields = _fields(products, options)
    for lang in langs:
        for field in fields:
            columns.append(LanguageColumn(_free(f"{field}_{lang}", taken), field, lang))
        states.append(_free(f"state_{lang}", taken))
    said = sources[0].said if sources else Said()
    return Export(
        uuid.uuid4().hex, options.supplier, options.feed, kind, tuple(columns), tuple(states),
        said.lang, said.currency, said.country,
    )  # fmt: skip


def _languages(products: ProductStore, options: ExportOptions) -> set[str | None]:
    return {stored.product.lang for stored in products.stream(options.supplier) if stored.feed == options.feed}


def _fields(products: ProductStore, options: ExportOptions) -> list[str]:
    """Return the fields that the feed's products have, titles first, in the order in which products show them."""
    found: dict[str, dict[str, None]] = {name: {} for name in FIELDS}
    for stored in products.stream(options.supplier):
        if stored.feed == options.feed:
            for text in stored.product.texts():
                found[text.field.split(".")[0]][text.field] = None
    bullets = sorted(found["bullets"], key=lambda field: int(field.split(".")[1]))
    found["bullets"] = dict.fromkeys(bullets)
    return [field for name in FIELDS if name in options.fields for field in found[name]]


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no column has: the supplier may give translations in a ``title_fr`` of their own."""
    while name.casefold() in taken:
        name = f"lexicart_{name}"
    taken.add(name.casefold())
    return name


# -- the texts of a page of products ----------------------------------------------------------------------------------


class _Cells:
    """Makes the added cells of products and records them.

    Attributes:
        names: of the added columns.
        rows: products that were written.
        texts: cells with a text.
        left_empty: cells without, though the product has the field.
    """

    def __init__(self, export: Export, exports: ExportStore, texts: TextsOf) -> None:
        self._export = export
        self._exports = exports
        self._texts = texts
        self._by_lang: dict[str, list[LanguageColumn]] = {}
        for column in export.columns:
            self._by_lang.setdefault(column.lang, []).append(column)
        self.names: list[str] = []
        for (_, columns), state in zip(self._by_lang.items(), export.states, strict=True):
            self.names += [*(column.name for column in columns), state]
        self.names.append(EXPORT_COLUMN)
        self.rows = self.texts = self.left_empty = 0

    def of(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the added cells of products, and record what they say."""
        shown = self._texts(ids, list(self._by_lang)) if ids else {}
        written: dict[tuple[str, str, str], str] = {}
        rows = {}
        for product, texts in shown.items():
            cells: list[str] = []
            for lang, columns in self._by_lang.items():
                states: dict[str, str] = {}
                for column in columns:
                    found = texts.get((column.field, lang))
                    cell = self._cell(found)
                    cells.append(cell)
                    if found is not None:
                        states[column.field] = _state(found, cell)
                        written[product, column.field, lang] = cell_digest(cell)
                cells.append(_states(states))
            rows[product] = [*cells, self._export.id]
        self._exports.wrote(self._export, written)
        self.rows += len(rows)
        return rows

    def _cell(self, found: ShownText | None) -> str:
        if found is None:
            return ""
        if found.state in NOT_SHOWN or not found.text or len(found.text) > LONGEST_CELL:
            self.left_empty += 1
            return ""
        self.texts += 1
        return found.text


def _state(found: ShownText, cell: str) -> str:
    return (
        f"{found.state}, too long for a cell"
        if found.text and not cell and found.state not in NOT_SHOWN
        else found.state
    )


def _states(states: Mapping[str, str]) -> str:
    """Say the states of a product's texts in a language: one word where they agree."""
    if len(set(states.values())) < 2:
        return next(iter(states.values()), "")
    return "; ".join(f"{field}: {state}" for field, state in states.items())


# -- the file ---------------------------------------------------------------------------------------------------------


def _write(
    products: ProductStore,
    export: Export,
    sources: Sequence[Source],
    places: Places,
    cells: _Cells,
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


def _patch(export: Export, source: Source, places: Places, cells: _Cells, part: Path) -> None:
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


def _row_cells(found: Mapping[int, Place], cells: _Cells) -> dict[int, list[str] | None]:
    """Return the added cells by line, ``None`` for a line that goes."""
    rows = cells.of([place.product for place in found.values() if place.product])
    return {
        line: None if place.goes else rows[place.product]
        for line, place in found.items()
        if place.goes or place.product in rows
    }


def _delimited_rows(source: Source, places: Places, cells: _Cells, table: Table) -> None:
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


def _record_rows(source: Source, places: Places, cells: _Cells, table: Table) -> None:
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


def _texts_alone(products: ProductStore, cells: _Cells, table: Table, options: ExportOptions) -> None:
    table.row((SKU_COLUMN, "title"), cells.names)
    mine = (stored.product for stored in products.stream(options.supplier) if stored.feed == options.feed)
    for page in _pages(mine):
        known = cells.of([product.id for product in page])
        for product in page:
            table.row((product.sku, product.title), known.get(product.id, []))
