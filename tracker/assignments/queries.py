"""Reads of assignments and tasks: the guarded loader, and filtered lists in a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from .. import clock
from ..errors import NotFound
from ..people.access import Viewer, need_sight
from ..people.models import Entity, Person
from ..register.models import Obligation, ObligationText
from ..register.queries import ObligationFilter, filtered
from ..scope.models import ScopeDecision
from ..words import ScopeState, TaskState
from .models import Assignment, Reconfirmation, Submission, Task, TaskEvidence
from .workflow import OPEN, WORKABLE

Owner, Reviewer = aliased(Person, name="owner"), aliased(Person, name="reviewer")


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks; an empty text or None asks for nothing.

    `state` also takes `open`, `overdue`, `at_hand` (open, not handed in or back) and `reconfirm` (accepted on an earlier text).
    """

    obligation: ObligationFilter = field(default_factory=lambda: ObligationFilter(withdrawn=True))
    entity_id: int | None = None
    state: str = ""
    owner_id: int | None = None
    reviewer_id: int | None = None
    department: str = ""
    due_from: date | None = None
    due_to: date | None = None
    obligation_id: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a task list, everything it shows."""

    id: int
    entity_id: int
    entity: str
    obligation_id: str
    title: str
    modality: Any
    basis: Any
    domain: str
    severity: Any
    occasion: str
    owner_id: int
    owner: str
    owner_active: bool
    reviewer_id: int
    reviewer: str
    reviewer_active: bool
    department: str
    intended_on: date
    due_on: date
    state: TaskState
    period_from: date | None
    period_to: date | None
    note: str
    closed_at: Any
    evidence: int
    outdated: bool


_WHOLE = (
    joinedload(Task.obligation), joinedload(Task.entity), joinedload(Task.assignment), joinedload(Task.owner), joinedload(Task.reviewer),
    selectinload(Task.cited).joinedload(TaskEvidence.evidence),
)


def task(s: Session, viewer: Viewer, task_id: int) -> Task:
    """Load one task the viewer may see, with what its page shows, or raise NotFound."""
    row = s.get(Task, task_id, options=_WHOLE)
    if row is None or not viewer.sees(row.entity_id):
        raise NotFound
    return row


def tasks(s: Session, viewer: Viewer, task_ids: Collection[int]) -> list[Task]:
    """Load several tasks like `task`, a few statements for all of them."""
    wanted = select(Task).where(Task.id.in_(task_ids), *visible(viewer, None, Task.entity_id)).options(*_WHOLE)
    held = {row.id: row for row in s.scalars(wanted)}
    return [held.get(task_id) or task(s, viewer, task_id) for task_id in task_ids]


def visible(viewer: Viewer, entity_id: int | None, column: Any) -> list[ColumnElement[bool]]:
    """Return the conditions that keep a list to the viewer's entities, or to one of them."""
    if entity_id is not None:
        if not viewer.sees(entity_id):
            raise NotFound
        return [column == entity_id]
    return [] if viewer.is_operator else [column.in_(list(viewer.roles))]


# Only a text that changed can have left an acceptance behind: the few such are looked for, not all that is done.
_CHANGED = select(ObligationText.obligation_id).group_by(ObligationText.obligation_id).having(func.count() > 1)
_NOW = select(Obligation.digest).where(Obligation.id == Task.obligation_id).correlate(Task).scalar_subquery()
_OUTDATED = and_(Task.state == TaskState.DONE, func.coalesce(Task.accepted_digest, Obligation.digest) != Obligation.digest)


def state_is(state: str) -> ColumnElement[bool]:
    """Return the condition of a state as TaskFilter takes it, on tasks alone."""
    if state == "reconfirm":
        return and_(Task.state == TaskState.DONE, Task.obligation_id.in_(_CHANGED), Task.accepted_digest != _NOW)
    if state in {"open", "at_hand"}:
        return Task.state.in_(OPEN if state == "open" else WORKABLE - {TaskState.RETURNED})
    if state == "overdue":
        return and_(Task.state.in_(WORKABLE), Task.due_on < clock.today())
    return Task.state == TaskState(state)


