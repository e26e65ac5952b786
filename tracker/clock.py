"""The only clock: moments are aware UTC, "today" is the date in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return this moment as an aware UTC datetime."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date where the users are (Asia/Shanghai)."""
    return now().astimezone(SHANGHAI).date()


def stamp(moment: datetime) -> str:
    """Write a moment as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the one text form used in the trail."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(moment: datetime) -> datetime:
    """Turn a moment into Asia/Shanghai time for people to read."""
    return moment.astimezone(SHANGHAI)
