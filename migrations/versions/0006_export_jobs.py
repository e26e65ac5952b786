"""Exports that were asked for and are built outside the request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _words(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Make the table."""
    op.create_table("export_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("exportkind", "workbook", "package"), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("filter_words", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=True),
        sa.Column("state", _words("jobstate", "queued", "running", "done", "failed", "cancelled"), nullable=False),
        sa.Column("stage", sa.String(length=100), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("seconds_left", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("export_id", sa.Integer(), nullable=True),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_export_job_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["export_id"], ["export.id"], name="fk_export_job_export_id_export", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name="fk_export_job_requested_by_person", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_export_job"),
    )
    op.create_index("ix_export_job_entity_id", "export_job", ["entity_id"])
    op.create_index("ix_export_job_entity_id_requested_at", "export_job", ["entity_id", "requested_at"])
    op.create_index("ix_export_job_state", "export_job", ["state"])


def downgrade() -> None:
    """Take it away; what was exported and what the trail tells of it stay."""
    op.drop_table("export_job")
