"""Verbs on how long evidence is kept: put it into a class, enter the first day, describe it; and who may decide such things."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, Forbidden, RuleBroken
from ..evidence.actions import EvidenceFacts, describe_evidence, to_describe
from ..evidence.models import Evidence
from ..evidence.queries import evidence
from ..people.access import Viewer, need_admin, need_role, need_sight
from ..words import Role
from .classes import CLASSES, Term
from .queries import defaults, entity_of, start_of, terms

EARLIEST = date(1990, 1, 1)
MOST = 1000


def keeps(viewer: Viewer) -> bool:
    """Tell whether somebody decides on retention anywhere: an officer of any entity, or an administrator."""
    return viewer.is_admin or any(Role.OFFICER in held for held in viewer.roles.values())


def need_keeper(viewer: Viewer, entity_id: int | None) -> None:
    """Raise unless the viewer is an officer of the entity or an administrator with a part in it; without an entity, either of any."""
    if entity_id is not None:
        need_sight(viewer, entity_id)
    if not (keeps(viewer) if entity_id is None else viewer.is_admin or viewer.holds(entity_id, Role.OFFICER)):
        raise Forbidden("保存期限、法律保全和个人信息的封存、删除，由“合规管理”或系统管理员办理。如有需要，请联系他们。")


def need_keeper_of(viewer: Viewer, chain: str) -> None:
    """Raise unless the viewer may decide on what a chain tells: of the system's an administrator, of an access log an officer of the entity."""
    entity_id = entity_of(chain)
    need_keeper(viewer, entity_id)
    if entity_id is None:
        need_admin(viewer)
    elif chain == trail.access_chain(entity_id):
        # Who read what is for officers and auditors alone, whatever else an administrator may do in the entity.
        need_role(viewer, entity_id, Role.OFFICER)


def said(reason: str, where: str = "reason", what: str = "理由") -> str:
    """Return a reason that says something, or raise BadInput."""
    text = reason.strip()
    if not text:
        raise BadInput.at(where, f"请填写{what}，它会记入操作留痕。")
    if len(text) > MOST:
        raise BadInput.at(where, f"{what}最多 {MOST} 个字，您填写了 {len(text)} 个，请缩短后重试。")
    trail.check_holdable(text)
    return text


def classify(s: Session, viewer: Viewer, evidence_id: int, code: str, kept_from: date | None, reason: str = "") -> Evidence:
    """Put a piece into a retention class and enter its first day; a shorter term, or one without an end, needs a reason."""
    row = evidence(s, viewer, evidence_id)
    need_role(viewer, row.entity_id, Role.OFFICER)
    s.refresh(row, with_for_update=True)
    if row.destroyed_at:
        raise RuleBroken(f"“{row.name}”已到期销毁，不能再改保存期限。")
    if code and code not in CLASSES:
        raise BadInput.at("retention", "没有这个保存类别，请从列表中选择。")
    if kept_from and not EARLIEST <= kept_from <= clock.today():
        raise BadInput.at("kept_from", f"起算日 {kept_from.isoformat()} 应在 {EARLIEST.isoformat()} 至今天之间，请核对。")
    old = terms(s, [row])[row.id]
    before = _told(row, old)
    row.retention, row.kept_from = code, kept_from
    new, kept_as = terms(s, [row])[row.id], defaults(s, {row.entity_id})[row.entity_id]
    if _is_shorter(old, new, Term(kept_as, start_of(row, kept_as)), clock.local(row.uploaded_at).date()):
        row.retention, row.kept_from = before["retention"] or "", date.fromisoformat(before["kept_from"]) if before["kept_from"] else None
        reason = said(reason, "why", "改用起算日尚未填写的类别的理由" if old.end and not new.end else "缩短保存期限的理由")
        row.retention, row.kept_from = code, kept_from
    after = _told(row, new)
    if before != after:
        trail.record(
            s, viewer.actor, "evidence.classified", row.audit_ref, entity_id=row.entity_id, before=before, after=after,
            personal={"file_name": row.name} | ({"reason": reason.strip()} if reason.strip() else {}),
        )
    return row


def describe(s: Session, viewer: Viewer, evidence_id: int, facts: EvidenceFacts, version: int, reason: str = "") -> Evidence:
    """Change period, day obtained and note of a current piece; where its term then ends earlier, only an officer with a reason may.

    Nothing is changed by what is refused: RuleBroken to those who are no officers, BadInput at `why` where the reason is missing.
    """
    row, facts = to_describe(s, viewer, evidence_id, facts, version)
    old = terms(s, [row])[row.id]
    new = Term(old.kept_as, start_of(row, old.kept_as, facts))
    if old.end and new.end and new.end < old.end:
        earlier = f"这样修改会使保存期限由 {old.end.isoformat()} 提前到 {new.end.isoformat()}"
        if not viewer.holds(row.entity_id, Role.OFFICER):
            raise RuleBroken(f"{earlier}，只有本主体的“{Role.OFFICER.label}”写明理由后才能这样做。请保留原来的所属期间和取得日，或请“{Role.OFFICER.label}”修改。")
        if not reason.strip():
            raise BadInput.at("why", f"{earlier}，请填写缩短保存期限的理由，它会记入操作留痕。")
        reason = said(reason, "why", "缩短保存期限的理由")
    return describe_evidence(s, viewer, evidence_id, facts, version, reason)


def _is_shorter(old: Term, new: Term, usual: Term, uploaded: date) -> bool:
    # A known end given up for one that is still to be entered may come out as anything, hence that is a shortening too;
    # with neither first day known the number of months is all that can be compared.
    if new.end is None:
        return old.end is not None or new.kept_as.months < old.kept_as.months
    # Where there was no end, entering the first day is none, unless it lies before the piece was here, or the term then
    # is over with this day, or ends before the class by kind would let it.
    if old.end is None:
        before_it_came = new.start is not None and new.start < uploaded
        return new.kept_as != old.kept_as or before_it_came or new.end <= clock.today() or (usual.end is not None and new.end < usual.end)
    return new.end < old.end


def _told(row: Evidence, term: Term) -> dict[str, str | None]:
    start = start_of(row, term.kept_as)
    return {
        "retention": row.retention or None, "kept_from": row.kept_from.isoformat() if row.kept_from else None,
        "kept_until": term.end.isoformat() if term.end and start else None,
    }
