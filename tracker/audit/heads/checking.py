"""The check of what is signed: keys against the events that tell of them, every note against its key and the chains, and a file of heads."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..chain import Fault
from ..models import AuditChain, AuditCheckpoint, AuditEvent, Deployment
from ..trail import SYSTEM_CHAIN, deployment_id
from . import notes, queries
from .keys import signed_by
from .models import AuditRegistry, AuditSheets, SigningKey
from .notes import Head, HeadsFile, Key, Listed, Registry, Sheets

Note = TypeVar("Note", Head, Registry, Sheets)
KEYS, REGISTRIES, SHEETS = SigningKey.__tablename__, AuditRegistry.__tablename__, AuditSheets.__tablename__
WHAT = {KEYS: "key", REGISTRIES: "registry", SHEETS: "sheets"}
TOLD_BY = {"key.created": notes.FIRST, "key.rotated": notes.CHANGED, "key.lost": notes.LOST}


def note_faults(s: Session, chains: Collection[str] | None = None) -> list[Fault]:
    """Check the notes of every chain (or these), and with every chain also keys and registries; the first fault of each."""
    every, publics = queries.keys(s), {key.fingerprint: key.public for key in queries.keys(s)}
    deployment = deployment_id(s)
    found = [fault for chain, rows in _noted(s, chains).items() if (fault := _checkpoint_fault(s, deployment, chain, rows, publics))]
    if chains is None or SYSTEM_CHAIN in chains:
        told = key_fault(deployment, every) or _told_otherwise(s, every)
        places = ((KEYS, told), (REGISTRIES, _registry_fault(s, publics)), (SHEETS, _sheets_fault(s, deployment, publics)))
        found += [Fault(table, number, WHAT[table]) for table, number in places if number is not None]
    return found


def _noted(s: Session, chains: Collection[str] | None) -> dict[str, list[tuple[int, str, str]]]:
    wanted = select(AuditCheckpoint.chain_id, AuditCheckpoint.size, AuditCheckpoint.head, AuditCheckpoint.note)
    wanted = wanted if chains is None else wanted.where(AuditCheckpoint.chain_id.in_(chains))
    found: dict[str, list[tuple[int, str, str]]] = {}
    for chain, size, head, note in s.execute(wanted.order_by(AuditCheckpoint.chain_id, AuditCheckpoint.size)):
        found.setdefault(chain, []).append((size, head, note))
    return found


def _checkpoint_fault(s: Session, deployment: str, chain_id: str, rows: Sequence[tuple[int, str, str]], publics: Mapping[str, str]) -> Fault | None:
    chain = s.get(AuditChain, chain_id)
    held = queries.heads_at(s, chain, [size for size, _head, _note in rows]) if chain else {}
    for size, head, stored in rows:
        note = _signed(notes.read_head, stored, publics)
        if note is None or (note.deployment, note.chain, note.size, note.head) != (deployment, chain_id, size, head) or held.get(size) != head:
            return Fault(chain_id, size, "checkpoint")
    return None


def _signed(read: Callable[[str], Note], stored: str, publics: Mapping[str, str]) -> Note | None:
    """Return a stored note, None when it is not written as we write it, or is not signed with a key that is known."""
    try:
        note = read(stored)
    except (notes.Unreadable, UnicodeEncodeError):
        return None
    return note if signed_by(publics.get(note.fingerprint, ""), note.signature, note.text) else None


def key_fault(deployment: str, every: Sequence[Key]) -> int | None:
    """Return the number of the first key that is not what its row says, or whose change is not signed by both; None when all are sound."""
    before: Key | None = None
    for number, key in enumerate(every, start=1):
        try:
            sound = key.number == number and notes.fingerprint(key.public) == key.fingerprint and (key.kind == notes.FIRST) == (before is None)
        except (notes.Unreadable, UnicodeEncodeError):
            sound = False
        if not sound or not _follows(deployment, before, key):
            return number
        before = key
    return None


def _follows(deployment: str, before: Key | None, key: Key) -> bool:
    if before is None or key.kind != notes.CHANGED:
        return key.kind in notes.KINDS and not key.old_signature and not key.new_signature
    text = notes.statement(deployment, before.fingerprint, key.public, key.at)
    return signed_by(before.public, key.old_signature, text) and signed_by(key.public, key.new_signature, text)


def _told_otherwise(s: Session, every: Sequence[Key]) -> int | None:
    """Return the number of the first key of which the system's chain tells otherwise, or not at all, or that is missing here."""
    told = select(AuditEvent.at, AuditEvent.action, AuditEvent.object, AuditEvent.record).where(
        AuditEvent.chain_id == SYSTEM_CHAIN, AuditEvent.action.in_(TOLD_BY)).order_by(AuditEvent.seq)
    should = []
    for at, action, thing, record in s.execute(told):
        after = _after(record)
        should.append((thing, at, TOLD_BY[action], after.get("public"), after.get("fingerprint")))
    held = [(f"key:{key.number}", key.at, key.kind, key.public, key.fingerprint) for key in every]
    return next((number for number, pair in enumerate(zip_longest(held, should), start=1) if pair[0] != pair[1]), None)


