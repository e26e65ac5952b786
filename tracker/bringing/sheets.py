"""The sheets that go out to be filled in: 分派表 with a row per applicable obligation, 任务表 with a row per task of a filter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments.models import Task
from ..assignments.queries import TaskFilter, standing_assignments, task_stream
from ..errors import BadInput
from ..people.access import Viewer, need_role
from ..people.queries import entity
from ..register.queries import ObligationFilter, vocabulary
from ..register.shape import REVIEWABLE
from ..scope.queries import scope_rows
from ..words import Cadence, ListKind, Role, Standing
from ..workbook.filling import Entry, Form, write_form
from ..workbook.sheets import Kind, Value
from .fields import CLEAR, Staff
from .holding.staff import batches, called, staff_of
from .holding.work import duty_values
from .rules.columns import HIDDEN, label
from .rules.marks import base_text, key_text

MOST = 20_000
TITLES = {ListKind.ASSIGNMENTS: "分派表", ListKind.TASKS: "任务表"}
_DAY_HINT = "写作 2026-12-31；留空表示不更改。"
_HOW = (
    ("怎样填", "只填深色表头的各列，其余各列供对照。可以排序、筛选、增减列或调换列的次序；请不要只对部分列排序，也不要删改隐藏的列。"),
    ("留空", "留空表示不更改，不会清掉系统中已有的内容。"),
    ("清空", f"确要清掉的，填写 {CLEAR}。责任人、复核人和任务的截止日不能清空。"),
    ("人员", "从下拉列表选择，或填写姓名；同名的写作“姓名（部门）”。责任人和复核人不能是同一人。"),
    ("日期", "写作 2026-12-31 或 2026年12月31日。"),
    ("导入", "在系统中把文件拖到“导入 Excel”页面。写入之前先显示每一格的变化：导出之后系统中也有更改的，由您逐项决定；不能接受的，指出单元格和原因。"),
)
_HIDDEN = [Entry(heading, 12, hidden=True) for heading in HIDDEN.values()]
_PEOPLE = [
    Entry(label("owner"), 14, filled_in=True, choices="责任人"), Entry(label("reviewer"), 14, filled_in=True, choices="复核人"),
    Entry(label("department"), 18, filled_in=True, hint="最多 100 个字；留空表示不更改。"),
]
DUTIES = (
    *_HIDDEN, Entry("编号", 13), Entry("性质", 9), Entry("标题", 34), Entry("来源", 22), Entry("建议频率", 25), *_PEOPLE,
    Entry(label("cadence"), 11, filled_in=True, choices="频率"), Entry(label("review_every"), 11, filled_in=True, choices="确认频率"),
    Entry(label("first_due"), 13, Kind.DATE, filled_in=True, hint=_DAY_HINT), Entry(label("note"), 28, filled_in=True, hint="最多 500 个字；留空表示不更改。"),
)
TASKS = (
    *_HIDDEN, Entry("任务号", 9, Kind.NUMBER), Entry("义务编号", 13), Entry("性质", 9), Entry("标题", 34), Entry("触发事件", 16), Entry("状态", 9),
    Entry("原定截止", 12, Kind.DATE), *_PEOPLE, Entry(label("due_on", ListKind.TASKS), 13, Kind.DATE, filled_in=True, hint=_DAY_HINT),
    Entry(label("reason", ListKind.TASKS), 28, filled_in=True, hint="改了截止日才需要填写，4 到 500 个字，会写入操作留痕。"),
)


def write_duties(
    s: Session, viewer: Viewer, entity_id: int, wanted: ObligationFilter, person_id: int | None, words: str, out: BinaryIO, unassigned: bool = False
) -> int:
    """Write 分派表 of an entity for a filter of obligations, of one person's, or of those nobody holds; returns the number of rows. Officers only."""
    need_role(viewer, entity_id, Role.OFFICER)
    staff = staff_of(s, viewer, entity_id)
    rows = _duty_rows(s, viewer, entity_id, replace(wanted, withdrawn=False), person_id, staff, unassigned)
    return write_form(_form(s, viewer, entity_id, ListKind.ASSIGNMENTS, words, staff, DUTIES, rows, 6), out)


