"""Alarms, and how far the stores have been read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; nothing is wrong as far as one knows."""
    op.create_table("alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=64), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_alarm_entity_id_entity", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    still_open = sa.text("settled_at IS NULL")
    op.create_index("ix_alarm_open", "alarm", ["kind", "object"], unique=True, sqlite_where=still_open, postgresql_where=still_open)
    op.create_table("scrub_position",
        sa.Column("store", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("store", name="pk_scrub_position"),
    )


def downgrade() -> None:
    """Take them away; the trail keeps telling of alarms."""
    op.drop_table("scrub_position")
    op.drop_table("alarm")
