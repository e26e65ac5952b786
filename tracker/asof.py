"""Looking back: a database that holds exactly what stood at a past moment, for every query and every report as they are."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import JSON, Column, Connection, LargeBinary, Table, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from . import clock
from .audit.past import trail_at
from .db import EVERY_ENTITY, Base, Database, Seen, UnitOfWork
from .errors import BadInput, RuleBroken
from .journal.canonical import stored
from .journal.queries import first_moment, last_version, rows_at, settled
from .journal.recording import BATCH, as_held, audited_tables
from .progress import Told, silent
from .register.loading import reindex
from .schema import build

EVIDENCE = Base.metadata.tables["evidence"]
FIELD, SINCE = "as_of", "since"
CALLED = {FIELD: "截至时点", SINCE: "比较时点"}
WRITTEN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?")


def moment_of(text: str, field: str = FIELD) -> datetime | None:
    """Read a moment as people write it in Shanghai; a day alone means its end, nothing means now (or none); raises BadInput at the field."""
    found = WRITTEN.fullmatch(text.strip())
    if not text.strip():
        return None
    try:
        if found is None:
            raise ValueError
        day, time = found.groups()
        moment = datetime.fromisoformat(f"{day}T{time or '23:59:59.999999'}").replace(tzinfo=clock.SHANGHAI)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput.at(field, f"{CALLED[field]}“{text.strip()[:40]}”不是有效的时间。请写成 2026-11-01 18:00，或只写日期 2026-11-01（指当日终了）。") from None


def check_moment(s: Session, moment: datetime, field: str = FIELD) -> None:
    """Raise BadInput at the field for a moment that is still to come, or from before the history was kept."""
    called = CALLED[field]
    if moment > clock.now():
        raise BadInput.at(field, f"{called} {_said(moment)}还没有到。请填写现在或以前的时间{'；留空表示现在' if field == FIELD else ''}。")
    first = first_moment(s)
    if first is None:
        raise BadInput.at(field, "系统中还没有任何记录，没有可以回看的历史。请留空，表示现在。")
    if moment < first:
        # The next whole second: who types it back is not refused again.
        earliest = first if not first.microsecond else first.replace(microsecond=0) + timedelta(seconds=1)
        raise BadInput.at(field, f"{called} {_said(moment)}早于历史记录开始的时刻，当时的内容没有保存。最早可以填 {_said(earliest)}。")


def _said(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M:%S}（北京时间）"


@contextmanager
def looking(database: Database, entities: Seen, moment: datetime | None = None, told: Told = silent) -> Iterator[UnitOfWork]:
    """Give a session that sees the rows of a past moment, or of now, with the clock standing at it.

    Who may see what is the caller's to check: the rights are those of now. Whatever asks for today gets the day of then.
    `told` hears how many rows of the past were put together; their total is not known.
    """
    with ExitStack() as stack:
        if moment is None:
            s, moment = stack.enter_context(settled(database, entities))
        else:
            past = stack.enter_context(database_at(database, moment, told))
            s = stack.enter_context(past.reading(entities))
        stack.enter_context(clock.at(moment))
        yield s


@contextmanager
def database_at(database: Database, moment: datetime, told: Told = silent) -> Iterator[Database]:
    """Give a database with exactly the rows that stood at a moment; it is gone afterwards. Raises BadInput for a moment without history."""
    with TemporaryDirectory(prefix="tracker-asof-") as folder:
        past = Database(f"sqlite:///{Path(folder) / 'past.db'}")
        try:
            build(past)
            with database.reading(EVERY_ENTITY) as live:
                check_moment(live, moment)
                _fill(live, past, moment, _passing(told))
            with past.writing(EVERY_ENTITY) as s:
                reindex(s)
            yield past
        finally:
            past.close()


Rows = Iterable[Mapping[str, Any]]


def _passing(told: Told) -> Callable[[Rows], Rows]:
    """Pass rows on and tell how many there were, over all tables, every few hundred."""
    numbers = count(1)

    def passing(rows: Rows) -> Rows:
        for row in rows:
            yield row
            if not (number := next(numbers)) % BATCH:
                told(number, 0)

    return passing


def _fill(live: Session, past: Database, moment: datetime, passing: Callable[[Rows], Rows]) -> None:
    past.close()
    # Nothing here outlives the process, so that nothing has to survive a crash.
    target = sqlite3.connect(str(past.engine.url.database), isolation_level=None)
    try:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
            target.execute(f"PRAGMA {setting}")
        target.execute("BEGIN")
        last = last_version(live, moment)
        for table in audited_tables():
            _put(target, table, passing(rows_at(live, table.name, last)), dict(map(_unwritten, table.columns)))
            _bring_along(live.connection(), target, table)
        _still_gone(live, target)
        for table, rows in trail_at(live, clock.stamp(moment)):
            _put(target, table, passing(rows), {})
        target.execute("COMMIT")
        _check(target)
    finally:
        target.close()


def _unwritten(column: Column[Any]) -> tuple[str, Any]:
    """Return a column with what stands in it where a version has nothing: because it is older than the column, or keeps it not."""
    if isinstance(column.default, ScalarElementColumnDefault):
        return column.name, stored(column.default.arg)
    if column.nullable:
        return column.name, None
    if isinstance(column.type, JSON):
        return column.name, "[]"
    return column.name, b"" if isinstance(column.type, LargeBinary) else "" if column.type.python_type is str else 0


def _put(target: sqlite3.Connection, table: Table, rows: Rows, unwritten: dict[str, Any]) -> None:
    names = [column.name for column in table.columns]
    quoted, values = ", ".join(f'"{name}"' for name in names), itemgetter(*names)
    # Row by row through one statement: never more than a batch is held.
    target.executemany(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({", ".join("?" * len(names))})', (values({**unwritten, **row}) for row in rows))


def _bring_along(live: Connection, target: sqlite3.Connection, table: Table) -> None:
    """Fetch what the journal leaves in the table itself, such as the bytes of an edition: one row at a time, as they are large."""
    beside = [column for column in table.columns if column.info.get("journal") == "beside"]
    if not beside:
        return
    (key,) = table.primary_key
    statement = f'UPDATE "{table.name}" SET {", ".join(f"{column.name} = ?" for column in beside)} WHERE "{key.name}" = ?'
    for (one,) in target.execute(f'SELECT "{key.name}" FROM "{table.name}"').fetchall():
        found = live.execute(select(*as_held(beside)).where(key == one)).one_or_none()
        if found is not None:
            target.execute(statement, (*found, one))


def _still_gone(live: Session, target: sqlite3.Connection) -> None:
    """Mark what was destroyed since: no moment brings its bytes back."""
    gone = live.connection().execute(select(*as_held([EVIDENCE.c.destroyed_at, EVIDENCE.c.id])).where(EVIDENCE.c.destroyed_at.is_not(None)))
    target.executemany("UPDATE evidence SET destroyed_at = ? WHERE id = ?", map(tuple, gone))


def _check(target: sqlite3.Connection) -> None:
    broken = target.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = "、".join(sorted({row[0] for row in broken}))
        raise RuleBroken(f"历史记录不完整：当时的数据中有 {len(broken)} 行引用了没有记录的内容（{tables}），因此没有生成。可能有人绕过本系统改动过数据库，请联系系统管理员。")
