"""Every exported list comes back in: the kinds of lists, what a draft says of its sheets, and the note of an assignment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.tables import add_columns, drop_columns, rewrite, stored

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OLD, NEW = ("assignments", "tasks"), ("assignments", "tasks", "controls", "scope", "evidence", "workbook")
TABLES = ("import_draft", "import_run")
NOTE, SHEETS = "VARCHAR(500) NOT NULL", "JSON NOT NULL"


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def upgrade() -> None:
    """Add both columns and admit the new kinds; a draft that lies there keeps its one sheet."""
    if _sqlite():
        add_columns(op.get_bind(), "assignment", {"note": (NOTE, "''")})
        add_columns(op.get_bind(), "import_draft", {"sheets": (SHEETS, "'[]'")})
        _reword(OLD, NEW)
        return
    for table, column, empty in (("assignment", sa.Column("note", sa.String(length=500)), "''"), ("import_draft", sa.Column("sheets", sa.JSON()), "'[]'")):
        op.add_column(table, column)
        op.execute(f"UPDATE {table} SET {column.name} = {empty}")
        op.alter_column(table, column.name, nullable=False)
    for table in TABLES:
        _admit(table, NEW)


def downgrade() -> None:
    """Take them away again; an import of a kind that there was not yet is kept as one of tasks, the trail keeps telling what it was.

    A draft of such a kind goes: it is nobody's history.
    """
    op.execute(f"DELETE FROM import_draft WHERE what NOT IN ({_listed(OLD)})")
    op.execute(f"UPDATE import_run SET what = 'tasks' WHERE what NOT IN ({_listed(OLD)})")
    if _sqlite():
        drop_columns(op.get_bind(), "assignment", {"note": NOTE})
        drop_columns(op.get_bind(), "import_draft", {"sheets": SHEETS})
        _reword(NEW, OLD)
        return
    op.drop_column("assignment", "note")
    op.drop_column("import_draft", "sheets")
    for table in TABLES:
        _admit(table, OLD)


def _reword(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    for table in TABLES:
        words, columns, _indexes = stored(op.get_bind(), table)
        assert words.count(_listed(old)) == 1, words
        rewrite(op.get_bind(), table, words.replace(_listed(old), _listed(new)), {name: f'"{name}"' for name in columns})


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _admit(table: str, kinds: tuple[str, ...]) -> None:
    op.drop_constraint("listkind", table, type_="check")
    op.create_check_constraint("listkind", table, f"what IN ({_listed(kinds)})")
