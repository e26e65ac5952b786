"""Verbs of planning: make the tasks that fall due, note an occasion, end an assignment, take scope back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, NotFound, RuleBroken
from ..people.access import Viewer, need_admin, need_role
from ..register.models import Obligation
from ..scope.actions import decide
from ..words import Role, ScopeState, TaskState
from . import recurrence
from .models import Assignment, Submission, Task
from .workflow import OPEN


def open_tasks(s: Session, assignment_id: int) -> list[Task]:
    """List the open tasks of an assignment."""
    return list(s.scalars(select(Task).where(Task.assignment_id == assignment_id, Task.state.in_(OPEN)).order_by(Task.n)))


def assigned_ids(s: Session, viewer: Viewer, entity_id: int) -> list[str]:
    """List the obligations that have a standing assignment in the entity."""
    need_role(viewer, entity_id, *Role)
    return list(s.scalars(select(Assignment.obligation_id).where(Assignment.entity_id == entity_id, Assignment.active)))


def cancel_task(s: Session, viewer: Viewer, task: Task, reason: str) -> None:
    """Cancel an open task, with its reason in the event."""
    before = task.state
    task.state, task.closed_at = TaskState.CANCELLED, clock.now()
    trail.record(s, viewer.actor, "task.cancelled", task.audit_ref, entity_id=task.entity_id,
                 before={"state": str(before)}, after={"state": str(task.state)}, personal={"reason": reason})


def plan(s: Session, viewer: Viewer, until: date, entity_id: int | None = None) -> int:
    """Make every task that falls due up to `until`, each exactly once; returns how many were made.

    A withdrawn obligation gets no new ones. Needs the officer's role in the entity, or the operator for all entities.
    """
    if entity_id is None and not viewer.is_operator:
        raise NotFound
    query = select(Assignment).join(Assignment.obligation).where(Assignment.active, Assignment.first_due.is_not(None), ~Obligation.withdrawn)
    query = query.order_by(Assignment.id)
    if entity_id is not None:
        need_role(viewer, entity_id, Role.OFFICER)
        query = query.where(Assignment.entity_id == entity_id)
    return sum(plan_one(s, viewer, row, until) for row in s.scalars(query).all())


def plan_one(s: Session, viewer: Viewer, row: Assignment, until: date) -> int:
    """Make the tasks of one assignment that fall due up to `until`; returns how many."""
    if row.first_due is None or not row.active:
        return 0
    taken = set(s.scalars(select(Task.intended_on).where(Task.assignment_id == row.id, Task.state != TaskState.CANCELLED)))
    made = 0
    for k, day in recurrence.due_dates(row.first_due, row.cadence, row.review_every, row.planned, until):
        row.planned = k + 1
        if day not in taken:
            _make_task(s, viewer, row, day, recurrence.period(row.first_due, row.cadence, row.review_every, k))
            made += 1
    return made


def _make_task(s: Session, viewer: Viewer, row: Assignment, day: date, span: tuple[date, date] | None, occasion: str = "") -> Task:
    task = Task(
        entity_id=row.entity_id, assignment_id=row.id, obligation_id=row.obligation_id, n=row.next_n, intended_on=day, due_on=day,
        owner_id=row.owner_id, reviewer_id=row.reviewer_id, department=row.department, state=TaskState.NOT_STARTED,
        occasion=occasion, period_from=span[0] if span else None, period_to=span[1] if span else None, created_at=clock.now(),
    )
    s.add(task)
    row.next_n += 1
    s.flush()
    trail.record(
        s, viewer.actor, "task.planned", task.audit_ref, entity_id=row.entity_id, covers=(row.audit_ref,),
        after={"obligation": row.obligation_id, "due_on": day.isoformat(), "owner": f"u_{row.owner_id}", "reviewer": f"u_{row.reviewer_id}"},
        personal={"occasion": occasion} if occasion else None,
    )
    return task


def note_occasion(s: Session, viewer: Viewer, assignment_id: int, occasion: str, due_on: date) -> Task:
    """Make the task of an assignment whose trigger has occurred; officer or the assignment's owner."""
    row = assignment(s, viewer, assignment_id)
    need_role(viewer, row.entity_id, Role.OFFICER, Role.OWNER)
    if viewer.person_id != row.owner_id:
        need_role(viewer, row.entity_id, Role.OFFICER)
    if not 2 <= len(occasion.strip()) <= 200:
        raise BadInput.at("occasion", "请用 2 到 200 个字写明发生了什么。")
    if not row.active:
        raise BadInput.at("occasion", "该分派已经结束，不能再登记事件。")
    if due_on < clock.today():
        raise BadInput.at("due_on", "截止日不能早于今天。")
    same = (Task.assignment_id == row.id, Task.occasion == occasion.strip(), Task.due_on == due_on, Task.state.in_(OPEN))
    if s.scalar(select(Task.id).where(*same).limit(1)) is not None:
        raise BadInput.at("occasion", "同样的事件已经登记过，任务尚未完成，没有重复生成。")
    return _make_task(s, viewer, row, due_on, None, occasion.strip())


