"""The journal of rows, begun with a version of everything that is there, and the moment at which an export was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.journal.seeding import seed
from tracker.tables import add_columns, drop_columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What the journal keeps at this step, parents first, and what it leaves out of these tables.
TABLES = (
    "entity", "person", "register", "domain", "edition", "entity_kind", "export", "fact", "role_grant", "subject", "document", "evidence",
    "clause", "official_text", "obligation", "assignment", "former_name", "obligation_subject", "obligation_text", "scope_decision", "task",
    "reconfirmation", "submission", "task_evidence", "control", "import_run",
)
LEFT_OUT = (("person", "password_hash"), ("edition", "source"), ("official_text", "original"), ("official_text", "text"))
FROZEN = {
    "sqlite": (
        "CREATE TRIGGER row_version_no_update BEFORE UPDATE ON row_version BEGIN SELECT RAISE(ABORT, 'row_version is append-only'); END",
        "CREATE TRIGGER row_version_no_delete BEFORE DELETE ON row_version BEGIN SELECT RAISE(ABORT, 'row_version is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        "CREATE TRIGGER row_version_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON row_version FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
    ),
}
THAWED = {
    "sqlite": ("DROP TRIGGER row_version_no_update", "DROP TRIGGER row_version_no_delete"),
    "postgresql": ("DROP FUNCTION journal_refuse() CASCADE",),
}
MADE_AT = "DATETIME NOT NULL"


def upgrade() -> None:
    """Make the journal, write what is there into it as of now, and freeze it."""
    _date_exports()
    op.create_table("row_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("table_name", sa.String(length=64), nullable=False),
        sa.Column("row_key", sa.String(length=300), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_row_version"),
    )
    op.create_index("ix_row_version_table_name_row_key_id", "row_version", ["table_name", "row_key", "id"])
    seed(op.get_bind(), TABLES, LEFT_OUT)
    for statement in FROZEN[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Undo it; the journal is gone, what is there stays as it is now."""
    for statement in THAWED[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("row_version")
    if not _sqlite():
        op.drop_column("export", "made_at")
        return
    drop_columns(op.get_bind(), "export", {"made_at": MADE_AT})


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _date_exports() -> None:
    # Until now, every export was as of the moment at which it was made.
    if not _sqlite():
        op.add_column("export", sa.Column("made_at", sa.DateTime(), nullable=True))
        op.execute("UPDATE export SET made_at = as_of")
        op.alter_column("export", "made_at", nullable=False)
        return
    add_columns(op.get_bind(), "export", {"made_at": (MADE_AT, "as_of")})
