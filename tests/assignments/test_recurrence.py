"""Due dates follow from the first one intended, for every cadence and every calendar."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.assignments.recurrence import due_date, due_dates, period
from tracker.words import Cadence

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
RHYTHMS = st.sampled_from([Cadence.MONTHLY, Cadence.QUARTERLY, Cadence.SEMIANNUAL, Cadence.ANNUAL])


def test_a_month_end_stays_a_month_end() -> None:
    found = [due for _, due in due_dates(date(2026, 6, 30), Cadence.QUARTERLY, None, 0, date(2027, 6, 30))]
    assert found == [date(2026, 6, 30), date(2026, 9, 30), date(2026, 12, 31), date(2027, 3, 31), date(2027, 6, 30)]


def test_each_rhythm_has_its_months() -> None:
    found = {cadence: due_date(date(2026, 3, 15), cadence, None, 1) for cadence in (Cadence.MONTHLY, Cadence.QUARTERLY, Cadence.SEMIANNUAL, Cadence.ANNUAL)}
    assert found == {
        Cadence.MONTHLY: date(2026, 4, 15), Cadence.QUARTERLY: date(2026, 6, 15), Cadence.SEMIANNUAL: date(2026, 9, 15), Cadence.ANNUAL: date(2027, 3, 15),
    }


def test_a_day_that_a_month_lacks_becomes_its_last_day_and_comes_back() -> None:
    found = [due_date(date(2027, 1, 30), Cadence.MONTHLY, None, n) for n in range(3)]
    assert found == [date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30)]


def test_once_has_one_due_date_and_an_event_none() -> None:
    assert due_date(date(2026, 12, 1), Cadence.ONCE, None, 0) == date(2026, 12, 1)
    assert due_date(date(2026, 12, 1), Cadence.ONCE, None, 1) is None
    assert due_date(date(2026, 12, 1), Cadence.EVENT, None, 0) is None


def test_what_is_continuous_is_confirmed_at_its_review_rhythm() -> None:
    assert due_date(date(2026, 12, 15), Cadence.CONTINUOUS, Cadence.QUARTERLY, 2) == date(2027, 6, 15)


@given(first=DAYS, cadence=RHYTHMS, n=st.integers(0, 40))
def test_due_dates_grow_and_keep_their_day_or_the_months_end(first: date, cadence: Cadence, n: int) -> None:
    here, there = due_date(first, cadence, None, n), due_date(first, cadence, None, n + 1)
    assert here is not None and there is not None and here < there
    assert here.day == first.day or (here + timedelta(days=1)).day == 1


@given(first=DAYS, cadence=RHYTHMS, n=st.integers(0, 40))
def test_periods_follow_each_other_without_gap_or_overlap(first: date, cadence: Cadence, n: int) -> None:
    one, two = period(first, cadence, None, n), period(first, cadence, None, n + 1)
    assert one is not None and two is not None
    assert one[0] <= one[1] and two[0] == one[1] + timedelta(days=1)


@given(first=DAYS, cadence=RHYTHMS, start=st.integers(0, 12), ahead=st.integers(0, 900))
def test_planning_in_two_steps_gives_what_planning_at_once_gives(first: date, cadence: Cadence, start: int, ahead: int) -> None:
    until = first + timedelta(days=ahead)
    whole = list(due_dates(first, cadence, None, 0, until))
    cut = min(start, len(whole))
    assert whole[:cut] + list(due_dates(first, cadence, None, cut, until)) == whole
