"""The whole chain on PostgreSQL: the same migrations, rules, trail and workbook as on SQLite."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.cast import World, settle
from tests.editions.registers import Duty, identity, put, register, seen, standing, work_under
from tests.work import REGISTER
from tracker import clock, migrate
from tracker.assignments import assigning, reviewing, working
from tracker.assignments.queries import TaskFilter, task_count, task_ids
from tracker.audit import trail
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import Problem
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter, obligation_count, obligations
from tracker.reports.actions import export_store, keep, write
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.words import Cadence, Standing


@pytest.fixture
def database(postgres_server: str) -> Iterator[Database]:
    """Give an empty PostgreSQL database of this test's own, migrated, with the cast in it."""
    maintenance, name = Database(postgres_server), f"chain_{threading.get_ident()}"
    with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = maintenance.engine.url.set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    migrate.upgrade(database)
    with database.writing() as s:
        trail.found(s)
    settle(database)
    yield database
    database.close()
    with maintenance.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    maintenance.close()


def test_the_whole_chain_runs_and_its_trail_is_sound(database: Database, tmp_path: Path) -> None:
    host, world = operator("操作员"), World.read(database)
    officer, owner, reviewer = world.officer, world.owner, world.reviewer
    with database.writing(host.entities) as s:
        load(s, host, REGISTER.read_bytes(), REGISTER.name)
    with database.reading(officer.entities) as s:
        assert 0 < obligation_count(s, ObligationFilter(q="适当")) < obligation_count(s, ObligationFilter())
        every = scope_ids(s, officer, world.ours, ObligationFilter())
    with database.writing(officer.entities) as s:
        confirm_suggestions(s, officer, world.ours, every)
    with database.reading(officer.entities) as s:
        applies = scope_ids(s, officer, world.ours, ObligationFilter(), Standing.APPLIES)
    terms = assigning.Terms(world.people["王责任"], world.people["赵复核"], clock.today() + timedelta(days=9), cadence=Cadence.QUARTERLY)
    with database.writing(officer.entities) as s:
        assert assigning.assign(s, officer, world.ours, applies, terms, 100).made == len(applies)
    stored = Store(tmp_path / "store", 10**6).put(io.BytesIO("检查记录".encode()), "检查记录.txt")
    with database.writing(owner.entities) as s:
        task_id = task_ids(s, owner, TaskFilter())[0]
        piece = add_evidence(s, owner, world.ours, stored, EvidenceFacts()).evidence
        s.flush()
        working.cite(s, owner, task_id, [piece.id])
        working.submit(s, owner, task_id, working.Work("已完成"))
    _two_decide_at_once(database, world, task_id)
    with database.reading(officer.entities) as s:
        written = write(s, officer, [world.ours], TaskFilter(), export_store(tmp_path / "exports"))
    with database.writing(officer.entities) as s:
        keep(s, officer, written)
    with database.reading(reviewer.entities) as s:
        assert faults(s) == []
    assert written.counts["责任分派与任务"] > 0


def _two_decide_at_once(database: Database, world: World, task_id: int) -> None:
    """Let the reviewer accept and send back at the same moment: one decision stands, the other gets a sentence."""
    start, told = threading.Barrier(2), []

    def decide(accepting: bool) -> None:
        start.wait()
        try:
            with database.writing(world.reviewer.entities) as s:
                if accepting:
                    reviewing.accept(s, world.reviewer, task_id)
                else:
                    reviewing.send_back(s, world.reviewer, task_id, "缺少签字页")
            told.append("done")
        except Problem as problem:
            told.append(problem.sentence)

    both = [threading.Thread(target=decide, args=(accepting,)) for accepting in (True, False)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert told.count("done") == 1, told


def test_editions_rename_change_withdraw_and_come_back_as_on_sqlite(database: Database) -> None:
    world, first = World.read(database), register([Duty(1), Duty(2), Duty(3)])
    put(database, first)
    work_under(database, world, [1, 2, 3], [1, 2])
    before, data = standing(database), register([Duty(7, 0, (1,), like=1), Duty(2, 1)], "2026.12")
    (touched,) = seen(database, data).touched
    put(database, data)
    between = standing(database)
    assert set(between.obligations) == {identity(7), identity(2)} and between.obligations[identity(7)] == before.obligations[identity(1)]
    assert (touched.ended, touched.reconfirm, len(between.outdated)) == (1, 1, 1)
    with database.reading(EVERY_ENTITY) as s:
        assert [row.id for row in obligations(s, ObligationFilter(q=identity(1)))] == [identity(7)]
        assert task_count(s, world.reviewer, TaskFilter(state="reconfirm")) == 1
    put(database, first)
    after = standing(database)
    assert (after.obligations, after.done, after.outdated) == (before.obligations, before.done, frozenset())
    with database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []


def test_a_reading_session_cannot_write(database: Database) -> None:
    with database.reading() as s, pytest.raises(DBAPIError, match="read-only"):
        s.execute(text("UPDATE entity SET name = 'x'"))
