"""One task as a page: from its owner's hand to the reviewer's decision, with evidence, versions and the history."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.evidence.samples import pdf
from tests.web.at_work import at_work, company, counting, database, send, upload, working_template, world
from tests.web.browsing import Browser
from tests.work import DUE, REGISTER, Company
from tracker.assignments import planning, reviewing
from tracker.assignments.models import Submission, Task, TaskEvidence
from tracker.evidence.models import Evidence
from tracker.people.access import operator
from tracker.people.actions import grant_roles
from tracker.register.loading import load
from tracker.words import Outcome, Role, TaskState

__all__ = ["at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]
TEXT = "本期检查未发现异常。".encode()


def stands(work: Company, task_id: int) -> Task:
    """Read a task anew."""
    with work.database.reading("every entity") as s:
        return s.get_one(Task, task_id)


def cited(work: Company, task_id: int) -> list[str]:
    """List the names of what a task cites."""
    with work.database.reading("every entity") as s:
        return list(s.scalars(select(Evidence.name).join(TaskEvidence).where(TaskEvidence.task_id == task_id).order_by(Evidence.id)))


def text_of(page: str) -> str:
    """Return what a reader sees of a page."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())


def work_form(page: str, **fields: Any) -> dict[str, Any]:
    """Return the fields of the work form of a page, with some typed over."""
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version, "the page has no work form"
    return {"version": version.group(1), "note": "", "period_from": "", "period_to": "", **fields}


def version_in(page: str, prefix: str) -> str:
    """Return the version that a dialog of the page carries."""
    found = re.search(rf'name="{prefix}version"[^>]*value="(\d+)"', page)
    assert found
    return found.group(1)


def test_an_owner_uploads_writes_and_hands_in_and_the_reviewer_accepts(at_work: Company, browser: Browsers) -> None:
    task_id, wang, zhao = at_work.task(), browser("王责任"), browser("赵复核")
    wang.get(f"/tasks/{task_id}")
    assert send(wang, f"/tasks/{task_id}/files", "检查记录.txt", TEXT, **{"file-period_from": "2026-10-01", "file-period_to": "2026-12-31", "file-obtained_on": "2026-11-20"}).status_code == 201
    page = wang.get(f"/tasks/{task_id}").text
    assert "检查记录.txt" in page and hashlib.sha256(TEXT).hexdigest() in page
    answer = wang.post(f"/tasks/{task_id}/submit", work_form(page, note="抽查 60 户，均合格。", period_from="2026-10-01", period_to="2026-12-31"))
    assert (answer.status_code, answer.location) == (303, f"/tasks/{task_id}")
    page = zhao.get(f"/tasks/{task_id}").text
    assert "抽查 60 户，均合格。" in page
    answer = zhao.post(f"/tasks/{task_id}/accept", {"accept-version": version_in(page, "accept-"), "accept-comment": "材料齐全"})
    assert answer.status_code == 303
    with at_work.database.reading("every entity") as s:
        kept = s.scalars(select(Submission)).one()
    assert (kept.outcome, kept.reason, kept.period_from) == (Outcome.ACCEPTED, "材料齐全", date(2026, 10, 1))
    page = text_of(zhao.get(f"/tasks/{task_id}").text)
    assert "第 1 次提交" in page and "材料齐全" in page and "已完成" in page


def test_a_task_sent_back_shows_the_reason_on_top_and_to_nobody_else_a_form(at_work: Company, browser: Browsers) -> None:
    task_id, zhao = at_work.task(), browser("赵复核")
    at_work.hand_in(task_id)
    version = version_in(zhao.get(f"/tasks/{task_id}").text, "back-")
    empty = zhao.post(f"/tasks/{task_id}/returned", {"back-version": version, "back-reason": " "})
    assert (empty.status_code, "请写明需要补正什么" in empty.text) == (422, True)
    assert zhao.post(f"/tasks/{task_id}/returned", {"back-version": version, "back-reason": "缺少签字页，请补充"}).status_code == 303
    page = browser("王责任").get(f"/tasks/{task_id}").text
    assert "赵复核退回：" in page and "缺少签字页，请补充" in page and 'id="work"' in page
    assert 'id="work"' not in browser("钱审计").get(f"/tasks/{task_id}").text


