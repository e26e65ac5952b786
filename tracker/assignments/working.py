"""Verbs of the owner: cite evidence, note, hand in, take back; and of the officer: put off, cancel, reopen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, Forbidden, RuleBroken, Stale
from ..evidence.models import Evidence
from ..evidence.queries import to_cite
from ..people.access import Viewer, need_role
from ..register.models import Document
from ..register.queries import editions_in_force
from ..words import Role, TaskState
from . import workflow
from .models import Submission, Task, TaskEvidence
from .planning import cancel_task, withdraw_open_submission
from .queries import task as guarded

LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class Work:
    """What the owner says of a task."""

    note: str = ""
    period_from: date | None = None
    period_to: date | None = None


def task_to_work(s: Session, viewer: Viewer, task_id: int, version: int | None = None) -> Task:
    """Load a task that the viewer may work on: its owner, or the entity's officer; Stale when the form is older."""
    row = guarded(s, viewer, task_id)
    if viewer.person_id != row.owner_id and not viewer.holds(row.entity_id, Role.OFFICER):
        raise Forbidden("只有该任务的责任人或合规管理人员可以办理。")
    if viewer.person_id == row.owner_id and not viewer.holds(row.entity_id, Role.OWNER, Role.OFFICER):
        raise Forbidden("您在该主体已没有“责任人”角色，不能办理此任务。")
    check_fresh(row, version)
    return row


def check_fresh(row: Task, version: int | None) -> None:
    """Raise Stale, with what now stands, when the form was made from an older version."""
    if version is not None and row.version != version:
        raise Stale(
            "任务在您打开之后已被他人更改，您的修改尚未保存。请核对下面的最新内容后重新提交。",
            {"状态": row.state.label, "截止日": row.due_on.isoformat(), "办理说明": row.note or "（空）"},
        )


def save_work(s: Session, viewer: Viewer, task_id: int, work: Work, version: int | None = None) -> Task:
    """Save note and period without handing in."""
    row = task_to_work(s, viewer, task_id, version)
    _put_work(s, viewer, row, work)
    return row


def _put_work(s: Session, viewer: Viewer, row: Task, work: Work) -> None:
    state = workflow.after("work", row.state)
    if len(work.note) > LONGEST_NOTE:
        raise BadInput.at("note", f"办理说明最多 {LONGEST_NOTE} 个字，您填写了 {len(work.note)} 个。")
    if work.period_from and work.period_to and work.period_from > work.period_to:
        raise BadInput.at("period_to", "所属期间的止日不能早于起日。")
    before, old_note = _work_of(row), row.note
    row.note, row.period_from, row.period_to = work.note.strip(), work.period_from, work.period_to
    if (before, old_note) == (_work_of(row), row.note):
        return
    row.state = state
    after = {"state": str(row.state), **_work_of(row)}
    personal = {"before.note": old_note, "after.note": row.note} if old_note != row.note else {}
    trail.record(s, viewer.actor, "task.worked_on", row.audit_ref, entity_id=row.entity_id, before=before, after=after, personal=personal)


def _work_of(row: Task) -> dict[str, Any]:
    return {
        "period_from": row.period_from.isoformat() if row.period_from else None,
        "period_to": row.period_to.isoformat() if row.period_to else None,
    }


def cite(s: Session, viewer: Viewer, task_id: int, evidence_ids: Collection[int]) -> int:
    """Cite evidence of the same entity in a task; what is cited already stays once. Returns how many were new."""
    row = task_to_work(s, viewer, task_id)
    state = workflow.after("work", row.state)
    has = {link.evidence_id for link in row.cited}
    new = to_cite(s, viewer, row.entity_id, set(evidence_ids) - has)
    for piece in new:
        row.cited.append(TaskEvidence(entity_id=row.entity_id, evidence_id=piece.id, added_by=viewer.person_id, added_at=clock.now()))
        trail.record(
            s, viewer.actor, "task.evidence_cited", row.audit_ref, entity_id=row.entity_id,
            after={"evidence": f"evidence:{piece.id}", "sha256": piece.sha256}, personal={"file_name": piece.name},
        )
    if new:
        row.state = state
    return len(new)


def uncite(s: Session, viewer: Viewer, task_id: int, evidence_id: int) -> None:
    """Take a citation back; the evidence itself stays in the library."""
    row = task_to_work(s, viewer, task_id)
    workflow.after("work", row.state)
    link = next((link for link in row.cited if link.evidence_id == evidence_id), None)
    if link is None:
        raise RuleBroken("该证据已不在此任务中，请刷新页面。")
    row.cited.remove(link)
    piece = s.get_one(Evidence, evidence_id)
    trail.record(
        s, viewer.actor, "task.evidence_uncited", row.audit_ref, entity_id=row.entity_id,
        before={"evidence": f"evidence:{piece.id}", "sha256": piece.sha256}, personal={"file_name": piece.name},
    )


