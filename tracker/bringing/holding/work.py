"""What stands of assignments and tasks, for rows that come back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...assignments.models import Assignment, Submission, Task
from ...assignments.queries import standing_assignments
from ...people.access import Viewer, need_sight
from ...register.models import FormerName, Obligation
from ...scope.queries import decisions_for
from ...words import Cadence, ScopeState
from ..fields import Staff
from ..rules.held import Held
from .staff import batches, called


def names_now(s: Session, refs: Collection[str]) -> dict[str, str]:
    """Return what obligations with a former id are called now, by that id."""
    return {row[0]: row[1] for row in s.execute(select(FormerName.old_id, FormerName.obligation_id).where(FormerName.old_id.in_(refs)))}


def duty_values(row: Assignment | None, told: Mapping[int, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what an assignment holds, as stored and as it reads; without one everything is empty."""
    if row is None:
        return {"owner": None, "reviewer": None, "department": "", "cadence": None, "review_every": None, "first_due": None, "note": ""}, {}
    first = row.first_due.isoformat() if row.first_due else None
    values = {
        "owner": row.owner_id, "reviewer": row.reviewer_id, "department": row.department, "cadence": str(row.cadence),
        "review_every": str(row.review_every) if row.review_every else None, "first_due": first, "note": row.note,
    }
    return values, {
        "owner": told[row.owner_id], "reviewer": told[row.reviewer_id], "department": row.department.strip(), "cadence": row.cadence.label,
        "review_every": row.review_every.label if row.review_every else "", "first_due": first or "", "note": row.note.strip(),
    }


def held_duties(s: Session, viewer: Viewer, entity_id: int, refs: Collection[str], staff: Staff) -> dict[str, Held]:
    """Return what stands of these obligations in an entity; a former id leads to what it is called now."""
    need_sight(viewer, entity_id)
    found: dict[str, Held] = {}
    for some in batches(sorted(set(refs))):
        now = names_now(s, some)
        ids = sorted({*some, *now.values()})
        duties = {row.id: row for row in s.scalars(select(Obligation).where(Obligation.id.in_(ids)))}
        standing = {key: row for (_, key), row in standing_assignments(s, viewer, entity_id, ids).items()}
        decided = decisions_for(s, viewer, entity_id, ids)
        told = called(s, staff, {person for row in standing.values() for person in (row.owner_id, row.reviewer_id)})
        for ref in some:
            key = ref if ref in duties else now.get(ref, "")
            if key in duties:
                applies = key in decided and decided[key].state == ScopeState.APPLIES and not duties[key].withdrawn
                found[ref] = _held_duty(duties[key], standing.get(key), told, applies)
    return found


def _held_duty(duty: Obligation, row: Assignment | None, told: Mapping[int, str], applies: bool) -> Held:
    values, shown = duty_values(row, told)
    return Held(
        duty.id, duty.title, values, shown, row.version if row else 0, row is not None, (Cadence(duty.cadence), duty.review_every),
        refused="" if applies else "这项义务尚未确认为适用，不能分派。请先在“适用性”页面确认。",
    )


_TASK = (Task.id, Task.version, Task.owner_id, Task.reviewer_id, Task.department, Task.due_on, Task.state, Obligation.title)


def held_tasks(s: Session, viewer: Viewer, entity_id: int, refs: Collection[str], staff: Staff) -> dict[str, Held]:
    """Return what stands of these tasks of an entity."""
    need_sight(viewer, entity_id)
    numbers = sorted({int(ref) for ref in refs if ref.isascii() and ref.isdigit() and len(ref) < 10})
    found: dict[str, Held] = {}
    for some in batches(numbers):
        rows = s.execute(select(*_TASK).join(Task.obligation).where(Task.entity_id == entity_id, Task.id.in_(some))).all()
        open_now = select(Submission.task_id, Submission.submitted_by).where(Submission.task_id.in_(some), Submission.entity_id == entity_id)
        handed = {row[0]: row[1] for row in s.execute(open_now.where(Submission.outcome.is_(None), Submission.recalled_at.is_(None)))}
        told = called(s, staff, {person for row in rows for person in (row.owner_id, row.reviewer_id)})
        for row in rows:
            values = {"owner": row.owner_id, "reviewer": row.reviewer_id, "department": row.department, "due_on": row.due_on.isoformat()}
            shown = {"owner": told[row.owner_id], "reviewer": told[row.reviewer_id], "department": row.department.strip(), "due_on": values["due_on"]}
            found[str(row.id)] = Held(
                str(row.id), row.title, values, shown, row.version, state=row.state, submitted_by=handed.get(row.id),
            )
    return found
