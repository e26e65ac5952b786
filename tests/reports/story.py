"""海川证券 at work: tasks in every state, notes and file names that spreadsheets like to misread; the clock stands in January."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import World
from tests.reports.opening import Opened
from tests.work import DUE, TODAY, Company
from tracker import clock
from tracker.assignments import planning, reviewing, working
from tracker.assignments.queries import TaskFilter, assignments, task_ids
from tracker.audit.models import AuditChain
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence, replace_evidence
from tracker.evidence.store import Store
from tracker.people.access import Viewer
from tracker.register.queries import ObligationFilter
from tracker.reports.actions import Written, export_store, keep, write
from tracker.scope.queries import scope_ids
from tracker.words import ScopeState

LATER = datetime(2027, 1, 5, 2, 30, 9, tzinfo=UTC)
HOSTILE = (
    "=1+1", "+A1", "@SUM(A1:A9)", "00123", "110101199003078888", "_x000D_", "底稿 😀 🇨🇳", "第一行\n第二行", "-2+3", "2026-11-22", "'已带撇号", "#N/A", "1E400",
)

_WRITTEN: dict[str, tuple[Written, bytes]] = {}


@dataclass
class Story:
    """What happened in 海川证券: a task id by what became of it."""

    company: Company
    tasks: dict[str, int]

    def export(self, wanted: TaskFilter | None = None, who: Viewer | None = None) -> tuple[Opened, Written, int]:
        """Export through both actions; returns the opened workbook, what was written, and the id of the kept row."""
        who, store = who or self.company.world.officer, export_store(self.folder)
        written = self._written(who, wanted or TaskFilter(), store)
        with self.company.database.writing(who.entities) as s:
            kept = keep(s, who, written).id
        with store.open(written.stored.sha256) as file:
            return Opened(file.read()), written, kept

    def _written(self, who: Viewer, wanted: TaskFilter, store: Store) -> Written:
        # The story begins alike in every test, and the same moment of the same trail gives the same bytes (tests/asof).
        with self.company.database.reading(who.entities) as s:
            heads = s.execute(select(AuditChain.chain_id, AuditChain.head).order_by(AuditChain.chain_id)).all()
            key = repr((clock.now(), who, wanted, heads))
            if key not in _WRITTEN:
                written = write(s, who, [self.company.world.ours], wanted, store)
                _WRITTEN[key] = written, store.path(written.stored.sha256).read_bytes()
        written, data = _WRITTEN[key]
        store.put(io.BytesIO(data), written.stored.name)
        return written

    @property
    def folder(self) -> Path:
        """Return where the exports lie."""
        return self.company.store.root.with_name("exports")


def _piece(company: Company, name: str, text: str, supersedes: int | None = None) -> int:
    owner, stored = company.world.owner, company.store.put(io.BytesIO(text.encode()), name)
    facts = EvidenceFacts(period_from=date(2026, 10, 1), period_to=date(2026, 10, 31), obtained_on=date(2026, 11, 2), note="@SUM(1)")
    with company.database.writing(owner.entities) as s:
        row = replace_evidence(s, owner, supersedes, stored, facts) if supersedes else add_evidence(s, owner, company.world.ours, stored, facts).evidence
        s.flush()
        return row.id


def _acts(company: Company, made: list[int]) -> dict[str, int]:
    world, database = company.world, company.database
    tasks = dict(zip(("done", "submitted", "returned", "in_progress", "cancelled", "reopened", "not_started"), made, strict=False))
    pieces = [_piece(company, f"{text.replace(chr(10), ' ').replace('*', '').replace(':', '')}.txt", f"内容 {n}") for n, text in enumerate(HOSTILE)]
    company.hand_in(tasks["done"], "\n".join(HOSTILE), pieces[0])
    with database.writing(world.owner.entities) as s:
        working.cite(s, world.owner, tasks["in_progress"], pieces)
        working.save_work(s, world.owner, tasks["in_progress"], working.Work("=HYPERLINK(\"http://example.com\")", date(2026, 12, 1), date(2026, 12, 31)))
    for name, note in (("submitted", "+A1"), ("returned", "00123"), ("reopened", "110101199003078888")):
        company.hand_in(tasks[name], note, pieces[1])
    with database.writing(world.reviewer.entities) as s:
        reviewing.accept(s, world.reviewer, tasks["done"], "-2+3")
        reviewing.accept(s, world.reviewer, tasks["reopened"])
        reviewing.send_back(s, world.reviewer, tasks["returned"], "=1+1\n请补充")
    with database.writing(world.officer.entities) as s:
        working.cancel(s, world.officer, tasks["cancelled"], "@SUM(A1)")
        reviewing.reopen(s, world.officer, tasks["reopened"], "监管要求补充")
        working.reschedule(s, world.officer, tasks["not_started"], date(2027, 1, 20), "节前盘点")
    _piece(company, "新版本.txt", "新的内容", pieces[0])
    return tasks


@cache
def _told(template: Path) -> tuple[Path, dict[str, int]]:
    """Tell it once, beside the database it begins with: seven tasks, one of an event, one obligation excluded with a reason."""
    folder = template.with_name("story")
    folder.mkdir()
    path = folder / "story.db"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}")
    company = Company(database, World.read(database), Store(folder / "store", 10**7))
    world, officer = company.world, company.world.officer
    company.assign(company.applicable(7), replace(company.terms(), department="=cmd|'/C calc'!A0"), (DUE - TODAY).days)
    with database.reading(officer.entities) as s:
        made = task_ids(s, officer, TaskFilter())
    tasks = _acts(company, made)
    by_event = company.applicable(1, cadence="event")
    company.assign(by_event, company.terms(first_due=None, cadence=None))
    with database.writing(officer.entities) as s:
        standing = next(row for row in assignments(s, officer, world.ours, ObligationFilter()) if row.obligation_id == by_event[0])
        tasks["occasion"] = planning.note_occasion(s, officer, standing.id, "@收到问询函 0012", date(2026, 12, 10)).id
        last = scope_ids(s, officer, world.ours, ObligationFilter(), "applies")[-1:]
        planning.decide_scope(s, officer, world.ours, last, ScopeState.NOT_APPLICABLE, "=本主体未开展\n该业务")
    database.close()
    return folder, tasks


@pytest.fixture
def story(working_template: Path, company: Company, frozen_clock: time_machine.Traveller) -> Story:
    """Give this test its own copy of the story in its copy of the company; then time has passed."""
    folder, tasks = _told(working_template)
    company.database.close()
    shutil.copyfile(folder / "story.db", str(company.database.engine.url.database))
    shutil.copytree(folder / "store", company.store.root, dirs_exist_ok=True)
    frozen_clock.move_to(LATER)
    return Story(company, dict(tasks))
