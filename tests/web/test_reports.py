"""Pages of reports: the filter of the task list is the filter of the export, and what was exported stays for download."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.cast import World
from tests.reports.opening import Opened
from tests.reports.story import Story, story
from tests.web.browsing import Browser
from tests.work import company, working_template
from tracker import clock
from tracker.db import EVERY_ENTITY, Database
from tracker.evidence.checks import Kind
from tracker.evidence.store import Stored
from tracker.people import actions
from tracker.reports.actions import Written, keep
from tracker.reports.models import Export
from tracker.web.doors import house
from tracker.words import Role

__all__ = ["company", "story", "working_template"]
SHEETS = {"合规义务清单": 174, "责任分派与任务": 8, "证据目录": 13, "适用性说明": 219, "操作留痕": 1234}


@pytest.fixture
def database(story: Story) -> Database:
    """Put the pages on the database of the story."""
    return story.company.database


@pytest.fixture
def officer(browser: Callable[[str], Browser]) -> Browser:
    """Give 林合规's browser."""
    return browser("林合规")


def _plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _keep(database: Database, world: World, number: int, entity_id: int | None = None) -> None:
    officer = world.officer if entity_id in (None, world.ours) else world.outsider
    with database.writing(officer.entities) as s:
        for n in range(number):
            digest = sha256(f"{entity_id}{n}{number}".encode()).hexdigest()
            stored = Stored(digest, 321_000 + n, Kind.XLSX, f"第{n + 1}份.xlsx")
            keep(s, officer, Written(stored, (entity_id or world.ours,), clock.now() + timedelta(seconds=n), None, SHEETS, "任务状态：已完成", "2026.12"))


def _built(browser: Browser, query: str) -> tuple[str, str]:
    """Press the button; return where it leads and the address of the file in the quiet line."""
    assert browser.get(f"/reports/new?{query}").status_code == 200
    answer = browser.post(f"/reports/new?{query}")
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    found = re.search(r'审计工作簿已生成并留存：[^<]*<a href="(/reports/\d+/file)">下载</a>', page.text)
    assert found, page.text
    return answer.headers["Location"], found.group(1)


def test_the_button_exports_keeps_and_links_the_download(officer: Browser, world: World) -> None:
    assert "还没有导出过报告" in officer.get(f"/reports?entity={world.ours}").text
    back, address = _built(officer, f"entity={world.ours}")
    assert re.fullmatch(r"/reports/jobs/\d+", back)
    answer = officer.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E6%B5%B7%E5%B7%9D_%E5%90%88%E8%A7%84%E4%B9%89%E5%8A%A1%E5%AE%A1%E8%AE%A1%E6%8A%A5%E5%91%8A_20270105_103009.xlsx" in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    page = _plain(officer.get("/reports").text)
    assert sha256(answer.data).hexdigest()[:8] in page
    for title in Opened(answer.data).titles:
        assert f"{title} {len(Opened(answer.data).rows(title)):,}" in page
    assert "海川_合规义务审计报告_20270105_103009.xlsx" in page and "筛选：全部（未设筛选）" in page and "林合规" in page and "2027-01-05 10:30" in page


@pytest.mark.parametrize(("query", "words"), [
    ("state=submitted", "任务状态：待复核"), ("state=overdue&sort=-due&page=1", "任务状态：已逾期"), ("modality=must_not&severity=high", "性质：不得；重要程度：高"),
    ("q=%E5%AE%A2%E6%88%B7", "检索词：客户"), ("due_from=2026-12-01&due_to=2026-12-31", "截止日不早于：2026-12-01；截止日不晚于：2026-12-31"),
    ("document=ff2025-9", "文件：关于严格公正执法司法 服务保障资本市场高质量发展的指导意见"), ("department=%E8%B4%A2%E5%AF%8C%E7%AE%A1%E7%90%86%E9%83%A8", "部门：财富管理部"),
])
def test_the_filter_on_the_screen_is_the_filter_of_the_export(officer: Browser, world: World, query: str, words: str) -> None:
    query = f"entity={world.ours}&{query}"
    listed = officer.get(f"/tasks?{query}").text
    assert f'href="/reports/new?{html.escape(query)}"' in listed
    shown = _plain(officer.get(f"/reports/new?{query}").text)
    _back, address = _built(officer, query)
    opened = Opened(officer.get(address).data)
    assert words in shown and words in opened.texts
    on_screen = set(re.findall(r'data-href="/tasks/(\d+)"', listed))
    assert {str(row["任务号"]) for row in opened.rows("责任分派与任务")} == on_screen
    assert f"{len(on_screen)} 任务" in shown


def test_people_of_the_filter_are_named(officer: Browser, world: World) -> None:
    query = f"entity={world.ours}&owner={world.people['王责任']}&reviewer={world.people['赵复核']}"
    assert "责任人：王责任；复核人：赵复核" in _plain(officer.get(f"/reports/new?{query}").text)


