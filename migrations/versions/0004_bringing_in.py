"""What comes back from Excel: drafts between preview and application, and the workbooks that were carried out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _what() -> sa.Enum:
    return sa.Enum("assignments", "tasks", name="listkind", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Make both tables."""
    op.create_table("import_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", _what(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sheet", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_import_draft_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_import_draft_made_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_import_draft"),
    )
    op.create_index("ix_import_draft_entity_id", "import_draft", ["entity_id"])
    op.create_table("import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", _what(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_import_run_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_import_run_made_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    op.create_index("ix_import_run_entity_id", "import_run", ["entity_id"])
    op.create_index("ix_import_run_entity_id_made_at", "import_run", ["entity_id", "made_at"])


def downgrade() -> None:
    """Take both away; the trail keeps telling of what was carried out."""
    op.drop_table("import_run")
    op.drop_table("import_draft")
