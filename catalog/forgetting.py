"""Forgetting a supplier: every row of every table that is theirs."""

from sqlalchemy import Connection, Table, delete, select

from catalog.changelog import log_changes
from catalog.errors import NotFoundError
from catalog.tables import changes, engine_results, metadata, products, texts, translations


def forget_supplier(connection: Connection, supplier: str) -> int:
    """Delete all rows of a supplier, and log that the products are gone; return how many products these were.

    A table says whose its rows are by a column ``supplier`` or by a product's id; so what is added later is forgotten
    as well. Engines' answers are shared and do not say whose text they were made of: all of them go. Nothing is
    translated again for that, since translations stand in their own table.

    Raises:
        NotFoundError: nothing is kept of this supplier.
    """
    ids = set(connection.execute(select(products.c.id).where(products.c.supplier == supplier)).scalars())
    found = 0
    for table in reversed(metadata.sorted_tables):
        if table is translations:
            mine = select(texts.c.digest).where(texts.c.supplier == supplier)
            found += connection.execute(delete(table).where(table.c.text.in_(mine))).rowcount
        elif table is not changes:
            found += _delete_own(connection, table, supplier)
    if not found:
        raise NotFoundError(f"nothing is kept of a supplier {supplier!r}")
    connection.execute(delete(engine_results))
    connection.execute(delete(changes).where(changes.c.product.startswith(f"{supplier}/", autoescape=True)))
    log_changes(connection, {(name, "") for name in ids})
    return len(ids)


def _delete_own(connection: Connection, table: Table, supplier: str) -> int:
    if "supplier" in table.c:
        return connection.execute(delete(table).where(table.c.supplier == supplier)).rowcount
    if "product" in table.c:
        mine = table.c.product.startswith(f"{supplier}/", autoescape=True)
        return connection.execute(delete(table).where(mine)).rowcount
    return 0
