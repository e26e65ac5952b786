"""Verbs of assigning: many obligations at once, to new people, and all open work of a leaver to another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput
from ..people.access import Viewer, need_role
from ..people.queries import Colleague, colleagues
from ..register.models import Obligation
from ..scope.queries import decisions_for
from ..words import Cadence, Role, ScopeState, TaskState
from . import workflow
from .models import Assignment, Task
from .planning import cancel_task, open_tasks, plan_one
from .queries import open_submission
from .queries import tasks as guarded
from .workflow import LONGEST_NOTE, OPEN


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an assignment; no cadence means each obligation's own suggestion, no note leaves one that is there."""

    owner_id: int
    reviewer_id: int
    first_due: date | None
    department: str = ""
    cadence: Cadence | None = None
    review_every: Cadence | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """What an assigning did: assignments made, changed, and tasks that came of it."""

    made: int
    changed: int
    tasks: int


def assign(s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str], terms: Terms, horizon_days: int) -> Assigned:
    """Assign applicable obligations in one go; those assigned already get the new terms, their open tasks the new people.

    BadInput names the field; an obligation that is not confirmed as applicable refuses the whole.
    """
    need_role(viewer, entity_id, Role.OFFICER)
    obligations = _applicable(s, viewer, entity_id, obligation_ids)
    _check_people(s, viewer, entity_id, terms)
    _check_dates(obligations, terms)
    _check_note(terms.note)
    standing = select(Assignment).where(Assignment.entity_id == entity_id, Assignment.active, Assignment.obligation_id.in_(obligation_ids))
    existing = {row.obligation_id: row for row in s.scalars(standing)}
    made = changed = 0
    touched = []
    for obligation in obligations:
        row = existing.get(obligation.id)
        if row is None:
            made, row = made + 1, _make(s, viewer, entity_id, obligation, terms)
        else:
            changed += _change(s, viewer, row, obligation, terms)
        touched.append(row)
    s.flush()
    until = clock.today() + timedelta(days=horizon_days)
    tasks = sum(plan_one(s, viewer, row, until) for row in touched)
    return Assigned(made, changed, tasks)


def _applicable(s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str]) -> list[Obligation]:
    if not obligation_ids:
        raise BadInput.at("ids", "请先选择至少一项义务。")
    # Held while this goes on: an edition that withdraws one of them waits, or has withdrawn it already.
    standing = select(Obligation).where(Obligation.id.in_(obligation_ids), ~Obligation.withdrawn)
    found = s.scalars(standing.order_by(Obligation.position).with_for_update(read=True)).all()
    decided = decisions_for(s, viewer, entity_id, obligation_ids)
    not_so = [i for i in sorted(set(obligation_ids)) if i not in decided or decided[i].state != ScopeState.APPLIES or i not in {o.id for o in found}]
    if not_so:
        listed = "、".join(not_so[:5]) + ("等" if len(not_so) > 5 else "")
        raise BadInput.at("ids", f"所选义务中有 {len(not_so)} 项尚未确认为适用（{listed}）。请先在“适用性”页面确认，再分派。")
    return list(found)


def _check_people(s: Session, viewer: Viewer, entity_id: int, terms: Terms) -> None:
    people = {person.id: person for person in colleagues(s, viewer, entity_id)}
    for field, person_id, role in (("owner_id", terms.owner_id, Role.OWNER), ("reviewer_id", terms.reviewer_id, Role.REVIEWER)):
        person = people.get(person_id)
        if person is None:
            raise BadInput.at(field, f"所选{role.label}不在本主体的在职人员中，请改选他人。")
        if role not in person.roles:
            raise BadInput.at(field, f"{person.name}在本主体没有“{role.label}”角色，请改选他人，或请系统管理员授予角色。")
    if terms.owner_id == terms.reviewer_id:
        raise BadInput.at("reviewer_id", "责任人和复核人不能是同一人。")


