"""Reads of what comes back: a draft with its preview, what was carried out before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..errors import NotFound
from ..people.access import Viewer, need_role, need_sight
from ..words import ListKind, Role
from .holding.lists import held_controls, held_evidence, held_scope
from .holding.staff import staff_of
from .holding.work import held_duties, held_tasks
from .lines import Line, combined, restored
from .merging import Cell, Merged, Verdict, digest, merge
from .models import Import, ImportDraft

HOLDING = {
    ListKind.ASSIGNMENTS: held_duties, ListKind.TASKS: held_tasks, ListKind.CONTROLS: held_controls, ListKind.SCOPE: held_scope,
    ListKind.EVIDENCE: held_evidence,
}


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


def draft(s: Session, viewer: Viewer, draft_id: int) -> ImportDraft:
    """Load the viewer's own draft for an entity whose officer he is, or raise NotFound or Forbidden."""
    row = s.scalar(select(ImportDraft).where(ImportDraft.id == draft_id))
    if row is None or not viewer.sees(row.entity_id) or row.made_by != viewer.person_id:
        raise NotFound
    need_role(viewer, row.entity_id, Role.OFFICER)
    return row


def preview(s: Session, viewer: Viewer, row: ImportDraft) -> Preview:
    """Say what a draft would do now."""
    return compared(s, viewer, row.entity_id, [restored(line, row.what) for line in row.lines], clock.today())


def compared(s: Session, viewer: Viewer, entity_id: int, lines: Sequence[Line], today: date) -> Preview:
    """Compare the lines of some sheets with what the application holds, in the order of the sheets."""
    staff, told = staff_of(s, viewer, entity_id), _together(lines)
    refs: dict[ListKind, set[str]] = defaultdict(set)
    for line in told:
        if line.what is not None:
            refs[line.what].add(line.ref)
    held = {what: HOLDING[what](s, viewer, entity_id, some, staff) for what, some in refs.items()}
    rows = _once([merge(line, held[line.what].get(line.ref) if line.what else None, staff, today) for line in told])
    return Preview(rows, digest(rows))


def _together(lines: Sequence[Line]) -> list[Line]:
    """Put the rows of the three lists on one obligation together: they fill in one 管控信息."""
    groups: dict[Any, list[Line]] = {}
    for number, line in enumerate(lines):
        groups.setdefault(line.ref if line.what == ListKind.CONTROLS and line.ref else number, []).append(line)
    return [some[0] if len(some) == 1 else combined(some) for some in groups.values()]


def _once(rows: Sequence[Merged]) -> list[Merged]:
    """Refuse every row whose thing stands in another row too: nobody can say which of them counts."""
    times = Counter((row.line.what, row.held.ref) for row in rows if row.held)
    first: dict[tuple[ListKind | None, str], Merged] = {}
    found = []
    for row in rows:
        if row.held and times[row.line.what, row.held.ref] > 1:
            number, other = times[row.line.what, row.held.ref], first.setdefault((row.line.what, row.held.ref), row)
            where = "下面还有同样的一行" if other is row else f"与 {other.line.place} 重复"
            why = f"“{row.held.ref}”在表中出现了 {number} 次（{where}）。请只保留一行。"
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
