"""For random histories, what is seen as of each past moment equals what was seen then: rows, sheets, and the workbook's bytes."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.asof.histories import ACTS, OFTEN, Life, Seen, begin, see
from tests.cast import World, settle
from tests.conftest import NOW
from tracker import migrate
from tracker.audit import trail
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, Database
from tracker.evidence.store import Store

STEPS = st.lists(st.tuples(st.sampled_from([*sorted(ACTS), *OFTEN]), st.integers(0, 2**20), st.booleans()), min_size=8, max_size=30)
# No shrinking: an example takes seconds, and the difference is named anyway.
SETTINGS = settings(max_examples=3, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@contextmanager
def life_in(templates: dict[str, Path]) -> Iterator[Life]:
    """Give a company at the beginning of its story."""
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False) as traveller:
        path = Path(folder) / "life.db"
        shutil.copyfile(templates["settled"], path)
        database = Database(f"sqlite:///{path}")
        try:
            life = Life(database, World.read(database), Store(Path(folder) / "store", 10**6), traveller)
            begin(life)
            yield life
        finally:
            database.close()


def hold_against(life: Life, remembered: dict[datetime, Seen]) -> None:
    """Look back at every remembered moment and compare, part by part, so that a difference is named."""
    for moment, then in remembered.items():
        _at, now = see(life, moment)
        for name, rows in then.rows.items():
            assert now.rows[name] == rows, f"{name} as of {moment}"
        for title, lines in then.sheets.items():
            assert now.sheets[title] == lines, f"{title} as of {moment}"
        assert now.workbook == then.workbook, f"the bytes as of {moment}"


@SETTINGS
@given(steps=STEPS)
def test_what_is_seen_as_of_a_past_moment_is_what_was_seen_then(templates: dict[str, Path], steps: list[tuple[str, int, bool]]) -> None:
    with life_in(templates) as life:
        remembered = dict([see(life)])
        for number, (name, seed, look) in enumerate(steps):
            life.live(name, seed)
            if look and number % 3 == 0:
                moment, seen = see(life)
                remembered[moment] = seen
        moment, seen = see(life)
        remembered[moment] = seen
        hold_against(life, remembered)


def _long(life: Life, acts: int, every: int) -> dict[datetime, Seen]:
    die, remembered = random.Random(20261122), {}
    for number in range(acts):
        # What did not come about yet is tried more often, or a rare act might never be among them.
        missing = sorted(set(ACTS) - set(life.done)) if number > acts / 2 else []
        life.live(die.choice([*sorted(ACTS), *OFTEN, *missing * 3]), die.randint(0, 2**20))
        if number % every == 0:
            moment, seen = see(life)
            remembered[moment] = seen
    return remembered


def test_a_long_history_in_which_everything_happens(templates: dict[str, Path]) -> None:
    with life_in(templates) as life:
        remembered = _long(life, 180, 45)
        assert set(life.done) == set(ACTS), f"never done: {sorted(set(ACTS) - set(life.done))}"
        assert len({seen.workbook for seen in remembered.values()}) == len(remembered)
        hold_against(life, remembered)
        with life.database.reading(EVERY_ENTITY) as s:
            assert faults(s) == []


def test_a_history_on_postgresql(postgres_database: Database, tmp_path: Path) -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        migrate.upgrade(postgres_database)
        with postgres_database.writing() as s:
            trail.found(s)
        settle(postgres_database)
        traveller.shift(60)
        life = Life(postgres_database, World.read(postgres_database), Store(tmp_path / "store", 10**6), traveller)
        begin(life)
        remembered = _long(life, 40, 20)
        assert life.done["load"] > 1
        hold_against(life, remembered)
