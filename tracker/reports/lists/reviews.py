"""The rows of 复核记录: whatever was handed in and decided, and every confirmation that a decision still stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...assignments.models import Reconfirmation, Submission, Task
from ...register.models import Obligation
from ...workbook.sheets import Value
from ..rows import Source, batches, cut, lines, span


def review_rows(source: Source, numbers: dict[int, str]) -> Iterator[tuple[Value, ...]]:
    """Yield every submission and confirmation of the filter's tasks, task by task, as it went."""
    for some in batches(source.tasks):
        told = _obligations(source.s, some)
        acts: dict[int, list[Submission | Reconfirmation]] = {}
        handed = source.s.scalars(select(Submission).where(Submission.task_id.in_(some)).order_by(Submission.id)).all()
        confirmed = source.s.scalars(select(Reconfirmation).where(Reconfirmation.task_id.in_(some)).order_by(Reconfirmation.id)).all()
        both: list[Submission | Reconfirmation] = [*handed, *confirmed]
        for act in both:
            acts.setdefault(act.task_id, []).append(act)
        for task_id in some:
            for one in sorted(acts.get(task_id, []), key=_when):
                yield (task_id, *told[task_id], *(_submitted(source, one, numbers) if isinstance(one, Submission) else _confirmed(source, one)))


def _when(act: Submission | Reconfirmation) -> datetime:
    return act.submitted_at if isinstance(act, Submission) else act.decided_at


def _obligations(s: Session, task_ids: list[int]) -> dict[int, tuple[str, str, str]]:
    rows = s.execute(select(Task.id, Obligation.id, Obligation.title, Obligation.modality).join(Task.obligation).where(Task.id.in_(task_ids)))
    return {task_id: (obligation_id, title, modality.label) for task_id, obligation_id, title, modality in rows}


def _submitted(source: Source, act: Submission, numbers: dict[int, str]) -> tuple[Value, ...]:
    people = source.people
    outcome = act.outcome.label if act.outcome else "已撤回" if act.recalled_at else "待复核"
    return (
        "提交复核", act.n, people.get(act.submitted_by or 0, "命令行操作员"), act.submitted_at, span(act.period_from, act.period_to), cut(act.note),
        cut(lines(*(_piece(piece, numbers) for piece in act.pinned))), outcome, people.get(act.decided_by or 0, "") if act.outcome else "",
        act.decided_at or act.recalled_at, cut(act.reason), _editions(act.submitted_edition, act.decided_edition), act.obligation_digest,
    )


def _editions(handed_in: str | None, decided: str | None) -> str:
    return lines(f"提交：{handed_in}" if handed_in else "", f"复核：{decided}" if decided else "")


def _piece(piece: dict[str, Any], numbers: dict[int, str]) -> str:
    number = numbers.get(piece["id"], "")
    return lines(f"{number} {piece['name']}".strip(), piece["sha256"])


def _confirmed(source: Source, act: Reconfirmation) -> tuple[Value, ...]:
    by = source.people.get(act.decided_by or 0, "命令行操作员")
    return ("重新确认", None, "", None, "", "", "", "重新确认", by, act.decided_at, cut(act.reason), _editions(None, act.edition), lines(f"原：{act.old_digest}", f"现：{act.new_digest}"))