BUTTONS = {"submit": "/submit", "recall": "/recall", "accept": 'id="accept"', "reschedule": 'id="reschedule"', "cancel": 'id="cancel"', "reassign": 'id="reassign"', "reopen": 'id="reopen"'}


@pytest.mark.parametrize(("name", "state", "offered"), [
    ("王责任", "open", {"submit"}), ("王责任", "submitted", {"recall"}), ("王责任", "done", set()),
    ("赵复核", "open", set()), ("赵复核", "submitted", {"accept"}), ("赵复核", "done", {"reopen"}),
    ("林合规", "open", {"submit", "reschedule", "cancel", "reassign"}), ("林合规", "submitted", {"recall", "cancel", "reassign"}), ("林合规", "done", {"reopen"}),
    ("钱审计", "open", set()), ("钱审计", "submitted", set()), ("钱审计", "done", set()),
])
def test_everybody_is_offered_only_what_he_may_do(at_work: Company, browser: Browsers, name: str, state: str, offered: set[str]) -> None:
    task_id, reviewer = at_work.task(), at_work.world.reviewer
    if state != "open":
        at_work.hand_in(task_id)
    if state == "done":
        with at_work.database.writing(reviewer.entities) as s:
            reviewing.accept(s, reviewer, task_id)
    page = browser(name).get(f"/tasks/{task_id}").text
    assert {act for act, sign in BUTTONS.items() if sign in page} == offered


@pytest.mark.parametrize(("name", "act", "status"), [
    ("钱审计", "save", 403), ("钱审计", "submit", 403), ("钱审计", "accept", 403), ("钱审计", "cancel", 403), ("钱审计", "reschedule", 403),
    ("钱审计", "people", 403), ("钱审计", "reopen", 403), ("钱审计", "files", 403), ("钱审计", "cite", 403), ("钱审计", "uncite", 403), ("钱审计", "recall", 403),
    ("赵复核", "submit", 403), ("王责任", "accept", 403), ("王责任", "returned", 403), ("王责任", "cancel", 403), ("王责任", "reschedule", 403),
    ("王责任", "people", 403), ("林合规", "accept", 403),
])
def test_the_server_refuses_what_was_not_offered(at_work: Company, browser: Browsers, name: str, act: str, status: int) -> None:
    task_id, him = at_work.task(), browser(name)
    at_work.hand_in(task_id)
    fields = {
        "version": "2", "note": "我来写", "accept-version": "2", "back-version": "2", "back-reason": "不该由我退回", "cancel-reason": "不该由我取消", "due-due_on": "2027-01-31",
        "due-reason": "不该由我改期", "people-owner_id": "", "people-reviewer_id": "", "people-department": "甲部", "reopen-reason": "不该由我打开", "evidence": "1",
    }
    before = stands(at_work, task_id).version
    assert him.post(f"/tasks/{task_id}/{act}", fields).status_code == status
    assert stands(at_work, task_id).version == before


