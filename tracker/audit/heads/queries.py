"""Reads of signed heads: keys, notes, registries, how far the chains have gone since, and what still has to be delivered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import chain as rule
from ..models import AuditChain, AuditCheckpoint, AuditEvent
from ..trail import deployment_id
from . import notes
from .models import AuditRegistry, AuditSheets, HeadsDelivery, SigningKey
from .notes import Head, HeadsFile, Key, Registry, Sheets

SOME = 500


def keys(s: Session) -> list[Key]:
    """List the public keys, oldest first; the last is in force."""
    return [
        Key(row.number, row.public, row.fingerprint, row.at, row.kind, row.old_signature, row.new_signature)
        for row in s.scalars(select(SigningKey).order_by(SigningKey.number))
    ]


def newest_registry(s: Session) -> tuple[int, Registry] | None:
    """Return the newest registry note with its number; one that cannot be read counts for nothing, the check names it."""
    row = s.scalars(select(AuditRegistry).order_by(AuditRegistry.number.desc()).limit(1)).one_or_none()
    try:
        return (row.number, notes.read_registry(row.note)) if row else None
    except notes.Unreadable:
        return None


def registries(s: Session, limit: int = 50) -> list[tuple[AuditRegistry, Registry]]:
    """List the newest registries, newest first; those that cannot be read are left out, the check names them."""
    found = []
    for row in s.scalars(select(AuditRegistry).order_by(AuditRegistry.number.desc()).limit(limit)):
        try:
            found.append((row, notes.read_registry(row.note)))
        except notes.Unreadable:
            continue
    return found


def head_at(s: Session, chain: AuditChain, size: int) -> str | None:
    """Return the head that a chain had with so many events, None when it has not so many."""
    if size == 0:
        return rule.genesis(deployment_id(s), chain.chain_id, chain.created_at)
    return s.scalar(select(AuditEvent.entry).where(AuditEvent.chain_id == chain.chain_id, AuditEvent.seq == size - 1))


def heads_at(s: Session, chain: AuditChain, sizes: Collection[int]) -> dict[int, str]:
    """Return the heads that a chain had with these numbers of events, as far as it has so many; some hundreds at a time."""
    wanted = sorted(size - 1 for size in set(sizes) if size)
    found = {0: rule.genesis(deployment_id(s), chain.chain_id, chain.created_at)} if 0 in sizes else {}
    for start in range(0, len(wanted), SOME):
        of_some = AuditEvent.seq.in_(wanted[start : start + SOME])
        for seq, entry in s.execute(select(AuditEvent.seq, AuditEvent.entry).where(AuditEvent.chain_id == chain.chain_id, of_some)):
            found[seq + 1] = entry
    return found


def newest_checkpoints(s: Session) -> dict[str, tuple[int, str]]:
    """Return size and head of the newest checkpoint of every chain that has one."""
    return {row.chain_id: (row.size, row.head) for row in _newest(s)}


def _newest(s: Session) -> Sequence[AuditCheckpoint]:
    newest = select(AuditCheckpoint.chain_id, func.max(AuditCheckpoint.size).label("size")).group_by(AuditCheckpoint.chain_id).subquery()
    joined = (AuditCheckpoint.chain_id == newest.c.chain_id) & (AuditCheckpoint.size == newest.c.size)
    return s.scalars(select(AuditCheckpoint).join(newest, joined)).all()


def stored_heads(s: Session, wanted: Mapping[str, int]) -> dict[str, Head]:
    """Return the stored notes of these chains at exactly these sizes; what cannot be read is left out."""
    found: dict[str, Head] = {}
    for chain, size in wanted.items():
        row = s.get(AuditCheckpoint, (chain, size))
        try:
            found |= {chain: notes.read_head(row.note)} if row else {}
        except notes.Unreadable:
            continue
    return found


def stored_sheets(s: Session, digested: str) -> Sheets | None:
    """Return the stored note over sheets with this digest; one that cannot be read counts for nothing, the check names it."""
    row = s.scalars(select(AuditSheets).where(AuditSheets.digest == digested)).one_or_none()
    try:
        return notes.read_sheets(row.note) if row else None
    except notes.Unreadable:
        return None


def heads_file(s: Session, number: int) -> tuple[str, str]:
    """Return name and content of the file of heads of one registry."""
    row = s.get_one(AuditRegistry, number)
    registry, named = notes.read_registry(row.note), notes.listed(row.lines)
    heads = stored_heads(s, {chain: size for chain, (size, _head) in named.chains.items()})
    every = keys(s)
    by = next((key.number for key in every if key.fingerprint == registry.fingerprint), len(every))
    file = HeadsFile([key for key in every if key.number <= by], registry, row.lines, [heads[chain] for chain in sorted(heads)])
    return notes.file_name(registry), notes.write_file(file)


@dataclass(frozen=True, slots=True)
class Behind:
    """How a chain stands to its newest signed head: present size, signed size (None: never), and since when."""

    chain: str
    size: int
    signed: int | None
    at: str


def behind(s: Session, chains: Collection[str] | None = None) -> list[Behind]:
    """Say of every chain (or these) how much of it is signed."""
    signed = {row.chain_id: (row.size, _at(row.note)) for row in _newest(s)}
    rows = select(AuditChain.chain_id, AuditChain.size).order_by(AuditChain.chain_id)
    found = s.execute(rows if chains is None else rows.where(AuditChain.chain_id.in_(chains)))
    return [Behind(chain, size, *signed.get(chain, (None, ""))) for chain, size in found]


def _at(note: str) -> str:
    try:
        return notes.read_head(note).at
    except notes.Unreadable:
        return ""


def waiting(s: Session) -> Sequence[HeadsDelivery]:
    """List what still has to be delivered, oldest first."""
    return s.scalars(select(HeadsDelivery).where(HeadsDelivery.done_at == "").order_by(HeadsDelivery.number, HeadsDelivery.way)).all()


def deliveries(s: Session, numbers: Collection[int]) -> dict[int, list[HeadsDelivery]]:
    """Return the deliveries of these registries by their numbers."""
    found: dict[int, list[HeadsDelivery]] = {}
    for row in s.scalars(select(HeadsDelivery).where(HeadsDelivery.number.in_(numbers)).order_by(HeadsDelivery.way)):
        found.setdefault(row.number, []).append(row)
    return found


def links(s: Session, chain: str, start: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield (seq, body, previous entry, entry) of a chain from one place on."""
    columns = select(AuditEvent.seq, AuditEvent.body, AuditEvent.prev, AuditEvent.entry).where(AuditEvent.chain_id == chain, AuditEvent.seq >= start)
    for row in s.execute(columns.order_by(AuditEvent.seq).execution_options(yield_per=1000)):
        yield (row[0], row[1], row[2], row[3])
