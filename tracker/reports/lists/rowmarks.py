"""The hidden cells of the rows of tasks, evidence and scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ...evidence.models import Evidence
from ...scope.queries import ScopeRow
from ...words import ListKind
from ...workbook.sheets import Value
from .marks import marks


def task_marks(
    entity_id: int, task_id: int, version: int, owner: int, reviewer: int, department: str, due_on: date, people: Mapping[int, str],
) -> tuple[Value, ...]:
    """Mark a row of 责任分派与任务."""
    return marks(ListKind.TASKS, entity_id, str(task_id), version, {
        "owner": (owner, people[owner]), "reviewer": (reviewer, people[reviewer]), "department": (department, department),
        "due_on": (due_on.isoformat(), due_on),
    })


def evidence_marks(row: Evidence) -> tuple[Value, ...]:
    """Mark a row of 证据目录."""
    first, last = (day.isoformat() if day else "" for day in (row.period_from, row.period_to))
    obtained = row.obtained_on.isoformat() if row.obtained_on else None
    valid = row.valid_until.isoformat() if row.valid_until else None
    return marks(ListKind.EVIDENCE, row.entity_id, str(row.id), row.version, {
        "period": (f"{first}/{last}" if first and last else None, f"{first}\n至 {last}" if first and last else ""), "obtained_on": (obtained, row.obtained_on),
        "valid_until": (valid, row.valid_until), "note": (row.note, row.note),
    })


def scope_marks(entity_id: int, row: ScopeRow) -> tuple[Value, ...]:
    """Mark a row of 适用性说明: what is only suggested is nobody's word yet."""
    decision = row.decision
    return marks(ListKind.SCOPE, entity_id, row.obligation.id, decision.version if decision else 0, {
        "state": (str(decision.state) if decision else None, row.standing.label),
        "reason": (decision.reason, decision.reason) if decision else ("", row.why),
    })
