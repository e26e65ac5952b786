"""The worker: file, event and end of the job in one transaction, or a sentence and nothing at all."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from tests.cast import World
from tests.exporting.conftest import NARROW, Desk
from tests.making import Making
from tests.reports.opening import Opened
from tests.reports.story import Story
from tracker import clock
from tracker.asof import looking
from tracker.audit.queries import TrailFilter, events
from tracker.audit.trail import entity_chain
from tracker.db import EVERY_ENTITY
from tracker.exporting import beating, working
from tracker.exporting.working import work_off
from tracker.people import actions as people
from tracker.progress import Told
from tracker.reports.actions import export_store, keep, write
from tracker.reports.jobs import actions
from tracker.reports.jobs.asking import Asked
from tracker.reports.models import Export
from tracker.words import JobState, Role


def exports(desk: Desk) -> int:
    """Count the exports that are kept."""
    with desk.database.reading(EVERY_ENTITY) as s:
        return s.scalar(select(func.count()).select_from(Export)) or 0


def _events(desk: Desk, *names: str) -> list[Any]:
    with desk.database.reading(EVERY_ENTITY) as s:
        return [one for one in events(s, TrailFilter((entity_chain(desk.entity_id),))) if one.action in names]


def _while_writing(monkeypatch: pytest.MonkeyPatch, act: Callable[[Told], None]) -> None:
    """Do something in the middle of the writing of a workbook."""
    real = working.write

    def write_and_act(*given: Any, told: Told, **more: Any) -> Any:
        seen: list[int] = []

        def passed(done: int, total: int) -> None:
            if not seen and done:
                seen.append(done)
                act(told)
            told(done, total)

        written = real(*given, told=passed, **more)
        assert seen, "the writing told nothing"
        return written

    monkeypatch.setattr(working, "write", write_and_act)


def test_a_job_ends_with_the_same_workbook_as_an_export_at_once_and_with_its_event(desk: Desk, story: Story) -> None:
    job_id = desk.ask(wanted=NARROW)
    assert work_off(desk.config, desk.database, "w") == {JobState.DONE: 1}
    row = desk.job(job_id)
    assert (row.state, row.error, row.worker, row.done) == (JobState.DONE, "", "", row.total) and row.total > 10
    with desk.database.reading(EVERY_ENTITY) as s:
        made = s.get_one(Export, row.export_id)
        assert (made.made_by, made.filter_words) == (desk.officer.person_id, "任务状态：已完成")
        digest = made.sha256
    opened = Opened(export_store(desk.config.exports).path(digest).read_bytes())
    at_once, _written, _kept = story.export(NARROW)
    assert opened.rows("责任分派与任务") == at_once.rows("责任分派与任务")
    (told,) = [one for one in _events(desk, "report.built") if one.object == f"report:{row.export_id}"]
    assert told.actor == f"u_{desk.officer.person_id}" and told.after["sha256"] == digest
    assert [path.name for path in desk.files] == [digest]


def test_a_past_moment_is_told_of_too_and_gives_the_bytes_of_then(desk: Desk, frozen_clock: time_machine.Traveller) -> None:
    moment, heard = datetime(2027, 1, 5, 2, 30, tzinfo=UTC), list[tuple[int, int]]()
    with looking(desk.database, desk.officer.entities, moment, lambda *far: heard.append(far)) as s:
        then = write(s, desk.officer, [desk.entity_id], NARROW, export_store(desk.config.exports), told=lambda *far: heard.append(far))
    frozen_clock.shift(86_400)
    row = desk.job(desk.ask(as_of=moment, wanted=NARROW))
    work_off(desk.config, desk.database, "w")
    with desk.database.reading(EVERY_ENTITY) as s:
        made = s.get_one(Export, desk.job(row.id).export_id)
        assert (made.sha256, made.as_of) == (then.stored.sha256, moment)
    past, writing = [far for far in heard if not far[1]], [far for far in heard if far[1]]
    assert [done for done, _total in past] == [500 * n for n in range(1, len(past) + 1)] and len(past) > 2
    assert writing == sorted(writing) and writing[-1][0] == writing[-1][1] == sum({total for _done, total in writing})


def test_all_that_waits_is_worked_off_eldest_first(desk: Desk, world: World, frozen_clock: time_machine.Traveller) -> None:
    jobs = []
    for who in (world.officer, world.owner, world.auditor):
        jobs.append(desk.ask(who, wanted=NARROW))
        frozen_clock.shift(1)
    desk.act(actions.cancel, world.owner, jobs[1])
    assert work_off(desk.config, desk.database, "w") == {JobState.DONE: 2}
    assert [desk.job(one).state for one in jobs] == [JobState.DONE, JobState.CANCELLED, JobState.DONE]
    assert (desk.job(jobs[0]).export_id or 0) < (desk.job(jobs[2]).export_id or 0)


def test_cancelled_while_it_is_written_it_stops_and_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = desk.ask()
    monkeypatch.setattr(beating, "EVERY", 0.01)

    def cancel(told: Told) -> None:
        desk.act(actions.cancel, desk.officer, job_id)
        with pytest.raises(actions.TakenAway):
            for _ in range(10_000):
                told(1, 9)
                beating.time.sleep(0.001)

    _while_writing(monkeypatch, cancel)
    assert work_off(desk.config, desk.database, "w") == {JobState.CANCELLED: 1}
    assert (desk.job(job_id).state, exports(desk), desk.files) == (JobState.CANCELLED, 0, [])
    assert _events(desk, "report.failed", "report.built") == []


def test_cancelled_in_the_last_moment_the_file_goes_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id, real = desk.ask(wanted=NARROW), actions.finish

    def finish(s: Any, *given: Any) -> Any:
        row = s.get_one(actions.ExportJob, job_id)
        row.state = JobState.CANCELLED
        s.flush()
        return real(s, *given)

    monkeypatch.setattr(actions, "finish", finish)
    assert len(desk.files) == 0
    assert work_off(desk.config, desk.database, "w") == {JobState.CANCELLED: 1}
    assert (exports(desk), desk.files) == (0, [])


def test_a_file_that_an_export_has_already_is_never_taken_away(desk: Desk) -> None:
    moment, store = datetime(2027, 1, 5, 2, 30, tzinfo=UTC), export_store(desk.config.exports)
    with looking(desk.database, desk.officer.entities, moment) as s:
        written = write(s, desk.officer, [desk.entity_id], NARROW, store)
    with desk.database.writing(desk.officer.entities) as s:
        keep(s, desk.officer, written)
    with desk.database.writing(EVERY_ENTITY) as s:
        actions.discard(s, written, store)
    assert store.path(written.stored.sha256).is_file()


def test_a_job_that_another_took_over_is_not_finished_by_the_first(desk: Desk, monkeypatch: pytest.MonkeyPatch, frozen_clock: time_machine.Traveller) -> None:
    """The first worker stalls for longer than anybody waits; the job is started again and is another's."""
    job_id = desk.ask(wanted=NARROW)

    def others() -> None:
        with desk.database.writing(EVERY_ENTITY) as s:
            actions.give_up(s)
        desk.act(actions.again, desk.officer, job_id)
        desk.claim("second.1")

    def stall(_told: Told) -> None:
        frozen_clock.shift(60)
        # In a thread of their own, for which the clock does not stand at the moment of the export.
        meanwhile = threading.Thread(target=others)
        meanwhile.start()
        meanwhile.join()

    _while_writing(monkeypatch, stall)
    monkeypatch.setattr(beating, "EVERY", 3600)
    work_off(desk.config, desk.database, "first")
    row = desk.job(job_id)
    assert (row.state, row.worker, row.export_id) == (JobState.RUNNING, "second.1", None)
    assert (exports(desk), desk.files) == (0, [])