def _narrowed(s: Session, viewer: Viewer, query: Any, wanted: TaskFilter) -> Any:
    query = filtered(s, query, wanted.obligation).where(*visible(viewer, wanted.entity_id, Task.entity_id))
    if wanted.state:
        query = query.where(state_is(wanted.state))
    asked = (
        (Task.owner_id, wanted.owner_id), (Task.reviewer_id, wanted.reviewer_id), (Task.department, wanted.department), (Task.obligation_id, wanted.obligation_id),
    )
    query = query.where(*(column == value for column, value in asked if value))
    if wanted.due_from:
        query = query.where(Task.due_on >= wanted.due_from)
    return query.where(Task.due_on <= wanted.due_to) if wanted.due_to else query


_PIECES = select(func.count()).select_from(TaskEvidence).where(TaskEvidence.task_id == Task.id).correlate(Task).scalar_subquery()
_COLUMNS = (
    Task.id, Task.entity_id, Entity.short_name, Task.obligation_id, Obligation.title, Obligation.modality, Obligation.basis, Obligation.domain,
    Obligation.severity, Task.occasion, Task.owner_id, Owner.name, Owner.active, Task.reviewer_id, Reviewer.name, Reviewer.active,
    Task.department, Task.intended_on, Task.due_on, Task.state, Task.period_from, Task.period_to, Task.note, Task.closed_at, _PIECES, _OUTDATED,
)
SORTS: dict[str, tuple[Any, ...]] = {
    "due": (Task.due_on, Task.id), "obligation": (Obligation.position, Task.due_on, Task.id), "owner": (Owner.pinyin, Task.due_on, Task.id),
    "reviewer": (Reviewer.pinyin, Task.due_on, Task.id), "state": (Task.state, Task.due_on, Task.id), "entity": (Task.entity_id, Task.due_on, Task.id),
}
_LISTED: Any = (
    select(*_COLUMNS).select_from(Task).join(Task.obligation).join(Entity, Entity.id == Task.entity_id)
    .join(Owner, Owner.id == Task.owner_id).join(Reviewer, Reviewer.id == Task.reviewer_id)
)
_ANY = ObligationFilter(withdrawn=True)


def _matching(s: Session, viewer: Viewer, wanted: TaskFilter, *what: Any, sort: str = "") -> Any:
    """Select from the tasks of a filter, joined with no more than the filter and the order need."""
    query = select(*what).select_from(Task)
    if sort == "obligation" or wanted.obligation != _ANY:
        query = query.join(Task.obligation)
    for key, person, column in (("owner", Owner, Task.owner_id), ("reviewer", Reviewer, Task.reviewer_id)):
        query = query.join(person, person.id == column) if sort == key else query
    return _narrowed(s, viewer, query, wanted)


def _order(sort: str, descending: bool = False) -> list[Any]:
    return [column.desc() if descending else column for column in SORTS.get(sort, SORTS["due"])]


def task_rows(s: Session, viewer: Viewer, wanted: TaskFilter, sort: str = "due", descending: bool = False, offset: int = 0, limit: int = 50) -> list[TaskRow]:
    """List tasks: one statement whatever the number."""
    order = _order(sort, descending)
    # The page is found on the narrow table first: joined rows of every match would be sorted only to be thrown away.
    page = _matching(s, viewer, wanted, Task.id, sort=sort).order_by(*order).offset(offset).limit(limit).correlate(None)
    return [TaskRow(*row) for row in s.execute(_LISTED.where(Task.id.in_(page)).order_by(*order))]


