"""Pure rule of recurrence: the n-th due date is counted from the first one intended, never from a completion."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from ..words import Cadence

MONTHS = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.SEMIANNUAL: 6, Cadence.ANNUAL: 12}


def step(cadence: Cadence, review_every: Cadence | None) -> int | None:
    """Return the months between two due dates; None when there is only one (once) or none by itself (event)."""
    return MONTHS.get(review_every if cadence == Cadence.CONTINUOUS and review_every else cadence)


def _months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    # A series that starts on the last day of a month means month ends: 30 June, 30 September, 31 December.
    at_end = first.day == calendar.monthrange(first.year, first.month)[1]
    return date(year, month + 1, last if at_end else min(first.day, last))


def due_date(first: date, cadence: Cadence, review_every: Cadence | None, n: int) -> date | None:
    """Return the n-th intended due date (n from 0), or None when there is no such one."""
    months = step(cadence, review_every)
    if months is None:
        return first if n == 0 and cadence != Cadence.EVENT else None
    return _months_later(first, months * n)


def due_dates(first: date, cadence: Cadence, review_every: Cadence | None, start: int, until: date) -> Iterator[tuple[int, date]]:
    """Yield (n, due date) from the `start`-th on, as far as `until` inclusive."""
    n = start
    while (due := due_date(first, cadence, review_every, n)) is not None and due <= until:
        yield n, due
        n += 1


def period(first: date, cadence: Cadence, review_every: Cadence | None, n: int) -> tuple[date, date] | None:
    """Return the span that the n-th task speaks of: from the day after the due date before to its own due date."""
    months, due = step(cadence, review_every), due_date(first, cadence, review_every, n)
    if months is None or due is None:
        return None
    return _months_later(first, months * (n - 1)) + timedelta(days=1), due
