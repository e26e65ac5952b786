"""After an edition that changed whom an obligation is for: decisions that the suggestion now contradicts are found again."""

from __future__ import annotations

from sqlalchemy import select

from tests.cast import World
from tests.editions.registers import Duty, identity, put, register
from tracker.db import Database
from tracker.register.queries import ObligationFilter
from tracker.scope.actions import confirm_suggestions, decide
from tracker.scope.models import ScopeDecision
from tracker.scope.queries import RECONSIDER, scope_count, scope_ids, scope_rows
from tracker.words import ScopeState

FIRST = [Duty(1), Duty(2)]


def for_others_only(data: bytes) -> bytes:
    """Take securities firms out of the bearers of every duty."""
    return data.replace(b'"securities_firm",\n', b"")


def test_a_decision_that_the_new_text_contradicts_is_found_until_it_is_decided_anew(database: Database, world: World, frozen_clock: object) -> None:
    put(database, register(FIRST))
    officer = world.officer
    with database.writing(officer.entities) as s:
        confirm_suggestions(s, officer, world.ours, [identity(1), identity(2)])
    with database.reading(officer.entities) as s:
        assert scope_count(s, officer, world.ours, ObligationFilter(), RECONSIDER) == 0
    changed = for_others_only(register(FIRST, "2026.12"))
    assert changed != register(FIRST, "2026.12")
    put(database, changed)
    with database.reading(officer.entities) as s:
        assert scope_ids(s, officer, world.ours, ObligationFilter(), RECONSIDER) == [identity(1), identity(2)]
        assert all(row.reconsider and not row.suggested for row in scope_rows(s, officer, world.ours, ObligationFilter()))
    with database.writing(officer.entities) as s:
        decide(s, officer, world.ours, [identity(1)], ScopeState.NOT_APPLICABLE, "新文本不再包括证券公司。")
        decide(s, officer, world.ours, [identity(2)], ScopeState.APPLIES, "本公司仍按原要求执行。")
    with database.reading(officer.entities) as s:
        assert scope_count(s, officer, world.ours, ObligationFilter(), RECONSIDER) == 0


def test_a_change_that_leaves_the_suggestion_alone_asks_for_nothing(database: Database, world: World, frozen_clock: object) -> None:
    put(database, register(FIRST))
    officer = world.officer
    with database.writing(officer.entities) as s:
        confirm_suggestions(s, officer, world.ours, [identity(1), identity(2)])
    put(database, register([Duty(1, 1), Duty(2, 1)], "2026.12"))
    with database.reading(officer.entities) as s:
        assert scope_count(s, officer, world.ours, ObligationFilter(), RECONSIDER) == 0
        assert len(list(s.scalars(select(ScopeDecision)))) == 2
