"""Ledgers of the company's own: what stands beside an obligation, the workbook being mapped, and what its columns mean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.tables import add_columns, drop_columns

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NOTED = "JSON NOT NULL"


def upgrade() -> None:
    """Make both tables; nothing is noted of any obligation yet."""
    _note_beside_obligations()
    op.create_table("ledger_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_ledger_draft_made_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_draft"),
    )
    op.create_table("ledger_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_ledger_mapping_made_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_mapping"),
        sa.UniqueConstraint("key", name="uq_ledger_mapping_key"),
    )


def downgrade() -> None:
    """Undo it; what was noted beside obligations stays in the register files, mappings are gone."""
    op.drop_table("ledger_mapping")
    op.drop_table("ledger_draft")
    if op.get_bind().dialect.name == "sqlite":
        drop_columns(op.get_bind(), "obligation", {"noted": NOTED})
    else:
        op.drop_column("obligation", "noted")


def _note_beside_obligations() -> None:
    if op.get_bind().dialect.name == "sqlite":
        add_columns(op.get_bind(), "obligation", {"noted": (NOTED, "'[]'")})
        return
    op.add_column("obligation", sa.Column("noted", sa.JSON(), nullable=True))
    op.execute("UPDATE obligation SET noted = '[]'")
    op.alter_column("obligation", "noted", nullable=False)
