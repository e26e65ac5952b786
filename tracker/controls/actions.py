"""Verbs of controls: the officer fills in or clears fields of many obligations at once; only what is given changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit import trail
from ..errors import BadInput, Stale
from ..people.access import Viewer, need_role
from ..register.models import Obligation
from ..words import Role
from .fields import BY_NAME, checked, shown
from .models import Control
from .queries import controls


def set_controls(
    s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str], changes: Mapping[str, str], versions: Mapping[str, int] | None = None
) -> list[str]:
    """Set fields of an entity's controls on some obligations; returns the ids that changed, in the order of the texts.

    Only the given fields change, an empty text clears one. `versions` (by obligation, 0 where there was nothing) are those
    the change was made on: where another is found, Stale tells what stands there now and nothing is kept.
    """
    need_role(viewer, entity_id, Role.OFFICER)
    sound = checked(changes)
    trail.check_holdable(sound)
    ids = _known(s, obligation_ids)
    held = controls(s, viewer, entity_id, ids)
    for obligation_id in ids:
        _check_fresh(held.get(obligation_id), obligation_id, versions)
    return [one for one in ids if _put(s, viewer, entity_id, one, held.get(one), sound)]


def _known(s: Session, obligation_ids: Collection[str]) -> list[str]:
    if not obligation_ids:
        raise BadInput.at("ids", "请先选择至少一项义务。")
    found = list(s.scalars(select(Obligation.id).where(Obligation.id.in_(obligation_ids)).order_by(Obligation.position)))
    unknown = set(obligation_ids) - set(found)
    if unknown:
        raise BadInput.at("ids", f"登记册中没有这些义务：{'、'.join(sorted(unknown)[:5])}。")
    return found


def _check_fresh(row: Control | None, obligation_id: str, versions: Mapping[str, int] | None) -> None:
    if versions is None or obligation_id not in versions or versions[obligation_id] == (row.version if row else 0):
        return
    theirs = {BY_NAME[name].label: shown(name, value) for name, value in row.values.items()} if row else {}
    raise Stale(f"{obligation_id} 的管控信息刚刚被他人修改，您的修改没有保存。请核对后再保存。", theirs)


def _put(s: Session, viewer: Viewer, entity_id: int, obligation_id: str, row: Control | None, changes: dict[str, str]) -> bool:
    was = row.values if row else dict.fromkeys(BY_NAME, "")
    changed = {name: value for name, value in changes.items() if was[name] != value}
    if not changed:
        return False
    if row is None:
        row = Control(entity_id=entity_id, obligation_id=obligation_id)
        s.add(row)
    row.put(changed)
    said = {name for name in changed if not BY_NAME[name].personal}
    personal = {f"{side}.{name}": values[name] for side, values in (("before", was), ("after", changed)) for name in changed if name not in said}
    trail.record(
        s, viewer.actor, "control.changed", row.audit_ref, entity_id=entity_id, before={name: was[name] for name in changed if name in said},
        after={"obligation": obligation_id, **{name: changed[name] for name in changed if name in said}}, personal=personal,
    )
    return True
