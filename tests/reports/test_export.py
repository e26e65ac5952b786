"""Every cell of the audit workbook equals the database, whatever was typed into it."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.reports.opening import Opened
from tests.reports.story import HOSTILE, Story
from tracker import clock
from tracker.assignments.models import Assignment, Submission, Task, TaskEvidence
from tracker.audit.models import AuditEvent
from tracker.audit.trail import entity_chain
from tracker.db import EVERY_ENTITY, UnitOfWork
from tracker.evidence.models import Evidence
from tracker.people.models import Person
from tracker.register.models import Domain, Obligation, Subject
from tracker.reports.layout import BOARD, TITLES
from tracker.scope.models import ScopeDecision
from tracker.words import Word


@pytest.fixture
def exported(story: Story) -> Opened:
    """Export everything of 海川证券."""
    return story.export()[0]


@pytest.fixture
def s(story: Story) -> Any:
    """Give a session that sees every row."""
    with story.company.database.reading(EVERY_ENTITY) as session:
        yield session


def _names(s: UnitOfWork) -> dict[int | None, str]:
    return {None: "", **{row.id: row.name for row in s.scalars(select(Person))}}


def _minute(moment: datetime | None) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def _second(moment: datetime) -> datetime:
    return clock.local(moment).replace(tzinfo=None, microsecond=0)


def _period(start: date | None, end: date | None) -> str:
    return f"{start}\n至 {end}" if start and end else ""


def test_the_list_of_duties_equals_the_register_and_the_assignments(exported: Opened, s: UnitOfWork) -> None:
    names, out = _names(s), {d.obligation_id for d in s.scalars(select(ScopeDecision)) if d.state == "not_applicable"}
    domains = {d.code: d.label for d in s.scalars(select(Domain))}
    held = {a.obligation_id: a for a in s.scalars(select(Assignment))}
    wanted = [o for o in s.scalars(select(Obligation).where(~Obligation.withdrawn).order_by(Obligation.position)) if o.id not in out]
    rows = exported.rows("合规义务清单")
    assert [row["编号"] for row in rows] == [o.id for o in wanted]
    for row, o in zip(rows, wanted, strict=True):
        duty = held.get(o.id)
        assert (row["性质"], row["依据"], row["标题"], row["合规管理要求"]) == (o.modality.label, o.basis.label, o.title, o.statement)
        assert row["来源"].endswith(f"\n第 {o.clause_no} 条") and row["锚点原文"] == o.anchor
        assert (row["领域"], row["重要程度"]) == (domains[o.domain], o.severity.label)
        assert row["建议证据"] == "、".join(o.evidence)
        assert all(law["name"] in row["法律依据与核验"] for law in o.law)
        assert row["责任分派"] == (f"{names[duty.owner_id]}\n复核：{names[duty.reviewer_id]}\n{duty.department}" if duty else "未分派")


def test_the_tasks_equal_the_database(exported: Opened, story: Story, s: UnitOfWork) -> None:
    names, today = _names(s), clock.today()
    rows = {row["任务号"]: row for row in exported.rows("责任分派与任务")}
    tasks = s.scalars(select(Task)).all()
    assert set(rows) == {task.id for task in tasks} and len(tasks) == 8
    numbers = {row["SHA-256"]: row["索引号"] for row in exported.rows("证据目录")}
    for task in tasks:
        row = rows[task.id]
        last = s.scalars(select(Submission).where(Submission.task_id == task.id).order_by(Submission.n.desc())).first()
        cited = s.scalars(select(Evidence).join(TaskEvidence, TaskEvidence.evidence_id == Evidence.id).where(TaskEvidence.task_id == task.id).order_by(Evidence.id))
        assert (row["义务编号"], row["责任人"], row["复核人"], row["部门"]) == (task.obligation_id, names[task.owner_id], names[task.reviewer_id], task.department)
        assert (row["原定截止"], row["截止日"], row["所属期间"]) == (task.intended_on, task.due_on, _period(task.period_from, task.period_to))
        assert row["办理说明"] == task.note
        assert row["证据索引号"] == "\n".join(numbers[piece.sha256] for piece in cited)
        late = task.state in {"not_started", "in_progress", "returned"} and task.due_on < today
        assert row["逾期天数"] == ((today - task.due_on).days if late else "")
        assert row["提交"] == (f"{names[last.submitted_by]}\n{_minute(last.submitted_at)}" if last else "")
        assert row["复核结果"] == (last.outcome.label if last and last.outcome else "")
        assert row["复核"] == (f"{names[last.decided_by]}\n{_minute(last.decided_at)}" if last and last.outcome else "")
        assert row["复核意见"] == (last.reason if last else "")
    assert {name: rows[task]["状态"] for name, task in story.tasks.items()} == {
        "done": "已完成", "submitted": "待复核", "returned": "已退回", "in_progress": "已逾期", "cancelled": "已取消", "reopened": "已逾期",
        "not_started": "未开始", "occasion": "已逾期",
    }
    assert rows[story.tasks["occasion"]]["频率与事件"] == "事件触发\n@收到问询函 0012"


def test_the_evidence_equals_the_database_with_hostile_names_and_real_dates(exported: Opened, s: UnitOfWork) -> None:
    names, rows = _names(s), exported.rows("证据目录")
    cited = s.scalars(select(Evidence).where(Evidence.id.in_(select(TaskEvidence.evidence_id))).order_by(Evidence.id)).all()
    assert len(rows) == len(cited) == len(HOSTILE)
    for number, (row, piece) in enumerate(zip(rows, cited, strict=True), 1):
        assert (row["索引号"], row["文件名"], row["类型"], row["字节数"], row["SHA-256"]) == (f"E-{number:04d}", piece.name, piece.kind.label, piece.size, piece.sha256)
        assert (row["所属期间"], row["取得日"], row["有效期至"], row["上传时间"]) == (_period(piece.period_from, piece.period_to), piece.obtained_on, piece.valid_until or "", _second(piece.uploaded_at))
        assert (row["上传人"], row["说明"]) == (names[piece.uploaded_by], piece.note)
        proves = s.scalars(select(Task).join(TaskEvidence, TaskEvidence.task_id == Task.id).where(TaskEvidence.evidence_id == piece.id).order_by(Task.id)).all()
        assert row["对应任务"] == "、".join(str(task.id) for task in proves)
        assert row["证明的义务"].split("\n") == sorted({task.obligation_id for task in proves})
    assert [row["版本"] for row in rows][:2] == ["第 1 版（已有新版本）", "第 1 版"]


def test_the_scope_equals_the_decisions_and_names_every_bearer(exported: Opened, s: UnitOfWork) -> None:
    names, labels = _names(s), {one.code: one.label for one in s.scalars(select(Subject))}
    decisions = {d.obligation_id: d for d in s.scalars(select(ScopeDecision))}
    rows = exported.rows("适用性说明")
    obligations = s.scalars(select(Obligation).where(~Obligation.withdrawn).order_by(Obligation.position)).all()
    assert [row["编号"] for row in rows] == [o.id for o in obligations]
    for row, o in zip(rows, obligations, strict=True):
        decision = decisions[o.id]
        assert (row["认定"], row["理由"], row["认定人"]) == (decision.state.label, decision.reason, names[decision.decided_by])
        assert row["认定时间"] == _second(decision.decided_at)
        assert row["义务主体"] == "、".join(labels[bearer.subject] for bearer in o.subjects)
    assert [row["理由"] for row in rows if row["认定"] == "不适用"].count("=本主体未开展\n该业务") == 1


def test_the_trail_holds_every_event_of_the_chain_in_its_order(exported: Opened, story: Story, s: UnitOfWork) -> None:
    chain = entity_chain(story.company.world.ours)
    events = s.scalars(select(AuditEvent).where(AuditEvent.chain_id == chain).order_by(AuditEvent.seq)).all()[:-1]
    rows = exported.rows("操作留痕")
    assert [row["序号"] for row in rows] == [event.seq for event in events]
    assert [row["本条校验值"] for row in rows] == [event.entry for event in events]
    assert [row["时间"] for row in rows] == [_second(datetime.fromisoformat(event.at)) for event in events]
    assert exported.cover["操作留痕"] == f"{len(rows):,}"
    assert any(f"链头校验值 {events[-1].entry}" in text for text in exported.texts)
    told = {row["操作"]: row for row in rows}
    assert "理由：=1+1\n请补充" in told["退回任务"]["变更内容"]
    assert told["退回任务"]["人员"] == "赵复核" and told["退回任务"]["途径"] == "网页"
    assert "截止日：2026-12-31 → 2027-01-20" in told["任务改期"]["变更内容"]


def test_the_cover_promises_what_the_sheets_hold(story: Story) -> None:
    opened, written, _kept = story.export()
    assert tuple(opened.titles) == TITLES and opened.book.sheetnames[:2] == ["封面", BOARD]
    for title in TITLES:
        rows = len(opened.rows(title))
        assert written.counts[title] == rows
        assert opened.cover[title] == f"{rows:,}"
    texts = opened.texts
    assert {"编制：", "复核：", "批准：", "全部（未设筛选）", "林合规（经网页）", "2027-01-05 10:30:09（北京时间）", "海川证券（HC01）"} <= set(texts)
    assert any("法发〔2025〕9号" in text and "无文号" in text for text in texts)


def test_every_hostile_text_is_text_and_no_cell_is_a_formula_or_an_error(exported: Opened) -> None:
    cells = [cell for page in exported.book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    found = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))]
    assert len(found) > 10
    assert all(cell.data_type == "s" and cell.quotePrefix and cell.number_format in {"@", "General"} for cell in found)
    assert any(row["办理说明"] == "\n".join(HOSTILE) for row in exported.rows("责任分派与任务"))


def test_no_cell_shows_a_raw_code(exported: Opened, s: UnitOfWork) -> None:
    kinds, codes = [Word], set(s.scalars(select(Domain.code))) | set(s.scalars(select(Subject.code)))
    while kinds:
        found = kinds.pop().__subclasses__()
        kinds += found
        codes |= {str(word) for kind in found for word in kind}
    assert {"not_started", "must_not", "securities_firm", "web"} <= codes
    said = {token for text in exported.shown for token in re.split(r"[\s、：→；（）()，。]+", text)}
    assert said & codes == set()
    assert [token for token in said if re.fullmatch(r"(task|evidence|scope|control|assignment|person|entity|report):.*|u_\d+|ent_\d+", token)] == []


@pytest.mark.parametrize(("title", "frozen"), list(zip(TITLES, ("E3", "D3", "C3", "D3", "D3", "C3", "D3", "D3", "C3"), strict=True)))
def test_each_sheet_can_be_filtered_and_prints_on_a4_landscape(exported: Opened, title: str, frozen: str) -> None:
    page, count = exported.book[title], len(exported.rows(title))
    assert page["A1"].value.split("　　")[0] == f"{title}　海川证券"
    assert page.freeze_panes == frozen
    assert page.auto_filter.ref == f"A2:{page.cell(2, page.max_column).column_letter}{count + 2}"
    assert page.print_title_rows == "$1:$2"
    assert (page.page_setup.paperSize, page.page_setup.orientation, page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (9, "landscape", 1, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    shown = [page.column_dimensions[page.cell(2, column).column_letter] for column in range(1, page.max_column + 1)]
    widths = [column.width for column in shown if not column.hidden]
    assert sum(widths) <= 217
    assert all(page.cell(3, column).alignment.wrap_text for column in range(1, page.max_column + 1) if page.cell(3, column).number_format == "@")
