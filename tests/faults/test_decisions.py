"""Opposite decisions at the same moment, on both databases: one wins, the rules hold. Many rounds: tests/torture/decisions.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from tests.cast import World
from tests.faults.deciding import Contest
from tests.work import Company, company, put_to_work
from tracker.db import Database
from tracker.evidence.store import Store

__all__ = ["company"]
ROUNDS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def at_odds(request: pytest.FixtureRequest, tmp_path: Path, frozen_clock: time_machine.Traveller) -> Iterator[Company]:
    """Give the company at work on a database of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("company")
        return
    database: Database = request.getfixturevalue("postgres_settled")
    put_to_work(database)
    yield Company(database, World.read(database), Store(tmp_path / "store", 10**7))


def test_whoever_is_first_the_rules_hold(at_odds: Company) -> None:
    contest = Contest(at_odds)
    assert list(contest.play(ROUNDS)) == []
    assert contest.sound()
    assert set(contest.won["decisions"]) == {1}