def test_without_an_entity_one_is_chosen_and_the_filter_stays(story: Story, world: World, browser: Callable[[str], Browser]) -> None:
    admin = world.admin
    with story.company.database.writing(admin.entities) as s:
        actions.grant_roles(s, admin, world.people["林合规"], world.others, [Role.AUDITOR])
    officer = browser("林合规")
    page = officer.get("/reports/new?state=done").text
    assert f'href="/reports/new?state=done&amp;entity={world.ours}"' in page
    assert officer.post("/reports/new?state=done").status_code == 404
    assert "请至少勾选一个" not in page and "请至少勾选一个" in officer.get("/reports/new?state=done&asked=1").text


def test_whoever_works_in_one_entity_need_not_choose(browser: Callable[[str], Browser]) -> None:
    auditor = browser("钱审计")
    back, address = _built(auditor, "state=done")
    assert back.startswith("/reports/jobs/")
    assert auditor.get(address).status_code == 200


@pytest.mark.parametrize("name", ["王责任", "赵复核", "钱审计"])
def test_every_role_may_export_and_download(browser: Callable[[str], Browser], officer: Browser, world: World, name: str) -> None:
    _back, address = _built(officer, f"entity={world.ours}&state=done")
    colleague = browser(name)
    assert colleague.get(address).status_code == 200
    _built(colleague, f"entity={world.ours}&state=done")


@pytest.mark.parametrize("name", ["孙外人", "管理员"])
def test_for_strangers_nothing_of_it_exists(browser: Callable[[str], Browser], officer: Browser, database: Database, world: World, name: str) -> None:
    _back, address = _built(officer, f"entity={world.ours}&state=done")
    stranger = browser(name)
    for place in (address, f"/reports?entity={world.ours}", f"/reports/new?entity={world.ours}", "/reports/77/file", "/reports/abc/file"):
        assert stranger.get(place).status_code == 404, place
    assert stranger.post(f"/reports/new?entity={world.ours}").status_code == 404
    assert "海川" not in stranger.get("/reports").text
    with database.reading(EVERY_ENTITY) as s:
        assert len(s.scalars(select(Export)).all()) == 1


@pytest.mark.parametrize("query", ["state=xyz", "due_from=2026-13-45", "owner=999999", "modality=MUST"])
def test_a_filter_that_means_nothing_is_refused_and_nothing_is_exported(officer: Browser, database: Database, world: World, query: str) -> None:
    for answer in (officer.get(f"/reports/new?entity={world.ours}&{query}"), officer.post(f"/reports/new?entity={world.ours}&{query}")):
        assert answer.status_code == 422
        assert "请清除筛选后重试" in answer.text
    with database.reading(EVERY_ENTITY) as s:
        assert s.scalars(select(Export)).all() == []


def test_a_file_that_is_gone_is_a_sentence_and_no_crash(officer: Browser, database: Database, world: World) -> None:
    _keep(database, world, 1)
    answer = officer.get("/reports/1/file")
    assert answer.status_code == 404


def test_the_list_shows_fifty_at_a_time_newest_first_and_costs_the_same_whatever_its_length(app: Flask, officer: Browser, database: Database, world: World) -> None:
    seen: list[str] = []
    with app.app_context():
        event.listen(house().database.engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: seen.append(statement))
    costs = []
    for more in (5, 55):
        _keep(database, world, more)
        seen.clear()
        page = officer.get("/reports").text
        costs.append(len([statement for statement in seen if statement.startswith("SELECT")]))
    assert costs[0] == costs[1]
    assert "60 份" in _plain(page) and "1–50 / 60" in page
    assert page.index("第55份") < page.index("第54份") < page.index("第6份")
    assert "第1份.xlsx" in officer.get("/reports?page=2").text


def test_one_entity_or_all_of_mine_are_listed(browser: Callable[[str], Browser], database: Database, world: World) -> None:
    _keep(database, world, 2)
    _keep(database, world, 3, world.others)
    with database.writing(world.admin.entities) as s:
        actions.grant_roles(s, world.admin, world.people["钱审计"], world.others, [Role.AUDITOR])
    auditor = browser("钱审计")
    counts = [re.search(r"(\d+) 份", auditor.get(address).text) for address in ("/reports", f"/reports?entity={world.ours}", f"/reports?entity={world.others}")]
    assert [found and found.group(1) for found in counts] == ["5", "2", "3"]


def test_the_package_is_a_download_of_its_own_kind_and_lists_as_one(officer: Browser, world: World) -> None:
    address = f"/reports/new?entity={world.ours}"
    assert 'value="package"' in officer.get(address).text
    lost = officer.post(address, data={"kind": "package"})
    assert lost.status_code == 303 and "在证据库中已不存在，审计包没有生成" in officer.get(lost.headers["Location"]).text
    answer = officer.post(f"{address}&state=not_started", data={"kind": "package"})
    found = re.search(r'审计包已生成并留存：[^<]*<a href="(/reports/\d+/file)">下载</a>', officer.get(answer.headers["Location"]).text)
    assert found
    file = officer.get(found.group(1))
    assert (file.status_code, file.mimetype) == (200, "application/zip") and file.data.startswith(b"PK\x03\x04")
    assert officer.post(address, data={"kind": "something"}).status_code == 422
