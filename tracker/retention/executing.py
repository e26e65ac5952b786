"""What stands in the way of taking something away, and how it is taken away: evidence, disclosures of an event, all that tells of a person."""

from __future__ import annotations

import json

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..audit.sealing import marking
from ..db import UnitOfWork
from ..errors import RuleBroken
from ..evidence.models import Evidence
from ..evidence.queries import evidence
from ..evidence.store import Store
from ..journal.recording import take_turn
from ..journal.redacting import NEUTRAL, redact_versions
from ..people.access import Viewer
from ..people.models import Person
from ..words import RetentionAct
from .classes import why_not
from .models import LegalHold, RetentionRequest
from .queries import (
    disclosed_of,
    event_at,
    event_term,
    hold_on_events,
    hold_on_evidence,
    open_citing,
    person_named,
    terms,
)

SEAL_INSTEAD = "保存期限内的删除请求，依《个人信息保护法》第47条（未核验）停止除存储和必要安全保护以外的处理，请改用“封存”。"
KEEP = "期限届满前任何人都不能销毁。"
NAMED = 3


def hindrance(s: Session, viewer: Viewer, row: RetentionRequest) -> str:
    """Say why a request may not be carried out now: term, hold, or nothing left to do; empty when it may.

    From this look to the commit nobody else places a hold: whoever records anything waits for his turn.
    """
    kind, _, rest = row.object.partition(":")
    if row.act == RetentionAct.DESTROY:
        return _against_destroying(s, evidence(s, viewer, int(rest)))
    take_turn(s.connection())
    if row.act == RetentionAct.REDACT_PERSON:
        return against_redacting_person(s, person_named(s, int(rest)))
    chain, _, seq = rest.partition(":")
    return against_redacting(s, chain, int(seq))


def _against_destroying(s: Session, row: Evidence) -> str:
    # Whoever cites it at this moment comes before this look or after the end of it.
    s.flush()
    s.refresh(row, with_for_update=True)
    take_turn(s.connection())
    return against_destroying(s, row)


def against_destroying(s: Session, row: Evidence) -> str:
    """Say why a piece may not be destroyed as things are now, without holding anybody up: for showing; empty when it may."""
    if row.destroyed_at:
        return f"“{row.name}”已经销毁。"
    return why_not(terms(s, [row])[row.id], clock.today(), f"“{row.name}”", KEEP) or _held(hold_on_evidence(s, row)) or _needed(s, row)


def _needed(s: Session, row: Evidence) -> str:
    tasks = open_citing(s, row)
    if not tasks:
        return ""
    shown = "、".join(f"“{title}”（截止 {due.isoformat()}）" for title, due in tasks[:NAMED])
    return (
        f"“{row.name}”还被 {len(tasks)} 项未完成的任务引用：{shown}{'等' if len(tasks) > NAMED else ''}。"
        "请先在任务中移除这份证据，或待任务完成、取消之后再办理。"
    )


def against_redacting(s: Session, chain: str, seq: int) -> str:
    """Say likewise why what an event discloses may not be deleted."""
    row, kind = event_at(s, chain, seq)
    people = [int(one) for one in (row.actor.removeprefix("u_"), row.object.removeprefix("person:")) if one.isdigit()]
    return (
        why_not(event_term(kind, row.action, row.at), clock.today(), f"第 {seq} 条记录", SEAL_INSTEAD)
        or _held(hold_on_events(s, [chain], people))
    )


def against_redacting_person(s: Session, row: Person) -> str:
    """Say likewise why what tells of a person may not be deleted."""
    if row.redacted_at:
        return f"“{row.name}”的个人信息已经删除。"
    if row.active:
        return f"“{row.name}”仍在职。只有已标记离职的人员才能删除个人信息。"
    told = disclosed_of(s, row.id)
    if not any(one.chain == trail.SYSTEM_CHAIN and "after.name" in one.fields for one in told):
        return f"操作留痕中没有添加“{row.name}”的记录，不能删除。"
    last = max(told, key=lambda one: (one.term.end is None, one.term.end))
    return (
        why_not(last.term, clock.today(), f"“{row.name}”最近的操作留痕", SEAL_INSTEAD)
        or _held(hold_on_events(s, {one.chain for one in told}, [row.id]))
    )


def _held(hold: LegalHold | None) -> str:
    return f"第 {hold.id} 号法律保全（{hold.kind.label}，{clock.local(hold.placed_at):%Y-%m-%d} 设置）尚未解除，其下的一切都不能销毁或删除。" if hold else ""


def carry_out(s: Session, viewer: Viewer, row: RetentionRequest, store: Store) -> None:
    """Do what was approved; the event of each act stands in the chain it belongs to."""
    rest = row.object.partition(":")[2]
    if row.act == RetentionAct.DESTROY:
        _destroy(s, viewer, evidence(s, viewer, int(rest)), row, store)
    elif row.act == RetentionAct.REDACT_PERSON:
        _redact_person(s, viewer, person_named(s, int(rest)))
    else:
        chain, _, seq = rest.partition(":")
        marking.redact(s, viewer.actor, chain, {int(seq): row.fields})


def _destroy(s: Session, viewer: Viewer, row: Evidence, request: RetentionRequest, store: Store) -> None:
    term = terms(s, [row])[row.id]
    row.destroyed_at = clock.now()
    s.flush()
    trail.record(
        s, viewer.actor, "evidence.destroyed", row.audit_ref, entity_id=row.entity_id, personal={"file_name": row.name},
        after={"sha256": row.sha256, "size": row.size, "request": request.id, "retention": term.kept_as.code, "kept_until": term.end.isoformat() if term.end else None},
    )
    table = Evidence.__table__
    # Of every entity, whoever is asking: one content may prove things for several.
    others = select(func.count()).select_from(table).where(table.c.sha256 == row.sha256, table.c.destroyed_at.is_(None))
    if not s.connection().scalar(others):
        s.info.setdefault("leaving", []).append((store, row.sha256))


@event.listens_for(UnitOfWork, "after_commit")
def _let_go(s: Session) -> None:
    # Only now: a file without a row is swept up one day, a row without its file would be a loss.
    for store, sha256 in s.info.pop("leaving", []):
        store.let_go(sha256)


@event.listens_for(UnitOfWork, "after_rollback")
def _forget(s: Session) -> None:
    s.info.pop("leaving", None)


def _redact_person(s: Session, viewer: Viewer, row: Person) -> None:
    if row.id == viewer.person_id:
        raise RuleBroken("不能删除您自己的个人信息，请由另外两位人员办理。")
    chains: dict[str, dict[int, tuple[str, ...]]] = {}
    for one in disclosed_of(s, row.id):
        chains.setdefault(one.chain, {})[one.seq] = one.fields
    count = sum(marking.redact(s, viewer.actor, chain, fields) for chain, fields in sorted(chains.items()))
    for name, value in NEUTRAL.items():
        setattr(row, name, value.format(id=row.id))
    row.password_hash, row.redacted_at = None, clock.now()
    s.flush()
    redact_versions(s.connection(), Person.__tablename__, json.dumps([row.id]), {name: value.format(id=row.id) for name, value in NEUTRAL.items()})
    trail.record(s, viewer.actor, "person.redacted", row.audit_ref, after={"cells": count})
