"""The filter of an export in words, as the cover, the list of exports and the trail say it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from ..assignments.queries import TaskFilter
from ..people.access import Viewer
from ..people.queries import names
from ..register.queries import ObligationFilter, Vocabulary, vocabulary
from ..words import Basis, Cadence, Modality, Severity, TaskState


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
    states = {str(state): state.label for state in TaskState} | {"open": "未完成", "overdue": "已逾期", "reconfirm": "待重新确认"}
    said = [
        *_obligation_words(vocabulary(s), wanted.obligation), ("任务状态", states.get(wanted.state, wanted.state)),
        ("责任人", people[wanted.owner_id].name if wanted.owner_id in people else ""),
        ("复核人", people[wanted.reviewer_id].name if wanted.reviewer_id in people else ""), ("部门", wanted.department),
        ("截止日不早于", wanted.due_from.isoformat() if wanted.due_from else ""), ("截止日不晚于", wanted.due_to.isoformat() if wanted.due_to else ""),
        ("义务编号", wanted.obligation_id),
    ]
    return "；".join(f"{label}：{value}" for label, value in said if value) or "全部（未设筛选）"
