"""Pages of exports that are not done: how far, how long, cancelling, starting again, and nothing for strangers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, func, select

from tests.cast import World
from tests.making import Making
from tests.reports.story import Story, story
from tests.web.browsing import Browser
from tests.web.moving_in import moved_in
from tests.work import company, working_template
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.exporting.working import work_off
from tracker.reports.jobs import actions
from tracker.reports.jobs.actions import Progress
from tracker.reports.jobs.asking import Asked
from tracker.reports.jobs.models import ExportJob
from tracker.reports.models import Export
from tracker.web.doors import house
from tracker.web.reports import jobs as pages
from tracker.web.reports.showing import left_words
from tracker.words import ExportKind, JobState, Role

__all__ = ["company", "story", "working_template"]


@dataclass
class Waiting:
    """A runner that builds nothing, and counts how often it was woken."""

    woken: int = 0

    def wake(self) -> None:
        """Note it."""
        self.woken += 1

    def stop(self) -> None:
        """Have nothing to end."""


@pytest.fixture
def runner() -> Waiting:
    """Give the runner of the application."""
    return Waiting()


@pytest.fixture
def database(story: Story) -> Database:
    """Put the pages on the database of the story."""
    return story.company.database


@pytest.fixture
def app(built: Flask, config: Config, runner: Waiting, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Give the application with that runner; nobody waits for what it will not do."""
    monkeypatch.setattr(pages, "SOON", 0.1)
    yield from moved_in(built, config, lambda _config, _database: runner)


@pytest.fixture
def officer(browser: Callable[[str], Browser]) -> Browser:
    """Give 林合规's browser."""
    return browser("林合规")


def _plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _asked(browser: Browser, world: World, query: str = "state=done", **data: str) -> str:
    browser.get(f"/reports/new?entity={world.ours}")
    answer = browser.post(f"/reports/new?entity={world.ours}&{query}", data=data)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def _number(address: str) -> int:
    return int(address.rpartition("/")[2])


def _claim(database: Database) -> None:
    with database.writing(EVERY_ENTITY) as s:
        assert actions.claim(s, "w.1", 9)


def _beat(database: Database, address: str, progress: Progress) -> None:
    with database.writing(EVERY_ENTITY) as s:
        assert actions.heartbeat(s, _number(address), "w.1", progress)


def test_asking_leads_to_a_page_that_says_what_comes_and_can_be_left(officer: Browser, world: World, runner: Waiting) -> None:
    address = _asked(officer, world)
    assert runner.woken == 1
    page = officer.get(address)
    text = _plain(page.text)
    for words in ("等待中", "任务状态：已完成", "开始生成的那一刻", "林合规", "2027-01-05 10:30", "即将开始", "可以离开此页，完成后在“报告”中下载。", "取消导出", "刷新"):
        assert words in text, words
    assert "<progress aria-label=" in page.text and f'data-job="{address}/state"' in page.text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text
    assert runner.woken == 2, "what has no worker gets one from whoever looks"
    assert officer.get(f"{address}/state").json == {"state": "queued", "words": "即将开始", "done": 0, "total": 0}
    assert "前面还有 1 份" in officer.get(_asked(officer, world)).text


def test_while_it_is_built_the_page_and_its_script_are_told_how_far_it_is(officer: Browser, world: World, database: Database) -> None:
    address = _asked(officer, world)
    _claim(database)
    told = [
        (Progress(), "正在准备"), (Progress("正在还原当时的数据", 1500), "正在还原当时的数据，已读取 1,500 行"),
        (Progress("写", 500, 40_000), "已写入 500 / 40,000 行，正在估计还需多久"), (Progress("写", 12_000, 40_000, 12), "已写入 12,000 / 40,000 行，还需约 15 秒"),
        (Progress("写", 40_000, 40_000, 0), "各表已写完，正在压缩和保存"),
    ]
    for progress, words in told:
        _beat(database, address, progress)
        assert officer.get(f"{address}/state").json == {"state": "running", "words": words, "done": progress.done, "total": progress.total}
        assert words in officer.get(address).text
    assert 'max="40000" value="40000"' in officer.get(address).text


