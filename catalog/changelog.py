"""The change log: which products and which of their languages changed, in the order of the commits.

Everything after an import follows it, each reader from its own position.
"""

from sqlalchemy import Connection, select

from catalog.tables import changes


def log_changes(connection: Connection, products_and_langs: set[tuple[str, str]]) -> None:
    """Append changes: ``(product id, language)``, the language empty when the product itself changed.

    SQLite has one writer at a time, so positions are in the order of the commits.
    """
    if products_and_langs:
        connection.execute(
            changes.insert(),
            [{"product": product, "lang": lang} for product, lang in sorted(products_and_langs)],
        )


def last_position(connection: Connection) -> int:
    """Return the position of the newest change, 0 when there is none."""
    found = connection.execute(select(changes.c.position).order_by(changes.c.position.desc()).limit(1)).scalar()
    return found or 0
