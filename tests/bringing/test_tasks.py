"""任务表 out, filled in, and back: other people, another day with its reason, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from tests.bringing.paper import Desk, Paper, sentences, verdicts
from tests.cast import World
from tests.making import Making
from tests.reports.story import Story, story
from tests.work import Company
from tracker.assignments import assigning
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.bringing.merging import Verdict
from tracker.errors import RuleBroken, Stale
from tracker.register.queries import ObligationFilter
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.words import Cadence, Role, TaskState

__all__ = ["story"]


@pytest.fixture
def heir(desk: Desk, making: Making) -> int:
    """Add somebody who may own and review."""
    return making.person("周接手", roles=[Role.OWNER, Role.REVIEWER])


def test_an_untouched_sheet_changes_nothing(desk: Desk) -> None:
    with pytest.raises(RuleBroken, match="“任务表”的 .* 行与系统现有内容一致"):
        desk.bring(desk.tasks().data)


def test_people_department_and_day_change_through_the_pages_own_actions(desk: Desk, heir: int) -> None:
    first, second, third = desk.tasks().refs[:3]
    before = desk.size
    paper = desk.tasks().put(first, 责任人="周接手", 部门="法务部").put(second, 复核人="周接手").put(third, 截止日=date(2027, 1, 20), 改期理由="监管要求补充底稿")
    data = paper.data
    did = desk.through(data)
    assert (did.rows, did.cells) == (3, 4)
    assert [(row.owner_id, row.department) for row in [desk.task(int(first))]] == [(heir, "法务部")]
    assert desk.task(int(second)).reviewer_id == heir
    moved = desk.task(int(third))
    assert (moved.due_on, moved.intended_on != moved.due_on) == (date(2027, 1, 20), True)
    assert sorted(desk.actions_since(before)) == ["import.applied", "task.handed_over", "task.handed_over", "task.rescheduled"]
    with pytest.raises(RuleBroken, match="这份文件已于"):
        desk.bring(data)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"截止日": "2027-01-20"}, "改期需要在“改期理由”列用 4 到 500 个字写明理由；表中没有这一列的，请加一列。"),
        ({"截止日": "2027-01-20", "改期理由": "短"}, "改期需要在“改期理由”列用 4 到 500 个字写明理由；表中没有这一列的，请加一列。"),
        ({"截止日": "2026-11-21", "改期理由": "监管要求补充底稿"}, "新的截止日 2026-11-21 不能早于今天（2026-11-22）。"),
        ({"截止日": "2026-02-30", "改期理由": "监管要求补充底稿"}, "“2026-02-30”不是有效的截止日，请写作 2026-11-22。"),
        ({"截止日": "〔清空〕"}, "截止日不能清空。如不再需要，请在系统中取消任务。"),
        ({"责任人": "赵复核"}, "责任人和复核人不能是同一人。"),
        ({"责任人": "林合规"}, "林合规在本主体没有“责任人”角色。请改填他人，或请系统管理员授予角色。"),
        ({"复核人": "#N/A"}, "复核人“#N/A”不在本主体的人员中。请先添加此人，或改填他人。"),
    ],
)
def test_what_may_not_be_is_refused_by_its_cell(desk: Desk, values: dict[str, str], told: str) -> None:
    paper = desk.tasks()
    for heading, value in values.items():
        cell = paper.cell(paper.refs[0], heading)
        cell.value, cell.data_type = value, "s"
    assert list(sentences(desk.preview(desk.bring(paper.data))).values()) == [told]


def test_the_department_of_a_task_is_cleared_by_a_word_and_by_nothing_else(desk: Desk) -> None:
    first, second = desk.tasks().refs[:2]
    before = desk.size
    desk.through(desk.tasks().put(first, 部门="〔清空〕").put(second, 部门=None, 责任人="王责任").data)
    assert (desk.task(int(first)).department, desk.task(int(second)).department) == ("", "财富管理部")
    assert desk.actions_since(before) == ["task.handed_over", "import.applied"]


def test_a_reason_alone_changes_nothing(desk: Desk) -> None:
    paper = desk.tasks()
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        desk.bring(paper.put(paper.refs[0], 改期理由="监管要求补充底稿").data)


def test_columns_that_are_not_for_filling_in_change_nothing(desk: Desk) -> None:
    paper = desk.tasks()
    with pytest.raises(RuleBroken, match="没有可以导入的更改"):
        desk.bring(paper.put(paper.refs[0], 标题="另一个标题", 状态="已完成", 原定截止=date(2030, 1, 1)).data)


def test_what_is_closed_or_handed_in_cannot_be_moved(desk: Desk, heir: int) -> None:
    company: Company = desk.company
    first, second = desk.tasks().refs[:2]
    company.hand_in(int(first))
    paper = desk.tasks()
    told = sentences(desk.preview(desk.bring(paper.put(first, 截止日="2027-01-20", 改期理由="监管要求补充底稿").data)))
    assert list(told.values()) == ["任务当前为“待复核”，不能改期。"]
    told = sentences(desk.preview(desk.bring(desk.tasks().put(first, 责任人="周接手", 复核人="王责任").data)))
    assert list(told.values()) == ["王责任在本主体没有“复核人”角色。请改填他人，或请系统管理员授予角色。"]
    assert desk.task(int(second)).state == TaskState.NOT_STARTED


def test_the_one_who_handed_it_in_cannot_become_its_reviewer(desk: Desk, making: Making, world: World, heir: int) -> None:
    first = desk.tasks().refs[0]
    making.grant(world.people["王责任"], [Role.OWNER, Role.REVIEWER])
    desk.company.hand_in(int(first))
    told = sentences(desk.preview(desk.bring(desk.tasks().put(first, 责任人="周接手", 复核人="王责任").data)))
    assert list(told.values()) == ["所填的复核人正是提交人，不能复核自己的提交。请改填他人，或先撤回提交。"]


def test_a_task_that_was_closed_meanwhile_makes_the_preview_stale(desk: Desk) -> None:
    first = desk.tasks().refs[0]
    draft = desk.bring(desk.tasks().put(first, 部门="法务部").data)
    seen = desk.preview(draft).seen
    desk.company.hand_in(int(first))
    with pytest.raises(Stale):
        desk.apply(draft, seen=seen)


@pytest.fixture
def foreign(desk: Desk, making: Making, world: World) -> int:
    """Let 孙外人 assign something in his entity; returns a task of it."""
    people = [making.person(name, world.others, [role]) for name, role in (("别责任", Role.OWNER), ("别复核", Role.REVIEWER))]
    with desk.company.database.writing(world.outsider.entities) as s:
        ids = scope_ids(s, world.outsider, world.others, ObligationFilter())
        confirm_suggestions(s, world.outsider, world.others, ids)
    with desk.company.database.writing(world.outsider.entities) as s:
        applies = scope_ids(s, world.outsider, world.others, ObligationFilter(), "applies")[:1]
        assigning.assign(s, world.outsider, world.others, applies, assigning.Terms(*people, date(2026, 12, 31), "部", Cadence.MONTHLY), 100)
    with desk.company.database.reading(world.outsider.entities) as s:
        return task_ids(s, world.outsider, TaskFilter())[0]


def test_a_task_of_another_entity_answers_like_one_that_never_was(desk: Desk, foreign: int, world: World) -> None:
    first, told = desk.tasks().refs[0], []
    for number in (foreign, 999_999):
        plain = desk.tasks().put(first, 部门="法务部")
        row = plain.row(first)
        plain.page.cell(row, plain.columns["任务号"]).value = number
        told.append(list(sentences(desk.preview(desk.bring(plain.without("行标识", "行版本", "导出时的值").data))).values()))
        keyed = desk.tasks().put(first, 部门="法务部", 行标识=f"tasks/{world.ours}/{number}", 行版本=None, 导出时的值=None, 任务号=None)
        told.append(list(sentences(desk.preview(desk.bring(keyed.data))).values()))
    assert told == [["没有这一项，或它不属于当前主体。请核对编号。"]] * 4


def test_the_exported_workbook_itself_comes_back(story: Story) -> None:
    opened, _written, _kept = story.export()
    desk, paper = Desk(story.company), Paper(opened.data, "责任分派与任务", 2)
    open_task = str(story.tasks["not_started"])
    draft = desk.bring(paper.put(open_task, 部门="法务部").data)
    assert set(verdicts(desk.preview(draft)).values()) <= {Verdict.CHANGE, Verdict.SAME}
    assert desk.apply(draft).cells == 1
    assert desk.task(int(open_task)).department == "法务部"


def test_a_department_that_looks_like_a_formula_goes_out_and_comes_back_as_text(story: Story) -> None:
    desk, kept = Desk(story.company), str(story.tasks["not_started"])
    paper = desk.tasks()
    assert paper.cell(kept, "部门").value == "=cmd|'/C calc'!A0"
    assert paper.cell(kept, "部门").data_type == "s"
    desk.through(paper.put(kept, 截止日="2027-02-01", 改期理由="监管要求补充底稿").data)
    assert desk.task(int(kept)).department == "=cmd|'/C calc'!A0"
