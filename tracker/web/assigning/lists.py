"""The three lists of assigning: what stands, what applies and nobody holds, what has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ...assignments import queries
from ...assignments.models import Assignment
from ...people.access import Viewer
from ...people.queries import Colleague, entity_choices, names
from ...register.models import Obligation
from ...register.queries import ObligationFilter
from ...scope.queries import scope_rows
from ...words import Standing
from ..addresses import row_id
from ..filters import Page, obligation_facets, obligation_filter, page_of, value_of
from ..listing import Facet, here
from .holders import with_asked

ACTIVE, UNASSIGNED, ENDED = "", "unassigned", "ended"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list the address asks for, and its filter."""

    entity_id: int | None
    show: str
    obligation: ObligationFilter
    facets: list[Facet]
    person_id: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list: assignments, or obligations that nobody holds."""

    page: Page
    rows: Sequence[Assignment] = ()
    obligations: Sequence[Obligation] = ()
    ids: Sequence[str] = ()
    people: dict[int, Colleague] = field(default_factory=dict)
    due: dict[int, list[tuple[int, date]]] = field(default_factory=dict)
    entities: dict[int, str] = field(default_factory=dict)


def wanted(s: Session, who: Viewer, entity_id: int | None) -> Wanted:
    """Read the filter of this address."""
    facets = obligation_facets(s)
    obligation = obligation_filter(facets, withdrawn=True)
    show = request.args.get("show", "")
    show = show if show in {UNASSIGNED, ENDED} else ACTIVE
    if entity_id is None or show == UNASSIGNED:
        return Wanted(entity_id, show, obligation, facets, None)
    asked = request.args.get("person", "")
    there = with_asked(s, who, entity_id, row_id(asked) if asked else None)
    people = Facet("person", _("责任人或复核人"), [(str(p.id), p.shown) for p in there], "one")
    person = value_of(people, request.args)
    return Wanted(entity_id, show, obligation, [people, *facets], int(person) if person else None)


def listed(s: Session, who: Viewer, what: Wanted, whole: bool = False) -> Listed:
    """Read one page of it, or the whole, in a constant number of statements."""
    if what.show == UNASSIGNED:
        return _unassigned(s, who, what)
    active = what.show == ACTIVE
    page = page_of(queries.assignment_count(s, who, what.entity_id, what.obligation, active, what.person_id))
    offset, limit = (0, None) if whole else (page.offset, page.size)
    rows = queries.assignments(s, who, what.entity_id, what.obligation, active, offset, limit, what.person_id)
    people = names(s, {person for row in rows for person in (row.owner_id, row.reviewer_id)})
    due = queries.open_due_dates(s, who, [row.id for row in rows]) if active else {}
    return Listed(page, rows=rows, people=people, due=due, entities={row.id: row.short_name for row in entity_choices(s, who)})


def _unassigned(s: Session, who: Viewer, what: Wanted) -> Listed:
    if what.entity_id is None:
        return Listed(page_of(0))
    ids = queries.unassigned(s, who, what.entity_id, what.obligation)
    page = page_of(len(ids))
    shown = set(ids[page.offset:page.offset + page.size])
    rows = scope_rows(s, who, what.entity_id, what.obligation, Standing.APPLIES)
    return Listed(page, obligations=[row.obligation for row in rows if row.obligation.id in shown], ids=ids)


def tabs(s: Session, who: Viewer, what: Wanted) -> list[tuple[str, int, str, bool]]:
    """Return the three lists with their numbers under the same filter."""
    def count(active: bool) -> int:
        return queries.assignment_count(s, who, what.entity_id, what.obligation, active, what.person_id)

    found = [(_("执行中"), count(True), ACTIVE)]
    if what.entity_id is not None:
        found.append((_("适用但未分派"), len(queries.unassigned(s, who, what.entity_id, what.obligation)), UNASSIGNED))
    found.append((_("已结束"), count(False), ENDED))
    return [(label, number, here(show=show or None), show == what.show) for label, number, show in found]
