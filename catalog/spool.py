"""What a file has given so far, on disk beside the store, until the whole file is taken at once."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class SpooledRow:
    """One product of the file.

    Attributes:
        sku: its number, once a file.
        line: line of its row.
        digest: of the product.
        lang: its language.
        brand: its brand.
        body: the product as JSON; empty where it is known to be in the store already.
    """

    sku: str
    line: int
    digest: str
    lang: str
    brand: str
    body: str


class Spool:
    """Products of one file in a private database, which vanishes on close."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")  # private, on disk beyond its cache
        self._database.execute(
            "CREATE TABLE rows (sku TEXT UNIQUE, line INTEGER, digest TEXT, lang TEXT, brand TEXT, body TEXT)"
        )

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def add(self, rows: Sequence[SpooledRow]) -> None:
        """Append products with new numbers."""
        self._database.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)",
            [(row.sku, row.line, row.digest, row.lang, row.brand, row.body) for row in rows],
        )

    def find(self, skus: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Return line and digest of those numbers that the file has used."""
        found: dict[str, tuple[int, str]] = {}
        for start in range(0, len(skus), _CHUNK):
            chunk = skus[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT sku, line, digest FROM rows WHERE sku IN ({marks})"  # noqa: S608 - question marks only
            found |= {sku: (line, digest) for sku, line, digest in self._database.execute(query, chunk)}
        return found

    def batches(self, size: int = _CHUNK) -> Iterator[list[SpooledRow]]:
        """Yield all products in their order, some at a time."""
        cursor = self._database.execute("SELECT sku, line, digest, lang, brand, body FROM rows ORDER BY rowid")
        while rows := cursor.fetchmany(size):
            yield [SpooledRow(*row) for row in rows]