def task_stream(s: Session, viewer: Viewer, wanted: TaskFilter, sort: str = "due", batch: int = 500) -> Iterator[TaskRow]:
    """Yield every task of a filter, `batch` at a time, so that memory stays flat."""
    for row in s.execute(_narrowed(s, viewer, _LISTED, wanted).order_by(*_order(sort)).execution_options(yield_per=batch)):
        yield TaskRow(*row)


def stream_columns(s: Session, viewer: Viewer, wanted: TaskFilter, *columns: Any, batch: int = 500) -> Iterator[Any]:
    """Yield some columns of every task of a filter in the order of `task_stream`; what is told of few rows is not joined to many."""
    query = _matching(s, viewer, wanted, *columns).order_by(*_order("due"))
    yield from s.execute(query.execution_options(yield_per=batch))


def task_count(s: Session, viewer: Viewer, wanted: TaskFilter) -> int:
    """Count the tasks of a filter."""
    return s.scalar(_matching(s, viewer, wanted, func.count())) or 0


def task_ids(s: Session, viewer: Viewer, wanted: TaskFilter) -> list[int]:
    """List the ids of a filter, for acting on all that match."""
    return list(s.scalars(_matching(s, viewer, wanted, Task.id).order_by(Task.due_on, Task.id)))


def cited_ids(s: Session, viewer: Viewer, wanted: TaskFilter) -> list[int]:
    """List the ids of the evidence that the tasks of a filter cite, in the order of upload: one statement."""
    query = select(TaskEvidence.evidence_id).where(TaskEvidence.task_id.in_(_matching(s, viewer, wanted, Task.id)))
    return list(s.scalars(query.distinct().order_by(TaskEvidence.evidence_id)))


def open_submission(s: Session, row: Task) -> Submission | None:
    """Return what was handed in and awaits a decision."""
    return s.scalar(select(Submission).where(Submission.task_id == row.id, Submission.outcome.is_(None), Submission.recalled_at.is_(None)))


def submissions(s: Session, viewer: Viewer, row: Task) -> Sequence[Submission]:
    """List what was handed in of a task, newest first."""
    if not viewer.sees(row.entity_id):
        raise NotFound
    return s.scalars(select(Submission).where(Submission.task_id == row.id).order_by(Submission.n.desc())).all()


def reconfirmations(s: Session, viewer: Viewer, row: Task) -> Sequence[Reconfirmation]:
    """List when an acceptance of a task was confirmed again, newest first."""
    if not viewer.sees(row.entity_id):
        raise NotFound
    return s.scalars(select(Reconfirmation).where(Reconfirmation.task_id == row.id).order_by(Reconfirmation.id.desc())).all()


def assignments(
    s: Session, viewer: Viewer, entity_id: int | None, wanted: ObligationFilter, active: bool = True, offset: int = 0, limit: int | None = None,
    person_id: int | None = None,
) -> list[Assignment]:
    """List standing assignments (or ended ones) with their obligations, in the order of the texts; of one owner or reviewer, when given."""
    query = select(Assignment).join(Assignment.obligation).options(joinedload(Assignment.obligation))
    query = _held(s, viewer, query, entity_id, wanted, active, person_id).order_by(Obligation.position, Assignment.entity_id, Assignment.id)
    return list(s.scalars(query.offset(offset) if limit is None else query.offset(offset).limit(limit)))


def _held(s: Session, viewer: Viewer, query: Any, entity_id: int | None, wanted: ObligationFilter, active: bool, person_id: int | None) -> Any:
    query = filtered(s, query, wanted).where(Assignment.active == active, *visible(viewer, entity_id, Assignment.entity_id))
    return query if person_id is None else query.where(or_(Assignment.owner_id == person_id, Assignment.reviewer_id == person_id))


def assignment_count(s: Session, viewer: Viewer, entity_id: int | None, wanted: ObligationFilter, active: bool = True, person_id: int | None = None) -> int:
    """Count what `assignments` lists."""
    query = select(func.count()).select_from(Assignment).join(Assignment.obligation)
    return s.scalar(_held(s, viewer, query, entity_id, wanted, active, person_id)) or 0


