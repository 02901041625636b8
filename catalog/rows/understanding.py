"""What a row is on its way from a record to a product."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.columns.fields import Field
from catalog.columns.mapping import Mapping as ColumnMapping
from catalog.columns.mapping import Target
from catalog.model import Product, RowError
from catalog.rows.relations import Relations
from catalog.values.numbers import DecimalMark

VALUE_LENGTH = 200
"""Characters of an offending value that a report shows."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that is decided about a file before its rows are taken.

    Attributes:
        supplier: the supplier's name.
        mapping: what the columns mean.
        lang: language of the catalog.
        currency: ISO code for amounts that name none, or ``None``.
        country: the supplier's country (ISO 3166-1 alpha-2), or ``None``.
        marks: the decimal mark that each price column proves.
        separators: how each category column's paths are cut into levels.
        relations: what rows say about other rows.
        lang_by_columns: the columns themselves say their language, so a row is not doubted.
    """

    supplier: str
    mapping: ColumnMapping
    lang: str
    currency: str | None
    country: str | None
    marks: Mapping[str, DecimalMark | None]
    separators: Mapping[str, re.Pattern[str] | None]
    relations: Relations
    lang_by_columns: bool = False


@dataclass(frozen=True, slots=True)
class BuiltRow:
    """What became of one record.

    Attributes:
        result: the product, or why the row is refused.
        warnings: values that were left out.
        doubtful: the row may be in another language than it was taken in.
    """

    result: Product | RowError
    warnings: tuple[RowError, ...] = ()
    doubtful: bool = False


Cells = dict[Field, list[tuple[Target, str, str]]]
"""The values of a row by field: target, column, value; clearest column first."""


@dataclass(slots=True)
class Row:
    """A record on its way to a product: its cells by field, and what had to be left out."""

    line: int
    cells: Cells
    sku: str | None = None
    warnings: list[RowError] = field(default_factory=list)

    def warn(self, name: str, value: str | None, code: str, reason: str) -> None:
        """Note that a value was left out."""
        shown = None if value is None else value[:VALUE_LENGTH]
        self.warnings.append(RowError(self.line, self.sku, name, shown, reason, code, refused=False))

    def values(self, *kinds: Field) -> list[str]:
        """Return the values of some fields, the clearest column first."""
        cells = self.cells
        return [value for kind in kinds if kind in cells for _, _, value in cells[kind]]

    def refuse(self, name: str | None, value: str | None, code: str, reason: str) -> BuiltRow:
        """Refuse the whole row."""
        shown = None if value is None else value[:VALUE_LENGTH]
        return BuiltRow(RowError(self.line, self.sku, name, shown, reason, code), tuple(self.warnings))
