"""Pages of the trail: the events of the chains in sight, newest first, and the check of those chains."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from ...audit import queries
from ...audit.names import FAMILIES, fault_label
from ..doors import chosen_entity, reading, viewer
from ..filters import page_of
from ..listing import Facet, here
from ..telling import Event, tell
from .heads import standing
from .wanted import chains_in_sight, wanted

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
        filtered=bool(set(request.args) - {"entity", "page"}),
        cleared=here(**{facet.name: None for facet in what.facets}), check=_check_address(entity_id), signed=standing(s, list(what.chains)), manages=who.is_admin,
    )


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
    chains = chains_in_sight(s, viewer(), entity_id)
    heads = {head.chain_id: head for head in queries.chain_heads(s, list(chains))}
    found = queries.faults(s, list(chains))
    return render_template(
        "trail/check.html", page_title=_("校验操作留痕"), chains=chains, heads=heads, fault_label=fault_label,
        faults={fault.chain: fault for fault in found}, tables={"signing_key": _("签名密钥"), "audit_registry": _("登记")}, signed=standing(s, list(chains)),
        back=f"/trail?entity={entity_id}" if entity_id is not None else "/trail",
    )
