"""A desk at which sheets go out, are filled in by hand and come back; what fills them in knows nothing of how they were made."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook

from tests.work import Company
from tracker.assignments.models import Assignment, Task
from tracker.assignments.queries import TaskFilter
from tracker.audit.queries import TrailFilter, events
from tracker.audit.trail import entity_chain
from tracker.bringing import actions, sheets
from tracker.bringing.actions import Applied, Taken
from tracker.bringing.merging import Cell, Verdict
from tracker.bringing.queries import Preview, draft, preview
from tracker.people.access import Viewer
from tracker.register.queries import ObligationFilter

HEAD = 3


class Paper:
    """A workbook on the desk, its cells found by heading and by what stands in the first column that names the row."""

    def __init__(self, data: bytes, title: str, head: int = HEAD) -> None:
        self.book = load_workbook(io.BytesIO(data))
        self.page = self.book[title]
        self.head = head
        self.key = "任务号" if "任务" in title else "编号"

    @property
    def columns(self) -> dict[str, int]:
        """Return the number of each column by its heading."""
        return {str(cell.value): cell.column for cell in self.page[self.head] if cell.value}

    @property
    def refs(self) -> list[str]:
        """List what the rows are about."""
        column = self.columns[self.key]
        return [str(value) for (value,) in self.page.iter_rows(min_row=self.head + 1, min_col=column, max_col=column, values_only=True)]

    def row(self, ref: str) -> int:
        """Return the number of a row."""
        return self.refs.index(ref) + self.head + 1

    def cell(self, ref: str, heading: str) -> Any:
        """Return one cell."""
        return self.page.cell(self.row(ref), self.columns[heading])

    def put(self, ref: str, **values: Any) -> Paper:
        """Write into the row of one thing."""
        for heading, value in values.items():
            self.cell(ref, heading).value = value
        return self

    def without(self, *headings: str) -> Paper:
        """Delete whole columns."""
        for heading in headings:
            self.page.delete_cols(self.columns[heading])
        return self

    @property
    def data(self) -> bytes:
        """Return the bytes, as they come back."""
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


@dataclass
class Desk:
    """林合规's desk, or somebody else's."""

    company: Company
    name: str = "林合规"
    entity: int = 0

    @property
    def viewer(self) -> Viewer:
        """Return whose desk it is."""
        return self.company.world.viewer(self.name)

    @property
    def entity_id(self) -> int:
        """Return the entity whose sheets lie here."""
        return self.entity or self.company.world.ours

    def duties(self, wanted: ObligationFilter | None = None, person_id: int | None = None) -> Paper:
        """Send 分派表 out."""
        out = io.BytesIO()
        with self.company.database.reading(self.viewer.entities) as s:
            sheets.write_duties(s, self.viewer, self.entity_id, wanted or ObligationFilter(), person_id, "全部", out)
        return Paper(out.getvalue(), "分派表")

    def tasks(self, wanted: TaskFilter | None = None) -> Paper:
        """Send 任务表 out."""
        out = io.BytesIO()
        with self.company.database.reading(self.viewer.entities) as s:
            sheets.write_tasks(s, self.viewer, self.entity_id, wanted or TaskFilter(), "全部", out)
        return Paper(out.getvalue(), "任务表")

    def read(self, data: bytes, name: str = "分派表.xlsx") -> Taken:
        """Read what comes back."""
        return actions.read(self.viewer, self.entity_id, data, name)

    def bring(self, data: bytes) -> int:
        """Read and keep it; returns the draft's id."""
        taken = self.read(data)
        with self.company.database.writing(self.viewer.entities) as s:
            return actions.keep(s, self.viewer, self.entity_id, taken).id

    def preview(self, draft_id: int) -> Preview:
        """Look at a draft."""
        with self.company.database.reading(self.viewer.entities) as s:
            return preview(s, self.viewer, draft(s, self.viewer, draft_id))

    def apply(self, draft_id: int, decide: Callable[[Cell], bool] | None = None, without_refused: bool = False, seen: str = "") -> Applied:
        """Carry a draft out; `decide` says of each conflict whether the file's word counts."""
        found = self.preview(draft_id)
        decided = {cell.place: decide(cell) for _, cell in found.cells(Verdict.CONFLICT)} if decide else {}
        with self.company.database.writing(self.viewer.entities) as s:
            return actions.apply(s, self.viewer, draft_id, seen or found.seen, decided, without_refused, 100)

    def through(self, data: bytes) -> Applied:
        """Bring in and carry out what has neither conflicts nor faults."""
        return self.apply(self.bring(data))

    def assignment(self, obligation_id: str) -> Assignment:
        """Return the standing assignment of an obligation, detached."""
        with self.company.database.reading(self.viewer.entities) as s:
            row = next(one for one in s.query(Assignment).filter_by(entity_id=self.entity_id, obligation_id=obligation_id, active=True))
            s.expunge(row)
            return row

    def task(self, task_id: int) -> Task:
        """Return a task, detached."""
        with self.company.database.reading(self.viewer.entities) as s:
            row = s.get_one(Task, task_id)
            s.expunge(row)
            return row

    def actions_since(self, size: int) -> list[str]:
        """List the events of the entity's chain from a place on, oldest first."""
        with self.company.database.reading(self.viewer.entities) as s:
            return [one.action for one in reversed(events(s, TrailFilter((entity_chain(self.entity_id),)), limit=10_000)) if one.seq >= size]

    @property
    def size(self) -> int:
        """Return how many events the entity's chain has."""
        return len(self.actions_since(0))


def verdicts(found: Preview) -> dict[str, Verdict]:
    """Return the verdict of each cell by its place, the sheet left out."""
    return {cell.place.rpartition("!")[2]: cell.verdict for row in found.rows for cell in row.cells}


def sentences(found: Preview) -> Mapping[str, str]:
    """Return the sentence of each cell that cannot be taken, by its whole place."""
    return {cell.place: cell.why for _, cell in found.cells(Verdict.REFUSED)}
