"""What stands of 管控信息, of scope and of evidence, for rows that come back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ...controls.fields import BY_NAME, shown
from ...controls.queries import controls
from ...evidence.actions import EvidenceFacts
from ...evidence.models import Evidence
from ...people.access import Viewer, need_sight
from ...people.queries import entity
from ...register.models import Obligation
from ...retention.queries import start_of, terms
from ...scope.queries import ScopeRow, decisions_for, scope_row
from ..fields import Staff
from ..rules.held import Held
from .staff import batches
from .work import names_now


def held_controls(s: Session, viewer: Viewer, entity_id: int, refs: Collection[str], _staff: Staff) -> dict[str, Held]:
    """Return what an entity filled in on these obligations; a former id leads to what it is called now."""
    need_sight(viewer, entity_id)
    found: dict[str, Held] = {}
    for some in batches(sorted(set(refs))):
        now = names_now(s, some)
        ids = sorted({*some, *now.values()})
        titles = {row.id: row.title for row in s.scalars(select(Obligation).where(Obligation.id.in_(ids)))}
        held = controls(s, viewer, entity_id, ids)
        for ref in some:
            key = ref if ref in titles else now.get(ref, "")
            if key in titles:
                row = held.get(key)
                values = row.values if row else dict.fromkeys(BY_NAME, "")
                told = {name: shown(name, value) for name, value in values.items()}
                found[ref] = Held(key, titles[key], values, told, row.version if row else 0)
    return found


def held_scope(s: Session, viewer: Viewer, entity_id: int, refs: Collection[str], _staff: Staff) -> dict[str, Held]:
    """Return how these obligations stand with an entity; a former id leads to what it is called now."""
    row, found = entity(s, viewer, entity_id), dict[str, Held]()
    for some in batches(sorted(set(refs))):
        now = names_now(s, some)
        ids = sorted({*some, *now.values()})
        query = select(Obligation).where(Obligation.id.in_(ids)).options(selectinload(Obligation.subjects))
        decided = decisions_for(s, viewer, entity_id, ids)
        standing = {one.id: scope_row(s, row, one, decided.get(one.id)) for one in s.scalars(query)}
        for ref in some:
            key = ref if ref in standing else now.get(ref, "")
            if key in standing:
                found[ref] = _held_scope(standing[key])
    return found


def _held_scope(row: ScopeRow) -> Held:
    decision = row.decision
    values = {"state": str(decision.state) if decision else None, "reason": decision.reason if decision else ""}
    told = {"state": row.standing.label, "reason": (decision.reason if decision else row.why).strip()}
    version = decision.version if decision else 0
    return Held(row.obligation.id, row.obligation.title, values, told, version, decision is not None, applies=row.suggested)


def held_evidence(s: Session, viewer: Viewer, entity_id: int, refs: Collection[str], _staff: Staff) -> dict[str, Held]:
    """Return how these pieces of evidence of an entity are described."""
    need_sight(viewer, entity_id)
    numbers = sorted({int(ref) for ref in refs if ref.isascii() and ref.isdigit() and len(ref) < 10})
    found: dict[str, Held] = {}
    for some in batches(numbers):
        rows = s.scalars(select(Evidence).where(Evidence.entity_id == entity_id, Evidence.id.in_(some))).all()
        kept = terms(s, rows)
        for row in rows:
            period = (row.period_from, row.period_to) if row.period_from and row.period_to else None
            days = {code: day.isoformat() if day else None for code, day in (("obtained_on", row.obtained_on), ("valid_until", row.valid_until))}
            values = {"period": _stored(period), **days, "note": row.note}
            shown = {code: day or "" for code, day in days.items()}
            told = {"period": f"{period[0]}\n至 {period[1]}" if period else "", **shown, "note": row.note.strip()}
            why = "" if row.is_current else f"“{row.name}”的第 {row.version_no} 版已被更新的版本取代，不能再修改。请改最新的版本。"
            why = f"“{row.name}”的第 {row.version_no} 版已到期销毁，不能再修改。" if row.destroyed_at else why
            term = None if kept[row.id].kept_as.is_entered else kept[row.id]
            least = start_of(row, term.kept_as, EvidenceFacts()) if term else None
            found[str(row.id)] = Held(str(row.id), row.name, values, told, row.version, refused=why, term=term, least=least)
    return found


def _stored(period: tuple[date, date] | None) -> str | None:
    return f"{period[0].isoformat()}/{period[1].isoformat()}" if period else None
