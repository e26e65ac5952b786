"""Reads of how entities stand: tasks counted by state, and every obligation as it stands with one entity."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ..assignments.models import Assignment, Task
from ..assignments.queries import state_is, visible
from ..people.access import Viewer, need_sight
from ..people.models import Person
from ..register.models import Obligation
from ..scope.models import ScopeDecision
from ..words import ScopeState, TaskState
from .level import Level, Work, level_of


def entity_counts(s: Session, viewer: Viewer, entity_id: int | None = None) -> dict[int, Counter[str]]:
    """Count the tasks of each entity in sight (or of one) by state, the late ones as `overdue`, the outdated as `reconfirm`: two statements."""
    seen, late = visible(viewer, entity_id, Task.entity_id), func.count().filter(state_is("overdue"))
    query = select(Task.entity_id, Task.state, func.count(), late).where(*seen)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for key, state, number, overdue in s.execute(query.group_by(Task.entity_id, Task.state)):
        found[key].update({str(state): number, "overdue": overdue})
    outdated = select(Task.entity_id, func.count()).where(state_is("reconfirm"), *seen).group_by(Task.entity_id)
    for key, number in s.execute(outdated):
        found[key].update({"reconfirm": number})
    return dict(found)


@dataclass(frozen=True, slots=True)
class Live:
    """One obligation as it stands with one entity: its level, the counted tasks, what is due next and who sees to it."""

    level: Level
    work: Work
    due: date | None
    owner: str
    owner_active: bool


def live(s: Session, viewer: Viewer, entity_id: int, document_id: str = "") -> dict[str, Live]:
    """Return how every obligation in force (of one document, or of all) stands with an entity in sight: three statements, in the order of the texts."""
    need_sight(viewer, entity_id)
    scope = _scope(s, entity_id, document_id)
    held, works = _holders(s, entity_id), _works(s, entity_id, document_id)
    found: dict[str, Live] = {}
    for key, state in scope.items():
        (work, due), (owner, active) = works.get(key, (_NO_WORK, None)), held.get(key, ("", False))
        found[key] = Live(level_of(state, key in held, work), work, due, owner, active)
    return found


_NO_WORK = Work()


def _scope(s: Session, entity_id: int, document_id: str) -> dict[str, ScopeState | None]:
    mine = and_(ScopeDecision.obligation_id == Obligation.id, ScopeDecision.entity_id == entity_id)
    query = select(Obligation.id, ScopeDecision.state).select_from(Obligation).outerjoin(ScopeDecision, mine).where(~Obligation.withdrawn)
    query = query.where(Obligation.document_id == document_id) if document_id else query
    return {key: state for key, state in s.execute(query.order_by(Obligation.position))}  # noqa: C416


def _holders(s: Session, entity_id: int) -> dict[str, tuple[str, bool]]:
    query = select(Assignment.obligation_id, Person.name, Person.active).join(Person, Person.id == Assignment.owner_id)
    return {key: (name, active) for key, name, active in s.execute(query.where(Assignment.active, Assignment.entity_id == entity_id))}


def _works(s: Session, entity_id: int, document_id: str) -> dict[str, tuple[Work, date | None]]:
    mine = select(Task.obligation_id, *_COUNTS, func.min(Task.due_on).filter(state_is("open"))).where(Task.entity_id == entity_id)
    late = func.count().filter(state_is("overdue"))
    if document_id:
        mine = mine.where(Task.obligation_id.in_(select(Obligation.id).where(Obligation.document_id == document_id)))
    found = s.execute(mine.add_columns(late).group_by(Task.obligation_id))
    return {key: (Work(overdue, *counted), due) for key, *counted, due, overdue in found}


# In the order of the fields of Work, the first of which depends on the day.
_COUNTS = (
    func.count().filter(state_is("returned")), func.count().filter(state_is("reconfirm")),
    func.count().filter(Task.state.in_((TaskState.NOT_STARTED, TaskState.IN_PROGRESS))),
    func.count().filter(state_is("submitted")), func.count().filter(state_is("done")),
)
