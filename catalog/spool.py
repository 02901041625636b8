"""What a file has given so far, on disk, until the whole file is taken at once.

Where the store is a SQLite file, the spool is a file beside it, attached to a connection of the store: SQLite then
moves the products over by itself. For a server it is a private database.
"""

import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, Integer, MetaData, Row, Table, Text, create_engine, event, select
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateTable

from catalog.database import connect, place_of, reading
from catalog.errors import UnavailableError

_CHUNK = 500
_CACHE_KIB = 16_384
"""Of the spool's index of numbers, which every batch asks: a million numbers are 30 MB."""

rows = Table(
    "rows",
    MetaData(schema="spool"),
    Column("place", Integer, primary_key=True),
    Column("sku", Text, nullable=False, unique=True),
    Column("line", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Products of the file in their order; the columns are those of :class:`SpooledRow`."""

changed = Table(
    "changed",
    rows.metadata,
    Column("place", Integer, primary_key=True),
    Column("created", Integer, nullable=False),
)
"""Which rows differ from the store, and which of them are new there."""


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
    """Products of one file, which vanish on close.

    Args:
        store: the store's engine.

    Attributes:
        engine: one connection with the tables of the spool; with ``beside_store`` it is one of the store as well.
        beside_store: the store is a SQLite file.
    """

    def __init__(self, store: Engine) -> None:
        self._file = _file_beside(store)
        self.beside_store = self._file is not None
        if self.beside_store:
            self.engine = connect(store.url.render_as_string(hide_password=False))
        else:
            self.engine = create_engine("sqlite://", poolclass=StaticPool)
        self._attached = False
        event.listen(self.engine, "connect", self._attach)

    def close(self) -> None:
        """Forget everything."""
        self.engine.dispose()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _attach(self, connection: Any, _record: Any) -> None:
        if self._attached:
            raise UnavailableError("the store's connection broke off during an import: import the file again")
        self._attached = True
        connection.execute("ATTACH ? AS spool", (str(self._file or ""),))
        # Nothing here has to survive a crash, and nothing is ever rolled back.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            connection.execute(f"PRAGMA spool.{pragma}")
        for table in (rows, changed):
            connection.execute(str(CreateTable(table).compile(dialect=self.engine.dialect)))
        if self._file is not None and os.name == "posix":
            self._file.unlink()  # an open file needs no name, and a killed import leaves none behind

    def add(self, batch: Sequence[SpooledRow]) -> None:
        """Append products with new numbers."""
        if batch:
            with reading(self.engine) as connection:
                connection.exec_driver_sql(
                    "INSERT INTO spool.rows (sku, line, digest, lang, brand, body) VALUES (?, ?, ?, ?, ?, ?)",
                    [(row.sku, row.line, row.digest, row.lang, row.brand, row.body) for row in batch],
                )

    def find(self, skus: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Return line and digest of those numbers that the file has used."""
        found: dict[str, tuple[int, str]] = {}
        query = select(rows.c.sku, rows.c.line, rows.c.digest)
        with reading(self.engine) as connection:
            for start in range(0, len(skus), _CHUNK):
                chunk = connection.execute(query.where(rows.c.sku.in_(skus[start : start + _CHUNK])))
                found |= {sku: (line, digest) for sku, line, digest in chunk}
        return found

    def batches(self, size: int = _CHUNK) -> Iterator[list[SpooledRow]]:
        """Yield all products in their order, some at a time."""
        names = (rows.c[name] for name in SpooledRow.__dataclass_fields__)
        with reading(self.engine) as connection:
            found = connection.execution_options(yield_per=size).execute(select(*names).order_by(rows.c.place))
            for part in found.partitions():
                yield [SpooledRow(*row) for row in part]

    def placed(self, size: int = _CHUNK) -> Iterator[Sequence[Row[Any]]]:
        """Yield all products in their order, each after its place, some at a time."""
        names = (rows.c[name] for name in ("place", *SpooledRow.__dataclass_fields__))
        with reading(self.engine) as connection:
            found = connection.execution_options(yield_per=size).execute(select(*names).order_by(rows.c.place))
            yield from found.partitions()

    def digests(self) -> Iterator[tuple[str, str]]:
        """Yield ``(sku, digest)`` of all products in their order."""
        with reading(self.engine) as connection:
            query = select(rows.c.sku, rows.c.digest).order_by(rows.c.place)
            for row in connection.execution_options(yield_per=_CHUNK).execute(query):
                yield row.sku, row.digest


def _file_beside(store: Engine) -> Path | None:
    """Return where the spool lies; ``None`` where the store is no file."""
    place = place_of(store.url.render_as_string(hide_password=False))
    if place is None or str(place) == ":memory:":
        return None
    return place.with_name(f"{place.name}-import-{uuid.uuid4().hex}")
