"""The record of products: what each supplier sent, what is live, what was withdrawn.

Saving is idempotent: a product that did not change costs one comparison of digests and leaves no trace in the change
log, so nothing after the import (translation, index) ever sees it.
"""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from catalog.changelog import last_position, reading_log
from catalog.database import reading, upsert, writing
from catalog.errors import NotFoundError
from catalog.exports.store import ExportStore
from catalog.forgetting import forget_supplier
from catalog.locks import TEXTS, hold, hold_supplier
from catalog.model import Product, from_json
from catalog.session import CHUNK, VANISHING_SHARE, ImportSession, Saved, chunks, withdraw_products
from catalog.tables import mappings, products, uploads
from catalog.uploads import Uploads


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product with what the store knows of it."""

    product: Product
    feed: str
    withdrawn: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """A file as it came.

    Attributes:
        path: its bytes.
        filename: its name as the supplier knows it.
        report: what its import said.
    """

    path: Path
    filename: str
    report: dict[str, Any]


class ProductStore:
    """Products of all suppliers.

    Args:
        engine: from :func:`catalog.database.connect`.
        uploads_folder: where the bytes of every upload are kept, named by their digest.

    Attributes:
        exports: the workbooks that went back to suppliers.
    """

    def __init__(self, engine: Engine, uploads_folder: Path) -> None:
        self._engine = engine
        self._uploads = Uploads(uploads_folder)
        self.exports = ExportStore(engine)

    @contextmanager
    def importing(
        self, *, supplier: str, feed: str, path: Path, filename: str, dry_run: bool = False
    ) -> Iterator["ImportSession"]:
        """Open the one transaction of a file.

        While the file is read its products gather beside the store and nothing is locked. Leaving the block (or
        :meth:`ImportSession.finish`) takes them all in one short transaction; an exception inside leaves no trace, and
        neither does ``dry_run``.
        """
        session = ImportSession(self._engine, self._uploads, supplier, feed, path, filename)
        try:
            yield session
            if not dry_run:
                session.commit()
        finally:
            session.close()

    def saved_mapping(self, supplier: str, header: str) -> str | None:
        """Return the mapping saved for a supplier and the fingerprint of a header row."""
        with reading(self._engine) as connection:
            query = select(mappings.c.body).where(mappings.c.supplier == supplier, mappings.c.header == header)
            found: str | None = connection.execute(query).scalar()
            return found

    def save_mapping(self, supplier: str, header: str, body: str) -> None:
        """Remember a mapping for the next file of this supplier with the same header row."""
        with writing(self._engine) as connection:
            statement = upsert(connection, mappings).values(supplier=supplier, header=header, body=body)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["supplier", "header"], set_={"body": body})
            )

    def get(self, product_id: str) -> StoredProduct:
        """Return a product, withdrawn ones too.

        Raises:
            NotFoundError: nobody ever sent it.
        """
        found = self.many([product_id])
        if not found:
            raise NotFoundError(f"no product {product_id!r}: an id is supplier/sku, as `lexicart search` shows it")
        return found[0]

    def many(self, ids: Sequence[str]) -> list[StoredProduct]:
        """Return the products of the ids that exist, in no particular order."""
        found = []
        with reading(self._engine) as connection:
            for chunk in chunks(ids):
                rows = connection.execute(_COLUMNS.where(products.c.id.in_(chunk)))
                found += [_stored(*row) for row in rows]
        return found

    def stream(self, supplier: str | None = None) -> Iterator[StoredProduct]:
        """Yield every live product ordered by id, a page a transaction, so that writers are never held up."""
        after = ""
        while True:
            query = _COLUMNS.where(products.c.withdrawn == 0, products.c.id > after).order_by(products.c.id)
            if supplier is not None:
                query = query.where(products.c.supplier == supplier)
            with reading(self._engine) as connection:
                page = [_stored(*row) for row in connection.execute(query.limit(CHUNK))]
            if not page:
                return
            yield from page
            after = page[-1].product.id

    def live_ids(self) -> set[str]:
        """Return the ids of all live products."""
        with reading(self._engine) as connection:
            return set(connection.execute(select(products.c.id).where(products.c.withdrawn == 0)).scalars())

    def sample_ids(self, count: int) -> list[str]:
        """Return the ids of some live products, thousands at most: at random, the same while the same are live."""
        live = select(products.c.id).where(products.c.withdrawn == 0)
        numbered = live.add_columns(func.row_number().over(order_by=products.c.id).label("place")).subquery()
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(live.subquery())).scalar_one()
            places = random.Random(total).sample(range(1, total + 1), min(count, total))
            return list(connection.execute(select(numbered.c.id).where(numbered.c.place.in_(places))).scalars())

    def counts(self) -> dict[str, int]:
        """Return live products by supplier."""
        query = select(products.c.supplier, func.count().label("total")).where(products.c.withdrawn == 0)
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(products.c.supplier).order_by(products.c.supplier))
            return {row.supplier: row.total for row in rows}

    def brands(self, supplier: str) -> tuple[str, ...]:
        """Return the brands that a supplier's live products name, sorted."""
        query = select(products.c.brand).where(products.c.supplier == supplier, products.c.withdrawn == 0).distinct()
        with reading(self._engine) as connection:
            return tuple(sorted(brand for brand in connection.execute(query).scalars() if brand))

    def in_feed(self, supplier: str, feed: str, ids: Sequence[str]) -> set[str]:
        """Return those of some products that are live in a feed."""
        mine = (products.c.supplier == supplier, products.c.feed == feed, products.c.withdrawn == 0)
        found: set[str] = set()
        with reading(self._engine) as connection:
            for chunk in chunks(ids):
                found.update(connection.execute(select(products.c.id).where(*mine, products.c.id.in_(chunk))).scalars())
        return found

    def feed_size(self, supplier: str, feed: str) -> int:
        """Return how many live products a feed has."""
        mine = (products.c.supplier == supplier, products.c.feed == feed, products.c.withdrawn == 0)
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(products).where(*mine)).scalar_one()

    def kept_uploads(self, supplier: str, feed: str) -> Iterator[KeptUpload]:
        """Yield the files that gave a feed, the newest first."""
        query = select(uploads.c.digest, uploads.c.filename, uploads.c.report)
        mine = query.where(uploads.c.supplier == supplier, uploads.c.feed == feed)
        with reading(self._engine) as connection:
            rows = connection.execute(mine.order_by(uploads.c.received_at.desc(), uploads.c.id)).all()
        for row in rows:
            yield KeptUpload(self._uploads.place(row.digest), row.filename, json.loads(row.report))

    def position(self) -> int:
        """Return the newest position of the change log."""
        with reading_log(self._engine) as connection:
            return last_position(connection)

    def withdraw(self, ids: Sequence[str]) -> int:
        """Take products out of the market; they leave the indexes at the next delta and can come back.

        Returns:
            How many were live before.

        Raises:
            NotFoundError: one of the ids does not exist; nothing is withdrawn then.
        """
        known = {stored.product.id: stored for stored in self.many(ids)}
        for product_id in ids:
            if product_id not in known:
                raise NotFoundError(f"no product {product_id!r}: nothing was withdrawn")
        live = {name for name, stored in known.items() if not stored.withdrawn}
        with writing(self._engine) as connection:
            withdraw_products(connection, live)
        return len(live)

    def forget(self, supplier: str) -> int:
        """Delete everything that the store and the uploads keep of a supplier; return how many products it had.

        The products leave the indexes at the next delta.

        Raises:
            NotFoundError: nothing is kept of this supplier.
        """
        with writing(self._engine) as connection:
            hold_supplier(connection, supplier)
            hold(connection, TEXTS)
            mine = select(uploads.c.digest).where(uploads.c.supplier == supplier)
            digests = set(connection.execute(mine).scalars())
            number = forget_supplier(connection, supplier)
            kept = select(uploads.c.digest).where(uploads.c.digest.in_(digests))
            digests -= set(connection.execute(kept).scalars())  # others sent the very same file
            for digest in sorted(digests):  # before the rows are gone for good: a kill leaves something to repeat
                self._uploads.delete(digest)
        return number

    def upload_report(self, catalog: str) -> dict[str, Any]:
        """Return the stored report of an upload.

        Raises:
            NotFoundError: no such upload.
        """
        with reading(self._engine) as connection:
            found = connection.execute(select(uploads.c.report).where(uploads.c.id == catalog)).scalar()
        if found is None:
            raise NotFoundError(f"no catalog {catalog!r}")
        report: dict[str, Any] = json.loads(found)
        return report


_COLUMNS = select(products.c.body, products.c.feed, products.c.withdrawn, products.c.created_at)


def _stored(body: str, feed: str, withdrawn: int, created_at: Any) -> StoredProduct:
    return StoredProduct(from_json(body), feed, bool(withdrawn), created_at.isoformat())


__all__ = ["VANISHING_SHARE", "ImportSession", "ProductStore", "Saved", "StoredProduct"]
