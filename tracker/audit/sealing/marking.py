"""Verbs on disclosures: seal, unseal, redact; who may do so, and when, is for the rooms above to say."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ...errors import NotFound, RuleBroken
from ...journal.recording import moment
from .. import trail
from ..actor import Actor
from ..models import AuditDisclosure, AuditEvent
from ..names import field_label
from .covering import COVERING, REDACTED
from .models import AuditSeal

# Event → the fields concerned, in one chain.
Fields = Mapping[int, Collection[str]]


def seal(s: Session, actor: Actor, chain: str, fields: Fields, reason: str) -> int:
    """Give these values out no more; returns how many were not sealed before. RuleBroken when one is gone already."""
    return sum(_cover(s, actor, chain, seq, some, "disclosure.sealed", reason) for seq, some in sorted(fields.items()))


def unseal(s: Session, actor: Actor, chain: str, fields: Fields, reason: str) -> int:
    """Give sealed values out again; returns how many."""
    return sum(_cover(s, actor, chain, seq, some, "disclosure.unsealed", reason) for seq, some in sorted(fields.items()))


def redact(s: Session, actor: Actor, chain: str, fields: Fields) -> int:
    """Delete these values and their salts for good; the commitment stays in the record, so that the chain still verifies."""
    return sum(_cover(s, actor, chain, seq, some, "disclosure.redacted", "") for seq, some in sorted(fields.items()))


def personal_fields(s: Session, chain: str, seq: int) -> list[str]:
    """List the personal fields that an event was recorded with, or raise NotFound."""
    record = s.scalar(select(AuditEvent.record).where(AuditEvent.chain_id == chain, AuditEvent.seq == seq))
    if record is None:
        raise NotFound
    return sorted(json.loads(record)["pd"])


def _cover(s: Session, actor: Actor, chain: str, seq: int, fields: Collection[str], action: str, reason: str) -> int:
    known = personal_fields(s, chain, seq)
    if strange := sorted(set(fields) - set(known)):
        raise RuleBroken(f"第 {seq} 条记录没有“{'、'.join(field_label(one.rpartition('.')[2]) for one in strange)}”这一栏，没有改动。")
    wanted = AuditSeal.chain_id == chain, AuditSeal.seq == seq, AuditSeal.field.in_(fields)
    rows = {row.field: row for row in s.scalars(select(AuditSeal).where(*wanted).with_for_update())}
    if any(row.state == REDACTED for row in rows.values()) and action != "disclosure.redacted":
        raise RuleBroken(f"第 {seq} 条记录中所选的内容有的已依法删除，不能再封存或解除封存。")
    after = COVERING[action]
    changing = [one for one in sorted(fields) if (rows[one].state if one in rows else None) not in ({None} if after is None else {after, REDACTED})]
    if not changing:
        return 0
    at = moment(s)
    for field in changing:
        if field not in rows:
            s.add(AuditSeal(chain_id=chain, seq=seq, field=field, state=after, at=at))
        elif after is None:
            s.delete(rows[field])
        else:
            rows[field].state, rows[field].at = after, at
    s.flush()
    if action == "disclosure.redacted":
        these = AuditDisclosure.chain_id == chain, AuditDisclosure.seq == seq, AuditDisclosure.field.in_(changing)
        s.execute(delete(AuditDisclosure).where(*these).execution_options(synchronize_session=False))
    trail.record(
        s, actor, action, f"event:{seq}", chain=chain, after={"seq": seq, "fields": changing}, personal={"reason": reason} if reason else None,
    )
    return len(changing)

