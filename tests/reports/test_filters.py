"""The filter of the screen reaches every sheet and is said on the cover; who may export, and what an export leaves behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from tests.cast import World
from tests.reports.opening import Opened
from tests.reports.story import Story
from tracker.assignments.models import Task
from tracker.assignments.queries import TaskFilter
from tracker.audit.models import AuditDisclosure, AuditEvent
from tracker.db import EVERY_ENTITY
from tracker.errors import NotFound
from tracker.people.access import operator
from tracker.register.queries import ObligationFilter
from tracker.reports import queries
from tracker.reports.actions import export_store, keep, write
from tracker.reports.layout import TITLES
from tracker.reports.models import Export


def _ids(opened: Opened, title: str, heading: str) -> set[str]:
    return {str(row[heading]) for row in opened.rows(title)}


def _tasks(story: Story, holds: Callable[[Task], bool]) -> list[Task]:
    with story.company.database.reading(EVERY_ENTITY) as s:
        return [task for task in s.scalars(select(Task)) if holds(task)]


def _about(story: Story, tasks: list[Task], obligations: set[str], pieces: set[int]) -> int:
    with story.company.database.reading(EVERY_ENTITY) as s:
        ours = story.company.world.ours
        things = {f"task:{task.id}" for task in tasks} | {f"evidence:{piece}" for piece in pieces}
        things |= {f"scope:{ours}:{one}" for one in obligations} | {f"assignment:{task.assignment_id}" for task in tasks}
        return len([event for event in s.scalars(select(AuditEvent).where(AuditEvent.chain_id == f"ent_{ours}")) if event.object in things])


def test_a_filter_on_a_state_narrows_every_sheet(story: Story) -> None:
    opened, written, _kept = story.export(TaskFilter(state="done"))
    tasks = _tasks(story, lambda task: task.state == "done")
    assert [task.id for task in tasks] == [story.tasks["done"]]
    obligations = {task.obligation_id for task in tasks}
    assert _ids(opened, "责任分派与任务", "任务号") == {str(task.id) for task in tasks}
    assert _ids(opened, "合规义务清单", "编号") == _ids(opened, "适用性说明", "编号") == obligations
    assert [row["索引号"] for row in opened.rows("证据目录")] == ["E-0001"]
    assert len(opened.rows("操作留痕")) == _about(story, tasks, obligations, {1})
    assert written.filter_words == "任务状态：已完成"
    assert "任务状态：已完成" in opened.texts
    assert any("只列有符合条件任务的义务" in text for text in opened.texts)


def test_a_filter_on_obligations_keeps_those_without_a_task_too(story: Story) -> None:
    opened, written, _kept = story.export(TaskFilter(ObligationFilter(modality="must_not", withdrawn=True)))
    assert {row["性质"] for row in opened.rows("适用性说明")} == {"不得"}
    assert {row["性质"] for row in opened.rows("责任分派与任务")} <= {"不得"}
    assert len(opened.rows("适用性说明")) > len(opened.rows("责任分派与任务"))
    assert written.filter_words == "性质：不得"
    assert not any("只列有符合条件任务的义务" in text for text in opened.texts)


def test_filters_add_up_and_are_all_said(story: Story) -> None:
    people = story.company.world.people
    wanted = TaskFilter(ObligationFilter(q="客户", severity="high", withdrawn=True), None, "open", people["王责任"], people["赵复核"], "财富管理部", date(2026, 12, 1), date(2027, 1, 31))
    opened, written, _kept = story.export(wanted)
    assert written.filter_words == (
        "检索词：客户；重要程度：高；任务状态：未完成；责任人：王责任；复核人：赵复核；部门：财富管理部；截止日不早于：2026-12-01；截止日不晚于：2027-01-31"
    )
    assert written.filter_words in opened.texts
    with story.company.database.reading(story.company.world.officer.entities) as s:
        foreseen = queries.foreseen(s, story.company.world.officer, [story.company.world.ours], wanted)
    assert dict(foreseen.counts)["任务"] == len(opened.rows("责任分派与任务"))
    assert foreseen.filter_words == written.filter_words


def test_a_filter_that_holds_nothing_gives_sheets_that_say_so(story: Story) -> None:
    opened, written, _kept = story.export(TaskFilter(due_from=date(2031, 1, 1)))
    assert set(written.counts.values()) == {0}
    assert opened.texts.count("本次筛选下没有记录。") == len(TITLES)


def test_what_is_foreseen_is_what_is_written(story: Story) -> None:
    officer, ours = story.company.world.officer, story.company.world.ours
    with story.company.database.reading(officer.entities) as s:
        foreseen = queries.foreseen(s, officer, [ours], TaskFilter())
    opened, _written, _kept = story.export()
    assert not foreseen.narrowed
    assert (dict(foreseen.counts)["登记事项"], dict(foreseen.counts)["任务"], dict(foreseen.counts)["证据"]) == tuple(
        len(opened.rows(title)) for title in ("适用性说明", "责任分派与任务", "证据目录")
    )
    for label, number in foreseen.counts:
        assert f"{number:,}" in opened.texts and label in opened.texts


def test_an_export_is_an_event_and_is_kept_with_its_digest(story: Story) -> None:
    opened, written, kept = story.export(TaskFilter(state="submitted"))
    with story.company.database.reading(EVERY_ENTITY) as s:
        row = s.get(Export, kept)
        assert row is not None
        last = s.scalars(select(AuditEvent).where(AuditEvent.object == f"report:{kept}")).one()
        record = json.loads(last.record)
        name = s.scalars(select(AuditDisclosure.value).where(AuditDisclosure.seq == last.seq, AuditDisclosure.chain_id == last.chain_id, AuditDisclosure.field == "file_name")).one()
        assert (row.sha256, row.size, row.filter_words, row.counts) == (written.stored.sha256, len(opened.data), "任务状态：待复核", dict(written.counts))
        assert row.file_name == json.loads(name) == "海川_合规义务审计报告_20270105_103009.xlsx"
    assert (record["action"], record["chain"]) == ("report.built", f"ent_{story.company.world.ours}")
    assert record["after"] == {
        "sha256": written.stored.sha256, "size": len(opened.data), "as_of": "2027-01-05T02:30:09.000000Z", "edition": written.edition,
        "filter": "任务状态：待复核", "rows": sum(written.counts.values()),
    }
    with export_store(story.folder).open(written.stored.sha256) as file:
        assert file.read() == opened.data


@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计"])
def test_everybody_with_a_role_may_export(story: Story, name: str) -> None:
    opened, _written, kept = story.export(TaskFilter(state="done"), story.company.world.viewers[name])
    assert f"{name}（经网页）" in opened.texts
    with story.company.database.reading(EVERY_ENTITY) as s:
        assert s.scalars(select(Export.made_by).where(Export.id == kept)).one() == story.company.world.people[name]


@pytest.mark.parametrize("name", ["孙外人", "管理员"])
def test_strangers_and_administrators_without_a_role_find_nothing(story: Story, name: str) -> None:
    stranger, world = story.company.world.viewers[name], story.company.world
    _opened, written, kept = story.export()
    with story.company.database.reading(stranger.entities) as s:
        for attempt in (
            lambda: write(s, stranger, [world.ours], TaskFilter(), export_store(story.folder)), lambda: keep(s, stranger, written),
            lambda: queries.export(s, stranger, kept), lambda: queries.exports(s, stranger, world.ours), lambda: queries.export_count(s, stranger, world.ours),
            lambda: queries.foreseen(s, stranger, [world.ours], TaskFilter()),
        ):
            with pytest.raises(NotFound):
                attempt()
        assert list(queries.exports(s, stranger)) == []
        assert queries.export_count(s, stranger) == 0


def test_the_filter_cannot_reach_into_another_entity(story: Story, world_ours: World) -> None:
    opened, _written, _kept = story.export(TaskFilter(entity_id=world_ours.others))
    assert {row["任务号"] for row in opened.rows("责任分派与任务")} == set(story.tasks.values())


@pytest.fixture
def world_ours(story: Story) -> World:
    """Give the cast of the story."""
    return story.company.world


def test_the_operator_is_named_once(story: Story) -> None:
    opened, _written, _kept = story.export(TaskFilter(state="done"), operator("命令行（root）"))
    assert "命令行（root）" in opened.texts