def _cadence(obligation: Obligation, terms: Terms) -> tuple[Cadence, Cadence | None]:
    cadence = terms.cadence or obligation.cadence
    if cadence != Cadence.CONTINUOUS:
        return cadence, None
    return cadence, terms.review_every or obligation.review_every or Cadence.QUARTERLY


def _check_dates(obligations: Collection[Obligation], terms: Terms) -> None:
    if terms.first_due is None:
        dated = [o.id for o in obligations if _cadence(o, terms)[0] != Cadence.EVENT]
        if dated:
            raise BadInput.at("first_due", f"请填写首个截止日：所选义务中有 {len(dated)} 项不是事件触发，需要截止日。")
        return
    if not clock.today() <= terms.first_due <= clock.today() + timedelta(days=3660):
        raise BadInput.at("first_due", f"首个截止日应在今天（{clock.today().isoformat()}）之后、十年之内。")


def _check_note(note: str | None) -> None:
    if note and len(note.strip()) > LONGEST_NOTE:
        raise BadInput.at("note", f"备注最多 {LONGEST_NOTE} 个字，您填写了 {len(note.strip())} 个。")


def _put_note(row: Assignment, note: str | None) -> dict[str, str]:
    """Set a note, if one is given; return what its event says of it: a note may tell of a person."""
    before, row.note = row.note, row.note if note is None else note.strip()
    return {"before.note": before, "after.note": row.note} if before != row.note else {}


def _terms_of(row: Assignment) -> dict[str, Any]:
    return {
        "owner": f"u_{row.owner_id}", "reviewer": f"u_{row.reviewer_id}", "department": row.department, "cadence": str(row.cadence),
        "review_every": str(row.review_every) if row.review_every else None,
        "first_due": row.first_due.isoformat() if row.first_due else None,
    }


def _tell(s: Session, viewer: Viewer, row: Assignment, before: dict[str, Any], after: dict[str, Any], noted: dict[str, str] | None = None) -> None:
    trail.record(s, viewer.actor, "assignment.changed", row.audit_ref, entity_id=row.entity_id, before=before, after=after, personal=noted or {})


def _make(s: Session, viewer: Viewer, entity_id: int, obligation: Obligation, terms: Terms) -> Assignment:
    cadence, review_every = _cadence(obligation, terms)
    row = Assignment(
        entity_id=entity_id, obligation_id=obligation.id, owner_id=terms.owner_id, reviewer_id=terms.reviewer_id,
        department=terms.department.strip(), cadence=cadence, review_every=review_every,
        first_due=None if cadence == Cadence.EVENT else terms.first_due, note=(terms.note or "").strip(), next_n=0, planned=0, active=True, created_at=clock.now(),
    )
    s.add(row)
    s.flush()
    told = {"obligation": obligation.id, **_terms_of(row)}
    trail.record(s, viewer.actor, "assignment.made", row.audit_ref, entity_id=entity_id, after=told, personal={"after.note": row.note} if row.note else {})
    return row


def _change(s: Session, viewer: Viewer, row: Assignment, obligation: Obligation, terms: Terms) -> bool:
    before = _terms_of(row)
    cadence, review_every = _cadence(obligation, terms)
    row.owner_id, row.reviewer_id, row.department = terms.owner_id, terms.reviewer_id, terms.department.strip()
    first_due = None if cadence == Cadence.EVENT else terms.first_due
    if (row.cadence, row.review_every, row.first_due) != (cadence, review_every, first_due):
        # A new rhythm starts a new series; the numbers of tasks already made are never used again.
        row.cadence, row.review_every, row.first_due = cadence, review_every, first_due
        row.planned = 0
        _drop_untouched(s, viewer, row)
    after, noted = _terms_of(row), _put_note(row, terms.note)
    changed = {key for key in after if after[key] != before[key]}
    if not changed and not noted:
        return False
    _tell(s, viewer, row, {key: before[key] for key in changed}, {key: after[key] for key in changed}, noted)
    for task in open_tasks(s, row.id):
        move_task(s, viewer, task, terms.owner_id, terms.reviewer_id, row.department)
    return True


