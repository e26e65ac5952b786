"""Signed sheets: the note over the sheets of each exported workbook; notes can only be added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = "audit_sheets"


def upgrade() -> None:
    """Make the table and freeze it."""
    op.create_table(TABLE,
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_sheets"),
        sa.UniqueConstraint("digest", name="uq_audit_sheets_digest"),
    )
    for statement in _freezing():
        op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Take it away; what was signed still stands in the workbooks."""
    op.drop_table(TABLE)


def _freezing() -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [f"CREATE TRIGGER {TABLE}_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"]
    return [
        f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]
