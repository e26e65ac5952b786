"""The only clock: moments are aware UTC, "today" is the date in Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """Return this moment as an aware UTC datetime."""
    return _told.get() or datetime.now(UTC)


def really() -> datetime:
    """Return this moment even where the clock stands at another: of the past, too, a signature says when it was made."""
    return datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at a moment, for building the demonstration's past and for looking back, and for nothing else."""
    before = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(before)


def today() -> date:
    """Return today's date where the users are (Asia/Shanghai)."""
    return now().astimezone(SHANGHAI).date()


def stamp(moment: datetime) -> str:
    """Write a moment as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the one text form used in the trail."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(moment: datetime) -> datetime:
    """Turn a moment into Asia/Shanghai time for people to read."""
    return moment.astimezone(SHANGHAI)
