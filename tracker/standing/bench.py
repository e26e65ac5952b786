"""What waits for one person: his own work and what he reviews, list by list, and how much of it there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments.models import Task
from ..assignments.queries import TaskFilter, TaskRow, state_is, task_count, task_rows, visible
from ..people.access import Viewer
from ..words import TaskState


def workbench(s: Session, viewer: Viewer, entity_id: int | None = None, days: int = 30, most: int = 20) -> dict[str, tuple[list[TaskRow], int]]:
    """Read the viewer's own work, each list with at most `most` rows and the count of all; no task is in two lists.

    `to_do` is due within `days`, `to_review` waits for his review, `late` is past its day, `returned` was sent back to him;
    `to_reconfirm` he accepted on an earlier text of the obligation.
    """
    me, today = viewer.person_id or -1, clock.today()
    mine, his = TaskFilter(entity_id=entity_id, owner_id=me), TaskFilter(entity_id=entity_id, reviewer_id=me)
    asked = {
        "to_do": replace(mine, state="at_hand", due_from=today, due_to=today + timedelta(days=days)),
        "to_review": replace(his, state="submitted"), "to_reconfirm": replace(his, state="reconfirm"),
        "late": replace(mine, state="at_hand", due_to=today - timedelta(days=1)), "returned": replace(mine, state="returned"),
    }
    found = {name: task_rows(s, viewer, wanted, limit=most) for name, wanted in asked.items()}
    return {name: (rows, len(rows) if len(rows) < most else task_count(s, viewer, asked[name])) for name, rows in found.items()}


def waiting(s: Session, viewer: Viewer) -> int:
    """Count what waits for the viewer: to review or to confirm again, late, or sent back to him; one statement."""
    me = viewer.person_id or -1
    his = and_(Task.owner_id == me, or_(Task.state == TaskState.RETURNED, state_is("overdue")))
    to_review = and_(Task.reviewer_id == me, or_(Task.state == TaskState.SUBMITTED, state_is("reconfirm")))
    return s.scalar(select(func.count()).select_from(Task).where(or_(his, to_review), *visible(viewer, None, Task.entity_id))) or 0
