"""Pages of the trail: who sees which chain, filters, one thing's history, and the check that names the wrong entry."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests.cast import World
from tests.reports.story import Story, story
from tests.web.browsing import Browser
from tests.work import company, working_template
from tracker.audit.models import AuditChain, AuditEvent
from tracker.db import Database
from tracker.people import actions
from tracker.web.doors import house
from tracker.words import Role

__all__ = ["company", "story", "working_template"]


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


def _lines(page: str) -> list[str]:
    """Return the text of each event on the page."""
    body = re.search(r"<table.*?</table>", page, re.DOTALL)
    rows = re.findall(r"<tr(?! class=\"group\").*?</tr>", body.group(), re.DOTALL)[1:] if body else []
    return [_plain(row) for row in rows]


def _total(page: str) -> int:
    found = re.search(r'class="count">([\d,]+) 条', page)
    assert found
    return int(found.group(1).replace(",", ""))


def _in_chain(database: Database, chain: str, *conditions: object) -> int:
    with database.reading() as s:
        return s.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.chain_id == chain, *conditions)) or 0  # type: ignore[arg-type]


@pytest.fixture
def ours(world: World) -> str:
    """Name the chain of 海川证券."""
    return f"ent_{world.ours}"


def test_an_event_says_who_through_which_door_did_what_to_what(officer: Browser, story: Story, database: Database, ours: str) -> None:
    page = officer.get("/trail?action=task.returned").text
    with database.reading() as s:
        row = s.scalars(select(AuditEvent).where(AuditEvent.action == "task.returned")).one()
    (line,) = _lines(page)
    assert line.startswith("10:00:00 赵复核 经网页 退回任务 ")
    assert "状态 待复核 → 已退回" in line
    assert "=1+1 请补充" in line
    assert f"海川 {row.seq}" in line and row.entry[:12] in line and row.entry in page
    assert f'href="/tasks/{story.tasks["returned"]}"' in page
    assert f'title="{ours}"' in page


def test_everything_is_listed_newest_first_fifty_at_a_time(officer: Browser, database: Database, ours: str) -> None:
    total = _in_chain(database, ours)
    page = officer.get("/trail").text
    assert _total(page) == total > 100
    assert len(_lines(page)) == 50
    seen = [int(n.replace(",", "")) for line in _lines(page) for n in re.findall(r"海川 ([\d,]+) ", line)]
    assert seen == list(range(total - 1, total - 51, -1))
    last = officer.get("/trail?page=9999").text
    assert "海川 0 " in _lines(last)[-1] and "新建主体" in _lines(last)[-1]


@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计"])
def test_everybody_with_a_role_sees_his_entity_and_no_system(browser: Callable[[str], Browser], database: Database, ours: str, name: str) -> None:
    page = browser(name).get("/trail").text
    assert _total(page) == _in_chain(database, ours)
    assert "认定适用性" in page
    assert not any("登录" in line for line in _lines(page))


def test_an_administrator_without_a_role_sees_the_system_only(browser: Callable[[str], Browser], database: Database, world: World) -> None:
    admin = browser("管理员")
    page = admin.get("/trail").text
    assert _total(page) == _in_chain(database, "system")
    assert "添加人员" in page and "载入义务清单" in page
    assert f'href="/people/{world.people["林合规"]}"' in page
    assert "认定适用性</td>" not in page
    assert admin.get(f"/trail?entity={world.ours}").status_code == 404
    assert admin.get(f"/trail/check?entity={world.ours}").status_code == 404


def test_a_stranger_sees_only_his_own(browser: Callable[[str], Browser], database: Database, story: Story, world: World) -> None:
    stranger = browser("孙外人")
    assert _total(stranger.get("/trail").text) == _in_chain(database, f"ent_{world.others}")
    page = stranger.get(f"/trail?object=task:{story.tasks['done']}").text
    assert _total(page) == 0
    assert "没有符合条件的记录" in page and "海川" not in _plain(page)
    assert stranger.get(f"/trail?entity={world.ours}").status_code == 404
    assert stranger.get("/trail?chain=system").status_code == 422


def test_one_thing_shows_its_history_with_its_name(officer: Browser, story: Story, database: Database, ours: str) -> None:
    reference = f"task:{story.tasks['done']}"
    page = officer.get(f"/trail?object={reference}").text
    assert _total(page) == _in_chain(database, ours, AuditEvent.object == reference)
    doings = [next(word for word in ("复核接受", "提交复核", "办理任务", "引用证据", "生成任务") if word in line) for line in _lines(page)]
    assert (doings[0], doings[-1]) == ("复核接受", "生成任务")
    assert {"提交复核", "引用证据"} <= set(doings)
    chip = re.search(r'class="chip"><span title="([^"]*)"', page)
    assert chip and re.fullmatch(r"对象 \S+《.*》2026-12-31", html.unescape(chip.group(1)))


@pytest.mark.parametrize(("query", "condition"), [
    ("action=task", AuditEvent.action.startswith("task.")), ("action=scope.decided", AuditEvent.action == "scope.decided"),
    ("action=evidence", AuditEvent.action.startswith("evidence.")), ("from=2026-11-22", AuditEvent.at >= "2026-11-21T16:00:00.000000Z"),
    ("to=2026-11-21", AuditEvent.at < "2026-11-21T16:00:00.000000Z"), ("from=2027-01-01", AuditEvent.at >= "2027"),
    ("from=0001-01-01&to=9999-12-31", AuditEvent.seq >= 0),
])
def test_filters_narrow_by_action_and_day(officer: Browser, database: Database, ours: str, query: str, condition: object) -> None:
    assert _total(officer.get(f"/trail?{query}").text) == _in_chain(database, ours, condition)


def test_a_person_can_be_picked_even_after_he_lost_his_role(officer: Browser, database: Database, world: World, ours: str) -> None:
    person = world.people["赵复核"]
    with database.writing(world.admin.entities) as s:
        actions.grant_roles(s, world.admin, person, world.ours, [])
    page = officer.get(f"/trail?actor=u_{person}").text
    assert _total(page) == _in_chain(database, ours, AuditEvent.actor == f"u_{person}") == 3
    assert all("赵复核" in line for line in _lines(page))
    assert "命令行操作员" in page


@pytest.mark.parametrize("query", ["action=task.nothing", "actor=u_999", "actor=zzz", "from=2026-13-45", "object=TASK%201", "object=%3Cb%3E", "chain=ent_2"])
def test_what_is_no_choice_is_refused_in_chinese(officer: Browser, query: str) -> None:
    answer = officer.get(f"/trail?{query}")
    assert answer.status_code == 422
    assert "地址中的" in answer.text


def test_whoever_sees_several_chains_may_pick_one(browser: Callable[[str], Browser], database: Database, world: World) -> None:
    with database.writing(world.admin.entities) as s:
        actions.grant_roles(s, world.admin, world.people["管理员"], world.others, [Role.AUDITOR])
    admin = browser("管理员")
    both = _total(admin.get("/trail").text)
    alone = [_total(admin.get(f"/trail?chain={chain}").text) for chain in ("system", f"ent_{world.others}")]
    assert both == sum(alone)
    assert "2 条链，共" in admin.get("/trail").text
    assert _total(admin.get(f"/trail?entity={world.others}").text) == alone[1]


def test_the_box_tells_size_and_head_of_the_chain(officer: Browser, database: Database, ours: str) -> None:
    with database.reading() as s:
        chain = s.get(AuditChain, ours)
        assert chain
    page = officer.get("/trail").text
    assert f"“海川”的留痕共 {chain.size} 条" in page
    assert f'<code title="{chain.head}">{chain.head[:16]}</code>' in page


def test_a_sound_chain_passes_its_check(officer: Browser, database: Database, ours: str, world: World) -> None:
    total = _in_chain(database, ours)
    for address in ("/trail/check", f"/trail/check?entity={world.ours}"):
        page = officer.get(address).text
        assert f"校验通过：1 条链，共 {total} 条记录" in page
        assert "完整" in page
    assert f'href="/trail/check?entity={world.ours}"' in officer.get(f"/trail?entity={world.ours}").text


TAMPERED = {
    "body": ("UPDATE audit_event SET record = replace(record, '\"action\":\"task.submitted\"', '\"action\":\"task.submittex\"') WHERE seq = :seq AND chain_id = :chain", "记录与其校验值不符"),
    "gap": ("DELETE FROM audit_event WHERE seq = :seq AND chain_id = :chain", "序号不连续"),
    "head": ("UPDATE audit_chain SET head = prev FROM (SELECT prev FROM audit_event WHERE chain_id = :chain AND seq = :seq) AS old WHERE chain_id = :chain", "链头不符"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_chain_is_named_with_its_entry(browser: Callable[[str], Browser], database: Database, world: World, ours: str, what: str) -> None:
    with database.reading() as s:
        seq = s.scalars(select(AuditEvent.seq).where(AuditEvent.action == "task.submitted").order_by(AuditEvent.seq)).first()
        size = s.scalars(select(AuditChain.size).where(AuditChain.chain_id == ours)).one()
    statement, sentence = TAMPERED[what]
    raw = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'").fetchall():
        raw.execute(f"DROP TRIGGER {trigger}")
    raw.execute(statement, {"seq": seq, "chain": ours})
    raw.close()
    page = browser("钱审计").get("/trail/check").text
    at = {"body": seq, "gap": (seq or 0) + 1, "head": size}[what]
    assert f"第 {at} 条：{sentence}" in page
    assert "校验未通过：1 处有问题" in page
    assert "校验通过" in browser("孙外人").get("/trail/check").text


def test_the_page_costs_the_same_whatever_the_number_of_events(app: Flask, officer: Browser, ours: str) -> None:
    seen: list[str] = []
    with app.app_context():
        event.listen(house().database.engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: seen.append(statement))
    officer.get("/trail")
    costs, shown = [], []
    for address in ("/trail?action=task.cancelled", "/trail?action=task", "/trail"):
        seen.clear()
        shown.append(len(_lines(officer.get(address).text)))
        costs.append(len([statement for statement in seen if statement.startswith("SELECT")]))
    assert shown[0] == 1 and shown[2] == 50
    assert len(set(costs)) == 1
    assert costs[0] <= 40
