"""The saving of one file: its products gather beside the store, and are taken in one short transaction.

Reading a million rows takes minutes, and SQLite has one writer at a time: a transaction held open while a file is read
would keep every other writer out (they give up after 30 s). So products are compared with the store by short reads
while the file is read, and written in the end. What another writer changed in between is compared once more inside the
lock; the file is still all or nothing.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, func, insert, select, update

from catalog.changelog import log_changes
from catalog.database import reading, utc_now, writing
from catalog.errors import NothingTakenError
from catalog.locks import hold_supplier
from catalog.model import Product, digest_of_json, to_json
from catalog.spool import Spool, SpooledRow
from catalog.tables import products, uploads
from catalog.takeover import CHUNK, Arrival, AttachedTakeover, StagedTakeover, chunks
from catalog.uploads import ReadingNote, Uploads, digest_of

VANISHING_SHARE = 0.2
"""Share of a feed that a ``--replace`` may withdraw unasked; above it somebody sent half a file."""

Describe = Callable[[Mapping[str, int]], Mapping[str, Any]]
"""Makes the report of a file from what became of its products."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one saved product.

    Attributes:
        outcome: ``created``, ``updated``, ``unchanged``; ``joined`` when this file held the same row before;
            ``clash`` when this file used the sku before with other content (nothing was saved).
        first_line: for ``joined`` and ``clash``, the line of the first row with this sku.
    """

    outcome: Literal["created", "updated", "unchanged", "joined", "clash"]
    first_line: int | None = None


class ImportSession:
    """One file on its way into the store.

    Attributes:
        catalog: id of this upload.
    """

    def __init__(self, engine: Engine, kept: Uploads, supplier: str, feed: str, path: Path, filename: str) -> None:
        self.catalog = uuid.uuid4().hex
        self._uploads = kept
        self._supplier = supplier
        self._feed = feed
        self._path = path
        self._filename = filename
        self._digest: str | None = None
        self._replace: bool | None = None  # None: withdraw nothing; else whether by force
        self._committed = False
        self._repeated = False
        self._arrival = Arrival(supplier, feed, self.catalog)
        self._spool = Spool(engine)
        # With the spool beside the store, its one connection is also the one that writes to the store.
        self._engine = self._spool.engine if self._spool.beside_store else engine
        self._takeover = (
            AttachedTakeover(self._arrival) if self._spool.beside_store else StagedTakeover(self._arrival, self._spool)
        )

    def close(self) -> None:
        """Drop what was kept for the time of the import."""
        self._spool.close()

    # -- while the file is read ---------------------------------------------------------------------------------------

    def save(self, rows: Sequence[tuple[int, Product]]) -> list[Saved]:
        """Take a batch of ``(line, product)`` and say of each, in order, what will become of it."""
        bodies = [to_json(product) for _, product in rows]
        digests = [digest_of_json(body) for body in bodies]
        seen = self._spool.find([product.sku for _, product in rows])
        with reading(self._engine) as connection:
            stored = self._arrival.stored(connection, [product.id for _, product in rows])
        outcomes, fresh = [], []
        for (line, product), body, digest in zip(rows, bodies, digests, strict=True):
            if product.sku in seen:
                first_line, first_digest = seen[product.sku]
                outcomes.append(Saved("joined" if digest == first_digest else "clash", first_line))
                continue
            seen[product.sku] = (line, digest)
            fresh.append(SpooledRow(product.sku, line, digest, product.lang, product.brand, body))
            outcomes.append(Saved(self._arrival.outcome(stored.get(product.id), digest)))
        self._spool.add(fresh)
        return outcomes

    def withdraw_missing(self, *, force: bool) -> int:
        """Withdraw, when the file is taken, the live products of this supplier and feed that it does not name.

        Returns:
            How many these are.

        Raises:
            NothingTakenError: more than 20 % of the feed would vanish and ``force`` is false.
        """
        self._replace = force
        with reading(self._engine) as connection:
            return len(self._missing(connection, force))

    def repeat(self, key: str) -> tuple[ReadingNote, dict[str, Any]] | None:
        """Take the products of an earlier, equal reading of the same bytes, without reading them again.

        Args:
            key: digest of what a reading depends on beside the bytes, as in :class:`ReadingNote`.

        Returns:
            The note and the report of that reading, or ``None`` where there was none, or where the store holds other
            content for one of its products: then the file has to be read.
        """
        self._digest = digest_of(self._path)
        manifest = self._uploads.read_manifest(self._digest, key)
        if manifest is None:
            return None
        for batch in manifest.products():
            self._spool.add([SpooledRow(sku, 0, digest, "", "", "") for sku, digest in batch])
        with reading(self._engine) as connection:
            if not self._takeover.still_there(connection):
                return None
        self._repeated = True
        return manifest.head()

    # -- and when all of it is ----------------------------------------------------------------------------------------

    def finish(self, describe: Describe, note: ReadingNote | None) -> None:
        """Take the file; keep the report that ``describe`` makes of the counts, and the note for an equal reading.

        Raises:
            NothingTakenError: as :meth:`withdraw_missing`, where the feed changed while the file was read.
            UnreadableFileError: the file changed while it was read.
        """
        self.commit(describe, note)

    def commit(self, describe: Describe | None = None, note: ReadingNote | None = None) -> None:
        """Take the file in one transaction, if that has not been done."""
        if self._committed:
            return
        digest = self._digest or digest_of(self._path)
        with self._uploads.keeping(self._path, digest) as keep, writing(self._engine) as connection:
            hold_supplier(connection, self._supplier)
            counts = self._takeover.write(connection)
            missing = set() if self._replace is None else self._missing(connection, self._replace)
            withdraw_products(connection, missing)
            report = describe(counts | {"withdrawn": len(missing)}) if describe else {}
            connection.execute(
                insert(uploads).values(
                    id=self.catalog,
                    supplier=self._supplier,
                    feed=self._feed,
                    filename=self._filename,
                    digest=digest,
                    received_at=utc_now(),
                    report=json.dumps(report, ensure_ascii=False),
                )
            )
            keep()
        self._committed = True
        if note is not None and not self._repeated:
            self._uploads.write_manifest(digest, note, report, self._spool.digests())

    def _missing(self, connection: Connection, force: bool) -> set[str]:
        total = connection.execute(select(func.count()).select_from(products).where(self._arrival.live)).scalar_one()
        missing = self._takeover.missing(connection)
        if len(missing) > VANISHING_SHARE * total and not force:
            raise NothingTakenError(
                f"--replace would withdraw {len(missing)} of {total} products of supplier {self._supplier}, "
                f"feed {self._feed}: more than {VANISHING_SHARE:.0%}. Add --force if the file is complete"
            )
        return missing


def withdraw_products(connection: Connection, ids: set[str]) -> None:
    """Mark products as withdrawn and log that they changed."""
    for supplier in sorted({name.partition("/")[0] for name in ids}):
        hold_supplier(connection, supplier)
    for chunk in chunks(sorted(ids)):
        statement = update(products).where(products.c.id.in_(chunk))
        connection.execute(statement.values(withdrawn=1, updated_at=utc_now()))
    log_changes(connection, {(name, "") for name in ids})


__all__ = ["CHUNK", "VANISHING_SHARE", "ImportSession", "Saved", "chunks", "withdraw_products"]
