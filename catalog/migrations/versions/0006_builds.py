"""builds: which code made one, why one was refused, and when each was verified and removed."""

import sqlalchemy as sa
from alembic import op

from catalog.tables import TEXT, UtcDateTime, characters

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NEW = ("code", "reasons", "verified_at", "removed_at")


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("builds") as builds:
        builds.add_column(sa.Column("code", characters(60), nullable=False, server_default=""))
        builds.add_column(sa.Column("reasons", TEXT, nullable=False, server_default="[]"))
        builds.add_column(sa.Column("verified_at", UtcDateTime(timezone=True)))
        builds.add_column(sa.Column("removed_at", UtcDateTime(timezone=True)))
    with op.batch_alter_table("builds") as builds:
        builds.alter_column("code", server_default=None)
        builds.alter_column("reasons", server_default=None)


def downgrade() -> None:
    """Go back to the revision before, which has no record of deleted builds."""
    now = sa.table("builds", sa.column("state"))
    op.execute(sa.delete(now).where(now.c.state == "deleted"))
    with op.batch_alter_table("builds") as builds:
        for name in _NEW:
            builds.drop_column(name)