def assignment(s: Session, viewer: Viewer, assignment_id: int) -> Assignment:
    """Load one assignment the viewer may see, or raise NotFound."""
    row = s.scalar(select(Assignment).where(Assignment.id == assignment_id))
    if row is None or not viewer.sees(row.entity_id):
        raise NotFound
    return row


def end_assignment(s: Session, viewer: Viewer, assignment_id: int, reason: str) -> int:
    """End an assignment and cancel its open tasks; returns how many. The history stays."""
    row = assignment(s, viewer, assignment_id)
    need_role(viewer, row.entity_id, Role.OFFICER)
    if len(reason.strip()) < 4:
        raise BadInput.at("reason", "请写明结束分派的理由（至少 4 个字）。")
    if not row.active:
        raise RuleBroken("该分派已经结束，请刷新页面查看最新状态。")
    return _end(s, viewer, row, reason.strip())


def _end(s: Session, viewer: Viewer, row: Assignment, reason: str) -> int:
    row.active, row.ended_at = False, clock.now()
    trail.record(s, viewer.actor, "assignment.ended", row.audit_ref, entity_id=row.entity_id,
                 before={"active": True}, after={"active": False}, personal={"reason": reason})
    tasks = open_tasks(s, row.id)
    for task in tasks:
        withdraw_open_submission(s, task)
        cancel_task(s, viewer, task, reason)
    return len(tasks)


def end_withdrawn(s: Session, viewer: Viewer, obligation_ids: Collection[str], reason: str) -> tuple[int, int]:
    """End the assignments of obligations that an edition withdrew, in every entity; returns (assignments, open tasks).

    For administrators, who see nobody's work: nothing but the numbers comes back. The session must see every entity.
    """
    need_admin(viewer)
    standing = select(Assignment).where(Assignment.active, Assignment.obligation_id.in_(obligation_ids))
    rows = s.scalars(standing.order_by(Assignment.entity_id, Assignment.id)).all()
    return len(rows), sum(_end(s, viewer, row, reason) for row in rows)


def withdraw_open_submission(s: Session, task: Task) -> None:
    """Mark what was handed in and not yet decided as taken back; the caller records the event."""
    undecided = select(Submission).where(Submission.task_id == task.id, Submission.outcome.is_(None), Submission.recalled_at.is_(None))
    for submission in s.scalars(undecided):
        submission.recalled_at = clock.now()


def decide_scope(s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str], state: ScopeState, reason: str) -> tuple[int, int]:
    """Decide scope; what becomes 不适用 loses its assignment and open tasks. Returns (decisions, assignments ended)."""
    changed = decide(s, viewer, entity_id, obligation_ids, state, reason)
    if state != ScopeState.NOT_APPLICABLE:
        return len(changed), 0
    standing = select(Assignment).where(Assignment.entity_id == entity_id, Assignment.active, Assignment.obligation_id.in_(changed))
    rows = s.scalars(standing).all()
    for row in rows:
        _end(s, viewer, row, f"已定为不适用：{reason.strip()}")
    return len(changed), len(rows)
