"""待重新确认 on the pages: what changed is said, the reviewer confirms, one task or many at once, and nobody else."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.revised import obligations, revised, told
from tests.web.at_work import at_work, company, counting, database, working_template, world
from tests.web.editions.conftest import Browsers, text_of
from tests.work import Company
from tracker.assignments import reviewing
from tracker.assignments.models import Reconfirmation, Task
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.db import EVERY_ENTITY
from tracker.editions.actions import put_in_force
from tracker.people.access import operator

__all__ = ["at_work", "company", "database", "working_template", "world"]


def outdate(work: Company, number: int = 1) -> list[int]:
    """Have the first tasks of some obligations accepted, then change those obligations; returns the tasks."""
    ids, reviewer = work.applicable(number), work.world.reviewer
    work.assign(ids, horizon_days=39)
    with work.database.reading(work.world.owner.entities) as s:
        tasks = task_ids(s, work.world.owner, TaskFilter())
    piece = work.evidence()
    for task_id in tasks:
        work.hand_in(task_id, evidence_id=piece)
        with work.database.writing(reviewer.entities) as s:
            reviewing.accept(s, reviewer, task_id)
    texts = {one["id"]: one["statement"] for _clause, one in obligations(told())}
    change(work, {one: {"statement": texts[one].rstrip("。") + "，并每年复核一次。"} for one in ids})
    return tasks


def change(work: Company, changes: dict[str, dict[str, str]], edition: str = "2027.01") -> None:
    """Put a revised register in force."""
    with work.database.writing(EVERY_ENTITY) as s:
        put_in_force(s, operator("操作员"), revised(changes, edition=edition), "next.yaml")


def confirmed(work: Company) -> list[tuple[int, str]]:
    """List what was confirmed again, with its comment."""
    with work.database.reading(EVERY_ENTITY) as s:
        return [(row.task_id, row.reason) for row in s.scalars(select(Reconfirmation).order_by(Reconfirmation.id))]


def test_the_page_says_what_changed_and_whom_it_waits_for(at_work: Company, browser: Browsers) -> None:
    (task_id,) = outdate(at_work)
    for name in ("王责任", "赵复核", "林合规", "钱审计"):
        page = browser(name).get(f"/tasks/{task_id}").text
        note = page[page.index('class="section outdated"'):]
        assert re.search("<ins>(，并每年复核一次)</ins>", note) and "请由复核人赵复核确认" in note
        assert ('id="reconfirm"' in page) == (name == "赵复核")
    assert 'class="mark state reconfirm pill"' in page


@pytest.mark.parametrize(("name", "status"), [("王责任", 403), ("林合规", 403), ("钱审计", 403), ("孙外人", 404), ("管理员", 404)])
def test_nobody_but_the_reviewer_confirms(at_work: Company, browser: Browsers, name: str, status: int) -> None:
    (task_id,) = outdate(at_work)
    assert browser(name).post(f"/tasks/{task_id}/reconfirm", {"again-comment": "我来确认"}).status_code == status
    assert browser(name).post("/tasks", {"act": "reconfirm", "ids": str(task_id)}).status_code in {403, 404}
    assert confirmed(at_work) == []


def test_the_reviewer_confirms_once_and_the_page_keeps_who_when_and_why(at_work: Company, browser: Browsers) -> None:
    (task_id,) = outdate(at_work)
    zhao = browser("赵复核")
    assert zhao.post(f"/tasks/{task_id}/reconfirm", {"again-comment": "新增的年度复核已另行安排。"}).status_code == 303
    page = zhao.get(f"/tasks/{task_id}").text
    assert 'class="section outdated"' not in page and 'id="reconfirm"' not in page
    seen = text_of(page[page.index("提交与复核"):])
    assert "重新确认 赵复核 2026-11-22 10:00 新增的年度复核已另行安排。" in seen and "接受 赵复核" in seen
    again = zhao.post(f"/tasks/{task_id}/reconfirm", {"again-comment": ""})
    assert (again.status_code, "不需要重新确认" in again.text) == (422, True)
    assert confirmed(at_work) == [(task_id, "新增的年度复核已另行安排。")]


def test_a_comment_that_cannot_be_kept_is_refused_in_the_dialog_with_what_was_typed(at_work: Company, browser: Browsers) -> None:
    (task_id,) = outdate(at_work)
    answer = browser("赵复核").post(f"/tasks/{task_id}/reconfirm", {"again-comment": "长" * 2001})
    assert answer.status_code == 422
    assert "最多 2000 个字" in answer.text and "长" * 2001 in answer.text
    assert re.search(r'<dialog id="reconfirm"[^>]*data-open', answer.text) and confirmed(at_work) == []


def test_many_are_confirmed_at_once_and_all_that_match(at_work: Company, browser: Browsers) -> None:
    tasks = outdate(at_work, 4)
    zhao = browser("赵复核")
    page = zhao.get("/tasks?state=reconfirm").text
    assert page.count('name="ids"') == 4 and 'data-opens="reconfirm"' in page and 'data-opens="cancel"' not in page
    assert zhao.post("/tasks?state=reconfirm", {"act": "reconfirm", "ids": [str(one) for one in tasks[:2]], "again-comment": "仍然成立"}).status_code == 303
    assert zhao.post("/tasks?state=reconfirm", {"act": "reconfirm", "all_matching": "1"}).status_code == 303
    assert sorted(one for one, _why in confirmed(at_work)) == sorted(tasks)
    assert "data-pick" not in zhao.get("/tasks").text


def test_one_that_needs_no_confirming_refuses_all_and_is_named(at_work: Company, browser: Browsers) -> None:
    tasks = outdate(at_work, 2)
    zhao = browser("赵复核")
    assert zhao.post(f"/tasks/{tasks[0]}/reconfirm").status_code == 303
    answer = zhao.post("/tasks", {"act": "reconfirm", "ids": [str(one) for one in tasks], "again-comment": "原样保留的意见"})
    assert answer.status_code == 422
    with at_work.database.reading(EVERY_ENTITY) as s:
        title = s.get_one(Task, tasks[0]).obligation.title
    assert title in answer.text and "没有确认任何任务" in answer.text and "原样保留的意见" in answer.text
    assert re.search(r'<dialog id="reconfirm"[^>]*data-open', answer.text) and len(confirmed(at_work)) == 1


def test_an_officer_who_does_not_review_is_offered_no_confirming(at_work: Company, browser: Browsers) -> None:
    outdate(at_work)
    assert 'data-opens="reconfirm"' not in browser("林合规").get("/tasks?state=reconfirm").text
    assert "data-pick" not in browser("钱审计").get("/tasks?state=reconfirm").text


def test_workbenches_count_it_and_lead_to_exactly_these_tasks(at_work: Company, browser: Browsers) -> None:
    tasks = outdate(at_work, 3)
    his = browser("赵复核").get("/").text
    section = his[his.index('id="to-reconfirm"'):]
    assert "<b>3</b><span>待我重新确认</span>" in his and all(f'href="/tasks/{one}"' in section for one in tasks)
    assert re.search(r'class="bell".*?<b>3</b></a>', his, re.DOTALL)
    for name in ("林合规", "钱审计"):
        page = browser(name).get("/").text
        assert re.search(r'<a class="card[^"]*" href="([^"]*state=reconfirm[^"]*)"><b>3</b><span>待重新确认', page)
    assert "待重新确认" not in browser("王责任").get("/").text
    listed = browser("钱审计").get("/tasks?state=reconfirm").text
    assert sorted(int(one) for one in re.findall(r'data-href="/tasks/(\d+)"', listed)) == sorted(tasks) and "逾期" not in text_of(listed[listed.index("<tbody>"):listed.index("</tbody>")])


def test_the_task_page_takes_no_more_statements_for_more_changes(at_work: Company, app: Flask, browser: Browsers) -> None:
    (task_id,) = outdate(at_work)
    zhao = browser("赵复核")

    def cost() -> int:
        zhao.get(f"/tasks/{task_id}")
        with counting(app) as statements:
            zhao.get(f"/tasks/{task_id}")
        return len(statements)

    one = cost()
    key = at_work.applicable(1)[0]
    change(at_work, {key: {"statement": "完全改写的要求。", "title": "改写", "severity": "low", "cadence": "event"}}, "2027.02")
    assert cost() == one


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]


def test_a_text_that_changed_after_the_page_was_opened_is_not_confirmed_unseen(at_work: Company, browser: Browsers) -> None:
    (task_id,) = outdate(at_work)
    zhao, key = browser("赵复核"), at_work.applicable(1)[0]
    seen = hidden(zhao.get(f"/tasks/{task_id}").text, "again-seen")
    change(at_work, {key: {"statement": "后来又改成别的要求。"}}, "2027.02")
    answer = zhao.post(f"/tasks/{task_id}/reconfirm", {"again-seen": seen, "again-comment": "看过第一次的改动"})
    assert answer.status_code == 409 and "在您打开页面之后变了" in answer.text and "看过第一次的改动" in answer.text
    assert re.search(r'<dialog id="reconfirm"[^>]*data-open', answer.text) and confirmed(at_work) == []
    # The page now shows the new text, and what was typed may be sent on top of it.
    again = hidden(answer.text, "again-seen")
    assert zhao.post(f"/tasks/{task_id}/reconfirm", {"again-seen": again, "again-comment": "也看过第二次的改动"}).status_code == 303
    assert confirmed(at_work) == [(task_id, "也看过第二次的改动")]


def test_a_text_that_changed_after_the_page_was_opened_is_not_accepted_unseen(at_work: Company, browser: Browsers) -> None:
    task_id, zhao = at_work.task(), browser("赵复核")
    at_work.hand_in(task_id)
    page = zhao.get(f"/tasks/{task_id}").text
    fields = {f"accept-{name}": hidden(page, f"accept-{name}") for name in ("version", "seen")}
    with at_work.database.reading(EVERY_ENTITY) as s:
        key = s.get_one(Task, task_id).obligation_id
    change(at_work, {key: {"statement": "后来改成别的要求。"}})
    answer = zhao.post(f"/tasks/{task_id}/accept", {**fields, "accept-comment": "材料齐全"})
    assert answer.status_code == 409 and "在您打开页面之后变了" in answer.text and "后来改成别的要求" in answer.text
    fields = {f"accept-{name}": hidden(answer.text, f"accept-{name}") for name in ("version", "seen")}
    assert zhao.post(f"/tasks/{task_id}/accept", {**fields, "accept-comment": "材料齐全"}).status_code == 303


def test_many_are_not_confirmed_when_an_edition_came_into_force_meanwhile(at_work: Company, browser: Browsers) -> None:
    tasks, zhao = outdate(at_work, 2), browser("赵复核")
    fields = {"act": "reconfirm", "ids": [str(one) for one in tasks], "again-comment": "看过改动"}
    edition = hidden(zhao.get("/tasks?state=reconfirm").text, "edition")
    change(at_work, {one: {"statement": "后来又改成别的要求。"} for one in at_work.applicable(2)}, "2027.02")
    answer = zhao.post("/tasks?state=reconfirm", {**fields, "edition": edition})
    assert answer.status_code == 409 and "又载入了新的版本，没有确认任何任务" in answer.text and "看过改动" in answer.text
    assert confirmed(at_work) == []
    assert zhao.post("/tasks?state=reconfirm", {**fields, "edition": "x"}).status_code == 404
    assert zhao.post("/tasks?state=reconfirm", {**fields, "edition": hidden(answer.text, "edition")}).status_code == 303
    assert len(confirmed(at_work)) == 2
