"""Verbs on requests: ask that something be taken away for good, and have a second person decide; approving carries it out."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..audit.sealing.marking import personal_fields
from ..errors import BadInput, Forbidden, RuleBroken
from ..evidence.queries import evidence
from ..evidence.store import Store
from ..people.access import Viewer, need_admin
from ..words import RequestState, RetentionAct
from .executing import carry_out, hindrance
from .keeping import need_keeper, need_keeper_of, said
from .models import RetentionRequest
from .queries import entity_of, event_at, person_named, request_row

THING = {
    RetentionAct.DESTROY: re.compile(r"evidence:([0-9]{1,9})"), RetentionAct.REDACT_PERSON: re.compile(r"person:([0-9]{1,9})"),
    RetentionAct.REDACT: re.compile(r"event:([a-z]{1,10}(?:_[0-9]{1,9})?):([0-9]{1,12})"),
}


def ask(s: Session, viewer: Viewer, act: RetentionAct, thing: str, reason: str, basis: str, fields: Collection[str] = ()) -> RetentionRequest:
    """Ask for something to be taken away; refused at once, with the sentence, where its term or a hold forbids it."""
    entity_id = _whose(s, viewer, act, thing)
    need_keeper(viewer, entity_id)
    if act == RetentionAct.REDACT and not fields:
        raise BadInput.at("fields", "请至少选择一栏。")
    _check_fields(s, act, thing, fields)
    row = RetentionRequest(
        entity_id=entity_id, act=act, object=thing, fields=sorted(set(fields)), reason=said(reason), basis=said(basis, "basis", "法律依据"),
        asked_by=viewer.person_id, asked_at=clock.now(), state=RequestState.WAITING,
    )
    _refuse(hindrance(s, viewer, row))
    same = select(RetentionRequest.id).where(RetentionRequest.object == thing, RetentionRequest.act == act, RetentionRequest.state == RequestState.WAITING)
    if (waiting := s.scalars(same.limit(1)).one_or_none()) is not None and act != RetentionAct.REDACT:
        raise RuleBroken(f"已有同样的申请（第 {waiting} 号）在等待决定，没有重复提出。")
    s.add(row)
    s.flush()
    trail.record(
        s, viewer.actor, "request.made", row.audit_ref, entity_id=entity_id, after=_told(row),
        personal={"reason": row.reason, "basis": row.basis},
    )
    return row


def approve(s: Session, viewer: Viewer, request_id: int, store: Store) -> RetentionRequest:
    """Approve a request of somebody else and carry it out in this transaction; term and holds are looked at again."""
    row = _to_decide(s, viewer, request_id)
    _refuse(hindrance(s, viewer, row))
    row.state, row.decided_by, row.decided_at = RequestState.DONE, viewer.person_id, clock.now()
    trail.record(s, viewer.actor, "request.approved", row.audit_ref, entity_id=row.entity_id, after=_told(row))
    carry_out(s, viewer, row, store)
    return row


def refuse(s: Session, viewer: Viewer, request_id: int, reason: str) -> RetentionRequest:
    """Refuse a request of somebody else, with a reason; nothing is taken away."""
    row = _to_decide(s, viewer, request_id)
    row.state, row.decided_by, row.decided_at, row.answer = RequestState.REFUSED, viewer.person_id, clock.now(), said(reason)
    trail.record(s, viewer.actor, "request.refused", row.audit_ref, entity_id=row.entity_id, after=_told(row), personal={"reason": row.answer})
    return row


def _told(row: RetentionRequest) -> dict[str, object]:
    if row.act == RetentionAct.REDACT:
        return {"act": str(row.act), "seq": int(row.object.rpartition(":")[2]), "fields": row.fields}
    return {"act": str(row.act), "on": row.object}


def _to_decide(s: Session, viewer: Viewer, request_id: int) -> RetentionRequest:
    row = request_row(s, viewer, request_id)
    need_keeper(viewer, row.entity_id)
    s.refresh(row, with_for_update=True)
    if row.state != RequestState.WAITING:
        raise RuleBroken(f"第 {row.id} 号申请{row.state.label}，不能再决定。")
    # Nobody can tell one operator of the command line from another.
    if viewer.person_id is None:
        raise Forbidden("销毁和删除须由另一位登录的人员在网页上决定，命令行不能批准或拒绝。")
    if row.asked_by == viewer.person_id:
        raise Forbidden("销毁和删除须由两个人办理：提出申请的人不能自己批准或拒绝，请由另一位合规管理或系统管理员决定。")
    return row


def _whose(s: Session, viewer: Viewer, act: RetentionAct, thing: str) -> int | None:
    found = THING[act].fullmatch(thing)
    if found is None:
        raise BadInput.at("object", f"“{thing[:60]}”不是有效的对象，请从证据、人员或操作留痕的页面进入。")
    if act == RetentionAct.DESTROY:
        return evidence(s, viewer, int(found[1])).entity_id
    if act == RetentionAct.REDACT_PERSON:
        need_admin(viewer)
        person_named(s, int(found[1]))
        return None
    need_keeper_of(viewer, found[1])
    event_at(s, found[1], int(found[2]))
    return entity_of(found[1])


def _check_fields(s: Session, act: RetentionAct, thing: str, fields: Collection[str]) -> None:
    # Whatever is asked for stands in the trail for good: only names of fields that the event has.
    if act != RetentionAct.REDACT:
        if fields:
            raise BadInput.at("fields", "只有删除一条记录中的个人信息时才选择栏目。")
        return
    _kind, chain, seq = thing.split(":")
    if not set(fields) <= set(personal_fields(s, chain, int(seq))):
        raise BadInput.at("fields", f"第 {int(seq)} 条记录没有所选的栏目，请从这条记录的页面进入。")


def _refuse(sentence: str) -> None:
    if sentence:
        raise RuleBroken(sentence)
