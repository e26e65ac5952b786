"""The table of classes: terms end where the law says at the earliest, and nothing without a first day ends at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.retention.classes import CLASSES, GENERAL, OF_KIND, Term, default_class, later, why_not

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(("day", "months", "end"), [
    (date(2026, 11, 22), 240, date(2046, 11, 22)), (date(2024, 2, 29), 240, date(2044, 2, 29)), (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2026, 8, 31), 6, date(2027, 2, 28)), (date(2026, 12, 31), 1, date(2027, 1, 31)),
])
def test_months_are_counted_by_the_calendar(day: date, months: int, end: date) -> None:
    assert later(day, months) == end


@settings(max_examples=40)
@given(DAYS, st.sampled_from(sorted(CLASSES)), DAYS)
def test_nothing_is_over_before_its_last_day(start: date, code: str, today: date) -> None:
    kept_as = CLASSES[code]
    term = Term(kept_as, start)
    assert term.end is not None and (term.end.year - start.year) * 12 + term.end.month - start.month == kept_as.months
    assert term.is_over(today) is (today > term.end) and not term.is_over(term.end) and term.is_over(term.end + timedelta(days=1))
    assert bool(why_not(term, today, "这份证据", "")) is not term.is_over(today)
    assert not Term(kept_as, None).is_over(today) and "尚未填写" in why_not(Term(kept_as, None), today, "这份证据", "")


@given(st.sets(st.sampled_from(sorted(OF_KIND))))
def test_an_entity_keeps_as_long_as_the_longest_of_its_kinds(kinds: set[str]) -> None:
    assert default_class(kinds).months == max([CLASSES[OF_KIND[kind]].months for kind in kinds] or [GENERAL.months])


def test_every_class_names_its_law_or_says_that_none_was_found() -> None:
    assert all("第" in one.law and "条" in one.law for one in CLASSES.values() if one is not GENERAL)
    assert "未核验" in GENERAL.basis and "未核验" not in CLASSES["securities_firm"].basis
    assert {one.months for one in CLASSES.values()} == {240, 120, 36, 6}


def test_the_sentence_reads_well_where_no_law_was_found() -> None:
    assert Term(GENERAL, date(2026, 1, 1)).words.endswith("自形成之日起不少于 20 年，依据：没有查到统一规定，本系统从长按 20 年保存（未核验）")