def reassign(
    s: Session, viewer: Viewer, entity_id: int, assignment_ids: Collection[int], owner_id: int, reviewer_id: int, department: str, note: str | None = None
) -> Assigned:
    """Give standing assignments and their open tasks to other people; cadence and due dates stay, and the note where none is given."""
    need_role(viewer, entity_id, Role.OFFICER)
    _check_note(note)
    _check_people(s, viewer, entity_id, Terms(owner_id, reviewer_id, None))
    standing = select(Assignment).where(Assignment.entity_id == entity_id, Assignment.active, Assignment.id.in_(assignment_ids))
    rows = s.scalars(standing.order_by(Assignment.id)).all()
    if not assignment_ids or len(rows) != len(set(assignment_ids)):
        raise BadInput.at("ids", "所选分派中有的已经结束，或不在本主体中，未作任何更改。请刷新页面后重新选择。")
    changed = moved = 0
    for row in rows:
        before = _terms_of(row)
        row.owner_id, row.reviewer_id, row.department = owner_id, reviewer_id, department.strip()
        after, noted = {key: value for key, value in _terms_of(row).items() if before[key] != value}, _put_note(row, note)
        if after or noted:
            _tell(s, viewer, row, {key: before[key] for key in after}, after, noted)
        tasks = open_tasks(s, row.id)
        moved += sum(move_task(s, viewer, task, owner_id, reviewer_id, row.department) for task in tasks)
        changed += bool(after or noted)
    return Assigned(0, changed, moved)


def move_task(s: Session, viewer: Viewer, task: Task, owner_id: int, reviewer_id: int, department: str) -> bool:
    """Give an open task to other people, with its event; tells whether that changed anything."""
    before = {"owner": f"u_{task.owner_id}", "reviewer": f"u_{task.reviewer_id}", "department": task.department}
    after = {"owner": f"u_{owner_id}", "reviewer": f"u_{reviewer_id}", "department": department}
    changed = [key for key in after if after[key] != before[key]]
    if changed:
        _check_submitter(s, task, reviewer_id)
        task.owner_id, task.reviewer_id, task.department = owner_id, reviewer_id, department
        trail.record(
            s, viewer.actor, "task.handed_over", task.audit_ref, entity_id=task.entity_id,
            before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
        )
    return bool(changed)


def reassign_tasks(
    s: Session, viewer: Viewer, task_ids: Collection[int], owner_id: int | None, reviewer_id: int | None, department: str | None = None
) -> int:
    """Give open tasks to other people; None keeps what is there, an empty department takes it away. Returns how many tasks changed.

    Refused as a whole, naming the task, when one is closed or its new people do not fit.
    """
    staff: dict[int, dict[int, Colleague]] = {}
    changed = 0
    for task in guarded(s, viewer, task_ids):
        need_role(viewer, task.entity_id, Role.OFFICER)
        if task.entity_id not in staff:
            staff[task.entity_id] = {person.id: person for person in colleagues(s, viewer, task.entity_id)}
        owner, reviewer = owner_id or task.owner_id, reviewer_id or task.reviewer_id
        _check_move(s, task, owner, reviewer, staff[task.entity_id])
        changed += move_task(s, viewer, task, owner, reviewer, task.department if department is None else department.strip())
    return changed


def _check_move(s: Session, task: Task, owner_id: int, reviewer_id: int, staff: dict[int, Colleague]) -> None:
    which = f"“{task.obligation.title}”（截止 {task.due_on.isoformat()}）"
    if not workflow.allowed("hand_over", task.state):
        raise BadInput.at("ids", f"{which}当前为“{task.state.label}”，不能改派。没有改派任何任务。")
    for field, person_id, old, role in (("owner_id", owner_id, task.owner_id, Role.OWNER), ("reviewer_id", reviewer_id, task.reviewer_id, Role.REVIEWER)):
        person = staff.get(person_id)
        if person_id != old and (person is None or role not in person.roles):
            name = person.name if person else "所选人员"
            raise BadInput.at(field, f"{which}属于{task.entity.short_name}，{name}在该主体没有“{role.label}”角色。请改选他人，或请系统管理员授予角色。")
    if owner_id == reviewer_id:
        raise BadInput.at("reviewer_id", f"{which}改派后责任人和复核人会是同一人。请改选他人。")


