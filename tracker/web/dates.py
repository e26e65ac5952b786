"""How dates are said on the pages: short for people, exact on hover and in print."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from flask import Flask

from .. import clock
from .saying import say as _

SOON = 7


class Due(NamedTuple):
    """A due date in words, as the macro `due` of components/marks.html takes it."""

    text: str
    tone: str
    exact: str
    note: str


def day(value: date | None) -> str:
    """Say a day: 11月30日, with the year when it is not this one."""
    if value is None:
        return ""
    short = f"{value.month}月{value.day}日"
    return short if value.year == clock.today().year else f"{value.year}年{short}"


def moment(value: datetime | None) -> str:
    """Say a moment to the minute, in Shanghai."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else ""


def due(value: date, closed: bool = False) -> Due:
    """Say a due date and what it means today; a closed thing is never late."""
    left = (value - clock.today()).days
    if closed:
        return Due(day(value), "done", value.isoformat(), "")
    if left < 0:
        return Due(day(value), "late", value.isoformat(), _("逾期 %(n)s 天", n=-left))
    if left == 0:
        return Due(day(value), "today", value.isoformat(), _("今天"))
    return Due(day(value), "soon" if left <= SOON else "", value.isoformat(), _("还有 %(n)s 天", n=left))


def speak_dates(app: Flask) -> None:
    """Add the template filters `day` and `moment`, and the global `due_of`."""
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_global(due, "due_of")
