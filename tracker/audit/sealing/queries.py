"""Reads of what is sealed or redacted: for pages and exports, and against what the events of a chain say."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from ..models import AuditEvent
from .covering import COVERING, DESTROYED, SEALED, Hidden, Unfounded, hidden_by
from .models import AuditSeal

Places = Mapping[str, Collection[int]]


def states(s: Session, places: Places) -> dict[tuple[str, int], dict[str, str]]:
    """Return (chain, seq) → {field: state} of what is hidden of these events; one statement."""
    of_these = [and_(AuditSeal.chain_id == chain, AuditSeal.seq.in_(seqs)) for chain, seqs in places.items()]
    found: dict[tuple[str, int], dict[str, str]] = {}
    for row in s.scalars(select(AuditSeal).where(or_(false(), *of_these))):
        found.setdefault((row.chain_id, row.seq), {})[row.field] = row.state
    return found


def hidden(s: Session, chain: str) -> Hidden:
    """Return what the table says is hidden in one chain."""
    rows = s.execute(select(AuditSeal.seq, AuditSeal.field, AuditSeal.state, AuditSeal.at).where(AuditSeal.chain_id == chain))
    return {(seq, field): (state, at) for seq, field, state, at in rows}


def unfounded(s: Session, chain: str) -> int | None:
    """Return the place of the first event whose seals are not what the covering events of its chain say; None means they agree."""
    rows = select(AuditEvent.seq, AuditEvent.record).where(AuditEvent.chain_id == chain, AuditEvent.action.in_(COVERING)).order_by(AuditEvent.seq)
    try:
        said = hidden_by((seq, json.loads(record)) for seq, record in s.execute(rows))
    except Unfounded as reason:
        return int(reason.args[0])
    held = hidden(s, chain)
    return min((seq for seq, field in {*said, *held} if said.get((seq, field)) != held.get((seq, field))), default=None)


def covered_up_to(s: Session, sizes: Mapping[str, int]) -> dict[str, int]:
    """Return, for chains cut at these sizes, how far each must reach: what is hidden or destroyed of the part before the cut has its event."""
    reach = {chain: max([size, *_destroyed_after(s, chain, size)]) for chain, size in sizes.items()}
    for chain, size in sizes.items():
        first = select(func.min(AuditSeal.at)).where(AuditSeal.chain_id == chain, AuditSeal.seq < size)
        if (since := s.scalar(first)) is None:
            continue
        events = select(AuditEvent.seq, AuditEvent.record).where(
            AuditEvent.chain_id == chain, AuditEvent.action.in_(COVERING), AuditEvent.seq >= size, AuditEvent.at >= since,
        )
        reach[chain] = max([reach[chain], *(seq + 1 for seq, record in s.execute(events) if json.loads(record)["after"]["seq"] < size)])
    return reach


def _destroyed_after(s: Session, chain: str, size: int) -> list[int]:
    later = select(AuditEvent.seq, AuditEvent.object).where(AuditEvent.chain_id == chain, AuditEvent.action == DESTROYED, AuditEvent.seq >= size)
    gone = {thing: seq + 1 for seq, thing in s.execute(later)}
    known = select(AuditEvent.object).where(AuditEvent.chain_id == chain, AuditEvent.seq < size, AuditEvent.object.in_(gone)).distinct()
    return [gone[thing] for thing in s.scalars(known)] if gone else []


def unnamed(s: Session, people: Collection[int]) -> set[int]:
    """Return those of these people whose name is sealed: that of the event which added them. One statement, or none."""
    if not people:
        return set()
    same = and_(AuditSeal.chain_id == AuditEvent.chain_id, AuditSeal.seq == AuditEvent.seq)
    added = select(AuditEvent.object).join(AuditSeal, same).where(
        AuditEvent.object.in_([f"person:{one}" for one in people]), AuditEvent.action == "person.added", AuditSeal.field == "after.name", AuditSeal.state == SEALED,
    )
    return {int(thing.partition(":")[2]) for thing in s.scalars(added)}