@pytest.mark.parametrize(("seconds", "words"), [
    (None, "正在估计还需多久"), (0, "即将完成"), (3, "即将完成"), (4, "还需约 4 秒"), (10, "还需约 10 秒"), (11, "还需约 15 秒"), (59, "还需约 60 秒"),
    (60, "还需约 1 分钟"), (61, "还需约 2 分钟"), (3600, "还需约 60 分钟"),
])
def test_the_time_left_is_said_in_round_numbers(app: Flask, seconds: int | None, words: str) -> None:
    with app.test_request_context():
        assert left_words(seconds) == words


def test_what_is_not_done_stands_above_the_list_and_what_is_done_in_it(
    officer: Browser, world: World, config: Config, database: Database, runner: Waiting
) -> None:
    address = _asked(officer, world, as_of="2027-01-05T10:00:00")
    text = _plain(officer.get(f"/reports?entity={world.ours}").text)
    for words in ("还没有完成的报告", "审计工作簿", "筛选：任务状态：已完成", "林合规", "2027-01-05 10:00", "等待中", "取消导出"):
        assert words in text, words
    assert f'data-job="{address}/state"' in officer.get("/reports").text
    assert work_off(config, database, "w") == {JobState.DONE: 1}
    listed = officer.get("/reports").text
    assert "data-job" not in listed and "1 份" in _plain(listed)
    done = officer.get(address)
    assert re.search(r'class="flash message"[^>]*>.*审计工作簿已生成并留存：海川_合规义务审计报告_20270105_100000\.xlsx <a href="/reports/1/file">下载</a>', done.text, re.DOTALL)
    assert "http-equiv" not in done.text and "取消导出" not in done.text and "再次生成" not in done.text
    with database.reading(EVERY_ENTITY) as s:
        made = s.get_one(Export, 1)
        assert made.sha256[:8] in done.text and "责任分派与任务 1" in done.text


def test_one_is_cancelled_and_started_again_from_the_pages(officer: Browser, world: World, config: Config, database: Database) -> None:
    address = _asked(officer, world)
    answer = officer.post(f"{address}/cancel")
    assert answer.status_code == 303 and answer.headers["Location"] == f"/reports?entity={world.ours}"
    text = _plain(officer.get(answer.headers["Location"]).text)
    assert "导出已取消，没有留下任何文件。" in text and "已取消" in text and "再次生成" in text
    assert "没有留下任何文件" in officer.get(address).text
    refused = officer.post(f"{address}/cancel")
    assert refused.status_code == 409 and "“已取消”，不需要取消" in refused.text
    assert officer.post(f"{address}/again").headers["Location"] == address
    assert work_off(config, database, "w") == {JobState.DONE: 1}
    assert "已生成并留存" in officer.get(address).text


def test_one_that_failed_says_why_and_can_be_started_again_by_a_colleague(
    browser: Callable[[str], Browser], officer: Browser, world: World, database: Database
) -> None:
    address = _asked(officer, world)
    _claim(database)
    with database.writing(EVERY_ENTITY) as s:
        actions.fail(s, _number(address), "w.1", "生成时读写文件出错：磁盘空间不足。")
    page = officer.get(address).text
    assert 'role="alert"' in page and "磁盘空间不足" in page and "未完成" in page
    assert "磁盘空间不足" in officer.get("/reports").text
    colleague = browser("王责任")
    colleague.get(address)
    assert colleague.post(f"{address}/again").status_code == 303
    with database.reading(EVERY_ENTITY) as s:
        row = s.get_one(ExportJob, _number(address))
        assert (row.state, row.requested_by) == (JobState.QUEUED, world.people["王责任"])


