"""Reads of scope: every obligation with how it stands with an entity, decided or suggested."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from ..people.access import Viewer, need_sight
from ..people.models import Entity
from ..people.queries import entity
from ..register.models import Obligation, ObligationSubject
from ..register.queries import ObligationFilter, filtered, ordered, vocabulary
from ..words import ScopeState, Standing
from .models import ScopeDecision
from .suggest import covered_subjects, reason_why, suggested

RECONSIDER = "reconsider"


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """One obligation as it stands with one entity; `why` is the suggestion's reason.

    `reconsider`: the text has changed since the decision, and what is suggested now is the opposite of what was decided.
    """

    obligation: Obligation
    standing: Standing
    decision: ScopeDecision | None
    suggested: bool
    why: str
    reconsider: bool = False


def _suggested(covered: Collection[str]) -> ColumnElement[bool]:
    return Obligation.id.in_(select(ObligationSubject.obligation_id).where(ObligationSubject.subject.in_(covered)))


def _standing(standing: str, covered: Collection[str]) -> ColumnElement[bool] | None:
    undecided = ScopeDecision.id.is_(None)
    if standing in {Standing.APPLIES, Standing.NOT_APPLICABLE}:
        return ScopeDecision.state == ScopeState(standing)
    if standing == Standing.SUGGESTED:
        return and_(undecided, _suggested(covered))
    if standing == Standing.SUGGESTED_NOT:
        return and_(undecided, ~_suggested(covered))
    if standing == RECONSIDER:
        other = or_(
            and_(ScopeDecision.state == ScopeState.APPLIES, ~_suggested(covered)), and_(ScopeDecision.state == ScopeState.NOT_APPLICABLE, _suggested(covered)),
        )
        return and_(ScopeDecision.obligation_digest != Obligation.digest, ~Obligation.withdrawn, other)
    return undecided if standing == "undecided" else None


def _narrowed(s: Session, query: Any, row: Entity, wanted: ObligationFilter, standing: str) -> Any:
    covered = covered_of(s, row)
    joined = query.outerjoin(ScopeDecision, and_(ScopeDecision.obligation_id == Obligation.id, ScopeDecision.entity_id == row.id))
    narrowed = filtered(s, joined, wanted)
    condition = _standing(standing, covered)
    return narrowed if condition is None else narrowed.where(condition)


def covered_of(s: Session, row: Entity) -> frozenset[str]:
    """Return every bearer this entity answers for."""
    return covered_subjects([kind.kind for kind in row.kinds], vocabulary(s).held_by)


def scope_rows(
    s: Session, viewer: Viewer, entity_id: int, wanted: ObligationFilter, standing: str = "", offset: int = 0, limit: int | None = None,
    sort: str = "clause", descending: bool = False,
) -> list[ScopeRow]:
    """List obligations with how they stand with the entity, in the order of the texts or another of the register's SORTS."""
    row = entity(s, viewer, entity_id)
    query = _narrowed(s, select(Obligation, ScopeDecision).select_from(Obligation), row, wanted, standing)
    query = ordered(query.options(selectinload(Obligation.subjects)), sort, descending).offset(offset)
    found = s.execute(query if limit is None else query.limit(limit)).all()
    return [scope_row(s, row, obligation, decision) for obligation, decision in found]


def scope_row(s: Session, row: Entity, obligation: Obligation, decision: ScopeDecision | None) -> ScopeRow:
    """Put an obligation, the decision on it and the suggestion together."""
    subjects, covered = [bearer.subject for bearer in obligation.subjects], covered_of(s, row)
    applies = suggested(subjects, covered)
    why = reason_why(applies, subjects, covered, [kind.kind for kind in row.kinds], vocabulary(s).subjects)
    if decision is not None:
        changed = decision.obligation_digest != obligation.digest and not obligation.withdrawn
        return ScopeRow(obligation, Standing(str(decision.state)), decision, applies, why, changed and applies != (decision.state == ScopeState.APPLIES))
    return ScopeRow(obligation, Standing.SUGGESTED if applies else Standing.SUGGESTED_NOT, None, applies, why)


def scope_count(s: Session, viewer: Viewer, entity_id: int, wanted: ObligationFilter, standing: str = "") -> int:
    """Count what `scope_rows` lists."""
    query = _narrowed(s, select(func.count()).select_from(Obligation), entity(s, viewer, entity_id), wanted, standing)
    return int(s.execute(query).scalar_one())


def scope_ids(s: Session, viewer: Viewer, entity_id: int, wanted: ObligationFilter, standing: str = "") -> list[str]:
    """List the obligation ids of `scope_rows`, for acting on all that match."""
    query = _narrowed(s, select(Obligation.id).select_from(Obligation), entity(s, viewer, entity_id), wanted, standing)
    return [row[0] for row in s.execute(query.order_by(Obligation.position))]


def standing_counts(s: Session, viewer: Viewer, entity_id: int) -> dict[Standing, int]:
    """Count the entity's obligations by standing: one statement each."""
    return {word: scope_count(s, viewer, entity_id, ObligationFilter(), word) for word in Standing}


def standings(s: Session, viewer: Viewer, obligation: Obligation, entities: Sequence[Entity]) -> dict[int, ScopeRow]:
    """Tell how one obligation stands with each of these entities: one statement."""
    for row in entities:
        need_sight(viewer, row.id)
    decisions = {d.entity_id: d for d in s.scalars(select(ScopeDecision).where(ScopeDecision.obligation_id == obligation.id))}
    return {row.id: scope_row(s, row, obligation, decisions.get(row.id)) for row in entities}


def decisions_for(s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str]) -> dict[str, ScopeDecision]:
    """Return the decisions there are on these obligations."""
    need_sight(viewer, entity_id)
    found = select(ScopeDecision).where(ScopeDecision.entity_id == entity_id, or_(ScopeDecision.obligation_id.in_(obligation_ids)))
    return {decision.obligation_id: decision for decision in s.scalars(found)}
