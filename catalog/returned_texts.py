"""An export of texts alone that comes back: its rows correct, and change no product."""

from itertools import islice

from catalog.exports.model import SKU_COLUMN
from catalog.exports.returning import Corrections, ReturnedReader
from catalog.model import RowError
from catalog.readers.base import Record
from catalog.report import Tally
from catalog.taking import BATCH, Store


def look_at_texts(exported: ReturnedReader, corrections: Corrections, store: Store, tally: Tally) -> None:
    """Compare the rows of an export of texts with what it wrote; rows without a product of the store are refused."""
    records = iter(exported.records())
    while page := list(islice(records, BATCH)):
        errors = [one for one in page if isinstance(one, RowError)]
        rows = [one for one in page if isinstance(one, Record)]
        tally.rows += len(page)
        for error in errors:
            tally.refuse(error)
        ids = [f"{exported.export.supplier}/{row.first(SKU_COLUMN)}" for row in rows]
        known = {stored.product.id: stored.product for stored in store.many(ids) if not stored.withdrawn}
        looked = []
        for row, product in zip(rows, ids, strict=True):
            if product in known:
                tally.count("unchanged")
                looked.append((row.line, known[product], exported.take_aside(row)))
            else:
                sku = row.first(SKU_COLUMN)
                reason = "no product with this article number is in the market: its texts can't be corrected"
                tally.refuse(RowError(row.line, sku, SKU_COLUMN, sku, reason, "no_product"))
        for warning in corrections.look([one for one in looked if one[2]]):
            tally.warn(warning)
