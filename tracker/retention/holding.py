"""Verbs on legal holds: place one, and have somebody else lift it."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, Forbidden, NotFound, RuleBroken
from ..evidence.queries import evidence
from ..people.access import Viewer
from ..people.models import Person
from ..people.queries import people_called
from ..register.models import Obligation
from ..words import HoldKind, Role
from .keeping import need_keeper, said
from .models import LegalHold
from .queries import hold_row, keeps_of, standing

NUMBER = re.compile("[0-9]{1,9}")


def need_keeper_of_hold(s: Session, viewer: Viewer, row: LegalHold) -> None:
    """Raise unless the viewer may place or lift this hold; of a person only administrators, and officers where he has or had a role."""
    need_keeper(viewer, row.entity_id)
    if not keeps_of(s, viewer, row):
        raise Forbidden(f"对人员的法律保全，由系统管理员，或该人员现在或曾经任职的主体的“{Role.OFFICER.label}”设置和解除。如有需要，请联系他们。")


def place_hold(s: Session, viewer: Viewer, kind: HoldKind, what: str, reason: str, entity_id: int | None = None) -> LegalHold:
    """Forbid that anything under this is taken away; `what` is its number or, of an obligation, its id, of a person also login or full name."""
    entity_id, thing = _placed_on(s, viewer, kind, what.strip(), entity_id)
    row = LegalHold(entity_id=entity_id, kind=kind, object=thing, placed_by=viewer.person_id, placed_at=clock.now())
    need_keeper_of_hold(s, viewer, row)
    same = standing(s, LegalHold.object == thing) if entity_id is None else standing(s, (LegalHold.object == thing) & (LegalHold.entity_id == entity_id))
    if same:
        raise RuleBroken(f"这里已有一项法律保全（第 {same.id} 号），没有重复设置。")
    row.reason = said(reason)
    s.add(row)
    s.flush()
    trail.record(s, viewer.actor, "hold.placed", row.audit_ref, entity_id=entity_id, after=_told(row), personal={"reason": row.reason})
    return row


def lift_hold(s: Session, viewer: Viewer, hold_id: int, reason: str) -> LegalHold:
    """Lift a hold; Forbidden to who placed it."""
    row = hold_row(s, viewer, hold_id)
    need_keeper_of_hold(s, viewer, row)
    s.refresh(row, with_for_update=True)
    if row.lifted_at:
        raise RuleBroken(f"第 {row.id} 号法律保全已经解除。")
    if row.placed_by == viewer.person_id:
        raise Forbidden("法律保全不能由设置的人自己解除，请由另一位合规管理或系统管理员办理。")
    row.lifted_by, row.lifted_at, row.lifting = viewer.person_id, clock.now(), said(reason)
    trail.record(s, viewer.actor, "hold.lifted", row.audit_ref, entity_id=row.entity_id, before=_told(row), personal={"reason": row.lifting})
    return row


def _told(row: LegalHold) -> dict[str, str]:
    # Of an obligation the id alone, by which it has its name.
    return {"hold": str(row.kind), "on": row.object.removeprefix("obligation:")}


def _placed_on(s: Session, viewer: Viewer, kind: HoldKind, what: str, entity_id: int | None) -> tuple[int | None, str]:
    """Return whose it is and the reference, or raise BadInput."""
    if kind == HoldKind.OBLIGATION:
        if entity_id is None:
            raise BadInput.at("entity", "请选择主体：义务的证据按主体保全。")
        if s.get(Obligation, what) is None:
            raise BadInput.at("what", f"没有编号为“{what[:40]}”的义务，请核对。")
        return entity_id, f"obligation:{what}"
    if kind == HoldKind.ENTITY:
        if entity_id is None:
            raise BadInput.at("entity", "请选择要保全的主体。")
        return entity_id, f"entity:{entity_id}"
    if not what:
        raise BadInput.at("what", "请填写编号。")
    if kind == HoldKind.PERSON:
        return None, f"person:{_person(s, viewer, what).id}"
    if not NUMBER.fullmatch(what):
        raise BadInput.at("what", f"“{what[:40]}”不是有效的编号，请填写数字。")
    return _piece(s, viewer, int(what), entity_id)


def _piece(s: Session, viewer: Viewer, number: int, entity_id: int | None) -> tuple[int, str]:
    try:
        row = evidence(s, viewer, number)
    except NotFound:
        raise BadInput.at("what", f"没有编号为 {number} 的证据，或不在您的权限范围内，请核对。") from None
    if entity_id not in (None, row.entity_id):
        raise BadInput.at("what", f"证据 {number} 不属于所选主体，请核对编号或改选主体。")
    return row.entity_id, row.audit_ref


def _person(s: Session, viewer: Viewer, what: str) -> Person:
    """Find a person by number, login or full name; BadInput when there is none, or more than one of that name for whom the viewer may do so."""
    found = people_called(s, what)
    if len(found) > 1:
        # Of those of other houses not even the logins are told.
        found = [row for row in found if keeps_of(s, viewer, LegalHold(kind=HoldKind.PERSON, object=row.audit_ref))] or found[:1]
    if not found:
        raise BadInput.at("what", f"没有编号、登录名或姓名是“{what[:40]}”的人员，请核对。")
    if len(found) > 1:
        named = "；".join(f"编号 {row.id}，登录名 {row.login}" + (f"，{row.department}" if row.department else "") for row in found[:5])
        raise BadInput.at("what", f"有 {len(found)} 名人员叫“{what[:40]}”，请改填登录名或编号：{named}。")
    return found[0]
