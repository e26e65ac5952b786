"""Reads of the trail: events for people to read, filtered, and the check of every chain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from . import chain as rule
from .heads.checking import note_faults
from .models import AuditChain, AuditDisclosure, AuditEvent
from .names import CONCEALED
from .sealing.covering import REDACTED
from .sealing.models import AuditSeal
from .sealing.queries import hidden, states, unfounded
from .trail import deployment_id

BATCH = 1000
EVENT, DISCLOSURE = (model.metadata.tables[model.__tablename__] for model in (AuditEvent, AuditDisclosure))


@dataclass(frozen=True, slots=True)
class Told:
    """One event with its personal values, each that may still be shown with its salt, and what proves it: record, body, previous entry, entry.

    Of a value that is sealed or redacted there is a mark instead; `hidden` says of which, and why.
    """

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
    hidden: dict[str, str] = field(default_factory=dict)


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


def events_at(s: Session, chain: str, seq: int) -> Told:
    """Return one event, which must be there."""
    return _told(s, [s.get_one(AuditEvent, (chain, seq))])[0]


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
    by_chain: dict[str, list[int]] = {}
    for row in rows:
        by_chain.setdefault(row.chain_id, []).append(row.seq)
    of_these = [and_(AuditDisclosure.chain_id == chain, AuditDisclosure.seq.in_(seqs)) for chain, seqs in by_chain.items()]
    same = and_(*(getattr(AuditSeal, name) == getattr(AuditDisclosure, name) for name in ("chain_id", "seq", "field")))
    columns = select(AuditDisclosure.chain_id, AuditDisclosure.seq, AuditDisclosure.field, AuditDisclosure.salt, AuditDisclosure.value, AuditSeal.state)
    personal: dict[tuple[str, int], dict[str, tuple[str, str, str | None]]] = {}
    for chain, seq, name, *kept in s.execute(columns.outerjoin(AuditSeal, same).where(or_(false(), *of_these))):
        personal.setdefault((chain, seq), {})[name] = (kept[0], kept[1], kept[2])
    contents = [json.loads(row.record) for row in rows]
    told = [_one(row, content, personal.get((row.chain_id, row.seq), {})) for row, content in zip(rows, contents, strict=True)]
    # Of what was redacted there is no row left but the one that says so; only where something is missing is it looked for.
    short = [event for event, content in zip(told, contents, strict=True) if len(event.personal) < len(content.get("pd", ()))]
    return _with_marks(s, told, short) if short else told


def _one(row: AuditEvent, content: dict[str, Any], disclosed: dict[str, tuple[str, str, str | None]]) -> Told:
    named = sorted(disclosed)
    sealed = {name: state for name, (_salt, _value, state) in disclosed.items() if state}
    return Told(
        row.chain_id, row.seq, content["at"], content["actor"], content["via"], content["action"], content["object"],
        content["before"], content["after"], {name: CONCEALED[sealed[name]] if name in sealed else json.loads(disclosed[name][1]) for name in named},
        {name: disclosed[name][0] for name in named if name not in sealed}, row.record, row.body, row.prev, row.entry, sealed,
    )


def told_since(s: Session, chain: str, actor: str, action: str, object: str, since: str) -> bool:
    """Tell whether a chain has this event of this actor and this thing at or after a moment, given as `clock.stamp` text."""
    same = (AuditEvent.chain_id == chain, AuditEvent.actor == actor, AuditEvent.action == action, AuditEvent.object == object)
    return s.scalar(select(AuditEvent.seq).where(*same, AuditEvent.at >= since).limit(1)) is not None


def _with_marks(s: Session, told: list[Told], short: list[Told]) -> list[Told]:
    missing: dict[str, list[int]] = {}
    for event in short:
        missing.setdefault(event.chain, []).append(event.seq)
    gone = states(s, missing)
    return [_redacted(event, gone[event.chain, event.seq]) if (event.chain, event.seq) in gone else event for event in told]


def _redacted(event: Told, said: dict[str, str]) -> Told:
    personal = event.personal | {name: CONCEALED[state] for name, state in said.items()}
    return replace(event, personal={name: personal[name] for name in sorted(personal)}, hidden=said, salts={name: salt for name, salt in event.salts.items() if name not in said})


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
    with _whatever_stands_there(s):
        deployment, heads = deployment_id(s), chain_heads(s, chains)
        found = [fault for chain in heads if (fault := _chain_fault(s, deployment, chain))]
        gone = {*(chains or ()), *expected} - {chain.chain_id for chain in heads}
        stray = _without_chain(s) if chains is None else set()
        found += [rule.Fault(chain, 0, "chain") for chain in sorted(gone | stray)]
        named = {fault.chain for fault in found}
        return [*found, *(fault for fault in note_faults(s, chains) if fault.chain not in named)]


@contextmanager
def _whatever_stands_there(s: Session) -> Iterator[None]:
    """Read texts that are no UTF-8 any more with marks in their place, so that their row is named instead of the whole check ending."""
    connection = s.connection().connection.driver_connection
    if not isinstance(connection, sqlite3.Connection):
        yield
        return
    before, connection.text_factory = connection.text_factory, _marked
    try:
        yield
    finally:
        connection.text_factory = before


def _marked(data: bytes) -> str:
    return data.decode(errors="replace")


def _without_chain(s: Session) -> set[str]:
    known = select(AuditChain.chain_id)
    columns = (AuditEvent.chain_id, AuditDisclosure.chain_id, AuditSeal.chain_id)
    return {chain for column in columns for chain in s.scalars(select(column).where(column.not_in(known)).distinct())}


def _chain_fault(s: Session, deployment: str, chain: AuditChain) -> rule.Fault | None:
    start = rule.genesis(deployment, chain.chain_id, chain.created_at)
    # The first fault ends the reading in the middle: what was being read is closed, or PostgreSQL would keep it open.
    with closing(_Disclosed(s, chain.chain_id)) as told, closing(_stored(s, chain.chain_id, told)) as stored:
        fault = _kind_fault(chain) or rule.first_fault(chain.chain_id, start, stored, chain.size, chain.head) or told.stray()
    if fault is not None and fault.what != "disclosure":
        return fault
    # A seal that disagrees with its events lets a disclosure seem wrong: then it is the seal that is named.
    seal = _seal_fault(s, chain.chain_id, fault is not None)
    return seal if seal and (fault is None or seal.seq <= fault.seq) else fault


def _stored(s: Session, chain: str, told: _Disclosed) -> Generator[rule.Entry, None, None]:
    # Plain rows: mapped objects of so many would cost more than the check itself.
    e = EVENT.c
    columns = select(e.seq, e.record, e.body, e.prev, e.entry, e.at, e.actor, e.action, e.object).where(e.chain_id == chain).order_by(e.seq)
    with s.connection().execute(columns, execution_options={"yield_per": BATCH}) as rows:
        for seq, record, body, prev, entry, *repeated in rows:
            yield rule.Entry(seq, record, body, prev, entry, tuple(repeated), told.of(seq), told.gone.get(seq, ()))


class _Disclosed:
    """The disclosures of a chain, read beside its events in one pass."""

    def __init__(self, s: Session, chain: str) -> None:
        d = DISCLOSURE.c
        columns = select(d.seq, d.field, d.salt, d.value).where(d.chain_id == chain).order_by(d.seq)
        self._chain, self._found = chain, s.connection().execute(columns, execution_options={"yield_per": BATCH})
        self._rows = iter(self._found)
        self._next = next(self._rows, None)
        self.gone: dict[int, set[str]] = {}
        for (seq, name), (state, _at) in hidden(s, chain).items():
            if state == REDACTED:
                self.gone.setdefault(seq, set()).add(name)

    def of(self, seq: int) -> dict[str, tuple[str, str]]:
        """Return what is disclosed of the next event; what belongs to none that is there stays in the way."""
        found: dict[str, tuple[str, str]] = {}
        while self._next is not None and self._next[0] == seq:
            found[self._next[1]] = (self._next[2], self._next[3])
            self._next = next(self._rows, None)
        return found

    def close(self) -> None:
        """Read no more."""
        self._found.close()

    def stray(self) -> rule.Fault | None:
        """Name a disclosure that is left when every event was seen."""
        return rule.Fault(self._chain, self._next[0], "disclosure") if self._next is not None else None


def _seal_fault(s: Session, chain: str, broken: bool) -> rule.Fault | None:
    try:
        seq = unfounded(s, chain)
    except (ValueError, KeyError, TypeError, AttributeError):
        # What stands after the first fault was not looked at.
        if not broken:
            raise
        return None
    return None if seq is None else rule.Fault(chain, seq, "seal")


def _kind_fault(chain: AuditChain) -> rule.Fault | None:
    sound = (chain.kind, chain.alg) == (rule.kind_of(chain.chain_id), rule.ALGORITHM)
    return None if sound else rule.Fault(chain.chain_id, 0, "kind")


def chain_heads(s: Session, chains: Collection[str] | None = None) -> Sequence[AuditChain]:
    """List every chain (or these) with its size and head."""
    query = select(AuditChain).order_by(AuditChain.chain_id)
    return s.scalars(query if chains is None else query.where(AuditChain.chain_id.in_(chains))).all()
