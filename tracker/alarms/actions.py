"""Verbs on alarms: raise one, settle one; each leaves an event in the chain of the entity concerned, or of the system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..audit.actor import Actor
from ..journal.recording import take_turn
from .kinds import EVIDENCE_DAMAGED, EXPORT_DAMAGED
from .models import Alarm

# What the trail says of raising and settling; every kind without events of its own has these.
RAISED, SETTLED = "alarm.raised", "alarm.settled"
EVENTS = {EVIDENCE_DAMAGED: ("evidence.damaged", "evidence.sound_again"), EXPORT_DAMAGED: ("report.damaged", "report.sound_again")}


def raise_alarm(
    s: Session, actor: Actor, kind: str, object: str, sentence: str, entity_id: int | None = None, facts: Mapping[str, Any] | None = None,
) -> bool:
    """Raise an alarm of a kind about a thing in an entity unless it stands there already; returns whether it is new.

    The sentence is read by administrators and by officers of the entity, and stands in the trail: no names, no words of the work.
    """
    # Two who find the same at once must not both raise it.
    take_turn(s.connection())
    if any(row.entity_id == entity_id for row in _open(s, kind, object)):
        return False
    s.add(Alarm(kind=kind, object=object, entity_id=entity_id, sentence=sentence, raised_at=clock.now()))
    s.flush()
    raised, _settled = EVENTS.get(kind, (RAISED, SETTLED))
    trail.record(s, actor, raised, object, entity_id=entity_id, after={"alarm": sentence, **(facts or {})})
    return True


def settle_alarm(s: Session, actor: Actor, kind: str, object: str) -> bool:
    """Settle the alarms of a kind about a thing, in every entity; returns whether there was one."""
    take_turn(s.connection())
    rows, (_raised, settled) = _open(s, kind, object), EVENTS.get(kind, (RAISED, SETTLED))
    for row in rows:
        row.settled_at = clock.now()
        trail.record(s, actor, settled, object, entity_id=row.entity_id, before={"alarm": row.sentence})
    return bool(rows)


def _open(s: Session, kind: str, object: str) -> Sequence[Alarm]:
    standing = select(Alarm).where(Alarm.kind == kind, Alarm.object == object, Alarm.settled_at.is_(None))
    return s.scalars(standing.order_by(Alarm.id).with_for_update()).all()
