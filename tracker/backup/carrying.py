"""Carrying every row between a file of SQLite and PostgreSQL, as the database holds it, whatever the revision."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from .. import migrate
from ..db import EVERY_ENTITY, Database
from ..errors import RuleBroken
from ..progress import Told, silent

BATCH = 500
# How PostgreSQL's types are written where SQLite keeps them as text or number; the form of a moment is the application's own.
HELD = {
    "timestamp without time zone": "to_char({}, 'YYYY-MM-DD HH24:MI:SS.US')", "date": "{}::text", "boolean": "{}::int", "json": "{}::text",
}
COLUMNS = "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'"
FOREIGN_KEYS = "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
COUNTED_UP = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
    "AND (column_default LIKE 'nextval(%%' OR is_identity = 'YES') ORDER BY 1, 2"
)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file of SQLite for reading only, without leaving anything beside it."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)) as connection:
        yield connection


def tables_of(file: sqlite3.Connection) -> dict[str, list[str]]:
    """List the tables with their columns, parts of the search table and Alembic's own left out."""
    names = [str(row[0]) for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    virtual = {str(row[0]) for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'")}
    kept = [
        name for name in names
        if name != migrate.VERSION_TABLE and not name.startswith("sqlite_") and not any(name.startswith(f"{one}_") for one in virtual)
    ]
    return {name: [str(row[1]) for row in file.execute(f'PRAGMA table_info("{name}")')] for name in kept}


def revision_of(file: sqlite3.Connection) -> str:
    """Return the revision of the schema in a file."""
    return str(file.execute(f"SELECT version_num FROM {migrate.VERSION_TABLE}").fetchone()[0])


def fetch(database: Database, path: Path, told: Told = silent) -> None:
    """Copy every row of a PostgreSQL database, from one snapshot, into a new file of SQLite with the schema of the same revision."""
    made = Database(f"sqlite:///{path}")
    try:
        migrate.upgrade(made, migrate.current(database) or "head")
    finally:
        made.close()
    with database.reading(EVERY_ENTITY) as s, closing(sqlite3.connect(path, isolation_level=None)) as file:
        # Nothing names this file before it is finished and settled.
        for setting in ("journal_mode = DELETE", "synchronous = OFF", "foreign_keys = OFF"):
            file.execute(f"PRAGMA {setting}")
        file.execute("BEGIN")
        tables = tables_of(file)
        for number, (table, columns) in enumerate(tables.items()):
            told(number, len(tables))
            _fetch_table(s.connection(), file, table, columns)
        file.execute("COMMIT")
        if file.execute("PRAGMA foreign_key_check").fetchone():
            raise RuleBroken("复制出的数据库中有行引用了不存在的数据，没有使用它。")
        told(len(tables), len(tables))


def _fetch_table(source: Connection, file: sqlite3.Connection, table: str, columns: list[str]) -> None:
    kinds = {str(name): str(kind) for name, kind in source.exec_driver_sql(COLUMNS, (table,))}
    _check_columns(table, columns, list(kinds))
    wanted = ", ".join(HELD.get(kinds[name], "{}").format(f'"{name}"') for name in columns)
    into = f'INSERT INTO "{table}" ({_listed(columns)}) VALUES ({", ".join("?" * len(columns))})'
    rows = iter(source.exec_driver_sql(f'SELECT {wanted} FROM "{table}"', execution_options={"stream_results": True, "yield_per": BATCH}))
    while some := [tuple(row) for row in islice(rows, BATCH)]:
        file.executemany(into, some)


def _check_columns(table: str, columns: list[str], there: list[str]) -> None:
    if set(columns) != set(there):
        raise RuleBroken(f"两个数据库的表 {table} 列不相同，没有复制。")


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def send(path: Path, database: Database, first: Callable[[Connection], None], last: Callable[[Connection], None], told: Told = silent) -> None:
    """Build the schema of a file's revision in an empty PostgreSQL database and copy every row, all in one transaction.

    `first` may put out of the way what is there; `last` looks at the result before it stands.
    """
    with opened(path) as file:
        def fill(target: Connection) -> None:
            _fill(file, target, told)
            last(target)

        migrate.build(database, revision_of(file), first, fill)


def _fill(file: sqlite3.Connection, target: Connection, told: Told) -> None:
    keys = [(str(table), str(name)) for table, name in target.exec_driver_sql(FOREIGN_KEYS)]
    # A row may refer to one that comes later, in its own table or another: they are looked at in the end.
    _defer(target, keys, "DEFERRABLE INITIALLY DEFERRED")
    tables = tables_of(file)
    for number, (table, columns) in enumerate(tables.items()):
        told(number, len(tables))
        _send_table(file, target, table, columns)
    target.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    _defer(target, keys, "NOT DEFERRABLE")
    for table, column in target.exec_driver_sql(COUNTED_UP).fetchall():
        target.exec_driver_sql(
            f'SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max("{column}"), 1), max("{column}") IS NOT NULL) FROM "{table}"', (table, column),
        )
    told(len(tables), len(tables))


def _defer(target: Connection, keys: list[tuple[str, str]], how: str) -> None:
    for table, name in keys:
        target.exec_driver_sql(f"ALTER TABLE {table} ALTER CONSTRAINT {name} {how}")


def _send_table(file: sqlite3.Connection, target: Connection, table: str, columns: list[str]) -> None:
    _check_columns(table, columns, [str(row[0]) for row in target.exec_driver_sql(COLUMNS, (table,))])
    # PostgreSQL reads the text of a moment, a number for a truth and the text of JSON by itself.
    cursor: Any = target.connection.cursor()
    with cursor, cursor.copy(f'COPY "{table}" ({_listed(columns)}) FROM STDIN') as copy:
        for row in file.execute(f'SELECT {_listed(columns)} FROM "{table}"'):
            copy.write_row(row)
    (held,), there = file.execute(f'SELECT count(*) FROM "{table}"').fetchone(), target.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()
    if held != there:
        raise RuleBroken(f"表 {table} 有 {held:,} 行，只复制了 {there:,} 行，全部撤销。")
