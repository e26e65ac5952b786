"""Evidence as pages: everything the library and the page of one piece show, and which buttons their viewer may use."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from ... import clock
from ...alarms.queries import is_told
from ...assignments.queries import citing
from ...assignments.workflow import shown_state
from ...audit.queries import TrailFilter, events
from ...audit.trail import entity_chain
from ...errors import BadInput, NotFound
from ...evidence import queries
from ...evidence.actions import KEEPERS
from ...evidence.checks import Kind
from ...evidence.models import Evidence
from ...evidence.preview import NoPreview, can_preview, page_count
from ...evidence.queries import LibraryFilter
from ...people.queries import entity
from ...retention.queries import hold_on_evidence, kept_until, terms
from ...words import Role
from ..doors import config, reading, viewer
from ..filters import SIZE, Page, day_of, only_entity, order_of, page_of, value_of, words_of
from ..listing import Facet, here
from ..telling import tell
from .forms import DescribeForm, FactsForm
from .receiving import store

MOST_EVENTS = 40


def facets() -> list[Facet]:
    """Return the filters of the library."""
    return [
        Facet("kind", _("类型"), words_of(Kind)),
        Facet("obtained_from", _("取得日从"), kind="date"),
        Facet("obtained_to", _("取得日至"), kind="date"),
        Facet("versions", _("版本"), [("all", _("包括旧版本"))], "one"),
    ]


def library_page(**forms: Any) -> str:
    """Draw the library; the drop zone is there for who may add to the one entity that is shown."""
    s, who, entity_id, offered = reading(), viewer(), only_entity(), facets()
    sort, descending = order_of(queries.SORTS, "-uploaded_at")
    wanted = _wanted(offered, entity_id)
    at = page_of(10**9)
    found = queries.library(s, who, wanted, sort, descending, at.offset, SIZE)
    if page_of(found.count) != Page(at.number, found.count):
        found = queries.library(s, who, wanted, sort, descending, page_of(found.count).offset, SIZE)
    may_add = entity_id is not None and who.holds(entity_id, *KEEPERS)
    return render_template(
        "evidence/library.html", page_title=_("证据"), facets=offered, found=found, at=page_of(found.count), many_entities=entity_id is None,
        kept=kept_until(s, found.rows), cited=citing(s, who, [row.id for row in found.rows]), alarmed=queries.damaged(s, [row.sha256 for row in found.rows]), may_add=may_add, upload_limit=config().upload_limit,
        keeper=any(who.holds(one, *KEEPERS) for one in who.roles), filtered=bool(set(request.args) - {"entity", "sort", "page"}),
        cleared=here(q=None, **{facet.name: None for facet in offered}), files=forms.get("files") or FactsForm(prefix="file-"),
    )


def _wanted(offered: list[Facet], entity_id: int | None) -> LibraryFilter:
    by_name = {facet.name: facet for facet in offered}
    kinds = [value for value in request.args.getlist("kind") if value]
    if set(kinds) - {str(kind) for kind in Kind}:
        raise BadInput.at("kind", _("地址中的筛选条件“类型”里有系统不认识的项，请清除筛选后重试。"))
    return LibraryFilter(
        () if entity_id is None else (entity_id,), request.args.get("q", "")[:200].strip(), tuple(Kind(kind) for kind in kinds),
        day_of(by_name["obtained_from"]), day_of(by_name["obtained_to"]), value_of(by_name["versions"], request.args) == "all",
    )


def page(row: Evidence, **forms: Any) -> str:
    """Draw the page of one version of a piece; a form that was refused is shown with what was typed."""
    s, who = reading(), viewer()
    told = events(s, TrailFilter((entity_chain(row.entity_id),), objects=(row.audit_ref,)), limit=MOST_EVENTS)
    versions = queries.versions(s, who, row.id)
    fault = _fault(row)
    pages, number = (0, 1) if fault else _pages(row)
    return render_template(
        "evidence/piece.html", page_title=row.name, row=row, versions=versions, this=next(one for one in versions if one.id == row.id),
        tasks=citing(s, who, [row.id]).get(row.id, []), entity=entity(s, who, row.entity_id), events=tell(s, who, told), pages=pages, number=number, fault=fault, told_of_alarms=is_told(who),
        may_change=row.is_current and not row.destroyed_at and who.holds(row.entity_id, *KEEPERS), upload_limit=config().upload_limit, today=clock.today(),
        shown_state=shown_state, term=terms(s, [row])[row.id], hold=hold_on_evidence(s, row), may_keep=who.holds(row.entity_id, Role.OFFICER), **_forms(row, forms),
    )


def _forms(row: Evidence, given: dict[str, Any]) -> dict[str, Any]:
    describe = DescribeForm()
    describe.show(row)
    forms = {"describe": describe, "replace": FactsForm(prefix="new-"), **given}
    forms["describe"].version.data = str(row.version)
    return forms


def _fault(row: Evidence) -> str:
    """Tell what is known of a file without reading it: `missing`, `damaged` (a wrong size, or an alarm stands), or nothing."""
    path = store().path(row.sha256)
    if row.destroyed_at:
        return ""
    if not path.is_file():
        return "missing"
    return "damaged" if path.stat().st_size != row.size or queries.damaged(reading(), [row.sha256]) else ""


def _pages(row: Evidence) -> tuple[int, int]:
    """Return how many pages can be shown (0: none), and which one the address asks for."""
    text = request.args.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    if row.destroyed_at or not can_preview(row.kind):
        return 0, 1
    try:
        pages = _counted(store().path(row.sha256), row.kind)
    except (NoPreview, NotFound):
        return 0, 1
    return pages, min(max(number, 1), pages)


@lru_cache(maxsize=2048)
def _counted(path: Path, kind: Kind) -> int:
    # A path in the store names its content, so what was counted once holds for good.
    return page_count(path, kind)
