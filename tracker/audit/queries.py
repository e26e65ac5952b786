"""Reads of the trail: events for people to read, filtered, and the check of every chain."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from . import chain as rule
from .models import AuditChain, AuditDisclosure, AuditEvent
from .trail import deployment_id


@dataclass(frozen=True, slots=True)
class Told:
    """One event with the personal values that may still be shown, each with its salt, and what proves it: record, body, previous entry, entry."""

    chain: str
    seq: int
    at: str
    actor: str
    via: str
    action: str
    object: str
    before: dict[str, Any]
    after: dict[str, Any]
    personal: dict[str, Any]
    salts: dict[str, str]
    record: str
    body: str
    prev: str
    entry: str


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which events: any of these chains, and what else was asked for; moments as `clock.stamp` text, `until` exclusive."""

    chains: tuple[str, ...]
    action: str = ""
    actor: str = ""
    object: str = ""
    objects: tuple[str, ...] = field(default=())
    since: str = ""
    until: str = ""


def _narrowed(wanted: TrailFilter) -> Select[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.chain_id.in_(wanted.chains))
    for column, value in ((AuditEvent.actor, wanted.actor), (AuditEvent.object, wanted.object)):
        if value:
            query = query.where(column == value)
    if wanted.action:
        # A family such as `task` stands for all its events.
        query = query.where(AuditEvent.action.startswith(wanted.action + ".") if "." not in wanted.action else AuditEvent.action == wanted.action)
    if wanted.objects:
        query = query.where(AuditEvent.object.in_(wanted.objects))
    if wanted.since:
        query = query.where(AuditEvent.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEvent.at < wanted.until)
    return query


def _order(wanted: TrailFilter) -> list[InstrumentedAttribute[Any]]:
    # The sequence is the truth of one chain, and its primary key needs no sorting.
    return [AuditEvent.seq] if len(wanted.chains) == 1 else [AuditEvent.at, AuditEvent.chain_id, AuditEvent.seq]


def event_count(s: Session, wanted: TrailFilter) -> int:
    """Count the events of a filter."""
    return s.scalar(select(func.count()).select_from(_narrowed(wanted).subquery())) or 0


def events(s: Session, wanted: TrailFilter, offset: int = 0, limit: int | None = None, oldest_first: bool = False) -> list[Told]:
    """List events, newest first unless asked otherwise, with their disclosures: two statements whatever the number."""
    order = _order(wanted)
    query = _narrowed(wanted).order_by(*(order if oldest_first else [c.desc() for c in order])).offset(offset)
    rows = s.scalars(query if limit is None else query.limit(limit)).all()
    return _told(s, rows)


def actors(s: Session, chains: Collection[str]) -> list[str]:
    """List who has ever acted in these chains: `u_17`, `operator`, `system`."""
    return list(s.scalars(select(AuditEvent.actor).where(AuditEvent.chain_id.in_(chains)).distinct().order_by(AuditEvent.actor)))


def event_stream(s: Session, wanted: TrailFilter, batch: int = 500) -> Iterator[Told]:
    """Yield every event of a filter, oldest first, `batch` at a time, so that memory stays flat."""
    query = _narrowed(wanted).order_by(*_order(wanted))
    for rows in s.scalars(query.execution_options(yield_per=batch)).partitions():
        yield from _told(s, rows)
        for row in rows:
            s.expunge(row)


def _told(s: Session, rows: Sequence[AuditEvent]) -> list[Told]:
    personal: dict[tuple[str, int], dict[str, tuple[str, str]]] = {}
    by_chain: dict[str, list[int]] = {}
    for row in rows:
        by_chain.setdefault(row.chain_id, []).append(row.seq)
    of_these = [and_(AuditDisclosure.chain_id == chain, AuditDisclosure.seq.in_(seqs)) for chain, seqs in by_chain.items()]
    columns = select(AuditDisclosure.chain_id, AuditDisclosure.seq, AuditDisclosure.field, AuditDisclosure.salt, AuditDisclosure.value)
    for chain, seq, name, salt, value in s.execute(columns.where(or_(false(), *of_these))):
        personal.setdefault((chain, seq), {})[name] = (salt, value)
    return [_one(row, personal.get((row.chain_id, row.seq), {})) for row in rows]


def _one(row: AuditEvent, disclosed: dict[str, tuple[str, str]]) -> Told:
    content, named = json.loads(row.record), sorted(disclosed)
    return Told(
        row.chain_id, row.seq, content["at"], content["actor"], content["via"], content["action"], content["object"],
        content["before"], content["after"], {name: json.loads(disclosed[name][1]) for name in named}, {name: disclosed[name][0] for name in named},
        row.record, row.body, row.prev, row.entry,
    )


