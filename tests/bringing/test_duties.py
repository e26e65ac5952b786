"""分派表 out, filled in, and back: assignments change as the pages would change them, once, and each with its event."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert

from tests.bringing.paper import Desk, sentences, verdicts
from tests.making import Making
from tracker.assignments import planning
from tracker.bringing import actions
from tracker.bringing.merging import Verdict
from tracker.errors import BadInput, Forbidden, NotFound, RuleBroken, Stale
from tracker.register.models import FormerName
from tracker.words import Cadence, Role

DAY = date(2026, 12, 24)


def test_what_goes_out_and_comes_back_untouched_changes_nothing_and_says_so(desk: Desk) -> None:
    before = desk.size
    with pytest.raises(RuleBroken, match=r"“分派表”的 \d+ 行与系统现有内容一致，没有可以导入的更改。"):
        desk.bring(desk.duties().data)
    assert desk.size == before


def test_there_is_a_row_for_each_applicable_obligation(desk: Desk) -> None:
    assert desk.duties().refs == desk.company.applicable()


def test_an_obligation_that_nobody_holds_is_assigned(desk: Desk) -> None:
    spare, before = desk.company.applicable()[3], desk.size
    did = desk.through(desk.duties().put(spare, 责任人="王责任", 复核人="赵复核", 部门="经纪业务部", 频率="每季度", 首个截止日=DAY).data)
    assert (did.rows, did.left_out) == (1, 0)
    row, people = desk.assignment(spare), desk.company.world.people
    assert (row.owner_id, row.reviewer_id, row.department) == (people["王责任"], people["赵复核"], "经纪业务部")
    assert (row.cadence, row.review_every, row.first_due) == (Cadence.QUARTERLY, None, DAY)
    assert desk.actions_since(before) == ["assignment.made", "task.planned", "import.applied"]


def test_the_same_file_a_second_time_changes_nothing_and_says_when_it_came_in(desk: Desk) -> None:
    data = desk.duties().put(desk.company.applicable()[3], 责任人="王责任", 复核人="赵复核", 首个截止日=DAY).data
    desk.through(data)
    before = desk.size
    with pytest.raises(RuleBroken, match="这份文件已于 2026-11-22 10:00 导入过。“分派表”的 .* 行与系统现有内容一致"):
        desk.bring(data)
    assert desk.size == before


def test_other_people_take_the_open_tasks_along_and_dates_stay(desk: Desk, making: Making) -> None:
    making.person("周接手", roles=[Role.OWNER])
    held, before = desk.company.applicable()[0], desk.size
    desk.through(desk.duties().put(held, 责任人="周接手").data)
    assert desk.assignment(held).first_due == date(2026, 12, 31)
    done = desk.actions_since(before)
    assert done[0] == "assignment.changed"
    assert done[-1] == "import.applied"
    assert set(done[1:-1]) == {"task.handed_over"}


def test_a_new_cadence_needs_a_first_day_that_is_still_to_come(desk: Desk) -> None:
    held = desk.company.applicable()[0]
    desk.through(desk.duties().put(held, 频率="每年", 首个截止日="2027年1月15日").data)
    row = desk.assignment(held)
    assert (row.cadence, row.first_due) == (Cadence.ANNUAL, date(2027, 1, 15))
    found = desk.preview(desk.bring(desk.duties().put(held, 首个截止日="2026-11-21").data))
    assert list(sentences(found).values()) == ["首个截止日 2026-11-21 应在今天（2026-11-22）之后、十年之内；更改频率时请同时填写新的首个截止日。"]


def test_a_blank_cell_leaves_everything_and_a_word_clears_where_clearing_is_allowed(desk: Desk) -> None:
    held = desk.company.applicable()[0]
    paper = desk.duties().put(held, 责任人=None, 复核人="", 部门=" ", 频率=None, 首个截止日=None)
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        desk.bring(paper.data)
    desk.through(desk.duties().put(held, 部门="〔清空〕").data)
    assert desk.assignment(held).department == ""
    found = desk.preview(desk.bring(desk.duties().put(held, 责任人="〔清空〕", 复核人="[清空]").data))
    assert [sentence[:10] for sentence in sentences(found).values()] == ["责任人不能清空。如不", "复核人不能清空。如不"]


def test_every_fault_is_named_by_its_cell(desk: Desk, making: Making) -> None:
    making.person("李同名", roles=[Role.OWNER])
    making.person("李同名", roles=[Role.OWNER])
    first, second, third, spare, other = desk.company.applicable()[:5]
    paper = desk.duties()
    paper.put(first, 责任人="王五").put(second, 责任人="赵复核", 首个截止日="下个月").put(third, 责任人="李同名", 频率="偶尔").put(spare, 责任人="王责任").put(other, 部门="长" * 101)
    found = desk.preview(desk.bring(paper.data))
    told = {place.partition("!")[2]: sentence for place, sentence in sentences(found).items()}
    columns = {heading: paper.cell(first, heading).column_letter for heading in ("责任人", "部门", "频率", "首个截止日")}
    assert told[f"{columns['责任人']}{paper.row(first)}"] == "责任人“王五”不在本主体的人员中。请先添加此人，或改填他人。"
    assert told[f"{columns['首个截止日']}{paper.row(second)}"] == "“下个月”不是有效的首个截止日，请写作 2026-11-22。"
    assert told[f"{columns['责任人']}{paper.row(third)}"].startswith("本主体有 2 位“李同名”。请写作“李同名（#")
    assert told[f"{columns['频率']}{paper.row(third)}"].startswith("“偶尔”不是可选的频率。")
    assert told[f"{columns['责任人']}{paper.row(spare)}"] == "分派这项义务还需要填写复核人。"
    assert told[f"{columns['部门']}{paper.row(other)}"] == "部门名称有 101 个字，最多 100 个。"
    assert {row.line.ref for row in found.refused_rows} == {first, second, third, spare, other}


def test_owner_and_reviewer_must_differ_and_hold_their_roles(desk: Desk) -> None:
    first, second = desk.company.applicable()[:2]
    paper = desk.duties().put(first, 责任人="赵复核").put(second, 复核人="王责任")
    found = desk.preview(desk.bring(paper.data))
    assert list(sentences(found).values()) == ["责任人和复核人不能是同一人。"] * 2
    found = desk.preview(desk.bring(desk.duties().put(first, 责任人="钱审计").data))
    assert list(sentences(found).values()) == ["钱审计在本主体没有“责任人”角色。请改填他人，或请系统管理员授予角色。"]


def test_rows_that_cannot_be_taken_are_left_out_only_when_somebody_says_so(desk: Desk) -> None:
    first, second = desk.company.applicable()[:2]
    draft = desk.bring(desk.duties().put(first, 责任人="王五", 部门="甲部").put(second, 部门="乙部").data)
    before = desk.size
    with pytest.raises(BadInput, match="有 1 行不能导入。请改正文件后重新上传，或勾选"):
        desk.apply(draft)
    assert desk.size == before
    did = desk.apply(draft, without_refused=True)
    assert (did.rows, did.left_out) == (1, 1)
    assert (desk.assignment(first).department, desk.assignment(second).department) == ("财富管理部", "乙部")


def test_what_both_have_changed_is_decided_one_by_one(desk: Desk) -> None:
    first, second, third = desk.company.applicable()[:3]
    paper = desk.duties().put(first, 部门="表中一部").put(second, 部门="表中二部").put(third, 部门="表中三部")
    desk.through(desk.duties().put(first, 部门="系统一部").put(second, 部门="系统二部").data)
    draft = desk.bring(paper.data)
    found = desk.preview(draft)
    assert sorted(verdicts(found).values()) == [Verdict.CHANGE, Verdict.CONFLICT, Verdict.CONFLICT]
    assert [(cell.base, cell.mine, cell.theirs) for _, cell in found.cells(Verdict.CONFLICT)] == [
        ("财富管理部", "表中一部", "系统一部"), ("财富管理部", "表中二部", "系统二部"),
    ]
    before = desk.size
    with pytest.raises(BadInput, match="还有 2 处冲突没有决定（分派表!"):
        desk.apply(draft)
    assert desk.size == before
    did = desk.apply(draft, lambda cell: cell.mine == "表中二部")
    assert (did.rows, did.mine, did.theirs) == (2, 1, 1)
    assert [desk.assignment(one).department for one in (first, second, third)] == ["系统一部", "表中二部", "表中三部"]


def test_what_was_ended_or_assigned_anew_meanwhile_has_to_be_decided(desk: Desk) -> None:
    first, second = desk.company.applicable()[:2]
    paper, officer = desk.duties().put(first, 部门="甲部").put(second, 部门="乙部"), desk.company.world.officer
    with desk.company.database.writing(officer.entities) as s:
        for one in (first, second):
            planning.end_assignment(s, officer, desk.assignment(one).id, "改由总部统一履行")
    desk.company.assign([second], desk.company.terms(department="总部"))
    found = desk.preview(desk.bring(paper.data))
    assert [(cell.base, cell.mine, cell.theirs) for _, cell in found.cells(Verdict.CONFLICT)] == [("财富管理部", "乙部", "总部")]
    assert list(sentences(found).values()) == ["分派这项义务还需要填写责任人。"]


def test_a_preview_that_no_longer_holds_is_refused_as_a_whole(desk: Desk) -> None:
    first, second = desk.company.applicable()[:2]
    draft = desk.bring(desk.duties().put(first, 部门="甲部").put(second, 部门="乙部").data)
    seen = desk.preview(draft).seen
    desk.company.assign([second], desk.company.terms(department="丙部"))
    before = desk.size
    with pytest.raises(Stale, match="在您预览之后，系统中的内容又有更改"):
        desk.apply(draft, seen=seen)
    assert desk.size == before
    assert desk.assignment(first).department == "财富管理部"


def test_somebody_who_lost_his_role_makes_the_preview_stale(desk: Desk, making: Making) -> None:
    heir = making.person("周接手", roles=[Role.OWNER])
    draft = desk.bring(desk.duties().put(desk.company.applicable()[0], 责任人="周接手").data)
    seen = desk.preview(draft).seen
    making.grant(heir, [Role.AUDITOR])
    with pytest.raises(Stale):
        desk.apply(draft, seen=seen)


def test_rows_of_another_entity_answer_like_rows_that_never_were(desk: Desk) -> None:
    first = desk.company.applicable()[0]
    told = []
    for entity in (desk.company.world.others, 999_999):
        paper = desk.duties().put(first, 部门="甲部", 行标识=f"assignments/{entity}/{first}")
        told.append(sentences(desk.preview(desk.bring(paper.data))))
    assert told[0] == told[1] == {f"分派表!A{desk.duties().row(first)}": "此行不属于当前主体，或已不存在。请在导出它的主体中导入。"}


def test_hidden_columns_that_were_touched_refuse_the_row(desk: Desk) -> None:
    first, second, third, fourth = desk.company.applicable()[:4]
    paper = desk.duties()
    base = paper.cell(third, "导出时的值")
    base.value = base.value.replace("12-31", "12-30")
    paper.put(third, 部门="丙部").put(first, 部门="甲部", 行版本=999).put(second, 部门="乙部", 编号="OB-99-99").put(fourth, 部门="丁部", 行标识="胡写")
    told = list(sentences(desk.preview(desk.bring(paper.data))).values())
    assert [sentence[:20] for sentence in told] == [
        "隐藏列中导出时的值被改动过，无法判断此后", "隐藏的行标识与可见的编号不一致，可能只对", "隐藏列中导出时的值被改动过，无法判断此后", "隐藏的行标识不是本系统写出的。请重新下载",
    ]


def test_without_the_hidden_columns_rows_are_found_by_their_number(desk: Desk) -> None:
    first, spare = desk.company.applicable()[0], desk.company.applicable()[3]
    paper = desk.duties().put(first, 部门="甲部").put(spare, 责任人="王责任", 复核人="赵复核", 首个截止日=DAY)
    taken = desk.read(paper.without("行标识", "行版本", "导出时的值").data)
    assert any("“分派表”中没有隐藏的行标识，按编号对应" in note for note in taken.notes)
    draft = desk.bring(paper.data)
    found = desk.preview(draft)
    assert {cell.base for row in found.rows for cell in row.cells} == {None}
    assert desk.apply(draft).rows == 2
    assert desk.assignment(first).department == "甲部"


def test_a_number_that_stands_twice_or_is_unknown_is_refused(desk: Desk) -> None:
    first, second = desk.company.applicable()[:2]
    paper = desk.duties().put(first, 部门="甲部").put(second, 部门="乙部", 编号=first).without("行标识", "行版本", "导出时的值")
    told = sentences(desk.preview(desk.bring(paper.data)))
    assert [sentence.partition("（")[0] for sentence in told.values()] == [f"“{first}”在表中出现了 2 次"] * 2
    paper = desk.duties().put(first, 部门="甲部", 编号="OB-99-99").without("行标识", "行版本", "导出时的值")
    assert list(sentences(desk.preview(desk.bring(paper.data))).values()) == ["没有这一项，或它不属于当前主体。请核对编号。"]


def test_only_the_officer_of_the_entity_may(desk: Desk) -> None:
    data = desk.duties().put(desk.company.applicable()[0], 部门="甲部").data
    draft = desk.bring(data)
    for name in ("王责任", "赵复核", "钱审计"):
        other = Desk(desk.company, name)
        with pytest.raises(Forbidden):
            other.duties()
        with pytest.raises(Forbidden):
            other.bring(data)
        with pytest.raises(NotFound):
            other.preview(draft)
    stranger = Desk(desk.company, "孙外人", desk.company.world.ours)
    with pytest.raises(NotFound):
        stranger.duties()
    with pytest.raises(NotFound):
        stranger.bring(data)
    with pytest.raises(NotFound):
        stranger.apply(draft)


def test_more_than_can_be_looked_at_is_refused_before_it_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    data = desk.duties().put(desk.company.applicable()[0], 部门="甲部").put(desk.company.applicable()[1], 部门="乙部").data
    monkeypatch.setattr(actions, "MOST_LINES", 1)
    with pytest.raises(BadInput, match="“分派表”中与导出时不同的行太多（最多 1 行）"):
        desk.bring(data)
    monkeypatch.setattr(actions, "MOST_LINES", 2)
    monkeypatch.setattr(actions, "MOST_ROWS", 1)
    with pytest.raises(BadInput, match="一次最多更改 1 行，这份文件会更改 2 行。请分几份导入。"):
        desk.through(data)


def test_an_obligation_is_found_by_a_former_name(desk: Desk) -> None:
    first = desk.company.applicable()[0]
    paper = desk.duties().put(first, 部门="甲部").put(first, 编号="OLD-01").without("行标识", "行版本", "导出时的值")
    with desk.company.database.engine.begin() as connection:
        connection.execute(insert(FormerName).values(old_id="OLD-01", obligation_id=first, edition_id=1))
    desk.through(paper.data)
    assert desk.assignment(first).department == "甲部"


def test_a_draft_that_is_dropped_or_replaced_is_gone(desk: Desk) -> None:
    first = desk.company.applicable()[0]
    old = desk.bring(desk.duties().put(first, 部门="甲部").data)
    new = desk.bring(desk.duties().put(first, 部门="乙部").data)
    assert desk.preview(new).rows[0].cells[0].mine == "乙部"
    with pytest.raises(NotFound):
        desk.preview(old) if old != new else desk.preview(new + 1)


def test_a_note_goes_out_comes_back_is_kept_when_blank_and_cleared_by_a_word(desk: Desk) -> None:
    first, spare = desk.company.applicable()[0], desk.company.applicable()[3]
    before = desk.size
    desk.through(desk.duties().put(first, 备注="季度末前补交").put(spare, 责任人="王责任", 复核人="赵复核", 首个截止日=DAY, 备注="新设").data)
    assert (desk.assignment(first).note, desk.assignment(spare).note) == ("季度末前补交", "新设")
    assert sorted(set(desk.actions_since(before))) == ["assignment.changed", "assignment.made", "import.applied", "task.planned"]
    assert desk.duties().cell(first, "备注").value == "季度末前补交"
    desk.through(desk.duties().put(first, 备注=None, 部门="法务部").put(spare, 频率="每年", 首个截止日=date(2027, 1, 15)).data)
    assert (desk.assignment(first).note, desk.assignment(spare).note) == ("季度末前补交", "新设")
    desk.through(desk.duties().put(first, 备注="〔清空〕").data)
    assert desk.assignment(first).note == ""
    found = desk.preview(desk.bring(desk.duties().put(first, 备注="长" * 501).data))
    assert list(sentences(found).values()) == ["备注有 501 个字，最多 500 个。"]


def test_a_note_that_both_have_changed_is_a_conflict(desk: Desk) -> None:
    first = desk.company.applicable()[0]
    paper = desk.duties().put(first, 备注="表中")
    desk.through(desk.duties().put(first, 备注="系统").data)
    draft = desk.bring(paper.data)
    assert [(cell.base, cell.mine, cell.theirs) for _, cell in desk.preview(draft).cells(Verdict.CONFLICT)] == [("", "表中", "系统")]


def test_a_formula_that_no_program_has_worked_out_is_named_and_not_passed_over(desk: Desk) -> None:
    first = desk.company.applicable()[0]
    paper = desk.duties().put(first, 备注="=A1&B1")
    assert sentences(desk.preview(desk.bring(paper.data))) == {f"分派表!{paper.cell(first, '备注').coordinate}": "单元格是没有保存计算结果的公式，请改为填写具体的内容。"}