@pytest.mark.parametrize(("fault", "sentence"), [
    (OSError(errno.ENOSPC, "full"), "磁盘空间不足"), (MemoryError(), "（MemoryError）"), (ZeroDivisionError("oops"), "请联系系统管理员查看服务的错误输出（ZeroDivisionError）"),
    (KeyboardInterrupt(), "服务停止时这份报告还没有生成完"),
])
def test_what_goes_wrong_is_a_sentence_and_can_be_started_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fault: BaseException, sentence: str
) -> None:
    job_id = desk.ask(wanted=NARROW)

    def break_down(_told: Told) -> None:
        raise fault

    with monkeypatch.context() as broken:
        _while_writing(broken, break_down)
        if isinstance(fault, KeyboardInterrupt):
            with pytest.raises(KeyboardInterrupt):
                work_off(desk.config, desk.database, "w")
        else:
            assert work_off(desk.config, desk.database, "w") == {JobState.FAILED: 1}
    row = desk.job(job_id)
    assert row.state == JobState.FAILED and sentence in row.error and "oops" not in row.error
    assert (exports(desk), desk.files, [one.after["error"] for one in _events(desk, "report.failed")]) == (0, [], [row.error])
    assert ("ZeroDivisionError: oops" in capfd.readouterr().err) == isinstance(fault, ZeroDivisionError)
    desk.act(actions.again, desk.officer, job_id)
    assert work_off(desk.config, desk.database, "w") == {JobState.DONE: 1}
    assert (desk.job(job_id).error, exports(desk)) == ("", 1)


