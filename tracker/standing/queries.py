"""Reads of how entities stand: tasks counted by state, and every obligation as it stands with one entity."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..assignments.models import Task
from ..assignments.queries import state_is, visible
from ..people.access import Viewer


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