def _form(
    s: Session, viewer: Viewer, entity_id: int, what: ListKind, words: str, staff: Staff, entries: Sequence[Entry], rows: Iterator[tuple[Value, ...]], frozen: int
) -> Form:
    now, name = clock.now(), entity(s, viewer, entity_id).name
    told = f"{clock.local(now):%Y-%m-%d %H:%M} 由{viewer.name}导出。筛选：{words}。只填深色表头的各列，留空表示不更改；填好后在系统的“导入 Excel”页面上传。"
    lists = {
        "责任人": staff.holding(Role.OWNER), "复核人": staff.holding(Role.REVIEWER), "频率": [word.label for word in Cadence],
        "确认频率": [word.label for word in REVIEWABLE],
    }
    return Form(TITLES[what], f"{TITLES[what]}　{name}", told, entries, rows, lists, _HOW, now, viewer.name, frozen)


def _hidden(what: ListKind, entity_id: int, ref: str, version: int, values: Mapping[str, Any], shown: Mapping[str, str]) -> tuple[str, int, str]:
    key = key_text(what, entity_id, ref)
    return key, version, base_text(key, version, {code: (value, shown.get(code, "")) for code, value in values.items()})


def _rhythm(cadence: Cadence, review_every: Cadence | None) -> str:
    return f"{cadence.label}（{review_every.label}确认）" if review_every else cadence.label


def _duty_rows(
    s: Session, viewer: Viewer, entity_id: int, wanted: ObligationFilter, person_id: int | None, staff: Staff, unassigned: bool
) -> Iterator[tuple[Value, ...]]:
    documents = vocabulary(s).documents
    for some in batches(scope_rows(s, viewer, entity_id, wanted, Standing.APPLIES)):
        standing = {key: row for (_, key), row in standing_assignments(s, viewer, entity_id, [one.obligation.id for one in some]).items()}
        told = called(s, staff, {person for row in standing.values() for person in (row.owner_id, row.reviewer_id)})
        for duty in (one.obligation for one in some):
            row = standing.get(duty.id)
            if (unassigned and row) or (person_id is not None and (row is None or person_id not in (row.owner_id, row.reviewer_id))):
                continue
            values, shown = duty_values(row, told)
            document = documents[duty.document_id]
            yield (
                *_hidden(ListKind.ASSIGNMENTS, entity_id, duty.id, row.version if row else 0, values, shown), duty.id, duty.modality.label, duty.title,
                f"{document.number or document.title}第 {duty.clause_no} 条", _rhythm(duty.cadence, duty.review_every),
                *(shown.get(code, "") for code in ("owner", "reviewer", "department", "cadence", "review_every")), row.first_due if row else None,
                shown.get("note", ""),
            )


def write_tasks(s: Session, viewer: Viewer, entity_id: int, wanted: TaskFilter, words: str, out: BinaryIO) -> int:
    """Write 任务表 of an entity for a filter of tasks, at most 20,000; returns the number of rows. Officers only."""
    need_role(viewer, entity_id, Role.OFFICER)
    staff = staff_of(s, viewer, entity_id)
    rows = islice(_task_rows(s, viewer, entity_id, replace(wanted, entity_id=entity_id), staff), MOST + 1)
    count = write_form(_form(s, viewer, entity_id, ListKind.TASKS, words, staff, TASKS, rows, 7), out)
    if count > MOST:
        raise BadInput(f"符合条件的任务超过 {MOST:,} 项，一张任务表容纳不下。请缩小筛选范围，分几份导出。")
    return count


def _task_rows(s: Session, viewer: Viewer, entity_id: int, wanted: TaskFilter, staff: Staff) -> Iterator[tuple[Value, ...]]:
    for some in batches(task_stream(s, viewer, wanted)):
        ids = [row.id for row in some]
        versions = {row[0]: row[1] for row in s.execute(select(Task.id, Task.version).where(Task.entity_id == entity_id, Task.id.in_(ids)))}
        told = called(s, staff, {person for row in some for person in (row.owner_id, row.reviewer_id)})
        for row in some:
            values = {"owner": row.owner_id, "reviewer": row.reviewer_id, "department": row.department, "due_on": row.due_on.isoformat()}
            shown = {"owner": told[row.owner_id], "reviewer": told[row.reviewer_id], "department": row.department.strip(), "due_on": row.due_on.isoformat()}
            yield (
                *_hidden(ListKind.TASKS, entity_id, str(row.id), versions[row.id], values, shown), row.id, row.obligation_id, row.modality.label, row.title,
                row.occasion, row.state.label, row.intended_on, shown["owner"], shown["reviewer"], shown["department"], row.due_on, "",
            )
