"""The database: pragmas hold on every connection, writers begin at once, and no session reads other entities' rows."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Select, event, func, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import aliased

from tests.cast import World
from tracker import clock, db, schema
from tracker.assignments.models import TaskEvidence
from tracker.audit import trail
from tracker.audit.actor import SYSTEM
from tracker.db import EVERY_ENTITY, PRAGMAS, Database, UnitOfWork, UtcDateTime
from tracker.errors import Problem, Stale
from tracker.evidence.checks import Kind
from tracker.evidence.models import Evidence
from tracker.people.models import Entity, Person, RoleGrant
from tracker.words import Role

dialects: dict[str, Dialect] = {"sqlite": SQLiteDialect_pysqlite(), "postgresql": PGDialect_psycopg()}  # type: ignore[no-untyped-call]


@pytest.fixture
def owned(database: Database, world: World) -> Database:
    """Give a database in which each of the two entities has one piece of evidence."""
    with database.writing(EVERY_ENTITY) as s:
        for number, entity in enumerate((world.ours, world.others), start=1):
            row = Evidence(
                entity_id=entity, series_id=f"series{number}", version_no=1, name=f"{number}.pdf", sha256=str(number) * 64, size=1,
                kind=next(iter(Kind)), uploaded_at=clock.now(),
            )
            s.add(row)
            s.flush()
            trail.record(s, SYSTEM, "evidence.added", row.audit_ref, entity_id=entity)
    return database


def names(database: Database, entities: object) -> list[str]:
    """Read the names of all evidence that a session for these entities gets to see."""
    with database.reading(entities) as s:  # type: ignore[arg-type]
        return list(s.scalars(select(Evidence.name).order_by(Evidence.name)))


def test_every_connection_has_every_pragma(database: Database) -> None:
    for engine in (database.engine, database._writer):
        for _ in range(3):
            with engine.connect() as connection:
                assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS} == PRAGMAS
        engine.dispose()


def test_the_settings_are_those_that_lose_nothing() -> None:
    # With NORMAL, a power cut may take back what was acknowledged; without recursive triggers, REPLACE gets past them.
    assert {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}.items() <= PRAGMAS.items()
    assert PRAGMAS["busy_timeout"] >= 15_000


def test_a_pragma_that_reads_back_different_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRAGMAS, "synchronous", 9)
    broken = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(Problem, match="数据库设置 synchronous 应为 9，读回却是"):
        broken.engine.connect()
    broken.close()


def test_a_row_of_an_unknown_parent_is_refused(database: Database, world: World) -> None:
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), database.writing() as s:
        s.add(RoleGrant(person_id=999, entity_id=world.ours, role=Role.OWNER))


def test_a_code_that_is_no_word_is_refused_by_the_database_itself(database: Database, world: World) -> None:
    with pytest.raises(IntegrityError, match="ck_role_grant_role"), database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE role_grant SET role = 'king'")


def test_entities_and_people_with_history_cannot_be_deleted(database: Database, world: World) -> None:
    for table in ("person", "entity"):
        with pytest.raises(IntegrityError, match="FOREIGN KEY"), database.engine.begin() as connection:
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE id = 1")


def test_a_writer_takes_its_turn_at_the_very_beginning(database: Database) -> None:
    path = str(database.engine.url.database)
    with database.writing() as s:
        assert s.scalar(select(func.count()).select_from(Person)) == 6
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_a_reader_takes_no_turn_and_sees_one_moment(database: Database, world: World) -> None:
    with database.reading() as reader:
        before = reader.scalar(select(Person.department).where(Person.name == "王责任"))
        with database.writing() as writer:
            writer.get_one(Person, world.people["王责任"]).department = "新部门"
            trail.record(writer, SYSTEM, "person.changed", f"person:{world.people['王责任']}")
        assert reader.scalar(select(Person.department).where(Person.name == "王责任")) == before
    with database.reading() as reader:
        assert reader.scalar(select(Person.department).where(Person.name == "王责任")) == "新部门"


def test_a_second_writer_waits_and_loses_nothing(database: Database, world: World) -> None:
    started, done = threading.Event(), []

    def second() -> None:
        started.set()
        with database.writing() as s:
            row = s.get_one(Person, world.people["王责任"])
            row.post += "二"
            trail.record(s, SYSTEM, "person.changed", row.audit_ref)
        done.append(True)

    thread = threading.Thread(target=second)
    with database.writing() as s:
        thread.start()
        started.wait()
        row = s.get_one(Person, world.people["王责任"])
        row.post = "一"
        trail.record(s, SYSTEM, "person.changed", row.audit_ref)
        time.sleep(0.2)
        assert not done
    thread.join(20)
    with database.reading() as s:
        assert s.get_one(Person, world.people["王责任"]).post == "一二"


def test_an_exception_rolls_everything_back(database: Database, world: World) -> None:
    with pytest.raises(RuntimeError), database.writing() as s:
        row = s.get_one(Person, world.people["王责任"])
        row.post = "别的"
        trail.record(s, SYSTEM, "person.changed", row.audit_ref)
        s.flush()
        raise RuntimeError
    with database.reading() as s:
        assert s.get_one(Person, world.people["王责任"]).post != "别的"


def test_a_reading_session_never_commits(database: Database, world: World) -> None:
    with database.reading() as s:
        s.get_one(Person, world.people["王责任"]).post = "别的"
        s.flush()
    with database.reading() as s:
        assert s.get_one(Person, world.people["王责任"]).post != "别的"


def test_a_row_changed_by_two_at_once_is_refused_to_the_second_with_a_sentence(database: Database, world: World) -> None:
    def first(elsewhere: UnitOfWork) -> None:
        elsewhere.connection().exec_driver_sql("UPDATE entity SET version = version + 1, code = '先'")

    with pytest.raises(Stale, match="刚刚被他人修改，您的修改没有保存"), database.writing() as s:
        row = s.get_one(Entity, world.ours)
        row.code = "后"
        first(s)
        trail.record(s, SYSTEM, "entity.changed", row.audit_ref, entity_id=world.ours)
    with database.reading() as s:
        assert s.get_one(Entity, world.ours).code == "HC01"


def test_each_session_sees_the_rows_of_its_entities_only(owned: Database, world: World) -> None:
    assert names(owned, (world.ours,)) == ["1.pdf"]
    assert names(owned, [world.others]) == ["2.pdf"]
    assert names(owned, {world.ours, world.others}) == ["1.pdf", "2.pdf"]
    assert names(owned, EVERY_ENTITY) == ["1.pdf", "2.pdf"]
    assert names(owned, ()) == []
    assert names(owned, (999,)) == []


other = aliased(Evidence)
of_entity = Evidence.entity_id == Entity.id
LEAKS: dict[str, tuple[Select[Any], list[Any]]] = {
    "count": (select(func.count(Evidence.id)), [1]),
    "count of rows": (select(func.count()).select_from(Evidence), [1]),
    "count of a subquery": (select(func.count()).select_from(select(Evidence.id).subquery()), [1]),
    "alias": (select(other.name), ["1.pdf"]),
    "self join": (select(Evidence.id).join(other, other.id != Evidence.id), []),
    "join": (select(Entity.id).join(Evidence, of_entity), [1]),
    "exists": (select(Entity.id).where(select(Evidence.id).where(of_entity).exists()), [1]),
    "in": (select(Entity.id).where(Entity.id.in_(select(Evidence.entity_id))), [1]),
    "column": (select(select(func.count()).select_from(Evidence).scalar_subquery()), [1]),
    "common table": (select(select(Evidence.name).cte().c.name), ["1.pdf"]),
    "biggest": (select(func.max(Evidence.id)), [1]),
}


@pytest.mark.parametrize("way", LEAKS)
def test_the_second_net_holds_whichever_way_one_asks(owned: Database, world: World, way: str) -> None:
    statement, seen = LEAKS[way]
    with owned.reading((world.ours,)) as s:
        assert s.scalars(statement).all() == seen
    with owned.reading(EVERY_ENTITY) as s:
        assert s.scalars(statement).all() != seen
    with owned.reading() as s:
        del s.info["entities"]
        with pytest.raises(RuntimeError, match="read of Evidence in a session that knows no viewer"):
            s.scalars(statement).all()


def test_the_second_net_does_not_decide_how_a_query_is_read(owned: Database, world: World) -> None:
    """Counting a task's evidence by the index of its entity went through all evidence for every task."""
    said: list[tuple[str, Any]] = []
    event.listen(owned.engine, "before_cursor_execute", lambda _c, _cur, statement, given, *_more: said.append((statement, given)))
    with owned.reading([world.ours]) as s:
        s.scalar(select(func.count()).select_from(TaskEvidence).where(TaskEvidence.task_id == 1))
        statement, given = said[-1]
        plan = " ".join(str(row[3]) for row in s.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given))
    assert "entity_id" in statement, "the net is not there"
    assert "(task_id=?)" in plan and "entity_id" not in plan, plan