def entries(s: Session, chains: Collection[str], batch: int = 1000) -> Iterator[tuple[str, int, str, str]]:
    """Yield (chain, seq, body, entry) of every event of these chains: what links them, and nothing of what they say."""
    columns = select(AuditEvent.chain_id, AuditEvent.seq, AuditEvent.body, AuditEvent.entry).where(AuditEvent.chain_id.in_(chains))
    for row in s.execute(columns.order_by(AuditEvent.chain_id, AuditEvent.seq).execution_options(yield_per=batch)):
        yield (row[0], row[1], row[2], row[3])


def widest(s: Session, chains: Collection[str]) -> tuple[int, int]:
    """Return how many characters the longest record has, and at most the disclosures of one event."""
    records = s.scalar(select(func.max(func.length(AuditEvent.record))).where(AuditEvent.chain_id.in_(chains)))
    each = func.length(AuditDisclosure.field) + func.length(AuditDisclosure.salt) + func.length(AuditDisclosure.value) + 16
    sums = select(func.sum(each).label("told")).where(AuditDisclosure.chain_id.in_(chains)).group_by(AuditDisclosure.chain_id, AuditDisclosure.seq)
    return records or 0, int(s.scalar(select(func.max(sums.subquery().c.told))) or 0)


def faults(s: Session, chains: Collection[str] | None = None, expected: Collection[str] = ()) -> list[rule.Fault]:
    """Check every chain (or these), its repeated columns and its disclosures; an empty list means all is sound.

    `expected` names chains that must be there, so that the removal of a whole one is seen.
    """
    deployment, heads = deployment_id(s), chain_heads(s, chains)
    found = [fault for chain in heads if (fault := _chain_fault(s, deployment, chain))]
    gone = {*(chains or ()), *expected} - {chain.chain_id for chain in heads}
    stray = _without_chain(s) if chains is None else set()
    return [*found, *(rule.Fault(chain, 0, "chain") for chain in sorted(gone | stray))]


def _without_chain(s: Session) -> set[str]:
    orphans = select(AuditEvent.chain_id).where(AuditEvent.chain_id.not_in(select(AuditChain.chain_id)))
    return set(s.scalars(orphans.distinct()))


def _chain_fault(s: Session, deployment: str, chain: AuditChain) -> rule.Fault | None:
    start = rule.genesis(deployment, chain.chain_id, chain.created_at)
    if (chain.kind, chain.alg) != (rule.kind_of(chain.chain_id) or chain.kind, rule.ALGORITHM):
        return rule.Fault(chain.chain_id, 0, "kind")
    rows = select(AuditEvent).where(AuditEvent.chain_id == chain.chain_id).order_by(AuditEvent.seq)
    stored = s.scalars(rows.execution_options(yield_per=1000))
    entries = (rule.Entry(r.seq, r.record, r.body, r.prev, r.entry) for r in stored)
    return (
        rule.first_fault(chain.chain_id, start, entries, chain.size, chain.head)
        or _column_fault(s, chain.chain_id)
        or _disclosure_fault(s, chain.chain_id)
    )


def _column_fault(s: Session, chain: str) -> rule.Fault | None:
    columns = select(AuditEvent.seq, AuditEvent.record, AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.object)
    for seq, record, *repeated in s.execute(columns.where(AuditEvent.chain_id == chain).order_by(AuditEvent.seq)):
        content = json.loads(record)
        if repeated != [content.get(name) for name in ("at", "actor", "action", "object")]:
            return rule.Fault(chain, seq, "column")
    return None


def _proof(salt: str, value: str) -> str:
    """Return the commitment to what is stored; ValueError for another spelling of it than the one we write."""
    raw, content = base64.b64decode(salt), json.loads(value)
    if (base64.b64encode(raw).decode(), rule.canonical(content)) != (salt, value):
        raise ValueError("stored in another spelling")
    return rule.commitment(raw, content)


def _disclosure_fault(s: Session, chain: str) -> rule.Fault | None:
    told: dict[int, dict[str, str]] = {}
    for row in s.scalars(select(AuditDisclosure).where(AuditDisclosure.chain_id == chain)):
        try:
            proof = _proof(row.salt, row.value)
        except (ValueError, TypeError, RecursionError):
            return rule.Fault(chain, row.seq, "disclosure")
        told.setdefault(row.seq, {})[row.field] = proof
    for seq, record in s.execute(select(AuditEvent.seq, AuditEvent.record).where(AuditEvent.chain_id == chain).order_by(AuditEvent.seq)):
        if told.pop(seq, {}) != json.loads(record).get("pd"):
            return rule.Fault(chain, seq, "disclosure")
    return rule.Fault(chain, min(told), "disclosure") if told else None


def chain_heads(s: Session, chains: Collection[str] | None = None) -> Sequence[AuditChain]:
    """List every chain (or these) with its size and head."""
    query = select(AuditChain).order_by(AuditChain.chain_id)
    return s.scalars(query if chains is None else query.where(AuditChain.chain_id.in_(chains))).all()
