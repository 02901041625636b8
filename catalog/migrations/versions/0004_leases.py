"""leases: what each of many workers translates now."""

import sqlalchemy as sa
from alembic import op

from catalog.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("heartbeat_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "leases",
        sa.Column("text", sa.String(length=32), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("text", name=op.f("pk_leases")),
    )
    op.create_index(op.f("ix_leases_worker"), "leases", ["worker"], unique=False)
    op.create_table(
        "calls",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_worker"), "calls", ["worker"], unique=False)
    with op.batch_alter_table("texts") as texts:
        texts.add_column(sa.Column("rank", sa.Integer(), nullable=False, server_default="9"))
    kinds = ("title", "category", "attribute_name", "attribute_value", "keywords", "bullet", "description")
    texts_now = sa.table("texts", sa.column("kind"), sa.column("rank"))
    for rank, kind in enumerate(kinds):
        op.execute(sa.update(texts_now).where(texts_now.c.kind == kind).values(rank=rank))
    with op.batch_alter_table("texts") as texts:
        texts.alter_column("rank", server_default=None)
    op.create_index(op.f("ix_texts_supplier_rank_digest"), "texts", ["supplier", "rank", "digest"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(op.f("ix_texts_supplier_rank_digest"), table_name="texts")
    with op.batch_alter_table("texts") as texts:
        texts.drop_column("rank")
    op.drop_index(op.f("ix_calls_worker"), table_name="calls")
    op.drop_table("calls")
    op.drop_index(op.f("ix_leases_worker"), table_name="leases")
    op.drop_table("leases")
    op.drop_table("workers")
