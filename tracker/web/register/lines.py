"""The list of obligations as one value: what is filtered, and each obligation with how it stands with the chosen entity."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ...assignments.models import Assignment
from ...assignments.queries import standing_assignments
from ...people.access import Viewer
from ...people.queries import Colleague, names
from ...register.models import Obligation
from ...register.queries import SORTS, ObligationFilter, obligation_count, obligation_ids, obligations
from ...scope.queries import RECONSIDER, ScopeRow, scope_count, scope_ids, scope_rows
from ...words import Standing
from ..filters import Page, obligation_facets, obligation_filter, order_of, page_of, value_of, words_of
from ..listing import Facet


@dataclass(frozen=True, slots=True)
class Line:
    """One obligation; scope and assignment only when one entity is chosen."""

    obligation: Obligation
    scope: ScopeRow | None = None
    assignment: Assignment | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which obligations the address asks for, and of which entity one wants to know how they stand."""

    facets: list[Facet]
    obligation: ObligationFilter
    entity_id: int | None
    standing: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list."""

    lines: list[Line]
    page: Page
    people: dict[int, Colleague]


def wanted(s: Session, entity_id: int | None) -> Wanted:
    """Read the filter of this address."""
    facets = obligation_facets(s)
    gone = Facet("withdrawn", _("已撤下的义务"), [("1", _("一并显示"))], "one")
    found = obligation_filter(facets, withdrawn=bool(value_of(gone, request.args)))
    facets.append(gone)
    if entity_id is None:
        return Wanted(facets, found, None, "")
    standing = Facet("standing", _("适用性"), [*words_of(Standing), ("undecided", _("待确认（全部）")), (RECONSIDER, _("文本已变，建议改认"))], "one")
    return Wanted([standing, *facets], found, entity_id, value_of(standing, request.args))


def listed(s: Session, who: Viewer, what: Wanted) -> Listed:
    """Read one page of it, in a constant number of statements."""
    sort, descending = order_of(SORTS, "clause")
    if what.entity_id is None:
        page = page_of(obligation_count(s, what.obligation))
        rows = obligations(s, what.obligation, sort, descending, page.offset, page.size)
        return Listed([Line(row) for row in rows], page, {})
    page = page_of(scope_count(s, who, what.entity_id, what.obligation, what.standing))
    found = scope_rows(s, who, what.entity_id, what.obligation, what.standing, page.offset, page.size, sort, descending)
    return _with_assignments(s, who, what.entity_id, found, page)


def _with_assignments(s: Session, who: Viewer, entity_id: int, found: Sequence[ScopeRow], page: Page) -> Listed:
    held = standing_assignments(s, who, entity_id, [row.obligation.id for row in found])
    lines = [Line(row.obligation, row, held.get((entity_id, row.obligation.id))) for row in found]
    return Listed(lines, page, names(s, [row.owner_id for row in held.values()]))


def matching(s: Session, who: Viewer, what: Wanted, ids: Collection[str] | None) -> list[str]:
    """Return the ids that were ticked, or those of all that match."""
    if ids is not None:
        return list(ids)
    if what.entity_id is None:
        return obligation_ids(s, what.obligation)
    return scope_ids(s, who, what.entity_id, what.obligation, what.standing)