def unassigned(s: Session, viewer: Viewer, entity_id: int, wanted: ObligationFilter) -> list[str]:
    """List the ids of obligations that apply to the entity and that nobody sees to, in the order of the texts."""
    need_sight(viewer, entity_id)
    applies = select(ScopeDecision.obligation_id).where(ScopeDecision.entity_id == entity_id, ScopeDecision.state == ScopeState.APPLIES)
    held = select(Assignment.obligation_id).where(Assignment.entity_id == entity_id, Assignment.active)
    query = filtered(s, select(Obligation.id), wanted).where(Obligation.id.in_(applies), Obligation.id.not_in(held), ~Obligation.withdrawn)
    return list(s.scalars(query.order_by(Obligation.position)))


def open_due_dates(s: Session, viewer: Viewer, assignment_ids: Collection[int]) -> dict[int, list[tuple[int, date]]]:
    """Return (id, due date) of the open tasks of each of these assignments, the next one first: one statement."""
    seen = (Task.assignment_id.in_(assignment_ids), Task.state.in_(OPEN), *visible(viewer, None, Task.entity_id))
    query = select(Task.assignment_id, Task.id, Task.due_on).where(*seen)
    found: dict[int, list[tuple[int, date]]] = {}
    for assignment_id, task_id, due_on in s.execute(query.order_by(Task.due_on, Task.id)):
        found.setdefault(assignment_id, []).append((task_id, due_on))
    return found


def standing_assignments(s: Session, viewer: Viewer, entity_id: int | None, obligation_ids: Collection[str]) -> dict[tuple[int, str], Assignment]:
    """Return the active assignments of these obligations by (entity, obligation): one statement."""
    seen = visible(viewer, entity_id, Assignment.entity_id)
    query = select(Assignment).where(Assignment.active, Assignment.obligation_id.in_(obligation_ids), *seen)
    return {(row.entity_id, row.obligation_id): row for row in s.scalars(query)}


def citing(s: Session, viewer: Viewer, evidence_ids: Collection[int]) -> dict[int, list[TaskRow]]:
    """Return the tasks that cite each of these pieces of evidence: two statements."""
    cites = select(TaskEvidence.evidence_id, TaskEvidence.task_id).where(TaskEvidence.evidence_id.in_(evidence_ids))
    links = s.execute(cites.where(*visible(viewer, None, TaskEvidence.entity_id))).all()
    seen = (Task.id.in_([task_id for _, task_id in links]), *visible(viewer, None, Task.entity_id))
    rows = {row[0]: TaskRow(*row) for row in s.execute(_LISTED.where(*seen))} if links else {}
    cited: dict[int, list[TaskRow]] = {}
    for evidence_id, task_id in links:
        cited.setdefault(evidence_id, []).append(rows[task_id])
    return cited


def departments(s: Session, viewer: Viewer, entity_id: int | None = None) -> list[str]:
    """List the departments that assignments name; tasks take theirs from them."""
    query = select(Assignment.department).where(Assignment.department != "", *visible(viewer, entity_id, Assignment.entity_id))
    return sorted(s.scalars(query.distinct()))


def open_work_of(s: Session, viewer: Viewer, entity_id: int, person_id: int) -> tuple[int, int]:
    """Count a person's (standing assignments, open tasks) in an entity, as owner or reviewer."""
    seen = visible(viewer, entity_id, Assignment.entity_id)
    his = or_(Assignment.owner_id == person_id, Assignment.reviewer_id == person_id)
    standing = s.scalar(select(func.count()).select_from(Assignment).where(Assignment.active, his, *seen)) or 0
    holds = or_(Task.owner_id == person_id, Task.reviewer_id == person_id)
    return standing, s.scalar(select(func.count()).select_from(Task).where(Task.state.in_(OPEN), holds, *visible(viewer, entity_id, Task.entity_id))) or 0
