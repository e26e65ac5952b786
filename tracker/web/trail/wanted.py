"""What an address asks of the trail: which chains may be seen, the filters that are offered, and the filter itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ... import clock
from ...audit.names import ACTIONS, FAMILIES
from ...audit.queries import TrailFilter, actors
from ...audit.sealing.queries import unnamed
from ...audit.trail import ACCESS, SYSTEM_CHAIN, access_chain, entity_chain
from ...errors import BadInput
from ...people.access import Viewer
from ...people.queries import entity_choices, names
from ...words import Role
from ..filters import day_of, value_of
from ..listing import Facet

OBJECT = re.compile(r"[a-z]{1,20}(:[A-Za-z0-9_-]{1,64}){0,2}")
READERS = (Role.OFFICER, Role.AUDITOR)
EARLIEST, LATEST = date(1970, 1, 2), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The chains in sight by their names, the filters of the list, and what the address asks for."""

    chains: Mapping[str, str]
    facets: Sequence[Facet]
    filter: TrailFilter
    log: str


def chains_in_sight(s: Session, who: Viewer, entity_id: int | None) -> dict[str, str]:
    """Return chain → name: the chosen entity's or those of all entities in sight, and for administrators the system's."""
    found = {entity_chain(one.id): one.short_name for one in entity_choices(s, who) if entity_id in (None, one.id)}
    return found | ({SYSTEM_CHAIN: _("系统")} if who.is_admin and entity_id is None else {})


def access_in_sight(s: Session, who: Viewer, entity_id: int | None) -> dict[str, str]:
    """Return chain → name of the access logs, which are for an entity's compliance officers and auditors only."""
    seen = [one for one in entity_choices(s, who) if entity_id in (None, one.id) and who.holds(one.id, *READERS)]
    return {access_chain(one.id): _("%(name)s（访问）", name=one.short_name) for one in seen}


def wanted(s: Session, who: Viewer, entity_id: int | None) -> Wanted:
    """Read the filter of this address; BadInput when it asks for what is no choice."""
    log = request.args.get("log", "")
    chains = access_in_sight(s, who, entity_id) if log == ACCESS else {} if log else chains_in_sight(s, who, entity_id)
    if log and not chains:
        raise BadInput.at("log", _("地址中的“%(text)s”不是您可以查看的记录。访问记录只供主体的合规管理和审计人员查看。", text=log[:40]))
    facets, of_chain = _facets(s, chains), Facet("chain", _("链"), list(chains.items()), "one")
    asked = {facet.name: value_of(facet, request.args) for facet in (*facets, of_chain) if facet.kind == "one"}
    days = {facet.name: day_of(facet) for facet in facets if facet.kind == "date"}
    thing = request.args.get("object", "")
    if thing and not OBJECT.fullmatch(thing):
        raise BadInput.at("object", _("地址中的对象“%(text)s”写得不对，应如 task:17。请从任务或证据的页面进入。", text=thing[:40]))
    return Wanted(chains, [*facets, of_chain] if len(chains) > 1 else facets, TrailFilter(
        (asked["chain"],) if asked["chain"] else tuple(chains), asked["action"], asked["actor"], thing,
        since=_stamp(days["from"]), until=_stamp(days["to"], 1),
    ), log)


def _facets(s: Session, chains: Mapping[str, str]) -> list[Facet]:
    return [
        Facet("action", _("操作"), _doings(), "one"), Facet("actor", _("人员"), _doers(s, chains), "one"),
        Facet("from", _("日期从"), kind="date"), Facet("to", _("日期至"), kind="date"),
    ]


def _doings() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for family, label in FAMILIES.items():
        of_family = [(code, name) for code, name in ACTIONS.items() if code.startswith(f"{family}.")]
        found += [(family, _("%(label)s（全部）", label=label)), *of_family] if len(of_family) > 1 else of_family
    return found


def _doers(s: Session, chains: Mapping[str, str]) -> list[tuple[str, str]]:
    found = actors(s, chains)
    ids = [int(actor[2:]) for actor in found if actor[2:].isdigit()]
    people, sealed = names(s, ids), unnamed(s, ids)
    # As the events below them name who is sealed.
    labels = {f"u_{one.id}": _("人员 %(n)s（已封存）", n=one.id) if one.id in sealed else one.shown for one in people.values()} | {"operator": _("命令行操作员"), "system": _("系统")}
    return sorted(((actor, labels.get(actor, actor)) for actor in found), key=lambda pair: pair[1])


def _stamp(day: date | None, later: int = 0) -> str:
    if day is None:
        return ""
    first = min(max(day, EARLIEST), LATEST) + timedelta(days=later)
    return clock.stamp(datetime(first.year, first.month, first.day, tzinfo=clock.SHANGHAI))
