"""Verbs of the reviewer: accept, pinning what was accepted, or send back; confirm again, or reopen what was closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, RuleBroken, Stale
from ..people.access import Viewer, need_role
from ..words import Outcome, Role
from . import workflow
from .models import Reconfirmation, Submission, Task
from .queries import open_submission
from .queries import task as guarded
from .queries import tasks as guarded_all
from .working import check_fresh, edition_now, editions_now

LONGEST_REASON = 2000


def accept(s: Session, viewer: Viewer, task_id: int, comment: str = "", version: int | None = None, seen: str = "") -> Submission:
    """Accept what was handed in; the task is closed. The event names the obligation's text and every evidence digest.

    `seen` is the digest of the obligation's text that the reviewer had before him; Stale when that is no longer in force.
    """
    return _decide(s, viewer, task_id, Outcome.ACCEPTED, comment.strip(), version, seen)


def send_back(s: Session, viewer: Viewer, task_id: int, reason: str, version: int | None = None) -> Submission:
    """Send a task back with a reason."""
    if len(reason.strip()) < 4:
        raise BadInput.at("reason", "退回需要写明理由（至少 4 个字），以便责任人补正。")
    return _decide(s, viewer, task_id, Outcome.RETURNED, reason.strip(), version)


def _check_text(row: Task, seen: str) -> None:
    # Loading an edition leaves tasks alone, so their version says nothing of the text they are of.
    if seen and seen != row.obligation.digest:
        raise Stale(
            f"义务“{row.obligation.title}”的文本在您打开页面之后变了，您的意见没有保存。请核对现在的文本后再提交。",
            {"现在的要求": row.obligation.statement, "锚点": row.obligation.anchor},
        )


def _decide(s: Session, viewer: Viewer, task_id: int, outcome: Outcome, reason: str, version: int | None, seen: str = "") -> Submission:
    row = guarded(s, viewer, task_id)
    need_role(viewer, row.entity_id, Role.REVIEWER)
    submission = open_submission(s, row)
    workflow.check_reviewer(viewer.person_id, row.reviewer_id, submission.submitted_by if submission else None)
    check_fresh(row, version)
    _check_text(row, seen)
    before, state = row.state, workflow.after("accept" if outcome == Outcome.ACCEPTED else "send_back", row.state)
    if submission is None:
        raise RuleBroken("没有待复核的提交，请刷新页面查看最新状态。")
    if len(reason) > LONGEST_REASON:
        raise BadInput.at("reason", f"复核意见最多 {LONGEST_REASON} 个字，您填写了 {len(reason)} 个。")
    row.state, row.accepted_digest = state, row.obligation.digest if outcome == Outcome.ACCEPTED else None
    row.closed_at = clock.now() if outcome == Outcome.ACCEPTED else None
    submission.outcome, submission.reason = outcome, reason
    submission.decided_by, submission.decided_at = viewer.person_id, clock.now()
    handed_in, submission.obligation_digest = submission.obligation_digest, row.obligation.digest
    submission.decided_edition = edition_now(s, row)
    trail.record(
        s, viewer.actor, f"task.{outcome}", row.audit_ref, entity_id=row.entity_id,
        before={"state": str(before), "obligation_digest": handed_in, "edition": submission.submitted_edition},
        after={"state": str(state), "submission": submission.n, "obligation_digest": submission.obligation_digest, "edition": submission.decided_edition,
               "evidence": [f"evidence:{piece['id']}" for piece in submission.pinned], "sha256": [piece["sha256"] for piece in submission.pinned]},
        personal={"reason": reason},
    )
    return submission


def reopen(s: Session, viewer: Viewer, task_id: int, reason: str) -> None:
    """Open a closed task again with a reason: the officer or the task's reviewer. The acceptance stays on record."""
    row = guarded(s, viewer, task_id)
    if viewer.person_id != row.reviewer_id or not viewer.holds(row.entity_id, Role.REVIEWER):
        need_role(viewer, row.entity_id, Role.OFFICER)
    if not 4 <= len(reason.strip()) <= LONGEST_REASON:
        raise BadInput.at("reason", "重新打开需要写明理由（至少 4 个字）。")
    if not row.assignment.active:
        raise RuleBroken("该任务的分派已经结束，不能重新打开。如仍需履行，请重新分派该义务。")
    before, row.state, row.closed_at, row.accepted_digest = row.state, workflow.after("reopen", row.state), None, None
    trail.record(s, viewer.actor, "task.reopened", row.audit_ref, entity_id=row.entity_id,
                 before={"state": str(before)}, after={"state": str(row.state)}, personal={"reason": reason.strip()})


def reconfirm(s: Session, viewer: Viewer, task_ids: Collection[int], comment: str = "", seen: Mapping[int, str] | None = None) -> int:
    """Say of accepted tasks that their acceptance still stands under the obligation's present text; returns how many.

    The task's reviewer, who did not hand the work in; refused as a whole, naming the task, when one is not 待重新确认.
    `seen` gives the digest of the text he had before him, by task; Stale when it is no longer in force.
    """
    if not task_ids:
        raise BadInput.at("ids", "请先选择至少一项任务。")
    if len(comment.strip()) > LONGEST_REASON:
        raise BadInput.at("reason", f"复核意见最多 {LONGEST_REASON} 个字，您填写了 {len(comment.strip())} 个。")
    rows, handed_in_by = guarded_all(s, viewer, task_ids), _submitters(s, task_ids)
    for row in rows:
        need_role(viewer, row.entity_id, Role.REVIEWER)
        workflow.check_reviewer(viewer.person_id, row.reviewer_id, handed_in_by.get(row.id))
        _check_text(row, (seen or {}).get(row.id, ""))
        if not row.outdated:
            which = f"“{row.obligation.title}”（截止 {row.due_on.isoformat()}）"
            raise BadInput.at("ids", f"{which}的复核结论与现行义务文本一致，或任务尚未完成，不需要重新确认。没有确认任何任务。")
    editions = editions_now(s, rows)
    for row in rows:
        _stands(s, viewer, row, comment.strip(), editions[row.id])
    return len(rows)


def _submitters(s: Session, task_ids: Collection[int]) -> dict[int, int | None]:
    accepted = select(Submission).where(Submission.task_id.in_(task_ids), Submission.outcome == Outcome.ACCEPTED)
    return {row.task_id: row.submitted_by for row in s.scalars(accepted.order_by(Submission.n))}


def _stands(s: Session, viewer: Viewer, row: Task, comment: str, edition: str | None) -> None:
    old, new = row.accepted_digest or "", row.obligation.digest
    row.accepted_digest = new
    s.add(Reconfirmation(
        entity_id=row.entity_id, task_id=row.id, old_digest=old, new_digest=new, decided_by=viewer.person_id, decided_at=clock.now(), reason=comment, edition=edition,
    ))
    trail.record(s, viewer.actor, "task.reconfirmed", row.audit_ref, entity_id=row.entity_id,
                 before={"obligation_digest": old}, after={"obligation_digest": new, "edition": edition}, personal={"reason": comment} if comment else None)
