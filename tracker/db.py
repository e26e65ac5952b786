"""Base, naming convention, column vocabulary, engine hooks, and the two kinds of session: reading and writing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final

from sqlalchemy import JSON, DateTime, Engine, ForeignKey, MetaData, String, create_engine, event, make_url
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeDecorator

from .errors import Busy, DiskTrouble, NoSpace, Problem, Stale

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# The time-out comes first: switching to WAL may already have to wait for another process.
PRAGMAS = {"busy_timeout": 15000, "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
# How many translated statements are kept; the pages, reports and commands have fewer.
STATEMENTS: Final = 2000
EVERY_ENTITY: Final = "every entity"
# What the journal of rows does not keep of a column: bytes and long texts that never change are found in the table itself,
# secrets are found nowhere else.
BESIDE: Final = {"journal": "beside"}
SECRET: Final = {"journal": "secret"}
Seen = Collection[int] | str
# What SQLite and PostgreSQL say when others hold what one needs, and when the disk, the file or the server does not answer.
_HELD: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, "40P01", "40001", "55P03"}
_FAILING: Final = {
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY,
    "08", "53", "57", "58",
}
# On SQLite writers take turns; on PostgreSQL two may have looked before either wrote, and the second finds the place taken.
_TAKEN: Final = "23505"
OTHERS: Final = "内容刚刚被他人修改，您的修改没有保存。请重新打开后再试。"
FAILED: Final = "服务器读写数据时出错，您刚才的操作没有保存。请稍候再试；如果再次出现，请联系系统管理员检查磁盘与数据库。"
UNSURE: Final = "服务器在保存的最后一步出错，不能确定您刚才的操作是否已经保存。请过一会儿刷新页面核对，再决定是否重做。"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as naive UTC so that SQLite and PostgreSQL agree."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments: a moment without a zone is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


def coded(words: type[Enum], name: str = "") -> SqlEnum:
    """Return the column type of an enum, stored by value with a CHECK; a second one in a table needs a name of its own."""
    return SqlEnum(
        words, native_enum=False, create_constraint=True, length=32, name=name or words.__name__.lower(),
        values_callable=lambda members: [str(member.value) for member in members],
    )


Id = Annotated[int, mapped_column(primary_key=True)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
Code = Annotated[str, mapped_column(String(64))]
Name = Annotated[str, mapped_column(String(200))]
Digest = Annotated[str, mapped_column(String(64))]


class Base(DeclarativeBase):
    """The one declarative base."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON, list[dict[str, Any]]: JSON}


class Audited:
    """A row whose every change needs an event of the trail in the same transaction; `audit_ref` names the covering object.

    Each of its versions is also kept in the journal, but for columns marked BESIDE or SECRET.
    """

    @property
    def audit_ref(self) -> str:
        """Return the object reference, such as `task:17`, that an event must carry."""
        raise TypeError(f"{type(self).__name__} has no audit_ref")


class OwnedByEntity:
    """A row that belongs to an entity; sessions refuse to read it without knowing whose rows may be seen."""

    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"), index=True)


class UnitOfWork(Session):
    """The session of this application; `info["entities"]` says whose rows it may read."""

    # CPython 3.11 corrupts its heap when the collector frees a row (a page holds them in cycles) in the very moment
    # in which the session writes an attribute of that row's state; so no row dies while its session ends.
    def commit(self) -> None:
        """Commit, with every loaded row kept alive meanwhile."""
        kept = self.identity_map.values()
        super().commit()
        del kept

    def close(self) -> None:
        """Close, with every loaded row kept alive meanwhile."""
        kept = self.identity_map.values()
        super().close()
        del kept


@event.listens_for(UnitOfWork, "do_orm_execute")
def _only_visible_entities(state: ORMExecuteState) -> None:
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    visible = state.session.info.get("entities")
    if visible == EVERY_ENTITY:
        return
    if visible is None or not state.is_orm_statement:
        _refuse_owned(state.statement)
        return
    # On every statement, not only where the class stands at the top: counts, EXISTS and subqueries leak just as well.
    # The sum keeps the index on entity_id out of it: the query's own conditions decide how it is read, the net only holds.
    state.statement = state.statement.options(
        with_loader_criteria(OwnedByEntity, lambda cls: (cls.entity_id + 0).in_(visible), include_aliases=True)
    )


