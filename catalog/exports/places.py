"""Where the products of a feed stand in the files that gave them."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from catalog.model import Product
from catalog.rows.assembling import AssembledRow

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Place:
    """What an export has to know of one row of a file.

    Attributes:
        product: id of the product that the row gives; ``""`` where it gives none that is exported.
        goes: the row belongs to a product that is no longer in the feed, or stands in a newer file.
    """

    product: str
    goes: bool


class Places:
    """Rows of files by sheet and line, in a private database that vanishes on close."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute(
            "CREATE TABLE rows (source INTEGER, sheet TEXT, line INTEGER, product TEXT, goes INTEGER)"
        )
        self._database.execute("CREATE INDEX by_place ON rows (source, sheet, line)")
        self._database.execute("CREATE TABLE covered (product TEXT PRIMARY KEY, source INTEGER) WITHOUT ROWID")

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def add(self, source: int, rows: Iterator[AssembledRow], live: Callable[[Sequence[str]], set[str]]) -> int:
        """Note the rows of one file, newest file first; return how many products it adds to those before.

        Args:
            source: number of the file.
            rows: what became of its rows.
            live: says which products of some ids are in the feed now.
        """
        added = 0
        batch: list[AssembledRow] = []
        goes = False  # whether the product goes that the next joined rows continue
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                number, goes = self._add(source, batch, live, goes)
                added += number
                batch = []
        return added + self._add(source, batch, live, goes)[0]

    def _add(
        self, source: int, rows: Sequence[AssembledRow], live: Callable[[Sequence[str]], set[str]], goes: bool
    ) -> tuple[int, bool]:
        ids = [row.result.id for row in rows if isinstance(row.result, Product)]
        alive, covered = live(ids), self._covered(ids)
        entries = []
        fresh: set[str] = set()
        for row in rows:
            product = row.result.id if isinstance(row.result, Product) else ""
            if product:
                goes = product not in alive or covered.get(product, source) != source
            if row.record is not None and row.counts and (product or goes):
                # Another row with the same article number stays, and says nothing.
                shown = "" if goes or product in covered or product in fresh else product
                entries.append((source, row.record.sheet or "", row.record.line, shown, int(goes)))
            if product and not goes and product not in covered:
                fresh.add(product)
        self._database.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", entries)
        self._database.executemany("INSERT INTO covered VALUES (?, ?)", [(product, source) for product in fresh])
        return len(fresh), goes

    def _covered(self, ids: Sequence[str]) -> dict[str, int]:
        marks = ",".join("?" * len(ids))
        query = f"SELECT product, source FROM covered WHERE product IN ({marks})"  # noqa: S608 - question marks only
        return dict(self._database.execute(query, ids))

    def between(self, source: int, sheet: str, first: int, last: int) -> dict[int, Place]:
        """Return what is known of the lines of a sheet, by line; of other lines nothing is to be done."""
        query = "SELECT line, product, goes FROM rows WHERE source = ? AND sheet = ? AND line BETWEEN ? AND ?"
        found = self._database.execute(query, (source, sheet, first, last))
        return {line: Place(product, bool(goes)) for line, product, goes in found}

    def products(self) -> Iterator[list[str]]:
        """Yield the products that are placed, some at a time."""
        cursor = self._database.execute("SELECT product FROM covered")
        while rows := cursor.fetchmany(_BATCH):
            yield [product for (product,) in rows]
