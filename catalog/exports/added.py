"""The cells that an export adds to the rows of products, and the record of what they say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from catalog.exports.model import EXPORT_COLUMN, LONGEST_CELL, Export, LanguageColumn, cell_digest
from catalog.exports.store import ExportStore

NOT_SHOWN = frozenset({"needs_review", "missing"})
"""States without a text that a buyer should read: the original stands in, and an export leaves the cell empty."""


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


class AddedCells:
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
