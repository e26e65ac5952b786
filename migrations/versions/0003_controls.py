"""What an entity adds to an obligation for its own management: the fields of the three lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing is filled in yet."""
    op.create_table("control",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.String(length=64), nullable=False),
        sa.Column("business", sa.String(length=100), nullable=False),
        sa.Column("sub_business", sa.String(length=100), nullable=False),
        sa.Column("lead_department", sa.String(length=100), nullable=False),
        sa.Column("support_departments", sa.String(length=200), nullable=False),
        sa.Column("bottom_line", sa.Text(), nullable=False),
        sa.Column("risk_no", sa.String(length=64), nullable=False),
        sa.Column("risk_level", sa.Enum("high", "medium", "low", name="severity", native_enum=False, create_constraint=True, length=32), nullable=True),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("post_name", sa.String(length=100), nullable=False),
        sa.Column("post_duty", sa.Text(), nullable=False),
        sa.Column("policy", sa.String(length=500), nullable=False),
        sa.Column("main_process", sa.String(length=100), nullable=False),
        sa.Column("sub_process", sa.String(length=100), nullable=False),
        sa.Column("process_no", sa.String(length=64), nullable=False),
        sa.Column("review_points", sa.Text(), nullable=False),
        sa.Column("supervision", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_control_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name="fk_control_obligation_id_obligation", ondelete="RESTRICT", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_control"),
        sa.UniqueConstraint("entity_id", "obligation_id", name="uq_control_entity_id_obligation_id"),
    )
    op.create_index("ix_control_entity_id", "control", ["entity_id"])
    op.create_index("ix_control_obligation_id", "control", ["obligation_id"])


def downgrade() -> None:
    """Undo it; what was filled in is gone."""
    op.drop_table("control")