def _after(record: str) -> dict[str, object]:
    # A record that cannot be read is named by the check of its chain, and tells of no key.
    try:
        return dict(json.loads(record)["after"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}


def _registry_fault(s: Session, publics: Mapping[str, str]) -> int | None:
    """Return the number of the first registry that is missing, changed, or names a chain that is not there, or was another."""
    rows = s.execute(select(AuditRegistry.number, AuditRegistry.lines, AuditRegistry.note).order_by(AuditRegistry.number)).all()
    known, read = s.execute(select(Deployment.id, Deployment.created_at)).one_or_none(), dict[int, Listed]()
    for place, (number, lines, stored) in enumerate(rows, start=1):
        note = _signed(notes.read_registry, stored, publics)
        named = _listed(lines)
        if number != place or note is None or named is None or notes.digest(lines) != note.digest or note.deployment != named.deployment:
            return place
        if (named.deployment, named.created_at) != tuple(known or ()):
            return place
        read[number] = named
    return next((number for number, gone in _against_chains(s, read) if gone), None)


def _sheets_fault(s: Session, deployment: str, publics: Mapping[str, str]) -> int | None:
    """Return the number of the first note over sheets that is missing, changed, or not signed."""
    rows = s.execute(select(AuditSheets.number, AuditSheets.digest, AuditSheets.note).order_by(AuditSheets.number))
    for place, (number, digested, stored) in enumerate(rows, start=1):
        note = _signed(notes.read_sheets, stored, publics)
        if number != place or note is None or (note.deployment, note.digest) != (deployment, digested):
            return place
    return None


def _listed(lines: str) -> Listed | None:
    try:
        return notes.listed(lines)
    except (notes.Unreadable, UnicodeEncodeError):
        return None


def _against_chains(s: Session, read: Mapping[int, Listed]) -> Iterator[tuple[int, bool]]:
    chains = {row.chain_id: row for row in s.scalars(select(AuditChain))}
    sizes: dict[str, set[int]] = {}
    for named in read.values():
        for chain, (size, _head) in named.chains.items():
            sizes.setdefault(chain, set()).add(size)
    held = {chain: queries.heads_at(s, chains[chain], wanted) if chain in chains else {} for chain, wanted in sizes.items()}
    for number, named in read.items():
        yield number, any(held[chain].get(size) != head for chain, (size, head) in named.chains.items())


def file_fault(s: Session, file: HeadsFile) -> str:
    """Say what of this file of heads the database does not bear out, or what in the file itself is wrong; nothing when all is sound."""
    publics, known = {key.fingerprint: key.public for key in file.keys}, deployment_id(s)
    if file.registry.deployment != known:
        return f"这份链头文件属于另一套系统（部署标识 {file.registry.deployment[:16]}…，本系统是 {known[:16]}…）。"
    if (number := key_fault(known, file.keys)) is not None:
        return f"文件中第 {number} 把公钥与它的指纹、启用方式或更换签名不符，文件已被改动。"
    every: list[Head | Registry] = [file.registry, *file.heads]
    for note in every:
        if not signed_by(publics.get(note.fingerprint, ""), note.signature, note.text):
            return f"文件中{f'链 {note.chain}' if isinstance(note, Head) else '登记'}的签名不对，文件已被改动。"
    named = notes.listed(file.lines)
    if notes.digest(file.lines) != file.registry.digest or named.deployment != known:
        return "文件中登记的各行与登记摘要不符，文件已被改动。"
    if queries.keys(s)[: len(file.keys)] != list(file.keys):
        return "文件中的公钥与系统的公钥不同：系统的密钥被换过，或文件出自另一套系统。"
    return _missing(s, {chain: [place] for chain, place in named.chains.items()}, file.heads)


def _missing(s: Session, places: dict[str, list[tuple[int, str]]], heads: Sequence[Head]) -> str:
    for note in heads:
        places.setdefault(note.chain, []).append((note.size, note.head))
    chains = {row.chain_id: row for row in s.scalars(select(AuditChain).where(AuditChain.chain_id.in_(places)))}
    for chain, wanted in sorted(places.items()):
        if chain not in chains:
            return f"链 {chain} 不在数据库中：整个主体的操作留痕被删去，或恢复了建立它之前的备份。"
        held = queries.heads_at(s, chains[chain], [size for size, _head in wanted])
        for size, head in wanted:
            if size not in held and size <= chains[chain].size:
                return f"链 {chain} 第 {size:,} 条的记录不见了：它被删去或移到别处。"
            if size not in held:
                return f"链 {chain} 现在只有 {chains[chain].size:,} 条，文件中签到 {size:,} 条：最后的记录被删去，或恢复了旧备份。"
            if held[size] != head:
                return f"链 {chain} 第 {size:,} 条处的链头与文件中签过的不同：历史被改写，或恢复旧备份后另有记录。"
    return ""
