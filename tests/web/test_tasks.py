"""The list of tasks and what is done to many of them; one task from its owner's hand to the reviewer's decision."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from tests.web.at_work import at_work, company, counting, database, working_template, world
from tests.web.browsing import Browser
from tests.work import DUE, Company
from tracker.assignments.models import Task
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.people.actions import grant_roles
from tracker.register.models import Obligation
from tracker.words import Role, TaskState

__all__ = ["at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]


def tasks_of(work: Company, number: int) -> list[int]:
    """Make tasks of that many obligations and return their ids."""
    work.assign(work.applicable(number), horizon_days=(DUE - date(2026, 11, 22)).days)
    with work.database.reading(work.world.officer.entities) as s:
        return task_ids(s, work.world.officer, TaskFilter())


def stands(work: Company, task_id: int) -> Task:
    """Read a task anew."""
    with work.database.reading(work.world.officer.entities) as s:
        return s.get_one(Task, task_id)


def text_of(page: str) -> str:
    """Return what a reader sees of a page."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("sort", ["due", "-owner", "obligation", "state", "entity", "-reviewer"])
def test_the_list_takes_the_same_few_statements_for_five_rows_and_for_sixty(at_work: Company, app: Flask, browser: Browsers, sort: str) -> None:
    lin = browser("林合规")
    tasks_of(at_work, 5)
    lin.get("/tasks")
    with counting(app) as few:
        assert lin.get(f"/tasks?sort={sort}").text.count("<tr data-href=") == 5
    at_work.assign(at_work.applicable(60), horizon_days=39)
    with counting(app) as many:
        assert lin.get(f"/tasks?sort={sort}").text.count("<tr data-href=") == 50
    assert len(few) == len(many) <= 11


def test_the_list_filters_by_what_stands_in_the_address_and_says_so(at_work: Company, browser: Browsers) -> None:
    first, *_rest = tasks_of(at_work, 4)
    at_work.hand_in(first)
    lin, owner = browser("林合规"), at_work.world.people["王责任"]
    assert lin.get("/tasks").text.count("<tr data-href=") == 4
    for query, rows in (
        ("state=submitted", 1), ("state=open", 4), ("state=done", 0), (f"owner={owner}", 4), ("due_from=2027-01-01", 0), ("due_to=2026-12-31", 4),
        (f"obligation={stands(at_work, first).obligation_id}", 1), ("department=财富管理部", 4), ("state=overdue", 0),
    ):
        assert lin.get(f"/tasks?{query}").text.count("<tr data-href=") == rows, query
    page = lin.get("/tasks?state=submitted").text
    assert '<i>状态</i>待复核' in page
    assert 'href="/reports/new?state=submitted"' in page


def test_two_characters_of_an_obligation_find_its_tasks(at_work: Company, browser: Browsers) -> None:
    first, *_rest = tasks_of(at_work, 6)
    with at_work.database.reading("every entity") as s:
        words = s.get_one(Obligation, stands(at_work, first).obligation_id).title[:2]
    assert f'data-href="/tasks/{first}"' in browser("林合规").get(f"/tasks?q={words}").text
    assert "没有符合条件的任务" in browser("林合规").get("/tasks?q=甲乙丙丁").text


@pytest.mark.parametrize("query", ["state=foo", "owner=1e9", "due_from=2026-13-45", "domain=x", "document=%27", "entity=999999", "page=0x1", "sort=;drop"])
def test_silly_filters_get_a_sentence_and_never_a_crash(at_work: Company, browser: Browsers, query: str) -> None:
    answer = browser("林合规").get(f"/tasks?{query}")
    assert answer.status_code == {"entity=999999": 404, "page=0x1": 200, "sort=;drop": 200}.get(query, 422)


def test_nobody_sees_another_entitys_tasks(at_work: Company, browser: Browsers) -> None:
    task_id = at_work.task()
    for name in ("孙外人", "管理员"):
        him = browser(name)
        assert him.get("/tasks").text.count("<tr data-href=") == 0
        assert him.get(f"/tasks/{task_id}").status_code == 404
        for act in ("save", "submit", "recall", "accept", "returned", "reopen", "reschedule", "cancel", "people", "files", "cite", "uncite"):
            assert him.post(f"/tasks/{task_id}/{act}", {"evidence": "1", "reason": "就是要做", "version": "1"}).status_code == 404, act
        assert him.post("/tasks", {"act": "cancel", "ids": str(task_id), "cancel-reason": "就是要做"}).status_code == 404
    assert stands(at_work, task_id).state == TaskState.NOT_STARTED


def test_the_officer_puts_off_what_is_ticked(at_work: Company, browser: Browsers) -> None:
    first, second, third = tasks_of(at_work, 3)
    answer = browser("林合规").post("/tasks?state=open", {"act": "reschedule", "ids": [first, second], "due-due_on": "2027-01-15", "due-reason": "监管检查延期"})
    assert (answer.status_code, answer.location) == (303, "/tasks?state=open")
    assert [stands(at_work, one).due_on for one in (first, second, third)] == [date(2027, 1, 15), date(2027, 1, 15), DUE]
    assert stands(at_work, first).intended_on == DUE


def test_the_officer_cancels_all_that_match(at_work: Company, browser: Browsers) -> None:
    first, *rest = tasks_of(at_work, 5)
    at_work.hand_in(first)
    answer = browser("林合规").post("/tasks?state=not_started", {"act": "cancel", "all_matching": "1", "ids": rest[:1], "cancel-reason": "业务已停办"})
    assert answer.status_code == 303
    assert {stands(at_work, one).state for one in rest} == {TaskState.CANCELLED}
    assert stands(at_work, first).state == TaskState.SUBMITTED


