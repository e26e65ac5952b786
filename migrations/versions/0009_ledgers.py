"""Ledgers of the company's own: what stands beside an obligation, the workbook being mapped, and what its columns mean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NOTED = "noted JSON NOT NULL, \n\t"


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
    if not _sqlite():
        op.drop_column("obligation", "noted")
        return
    words, columns, indexes = _stored("obligation")
    assert words.count(NOTED) == 1
    _replace_table("obligation", words.replace(NOTED, ""), {name: f'"{name}"' for name in columns if name != "noted"}, indexes)


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _note_beside_obligations() -> None:
    if not _sqlite():
        op.add_column("obligation", sa.Column("noted", sa.JSON(), nullable=True))
        op.execute("UPDATE obligation SET noted = '[]'")
        op.alter_column("obligation", "noted", nullable=False)
        return
    words, columns, indexes = _stored("obligation")
    place = words.index("CONSTRAINT")
    _replace_table("obligation", words[:place] + NOTED + words[place:], {name: f'"{name}"' for name in columns} | {"noted": "'[]'"}, indexes)


def _stored(table: str) -> tuple[str, list[str], list[str]]:
    """Return the words of a table of SQLite, its columns, and the words of its indexes."""
    bind = op.get_bind()
    words = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).scalar_one()
    columns = [row[1] for row in bind.exec_driver_sql(f"PRAGMA table_info({table})")]
    indexes = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,))
    return words, columns, [row[0] for row in indexes]


def _replace_table(table: str, words: str, columns: dict[str, str], indexes: list[str]) -> None:
    # The table's own words with the change in them: batch mode would lose the CHECK constraints.
    bind, made = op.get_bind(), f"_alembic_tmp_{table}"
    head, _, rest = words.partition("(")
    assert head.replace('"', "").split() == ["CREATE", "TABLE", table], head
    bind.exec_driver_sql(f"CREATE TABLE {made} ({rest}")
    bind.exec_driver_sql(f"INSERT INTO {made} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {table}")
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE {made} RENAME TO {table}")
    for index in indexes:
        bind.exec_driver_sql(index)