def test_the_second_net_holds_for_ids_and_unions(owned: Database, world: World) -> None:
    with owned.reading((world.ours,)) as s:
        assert s.get(Evidence, 2) is None
        assert s.get(Evidence, 1) is not None
        assert s.scalars(select(Evidence.id).union_all(select(Evidence.id))).all() == [1, 1]


def test_the_table_itself_is_no_way_past_the_net(owned: Database, world: World) -> None:
    table = schema.METADATA.tables["evidence"]
    with owned.reading((world.ours,)) as s, pytest.raises(RuntimeError, match="past its class"):
        s.scalars(select(table.c.name)).all()


def test_two_sessions_with_different_entities_do_not_share_a_cached_filter(owned: Database, world: World) -> None:
    for _ in range(3):
        assert names(owned, (world.ours,)) == ["1.pdf"]
        assert names(owned, (world.others,)) == ["2.pdf"]


def test_a_session_that_knows_no_viewer_reads_nothing_owned(owned: Database) -> None:
    with owned.reading() as s:
        del s.info["entities"]
        with pytest.raises(RuntimeError, match="read of Evidence in a session that knows no viewer"):
            s.scalars(select(Evidence)).all()
        assert s.scalar(select(func.count()).select_from(Person)) == 6


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="needs a time zone"), database.writing() as s:
        s.add(Entity(name="无时区", short_name="无", created_at=datetime(2026, 11, 22)))
        s.flush()


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-12, 14), st.sampled_from(sorted(dialects)))
def test_a_moment_comes_back_as_the_same_moment(moment: datetime, hours: int, dialect: str) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    kind = UtcDateTime()
    stored = kind.process_bind_param(aware, dialects[dialect])
    assert stored is not None
    assert stored.tzinfo is None
    assert kind.process_result_value(stored, dialects[dialect]) == aware


def test_nothing_is_a_moment_too() -> None:
    kind = UtcDateTime()
    assert kind.process_bind_param(None, dialects["sqlite"]) is None
    assert kind.process_result_value(None, dialects["sqlite"]) is None


def test_today_changes_at_midnight_in_shanghai() -> None:
    late = datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)
    assert clock.local(late).date() == date(2026, 11, 22)
    assert clock.local(late + timedelta(seconds=1)).date() == date(2026, 11, 23)
    assert clock.stamp(late) == "2026-11-22T15:59:59.000000Z"


def test_an_audited_row_must_name_itself() -> None:
    class Nameless(db.Audited):
        pass

    with pytest.raises(TypeError, match="Nameless has no audit_ref"):
        _ = Nameless().audit_ref
