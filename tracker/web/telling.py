"""Events of the trail as the `history` macro of components/thing.html takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from .. import clock
from ..audit.queries import Told
from ..people.access import Viewer
from ..reports.telling import told
from . import dates


@dataclass(frozen=True, slots=True)
class Event:
    """One event on a page; `thing` names what was changed, `href` leads there."""

    when: str
    exact: str
    who: str
    door: str
    sentence: str
    thing: str
    changes: list[tuple[str, str, str]]
    href: str
    chain: str
    seq: int
    entry: str


def tell(s: Session, viewer: Viewer, events: Sequence[Told], of_one_thing: bool = True) -> list[Event]:
    """Put events into words; on the page of the thing itself its name and link are left out."""
    return [
        Event(
            dates.moment(line.at), clock.local(line.at).strftime("%Y-%m-%d %H:%M:%S"), line.who, _("经%(door)s", door=line.door),
            line.action, "" if of_one_thing else line.thing, line.changes, "" if of_one_thing else line.href, line.chain, line.seq, line.entry,
        )
        for line in told(s, viewer, events)
    ]
