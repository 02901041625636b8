"""PostgreSQL: text of any length, ordered by code points as on SQLite."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_CODE_POINTS = postgresql.TEXT(collation="C")
_DEFAULT = postgresql.TEXT(collation="default")


def upgrade() -> None:
    """Go to this revision."""
    for table, column in _text_columns():
        op.alter_column(table, column, type_=_CODE_POINTS)


def downgrade() -> None:
    """Go back to the revision before; what is longer than that one's columns were declared stays whole."""
    for table, column in _text_columns():
        op.alter_column(table, column, type_=_DEFAULT)


def _text_columns() -> Iterator[tuple[str, str]]:
    """Yield ``(table, column)`` of all text; nothing on SQLite, whose text is so already."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    found = sa.inspect(connection)
    for table in sorted(found.get_table_names()):
        if table != "alembic_version":
            for column in found.get_columns(table):
                if isinstance(column["type"], sa.String):
                    yield table, column["name"]
