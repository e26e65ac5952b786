"""Moving a database from SQLite to PostgreSQL, or back: the target must be empty, and is verified before it stands."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, inspect

from ..db import EVERY_ENTITY, Database, UnitOfWork
from ..durable import part_of, pieces, put_in_place, write_part
from ..errors import RuleBroken
from ..progress import Told, silent
from .carrying import opened, send, tables_of
from .checking import Chains, chains_of, check_trail
from .making import copy_database
from .places import speaking_of

NOT_EMPTY = "目标数据库不是空的，没有改动它。请另选一个空的数据库。"


@dataclass(frozen=True, slots=True)
class Moved:
    """How many tables, rows and events the target now has."""

    tables: int
    rows: int
    events: int


def move(source: Database, target: Database, told: Told = silent) -> Moved:
    """Copy every row of a database, as of one moment, into an empty one; RuleBroken when that is not empty, all of it or nothing."""
    where = Path(str(target.engine.url.database)).absolute() if target.is_sqlite else None
    _check_empty(target, where)
    with TemporaryDirectory(prefix="tracker-copy-", dir=where.parent if where else None) as folder, speaking_of(Path(folder)):
        file = Path(folder) / "copy.db"
        copy_database(source, file)
        with opened(file) as copied:
            chains, moved = chains_of(copied), _counted(copied)
        if where is None:
            send(file, target, lambda _connection: None, lambda connection: _check(connection, chains), told)
        else:
            _check_file(file, chains)
            _place(file, where)
    return moved


def _check_empty(target: Database, where: Path | None) -> None:
    if where is not None:
        if where.exists():
            raise RuleBroken(NOT_EMPTY)
        where.parent.mkdir(parents=True, exist_ok=True)
    elif inspect(target.engine).get_table_names():
        raise RuleBroken(NOT_EMPTY)


def _counted(file: sqlite3.Connection) -> Moved:
    tables = tables_of(file)
    rows = sum(file.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables)
    return Moved(len(tables), rows, sum(size for size, _head in chains_of(file).values()))


def _check(connection: Connection, chains: Chains) -> None:
    with UnitOfWork(connection, info={"entities": EVERY_ENTITY}) as s:
        check_trail(s, chains, "复制出的")


def _check_file(file: Path, chains: Chains) -> None:
    database = Database(f"sqlite:///{file}")
    try:
        with database.reading(EVERY_ENTITY) as s:
            check_trail(s, chains, "复制出的")
    finally:
        database.close()


def _place(file: Path, where: Path) -> None:
    write_part(where, pieces(file))
    if where.exists():
        part_of(where).unlink()
        raise RuleBroken(NOT_EMPTY)
    put_in_place(where)
