"""The whole audit workbook out and back: every list where a cell may be edited, and a sentence for those where none may."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.bringing.audit import EVIDENCE, SCOPES, TASKS, Audit, desk_of, exported
from tests.bringing.paper import Desk, sentences
from tests.bringing.test_texts import resaved
from tests.reports.story import Story, story
from tests.reports.test_office import NO_OFFICE
from tracker.assignments.models import Assignment
from tracker.assignments.queries import TaskFilter
from tracker.audit.queries import faults
from tracker.bringing.merging import Verdict
from tracker.controls.actions import set_controls
from tracker.controls.models import Control
from tracker.db import EVERY_ENTITY
from tracker.errors import BadInput, RuleBroken
from tracker.evidence.models import Evidence
from tracker.reports.actions import export_store, write
from tracker.scope.models import ScopeDecision
from tracker.words import ListKind, ScopeState

__all__ = ["story"]
RISKS, POSTS, PROCESSES = "合规风险识别清单", "岗位合规职责清单", "流程管控清单"


@pytest.fixture
def at(story: Story) -> Desk:
    """Return the desk on which the workbook lies."""
    return desk_of(story)


def control(at: Desk, ref: str) -> dict[str, str]:
    """Return what is filled in on an obligation."""
    with at.company.database.reading(EVERY_ENTITY) as s:
        row = s.query(Control).filter_by(entity_id=at.entity_id, obligation_id=ref).one_or_none()
        return {name: value for name, value in row.values.items() if value} if row else {}


def decision(at: Desk, ref: str) -> tuple[ScopeState, str]:
    """Return what was decided on an obligation."""
    with at.company.database.reading(EVERY_ENTITY) as s:
        row = s.query(ScopeDecision).filter_by(entity_id=at.entity_id, obligation_id=ref).one()
        return row.state, row.reason


def piece(at: Desk, ref: str) -> Evidence:
    """Return a piece of evidence, detached."""
    with at.company.database.reading(EVERY_ENTITY) as s:
        row = s.get_one(Evidence, int(ref))
        s.expunge(row)
        return row


def current(at: Desk, paper: Audit) -> list[str]:
    """List the pieces of evidence of the workbook that no newer version has replaced."""
    return [ref for ref in paper.refs(EVIDENCE) if piece(at, ref).is_current]


def test_the_untouched_workbook_changes_nothing_and_says_which_sheets_may_not(story: Story, at: Desk) -> None:
    data, before = exported(story).data, at.size
    with pytest.raises(RuleBroken) as refused:
        at.bring(data)
    told = refused.value.sentence
    assert "“适用性说明”共" in told and "与系统现有内容一致，没有可以导入的更改。" in told
    for title in ("合规义务清单", "复核记录", "操作留痕"):
        assert f"“{title}”：" in told
    assert at.size == before


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
def test_what_libreoffice_has_saved_again_changes_nothing_and_can_be_filled_in(story: Story, at: Desk, tmp_path: Path) -> None:
    data = resaved(story.export()[0].data, tmp_path)
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        at.bring(data)
    paper = exported(story)
    ref = paper.refs(RISKS)[0]
    did = at.through(resaved(paper.put(RISKS, ref, "风险控制措施", "由 LibreOffice 保存").data, tmp_path))
    assert (did.rows, did.cells, control(at, ref)) == (1, 1, {"measure": "由 LibreOffice 保存"})


def test_changes_in_several_sheets_are_one_preview_and_one_transaction(story: Story, at: Desk) -> None:
    paper, before = exported(story), at.size
    first, second = paper.refs(RISKS)[:2]
    spare = next(ref for ref in reversed(paper.refs(SCOPES)) if paper.cell(SCOPES, ref, "认定").value == "适用")
    task, proof = str(story.tasks["not_started"]), current(at, paper)[0]
    paper.put(RISKS, first, "风险控制措施", "双人复核").put(RISKS, first, "风险等级", "低").put(POSTS, first, "制度依据", "《适当性管理办法》")
    paper.put(PROCESSES, second, "一级流程", "客户准入").put(TASKS, task, "部门", "法务部")
    paper.put(EVIDENCE, proof, "说明", "=盘点记录").put(EVIDENCE, proof, "所属期间", "2026年10月1日 至 2026年12月31日").put(EVIDENCE, proof, "取得日", date(2026, 12, 1))
    paper.put(EVIDENCE, proof, "有效期至", date(2027, 12, 31))
    paper.put(SCOPES, spare, "认定", "不适用").put(SCOPES, spare, "理由", "本主体没有这类业务")
    data = paper.data
    taken = at.read(data)
    assert taken.what == ListKind.WORKBOOK
    did = at.through(data)
    assert (did.rows, did.cells, did.left_out) == (5, 11, 0)
    assert control(at, first) == {"measure": "双人复核", "risk_level": "low", "policy": "《适当性管理办法》"}
    assert control(at, second) == {"main_process": "客户准入"}
    assert at.task(int(task)).department == "法务部"
    one = piece(at, proof)
    assert (one.note, one.period_from, one.period_to, one.obtained_on, one.valid_until) == ("=盘点记录", date(2026, 10, 1), date(2026, 12, 31), date(2026, 12, 1), date(2027, 12, 31))
    assert decision(at, spare) == (ScopeState.NOT_APPLICABLE, "本主体没有这类业务")
    assert sorted(at.actions_since(before)) == ["control.changed", "control.changed", "evidence.described", "import.applied", "scope.decided", "task.handed_over"]
    after = at.size
    with pytest.raises(RuleBroken, match="这份文件已于"):
        at.bring(data)
    assert at.size == after
    with at.company.database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []


def test_grey_defaults_are_never_written_and_a_word_takes_own_ones_back(story: Story, at: Desk) -> None:
    paper = exported(story)
    ref = paper.refs(RISKS)[0]
    assert paper.cell(RISKS, ref, "归口部门").value and paper.cell(RISKS, ref, "风险等级").value
    at.through(paper.put(RISKS, ref, "备注", "留意").data)
    assert control(at, ref) == {"remark": "留意"}
    again = exported(story)
    assert again.cell(RISKS, ref, "备注").value == "留意" and again.cell(RISKS, ref, "归口部门").font.i
    blank = exported(story).put(RISKS, ref, "备注", None).put(RISKS, ref, "归口部门", "").put(POSTS, ref, "合规职责", " ")
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        at.bring(blank.data)
    at.through(again.put(RISKS, ref, "备注", "〔清空〕").put(RISKS, ref, "一级业务", "〔清空〕").data)
    assert control(at, ref) == {}


def test_one_field_filled_in_differently_in_two_lists_names_both_cells(story: Story, at: Desk) -> None:
    paper = exported(story)
    first, second = paper.refs(RISKS)[:2]
    paper.put(RISKS, first, "归口部门", "甲部").put(PROCESSES, first, "责任部门", "乙部").put(RISKS, second, "底线", "不得越过").put(POSTS, second, "合规底线", "不得越过")
    told = sentences(at.preview(at.bring(paper.data)))
    here, there = paper.place(PROCESSES, first, "责任部门"), paper.place(RISKS, first, "归口部门")
    assert told == {here: f"这里填写的是“乙部”，{there} 对同一项填写的是“甲部”。请改为一致，或只改一处。"}
    did = at.apply(at.bring(paper.data), without_refused=True)
    assert (did.rows, did.cells, did.left_out, control(at, second), control(at, first)) == (1, 1, 1, {"bottom_line": "不得越过"}, {})


def test_what_was_filled_in_meanwhile_is_a_conflict_by_its_cell(story: Story, at: Desk) -> None:
    paper, world = exported(story), at.company.world
    first, second = paper.refs(RISKS)[:2]
    paper.put(RISKS, first, "风险控制措施", "表中措施").put(RISKS, first, "备注", "表中备注").put(RISKS, second, "二级业务", "表中业务")
    with at.company.database.writing(world.officer.entities) as s:
        set_controls(s, world.officer, world.ours, [first], {"measure": "系统措施", "policy": "系统制度"})
    found = at.preview(at.bring(paper.data))
    assert [(cell.place, cell.mine, cell.theirs) for _, cell in found.cells(Verdict.CONFLICT)] == [(paper.place(RISKS, first, "风险控制措施"), "表中措施", "系统措施")]
    assert len(found.cells(Verdict.CHANGE)) == 2
    did = at.apply(at.bring(paper.data), lambda _cell: False)
    assert (did.theirs, control(at, first)) == (1, {"measure": "系统措施", "policy": "系统制度", "remark": "表中备注"})


@pytest.mark.parametrize(
    ("heading", "text", "told"),
    [
        ("风险等级", "极高", "风险等级只能是高、中、低，“极高”不是其中之一。"), ("一级业务", "长" * 101, "一级业务最多 100 个字，您填写了 101 个。"),
        ("二级业务", "两\n行", "二级业务只能写一行，请去掉换行。"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_by_its_cell(story: Story, at: Desk, heading: str, text: str, told: str) -> None:
    paper = exported(story)
    ref = paper.refs(RISKS)[0]
    found = at.preview(at.bring(paper.put(RISKS, ref, heading, text).data))
    assert sentences(found) == {paper.place(RISKS, ref, heading): told}


def test_a_changed_cell_that_is_not_for_filling_in_is_named(story: Story, at: Desk) -> None:
    paper = exported(story)
    ref, task, proof, duty = paper.refs(RISKS)[0], str(story.tasks["not_started"]), current(at, paper)[0], paper.refs(SCOPES)[0]
    paper.put(RISKS, ref, "合规风险名称", "别的名称").put(TASKS, task, "状态", "已完成").put(TASKS, task, "部门", "法务部")
    paper.put(EVIDENCE, proof, "SHA-256", "0" * 64).put(SCOPES, duty, "备注", "我的话")
    for title, place, text in (("复核记录", "L3", "接受吧"), ("操作留痕", "C4", "某人"), ("合规义务清单", "E3", "改写的要求")):
        paper.book[title][place].value = text
    told = sentences(at.preview(at.bring(paper.data)))
    named = {paper.place(title, key, heading) for title, key, heading in ((RISKS, ref, "合规风险名称"), (TASKS, task, "状态"), (EVIDENCE, proof, "SHA-256"), (SCOPES, duty, "备注"))}
    assert set(told) == named | {"复核记录!L3", "操作留痕!C4", "合规义务清单!E3"}
    assert told[paper.place(TASKS, task, "状态")] == "“状态”列不能通过导入修改，导出之后改成了“已完成”。请改回原来的内容。"
    before = at.size
    with pytest.raises(BadInput, match="行不能导入"):
        at.apply(at.bring(paper.data))
    assert at.size == before


def test_rows_added_to_a_list_for_reading_are_named_and_columns_of_ones_own_are_not(story: Story, at: Desk) -> None:
    paper = exported(story)
    page = paper.book["复核记录"]
    last = page.max_row + 1
    page.cell(last, 1).value, page.cell(last, 13).value = 99, "赵复核"
    for title in (RISKS, TASKS, "合规义务清单"):
        sheet = paper.book[title]
        sheet.cell(2, sheet.max_column + 1).value = "我的列"
        sheet.cell(3, sheet.max_column).value = "我的话"
    assert sentences(at.preview(at.bring(paper.data))) == {f"复核记录!A{last}": "此行不是导出的行。这张表不能通过导入增加内容，请删去此行。"}


def test_scope_needs_its_reasons_as_on_the_page(story: Story, at: Desk) -> None:
    paper = exported(story)
    applies = [ref for ref in paper.refs(SCOPES) if paper.cell(SCOPES, ref, "认定").value == "适用" and paper.cell(SCOPES, ref, "系统建议").value == "建议适用"]
    out = next(ref for ref in paper.refs(SCOPES) if paper.cell(SCOPES, ref, "理由").value and "本主体未开展" in str(paper.cell(SCOPES, ref, "理由").value))
    one, two, three = applies[-3:]
    paper.put(SCOPES, one, "认定", "不适用").put(SCOPES, two, "认定", "〔清空〕").put(SCOPES, three, "理由", "〔清空〕").put(SCOPES, out, "认定", "适用")
    told = sentences(at.preview(at.bring(paper.data)))
    assert set(told) == {paper.place(SCOPES, ref, heading) for ref, heading in ((one, "认定"), (two, "认定"), (three, "理由"), (out, "认定"))}
    assert "理由" in told[paper.place(SCOPES, one, "认定")] and told[paper.place(SCOPES, two, "认定")] == "认定不能清空。请填写“适用”或“不适用”。"
    paper = exported(story).put(SCOPES, out, "认定", "适用").put(SCOPES, out, "理由", "〔清空〕").put(SCOPES, one, "理由", "经营范围包含此项")
    at.through(paper.data)
    assert (decision(at, out), decision(at, one)) == ((ScopeState.APPLIES, ""), (ScopeState.APPLIES, "经营范围包含此项"))


def test_scope_that_becomes_not_applicable_ends_the_assignment_like_the_page(story: Story, at: Desk) -> None:
    held = at.company.applicable(1)[0]
    paper = exported(story).put(SCOPES, held, "认定", "不适用").put(SCOPES, held, "理由", "业务已停止开展")
    at.through(paper.data)
    with at.company.database.reading(EVERY_ENTITY) as s:
        assert not s.query(Assignment).filter_by(entity_id=at.entity_id, obligation_id=held, active=True).count()


@pytest.mark.parametrize(
    ("heading", "text", "told"),
    [
        ("所属期间", "2026年第四季度", "“2026年第四季度”不是有效的所属期间，请写作 2026-10-01 至 2026-12-31。"), ("所属期间", "2026-12-31 至 2026-10-01", "所属期间的结束日 2026-10-01 早于开始日 2026-12-31，请核对。"),
        ("取得日", "2031-01-01", "取得日 2031-01-01 在今天之后。请填写实际取得证据的日期。"), ("取得日", "昨天", "“昨天”不是有效的取得日，请写作 2026-11-22。"),
        ("有效期至", "长期", "“长期”不是有效的有效期至，请写作 2026-11-22。"), ("有效期至", "2026-10-01", "有效期至 2026-10-01 早于取得日 2026-11-02，请核对。"),
        ("说明", "长" * 2001, "说明有 2001 个字符，最多 2000 个。请缩短说明。"),
    ],
)
def test_what_cannot_be_said_of_evidence_is_refused_by_its_cell(story: Story, at: Desk, heading: str, text: str, told: str) -> None:
    paper = exported(story)
    proof = current(at, paper)[0]
    found = at.preview(at.bring(paper.put(EVIDENCE, proof, heading, text).data))
    assert sentences(found) == {paper.place(EVIDENCE, proof, heading): told}


def test_evidence_is_cleared_by_a_word_and_an_older_version_stays_as_it_is(story: Story, at: Desk) -> None:
    paper = exported(story)
    proof, old = current(at, paper)[0], next(ref for ref in paper.refs(EVIDENCE) if not piece(at, ref).is_current)
    paper.put(EVIDENCE, proof, "说明", "〔清空〕").put(EVIDENCE, proof, "所属期间", "〔清空〕").put(EVIDENCE, proof, "取得日", "〔清空〕").put(EVIDENCE, old, "说明", "改旧版")
    draft = at.bring(paper.data)
    (told,) = sentences(at.preview(draft)).values()
    assert told.endswith("已被更新的版本取代，不能再修改。请改最新的版本。")
    at.apply(draft, without_refused=True)
    one = piece(at, proof)
    assert (one.note, one.period_from, one.period_to, one.obtained_on) == ("", None, None, None)


def test_the_three_lists_of_an_earlier_version_are_not_guessed_at(story: Story, at: Desk) -> None:
    paper = exported(story)
    ref = paper.refs(RISKS)[0]
    paper.put(RISKS, ref, "备注", "留意")
    for title in (RISKS, POSTS, PROCESSES):
        for heading in ("单元格校验", "导出时的值", "行标识"):
            paper.book[title].delete_cols(paper.columns(title)[heading])
    with pytest.raises(RuleBroken, match="“合规风险识别清单”由较早的版本导出"):
        at.bring(paper.data)


def test_the_other_sheets_of_an_earlier_version_come_back_by_their_numbers(story: Story, at: Desk) -> None:
    paper, task = exported(story), str(story.tasks["not_started"])
    paper.put(TASKS, task, "部门", "法务部")
    for title in paper.book.sheetnames[2:]:
        for heading in ("单元格校验", "导出时的值", "行版本", "行标识"):
            if heading in paper.columns(title):
                paper.book[title].delete_cols(paper.columns(title)[heading])
    assert at.through(paper.data).cells == 1
    assert at.task(int(task)).department == "法务部"


def test_a_list_of_ones_own_with_the_numbers_of_obligations_comes_back(story: Story, at: Desk) -> None:
    paper, ref = exported(story), at.company.applicable(1)[0]
    for title in paper.book.sheetnames[1:]:
        del paper.book[title]
    page = paper.book.create_sheet("我的风险清单")
    for row in (["义务编号", "风险控制措施", "底线", "归口部门"], [ref, "双人复核", None, "法务部"]):
        page.append(row)
    at.through(paper.data)
    assert control(at, ref) == {"measure": "双人复核", "lead_department": "法务部"}


def test_rows_of_another_entity_are_passed_over_untouched_and_refused_when_changed(story: Story, at: Desk) -> None:
    stranger, store = at.company.world.outsider, export_store(story.folder)
    with at.company.database.reading(stranger.entities) as s:
        written = write(s, stranger, [at.company.world.others], TaskFilter(), store)
    with store.open(written.stored.sha256) as file:
        data = file.read()
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        at.bring(data)
    paper = Audit(data)
    ref = paper.refs(RISKS)[0]
    told = sentences(at.preview(at.bring(paper.put(RISKS, ref, "备注", "留意").data)))
    assert told == {paper.place(RISKS, ref, "行标识"): "此行不属于当前主体，或已不存在。请在导出它的主体中导入。"}
