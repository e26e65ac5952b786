"""Pages of the trail: the events of the chains in sight, newest first, and the check of those chains."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import groupby

from flask import Blueprint, Response, render_template, request, send_file
from flask_babel import gettext as _

from ...audit import queries
from ...audit.names import FAMILIES, fault_label
from ...audit.trail import ACCESS
from ...checking.assembling import PAGE_NAME, checking_page
from ...people.access import Viewer
from ...retention.queries import entity_of
from ...words import Role
from ..doors import chosen_entity, reading, viewer
from ..filters import page_of
from ..listing import Facet, here
from ..telling import Event, tell
from .heads import standing
from .wanted import Wanted, access_in_sight, chains_in_sight, wanted

blueprint = Blueprint("trail", __name__, url_prefix="/trail")


@blueprint.get("")
def listing() -> str:
    """List events, fifty at a time, by day."""
    s, who, entity_id = reading(), viewer(), chosen_entity()
    what = wanted(s, who, entity_id)
    at = page_of(queries.event_count(s, what.filter))
    events = tell(s, who, queries.events(s, what.filter, at.offset, at.size), of_one_thing=False)
    if what.filter.object:
        what = replace(what, facets=[Facet("object", _("对象"), [(what.filter.object, _thing(what.filter.object, events))], "one"), *what.facets])
    return render_template(
        "trail/trail.html", page_title=_("操作留痕"), what=what, at=at, days=_by_day(events), heads=queries.chain_heads(s, list(what.chains)),
        filtered=bool(set(request.args) - {"entity", "page", "log"}), ways=_ways(what, entity_id),
        cleared=here(**{facet.name: None for facet in what.facets}), check=_check_address(entity_id),
        may_seal={chain for chain in what.chains if _may_seal(who, chain)}, signed=standing(s, list(what.chains)), manages=who.is_admin,
    )


def _ways(what: Wanted, entity_id: int | None) -> list[tuple[str, int, str, bool]]:
    """Return the tabs for who may also see who read what; nobody else needs any."""
    s, who = reading(), viewer()
    access = access_in_sight(s, who, entity_id)
    kinds = [(_("变更记录"), "", chains_in_sight(s, who, entity_id)), (_("访问记录"), ACCESS, access)] if access else []
    only = {key: None for key in request.args if key not in {"entity", "log"}}
    return [
        (label, sum(head.size for head in queries.chain_heads(s, list(chains))), here(**{**only, "log": log or None}), what.log == log)
        for label, log, chains in kinds
    ]


def _may_seal(who: Viewer, chain: str) -> bool:
    entity_id = entity_of(chain)
    return who.is_admin or (entity_id is not None and who.holds(entity_id, Role.OFFICER))


def _by_day(events: list[Event]) -> list[tuple[str, list[Event]]]:
    return [(day, list(some)) for day, some in groupby(events, lambda event: event.exact[:10])]


def _thing(reference: str, events: list[Event]) -> str:
    """Name the one thing whose history is asked for; what is not in sight stays a number."""
    kind, _colon, rest = reference.partition(":")
    return events[0].thing if events else f"{FAMILIES.get(kind, '')} {rest}".strip()


def _check_address(entity_id: int | None) -> str:
    return f"/trail/check?entity={entity_id}" if entity_id is not None else "/trail/check"


@blueprint.get("/check")
def check() -> str:
    """Check the chains in sight from their first entry to their last, and say which entry is wrong."""
    s, entity_id = reading(), chosen_entity()
    access = access_in_sight(s, viewer(), entity_id)
    begun = {head.chain_id: access[head.chain_id] for head in queries.chain_heads(s, list(access))}
    chains = chains_in_sight(s, viewer(), entity_id) | begun
    heads = {head.chain_id: head for head in queries.chain_heads(s, list(chains))}
    found = queries.faults(s, list(chains))
    return render_template(
        "trail/check.html", page_title=_("校验操作留痕"), chains=chains, heads=heads, fault_label=fault_label,
        faults={fault.chain: fault for fault in found}, tables={"signing_key": _("签名密钥"), "audit_registry": _("登记")}, signed=standing(s, list(chains)),
        back=f"/trail?entity={entity_id}" if entity_id is not None else "/trail",
    )


@blueprint.get("/checker")
def checker() -> Response:
    """Send the page by which anybody checks a workbook or a package without this application."""
    return send_file(BytesIO(checking_page()), mimetype="text/html", as_attachment=True, download_name=PAGE_NAME, etag=False)