def test_a_stale_form_shows_both_texts_and_can_be_sent_again(at_work: Company, browser: Browsers) -> None:
    task_id, wang, lin = at_work.task(), browser("王责任"), browser("林合规")
    mine = work_form(wang.get(f"/tasks/{task_id}").text, note="王责任写的说明")
    theirs = work_form(lin.get(f"/tasks/{task_id}").text, note="林合规先写的说明")
    assert lin.post(f"/tasks/{task_id}/save", theirs).status_code == 303
    answer = wang.post(f"/tasks/{task_id}/save", mine)
    assert answer.status_code == 409
    assert "两份内容的不同之处" in answer.text and "林合规先写的说明" in answer.text
    assert re.search(r"<textarea[^>]*>\s*王责任写的说明</textarea>", answer.text)
    assert stands(at_work, task_id).note == "林合规先写的说明"
    assert wang.post(f"/tasks/{task_id}/save", work_form(answer.text, note="王责任写的说明")).status_code == 303
    assert stands(at_work, task_id).note == "王责任写的说明"


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"note": "长" * 4001}, "最多 4000 个字"), ({"note": "看不见\x07的"}, "控制字符"), ({"period_from": "2026-02-30"}, "请填写有效的日期"),
    ({"period_from": "2026-12-31", "period_to": "2026-01-01"}, "止日不能早于起日"),
])
def test_bad_work_is_refused_at_the_field_and_what_was_typed_stays(at_work: Company, browser: Browsers, fields: dict[str, str], sentence: str) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    answer = wang.post(f"/tasks/{task_id}/save", work_form(wang.get(f"/tasks/{task_id}").text, **{"note": "原样保留的说明", **fields}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields.get("note", "原样保留的说明") in html.unescape(answer.text)
    assert stands(at_work, task_id).note == ""


def test_handing_in_nothing_is_refused_with_a_sentence(at_work: Company, browser: Browsers) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    answer = wang.post(f"/tasks/{task_id}/submit", work_form(wang.get(f"/tasks/{task_id}").text))
    assert (answer.status_code, "请至少上传或引用一份证据" in answer.text) == (422, True)


REFUSED = [
    ("病毒.exe", b"MZ\x90\x00", 422, "不能作为证据上传"), ("空.txt", b"", 422, "空的"), ("假的.pdf", b"plain text", 422, "与扩展名不符"),
    ("大.txt", b"x" * (1024 * 1024 + 1), 413, "超过单个文件 1 MB 的上限"),
]


@pytest.fixture
def small_limit(app: Flask, config: Any) -> None:
    """Let files be one megabyte at most."""
    object.__setattr__(config, "upload_limit_mb", 1)


@pytest.mark.parametrize(("name", "content", "status", "sentence"), REFUSED)
def test_a_refused_file_gets_its_sentence_and_leaves_nothing(
    small_limit: None, at_work: Company, browser: Browsers, name: str, content: bytes, status: int, sentence: str
) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    answer = send(wang, f"/tasks/{task_id}/files", name, content)
    assert answer.status_code == status
    assert sentence in answer.json["message"]
    assert cited(at_work, task_id) == []
    assert [path for path in at_work.store.root.rglob("*") if path.is_file()] == []


def test_without_script_several_files_go_at_once_and_one_bad_one_refuses_all(at_work: Company, browser: Browsers) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    two = [upload("甲.txt", TEXT), upload("乙.pdf", pdf())]
    assert wang.post(f"/tasks/{task_id}/files", {"files": two}).status_code == 303
    assert cited(at_work, task_id) == ["甲.txt", "乙.pdf"]
    answer = wang.post(f"/tasks/{task_id}/files", {"files": [upload("丙.txt", b"more"), upload("丁.exe", b"MZ\x90\x00")], "file-obtained_on": "2026-11-20"})
    assert answer.status_code == 422
    assert "丁.exe" in answer.text and 'value="2026-11-20"' in answer.text
    assert cited(at_work, task_id) == ["甲.txt", "乙.pdf"]


def test_bad_dates_of_files_are_told_to_script_and_page_alike(at_work: Company, browser: Browsers) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    answer = send(wang, f"/tasks/{task_id}/files", "甲.txt", TEXT, **{"file-obtained_on": "2030-01-01"})
    assert (answer.status_code, "在今天之后" in answer.json["message"]) == (422, True)
    answer = send(wang, f"/tasks/{task_id}/files", "甲.txt", TEXT, **{"file-obtained_on": "昨天"})
    assert (answer.status_code, answer.json["message"]) == (422, "取得日：请填写有效的日期，写法如 2026-11-22。")
    plain = wang.post(f"/tasks/{task_id}/files", {"files": upload("甲.txt", TEXT), "file-obtained_on": "昨天"})
    assert (plain.status_code, plain.text.count("请填写有效的日期")) == (422, 1)
    assert "请先选择要上传的文件" in wang.post(f"/tasks/{task_id}/files", {}).text


def test_the_same_file_again_is_cited_once_and_kept_once(at_work: Company, browser: Browsers) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    for name in ("甲.txt", "甲的副本.txt"):
        assert send(wang, f"/tasks/{task_id}/files", name, TEXT).status_code == 201
    assert cited(at_work, task_id) == ["甲.txt"]


def test_evidence_of_the_library_is_found_cited_and_taken_back(at_work: Company, browser: Browsers) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    piece, _other = at_work.evidence("季度检查记录.txt"), at_work.evidence("别的.txt", "别的内容")
    page = wang.get(f"/tasks/{task_id}/cite?q=季度").text
    assert "季度检查记录.txt" in page and "别的.txt" not in page
    assert wang.post(f"/tasks/{task_id}/cite", {}).status_code == 422
    assert wang.post(f"/tasks/{task_id}/cite", {"evidence": [piece]}).status_code == 303
    assert cited(at_work, task_id) == ["季度检查记录.txt"]
    assert wang.post(f"/tasks/{task_id}/cite", {"evidence": ["999"]}).status_code == 422
    assert wang.post(f"/tasks/{task_id}/uncite", {"evidence": str(piece)}).status_code == 303
    assert cited(at_work, task_id) == []


def test_an_acceptance_shows_the_text_it_was_given_on_when_the_obligation_changes(at_work: Company, browser: Browsers) -> None:
    task_id, reviewer, host = at_work.task(), at_work.world.reviewer, operator("操作员")
    at_work.hand_in(task_id)
    with at_work.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, task_id)
        old = s.get_one(Task, task_id).obligation.statement
    zhao = browser("赵复核")
    assert "此后义务文本已修改" not in zhao.get(f"/tasks/{task_id}").text
    source = REGISTER.read_text(encoding="utf-8")
    assert source.count(old) == 1
    with at_work.database.writing(host.entities) as s:
        load(s, host, source.replace(old, old + "并每年复核一次。").encode(), "obligations.yaml")
    page = text_of(zhao.get(f"/tasks/{task_id}").text)
    assert "此后义务文本已修改" in page
    # What changed, the obligation as it is now, and the text of then.
    assert (page.count(old.removesuffix("。")), page.count("并每年复核一次")) == (5, 3)


def test_the_officer_puts_off_reassigns_cancels_and_reopens_one_task(at_work: Company, browser: Browsers) -> None:
    task_id, lin, world = at_work.task(), browser("林合规"), at_work.world
    with at_work.database.writing(world.admin.entities) as s:
        grant_roles(s, world.admin, world.people["钱审计"], world.ours, [Role.OWNER])
    assert lin.post(f"/tasks/{task_id}/reschedule", {"due-due_on": "2027-01-31", "due-reason": "监管检查延期"}).status_code == 303
    assert lin.post(f"/tasks/{task_id}/people", {"people-owner_id": str(world.people["钱审计"]), "people-reviewer_id": ""}).status_code == 303
    row = stands(at_work, task_id)
    assert (row.due_on, row.intended_on, row.owner_id) == (date(2027, 1, 31), DUE, world.people["钱审计"])
    assert lin.post(f"/tasks/{task_id}/cancel", {"cancel-reason": "停"}).status_code == 422
    assert lin.post(f"/tasks/{task_id}/cancel", {"cancel-reason": "业务已停办"}).status_code == 303
    assert lin.post(f"/tasks/{task_id}/reopen", {"reopen-reason": "误操作，恢复办理"}).status_code == 303
    assert stands(at_work, task_id).state == TaskState.IN_PROGRESS
    page = text_of(lin.get(f"/tasks/{task_id}").text)
    for told in ("监管检查延期", "业务已停办", "误操作，恢复办理", "钱审计"):
        assert told in page


def test_a_task_of_an_ended_assignment_is_not_reopened(at_work: Company, browser: Browsers) -> None:
    task_id, lin, officer = at_work.task(), browser("林合规"), at_work.world.officer
    with at_work.database.writing(officer.entities) as s:
        planning.end_assignment(s, officer, s.get_one(Task, task_id).assignment_id, "业务已停办")
    assert 'id="reopen"' not in lin.get(f"/tasks/{task_id}").text
    answer = lin.post(f"/tasks/{task_id}/reopen", {"reopen-reason": "误操作，恢复办理"})
    assert (answer.status_code, "分派已经结束" in answer.text) == (409, True)


def test_the_page_of_a_refused_form_can_be_loaded_anew(at_work: Company, browser: Browsers) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    for act in ("save", "submit", "accept", "files"):
        answer = wang.get(f"/tasks/{task_id}/{act}")
        assert (answer.status_code, answer.location) == (303, f"/tasks/{task_id}")


def test_a_task_with_much_evidence_takes_no_more_statements(at_work: Company, app: Flask, browser: Browsers) -> None:
    task_id, wang = at_work.task(), browser("王责任")
    send(wang, f"/tasks/{task_id}/files", "0.txt", b"0")
    wang.get(f"/tasks/{task_id}")
    with counting(app) as few:
        wang.get(f"/tasks/{task_id}")
    for number in range(1, 9):
        send(wang, f"/tasks/{task_id}/files", f"{number}.txt", str(number).encode())
    with counting(app) as many:
        wang.get(f"/tasks/{task_id}")
    assert len(few) == len(many)
