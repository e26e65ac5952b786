"""The real thing: workers as processes, with progress, cancelled, killed, started again, two at once, ended with the service."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench import many
from tests.exporting.conftest import Desk
from tests.exporting.test_working import exports
from tests.reports.opening import Opened
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.exporting.starting import Workers, sweep
from tracker.people.queries import viewer_as
from tracker.reports.actions import export_store
from tracker.reports.jobs import actions
from tracker.reports.models import Export
from tracker.words import JobState

TASKS, PATIENCE = 6000, 120.0


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a database whose export takes some seconds, once."""
    path = tmp_path_factory.mktemp("large") / "tracker.db"
    many.build(path, 1, TASKS)
    return path


@pytest.fixture
def desk(large: Path, tmp_path: Path) -> Iterator[Desk]:
    """Give a copy of it; the clock is the real one, as the workers' is."""
    config = Config(instance=tmp_path / "instance")
    config.instance.mkdir()
    shutil.copyfile(large, config.instance / "tracker.db")
    database = Database(config.url)
    with database.reading(EVERY_ENTITY) as s:
        officer = viewer_as(s, 1)
    assert officer and officer.name == "林合规"
    yield Desk(config, database, 1, officer)
    database.close()


@pytest.fixture
def workers(desk: Desk) -> Iterator[Workers]:
    """Give the runner of the service; whatever runs is ended."""
    runner = Workers(desk.config, desk.database)
    yield runner
    runner.stop()


def until(true: Callable[[], object]) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def _processes(workers: Workers) -> list[int]:
    return [worker.process.pid for worker in workers._workers]


def _writing(desk: Desk, job_id: int) -> Callable[[], bool]:
    return lambda: 0 < desk.job(job_id).done < desk.job(job_id).total


def _ended(desk: Desk, job_id: int) -> Callable[[], bool]:
    return lambda: desk.job(job_id).state not in actions.UNFINISHED


def test_a_process_builds_it_telling_how_far_it_is_and_ends(desk: Desk, workers: Workers) -> None:
    job_id, seen = desk.ask(), set[tuple[int, int]]()
    workers.wake()
    workers.wake()
    assert len(_processes(workers)) == 1, "a second one was started for the same job"

    def watched() -> bool:
        row = desk.job(job_id)
        seen.add((row.done, row.total))
        return row.state not in actions.UNFINISHED

    until(watched)
    row = desk.job(job_id)
    assert (row.state, row.error) == (JobState.DONE, "")
    assert len(seen) >= 3 and row.done == row.total > TASKS
    assert [done for done, _total in sorted(seen)][:-1] != [0] * (len(seen) - 1), "nothing was told between beginning and end"
    with desk.database.reading(EVERY_ENTITY) as s:
        made = s.get_one(Export, row.export_id)
        assert (made.made_by, made.counts["责任分派与任务"]) == (1, TASKS)
        book = Opened(export_store(desk.config.exports).path(made.sha256).read_bytes())
    assert len(book.rows("责任分派与任务")) == TASKS
    until(lambda: not _processes(workers))
    assert list(desk.config.work.iterdir()) == []


def test_cancelled_it_stops_soon_and_leaves_nothing(desk: Desk, workers: Workers) -> None:
    job_id = desk.ask()
    workers.wake()
    until(_writing(desk, job_id))
    desk.act(actions.cancel, desk.officer, job_id)
    began = time.monotonic()
    until(lambda: not _processes(workers))
    assert time.monotonic() - began < 10
    assert (desk.job(job_id).state, exports(desk), desk.files) == (JobState.CANCELLED, 0, [])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL; TerminateProcess is what stop() does there anyway")
def test_killed_it_has_failed_at_once_and_can_be_started_again(desk: Desk, workers: Workers) -> None:
    job_id, waiting = desk.ask(), desk.ask()
    workers.wake()
    until(_writing(desk, job_id))
    (killed,) = _processes(workers)
    os.kill(killed, signal.SIGKILL)
    until(_ended(desk, job_id))
    row = desk.job(job_id)
    assert row.state == JobState.FAILED and "意外中止（退出代码 -9）" in row.error
    desk.act(actions.again, desk.officer, job_id)
    until(_ended(desk, waiting))
    until(_ended(desk, job_id))
    assert [desk.job(one).state for one in (job_id, waiting)] == [JobState.DONE, JobState.DONE], "what waited was not taken up by another worker"
    assert exports(desk) == 2 and len(desk.files) == 2
    until(lambda: not list(desk.config.work.iterdir()))


def test_one_waits_while_the_other_is_built(desk: Desk, workers: Workers) -> None:
    first, second = desk.ask(), desk.ask()
    workers.wake()
    until(_writing(desk, first))
    workers.wake()
    assert desk.job(second).state == JobState.QUEUED and len(_processes(workers)) == 1
    until(_ended(desk, first))
    until(_ended(desk, second))
    assert [desk.job(one).state for one in (first, second)] == [JobState.DONE, JobState.DONE]


def test_two_processes_share_the_work_and_build_nothing_twice(desk: Desk) -> None:
    config = Config(instance=desk.config.instance, workers=2)
    runner, jobs = Workers(config, desk.database), [desk.ask() for _ in range(3)]
    try:
        runner.wake()
        assert len(_processes(runner)) == 2
        until(lambda: sum(desk.job(one).state == JobState.RUNNING for one in jobs) == 2)
        for one in jobs:
            until(_ended(desk, one))
    finally:
        runner.stop()
    assert [desk.job(one).state for one in jobs] == [JobState.DONE] * 3
    assert exports(desk) == 3 and len({desk.job(one).export_id for one in jobs}) == 3


def test_the_service_ends_and_takes_its_worker_along(desk: Desk, workers: Workers) -> None:
    job_id, waiting = desk.ask(), desk.ask()
    workers.wake()
    until(_writing(desk, job_id))
    (process,) = [worker.process for worker in workers._workers]
    workers.stop()
    assert process.poll() is not None
    assert (desk.job(job_id).state, desk.job(waiting).state) == (JobState.FAILED, JobState.QUEUED)
    assert "服务停止时" in desk.job(job_id).error and desk.files == []
    again = Workers(desk.config, desk.database)
    try:
        again.wake()
        until(_ended(desk, waiting))
        assert desk.job(waiting).state == JobState.DONE, "what waited was not taken up when the service came back"
    finally:
        again.stop()


@pytest.mark.parametrize("command", [(sys.executable, "-c", "raise SystemExit(3)"), ("/no/such/program",)], ids=["ends at once", "not there"])
def test_a_worker_that_never_begins_is_said_and_not_tried_for_ever(desk: Desk, command: tuple[str, ...]) -> None:
    runner, jobs = Workers(desk.config, desk.database, command), [desk.ask(), desk.ask()]
    try:
        for one in jobs:
            runner.wake()
            until(_ended(desk, one))
            assert desk.job(one).state == JobState.FAILED and "没有启动起来" in desk.job(one).error
    finally:
        runner.stop()


def test_what_a_service_that_was_killed_left_is_swept_a_day_later(tmp_path: Path) -> None:
    config = Config(instance=tmp_path)
    for name, age in (("old", 90_000), ("new", 60)):
        (config.work / name).mkdir(parents=True)
        (config.work / name / "past.db").write_bytes(b"x")
        os.utime(config.work / name, (time.time() - age,) * 2)
    sweep(config)
    assert [path.name for path in config.work.iterdir()] == ["new"]
