"""Whose work it can be: the people of an entity, and those who still hold work there without any role."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ...assignments.queries import assignments, open_work_of
from ...people.access import Viewer
from ...people.queries import Colleague, colleagues, names
from ...register.queries import ObligationFilter


def everybody(s: Session, who: Viewer, entity_id: int, asked: int | None = None) -> list[Colleague]:
    """List the people of an entity, whoever holds one of its assignments, and the one asked for if he has open work."""
    people = colleagues(s, who, entity_id, active_only=False)
    held = assignments(s, who, entity_id, ObligationFilter(withdrawn=True))
    missing = {person for row in held for person in (row.owner_id, row.reviewer_id)} - {one.id for one in people}
    return [*people, *names(s, missing).values(), *_with_work(s, who, entity_id, people, missing, asked)]


def with_asked(s: Session, who: Viewer, entity_id: int, asked: int | None) -> list[Colleague]:
    """List the people of an entity, and the one asked for if he has open work there."""
    people = colleagues(s, who, entity_id, active_only=False)
    return [*people, *_with_work(s, who, entity_id, people, set(), asked)]


def _with_work(s: Session, who: Viewer, entity_id: int, people: list[Colleague], known: set[int], asked: int | None) -> list[Colleague]:
    if asked is None or asked in known or asked in {one.id for one in people} or not any(open_work_of(s, who, entity_id, asked)):
        return []
    return list(names(s, [asked]).values())
