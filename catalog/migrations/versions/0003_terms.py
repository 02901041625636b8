"""terms: what suppliers and the operator call things."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "term_concepts",
        sa.Column("supplier", sa.String(length=63), nullable=False),
        sa.Column("concept", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("domain", sa.String(length=100), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("supplier", "concept", name=op.f("pk_term_concepts")),
    )
    op.create_index(op.f("ix_term_concepts_concept"), "term_concepts", ["concept"], unique=False)
    op.create_table(
        "terms",
        sa.Column("supplier", sa.String(length=63), nullable=False),
        sa.Column("concept", sa.String(length=100), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier", "concept"],
            ["term_concepts.supplier", "term_concepts.concept"],
            name=op.f("fk_terms_supplier_term_concepts"),
        ),
        sa.PrimaryKeyConstraint("supplier", "concept", "lang", "place", name=op.f("pk_terms")),
    )


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_table("terms")
    op.drop_index(op.f("ix_term_concepts_concept"), table_name="term_concepts")
    op.drop_table("term_concepts")
