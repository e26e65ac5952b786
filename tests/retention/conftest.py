"""A piece of evidence that is as old as a test wants, a second officer, and a store, for the tests of this room."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from tests.cast import World
from tests.making import Making
from tests.work import company, working_template
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.models import Evidence
from tracker.evidence.store import Store
from tracker.people.access import Viewer
from tracker.retention import asking
from tracker.words import RetentionAct, Role

__all__ = ["company", "office", "working_template"]

REASON, BASIS = "保存期限届满", "《证券法》第137条"
# The day after the last day of twenty years from 2026-11-22.
AFTER = datetime(2046, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Office:
    """One test's database with two officers in 海川证券, and short ways to do what the tests need done."""

    database: Database
    world: World
    store: Store
    second: Viewer
    clock: time_machine.Traveller

    @property
    def first(self) -> Viewer:
        """Return 林合规, who asks; the second one decides."""
        return self.world.officer

    def piece(self, text: str = "检查未见异常。", entity: str = "ours", obtained_on: date | None = None) -> int:
        """Add a piece of evidence and return its number."""
        who = self.world.owner if entity == "ours" else self.world.outsider
        stored = self.store.put(io.BytesIO(text.encode()), "记录.txt")
        with self.database.writing(who.entities) as s:
            return add_evidence(s, who, getattr(self.world, entity), stored, EvidenceFacts(obtained_on=obtained_on)).evidence.id

    def row(self, evidence_id: int) -> Evidence:
        """Return a piece as it stands."""
        with self.database.reading("every entity") as s:
            return s.get_one(Evidence, evidence_id)

    def ask(self, thing: str, act: RetentionAct = RetentionAct.DESTROY, *fields: str, who: Viewer | None = None) -> int:
        """Ask for something, of a person the administrator and else 林合规, unless told otherwise; return the request's number."""
        who = who or (self.world.admin if act == RetentionAct.REDACT_PERSON else self.first)
        with self.database.writing(who.entities) as s:
            return asking.ask(s, who, act, thing, REASON, BASIS, fields).id

    def approve(self, request_id: int, who: Viewer | None = None) -> None:
        """Let the second officer approve."""
        who = who or self.second
        with self.database.writing(who.entities) as s:
            asking.approve(s, who, request_id, self.store)


@pytest.fixture
def office(database: Database, world: World, making: Making, tmp_path: Path, frozen_clock: time_machine.Traveller) -> Office:
    """Give the office; the clock stands at 2026-11-22 10:00 in Shanghai."""
    second = making.viewer(making.person("吴合规", roles=[Role.OFFICER]))
    return Office(database, world, Store(tmp_path / "store", 10**7), second, frozen_clock)