def test_one_task_that_does_not_allow_it_refuses_all_and_is_named(at_work: Company, browser: Browsers) -> None:
    first, second = tasks_of(at_work, 2)
    at_work.hand_in(second)
    lin = browser("林合规")
    answer = lin.post("/tasks", {"act": "reschedule", "ids": [first, second], "due-due_on": "2027-01-15", "due-reason": "监管检查延期"})
    assert answer.status_code == 422
    with at_work.database.reading("every entity") as s:
        title = s.get_one(Obligation, stands(at_work, second).obligation_id).title
    assert f"“{title}”（" in text_of(answer.text)
    assert 'value="2027-01-15"' in answer.text and "监管检查延期" in answer.text
    assert len(re.findall(r'name="ids" value="\d+"[^>]*checked', answer.text)) == 2
    assert stands(at_work, first).due_on == DUE


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"act": "reschedule", "due-due_on": "2027-02-30", "due-reason": "监管检查延期"}, "请填写有效的日期"),
    ({"act": "reschedule", "due-due_on": "2020-01-01", "due-reason": "监管检查延期"}, "不能早于今天"),
    ({"act": "cancel", "cancel-reason": "  "}, "请写明理由"),
    ({"act": "people", "people-owner_id": "", "people-reviewer_id": "", "people-department": "长" * 101}, "最多 100 个字"),
])
def test_bad_input_for_many_keeps_the_dialog_open_with_the_sentence(at_work: Company, browser: Browsers, fields: dict[str, str], sentence: str) -> None:
    first, *_rest = tasks_of(at_work, 2)
    answer = browser("林合规").post("/tasks", {"ids": [first], **fields})
    assert answer.status_code == 422
    assert sentence in text_of(answer.text)
    assert "data-open>" in answer.text
    row = stands(at_work, first)
    assert (row.due_on, row.state, row.version) == (DUE, TaskState.NOT_STARTED, 1)


def test_nothing_ticked_and_an_unknown_act_are_refused(at_work: Company, browser: Browsers) -> None:
    tasks_of(at_work, 1)
    lin = browser("林合规")
    assert "请先选择至少一项" in lin.post("/tasks", {"act": "cancel", "cancel-reason": "业务已停办"}).text
    assert lin.post("/tasks", {"act": "delete"}).status_code == 404


def test_reassigning_checks_role_and_four_eyes_and_moves_the_work(at_work: Company, browser: Browsers) -> None:
    first, second = tasks_of(at_work, 2)
    work, people = at_work.world, at_work.world.people
    lin = browser("林合规")
    refused = lin.post("/tasks", {"act": "people", "ids": [first], "people-owner_id": "", "people-reviewer_id": str(people["钱审计"]), "people-department": ""})
    assert refused.status_code == 422
    with at_work.database.writing(work.admin.entities) as s:
        grant_roles(s, work.admin, people["钱审计"], work.ours, [Role.OWNER, Role.REVIEWER])
        grant_roles(s, work.admin, people["王责任"], work.ours, [Role.OWNER, Role.REVIEWER])
    clash = lin.post("/tasks", {"act": "people", "ids": [first], "people-owner_id": "", "people-reviewer_id": str(people["王责任"]), "people-department": ""})
    assert clash.status_code == 422
    assert "既是责任人" in text_of(clash.text) or "同一人" in text_of(clash.text)
    at_work.hand_in(second)
    own = lin.post("/tasks", {"act": "people", "ids": [second], "people-owner_id": str(people["钱审计"]), "people-reviewer_id": str(people["王责任"])})
    assert own.status_code == 422
    assert "提交人不能复核自己的提交" in text_of(own.text)
    done = lin.post("/tasks", {"act": "people", "ids": [first], "people-owner_id": str(people["钱审计"]), "people-reviewer_id": "", "people-department": "稽核部"})
    assert done.status_code == 303
    row = stands(at_work, first)
    assert (row.owner_id, row.reviewer_id, row.department) == (people["钱审计"], people["赵复核"], "稽核部")


def test_only_an_officer_gets_check_boxes_and_dialogs(at_work: Company, browser: Browsers) -> None:
    tasks_of(at_work, 2)
    assert 'name="ids"' in browser("林合规").get("/tasks").text
    for name in ("王责任", "赵复核", "钱审计"):
        page = browser(name).get("/tasks").text
        assert 'name="ids"' not in page and "<dialog id=\"cancel\"" not in page
        assert browser(name).post("/tasks", {"act": "cancel", "ids": "1", "cancel-reason": "就是要做"}).status_code == 403


def test_check_boxes_stand_only_where_one_is_officer_and_the_rest_refuses_all(at_work: Company, browser: Browsers) -> None:
    first, _second = tasks_of(at_work, 2)
    world = at_work.world
    with at_work.database.writing(world.admin.entities) as s:
        grant_roles(s, world.admin, world.people["孙外人"], world.ours, [Role.AUDITOR])
    sun = browser("孙外人")
    page = sun.get("/tasks").text
    assert page.count("<tr data-href=") == 2 and 'name="ids"' not in page
    answer = sun.post("/tasks", {"act": "cancel", "all_matching": "1", "cancel-reason": "不该由我取消"})
    assert answer.status_code == 422
    assert "需要您在该主体中担任" in text_of(answer.text) and "所选任务均未更改" in text_of(answer.text)
    assert 'name="all_matching" value="1" checked' in answer.text
    assert stands(at_work, first).state == TaskState.NOT_STARTED


def test_an_empty_list_says_what_to_do_next(at_work: Company, browser: Browsers) -> None:
    page = browser("林合规").get("/tasks").text
    assert "还没有任务" in page and 'href="/scope"' in page
    assert "合规管理人员分派义务后" in browser("王责任").get("/tasks").text
