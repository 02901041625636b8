"""exports: what each workbook that went back to a supplier said."""

import sqlalchemy as sa
from alembic import op

import catalog.tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("supplier", sa.String(length=63), nullable=False),
        sa.Column("feed", sa.String(length=63), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("made_at", catalog.tables.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_supplier"), "exports", ["supplier"], unique=False)
    op.create_table(
        "export_cells",
        sa.Column("export", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("written", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["export"], ["exports.id"], name=op.f("fk_export_cells_export_exports")),
        sa.PrimaryKeyConstraint("export", "product", "field", "lang", name=op.f("pk_export_cells")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("export_cells")
    op.drop_index(op.f("ix_exports_supplier"), table_name="exports")
    op.drop_table("exports")
