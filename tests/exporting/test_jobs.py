"""Jobs: who may ask, cancel and start again, what a worker must hold to say anything, and what the trail tells."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import World, settle
from tests.exporting.conftest import NARROW, Desk
from tests.making import Making
from tracker import schema
from tracker.assignments.queries import TaskFilter
from tracker.audit import trail
from tracker.audit.queries import TrailFilter, events
from tracker.audit.trail import entity_chain
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import Forbidden, NotFound, RuleBroken
from tracker.exporting.working import work_off
from tracker.people import actions as people
from tracker.people.access import operator
from tracker.register.queries import ObligationFilter
from tracker.reports.jobs import actions, queries
from tracker.reports.jobs.actions import Progress
from tracker.reports.jobs.asking import Asked
from tracker.words import ExportKind, JobState, Role

MOMENTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
FILTERS = st.builds(
    TaskFilter, st.builds(ObligationFilter, q=st.text(max_size=5), clause=st.none() | st.integers(1, 50), withdrawn=st.booleans()), st.none(),
    st.sampled_from(["", "open", "done"]), st.none() | st.integers(1, 9), st.none() | st.integers(1, 9), st.text(max_size=5), DAYS, DAYS, st.text(max_size=5),
)


@given(wanted=FILTERS, as_of=MOMENTS, since=MOMENTS, entities=st.lists(st.integers(1, 99), min_size=1, max_size=3), kind=st.sampled_from(ExportKind))
def test_what_is_asked_comes_back_from_its_row_as_it_was(wanted: TaskFilter, as_of: datetime, since: datetime, entities: list[int], kind: ExportKind) -> None:
    asked = Asked(tuple(entities), wanted, as_of, since, kind)
    stored = json.loads(json.dumps(asked.stored()))
    assert set(stored) == {"entities", "filter", "as_of", "since", "kind"}
    assert Asked.read(stored) == asked


@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计"])
def test_everybody_with_a_role_may_ask_and_cancel_his_own(desk: Desk, world: World, name: str) -> None:
    who = world.viewer(name)
    job_id = desk.ask(who, wanted=NARROW)
    assert (desk.job(job_id).state, desk.job(job_id).filter_words) == (JobState.QUEUED, "任务状态：已完成")
    desk.act(actions.cancel, who, job_id)
    assert desk.job(job_id).state == JobState.CANCELLED
    desk.act(actions.again, who, job_id)
    assert desk.job(job_id).state == JobState.QUEUED


def test_of_others_only_officer_and_administrator_of_the_entity_cancel(desk: Desk, world: World, making: Making) -> None:
    job_id = desk.ask(world.auditor)
    for colleague in (world.owner, world.reviewer):
        with pytest.raises(Forbidden, match="可以取消"):
            desk.act(actions.cancel, colleague, job_id)
    desk.act(actions.cancel, world.officer, job_id)
    desk.act(actions.again, world.owner, job_id)
    assert desk.job(job_id).requested_by == world.owner.person_id
    making.grant(world.admin.person_id or 0, [Role.AUDITOR])
    desk.act(actions.cancel, World.read(desk.database).admin, job_id)


@pytest.mark.parametrize("name", ["孙外人", "管理员"])
def test_for_strangers_nothing_of_it_exists(desk: Desk, world: World, name: str) -> None:
    stranger, job_id = world.viewer(name), desk.ask()
    for verb in (actions.cancel, actions.again, queries.job):
        with pytest.raises(NotFound):
            desk.act(verb, stranger, job_id)
    with pytest.raises(NotFound):
        desk.ask(stranger)
    with desk.database.reading(stranger.entities) as s:
        assert queries.open_jobs(s, stranger) == []
        with pytest.raises(NotFound):
            queries.open_jobs(s, stranger, desk.entity_id)


def test_one_of_several_entities_is_seen_by_those_alone_who_see_all_of_them(desk: Desk, world: World, making: Making) -> None:
    making.grant(world.officer.person_id or 0, [Role.AUDITOR], world.others)
    both = World.read(desk.database).officer
    with desk.database.writing(both.entities) as s:
        job_id = actions.ask(s, both, Asked((world.ours, world.others))).id
    with desk.database.reading(both.entities) as s:
        assert [row.id for row in queries.open_jobs(s, both)] == [job_id]
    with desk.database.reading(world.auditor.entities) as s:
        assert queries.open_jobs(s, world.auditor) == []
    for who in (world.auditor, world.outsider):
        with pytest.raises(NotFound):
            desk.act(actions.cancel, who, job_id)
    with pytest.raises(NotFound), desk.database.writing(world.auditor.entities) as s:
        actions.ask(s, world.auditor, Asked((world.ours, world.others)))


def test_the_operator_is_told_to_export_at_once(desk: Desk) -> None:
    with pytest.raises(RuleBroken, match="reports build"):
        desk.ask(operator("操作员"))


def test_nobody_fills_the_queue(desk: Desk, world: World) -> None:
    jobs = [desk.ask() for _ in range(actions.MOST_OPEN)]
    with pytest.raises(RuleBroken, match="您已有 20 份导出在等待或生成"):
        desk.ask()
    desk.ask(world.auditor)
    desk.act(actions.cancel, desk.officer, jobs[0])
    desk.ask()
    with pytest.raises(RuleBroken, match="您已有 20 份"):
        desk.act(actions.again, desk.officer, jobs[0])


@pytest.mark.parametrize(("verb", "state"), [
    (actions.cancel, JobState.DONE), (actions.cancel, JobState.FAILED), (actions.cancel, JobState.CANCELLED),
    (actions.again, JobState.DONE), (actions.again, JobState.QUEUED), (actions.again, JobState.RUNNING),
])
def test_what_the_state_does_not_allow_is_refused_with_its_name(desk: Desk, verb: object, state: JobState) -> None:
    job_id = desk.ask()
    with desk.database.writing(EVERY_ENTITY) as s:
        s.get_one(actions.ExportJob, job_id).state = state
    with pytest.raises(RuleBroken, match=f"“{state.label}”"):
        desk.act(verb, desk.officer, job_id)  # type: ignore[arg-type]


def test_the_eldest_is_claimed_first_and_by_one_worker_alone(desk: Desk, frozen_clock: time_machine.Traveller) -> None:
    first = desk.ask()
    frozen_clock.shift(1)
    second = desk.ask()
    assert desk.claim("a.1") == first
    assert desk.claim("b.1") is None, "more were built at once than the settings allow"
    assert desk.claim("b.1", most=2) == second
    assert desk.claim("c.1", most=3) is None
    assert [desk.job(one).worker for one in (first, second)] == ["a.1", "b.1"]


def test_only_the_worker_that_holds_it_can_say_anything(desk: Desk) -> None:
    job_id = desk.ask()

    def beats(token: str) -> bool:
        with desk.database.writing(EVERY_ENTITY) as s:
            return actions.heartbeat(s, job_id, token, Progress("写", 3, 9, 2))

    def fails(token: str) -> bool:
        with desk.database.writing(EVERY_ENTITY) as s:
            return actions.fail(s, job_id, token, "磁盘坏了。")

    assert not beats("a.1") and not fails("a.1"), "nobody has claimed it yet"
    desk.claim("a.1")
    assert not beats("b.1") and not fails("b.1")
    assert beats("a.1") and desk.job(job_id).done == 3
    desk.act(actions.cancel, desk.officer, job_id)
    assert not beats("a.1") and not fails("a.1")
    desk.act(actions.again, desk.officer, job_id)
    desk.claim("c.1")
    assert not beats("a.1"), "a worker whose job was taken away still speaks for it"
    assert fails("c.1")
    assert (desk.job(job_id).state, desk.job(job_id).error, desk.job(job_id).worker) == (JobState.FAILED, "磁盘坏了。", "")


def test_a_worker_that_is_not_heard_of_for_half_a_minute_is_given_up(desk: Desk, frozen_clock: time_machine.Traveller) -> None:
    job_id = desk.ask()
    desk.claim("a.1")
    frozen_clock.shift(20)
    with desk.database.writing(EVERY_ENTITY) as s:
        assert actions.heartbeat(s, job_id, "a.1", Progress())
    frozen_clock.shift(29)
    with desk.database.writing(EVERY_ENTITY) as s:
        assert actions.give_up(s) == 0
    frozen_clock.shift(2)
    other = desk.ask()
    assert desk.claim("b.1") == other, "the place of a dead worker was not given on"
    assert desk.job(job_id).state == JobState.FAILED
    assert "意外中止" in desk.job(job_id).error and "再次生成" in desk.job(job_id).error


def test_the_trail_tells_of_asking_cancelling_and_failing(desk: Desk, world: World) -> None:
    job_id = desk.ask(as_of=datetime(2026, 12, 31, 16, tzinfo=UTC), wanted=NARROW)
    desk.act(actions.cancel, desk.officer, job_id)
    desk.act(actions.again, world.owner, job_id)
    desk.claim("a.1")
    with desk.database.writing(EVERY_ENTITY) as s:
        actions.fail(s, job_id, "a.1", "磁盘空间不足。")
    with desk.database.reading(EVERY_ENTITY) as s:
        told = [one for one in events(s, TrailFilter((entity_chain(desk.entity_id),))) if one.object == f"job:{job_id}"]
    assert sorted(one.action for one in told) == ["report.asked", "report.asked", "report.cancelled", "report.failed"]
    failed = next(one for one in told if one.action == "report.failed")
    assert failed.actor == "system" and failed.after["error"] == "磁盘空间不足。"
    assert all(one.after["filter"] == "任务状态：已完成" and one.after["as_of"] == "2026-12-31T16:00:00.000000Z" for one in told)


def test_failed_ones_leave_the_list_after_two_weeks(desk: Desk, frozen_clock: time_machine.Traveller) -> None:
    waiting, ended = desk.ask(), desk.ask()
    desk.act(actions.cancel, desk.officer, ended)

    def listed() -> set[int]:
        with desk.database.reading(desk.officer.entities) as s:
            return {row.id for row in queries.open_jobs(s, desk.officer)}

    assert listed() == {waiting, ended}
    frozen_clock.shift(timedelta(days=15))
    assert listed() == {waiting}


def test_a_person_without_sight_by_now_is_no_asker(desk: Desk, world: World) -> None:
    row = desk.job(desk.ask(world.auditor))
    with desk.database.reading(EVERY_ENTITY) as s:
        asker = queries.asker(s, row)
    assert asker == world.auditor
    with desk.database.writing(EVERY_ENTITY) as s:
        people.grant_roles(s, world.admin, world.auditor.person_id or 0, world.ours, [])
    with desk.database.reading(EVERY_ENTITY) as s:
        assert queries.asker(s, row) is None


def test_claiming_and_finishing_hold_on_postgresql_too(postgres_database: Database, tmp_path: Path) -> None:
    """The locks that SQLite does not know: one waits for a row, another for the turn, and neither for each other."""
    schema.build(postgres_database)
    with postgres_database.writing() as s:
        trail.found(s)
    settle(postgres_database)
    world = World.read(postgres_database)
    with postgres_database.writing(world.officer.entities) as s:
        job_id = actions.ask(s, world.officer, Asked((world.ours,))).id
    with postgres_database.writing(EVERY_ENTITY) as s:
        assert actions.claim(s, "a.1", 1)
    with postgres_database.writing(EVERY_ENTITY) as held:
        assert actions.heartbeat(held, job_id, "a.1", Progress())
        with postgres_database.writing(EVERY_ENTITY) as s:
            assert actions.give_up(s) == 0 and actions.claim(s, "b.1", 9) is None
    with postgres_database.writing(world.officer.entities) as s:
        actions.cancel(s, world.officer, job_id)
    with pytest.raises(actions.TakenAway), postgres_database.writing(EVERY_ENTITY) as s:
        actions.finish(s, job_id, "a.1", world.officer, None, None)  # type: ignore[arg-type]
    with postgres_database.writing(world.officer.entities) as s:
        actions.again(s, world.officer, job_id)
    assert work_off(Config(instance=tmp_path), postgres_database, "w") == {JobState.DONE: 1}
    with postgres_database.reading(EVERY_ENTITY) as s:
        assert s.get_one(actions.ExportJob, job_id).export_id
