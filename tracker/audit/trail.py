"""Recording events: collected during a unit of work, chained and written as its last step, in the same transaction."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session, UOWTransaction

from .. import clock
from ..db import Audited, UnitOfWork
from ..errors import BadInput, RuleBroken
from ..journal.recording import moment
from . import chain as rule
from .actor import Actor
from .models import AuditChain, AuditDisclosure, AuditEvent, Deployment

SYSTEM_CHAIN = "system"
ACCESS = "access"
# What is written here can never be put right: a character that no workbook can hold would end all exports of the chain.
UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class UnrecordedChange(RuntimeError):
    """An audited row was changed and no event of the same transaction covers it: a bug, never a user's fault."""


def entity_chain(entity_id: int) -> str:
    """Return the name of an entity's chain."""
    return f"ent_{entity_id}"


def access_chain(entity_id: int) -> str:
    """Return the name of the chain that tells of reads of an entity's files; it is opened with the first of them."""
    return f"acc_{entity_id}"


@dataclass(frozen=True, slots=True)
class _Pending:
    chain: str
    log: str
    action: str
    object: str
    actor: Actor
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    personal: Mapping[str, Any]
    covers: tuple[str, ...] = field(default=())


def record(
    s: Session, actor: Actor, action: str, object: str, *, entity_id: int | None = None, log: Literal["", "access"] = "",
    before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None, covers: tuple[str, ...] = (), chain: str = "",
) -> None:
    """Note one event for the end of this unit of work.

    `object` is the thing changed (`task:17`); `covers` names further audited objects changed by the same act.
    `before`/`after` hold plain values (no floats; dates as ISO text); whatever tells of a person (names, comments,
    file names, addresses) goes into `personal`, whose keys may be `before.x` / `after.x`.
    `log="access"` writes into the entity's access log: of a read, which covers no change. `chain` names a chain itself.
    """
    if log and entity_id is None:
        raise ValueError("only an entity has an access log")
    chain = chain or (SYSTEM_CHAIN if entity_id is None else access_chain(entity_id) if log else entity_chain(entity_id))
    named = {"actor_name": actor.name, **(personal or {})}
    check_holdable([before, after, named])
    s.info.setdefault("events", []).append(
        _Pending(chain, log, action, object, actor, before or {}, after or {}, named, covers)
    )


def check_holdable(value: Any) -> None:
    """Raise BadInput when a text anywhere in this value has a character that no workbook can hold."""
    for text in _texts(value):
        if unseen := UNHOLDABLE.search(text):
            raise BadInput(f"内容中有无法保存的控制字符（U+{ord(unseen.group()):04X}），请删去后重试。")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def found(s: Session) -> None:
    """Create the deployment and the system chain of a new database; does nothing on an old one."""
    if s.get(Deployment, deployment_id(s)) is None:
        now = clock.stamp(clock.now())
        s.add(Deployment(id=secrets.token_hex(16), created_at=now))
        s.flush()
        open_chain(s, SYSTEM_CHAIN, "system")


def deployment_id(s: Session) -> str:
    """Return this installation's id, or an empty text when there is none yet."""
    return s.scalar(select(Deployment.id)) or ""


def known_deployment(s: Session) -> str:
    """Return this installation's id; RuleBroken when there is none, as in a database that was migrated but on which no service was ever started."""
    found = deployment_id(s)
    if not found:
        raise RuleBroken(
            "数据库中没有部署标识：从未用它启动过服务，或它不是正在使用的那一个。没有进行任何操作。"
            "请核对设置 TRACKER_INSTANCE 与 TRACKER_DATABASE_URL；确是新装的系统，请先启动一次服务（python -m tracker）。"
        )
    return found


def open_chain(s: Session, chain: str, kind: str, at: str = "") -> None:
    """Start a chain, now or at the stamp given; its first head is the genesis hash."""
    created = at or clock.stamp(clock.now())
    start = rule.genesis(deployment_id(s), chain, created)
    s.add(AuditChain(chain_id=chain, kind=kind, size=0, head=start, alg=rule.ALGORITHM, created_at=created))
    s.flush()


@event.listens_for(UnitOfWork, "after_flush")
def _note_changes(s: Session, _context: UOWTransaction) -> None:
    rows = [*s.new, *s.deleted, *(row for row in s.dirty if s.is_modified(row))]
    s.info.setdefault("changed", set()).update(row.audit_ref for row in rows if isinstance(row, Audited))


@event.listens_for(UnitOfWork, "after_rollback")
def _forget(s: Session) -> None:
    s.info.pop("events", None)
    s.info.pop("changed", None)


@event.listens_for(UnitOfWork, "before_commit")
def _seal(s: Session) -> None:
    s.flush()
    events: list[_Pending] = s.info.pop("events", [])
    covered = {ref for e in events if not e.log for ref in (e.object, *e.covers)}
    missing = s.info.pop("changed", set()) - covered
    if missing:
        raise UnrecordedChange(f"changed without an event: {', '.join(sorted(missing))}")
    # The turn comes with the moment and before any chain, and chains are sorted: two writers never wait for each other crosswise.
    at = moment(s) if events else ""
    for chain in sorted({e.chain for e in events}):
        _append(s, chain, at, [e for e in events if e.chain == chain])


def _append(s: Session, chain_id: str, at: str, events: list[_Pending]) -> None:
    wanted = select(AuditChain.size, AuditChain.head).where(AuditChain.chain_id == chain_id).with_for_update()
    if events[0].log and s.execute(wanted).one_or_none() is None:
        # The turn is ours since the stamp was taken: nobody opens the same chain beside us.
        open_chain(s, chain_id, ACCESS, at)
    chain = s.execute(wanted).one()
    prev, rows, disclosures = chain.head, [], []
    for seq, pending in enumerate(events, start=chain.size):
        told = _disclose(pending.personal)
        record_text = rule.canonical({
            "v": 1, "chain": chain_id, "seq": seq, "at": at, "actor": pending.actor.id, "via": str(pending.actor.via),
            "action": pending.action, "object": pending.object, "before": pending.before, "after": pending.after,
            "pd": {name: commit for name, (_, _, commit) in told.items()},
        })
        body = rule.body_hash(record_text)
        entry = rule.entry_hash(chain_id, seq, prev, body)
        rows.append({
            "chain_id": chain_id, "seq": seq, "record": record_text, "body": body, "prev": prev, "entry": entry,
            "at": at, "actor": pending.actor.id, "action": pending.action, "object": pending.object,
        })
        disclosures += [
            {"chain_id": chain_id, "seq": seq, "field": name, "salt": salt, "value": value}
            for name, (salt, value, _) in told.items()
        ]
        prev = entry
    s.execute(insert(AuditEvent), rows)
    s.execute(insert(AuditDisclosure), disclosures)
    s.execute(update(AuditChain).where(AuditChain.chain_id == chain_id).values(size=chain.size + len(rows), head=prev)
              .execution_options(synchronize_session=False))


def _disclose(personal: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    told = {}
    for name, value in personal.items():
        salt = secrets.token_bytes(16)
        told[name] = (base64.b64encode(salt).decode(), rule.canonical(value), rule.commitment(salt, value))
    return told
