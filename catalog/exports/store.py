"""The record of exports: tables ``exports`` and ``export_cells``."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, delete, insert, select

from catalog.database import reading, utc_now, writing
from catalog.exports.model import Export, Written
from catalog.session import chunks
from catalog.tables import export_cells, exports


class ExportStore:
    """Exports of all suppliers.

    Args:
        engine: from :func:`catalog.database.connect`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, export: Export) -> None:
        """Record an export before its first cell is written."""
        with writing(self._engine) as connection:
            connection.execute(
                insert(exports).values(
                    id=export.id,
                    supplier=export.supplier,
                    feed=export.feed,
                    reading=export.reading_json(),
                    made_at=utc_now(),
                )
            )

    def wrote(self, export: Export, cells: Mapping[tuple[str, str, str], str]) -> None:
        """Record what cells say: digest by product id, field and language."""
        if not cells:
            return
        rows = [
            {"export": export.id, "product": product, "field": field, "lang": lang, "written": written}
            for (product, field, lang), written in cells.items()
        ]
        with writing(self._engine) as connection:
            connection.execute(insert(export_cells), rows)

    def drop(self, export: Export) -> None:
        """Forget an export that came to nothing."""
        with writing(self._engine) as connection:
            connection.execute(delete(export_cells).where(export_cells.c.export == export.id))
            connection.execute(delete(exports).where(exports.c.id == export.id))

    def get(self, name: str) -> Export | None:
        """Return an export by its id, ``None`` where this installation never made it."""
        with reading(self._engine) as connection:
            query = select(exports.c.id, exports.c.supplier, exports.c.feed, exports.c.reading)
            row = connection.execute(query.where(exports.c.id == name)).first()
        return None if row is None else Export.from_row(*row)

    def written(self, export: Export, products: Sequence[str]) -> Written:
        """Return what an export wrote for some products."""
        query = select(export_cells.c.product, export_cells.c.field, export_cells.c.lang, export_cells.c.written)
        found: dict[tuple[str, str, str], str] = {}
        with reading(self._engine) as connection:
            for chunk in chunks(products):
                mine = query.where(export_cells.c.export == export.id, export_cells.c.product.in_(chunk))
                found.update({(row[0], row[1], row[2]): row[3] for row in connection.execute(mine)})
        return found
