"""Carrying out what was decided on 管控信息, on the description of evidence and on scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from ...assignments.planning import decide_scope
from ...controls.actions import set_controls
from ...evidence.actions import EvidenceFacts
from ...people.access import Viewer
from ...retention import keeping
from ...scope.actions import confirm_suggestions
from ...words import ScopeState
from ..merging import Merged
from ..rules.held import changed
from ..rules.lists import DAYS, confirms, days_of, given_reason
from .naming import Finals, grouped, naming


def carry_out_controls(s: Session, viewer: Viewer, entity_id: int, finals: Finals, _horizon_days: int) -> None:
    """Set the fields that change, those of obligations that change alike together."""
    def fields(one: Merged, final: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
        return tuple(sorted((code, final[code]) for code in changed(one.held, final))) if one.held else None

    for changes, rows in grouped(finals, fields).items():
        with naming([one for one, _ in rows]):
            versions = {ref: one.held.version for one, ref in rows if one.held}
            set_controls(s, viewer, entity_id, [ref for _, ref in rows], dict(changes), versions)


def carry_out_evidence(s: Session, viewer: Viewer, _entity_id: int, finals: Finals, _horizon_days: int) -> None:
    """Describe each piece anew; none so that its term ends earlier, since a row has no place for the reason."""
    for one, final in finals:
        if one.held:
            with naming([one]):
                first, last = days_of(final["period"])
                obtained, valid = (date.fromisoformat(final[code]) if final[code] else None for code in DAYS)
                keeping.describe(s, viewer, int(one.held.ref), EvidenceFacts(first, last, obtained, final["note"], valid), one.held.version)


def carry_out_scope(s: Session, viewer: Viewer, entity_id: int, finals: Finals, _horizon_days: int) -> None:
    """Confirm what is only confirmed, decide the rest, those alike together; what becomes 不适用 loses its assignment."""
    def confirmed(one: Merged, final: Mapping[str, Any]) -> bool | None:
        return True if one.held and confirms(one.held, final, changed(one.held, final)) else None

    def decided(one: Merged, final: Mapping[str, Any]) -> tuple[str, str] | None:
        if one.held is None or confirmed(one, final):
            return None
        return final["state"], given_reason(one.line, final, changed(one.held, final))

    for rows in grouped(finals, confirmed).values():
        with naming([one for one, _ in rows]):
            confirm_suggestions(s, viewer, entity_id, [ref for _, ref in rows])
    for (state, reason), rows in grouped(finals, decided).items():
        with naming([one for one, _ in rows]):
            decide_scope(s, viewer, entity_id, [ref for _, ref in rows], ScopeState(state), reason)
