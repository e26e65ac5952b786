"""A company at work: the real register, or a third of it, in force, scope confirmed in 海川证券; made once, copied per test."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine

from tests.cast import BEGAN, World
from tests.fewer import WHOLE, register
from tracker.assignments import assigning, working
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.words import Cadence, Standing

# A third of the real one; what is about all of it reads obligations.yaml itself (WHOLE).
REGISTER = register()
TODAY = date(2026, 11, 22)
DUE = date(2026, 12, 31)


@dataclass
class Company:
    """One test's copy of the company at work, and short ways to do what the tests need done."""

    database: Database
    world: World
    store: Store

    def applicable(self, number: int | None = None, cadence: str = "") -> list[str]:
        """List obligations confirmed as applicable to 海川证券."""
        officer = self.world.officer
        with self.database.reading(officer.entities) as s:
            return scope_ids(s, officer, self.world.ours, ObligationFilter(cadence=cadence), Standing.APPLIES)[:number]

    def terms(self, first_due: date | None = DUE, cadence: Cadence | None = Cadence.MONTHLY, **changes: object) -> assigning.Terms:
        """Return terms with 王责任 as owner and 赵复核 as reviewer."""
        people = self.world.people
        given = {"owner_id": people["王责任"], "reviewer_id": people["赵复核"], "department": "财富管理部", **changes}
        return assigning.Terms(first_due=first_due, cadence=cadence, **given)  # type: ignore[arg-type]

    def assign(self, ids: list[str], terms: assigning.Terms | None = None, horizon_days: int = 100) -> assigning.Assigned:
        """Let 林合规 assign obligations of 海川证券."""
        officer = self.world.officer
        with self.database.writing(officer.entities) as s:
            return assigning.assign(s, officer, self.world.ours, ids, terms or self.terms(), horizon_days)

    def task(self) -> int:
        """Make one task, of the first applicable obligation, and return its id."""
        self.assign(self.applicable(1), horizon_days=(DUE - TODAY).days)
        with self.database.reading(self.world.owner.entities) as s:
            return task_ids(s, self.world.owner, TaskFilter())[0]

    def evidence(self, name: str = "检查记录.txt", text: str = "本期检查未发现异常。") -> int:
        """Let 王责任 add a piece of evidence and return its id."""
        owner, stored = self.world.owner, self.store.put(io.BytesIO(text.encode()), name)
        with self.database.writing(owner.entities) as s:
            row = add_evidence(s, owner, self.world.ours, stored, EvidenceFacts(obtained_on=TODAY - timedelta(days=3))).evidence
            s.flush()
            return row.id

    def hand_in(self, task_id: int, note: str = "已完成。", evidence_id: int | None = None) -> int:
        """Let 王责任 cite evidence and hand a task in; returns the evidence's id."""
        piece, owner = evidence_id or self.evidence(), self.world.owner
        with self.database.writing(owner.entities) as s:
            working.cite(s, owner, task_id, [piece])
            working.submit(s, owner, task_id, working.Work(note))
        return piece


def put_to_work(database: Database, register: Path = REGISTER) -> None:
    """Load a register into a settled database and confirm the scope of 海川证券."""
    with time_machine.travel(BEGAN, tick=False):
        host = operator("操作员")
        with database.writing(host.entities) as s:
            load(s, host, register.read_bytes(), register.name)
        world = World.read(database)
        officer = world.officer
        with database.writing(officer.entities) as s:
            every = scope_ids(s, officer, world.ours, ObligationFilter())
            confirm_suggestions(s, officer, world.ours, every)


@pytest.fixture(scope="session")
def working_template(templates: dict[str, Path]) -> Path:
    """Make the database of the company at work once."""
    return _working(templates["settled"], "working.db", REGISTER)


@pytest.fixture(scope="session")
def whole_template(templates: dict[str, Path]) -> Path:
    """Make it once with every obligation of the register: modules that need them import this as `working_template`."""
    return _working(templates["settled"], "whole.db", WHOLE)


def _working(settled: Path, name: str, register: Path) -> Path:
    path = settled.with_name(name)
    shutil.copyfile(settled, path)
    database = Database(f"sqlite:///{path}")
    put_to_work(database, register)
    database.close()
    return path


@pytest.fixture
def company(working_template: Path, tmp_path: Path, frozen_clock: time_machine.Traveller) -> Iterator[Company]:
    """Give this test its own copy; the clock stands at 2026-11-22 10:00 in Shanghai."""
    target = tmp_path / "working.db"
    shutil.copyfile(working_template, target)
    database = Database(f"sqlite:///{target}")
    yield Company(database, World.read(database), Store(tmp_path / "store", 10**7))
    database.close()
