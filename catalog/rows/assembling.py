"""Records of a file -> products, group by group: the product first, then the variants that stand behind it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from catalog.columns.fields import PRICE_FIELDS
from catalog.model import Product, RowError
from catalog.readers.base import Record
from catalog.rows.joining import Elsewhere, Group, Grouper
from catalog.rows.products import ProductBuilder
from catalog.rows.understanding import BuiltRow, Understanding


@dataclass(frozen=True, slots=True)
class AssembledRow:
    """What became of one row of the file, or of one variant inside a record.

    Attributes:
        line: the row's line.
        record: the row as it was read; ``None`` where it could not be.
        result: its product; why it is refused; or ``None`` where it was joined to another row's product.
        warnings: values that were left out.
        doubtful: it may be in another language than it was taken in.
        counts: it is a row of the file; false for a variant inside a record.
    """

    line: int
    record: Record | None
    result: Product | RowError | None
    warnings: tuple[RowError, ...] = ()
    doubtful: bool = False
    counts: bool = True


class Assembler:
    """Makes the products of a file by one understanding of it."""

    def __init__(self, understanding: Understanding) -> None:
        self._builder = ProductBuilder(understanding)
        self._grouper = Grouper(understanding.mapping, understanding.relations)
        self._targets = understanding.mapping.targets

    def rows(self, records: Iterable[Record | RowError]) -> Iterator[AssembledRow]:
        """Yield what became of every row, a product before its variants."""
        for group in self._grouper.groups(records):
            if isinstance(group, RowError):
                yield AssembledRow(group.line, None, group)
            elif isinstance(group, Elsewhere):
                yield AssembledRow(group.record.line, group.record, None)
            else:
                yield from self._group(group)

    def _group(self, group: Group) -> Iterator[AssembledRow]:
        variants = self._grouper.own_variants(group)
        merged = self._grouper.merged(group)
        built = self._builder.build(merged, views=group.views, has_variants=any(row for _, row in variants))
        yield _assembled(group.head, built)
        product = built.result
        for record in group.joined:
            yield self._joined(group.head, record, product)
        for record, is_row in variants:
            if isinstance(product, RowError):
                if is_row:
                    yield AssembledRow(record.line, record, _refused_with(product, record.line))
                continue
            fitting = record if is_row else self._with_fitting_title(record, product)
            row = _assembled(record, self._builder.build(fitting, parent=product))
            yield replace(row, counts=is_row)

    def _joined(self, head: Record, record: Record, product: Product | RowError) -> AssembledRow:
        if isinstance(product, RowError):
            return AssembledRow(record.line, record, _refused_with(product, record.line))
        price, before = self._price_of(record), self._price_of(head)
        if price is None or price == before:
            warnings = (_numberless(record, product),) if self._grouper.is_variant_without_number(head, record) else ()
            return AssembledRow(record.line, record, None, warnings)
        reason = "left out: a variant without an article number of its own has the price of its product"
        warning = RowError(record.line, product.sku, "price", price[:200], reason, "variant_price", refused=False)
        return AssembledRow(record.line, record, None, (warning,))

    def _price_of(self, record: Record) -> str | None:
        targets = self._targets
        return next(
            (value for column, value in record.cells if column in targets and targets[column].field == PRICE_FIELDS[0]),
            None,
        )

    def _with_fitting_title(self, record: Record, parent: Product) -> Record:
        """Leave out the title of a variant inside a record that only says its options ("S / red")."""
        titles = {column for column, target in self._targets.items() if target.variant and target.field == "title"}
        cells = [
            (column, value)
            for column, value in record.cells
            if column not in titles or parent.title.casefold() in value.casefold()
        ]
        return replace(record, cells=tuple(cells))


def _assembled(record: Record, built: BuiltRow) -> AssembledRow:
    return AssembledRow(record.line, record, built.result, built.warnings, built.doubtful)


def _numberless(record: Record, product: Product) -> RowError:
    reason = "what it is a variant by is left out: give the variant an article number, and it is a product of its own"
    return RowError(record.line, product.sku, "options", None, reason, "variant_without_number", refused=False)


def _refused_with(error: RowError, line: int) -> RowError:
    reason = f"the row in line {error.line}, which it continues, was refused: {error.reason}"
    return RowError(line, error.sku, error.field, None, reason, error.code)
