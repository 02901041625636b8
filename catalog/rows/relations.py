"""What rows of a file say about other rows: whose variant a product is, which number two products carry, which row is
another language version of which.

A million rows may say it, so it lies in a private database on disk and not in memory.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from catalog.model import Product, from_json, to_json
from catalog.readers.base import Record

_TABLES = """
CREATE TABLE variants (sku TEXT PRIMARY KEY, parent TEXT NOT NULL, options TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE numbers (gtin TEXT PRIMARY KEY, sku TEXT NOT NULL, shared INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE wanted (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE parents (name TEXT PRIMARY KEY, product TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE bases (sku TEXT PRIMARY KEY, line INTEGER NOT NULL, view TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE views (sku TEXT, line INTEGER, view TEXT, cells TEXT, PRIMARY KEY (sku, line)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class ListedVariant:
    """What a parent's list says of a variant: the parent's sku, and ``(name, value)`` of the variant's options."""

    parent: str
    options: tuple[tuple[str, str], ...]


class Relations:
    """Relations between the rows of one file; a context manager that leaves nothing behind."""

    def __init__(self) -> None:
        # An empty name is SQLite's private file: it spills to disk beyond its cache and vanishes on close.
        self._database = sqlite3.connect("")
        self._database.executescript(_TABLES)
        self._filled: set[str] = set()

    def __enter__(self) -> "Relations":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    # -- variants that a parent lists ---------------------------------------------------------------------------------

    def add_variant(self, sku: str, parent: str, options: Sequence[tuple[str, str]] = ()) -> None:
        """Note that ``sku`` is a variant of ``parent``; the first parent stays."""
        self._filled.add("variants")
        body = json.dumps(options, ensure_ascii=False)
        self._database.execute("INSERT OR IGNORE INTO variants VALUES (?, ?, ?)", (sku, parent, body))
        self.want_parent(parent)

    def listed(self, sku: str) -> ListedVariant | None:
        """Return what another row's list says of a sku."""
        if "variants" not in self._filled:
            return None
        row = self._database.execute("SELECT parent, options FROM variants WHERE sku = ?", (sku,)).fetchone()
        return (
            None if row is None else ListedVariant(row[0], tuple((name, value) for name, value in json.loads(row[1])))
        )

    # -- parents that variants name -----------------------------------------------------------------------------------

    def want_parent(self, name: str) -> None:
        """Note that some row names a parent, by sku or by ``id:``."""
        self._filled.add("wanted")
        self._database.execute("INSERT OR IGNORE INTO wanted VALUES (?)", (name,))

    @property
    def wants_parents(self) -> bool:
        """Whether any row names a parent."""
        return "wanted" in self._filled

    def wanted_of(self, names: Sequence[str]) -> list[str]:
        """Return which names of a row are those of a parent."""
        marks = ",".join("?" * len(names))
        found = self._database.execute(f"SELECT name FROM wanted WHERE name IN ({marks})", names)  # noqa: S608 - marks only
        return [row[0] for row in found]

    def add_parent(self, name: str, product: Product) -> None:
        """Keep a product that others name as their parent; the first one stays."""
        self._filled.add("parents")
        self._database.execute("INSERT OR IGNORE INTO parents VALUES (?, ?)", (name, to_json(product)))

    def parent(self, name: str) -> Product | None:
        """Return the product of this file that a name stands for, wherever in the file it is."""
        if "parents" not in self._filled:
            return None
        row = self._database.execute("SELECT product FROM parents WHERE name = ?", (name,)).fetchone()
        return None if row is None else from_json(row[0])

    # -- other languages of a product ---------------------------------------------------------------------------------

    def add_view(self, sku: str, view: str, record: Record) -> None:
        """Note a row of a product that may have several, one a store view or language.

        The row without a view is the product itself (its base); where all have one, the first row is.
        """
        self._filled.add("views")
        before = self._database.execute("SELECT view FROM bases WHERE sku = ?", (sku,)).fetchone()
        if before is None or (before[0] and not view):
            self._database.execute("INSERT OR REPLACE INTO bases VALUES (?, ?, ?)", (sku, record.line, view))
        if view:
            cells = json.dumps(record.cells, ensure_ascii=False)
            self._database.execute("INSERT OR IGNORE INTO views VALUES (?, ?, ?, ?)", (sku, record.line, view, cells))

    def is_view(self, sku: str, view: str, line: int) -> bool:
        """Say whether a row only gives a product's texts for another view than the product's own row."""
        if "views" not in self._filled or not view:
            return False
        base = self._database.execute("SELECT line, view FROM bases WHERE sku = ?", (sku,)).fetchone()
        return base is not None and base[0] != line and base[1] != view

    def views(self, sku: str, line: int) -> list[tuple[str, Record]]:
        """Return the other views of a product, if ``line`` is its base row."""
        if "views" not in self._filled:
            return []
        base = self._database.execute("SELECT line, view FROM bases WHERE sku = ?", (sku,)).fetchone()
        if base is None or base[0] != line:
            return []
        rows = self._database.execute(
            "SELECT view, line, cells FROM views WHERE sku = ? AND line <> ? AND view <> ? ORDER BY line",
            (sku, line, base[1]),
        )
        return [
            (view, Record(at, tuple((name, value) for name, value in json.loads(cells)))) for view, at, cells in rows
        ]

    # -- article numbers of the world ---------------------------------------------------------------------------------

    def add_gtin(self, gtin: str, sku: str) -> None:
        """Note that a product carries a number."""
        self._filled.add("numbers")
        self._database.execute(
            "INSERT INTO numbers VALUES (?, ?, 0) "
            "ON CONFLICT (gtin) DO UPDATE SET shared = 1 WHERE sku <> excluded.sku",
            (gtin.lstrip("0"), sku),
        )

    def is_shared(self, gtin: str) -> bool:
        """Say whether several products of the file carry a number."""
        if "numbers" not in self._filled:
            return False
        row = self._database.execute("SELECT shared FROM numbers WHERE gtin = ?", (gtin.lstrip("0"),)).fetchone()
        return row is not None and bool(row[0])
