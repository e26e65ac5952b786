"""Pages of bringing in: a sheet goes out, comes back, is looked at, decided, carried out; refusals stand on the page with their cells."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.bringing.audit import Audit
from tests.bringing.paper import Desk, Paper
from tests.web.at_work import at_work, company, counting, database, upload, working_template, world
from tests.web.browsing import Browser
from tests.web.duties.conftest import said
from tests.work import Company
from tracker.assignments.queries import TaskFilter
from tracker.bringing.models import Import, ImportDraft
from tracker.db import EVERY_ENTITY
from tracker.reports.actions import export_store, write

__all__ = ["at_work", "company", "database", "working_template", "world"]
ADDRESS = "/import?entity=1"


@pytest.fixture
def officer(at_work: Company, browser: Callable[[str], Browser]) -> Browser:
    """Give 林合规's browser; three obligations are assigned."""
    at_work.assign(at_work.applicable(3))
    return browser("林合规")


def paper(officer: Browser, address: str = "/import/assignments.xlsx?entity=1", title: str = "分派表") -> Paper:
    """Take a sheet."""
    answer = officer.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return Paper(answer.data, title)


def send(officer: Browser, data: bytes, name: str = "分派表.xlsx") -> Any:
    """Send a workbook the way the page does."""
    answer = officer.post(ADDRESS, {"file": upload(name, data)})
    answer.request.environ["wsgi.input"].close()
    return answer


def seen(page: str) -> str:
    """Return the digest of what a preview shows."""
    found = re.search(r'name="seen"[^>]*value="(\w{64})"', page)
    assert found
    return found.group(1)


