"""Exports of a group of entities, and the moment with which an export is compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.tables import add_columns, drop_columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SINCE, COUNT = "DATETIME", "INTEGER NOT NULL"


def upgrade() -> None:
    """Add both; what was exported so far tells of one entity and one moment."""
    if op.get_bind().dialect.name == "sqlite":
        add_columns(op.get_bind(), "export", {"since": (SINCE, "NULL"), "entity_count": (COUNT, "1")})
    else:
        op.add_column("export", sa.Column("since", sa.DateTime()))
        op.add_column("export", sa.Column("entity_count", sa.Integer()))
        op.execute("UPDATE export SET entity_count = 1")
        op.alter_column("export", "entity_count", nullable=False)
    op.create_table("export_entity",
        sa.Column("export_id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name="fk_export_entity_entity_id_entity", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["export_id"], ["export.id"], name="fk_export_entity_export_id_export", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("export_id", "entity_id", name="pk_export_entity"),
    )
    op.create_index("ix_export_entity_entity_id", "export_entity", ["entity_id"])


def downgrade() -> None:
    """Take them away, unless there is an export of a group: earlier code would show it to who sees only its first entity."""
    several = op.get_bind().exec_driver_sql("SELECT count(*) FROM export WHERE entity_count > 1").scalar_one()
    if several:
        raise RuntimeError(f"{several} 份导出涉及多个主体，旧版本会把它们显示给只能看到其中一个主体的人，因此没有降级。")
    op.drop_table("export_entity")
    if op.get_bind().dialect.name == "sqlite":
        drop_columns(op.get_bind(), "export", {"since": SINCE, "entity_count": COUNT})
    else:
        op.drop_column("export", "since")
        op.drop_column("export", "entity_count")
