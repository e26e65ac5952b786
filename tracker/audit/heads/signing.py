"""The signer: it writes down what it signed, and signs no history that does not extend that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import clock
from ...db import EVERY_ENTITY, Database
from ...errors import BadInput, Problem, RuleBroken
from ...journal.recording import take_turn
from .. import chain as rule
from .. import trail
from ..actor import Actor
from ..models import AuditChain, AuditCheckpoint, Deployment
from . import notes, queries
from .keys import Keyring, Memory
from .models import AuditRegistry, AuditSheets, HeadsDelivery
from .notes import Head, Key, Registry, Sheets

BROKEN = "历史与上次签名不符，可能恢复了旧备份或被改动"
AFTER = "没有签名。请先查明原因；确属恢复备份的，由操作员运行 python -m tracker heads accept --reason 说明原因。"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What stands on 校验 of an export: the keys, the newest registry of its moment, the notes of its heads by chain, the note over its sheets."""

    keys: Sequence[Key] = ()
    registry: Registry | None = None
    heads: Mapping[str, Head] = field(default_factory=dict)
    sheets: Sheets | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What signing everything came to: the number of the registry (None: not signed), how many heads, and what was refused and why."""

    number: int | None
    heads: int
    refused: Sequence[str] = ()


class Signer:
    """Signs with the key in force of one database; every call is a unit of work of its own."""

    def __init__(self, database: Database, ring: Keyring) -> None:
        self.database, self.ring = database, ring

    def sealed(self, s: Session, heads: Collection[AuditChain]) -> Sealed:
        """Return what is signed of these heads, which `s` sees, signing now what was not yet; what cannot be signed is left out.

        It depends on nothing but `s` and what was signed once, so that the same moment always shows the same.
        """
        wanted = {chain.chain_id: (chain.size, chain.head) for chain in heads}
        signed: dict[str, Head] | None = None
        # An export is never held up by a key or a folder that is not there; the page says what is not signed.
        with suppress(Problem), self.database.writing(EVERY_ENTITY) as w:
            signed = _Signing(w, self.ring).heads(wanted)
        with self.database.reading(EVERY_ENTITY) as live:
            every = queries.keys(live)
            if signed is None:
                stored = queries.stored_heads(live, {chain: size for chain, (size, _head) in wanted.items()})
                signed = {chain: note for chain, note in stored.items() if note.head == wanted[chain][1]}
        numbers = {key.fingerprint: key.number for key in every}
        last = max((*(key.number for key in queries.keys(s)), *(numbers.get(note.fingerprint, 0) for note in signed.values())), default=0)
        newest = queries.newest_registry(s)
        return Sealed([key for key in every if key.number <= last], newest[1] if newest else None, signed)

    def sealed_sheets(self, sealed: Sealed, chains: Collection[str], digests: Sequence[str]) -> Sealed:
        """Return what stands on 校验 with a note over sheets of these digests, the one that was signed first; without one when the head of a chain is not signed.

        Keys that came after what is shown are added as far as the note names them.
        """
        if not set(chains) <= set(sealed.heads):
            return sealed
        with suppress(Problem), self.database.writing(EVERY_ENTITY) as w:
            note, keys = _Signing(w, self.ring).sheets(digests, sealed)
            return replace(sealed, sheets=note, keys=keys) if note else sealed
        return sealed

    def sign_all(self, ways: Iterable[str] = ()) -> Round:
        """Sign the head of every chain and a registry over all; `ways` are those in which that is to leave.

        A chain whose history does not extend what was signed is left out, and then there is no registry either.
        """
        with self.database.writing(EVERY_ENTITY) as w:
            signing = _Signing(w, self.ring)
            signing.need_key()
            rows = w.scalars(select(AuditChain).order_by(AuditChain.chain_id)).all()
            signed = signing.heads({row.chain_id: (row.size, row.head) for row in rows})
            made = signing.registry(rows, ways)
        if made:
            self._remember_registry(*made)
        return Round(made[0] if made else None, len(signed), signing.refused)

    def _remember_registry(self, number: int, digested: str) -> None:
        # Only now: one that found no room in the database never was, and must not be missed. No other signer writes meanwhile.
        with self.database.writing(EVERY_ENTITY) as w:
            take_turn(w.connection())
            memory = self.ring.memory()
            if not memory.registry or memory.registry[0] < number:
                self.ring.remember(replace(memory, registry=(number, digested)))

    def refusals(self) -> Mapping[str, str]:
        """Say of every chain that could not be signed now why not, and under no name what else stands against a registry; writes nothing."""
        # Before the snapshot: what another signer remembers meanwhile may not be in it yet.
        before = self.ring.memory()
        with self.database.reading(EVERY_ENTITY) as s:
            return _Signing(s, self.ring, before).refusals()

    def accept(self, actor: Actor, reason: str) -> Sequence[str]:
        """Record what of the signed history is no longer there, and go on signing from what is; returns what was lost.

        Raises RuleBroken when nothing is lost. Who may do so is the caller's to check.
        """
        if not reason.strip():
            raise BadInput.at("reason", "请写明历史为何与签名不符，例如恢复了哪一份备份。")
        with self.database.writing(EVERY_ENTITY) as w:
            signing = _Signing(w, self.ring)
            lost, _memory = signing.losses()
            if not lost:
                raise RuleBroken("现在的历史与签过的一致，没有什么需要接受。")
            trail.record(w, actor, "heads.accepted", "heads", after={"lost": lost}, personal={"reason": reason.strip()})
        # Only now: the signer may go on when the event is there, and never before. What another signed meanwhile is remembered too.
        with self.database.writing(EVERY_ENTITY) as w:
            again, memory = _Signing(w, self.ring).losses()
            # The event is one more of the system's chain, hence only what was signed is compared, not what there is now.
            if [one.partition("；")[0] for one in again] == [one.partition("；")[0] for one in lost]:
                self.ring.remember(memory)
        return lost


class _Signing:
    """One unit of work of the signer."""

    def __init__(self, w: Session, ring: Keyring, before: Memory | None = None) -> None:
        # Who only looks brings what was remembered before his snapshot, and takes no turn.
        if before is None:
            take_turn(w.connection())
        self.w, self.ring, self.refused = w, ring, list[str]()
        self.deployment, self.at = trail.deployment_id(w), clock.stamp(clock.really())
        self.key = next(reversed(queries.keys(w)), None)
        self.memory = ring.memory() if before is None else before
        self.marks = queries.newest_checkpoints(w)

    def need_key(self) -> Key:
        """Return the key in force; raises Problem when there is none, or not here."""
        if self.key is None:
            raise RuleBroken("还没有签名密钥。请先运行 python -m tracker heads key create。")
        if not self.ring.holds(self.key.fingerprint):
            self.ring.sign(self.key.fingerprint, "")
        return self.key

    def heads(self, wanted: Mapping[str, tuple[int, str]]) -> dict[str, Head]:
        """Return the notes of these heads, reusing those there are; `refused` says of which chains there is none and why."""
        found, able = dict[str, Head](), self.key is not None and self.ring.holds(self.key.fingerprint)
        stored = queries.stored_heads(self.w, {chain: size for chain, (size, _head) in wanted.items()})
        for chain, (size, head) in wanted.items():
            why = self._why_not(chain, size, head)
            if why:
                self.refused.append(why)
            elif chain in stored:
                found[chain] = stored[chain]
            elif able and self.key:
                found[chain] = self._sign(self.key, chain, size, head)
        self._remember({chain: (note.size, note.head) for chain, note in found.items()})
        return found

    def _sign(self, key: Key, chain: str, size: int, head: str) -> Head:
        note = Head(self.deployment, chain, size, head, self.at, key.fingerprint)
        note = replace(note, signature=self.ring.sign(key.fingerprint, note.text))
        self.w.add(AuditCheckpoint(chain_id=chain, size=size, head=head, note=note.stored))
        self.w.flush()
        return note

    def sheets(self, digests: Sequence[str], sealed: Sealed) -> tuple[Sheets | None, Sequence[Key]]:
        """Return the note over the sheets of these digests and the keys it names, at least those shown, reusing the first note there is; None when there is no key to sign one."""
        every = queries.keys(self.w)
        for number in range(len(sealed.keys), len(every) + 1):
            digested = notes.digest(notes.sheets_lines(every[:number], sealed.registry, digests))
            if self.w.scalar(select(func.count()).select_from(AuditSheets).where(AuditSheets.digest == digested)):
                return queries.stored_sheets(self.w, digested), every[:number]
        if self.key is None or not self.ring.holds(self.key.fingerprint):
            return None, every
        note = Sheets(self.deployment, self.at, notes.digest(notes.sheets_lines(every, sealed.registry, digests)), self.key.fingerprint)
        note = replace(note, signature=self.ring.sign(self.key.fingerprint, note.text))
        number = self.w.scalar(select(func.max(AuditSheets.number))) or 0
        self.w.add(AuditSheets(number=number + 1, digest=note.digest, note=note.stored))
        self.w.flush()
        return note, every

    def registry(self, rows: Sequence[AuditChain], ways: Iterable[str]) -> tuple[int, str] | None:
        """Sign a registry over all chains and note in which ways it has to leave; returns number and digest, None when anything was refused."""
        key, there = self.need_key(), {row.chain_id for row in rows}
        self.refused += self._gone(there).values()
        last = self._newest_number()
        if self.refused:
            return None
        created = self.w.scalars(select(Deployment.created_at)).one()
        lines = notes.registry_lines(self.deployment, created, ((row.chain_id, row.size, row.head) for row in rows))
        note = Registry(self.deployment, self.at, notes.digest(lines), key.fingerprint)
        note = replace(note, signature=self.ring.sign(key.fingerprint, note.text))
        self.w.add(AuditRegistry(number=last + 1, lines=lines, note=note.stored))
        self.w.flush()
        self.w.add_all(HeadsDelivery(number=last + 1, way=way, tries=0, tried_at="", done_at="", error="") for way in ways)
        return last + 1, note.digest

    def _gone(self, there: Collection[str]) -> dict[str, str]:
        """Say what was signed and is not there at all: chains by their name, the registry under none."""
        gone = {chain: f"链 {chain} 不在数据库中：{BROKEN}。{AFTER}" for chain in sorted(set(self.memory.chains) - set(there))}
        if self.memory.registry and self.memory.deployment == self.deployment and self._lost_registry():
            gone[""] = f"第 {self.memory.registry[0]} 次登记不在数据库中：{BROKEN}。{AFTER}"
        return gone

    def refusals(self) -> dict[str, str]:
        """Say of each chain why its present head cannot be signed, and what was signed and is gone; nothing of those that can."""
        rows = self.w.scalars(select(AuditChain).order_by(AuditChain.chain_id)).all()
        why = {row.chain_id: self._why_not(row.chain_id, row.size, row.head) for row in rows}
        return {chain: said for chain, said in why.items() if said} | self._gone(why)

    def _newest_number(self) -> int:
        return self.w.scalar(select(func.max(AuditRegistry.number))) or 0

    def _lost_registry(self) -> bool:
        number, digested = self.memory.registry or (0, "")
        row = self.w.get(AuditRegistry, number)
        return row is None or notes.digest(row.lines) != digested

    def _remember(self, signed: Mapping[str, tuple[int, str]]) -> None:
        # Before the commit: these heads are in the database already, and what leaves must be remembered.
        further = {chain: place for chain, place in signed.items() if place[0] > self.memory.chains.get(chain, (-1, ""))[0]}
        if further:
            self.memory = replace(self.memory, deployment=self.deployment, chains={**self.memory.chains, **further})
            self.ring.remember(self.memory)

    def _signed_places(self, chain: str) -> list[tuple[int, str]]:
        """Say where this chain was when it was signed last, by the file beside the key and by the checkpoints."""
        of_table = self.marks.get(chain)
        if of_table and of_table[0] <= self.memory.passed.get(chain, -1):
            of_table = None
        return [place for place in (self.memory.chains.get(chain), of_table) if place]

    def _why_not(self, chain: str, size: int, head: str) -> str:
        """Say why this head cannot be signed; nothing when it can."""
        if self.memory.deployment not in ("", self.deployment):
            return f"链 {chain}：{BROKEN}：上次签名的是另一个数据库（部署标识 {self.memory.deployment[:16]}…，现为 {self.deployment[:16]}…）。{AFTER}"
        row = self.w.get(AuditChain, chain)
        if row is None:
            return f"链 {chain} 不在数据库中：{BROKEN}。{AFTER}"
        for signed, known in self._signed_places(chain):
            if queries.head_at(self.w, row, signed) != known:
                return f"链 {chain}：{BROKEN}：上次签到 {signed:,} 条（链头 {known[:16]}…），现有 {row.size:,} 条（链头 {row.head[:16]}…）。{AFTER}"
        kept = self.w.get(AuditCheckpoint, (chain, size))
        if queries.head_at(self.w, row, size) != head or (kept and kept.head != head) or not self._holds_together(row, size):
            return f"链 {chain}：{BROKEN}：到 {size:,} 条的记录首尾不相连，或与已签的链头不同（现有 {row.size:,} 条）。{AFTER}"
        return ""

    def _holds_together(self, row: AuditChain, size: int) -> bool:
        """Tell whether every link from the last signed place on leads to the present head."""
        start = min(size, max((signed for signed, _head in self._signed_places(row.chain_id)), default=0))
        prev = queries.head_at(self.w, row, start)
        for seq, body, before, entry in queries.links(self.w, row.chain_id, start):
            if seq != start or before != prev or rule.entry_hash(row.chain_id, seq, before, body) != entry:
                return False
            start, prev = start + 1, entry
        return start == row.size and prev == row.head

    def losses(self) -> tuple[list[str], Memory]:
        """Say what of the signed history is not there any more, and give what is to be remembered from now on."""
        rows = {row.chain_id: row for row in self.w.scalars(select(AuditChain).order_by(AuditChain.chain_id))}
        lost = [f"部署标识 {self.memory.deployment}，现为 {self.deployment}"] if self.memory.deployment not in ("", self.deployment) else []
        chains, passed = dict(self.memory.chains), dict(self.memory.passed)
        for chain in sorted({*self.memory.chains, *self.marks}):
            row = rows.get(chain)
            places = [(size, head) for size, head in self._signed_places(chain) if row is None or queries.head_at(self.w, row, size) != head]
            for size, head in dict(places).items():
                lost.append(f"{chain}：已签 {size} 条，链头 {head}；" + (f"现有 {row.size} 条，链头 {row.head}" if row else "现已不存在"))
            if places:
                chains.pop(chain, None)
                chains |= {chain: (row.size, row.head)} if row else {}
                passed |= {chain: self.marks[chain][0]} if chain in self.marks else {}
        if self.memory.registry and self._lost_registry():
            lost.append(f"第 {self.memory.registry[0]} 次登记（{self.memory.registry[1]}）")
        return lost, Memory(self.deployment, chains, None if lost else self.memory.registry, passed)
