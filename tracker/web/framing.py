"""Fills the frame around every page of a signed-in person: the rail, the entity switch, the person's menu."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_wtf.csrf import generate_csrf

from .. import clock
from ..alarms import queries as alarms
from ..errors import NotFound
from ..people.access import Viewer
from ..people.queries import EntityRow, entity_choices
from ..retention.keeping import keeps
from ..standing.bench import waiting
from ..words import Role
from . import doors
from .frame import EntityChoice, Frame, MenuLink, RailItem
from .listing import changed
from .saying import say as _

HOME, SEARCH = "/", "/search"
# Key and first part of the address, label, icon.
ROOMS = (
    ("", "工作台", "speedometer2"),
    ("obligations", "义务", "journal-text"),
    ("scope", "适用性", "ui-checks"),
    ("tasks", "任务", "check2-square"),
    ("assignments", "分派", "person-check"),
    ("evidence", "证据", "folder2-open"),
    ("reports", "报告", "file-earmark-excel"),
    ("trail", "操作留痕", "clock-history"),
)
# What stands in the address of a page that every entity has.
OF_ALL = {"document_id"}
FOR_KEEPERS = (("retention", "保存与保全", "archive"),)
FOR_ADMINS = (("entities", "主体", "building"), ("people", "人员", "people"), ("registers", "登记册", "upload"))


def around() -> dict[str, Any]:
    """Give templates `frame` when somebody is signed in, and nothing when the page is to stand alone."""
    who = None if g.get("frameless") else doors.signed_in()
    return {"frame": framed(who)} if who else {"system_name": system_name()}


def system_name() -> str:
    """Return the name of the system, which says so in demo mode."""
    return str(_("合规台账（演示）") if doors.config().demo else _("合规义务台账"))


def framed(who: Viewer) -> Frame:
    """Build the frame: one statement for the entities, one for what waits, and one for the alarms where they are told."""
    rows = [row for row in entity_choices(doors.reading(), who) if row.active]
    chosen = _chosen()
    suffix = f"?entity={chosen}" if chosen is not None else ""
    room = _room(who)
    rail = tuple(
        RailItem(key or "home", _(label), icon, f"/{key}{suffix}", key == room)
        for key, label, icon in (*ROOMS, *(FOR_KEEPERS if keeps(who) else ()), *(FOR_ADMINS if who.is_admin else ()))
    )
    everything, choices = _switch(rows, chosen, room)
    return Frame(
        system_name=system_name(), home_url=HOME + suffix, rail=rail, entities=choices, all_entities=everything,
        person=who.name, person_note=_note(who, chosen), menu=_menu(), bell_count=waiting(doors.reading(), who), bell_url=HOME + suffix,
        search_url=SEARCH, csrf_token=generate_csrf(), moment=clock.local(clock.now()).strftime("%Y-%m-%d %H:%M"),
        alarms=alarms.open_count(doors.reading(), who) if alarms.is_told(who) else 0,
        search_text=request.args.get("q", "") if request.path == SEARCH else "",
    )


def _room(who: Viewer) -> str:
    first = request.path.split("/", 2)[1]
    of_obligations = {"documents"} if who.is_admin else {"documents", "registers"}
    return "obligations" if first in of_obligations else {"import": "assignments", "ledgers": "registers"}.get(first, first)


def _chosen() -> int | None:
    try:
        return doors.chosen_entity()
    except NotFound:
        return None


def _switch(rows: list[EntityRow], chosen: int | None, room: str) -> tuple[EntityChoice | None, tuple[EntityChoice, ...]]:
    only = len(rows) == 1
    address, query = _place(room)
    choices = tuple(
        EntityChoice(str(row.id), row.short_name, f"{address}?{query}entity={row.id}", row.id == chosen or only, row.depth)
        for row in rows
    )
    if only or not rows:
        return None, choices
    return EntityChoice("", _("全部主体"), f"{address}?{query}".rstrip("?&"), chosen is None), choices


def _place(room: str) -> tuple[str, str]:
    # From a list one stays on it with its filters, and on what is everybody's; from a single thing one goes to the list of its room.
    if request.method != "GET" or set(request.view_args or ()) - OF_ALL or request.url_rule is None:
        known = {key for key, _label, _icon in (*ROOMS, *FOR_KEEPERS)}
        return (f"/{room}" if room in known else HOME), ""
    query = changed(request.args.to_dict(flat=False), {"entity": None})
    return request.path, f"{query}&" if query else ""


def _note(who: Viewer, chosen: int | None) -> str:
    held = {role for entity, roles in who.roles.items() if chosen in (None, entity) for role in roles}
    labels = [role.label for role in Role if role in held]
    return "、".join([_("系统管理员"), *labels] if who.is_admin else labels)


def _menu() -> tuple[MenuLink, ...]:
    return (
        MenuLink(_("我的账号"), url_for("signing.account"), "person"),
        MenuLink(_("修改密码"), url_for("signing.password"), "key"),
        MenuLink(_("退出登录"), url_for("signing.sign_out"), "box-arrow-right", post=True),
    )
