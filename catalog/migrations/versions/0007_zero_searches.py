"""zero_searches: what buyers looked for in vain."""

import sqlalchemy as sa
from alembic import op

from catalog.tables import TEXT, UtcDateTime, characters

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "zero_searches",
        sa.Column("query", TEXT, nullable=False),
        sa.Column("query_lang", characters(2), nullable=False),
        sa.Column("lang", characters(2), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("query", "query_lang", "lang", name=op.f("pk_zero_searches")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("zero_searches")