def test_who_lost_his_role_meanwhile_gets_no_workbook(desk: Desk, world: World) -> None:
    job_id = desk.ask(world.auditor)
    with desk.database.writing(EVERY_ENTITY) as s:
        people.grant_roles(s, world.admin, world.auditor.person_id or 0, world.ours, [])
    assert work_off(desk.config, desk.database, "w") == {JobState.FAILED: 1}
    assert "已没有角色" in desk.job(job_id).error and exports(desk) == 0


def test_a_moment_before_there_was_the_entity_is_the_sentence_of_the_job(
    desk: Desk, world: World, making: Making, frozen_clock: time_machine.Traveller
) -> None:
    """What cannot be known at asking is said when it is known."""
    before = clock.now()
    frozen_clock.shift(60)
    newborn = making.entity()
    making.grant(world.officer.person_id or 0, [Role.OFFICER], newborn)
    officer = World.read(desk.database).officer
    with desk.database.writing(officer.entities) as s:
        job_id = actions.ask(s, officer, Asked((newborn,), as_of=before)).id
    assert work_off(desk.config, desk.database, "w") == {JobState.FAILED: 1}
    assert "系统中还没有这个主体" in desk.job(job_id).error


@pytest.mark.parametrize(("seconds", "done", "total", "left"), [
    (10.0, 50, 100, 10), (10.0, 100, 100, 0), (1.0, 50, 100, None), (10.0, 0, 100, None), (10.0, 50, 0, None), (3.0, 1, 1000, 2997),
])
def test_the_time_left_comes_from_the_rate_once_there_is_one(seconds: float, done: int, total: int, left: int | None) -> None:
    assert beating._left(seconds, done, total) == left


def test_a_stop_whose_interrupt_was_swallowed_still_stops(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, stopping = desk.ask(), desk.ask(), threading.Event()

    def told_to_stop(*given: object, **more: object) -> object:
        # Python drops what is raised while it clears something away: nothing is seen of the interrupt but the word that was given.
        stopping.set()
        return write(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(working, "write", told_to_stop)
    with pytest.raises(KeyboardInterrupt):
        work_off(desk.config, desk.database, "w", stopping)
    assert [desk.job(one).state for one in (first, second)] == [JobState.FAILED, JobState.QUEUED]
    assert "服务停止时" in desk.job(first).error and desk.files == []
    assert work_off(desk.config, desk.database, "w", stopping) == {} and desk.job(second).state == JobState.QUEUED
