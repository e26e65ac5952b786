"""The level of an obligation: one word, the worst first, and nothing that is wrong hides behind what is right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.standing.level import Level, Work, level_of, worst
from tracker.words import ScopeState

APPLIES, EXCLUDED = ScopeState.APPLIES, ScopeState.NOT_APPLICABLE
ALL = Work(overdue=1, returned=1, reconfirm=1, open=1, submitted=1, done=1)
NUMBERS = st.integers(0, 3)
WORKS = st.builds(Work, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
SCOPES = st.sampled_from([None, APPLIES, EXCLUDED])


@pytest.mark.parametrize(("scope", "assigned", "work", "level"), [
    (APPLIES, True, ALL, Level.OVERDUE),
    (APPLIES, True, replace(ALL, overdue=0), Level.RETURNED),
    (APPLIES, True, replace(ALL, overdue=0, returned=0), Level.RECONFIRM),
    (APPLIES, True, Work(open=2, submitted=1, done=5), Level.OPEN),
    (APPLIES, True, Work(submitted=1, done=5), Level.SUBMITTED),
    (APPLIES, True, Work(done=5), Level.DONE),
    (APPLIES, True, Work(), Level.IDLE),
    (APPLIES, False, Work(), Level.UNASSIGNED),
    (APPLIES, False, Work(done=5), Level.UNASSIGNED),
    (APPLIES, False, Work(overdue=1), Level.OVERDUE),
    (None, False, Work(), Level.UNDECIDED),
    (None, True, Work(open=1), Level.UNDECIDED),
    (None, False, Work(reconfirm=1, done=1), Level.RECONFIRM),
    (EXCLUDED, False, Work(), Level.NOT_APPLICABLE),
    (EXCLUDED, True, ALL, Level.NOT_APPLICABLE),
])
def test_each_standing_has_its_level(scope: ScopeState | None, assigned: bool, work: Work, level: Level) -> None:
    assert level_of(scope, assigned, work) is level


@given(SCOPES, st.booleans(), WORKS)
def test_one_more_late_task_never_makes_it_look_better(scope: ScopeState | None, assigned: bool, work: Work) -> None:
    before, after = level_of(scope, assigned, work), level_of(scope, assigned, replace(work, overdue=work.overdue + 1))
    assert worst([before, after]) is after
    assert (after is Level.OVERDUE) is (scope is not EXCLUDED)


@given(SCOPES, WORKS)
def test_what_nobody_sees_to_never_looks_done(scope: ScopeState | None, work: Work) -> None:
    assert level_of(scope, False, work) not in {Level.OPEN, Level.SUBMITTED, Level.DONE, Level.IDLE}


def test_the_worst_stands_first_in_the_list_of_words() -> None:
    assert [worst(list(Level)[at:]) for at in range(len(Level))] == list(Level)
    assert worst([]) is None


def test_what_is_unfinished_is_counted_without_what_is_done() -> None:
    assert Work(overdue=1, returned=1, reconfirm=1, open=2, submitted=4, done=8).unfinished == 7
