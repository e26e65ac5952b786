"""Carrying out what was decided on assignments and tasks: assigning, giving to others, putting off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from ...assignments import assigning, working
from ...assignments.assigning import Terms
from ...assignments.queries import standing_assignments
from ...people.access import Viewer
from ..merging import Merged
from ..rules.held import changed
from ..rules.work import new_rhythm, rhythm
from .naming import Finals, grouped, naming


def carry_out_duties(s: Session, viewer: Viewer, entity_id: int, finals: Finals, horizon_days: int) -> None:
    """Assign where dates come out otherwise, else give to other people or departments, with another note."""
    for terms, rows in grouped(finals, _terms).items():
        with naming([one for one, _ in rows]):
            assigning.assign(s, viewer, entity_id, [ref for _, ref in rows], terms, horizon_days)
    for (owner, reviewer, department, note), rows in grouped(finals, _people).items():
        with naming([one for one, _ in rows]):
            standing = standing_assignments(s, viewer, entity_id, [ref for _, ref in rows]).values()
            assigning.reassign(s, viewer, entity_id, [row.id for row in standing], owner, reviewer, department, note)


def _terms(one: Merged, final: Mapping[str, Any]) -> Terms | None:
    """Return new terms where the dates come out otherwise; else only people, department or note change."""
    if one.held is None or not new_rhythm(one.held, final):
        return None
    cadence, review_every, first = rhythm(one.held, final)
    return Terms(
        final["owner"], final["reviewer"], date.fromisoformat(first) if first else None, final["department"], cadence, review_every, final["note"],
    )


def _people(one: Merged, final: Mapping[str, Any]) -> tuple[int, int, str, str] | None:
    if one.held is None or new_rhythm(one.held, final):
        return None
    return final["owner"], final["reviewer"], final["department"], final["note"]


def carry_out_tasks(s: Session, viewer: Viewer, _entity_id: int, finals: Finals, _horizon_days: int) -> None:
    """Give tasks to other people or departments, then put off those that fall due on another day."""
    def people(one: Merged, final: Mapping[str, Any]) -> tuple[int, int, str] | None:
        moved = changed(one.held, final) if one.held else set()
        return (final["owner"], final["reviewer"], final["department"]) if moved - {"due_on"} else None

    for (owner, reviewer, department), rows in grouped(finals, people).items():
        with naming([one for one, _ in rows]):
            assigning.reassign_tasks(s, viewer, [int(ref) for _, ref in rows], owner, reviewer, department)
    for one, final in finals:
        if one.held and "due_on" in changed(one.held, final):
            with naming([one]):
                reason = one.line.cells.get("reason", ("", ""))[1]
                working.reschedule(s, viewer, int(one.held.ref), date.fromisoformat(final["due_on"]), reason)
