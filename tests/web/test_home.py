"""The workbench shows each what he has to do and how to begin; the search finds what the viewer may see."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask

from tests.making import Making
from tests.web.at_work import at_work, company, counting, database, working_template, world
from tests.web.browsing import Browser
from tests.work import Company
from tracker.assignments import reviewing
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.register.models import Obligation

__all__ = ["at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]


def sections(page: str) -> dict[str, int]:
    """Return the numbers on the cards on top, by label."""
    return {label: int(number) for number, label in re.findall(r'class="card[^>]*><b>([\d,]+)</b><span>([^<]+)</span>', page)}


def bell(page: str) -> int:
    """Return the number at the bell."""
    found = re.search(r'class="bell".*?(?:<b>(\d+)</b>)?</a>', page, re.DOTALL)
    assert found
    return int(found.group(1) or 0)


def test_owner_and_reviewer_see_what_waits_for_them_and_the_bell_counts_it(at_work: Company, browser: Browsers, frozen_clock: time_machine.Traveller) -> None:
    at_work.assign(at_work.applicable(4), horizon_days=39)
    reviewer, wang, zhao = at_work.world.reviewer, browser("王责任"), browser("赵复核")
    with at_work.database.reading(reviewer.entities) as s:
        first, second, *_rest = task_ids(s, reviewer, TaskFilter())
    assert sections(wang.get("/").text) == {"退回给我": 0, "已逾期": 0, "30 天内到期": 0}
    at_work.hand_in(first)
    at_work.hand_in(second)
    with at_work.database.writing(reviewer.entities) as s:
        reviewing.send_back(s, reviewer, second, "缺少签字页")
    frozen_clock.shift(20 * 86400)
    wang, zhao = browser("王责任"), browser("赵复核")
    mine, his = wang.get("/").text, zhao.get("/").text
    assert sections(mine) == {"退回给我": 1, "已逾期": 0, "30 天内到期": 2}
    assert (bell(mine), bell(his)) == (1, 1)
    assert sections(his) == {"待我复核": 1}
    assert f'href="/tasks/{first}"' in his and f'href="/tasks/{second}"' in mine
    frozen_clock.shift(20 * 86400)
    late = browser("王责任").get("/").text
    assert sections(late) == {"退回给我": 1, "已逾期": 2, "30 天内到期": 0}
    assert bell(late) == 3


def test_a_list_too_long_for_the_workbench_leads_to_exactly_its_rows(at_work: Company, browser: Browsers, frozen_clock: time_machine.Traveller) -> None:
    at_work.assign(at_work.applicable(25), horizon_days=39)
    with at_work.database.reading(at_work.world.owner.entities) as s:
        handed_in = task_ids(s, at_work.world.owner, TaskFilter())[0]
    at_work.hand_in(handed_in)
    for days, state in ((20, "30 天内到期"), (30, "已逾期")):
        frozen_clock.shift(days * 86400)
        wang = browser("王责任")
        page = wang.get("/").text
        assert sections(page)[state] == 24
        assert page.count("<tr data-href=") == 20
        found = re.search(r'href="([^"]+)">查看全部 (\d+) 项', page)
        assert found and found.group(2) == "24"
        assert wang.get(html.unescape(found.group(1))).text.count("<tr data-href=") == 24


def test_officer_and_auditor_see_how_their_entities_stand(at_work: Company, browser: Browsers) -> None:
    at_work.hand_in(at_work.task())
    for name in ("林合规", "钱审计"):
        page = browser(name).get("/").text
        assert "任务总体情况" in page and '<svg class="bars"' in page
    assert "任务总体情况" not in browser("王责任").get("/").text
    assert "任务总体情况" not in browser("孙外人").get("/").text


def test_every_beginner_is_told_what_to_do_next(at_work: Company, browser: Browsers) -> None:
    admin = browser("管理员").get("/").text
    assert all(step in admin for step in ("添加主体", "添加人员", "授予角色")) and 'href="/entities"' in admin
    officer = browser("林合规").get("/").text
    assert "确认适用性" in officer and 'href="/scope' in officer and 'href="/assignments' in officer


def test_somebody_without_a_role_is_told_whom_to_ask(at_work: Company, app: Flask) -> None:
    making = Making(at_work.database, at_work.world)
    client = app.test_client()
    token = making.token(making.person("新来的"))
    with client.session_transaction() as session:
        session["_user_id"] = token
    page = client.get("/").text
    assert "您还没有角色" in page and "请联系系统管理员" in page


def test_the_workbench_takes_the_same_few_statements_for_two_tasks_and_for_thirty(at_work: Company, app: Flask, browser: Browsers) -> None:
    at_work.assign(at_work.applicable(2), horizon_days=39)
    lin = browser("林合规")
    lin.get("/")
    with counting(app) as few:
        lin.get("/")
    at_work.assign(at_work.applicable(30), horizon_days=39)
    with counting(app) as many:
        lin.get("/")
    assert len(few) == len(many) <= 15


def test_the_search_groups_what_it_finds_and_leads_to_all_of_it(at_work: Company, browser: Browsers) -> None:
    at_work.assign(at_work.applicable(30), horizon_days=39)
    at_work.evidence("证券账户核查记录.txt")
    wang = browser("王责任")
    page = wang.get("/search?q=证券").text
    assert all(f"<h2>{group}</h2>" in page for group in ("义务", "任务", "证据"))
    assert "证券账户核查记录.txt" in page
    assert "没有找到" in wang.get("/search?q=甲乙丙丁戊").text
    assert "要找什么" in wang.get("/search?q=").text
    assert "要找什么" in wang.get("/search?q=！？").text


def test_the_search_escapes_and_survives_anything(at_work: Company, browser: Browsers) -> None:
    wang = browser("王责任")
    for silly in ('<script>alert(1)</script>', '" OR "', "%_\\", "NEAR(a b)", "x" * 5000, "*"):
        answer = wang.get("/search", query_string={"q": silly})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_the_search_finds_nothing_of_others(at_work: Company, browser: Browsers) -> None:
    at_work.assign(at_work.applicable(5), horizon_days=39)
    at_work.evidence("证券账户核查记录.txt")
    with at_work.database.reading("every entity") as s:
        title = s.get_one(Obligation, at_work.applicable(1)[0]).title
    for name in ("孙外人", "管理员"):
        page = html.unescape(browser(name).get(f"/search?q={title}").text)
        assert "<h2>义务</h2>" in page and "<h2>任务</h2>" not in page
        assert "没有找到“证券账户核查”" in browser(name).get("/search?q=证券账户核查").text


@pytest.mark.parametrize("address", ["/", "/tasks", "/evidence", "/search?q=证券"])
def test_an_entity_that_is_not_ones_own_is_not_found(at_work: Company, browser: Browsers, address: str) -> None:
    query = f"{address}{'&' if '?' in address else '?'}entity={at_work.world.others}"
    assert browser("王责任").get(query).status_code == 404