def plain(page: str) -> str:
    """Return the text of a page without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def department(company: Company, obligation_id: str) -> str:
    """Return the department of an assignment."""
    return Desk(company).assignment(obligation_id).department


def test_a_sheet_goes_out_comes_back_and_is_carried_out(officer: Browser, at_work: Company) -> None:
    first = at_work.applicable()[0]
    assert "把 Excel 文件拖到这里" in officer.get(ADDRESS).text
    answer = send(officer, paper(officer).put(first, 部门="经纪业务部").data)
    assert answer.status_code == 303
    page = officer.get(answer.headers["Location"]).text
    assert "财富管理部" in page and "经纪业务部" in page
    assert department(at_work, first) == "财富管理部"
    done = officer.post(f"{answer.headers['Location']}/apply", {"seen": seen(page)})
    assert done.headers["Location"] == "/assignments?entity=1"
    assert said(officer, done.headers["Location"]).startswith("已导入：1 行、1 个单元格已更改。")
    assert department(at_work, first) == "经纪业务部"
    assert officer.get(answer.headers["Location"]).status_code == 404
    past = plain(officer.get(ADDRESS).text)
    assert "以往的导入 1" in past and "分派表.xlsx" in past
    assert "导入 Excel" in plain(officer.get("/trail?entity=1").text)


def test_what_is_no_workbook_is_refused_on_the_page(officer: Browser) -> None:
    answer = send(officer, "编号,责任人\n".encode(), "台账.csv")
    assert answer.status_code == 422
    assert "文件“台账.csv”是文本（例如 CSV），不是 Excel 工作簿。" in html.unescape(answer.text)
    answer = officer.post(ADDRESS, {})
    assert answer.status_code == 422
    assert "请选择一个 Excel 文件。" in answer.text
    many = officer.post(ADDRESS, {"file": [upload("a.xlsx", b"x"), upload("b.xlsx", b"y")]})
    assert "一次导入一个文件，您选择了 2 个。" in many.text


def test_an_untouched_sheet_says_that_there_is_nothing_to_do(officer: Browser) -> None:
    answer = send(officer, paper(officer).data)
    assert answer.status_code == 409
    assert "与系统现有内容一致，没有可以导入的更改" in answer.text


def test_problems_stand_on_top_and_their_rows_are_left_out_when_ticked(officer: Browser, at_work: Company) -> None:
    first, second = at_work.applicable()[:2]
    draft = send(officer, paper(officer).put(first, 责任人="王五").put(second, 部门="乙部").data).headers["Location"]
    page = officer.get(draft).text
    assert "责任人“王五”不在本主体的人员中。请先添加此人，或改填他人。" in html.unescape(page)
    refused = officer.post(f"{draft}/apply", {"seen": seen(page)})
    assert refused.status_code == 422
    assert "有 1 行不能导入。请改正文件后重新上传，或勾选" in refused.text
    assert officer.get(f"{draft}/apply").headers["Location"] == draft
    done = officer.post(f"{draft}/apply", {"seen": seen(page), "without_refused": "y"})
    assert "1 行有问题，没有导入" in said(officer, done.headers["Location"])
    assert (department(at_work, first), department(at_work, second)) == ("财富管理部", "乙部")


def test_conflicts_are_decided_one_by_one_and_the_rest_at_once(officer: Browser, at_work: Company) -> None:
    first, second, third = at_work.applicable()[:3]
    old = paper(officer)
    old.put(first, 部门="表一").put(second, 部门="表二").put(third, 部门="表三")
    at_work.assign([first, second, third], at_work.terms(department="系统部"))
    draft = send(officer, old.data).headers["Location"]
    page = officer.get(draft).text
    places = re.findall(r'name="take-([^"]+)" value="mine"', page)
    assert len(places) == 3
    left = officer.post(f"{draft}/apply", {"seen": seen(page), f"take-{places[0]}": "mine"})
    assert left.status_code == 422
    assert "还有 2 处冲突没有决定" in left.text
    assert re.search(rf'name="take-{re.escape(places[0])}" value="mine" checked', left.text)
    officer.post(f"{draft}/apply", {"seen": seen(page), f"take-{places[0]}": "mine", "rest": "theirs"})
    assert [department(at_work, one) for one in (first, second, third)] == ["表一", "系统部", "系统部"]


def test_a_preview_that_no_longer_holds_is_shown_anew(officer: Browser, at_work: Company) -> None:
    first = at_work.applicable()[0]
    draft = send(officer, paper(officer).put(first, 部门="甲部").data).headers["Location"]
    page = officer.get(draft).text
    at_work.assign([first], at_work.terms(department="系统部"))
    stale = officer.post(f"{draft}/apply", {"seen": seen(page)})
    assert stale.status_code == 409
    assert "在您预览之后，系统中的内容又有更改" in stale.text
    assert "系统部" in stale.text
    assert seen(stale.text) != seen(page)
    assert department(at_work, first) == "系统部"


def test_a_draft_can_be_dropped_and_leaves_nothing(officer: Browser, at_work: Company) -> None:
    draft = send(officer, paper(officer).put(at_work.applicable()[0], 部门="甲部").data).headers["Location"]
    officer.get(draft)
    assert officer.post(f"{draft}/drop").headers["Location"] == ADDRESS
    with at_work.database.reading(EVERY_ENTITY) as s:
        assert s.query(ImportDraft).count() == s.query(Import).count() == 0


def test_the_sheet_follows_the_filter_of_the_list(officer: Browser, at_work: Company) -> None:
    assert paper(officer, "/import/assignments.xlsx?entity=1&show=unassigned").refs == at_work.applicable()[3:]
    assert paper(officer, f"/import/assignments.xlsx?entity=1&person={at_work.world.people['王责任']}").refs == at_work.applicable(3)
    start = officer.get("/import?entity=1&show=unassigned&modality=must").text
    assert "/import/assignments.xlsx?entity=1&amp;show=unassigned&amp;modality=must" in start
    for odd in ("modality=zzz", "person=abc", "show=zzz"):
        assert officer.get(f"/import/assignments.xlsx?entity=1&{odd}").status_code in {200, 404, 422}
    for odd in ("state=zzz", "due_from=2026-13-45"):
        assert officer.get(f"/import/tasks.xlsx?entity=1&{odd}").status_code == 422


def test_tasks_go_out_and_come_back_too(officer: Browser, at_work: Company) -> None:
    sheet = paper(officer, "/import/tasks.xlsx?entity=1&state=open", "任务表")
    task = sheet.refs[0]
    draft = send(officer, sheet.put(task, 截止日="2027-01-15", 改期理由="监管要求补充底稿").data, "任务表.xlsx").headers["Location"]
    done = officer.post(f"{draft}/apply", {"seen": seen(officer.get(draft).text)})
    assert done.headers["Location"] == "/tasks?entity=1"
    assert "任务改期" in plain(officer.get(f"/tasks/{task}").text)


def test_a_preview_takes_few_statements_whatever_the_number_of_rows(officer: Browser, at_work: Company, app: Flask) -> None:
    sheet = paper(officer)
    few = send(officer, sheet.put(sheet.refs[0], 部门="甲部").data).headers["Location"]
    with counting(app) as statements:
        officer.get(few)
    one = len(statements)
    for ref in sheet.refs:
        sheet.put(ref, 责任人="王责任", 复核人="赵复核", 部门="乙部", 首个截止日="2027-01-15")
    many = send(officer, sheet.data).headers["Location"]
    with counting(app) as statements:
        officer.get(many)
    assert len(statements) <= one + 2


def test_the_buttons_stand_where_they_are_looked_for(officer: Browser, browser: Callable[[str], Browser]) -> None:
    for address in ("/assignments?entity=1", "/tasks?entity=1"):
        assert "导入 Excel" in officer.get(address).text
        assert "导入 Excel" not in browser("王责任").get(address).text


def test_the_whole_workbook_comes_back_in_one_preview(officer: Browser, at_work: Company) -> None:
    store = export_store(at_work.store.root.with_name("exports"))
    with at_work.database.reading(at_work.world.officer.entities) as s:
        written = write(s, at_work.world.officer, [at_work.world.ours], TaskFilter(), store)
    with store.open(written.stored.sha256) as file:
        data = file.read()
    untouched = send(officer, data, "审计报告.xlsx")
    assert untouched.status_code == 409
    assert "没有可以导入的更改" in untouched.text and "尚未提交" not in untouched.text
    edited = Audit(data)
    first, second = edited.refs("合规风险识别清单")[:2]
    edited.put("合规风险识别清单", first, "风险控制措施", "双人复核").put("流程管控清单", second, "监督评价要点", "按季抽查")
    edited.put("合规风险识别清单", second, "合规风险名称", "改名")
    draft = send(officer, edited.data, "审计报告.xlsx").headers["Location"]
    page = officer.get(draft).text
    told = plain(page)
    assert "各工作表 9" in told and "只供查阅" in told and "操作留痕由系统记录" in told
    assert "“合规风险名称”列不能通过导入修改" in told
    done = officer.post(f"{draft}/apply", {"seen": seen(page), "without_refused": "y"})
    assert done.headers["Location"] == "/import?entity=1"
    assert "已导入：1 行、1 个单元格已更改" in said(officer, done.headers["Location"])
    assert "多张表" in plain(officer.get(ADDRESS).text)


def test_a_note_is_written_on_the_page_kept_when_left_out_and_cleared_by_the_word(officer: Browser, at_work: Company) -> None:
    first = at_work.applicable()[0]
    people, row = at_work.world.people, Desk(at_work).assignment(first)
    sent = {"do": "people", "ids": str(row.id), "people-owner_id": str(people["王责任"]), "people-reviewer_id": str(people["赵复核"]), "people-department": "财富管理部"}
    for text, note in (("季度末前补交", "季度末前补交"), ("", "季度末前补交"), ("〔清空〕", "")):
        assert officer.post("/assignments?entity=1", {**sent, "people-note": text}).status_code == 303
        assert Desk(at_work).assignment(first).note == note
        for address in ("/assignments?entity=1", f"/obligations/{first}?entity=1"):
            assert ("季度末前补交" in officer.get(address).text) is bool(note)
