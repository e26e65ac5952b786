"""Every exported list comes back in: the kinds of lists, what a draft says of its sheets, and the note of an assignment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

OLD, NEW = ("assignments", "tasks"), ("assignments", "tasks", "controls", "scope", "evidence", "workbook")
TABLES = ("import_draft", "import_run")
NOTE, SHEETS = "note VARCHAR(500) NOT NULL, \n\t", "sheets JSON NOT NULL, \n\t"


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def upgrade() -> None:
    """Add both columns and admit the new kinds; a draft that lies there keeps its one sheet."""
    if _sqlite():
        _widen_assignment()
        for table in TABLES:
            words, columns, indexes = _stored(table)
            assert words.count(_listed(OLD)) == 1, words
            words = words.replace(_listed(OLD), _listed(NEW))
            place = words.index("CONSTRAINT")
            words = words[:place] + SHEETS + words[place:] if table == "import_draft" else words
            kept = {name: f'"{name}"' for name in columns} | ({"sheets": "'[]'"} if table == "import_draft" else {})
            _replace_table(table, words, kept, indexes)
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
        _without("assignment", "note", NOTE)
        _without("import_draft", "sheets", SHEETS)
        for table in TABLES:
            words, columns, indexes = _stored(table)
            assert words.count(_listed(NEW)) == 1, words
            _replace_table(table, words.replace(_listed(NEW), _listed(OLD)), {name: f'"{name}"' for name in columns}, indexes)
        return
    op.drop_column("assignment", "note")
    op.drop_column("import_draft", "sheets")
    for table in TABLES:
        _admit(table, OLD)


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _admit(table: str, kinds: tuple[str, ...]) -> None:
    op.drop_constraint("listkind", table, type_="check")
    op.create_check_constraint("listkind", table, f"what IN ({_listed(kinds)})")


def _widen_assignment() -> None:
    words, columns, indexes = _stored("assignment")
    place = words.index("CONSTRAINT")
    _replace_table("assignment", words[:place] + NOTE + words[place:], {name: f'"{name}"' for name in columns} | {"note": "''"}, indexes)


def _without(table: str, column: str, words_of_it: str) -> None:
    words, columns, indexes = _stored(table)
    assert words.count(words_of_it) == 1, words
    _replace_table(table, words.replace(words_of_it, ""), {name: f'"{name}"' for name in columns if name != column}, indexes)


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
