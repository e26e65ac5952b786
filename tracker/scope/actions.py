"""Verbs of scope: the officer decides, or confirms what the entity's kinds suggest; 不适用 is always written out."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from .. import clock
from ..audit import trail
from ..errors import BadInput
from ..people.access import Viewer, need_role
from ..people.models import Entity
from ..people.queries import entity
from ..register.models import Obligation
from ..words import Role, ScopeState
from .models import ScopeDecision
from .queries import ScopeRow, decisions_for, scope_row

SHORTEST_REASON, LONGEST_REASON = 4, 500


def decide(s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str], state: ScopeState, reason: str = "") -> list[str]:
    """Decide for some obligations; returns the ids whose standing changed.

    A reason is needed for 不适用 and for every decision against the suggestion. An obligation that is unknown is BadInput.
    """
    need_role(viewer, entity_id, Role.OFFICER)
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise BadInput.at("reason", f"理由最多 {LONGEST_REASON} 个字，您填写了 {len(reason)} 个。")
    row = entity(s, viewer, entity_id)
    changed = []
    for found in _rows(s, viewer, row, obligation_ids):
        _need_reason(found, state, reason)
        if _put(s, viewer, row, found, state, reason):
            changed.append(found.obligation.id)
    return changed


def confirm_suggestions(s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str]) -> list[str]:
    """Confirm for each undecided obligation what is suggested, with the suggestion's own reason written out."""
    need_role(viewer, entity_id, Role.OFFICER)
    row = entity(s, viewer, entity_id)
    open_rows = [found for found in _rows(s, viewer, row, obligation_ids) if found.decision is None]
    for found in open_rows:
        _put(s, viewer, row, found, ScopeState.APPLIES if found.suggested else ScopeState.NOT_APPLICABLE, found.why)
    return [found.obligation.id for found in open_rows]


def _rows(s: Session, viewer: Viewer, row: Entity, obligation_ids: Collection[str]) -> list[ScopeRow]:
    if not obligation_ids:
        raise BadInput.at("ids", "请先选择至少一项义务。")
    query = select(Obligation).where(Obligation.id.in_(obligation_ids)).options(selectinload(Obligation.subjects))
    obligations = s.scalars(query.order_by(Obligation.position)).all()
    unknown = set(obligation_ids) - {obligation.id for obligation in obligations}
    if unknown:
        raise BadInput.at("ids", f"登记册中没有这些义务：{'、'.join(sorted(unknown)[:5])}。")
    decided = decisions_for(s, viewer, row.id, obligation_ids)
    return [scope_row(s, row, obligation, decided.get(obligation.id)) for obligation in obligations]


def _need_reason(found: ScopeRow, state: ScopeState, reason: str) -> None:
    if len(reason) >= SHORTEST_REASON:
        return
    title = f"{found.obligation.id}《{found.obligation.title}》"
    if state == ScopeState.NOT_APPLICABLE:
        raise BadInput.at("reason", f"将 {title} 定为不适用，需要写明理由（至少 {SHORTEST_REASON} 个字）。")
    if not found.suggested:
        raise BadInput.at("reason", f"系统建议 {title} 不适用，改为适用需要写明理由（至少 {SHORTEST_REASON} 个字）。")


def _put(s: Session, viewer: Viewer, row: Entity, found: ScopeRow, state: ScopeState, reason: str) -> bool:
    decision, obligation = found.decision, found.obligation
    if decision is not None and decision.state == state and not reason:
        # Deciding the same once more without a word takes no earlier word away.
        reason = decision.reason
    if decision is not None and (decision.state, decision.reason, decision.obligation_digest) == (state, reason, obligation.digest):
        return False
    before = {"state": str(decision.state)} if decision else {}
    personal = {"before.reason": decision.reason, "after.reason": reason} if decision else {"after.reason": reason}
    if decision is None:
        decision = ScopeDecision(entity_id=row.id, obligation_id=obligation.id)
        s.add(decision)
    decision.state, decision.reason, decision.obligation_digest = state, reason, obligation.digest
    decision.decided_by, decision.decided_at = viewer.person_id, clock.now()
    trail.record(
        s, viewer.actor, "scope.decided", decision.audit_ref, entity_id=row.id, before=before,
        after={"obligation": obligation.id, "state": str(state), "obligation_digest": obligation.digest}, personal=personal,
    )
    return True
