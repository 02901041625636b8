"""An export: a supplier's workbook with language columns, and what each of its cells said.

Only a cell that differs from what *that* export wrote is a correction, whatever became of the translation since; so an
export that comes back untouched changes nothing.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog.model import Product

EXPORT_COLUMN = "lexicart_export"
"""Last column of an export, and custom property of an exported workbook: both hold the export's id."""

SKU_COLUMN = "sku"
"""Column that names the product in an export of kind ``texts``."""

LONGEST_CELL = 32_767
"""Characters that a cell of a spreadsheet holds."""

Kind = Literal["table", "texts"]


@dataclass(frozen=True, slots=True)
class LanguageColumn:
    """A column that an export added for one field in one language."""

    name: str
    field: str
    lang: str


@dataclass(frozen=True, slots=True)
class Export:
    """One workbook that went back to a supplier.

    Attributes:
        id: its name; the workbook carries it.
        supplier: whose it is.
        feed: the feed whose products it shows.
        kind: ``table`` is the supplier's own layout, and its import is a catalog again; ``texts`` holds nothing but
            article numbers and texts (where the feed has no one table), and its import only corrects.
        columns: the columns that were added for texts.
        states: names of the columns that show the states of a language.
        lang, currency, country: what a person said when the supplier's file was imported; its import follows them.
    """

    id: str
    supplier: str
    feed: str
    kind: Kind
    columns: tuple[LanguageColumn, ...]
    states: tuple[str, ...]
    lang: str | None = None
    currency: str | None = None
    country: str | None = None

    @property
    def added(self) -> frozenset[str]:
        """Names of all columns that are not the supplier's."""
        return frozenset((EXPORT_COLUMN, *self.states, *(column.name for column in self.columns)))

    def reading_json(self) -> str:
        """What is needed to understand the workbook when it comes back; :meth:`from_row` reads it."""
        body = {
            "kind": self.kind,
            "columns": [[column.name, column.field, column.lang] for column in self.columns],
            "states": list(self.states),
            "lang": self.lang,
            "currency": self.currency,
            "country": self.country,
        }
        return json.dumps(body, ensure_ascii=False)

    @classmethod
    def from_row(cls, name: str, supplier: str, feed: str, reading: str) -> "Export":
        """Read an export back from the store."""
        body: dict[str, Any] = json.loads(reading)
        columns = tuple(LanguageColumn(*column) for column in body.pop("columns"))
        return cls(name, supplier, feed, columns=columns, states=tuple(body.pop("states")), **body)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person made of a cell.

    Attributes:
        line: its row in the file that came back.
        product: the product, as that file says it.
        field: FIELD of the contract.
        lang: the cell's language.
        text: the corrected text.
        only_here: rows of one source text were corrected differently, so that none of them may spread.
    """

    line: int
    product: Product
    field: str
    lang: str
    text: str
    only_here: bool = False


Written = Mapping[tuple[str, str, str], str]
"""Digest of what an export wrote, by product id, field and language; ``""`` for an empty cell."""


def settled(text: str) -> str:
    """Return a text without what spreadsheet programs change on their own: line ends, blanks around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def cell_digest(text: str) -> str:
    """Return what the store keeps of a written cell."""
    text = settled(text)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest() if text else ""


def guarded(text: str) -> str:
    """Return a text as CSV shows it without a spreadsheet program taking it for a formula."""
    if text[:1] in ("=", "+", "@", "\t") or (text[:1] == "-" and not text[1:2].isdigit()):
        return text and f"'{text}"
    return text


def unguarded(cell: str) -> str:
    """Undo :func:`guarded`, and take off nothing else."""
    return cell[1:] if cell.startswith("'") and guarded(cell[1:]) == cell else cell


def changed(cell: str, written: str) -> str | None:
    """Return what a person wrote into a cell, or ``None`` where it still says what the export wrote.

    Args:
        cell: what the cell says now.
        written: digest of what the export wrote there.
    """
    text = settled(unguarded(cell))
    return None if written in (cell_digest(cell), cell_digest(text)) else text