def submit(s: Session, viewer: Viewer, task_id: int, work: Work, version: int | None = None) -> Submission:
    """Hand a task in for review, pinning the evidence and the obligation's text as they are now."""
    row = task_to_work(s, viewer, task_id, version)
    workflow.after("submit", row.state)
    if viewer.person_id is None:
        raise Forbidden("提交复核需要由具体人员在网页上完成。")
    if viewer.person_id == row.reviewer_id:
        raise Forbidden("您是该任务的复核人，不能同时提交。请由责任人提交，或先更换复核人。")
    _put_work(s, viewer, row, work)
    if not row.cited and not row.note:
        raise BadInput.at("note", "请至少上传或引用一份证据，或在办理说明中写明完成情况，再提交复核。")
    before, now = row.state, clock.now()
    row.state = TaskState.SUBMITTED
    count = s.scalar(select(func.count()).select_from(Submission).where(Submission.task_id == row.id)) or 0
    submission = Submission(
        entity_id=row.entity_id, task_id=row.id, n=count + 1, submitted_by=viewer.person_id, submitted_at=now, note=row.note,
        period_from=row.period_from, period_to=row.period_to, pinned=_pinned(row), obligation_digest=row.obligation.digest, reason="",
        submitted_edition=edition_now(s, row),
    )
    s.add(submission)
    trail.record(
        s, viewer.actor, "task.submitted", row.audit_ref, entity_id=row.entity_id, before={"state": str(before)},
        after={"state": str(row.state), "submission": submission.n, "obligation_digest": submission.obligation_digest, "edition": submission.submitted_edition,
               "evidence": [f"evidence:{piece['id']}" for piece in submission.pinned], "sha256": [piece["sha256"] for piece in submission.pinned]},
        personal={"note": row.note},
    )
    return submission


def edition_now(s: Session, row: Task) -> str | None:
    """Say which edition is in force of the register that a task's obligation is in."""
    return editions_now(s, [row])[row.id]


def editions_now(s: Session, rows: Collection[Task]) -> dict[int, str | None]:
    """Say which edition is in force of the register that each task's obligation is in: two statements whatever the number."""
    documents = select(Document.id, Document.register_key).where(Document.id.in_({row.obligation.document_id for row in rows}))
    registers, newest = {found.id: found.register_key for found in s.execute(documents)}, editions_in_force(s)
    found = {row.id: newest.get(registers[row.obligation.document_id]) for row in rows}
    return {task_id: edition.edition if edition else None for task_id, edition in found.items()}


def _pinned(row: Task) -> list[dict[str, Any]]:
    # A task that was reopened may cite what was destroyed since its acceptance.
    if gone := [link.evidence.name for link in row.cited if link.evidence.destroyed_at]:
        raise BadInput.at("evidence", f"“{gone[0]}”已到期销毁，不能再作为证据提交。请先从任务中移除，再提交复核。")
    return [
        {"id": link.evidence_id, "version": link.evidence.version_no, "name": link.evidence.name, "sha256": link.evidence.sha256}
        for link in row.cited
    ]


def recall(s: Session, viewer: Viewer, task_id: int) -> None:
    """Take back what was handed in and is not yet decided."""
    row = task_to_work(s, viewer, task_id)
    before, row.state = row.state, workflow.after("recall", row.state)
    withdraw_open_submission(s, row)
    trail.record(s, viewer.actor, "task.recalled", row.audit_ref, entity_id=row.entity_id, before={"state": str(before)}, after={"state": str(row.state)})


def _officers(s: Session, viewer: Viewer, task_id: int, reason: str) -> Task:
    row = guarded(s, viewer, task_id)
    need_role(viewer, row.entity_id, Role.OFFICER)
    if not 4 <= len(reason.strip()) <= 500:
        raise BadInput.at("reason", "请用 4 到 500 个字写明理由。")
    return row


def reschedule(s: Session, viewer: Viewer, task_id: int, due_on: date, reason: str) -> None:
    """Put a task off; the intended date stays, and so do the due dates after it."""
    row = _officers(s, viewer, task_id, reason)
    workflow.after("reschedule", row.state)
    if due_on < clock.today():
        raise BadInput.at("due_on", "新的截止日不能早于今天。")
    if due_on == row.due_on:
        return
    before, row.due_on = row.due_on, due_on
    trail.record(s, viewer.actor, "task.rescheduled", row.audit_ref, entity_id=row.entity_id,
                 before={"due_on": before.isoformat()}, after={"due_on": due_on.isoformat()}, personal={"reason": reason.strip()})


def cancel(s: Session, viewer: Viewer, task_id: int, reason: str) -> None:
    """Cancel one open task with a reason; the assignment goes on."""
    row = _officers(s, viewer, task_id, reason)
    workflow.after("cancel", row.state)
    withdraw_open_submission(s, row)
    cancel_task(s, viewer, row, reason.strip())
