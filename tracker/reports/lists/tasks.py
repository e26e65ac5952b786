"""Rows of 责任分派与任务: a hundred thousand tasks told quickly, by columns and by words looked up once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...assignments.models import Assignment, Submission, Task
from ...assignments.queries import stream_columns
from ...assignments.workflow import is_late, is_outdated, shown_state
from ...register.models import Obligation
from ...workbook.sheets import Value
from ..rows import Source, batches, cadence_text, cited_by, cut, lines, minute, span
from .rowmarks import task_marks

_OF_TASKS = (
    Task.id, Task.obligation_id, Task.assignment_id, Task.owner_id, Task.reviewer_id, Task.department, Task.occasion, Task.period_from, Task.period_to,
    Task.intended_on, Task.due_on, Task.state, Task.note, Task.accepted_digest, Task.version,
)


def task_sheet_rows(source: Source, numbers: dict[int, str]) -> Iterator[tuple[Value, ...]]:
    """Yield 责任分派与任务: every task of the filter with what was handed in last and what was decided."""
    telling = _Telling(source, numbers)
    for some in batches(stream_columns(source.s, source.viewer, source.wanted, *_OF_TASKS)):
        ids = [row[0] for row in some]
        last, pieces = _last_submissions(source.s, ids), cited_by(source.s, ids)
        for row in some:
            yield telling.row(row, last.get(row[0]), pieces.get(row[0], ()))


class _Telling:
    """What is the same for all tasks, looked up once."""

    def __init__(self, source: Source, numbers: dict[int, str]) -> None:
        self.entity_id, self.people, self.today, self.numbers = source.entity_id, source.people, source.today, numbers
        self.duties, self.rhythms = _duties(source.s), _rhythms(source.s, source.entity_id)

    def row(self, row: Any, handed: Any, pieces: Sequence[int]) -> tuple[Value, ...]:
        """Return the cells of a task, given as `_OF_TASKS` has it."""
        task_id, obligation_id, duty, owner, reviewer, department, occasion, start, end, intended, due, state, note, accepted, version = row
        title, modality, digest = self.duties[obligation_id]
        people, today, numbers, rhythm = self.people, self.today, self.numbers, self.rhythms[duty]
        return (
            task_id, obligation_id, title, modality, people[owner], people[reviewer], department, f"{rhythm}\n{occasion}" if occasion else rhythm,
            span(start, end), intended, due, shown_state(state, due, today, is_outdated(state, accepted, digest))[1],
            (today - due).days if is_late(state, due, today) else None, cut(note),
            "\n".join([numbers[piece] for piece in pieces if piece in numbers]), *(_handed(people, handed) if handed else ("", "", "", "")),
            *task_marks(self.entity_id, task_id, version, owner, reviewer, department, due, people),
        )


def _handed(people: dict[int, str], handed: Any) -> tuple[Value, ...]:
    _task_id, submitted_by, submitted_at, outcome, decided_by, decided_at, reason = handed
    sent = lines(people.get(submitted_by or 0, ""), minute(submitted_at))
    return (sent, outcome.label, lines(people.get(decided_by or 0, ""), minute(decided_at)), cut(reason)) if outcome else (sent, "", "", cut(reason))


def _duties(s: Session) -> dict[str, tuple[str, str, str]]:
    rows = s.execute(select(Obligation.id, Obligation.title, Obligation.modality, Obligation.digest))
    return {key: (title, modality.label, digest) for key, title, modality, digest in rows}


_HANDED = select(
    Submission.task_id, Submission.submitted_by, Submission.submitted_at, Submission.outcome, Submission.decided_by, Submission.decided_at, Submission.reason,
)


def _last_submissions(s: Session, ids: list[int]) -> dict[int, Any]:
    rows = s.execute(_HANDED.where(Submission.task_id.in_(ids), Submission.recalled_at.is_(None)).order_by(Submission.n))
    return {row[0]: row for row in rows}


def _rhythms(s: Session, entity_id: int) -> dict[int, str]:
    rows = s.execute(select(Assignment.id, Assignment.cadence, Assignment.review_every).where(Assignment.entity_id == entity_id))
    return {key: cadence_text(cadence, review_every) for key, cadence, review_every in rows}