def _refuse_owned(statement: Any) -> None:
    owned: dict[Any, str] = {m.local_table: m.class_.__name__ for m in Base.registry.mappers if issubclass(m.class_, OwnedByEntity)}
    for part in iterate(statement):
        found = owned.get(getattr(part, "table", part))
        if found:
            raise RuntimeError(f"read of {found} in a session that knows no viewer, or past its class")


class Database:
    """An engine with its hooks, and sessions on it."""

    def __init__(self, url: str) -> None:
        options: dict[str, Any] = {"json_serializer": _json}
        if url.startswith("sqlite"):
            options["connect_args"] = {"check_same_thread": False}
        if make_url(url).database not in {None, "", ":memory:"}:
            # A request holds one connection to read and one to write: with a bounded pool, many readers would all wait for a writer's.
            options["max_overflow"] = -1
        self.engine: Engine = create_engine(url, **options)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            self.engine.dialect, self.engine._compiled_cache = _known_sqlite()
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._writer = self.engine.execution_options(tracker_writes=True)
        # SQLite reads from one snapshot anyway; PostgreSQL has to be asked, or an export would mix two moments.
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def reading(self, entities: Seen = ()) -> Iterator[UnitOfWork]:
        """Give a session for reads that sees only rows of `entities`; nothing is ever committed."""
        with UnitOfWork(self._reader, info={"entities": _seen(entities)}) as session:
            yield session

    @contextmanager
    def writing(self, entities: Seen = ()) -> Iterator[UnitOfWork]:
        """Give the session of one unit of work; the only place that commits. Any exception rolls all of it back."""
        committing = False
        try:
            with UnitOfWork(self._writer, info={"entities": _seen(entities)}) as session:
                session.connection()
                yield session
                committing = True
                session.commit()
        except StaleDataError as cause:
            raise Stale(OTHERS) from cause
        except DatabaseError as cause:
            # Only the COMMIT itself is no statement: when that fails, nobody can know what a restart will find.
            if known := understood(cause, unsure=committing and cause.statement is None):
                raise known from cause
            raise

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


@cache
def _known_sqlite() -> tuple[Dialect, Any]:
    # Every look at an earlier date opens a database of its own, which would have to translate every statement anew:
    # all databases of a process speak one dialect and share what was translated (SQLAlchemy keys it by the dialect).
    engine = create_engine("sqlite://", json_serializer=_json, query_cache_size=STATEMENTS)
    with engine.connect():
        pass
    engine.dispose()
    return engine.dialect, engine._compiled_cache


def _seen(entities: Seen) -> Seen:
    return entities if isinstance(entities, str) else tuple(entities)


def understood(error: DBAPIError, unsure: bool = False) -> Problem | None:
    """Return what a failure of the database means to a person, None when it is a fault of ours; `unsure` while it was committing."""
    code, state = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, getattr(error.orig, "sqlstate", None) or ""
    if code == sqlite3.SQLITE_FULL or state == "53100":
        return NoSpace("服务器的存储空间不足，您刚才的操作没有保存。请联系系统管理员清理磁盘后再试。")
    if code in _HELD or state in _HELD:
        return Busy("系统正忙，您刚才的操作没有保存。请稍候再试。")
    if state == _TAKEN:
        return Stale(OTHERS)
    if code in _FAILING or state[:2] in _FAILING or error.connection_invalidated:
        return DiskTrouble(UNSURE if unsure else FAILED)
    return None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for name, wanted in PRAGMAS.items():
        connection.execute(f"PRAGMA {name}={wanted}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted and not (name == "journal_mode" and found == "memory"):
            raise Problem(f"数据库设置 {name} 应为 {wanted}，读回却是 {found}。为保护数据，系统不启动。")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another has committed in between.
    writes = connection.get_execution_options().get("tracker_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
