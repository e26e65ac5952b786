"""Recording: what a unit of work changed is noted while it is flushed, and written as its last step, in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    Select,
    Table,
    Text,
    cast,
    event,
    func,
    insert,
    inspect,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.types import NullType

from .. import clock
from ..db import Audited, Base, UnitOfWork
from .canonical import key_text, row_text
from .models import RowVersion

Key = tuple[Any, ...]
BATCH = 500
# Any number will do, as long as nobody else uses it.
PG_TURN = 5_202_510


def audited_tables() -> list[Table]:
    """List the tables whose every version is kept, parents before those that refer to them."""
    audited = {mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, Audited)}
    return [table for table in Base.metadata.sorted_tables if table in audited]


def kept_columns(table: Table) -> list[Column[Any]]:
    """List the columns that the journal keeps: neither secrets nor what lies unchanged in the table itself."""
    return [column for column in table.columns if "journal" not in column.info]


def take_turn(connection: Connection) -> None:
    """Let one writer at a time stamp and commit; SQLite does so by itself, as it has one writer in all."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(PG_TURN)))


def moment(s: Session) -> str:
    """Return the one stamp of this unit of work, taken in its last step; never before one that was given out earlier."""
    given: str | None = s.info.get("moment")
    if given is None:
        connection = s.connection()
        take_turn(connection)
        last = connection.scalar(select(RowVersion.at).order_by(RowVersion.id.desc()).limit(1))
        given = s.info["moment"] = max(clock.stamp(clock.now()), last or "")
    return given


@event.listens_for(UnitOfWork, "after_flush")
def _note(s: Session, context: UOWTransaction) -> None:
    touched: dict[Table, set[Key]] = s.info.setdefault("touched", {})
    for state, (deleted, only_listed) in context.states.items():
        row = state.obj()
        if only_listed or not isinstance(row, Audited) or (state.key and not deleted and not s.is_modified(row)):
            continue
        mapper, old = inspect(type(row)), state.key[1] if state.key else None
        table, keys = mapper.local_table, touched.setdefault(mapper.local_table, set())
        if old is not None:
            keys.add(old)
        if not deleted:
            new = tuple(mapper.primary_key_from_instance(row))
            keys.add(new)
            if old is not None and old != new:
                _note_followers(s.connection(), table, old, new, touched)


def _note_followers(connection: Connection, table: Table, old: Key, new: Key, touched: dict[Table, set[Key]]) -> None:
    """Note the rows whose reference the database took along when a key was renamed."""
    for key in _following(table):
        child, place = key.parent.table, list(table.primary_key).index(key.column)
        primary = list(child.primary_key)
        for found in connection.execute(select(*primary).where(key.parent == new[place])):
            before = tuple(old[place] if column is key.parent else value for column, value in zip(primary, found, strict=True))
            touched.setdefault(child, set()).update((tuple(found), before))


def _following(table: Table) -> Iterator[ForeignKey]:
    for child in audited_tables():
        yield from (key for key in child.foreign_keys if key.onupdate == "CASCADE" and key.column.table is table)


@event.listens_for(UnitOfWork, "after_commit")
@event.listens_for(UnitOfWork, "after_rollback")
def _forget(s: Session) -> None:
    s.info.pop("touched", None)
    s.info.pop("moment", None)


@event.listens_for(UnitOfWork, "before_commit")
def _write(s: Session) -> None:
    s.flush()
    touched: dict[Table, set[Key]] = s.info.pop("touched", {})
    if not any(touched.values()):
        return
    at, connection = moment(s), s.connection()
    # In order, so that the same work always leaves the same journal.
    for table in sorted(touched, key=lambda one: one.name):
        keys = iter(sorted(touched[table], key=lambda key: tuple(map(_rank, key))))
        while some := list(islice(keys, BATCH)):
            write_versions(connection, at, table.name, versions(connection, table, some))


def _rank(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)


def write_versions(connection: Connection, at: str, table_name: str, found: Iterable[tuple[str, str | None]]) -> None:
    """Append versions of rows of one table, as (key, content) texts."""
    connection.execute(insert(RowVersion), [{"at": at, "table_name": table_name, "row_key": key, "content": content} for key, content in found])


def versions(connection: Connection, table: Table, keys: Sequence[Key]) -> Iterator[tuple[str, str | None]]:
    """Yield the (key, content) texts of these rows as they stand; a row that is gone has no content."""
    primary = list(table.primary_key)
    wanted = primary[0].in_([key[0] for key in keys]) if len(primary) == 1 else tuple_(*primary).in_(keys)
    held = dict(row_texts(connection.execute(_kept_rows(table).where(wanted)).mappings(), [column.name for column in primary]))
    for key in map(key_text, keys):
        yield key, held.get(key)


@lru_cache
def _kept_rows(table: Table) -> Select[Any]:
    return select(*as_held(kept_columns(table)))


def as_held(columns: Iterable[Column[Any]]) -> list[Any]:
    """Ask for columns as the database holds them, JSON as its text: what is only copied needs no types."""
    return [(cast(column, Text) if isinstance(column.type, JSON) else type_coerce(column, NullType())).label(column.name) for column in columns]


def row_texts(rows: Iterable[Any], primary: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Write rows, given as mappings, as (key, content) texts."""
    for row in rows:
        yield key_text([row[name] for name in primary]), row_text(row)
