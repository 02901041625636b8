"""The saving of one file: its products gather beside the store, and are taken in one short transaction.

Reading a million rows takes minutes, and SQLite has one writer at a time: a transaction held open while a file is read
would keep every other writer out (they give up after 30 s). So products are compared with the store by short reads
while the file is read, and written in the end. What another writer changed in between is compared once more inside the
lock; the file is still all or nothing.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, and_, func, insert, select, update

from catalog.database import log_changes, products, reading, uploads, upsert, utc_now, writing
from catalog.errors import NothingTakenError, UnavailableError
from catalog.model import Product, digest_of_json, to_json
from catalog.spool import Spool, SpooledRow
from catalog.uploads import Manifest, ReadingNote, Uploads, digest_of

VANISHING_SHARE = 0.2
"""Share of a feed that a ``--replace`` may withdraw unasked; above it somebody sent half a file."""

CHUNK = 500
"""Ids a query: SQLite allows 32,766 variables a statement, and short statements keep the lock short."""

_WRITTEN = 5_000
"""Products a statement inside the lock: fewer round trips, some megabytes."""

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
        self._engine = engine
        self._uploads = kept
        self._supplier = supplier
        self._feed = feed
        self._path = path
        self._filename = filename
        self._digest: str | None = None
        self._replace: bool | None = None  # None: withdraw nothing; else whether by force
        self._spool = Spool()
        self._committed = False

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
            stored = self._stored(connection, [product.id for _, product in rows])
        outcomes, fresh = [], []
        for (line, product), body, digest in zip(rows, bodies, digests, strict=True):
            if product.sku in seen:
                first_line, first_digest = seen[product.sku]
                outcomes.append(Saved("joined" if digest == first_digest else "clash", first_line))
                continue
            seen[product.sku] = (line, digest)
            fresh.append(SpooledRow(product.sku, line, digest, product.lang, product.brand, body))
            outcomes.append(Saved(self._outcome(stored.get(product.id), digest)))
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
        if manifest is None or not self._still_there(manifest):
            return None
        for batch in manifest.products():
            self._spool.add([SpooledRow(sku, 0, digest, "", "", "") for sku, digest in batch])
        return manifest.head()

    def _still_there(self, manifest: Manifest) -> bool:
        for batch in manifest.products():
            with reading(self._engine) as connection:
                stored = self._stored(connection, [f"{self._supplier}/{sku}" for sku, _ in batch])
            for sku, digest in batch:
                before = stored.get(f"{self._supplier}/{sku}")
                if before is None or before[0] != digest:
                    return False
        return True

    # -- and when all of it is ----------------------------------------------------------------------------------------

    def finish(self, describe: Describe, note: ReadingNote) -> None:
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
        with self._uploads.keeping(self._path, digest), writing(self._engine) as connection:
            counts = self._write_all(connection)
            report = describe(counts) if describe else {}
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
        self._committed = True
        if note is not None:
            pairs = ((row.sku, row.digest) for batch in self._spool.batches() for row in batch)
            self._uploads.write_manifest(digest, note, report, pairs)

    def _write_all(self, connection: Connection) -> dict[str, int]:
        counts = {"created": 0, "updated": 0, "unchanged": 0, "withdrawn": 0}
        for batch in self._spool.batches(_WRITTEN):
            stored = self._stored(connection, [f"{self._supplier}/{row.sku}" for row in batch])
            changed = []
            for row in batch:
                before = stored.get(f"{self._supplier}/{row.sku}")
                outcome = self._outcome(before, row.digest)
                counts[outcome] += 1
                if outcome != "unchanged":
                    changed.append((row, before))
            self._write(connection, changed)
        if self._replace is not None:
            missing = self._missing(connection, self._replace)
            withdraw_products(connection, missing)
            counts["withdrawn"] = len(missing)
        return counts

    def _outcome(self, before: tuple[str, int, str] | None, digest: str) -> Literal["created", "updated", "unchanged"]:
        if before is None:
            return "created"
        return "unchanged" if before == (digest, 0, self._feed) else "updated"

    def _stored(self, connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, int, str]]:
        query = select(products.c.id, products.c.digest, products.c.withdrawn, products.c.feed)
        return {
            name: (digest, withdrawn, feed)
            for chunk in chunks(ids)
            for name, digest, withdrawn, feed in connection.execute(query.where(products.c.id.in_(chunk)))
        }

    def _write(self, connection: Connection, changed: Sequence[tuple[SpooledRow, tuple[str, int, str] | None]]) -> None:
        whole = [row for row, _ in changed if row.body]
        restored = [f"{self._supplier}/{row.sku}" for row, before in changed if not row.body and before]
        if any(not row.body and (before is None or before[0] != row.digest) for row, before in changed):
            raise UnavailableError(
                f"another import changed products of supplier {self._supplier} at the same time: import the file again"
            )
        now = utc_now()
        for chunk in chunks(restored):
            values = {"withdrawn": 0, "feed": self._feed, "upload": self.catalog, "updated_at": now}
            connection.execute(update(products).where(products.c.id.in_(chunk)).values(values))
        if whole:
            statement = upsert(connection, products)
            kept = ("feed", "lang", "brand", "digest", "body", "withdrawn", "upload", "updated_at")
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["id"], set_={name: statement.excluded[name] for name in kept}
                ),
                [
                    {
                        "id": f"{self._supplier}/{row.sku}",
                        "supplier": self._supplier,
                        "feed": self._feed,
                        "lang": row.lang,
                        "brand": row.brand,
                        "digest": row.digest,
                        "body": row.body,
                        "withdrawn": 0,
                        "upload": self.catalog,
                        "created_at": now,
                        "updated_at": now,
                    }
                    for row in whole
                ],
            )
        log_changes(connection, {(f"{self._supplier}/{row.sku}", "") for row, _ in changed})

    def _missing(self, connection: Connection, force: bool) -> set[str]:
        mine = and_(products.c.supplier == self._supplier, products.c.feed == self._feed, products.c.withdrawn == 0)
        total = connection.execute(select(func.count()).select_from(products).where(mine)).scalar_one()
        missing: set[str] = set()
        after = ""
        page = select(products.c.id).where(mine).order_by(products.c.id).limit(_WRITTEN)
        while ids := list(connection.execute(page.where(products.c.id > after)).scalars()):
            skus = {name: name[len(self._supplier) + 1 :] for name in ids}
            named = self._spool.find(list(skus.values()))
            missing.update(name for name, sku in skus.items() if sku not in named)
            after = ids[-1]
        if len(missing) > VANISHING_SHARE * total and not force:
            raise NothingTakenError(
                f"--replace would withdraw {len(missing)} of {total} products of supplier {self._supplier}, "
                f"feed {self._feed}: more than {VANISHING_SHARE:.0%}. Add --force if the file is complete"
            )
        return missing


def withdraw_products(connection: Connection, ids: set[str]) -> None:
    """Mark products as withdrawn and log that they changed."""
    for chunk in chunks(sorted(ids)):
        statement = update(products).where(products.c.id.in_(chunk))
        connection.execute(statement.values(withdrawn=1, updated_at=utc_now()))
    log_changes(connection, {(name, "") for name in ids})


def chunks(items: Sequence[str]) -> Iterator[list[str]]:
    """Cut ids into pieces that fit a statement."""
    for start in range(0, len(items), CHUNK):
        yield list(items[start : start + CHUNK])
