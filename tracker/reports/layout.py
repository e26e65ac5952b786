"""The audit workbook as a whole: which sheets it has, their columns, its cover, and the filter in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from .. import clock
from ..assignments.queries import TaskFilter, task_count
from ..people.access import Viewer
from ..people.models import Entity
from ..people.queries import names
from ..register.queries import ObligationFilter, Vocabulary, edition_in_force, vocabulary
from ..words import Basis, Cadence, Modality, Severity, TaskState
from ..workbook.sheets import Book, Column, Cover, Kind, Sheet, Tone
from .rows import (
    Source,
    evidence_sheet_rows,
    index_numbers,
    obligation_rows,
    scope_sheet_rows,
    task_sheet_rows,
    trail_sheet_rows,
)

MODALITY = {"应当": Tone.ACCENT, "不得": Tone.BAD, "权利": Tone.GOOD, "风险敞口": Tone.WAIT}
STATE = {
    "未开始": Tone.DIM, "进行中": Tone.ACTIVE, "待复核": Tone.WAIT, "已退回": Tone.BAD, "已完成": Tone.GOOD, "已逾期": Tone.BAD, "已取消": Tone.DIM,
}
SCOPE = {"适用": Tone.GOOD, "不适用": Tone.DIM, "待确认 · 建议适用": Tone.WAIT, "待确认 · 建议不适用": Tone.WAIT}
SEVERITY = {"高": Tone.BAD, "中": Tone.WAIT, "低": Tone.DIM}
OUTCOME = {"接受": Tone.GOOD, "退回": Tone.BAD}

OBLIGATIONS = (
    Column("编号", 13), Column("性质", 10, Kind.MARK, MODALITY), Column("依据", 8, Kind.MARK), Column("标题", 18), Column("合规管理要求", 34),
    Column("文件", 12), Column("条款", 6, Kind.NUMBER), Column("义务主体", 16), Column("领域", 10), Column("重要程度", 8, Kind.MARK, SEVERITY),
    Column("可能后果", 11), Column("法律依据与核验", 26), Column("建议证据", 16), Column("适用性", 10, Kind.MARK, SCOPE), Column("责任人", 9),
    Column("复核人", 9), Column("部门", 11), Column("频率", 10), Column("未完任务", 8, Kind.NUMBER), Column("最近截止", 13, Kind.DATE), Column("锚点原文", 18),
)
TASKS = (
    Column("任务号", 8, Kind.NUMBER), Column("义务编号", 13), Column("义务", 18), Column("性质", 10, Kind.MARK, MODALITY), Column("领域", 10),
    Column("责任人", 9), Column("复核人", 9), Column("部门", 11), Column("频率", 10), Column("触发事件", 12), Column("原定截止", 13, Kind.DATE),
    Column("截止日", 13, Kind.DATE), Column("期间起", 13, Kind.DATE), Column("期间止", 13, Kind.DATE), Column("状态", 9, Kind.MARK, STATE),
    Column("逾期天数", 8, Kind.NUMBER), Column("办理说明", 24), Column("证据索引号", 12), Column("提交人", 9), Column("提交时间", 17, Kind.MOMENT),
    Column("复核结果", 9, Kind.MARK, OUTCOME), Column("复核人（实际）", 9), Column("复核时间", 17, Kind.MOMENT), Column("复核意见", 18),
)
EVIDENCE = (
    Column("索引号", 9), Column("文件名", 32), Column("版本", 14), Column("类型", 9), Column("所属期间起", 13, Kind.DATE), Column("所属期间止", 13, Kind.DATE),
    Column("取得日", 13, Kind.DATE), Column("上传时间", 17, Kind.MOMENT), Column("上传人", 9), Column("字节数", 10, Kind.NUMBER),
    Column("SHA-256", 36, Kind.DIGEST), Column("证明的义务", 14), Column("对应任务", 10), Column("说明", 18),
)
SCOPES = (
    Column("编号", 13), Column("性质", 10, Kind.MARK, MODALITY), Column("标题", 24), Column("文件", 16), Column("条款", 7, Kind.NUMBER),
    Column("义务主体", 26), Column("系统建议", 11, Kind.MARK), Column("认定", 12, Kind.MARK, SCOPE), Column("理由", 44), Column("认定人", 10),
    Column("认定时间", 21, Kind.MOMENT), Column("备注", 14),
)
TRAIL = (
    Column("序号", 9, Kind.NUMBER), Column("时间", 21, Kind.MOMENT), Column("人员", 11), Column("途径", 9), Column("操作", 16), Column("对象", 36),
    Column("变更内容", 52), Column("本条校验值", 36, Kind.DIGEST),
)


def audit_book(source: Source, entity: Entity, made_at: datetime) -> Book:
    """Describe the whole workbook of an entity; rows are read while it is written, all from one snapshot."""
    numbers = index_numbers(source)
    sheets = (
        Sheet("合规义务清单", OBLIGATIONS, obligation_rows(source), about="筛选范围内未被认定为不适用的义务、风险敞口与权利", frozen=4),
        Sheet("责任分派与任务", TASKS, task_sheet_rows(source, numbers), about="每个到期日一项任务：责任、期间、提交与复核", frozen=3),
        Sheet("证据目录", EVIDENCE, evidence_sheet_rows(source, numbers), about="上述任务引用的证据：索引号、期间、取得与上传、SHA-256", frozen=2),
        Sheet("适用性说明", SCOPES, scope_sheet_rows(source), about="逐项认定及理由，含不适用", frozen=3),
        Sheet("操作留痕", TRAIL, trail_sheet_rows(source), about="谁在何时、经何途径、改了什么；首尾相连的校验值", frozen=2),
    )
    return Book(_cover(source, entity, made_at, len(numbers)), sheets, made_at, source.viewer.name)


def _cover(source: Source, entity: Entity, made_at: datetime, pieces: int) -> Cover:
    words, edition = source.words, edition_in_force(source.s)
    scope = source.scope()
    texts = "\n".join(f"{d.title}（{d.number or '无文号'}，{d.issued.isoformat()}）" for d in words.documents.values())
    moment = clock.local(made_at).strftime("%Y-%m-%d %H:%M:%S") + "（北京时间）"
    facts = (
        ("主体", f"{entity.name}" + (f"（{entity.code}）" if entity.code else "")),
        ("主体类型", "、".join(words.subjects.get(kind.kind, kind.kind) for kind in entity.kinds)),
        ("依据文件", texts), ("义务清单版本", edition.edition if edition else "（未载入）"), ("截止时点", moment),
        ("筛选条件", filter_words(source.s, source.viewer, source.wanted)), ("导出人", f"{source.viewer.name}（{source.viewer.actor.via.label}）"),
    )
    by_standing = {standing: sum(row.standing == standing for row in scope) for standing in {row.standing for row in scope}}
    counts = (
        ("筛选范围内的义务", len(scope)), *((standing.label, number) for standing, number in sorted(by_standing.items())),
        ("任务", task_count(source.s, source.viewer, source.wanted)), *_task_counts(source), ("证据", pieces),
    )
    return Cover("合规义务审计报告", entity.name, facts, tuple(counts), REMARKS)


REMARKS = (
    "“风险敞口”指需要管理的责任或执法实践，条文并未向本主体设定义务；“权利”指可以运用的制度工具。",
    "“推定”指条文未直接以“应当”“不得”等词指向该主体，由本项目推断；频率与建议证据为专业建议，条文未作规定。",
    "法律依据标注“未核验”的，引用前请自行核对原文。",
)


def _task_counts(source: Source) -> Iterator[tuple[str, int]]:
    w = source.wanted
    for label, state in (("其中：已完成", "done"), ("其中：待复核", "submitted"), ("其中：已逾期", "overdue")):
        if not w.state or w.state == state:
            narrowed = TaskFilter(w.obligation, w.entity_id, state, w.owner_id, w.reviewer_id, w.department, w.due_from, w.due_to, w.obligation_id)
            yield label, task_count(source.s, source.viewer, narrowed)


def _obligation_words(words: Vocabulary, wanted: ObligationFilter) -> Iterator[tuple[str, str]]:
    yield "检索词", wanted.q
    if wanted.document:
        yield "文件", words.documents[wanted.document].title if wanted.document in words.documents else wanted.document
    yield "条款", f"第 {wanted.clause} 条" if wanted.clause else ""
    yield "领域", words.domains.get(wanted.domain, wanted.domain)
    yield "义务主体", words.subjects.get(wanted.subject, wanted.subject)
    for label, family, value in (
        ("性质", Modality, wanted.modality), ("依据", Basis, wanted.basis), ("重要程度", Severity, wanted.severity), ("频率", Cadence, wanted.cadence),
    ):
        yield label, {str(word): word.label for word in family}.get(value, value)


def filter_words(s: Session, viewer: Viewer, wanted: TaskFilter) -> str:
    """Say a filter as people read it: 领域：投资者适当性；状态：待复核; nothing asked is 全部."""
    people = names(s, [wanted.owner_id, wanted.reviewer_id])
    states = {str(state): state.label for state in TaskState} | {"open": "未完成", "overdue": "已逾期"}
    said = [
        *_obligation_words(vocabulary(s), wanted.obligation), ("任务状态", states.get(wanted.state, wanted.state)),
        ("责任人", people[wanted.owner_id].name if wanted.owner_id in people else ""),
        ("复核人", people[wanted.reviewer_id].name if wanted.reviewer_id in people else ""), ("部门", wanted.department),
        ("截止日不早于", wanted.due_from.isoformat() if wanted.due_from else ""), ("截止日不晚于", wanted.due_to.isoformat() if wanted.due_to else ""),
        ("义务编号", wanted.obligation_id),
    ]
    return "；".join(f"{label}：{value}" for label, value in said if value) or "全部（未设筛选）"
