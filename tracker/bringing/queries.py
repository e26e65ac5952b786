"""Reads of what comes back: what the application holds of each row, a draft with its preview, what was carried out before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments.models import Assignment, Submission, Task
from ..assignments.queries import standing_assignments
from ..errors import NotFound
from ..people.access import Viewer, need_role, need_sight
from ..people.queries import colleagues, names
from ..register.models import FormerName, Obligation
from ..scope.queries import decisions_for
from ..words import Cadence, ListKind, Role, ScopeState
from .fields import Member, Staff
from .lines import Line, restored
from .merging import Cell, Held, Merged, Verdict, digest, merge
from .models import Import, ImportDraft

T = TypeVar("T")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What a workbook would do, row by row; `seen` is a digest of it, by which a preview that no longer holds is known."""

    rows: Sequence[Merged]
    seen: str

    def cells(self, verdict: Verdict) -> list[tuple[Merged, Cell]]:
        """List the cells of a verdict with their rows; changes and conflicts of refused rows are left out, nothing becomes of them."""
        return [(row, cell) for row in self.rows if verdict == Verdict.REFUSED or not row.refused for cell in row.having(verdict)]

    @property
    def changed_rows(self) -> list[Merged]:
        """List the rows that would change."""
        return [row for row in self.rows if not row.refused and (row.having(Verdict.CHANGE) or row.having(Verdict.CONFLICT))]

    @property
    def refused_rows(self) -> list[Merged]:
        """List the rows that cannot be taken."""
        return [row for row in self.rows if row.refused]


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut an iterable into lists of at most `size`."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def staff_of(s: Session, viewer: Viewer, entity_id: int) -> Staff:
    """Return the people of an entity as its lists name them."""
    return Staff.of(Member(one.id, one.name, one.department, one.roles) for one in colleagues(s, viewer, entity_id))


def called(s: Session, staff: Staff, person_ids: Collection[int | None]) -> dict[int, str]:
    """Return the name of each of these people, those who left marked as such."""
    missing = names(s, {one for one in person_ids if one and one not in staff.called})
    left = {one.id: f"{one.name}（已离职）" if not one.active else f"{one.name}（#{one.id}）" for one in missing.values()}
    return staff.called | left


def duty_values(row: Assignment | None, told: Mapping[int, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what an assignment holds, as stored and as it reads; without one everything is empty."""
    if row is None:
        return {"owner": None, "reviewer": None, "department": "", "cadence": None, "review_every": None, "first_due": None}, {}
    first = row.first_due.isoformat() if row.first_due else None
    values = {
        "owner": row.owner_id, "reviewer": row.reviewer_id, "department": row.department, "cadence": str(row.cadence),
        "review_every": str(row.review_every) if row.review_every else None, "first_due": first,
    }
    return values, {
        "owner": told[row.owner_id], "reviewer": told[row.reviewer_id], "department": row.department.strip(), "cadence": row.cadence.label,
        "review_every": row.review_every.label if row.review_every else "", "first_due": first or "",
    }


def held_duties(s: Session, viewer: Viewer, entity_id: int, refs: Collection[str], staff: Staff) -> dict[str, Held]:
    """Return what stands of these obligations in an entity; a former id leads to what it is called now."""
    need_sight(viewer, entity_id)
    found: dict[str, Held] = {}
    for some in batches(sorted(set(refs))):
        now = {row[0]: row[1] for row in s.execute(select(FormerName.old_id, FormerName.obligation_id).where(FormerName.old_id.in_(some)))}
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


def draft(s: Session, viewer: Viewer, draft_id: int) -> ImportDraft:
    """Load the viewer's own draft for an entity whose officer he is, or raise NotFound or Forbidden."""
    row = s.scalar(select(ImportDraft).where(ImportDraft.id == draft_id))
    if row is None or not viewer.sees(row.entity_id) or row.made_by != viewer.person_id:
        raise NotFound
    need_role(viewer, row.entity_id, Role.OFFICER)
    return row


def preview(s: Session, viewer: Viewer, row: ImportDraft) -> Preview:
    """Say what a draft would do now."""
    return compared(s, viewer, row.entity_id, row.what, [restored(line) for line in row.lines], clock.today())


def compared(s: Session, viewer: Viewer, entity_id: int, what: ListKind, lines: Sequence[Line], today: date) -> Preview:
    """Compare the lines of a sheet with what the application holds."""
    staff, refs = staff_of(s, viewer, entity_id), {line.ref for line in lines}
    held = (held_tasks if what == ListKind.TASKS else held_duties)(s, viewer, entity_id, refs, staff)
    rows = [merge(line, held.get(line.ref), what, staff, today) for line in lines]
    rows = _once(rows)
    return Preview(rows, digest(rows))


def _once(rows: Sequence[Merged]) -> list[Merged]:
    """Refuse every row whose thing stands in another row too: nobody can say which of them counts."""
    times = Counter(row.held.ref for row in rows if row.held)
    first: dict[str, Merged] = {}
    found = []
    for row in rows:
        if row.held and times[row.held.ref] > 1:
            other = first.setdefault(row.held.ref, row)
            where = "下面还有同样的一行" if other is row else f"与第 {other.line.number} 行重复"
            why = f"“{row.held.ref}”在表中出现了 {times[row.held.ref]} 次（{where}）。请只保留一行。"
            row = Merged(row.line, row.held, [*row.cells, Cell("", row.line.place, None, row.line.ref, "", Verdict.REFUSED, why=why)])
        found.append(row)
    return found


def imports(s: Session, viewer: Viewer, entity_id: int, limit: int = 20) -> Sequence[Import]:
    """List what was carried out in an entity, newest first."""
    need_sight(viewer, entity_id)
    query = select(Import).where(Import.entity_id == entity_id).order_by(Import.made_at.desc(), Import.id.desc())
    return s.scalars(query.limit(limit)).all()


def earlier(s: Session, viewer: Viewer, entity_id: int, sha256: str) -> Import | None:
    """Return the last time that this very file was carried out in the entity."""
    need_sight(viewer, entity_id)
    query = select(Import).where(Import.entity_id == entity_id, Import.sha256 == sha256)
    return s.scalar(query.order_by(Import.made_at.desc(), Import.id.desc()).limit(1))