def _check_submitter(s: Session, task: Task, reviewer_id: int) -> None:
    submission = open_submission(s, task) if task.state == TaskState.SUBMITTED and reviewer_id != task.reviewer_id else None
    if submission is not None and submission.submitted_by == reviewer_id:
        which = f"“{task.obligation.title}”（截止 {task.due_on.isoformat()}）"
        raise BadInput.at("reviewer_id", f"{which}正是所选复核人提交的，提交人不能复核自己的提交。请改选他人，或先撤回提交。")


def _drop_untouched(s: Session, viewer: Viewer, row: Assignment) -> None:
    for task in open_tasks(s, row.id):
        if task.state == TaskState.NOT_STARTED and not task.occasion:
            cancel_task(s, viewer, task, "分派的频率或首个截止日已更改")


def hand_over(s: Session, viewer: Viewer, entity_id: int, leaver_id: int, heir_id: int) -> Assigned:
    """Hand all standing assignments and open tasks of one person over to another, as owner and as reviewer alike.

    Refused as a whole when the heir lacks a role he would need, or would come to review his own work.
    """
    need_role(viewer, entity_id, Role.OFFICER)
    if leaver_id == heir_id:
        raise BadInput.at("heir_id", "移交人和接手人不能是同一人。")
    heir = next((p for p in colleagues(s, viewer, entity_id) if p.id == heir_id), None)
    if heir is None:
        raise BadInput.at("heir_id", "接手人不在本主体的在职人员中，请改选他人。")
    mine = or_(Assignment.owner_id == leaver_id, Assignment.reviewer_id == leaver_id)
    standing = s.scalars(select(Assignment).where(Assignment.entity_id == entity_id, Assignment.active, mine).order_by(Assignment.id)).all()
    his = or_(Task.owner_id == leaver_id, Task.reviewer_id == leaver_id)
    tasks = s.scalars(select(Task).where(Task.entity_id == entity_id, Task.state.in_(OPEN), his).order_by(Task.id)).all()
    _check_heir(heir, leaver_id, [*standing, *tasks])
    for row in standing:
        before = _terms_of(row)
        row.owner_id, row.reviewer_id = _passed(row, leaver_id, heir_id)
        after = {key: value for key, value in _terms_of(row).items() if before[key] != value}
        _tell(s, viewer, row, {key: before[key] for key in after}, after)
    for task in tasks:
        move_task(s, viewer, task, *_passed(task, leaver_id, heir_id), task.department)
    return Assigned(0, len(standing), len(tasks))


def _passed(row: Assignment | Task, leaver_id: int, heir_id: int) -> tuple[int, int]:
    return (heir_id if row.owner_id == leaver_id else row.owner_id, heir_id if row.reviewer_id == leaver_id else row.reviewer_id)


def _check_heir(heir: Colleague, leaver_id: int, rows: Collection[Assignment | Task]) -> None:
    if not rows:
        raise BadInput.at("leaver_id", "此人在本主体没有需要移交的分派和任务。")
    for role, held in ((Role.OWNER, [r.owner_id for r in rows]), (Role.REVIEWER, [r.reviewer_id for r in rows])):
        if leaver_id in held and role not in heir.roles:
            raise BadInput.at("heir_id", f"{heir.name}在本主体没有“{role.label}”角色，不能接手。请先由系统管理员授予角色，或改选他人。")
    clash = [r for r in rows if heir.id in (r.owner_id, r.reviewer_id) and leaver_id in (r.owner_id, r.reviewer_id)]
    if clash:
        raise BadInput.at("heir_id", f"有 {len(clash)} 项分派或任务，移交后{heir.name}将既是责任人又是复核人。请先改派这些事项，或改选他人。")
