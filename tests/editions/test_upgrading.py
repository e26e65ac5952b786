"""Property tests over generated pairs of editions: nothing lost, the preview is what happens, twice is once, and back is back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import World
from tests.conftest import NOW
from tests.editions.registers import (
    Duty,
    Standing,
    identity,
    put,
    register,
    seen,
    standing,
    work_under,
    written,
)
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, Database

# What people wrote, uploaded, decided or recorded: none of these tables ever has fewer rows after a load than before.
KEPT = {
    "task", "assignment", "submission", "reconfirmation", "evidence", "task_evidence", "scope_decision", "obligation", "obligation_text", "edition",
    "audit_event", "audit_disclosure", "document", "clause", "official_text",
}
NUMBERS = st.integers(1, 5)
SETTINGS = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[Duty], list[Duty], list[int], list[int]]:
    """Draw a first and a second edition, which duties were assigned meanwhile, and which of them have an acceptance."""
    first = [Duty(number, draw(st.integers(0, 1))) for number in draw(st.lists(NUMBERS, min_size=1, unique=True))]
    kept = draw(st.lists(st.sampled_from(first), unique=True))
    second = [Duty(duty.number, draw(st.integers(0, 2))) for duty in kept]
    gone = [duty.number for duty in first if duty not in kept]
    for number in draw(st.lists(st.integers(6, 9), unique=True)):
        old = draw(st.sampled_from(gone)) if gone and draw(st.booleans()) else None
        if old is not None:
            gone.remove(old)
        second.append(Duty(number, draw(st.integers(0, 2)), (old,) if old is not None else (), like=old or 0))
    assigned = draw(st.lists(st.sampled_from([duty.number for duty in first]), unique=True))
    return first, draw(st.permutations(second)) or [Duty(9)], assigned, [number for number in assigned if draw(st.booleans())]


@contextmanager
def company_under(templates: dict[str, Path], first: list[Duty], assigned: list[int], accepted: list[int]) -> Iterator[Database]:
    """Give a company that has worked under the first edition."""
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        path = Path(folder) / "made.db"
        shutil.copyfile(templates["settled"], path)
        database = Database(f"sqlite:///{path}")
        try:
            put(database, register(first))
            work_under(database, World.read(database), assigned, accepted)
            yield database
        finally:
            database.close()


def check_sound(database: Database) -> None:
    """Check every chain and every reference."""
    with database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []


def lost(before: Standing, after: Standing) -> dict[str, tuple[int, int]]:
    """Return the tables that hold fewer rows than before."""
    return {name: (before.rows[name], after.rows[name]) for name in KEPT if after.rows[name] < before.rows[name]}


@SETTINGS
@given(pairs())
def test_the_preview_is_what_happens_and_nothing_is_lost(templates: dict[str, Path], drawn: tuple[list[Duty], list[Duty], list[int], list[int]]) -> None:
    first, second, assigned, accepted = drawn
    with company_under(templates, first, assigned, accepted) as database:
        before, data = standing(database), register(second, "2026.12")
        told = seen(database, data)
        assert standing(database) == before
        said = written(database)
        applied, after = put(database, data), standing(database)
        # Word for word: nothing that somebody wrote, decided or recorded reads otherwise than before.
        assert said.items() <= written(database).items()
        assert applied.loaded.plan == told.plan
        assert set(after.obligations) == {identity(duty.number) for duty in second}
        names = dict(told.changes.renamed)
        was = {names.get(key, key): digest for key, digest in before.obligations.items()}
        assert set(told.changes.added) == set(after.obligations) - set(was)
        assert set(told.changes.withdrawn) == set(was) - set(after.obligations)
        assert {one.id for one in told.changes.changed} == {key for key in was.keys() & after.obligations.keys() if was[key] != after.obligations[key]}
        (touched,) = told.touched or (None,)
        numbers = (touched.ended, touched.cancelled, touched.reconfirm) if touched else (0, 0, 0)
        assert numbers == tuple(sum(getattr(one, name) for one in told.by_obligation.values()) for name in ("ended", "cancelled", "reconfirm"))
        assert numbers == (len(before.assignments - after.assignments), len(before.open - after.open), len(after.outdated - before.outdated))
        assert (before.done, lost(before, after)) == (after.done, {})
        check_sound(database)


@SETTINGS
@given(pairs())
def test_applying_twice_changes_nothing_the_second_time(templates: dict[str, Path], drawn: tuple[list[Duty], list[Duty], list[int], list[int]]) -> None:
    first, second, assigned, accepted = drawn
    with company_under(templates, first, assigned, accepted) as database:
        data = register(second, "2026.12")
        put(database, data)
        once = standing(database)
        assert put(database, data).loaded.edition_id is None
        assert standing(database) == once
        # The same content in other bytes is a new edition of which nothing changes.
        assert not put(database, data + b"\n").loaded.changed_anything
        twice = standing(database)
        assert (twice.obligations, twice.assignments, twice.open, twice.outdated) == (once.obligations, once.assignments, once.open, once.outdated)


@SETTINGS
@given(pairs())
def test_there_and_back_gives_the_first_obligations_with_all_history(templates: dict[str, Path], drawn: tuple[list[Duty], list[Duty], list[int], list[int]]) -> None:
    first, second, assigned, accepted = drawn
    with company_under(templates, first, assigned, accepted) as database:
        before = standing(database)
        put(database, register(second, "2026.12"))
        between = standing(database)
        put(database, register(first))
        after = standing(database)
        assert after.obligations == before.obligations
        # What was accepted on the first texts stands on them again.
        assert (after.outdated, after.done) == (frozenset(), before.done)
        assert (lost(before, between), lost(between, after)) == ({}, {})
        assert after.rows["edition"] == before.rows["edition"] + 2
        check_sound(database)
