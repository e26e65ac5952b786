"""Bringing a database to the schema of this code and back, in one transaction, and drafting the next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from .config import ROOT
from .db import Database
from .errors import Problem, RuleBroken

MIGRATIONS = ROOT / "migrations"
VERSION_TABLE = "alembic_version"
# Any number will do, as long as nobody else uses it: two upgrades of one PostgreSQL database take turns.
PG_LOCK = 5_202_509


def head() -> str:
    """Return the revision that this code wants."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


@cache
def started_with(folder: Path) -> str:
    """Return the revision that this process's code wants: scripts put there while it runs are of the next program."""
    return ScriptDirectory(str(folder)).get_current_head() or ""


def knows(revision: str) -> bool:
    """Tell whether this code has a revision."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def current(database: Database) -> str | None:
    """Return the revision of the database, None when it is empty; RuleBroken when it is newer or half-migrated."""
    with database.engine.connect() as connection:
        return _revision(connection)


def is_current(database: Database) -> bool:
    """Tell whether the database has exactly the schema of this code."""
    return current(database) == head()


def fits(database: Database) -> bool:
    """Tell whether the database is marked with this code's revision, or not marked at all, as only tests have it: one small read."""
    with database.engine.connect() as connection:
        there = inspect(connection).has_table(VERSION_TABLE)
        return not there or connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars().all() == [started_with(MIGRATIONS)]


def upgrade(database: Database, to: str = "head") -> str:
    """Migrate the database up (by default to this code's head) and return its revision; all of it or nothing."""
    return _migrate(database, lambda config: command.upgrade(config, to))


def downgrade(database: Database, to: str) -> str | None:
    """Migrate the database down to a revision, or to nothing with `base`; all of it or nothing."""
    return _migrate(database, lambda config: command.downgrade(config, to)) or None


def build(database: Database, revision: str, first: Callable[[Connection], None], last: Callable[[Connection], None]) -> None:
    """Build a revision in an empty database and let `last` fill it; `first` may clear the place before. All of it or nothing."""
    with _prepared(database) as connection, connection.begin():
        _take_turn(connection)
        first(connection)
        if _revision(connection) is not None:
            raise RuleBroken("目标数据库不是空的，没有改动它。")
        command.upgrade(_config(connection), revision)
        last(connection)
        _check_foreign_keys(connection)


def draft(database: Database, message: str) -> Path:
    """Write the next numbered step from what the models have and this database has not; to be read and finished by hand."""
    with _prepared(database) as connection:
        config = _config(connection)
        number = f"{int(head() or 0) + 1:04d}"
        written = command.revision(config, message, autogenerate=True, rev_id=number)
    if written is None or isinstance(written, list):
        raise RuntimeError("one draft makes one file")
    return Path(written.path)


def _migrate(database: Database, step: Callable[[Config], None]) -> str:
    with _prepared(database) as connection, connection.begin():
        _take_turn(connection)
        before = _revision(connection)
        try:
            step(_config(connection))
        except Problem:
            raise
        except Exception as reason:
            why = " ".join(str(getattr(reason, "orig", reason)).split())
            raise RuleBroken(
                f"数据库升级没有完成，已全部撤销，数据库仍是版本 {before or '（空）'}，内容没有变化，系统不会启动。"
                f"请保留这段文字，换回升级前的程序继续使用，并联系开发者。原因：{type(reason).__name__}：{why[:300]}"
            ) from reason
        _check_foreign_keys(connection)
        return _revision(connection) or ""


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({PG_LOCK})")


@contextmanager
def _prepared(database: Database) -> Iterator[Connection]:
    with database.engine.connect().execution_options(tracker_writes=True) as connection:
        # Rebuilding a table drops it: with foreign keys on, that would touch the rows that refer to it.
        _foreign_keys(connection, "OFF")
        try:
            yield connection
        finally:
            connection.rollback()
            _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    # Straight to the driver: inside a transaction, which SQLAlchemy would begin, SQLite ignores this setting.
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={state}")
        cursor.close()


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = "、".join(sorted({row[0] for row in broken}))
        raise RuleBroken(f"迁移后有 {len(broken)} 行引用了不存在的数据（{tables}），已全部撤销，数据库没有变化。")


def _revision(connection: Connection) -> str | None:
    tables = set(inspect(connection).get_table_names())
    rows = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").fetchall() if VERSION_TABLE in tables else []
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = {str(row[0]) for row in rows}
    newer = found - known
    if newer:
        raise RuleBroken(f"数据库的版本是 {'、'.join(sorted(newer))}，比本程序（{head()}）新。请使用与数据库相配的新版程序，或恢复升级前的备份。")
    half = len(found) > 1 or (not found and tables - {VERSION_TABLE}) or any(name.startswith("_alembic_tmp_") for name in tables)
    if half:
        raise RuleBroken("数据库停在两个版本之间，或不是由本程序建立的，系统不会改动它。请恢复升级前的备份后重试。")
    return next(iter(found), None)


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    # ConfigParser takes % for interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    return config