def test_a_colleague_sees_it_without_the_button_and_may_not_cancel(browser: Callable[[str], Browser], officer: Browser, world: World) -> None:
    address = _asked(officer, world)
    colleague = browser("王责任")
    assert "取消导出" not in colleague.get(address).text and "取消导出" not in colleague.get("/reports").text
    assert colleague.post(f"{address}/cancel").status_code == 403


@pytest.mark.parametrize("name", ["孙外人", "管理员"])
def test_for_strangers_nothing_of_it_exists(browser: Callable[[str], Browser], officer: Browser, world: World, database: Database, name: str) -> None:
    address = _asked(officer, world)
    stranger = browser(name)
    for place in (address, f"{address}/state", "/reports/jobs/999", "/reports/jobs/abc"):
        assert stranger.get(place).status_code == 404, place
    for act in ("cancel", "again"):
        assert stranger.post(f"{address}/{act}").status_code == 404
    assert "任务状态：已完成" not in stranger.get("/reports").text
    with database.reading(EVERY_ENTITY) as s:
        assert s.get_one(ExportJob, _number(address)).state == JobState.QUEUED


def test_whoever_works_in_several_entities_sees_what_is_not_done_in_all(
    browser: Callable[[str], Browser], world: World, database: Database, making: Making
) -> None:
    making.grant(world.auditor.person_id or 0, [Role.AUDITOR], world.others)
    for who, entity_id in ((world.officer, world.ours), (world.outsider, world.others)):
        with database.writing(who.entities) as s:
            actions.ask(s, who, Asked((entity_id,)))
    auditor = browser("钱审计")
    counts = [auditor.get(address).text.count("data-job=") for address in ("/reports", f"/reports?entity={world.ours}", f"/reports?entity={world.others}")]
    assert counts == [2, 1, 1]


def test_a_moment_that_cannot_be_shown_is_said_at_the_field_and_nothing_is_asked(officer: Browser, world: World, database: Database, runner: Waiting) -> None:
    officer.get(f"/reports/new?entity={world.ours}")
    answer = officer.post(f"/reports/new?entity={world.ours}", data={"as_of": "2026-08-01T00:00"})
    assert answer.status_code == 422 and "早于历史记录开始的时刻" in answer.text and 'value="2026-08-01T00:00"' in answer.text
    with database.reading(EVERY_ENTITY) as s:
        assert s.scalar(select(func.count()).select_from(ExportJob)) == 0
    assert runner.woken == 0


def test_the_kind_is_carried_through_and_only_what_is_offered_is_taken(officer: Browser, world: World, database: Database) -> None:
    page = officer.get(f"/reports/new?entity={world.ours}").text
    assert re.findall(r'<input[^>]*name="kind"[^>]*value="(\w+)"', page) == ["workbook", "package"]
    address = _asked(officer, world, kind="package")
    with database.reading(EVERY_ENTITY) as s:
        row = s.get_one(ExportJob, _number(address))
        assert (row.kind, row.asked["kind"], row.asked["entities"]) == (ExportKind.PACKAGE, "package", [world.ours])
    answer = officer.post(f"/reports/new?entity={world.ours}", data={"kind": "spaceship"})
    assert answer.status_code == 422 and 'class="error"' in answer.text


def test_the_list_costs_the_same_whatever_fails(app: Flask, officer: Browser, world: World, database: Database, frozen_clock: time_machine.Traveller) -> None:
    seen: list[str] = []
    with app.app_context():
        event.listen(house().database.engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: seen.append(statement))
    costs = []
    for more in (1, 6):
        for _ in range(more):
            _asked(officer, world)
            officer.post(f"{_asked(officer, world)}/cancel")
        officer.get("/reports")
        seen.clear()
        officer.get("/reports")
        costs.append(len([statement for statement in seen if statement.startswith("SELECT")]))
    assert costs[0] == costs[1]
