"""Rewrite a table of SQLite in its own words, for migrations: batch mode would lose the CHECK constraints."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection


def stored(bind: Connection, table: str) -> tuple[str, list[str], list[str]]:
    """Return the words of a table, its columns, and the words of its indexes."""
    words = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).scalar_one()
    columns = [row[1] for row in bind.exec_driver_sql(f"PRAGMA table_info({table})")]
    indexes = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,))
    return words, columns, [row[0] for row in indexes]


def rewrite(bind: Connection, table: str, words: str, columns: Mapping[str, str]) -> None:
    """Make a table anew with changed words; `columns` says from which expression each of its columns gets its value."""
    _words, _columns, indexes = stored(bind, table)
    head, _, rest = words.partition("(")
    if head.replace('"', "").split() != ["CREATE", "TABLE", table]:
        raise ValueError(head)
    made = f"_alembic_tmp_{table}"
    bind.exec_driver_sql(f"CREATE TABLE {made} ({rest}")
    bind.exec_driver_sql(f"INSERT INTO {made} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {table}")
    bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql(f"ALTER TABLE {made} RENAME TO {table}")
    for index in indexes:
        bind.exec_driver_sql(index)


def add_columns(bind: Connection, table: str, added: Mapping[str, tuple[str, str]]) -> None:
    """Add columns before the constraints: name → (its words, the expression of its value in the rows that are there)."""
    words, columns, _indexes = stored(bind, table)
    place = words.index("CONSTRAINT")
    more = "".join(f"{name} {said}, \n\t" for name, (said, _value) in added.items())
    rewrite(bind, table, words[:place] + more + words[place:], {name: f'"{name}"' for name in columns} | {name: value for name, (_said, value) in added.items()})


def drop_columns(bind: Connection, table: str, dropped: Mapping[str, str]) -> None:
    """Take columns away again that `add_columns` added: name → its words."""
    words, columns, _indexes = stored(bind, table)
    for name, said in dropped.items():
        found = f"{name} {said}, \n\t"
        if words.count(found) != 1:
            raise ValueError(f"{table}: {found!r} does not stand once in {words}")
        words = words.replace(found, "")
    rewrite(bind, table, words, {name: f'"{name}"' for name in columns if name not in dropped})
