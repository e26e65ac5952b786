"""Where each of the viewer's entities stands with one obligation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ...assignments.models import Assignment
from ...assignments.queries import open_due_dates, standing_assignments
from ...people.access import Viewer
from ...people.models import Entity
from ...people.queries import Colleague, entities_seen, names
from ...register.models import Obligation
from ...scope.queries import ScopeRow, standings
from ...words import Cadence, Role


@dataclass(frozen=True, slots=True)
class Stand:
    """How one entity stands: scope, who sees to it, what is due next, and what the viewer may do there."""

    entity: Entity
    scope: ScopeRow
    decided_by: Colleague | None
    assignment: Assignment | None
    owner: Colleague | None
    reviewer: Colleague | None
    due: list[tuple[int, date]]
    is_officer: bool
    may_note: bool


def stands(s: Session, who: Viewer, one: Obligation) -> list[Stand]:
    """Read it for all entities of the viewer in a constant number of statements."""
    entities = entities_seen(s, who)
    scope = standings(s, who, one, entities)
    held = {row.entity_id: row for row in standing_assignments(s, who, None, [one.id]).values()}
    due = open_due_dates(s, who, [row.id for row in held.values()])
    people = names(s, {
        *(row.owner_id for row in held.values()), *(row.reviewer_id for row in held.values()),
        *(found.decision.decided_by for found in scope.values() if found.decision),
    })
    return [_stand(who, entity, scope[entity.id], held.get(entity.id), due, people) for entity in entities]


def _stand(
    who: Viewer, entity: Entity, scope: ScopeRow, row: Assignment | None, due: dict[int, list[tuple[int, date]]], people: dict[int, Colleague]
) -> Stand:
    decided_by = people.get(scope.decision.decided_by or 0) if scope.decision else None
    officer = who.holds(entity.id, Role.OFFICER)
    if row is None:
        return Stand(entity, scope, decided_by, None, None, None, [], officer, False)
    his = row.owner_id == who.person_id and who.holds(entity.id, Role.OWNER)
    may_note = row.cadence == Cadence.EVENT and (officer or his)
    return Stand(entity, scope, decided_by, row, people.get(row.owner_id), people.get(row.reviewer_id), due.get(row.id, []), officer, may_note)
