"""Verbs on evidence: add a file, replace it by a newer version, describe it; and the record of who was given its bytes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, RuleBroken, Stale
from ..people.access import Viewer, need_role
from ..words import Role
from .checks import date_faults, note_checked
from .models import Evidence
from .queries import evidence, previewed_lately
from .store import Stored

KEEPERS = (Role.OFFICER, Role.OWNER)


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What one may say of a piece of evidence: the period it speaks of, the day it was obtained, and the last day on which it is valid."""

    period_from: date | None = None
    period_to: date | None = None
    obtained_on: date | None = None
    note: str = ""
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """The evidence row, and whether the entity had this very file already (then nothing was changed)."""

    evidence: Evidence
    already: bool


def add_evidence(s: Session, viewer: Viewer, entity_id: int, stored: Stored, facts: EvidenceFacts) -> Added:
    """Register a stored file as evidence of an entity, or return the current row that has the same content."""
    need_role(viewer, entity_id, *KEEPERS)
    facts = checked_facts(facts)
    same = s.scalars(
        select(Evidence).where(
            Evidence.entity_id == entity_id, Evidence.sha256 == stored.sha256, Evidence.superseded_by_id.is_(None), Evidence.destroyed_at.is_(None),
        ).order_by(Evidence.id).limit(1)
    ).one_or_none()
    if same is not None:
        return Added(same, already=True)
    row = _new_row(s, viewer, entity_id, secrets.token_hex(16), 1, stored, facts)
    trail.record(
        s, viewer.actor, "evidence.added", row.audit_ref, entity_id=entity_id, after=_told(row),
        personal={"file_name": row.name} | _noted(row),
    )
    return Added(row, already=False)


def replace_evidence(s: Session, viewer: Viewer, evidence_id: int, stored: Stored, facts: EvidenceFacts) -> Evidence:
    """Put a newer version in the place of a current piece; the old one stays and can still be downloaded."""
    old = _current(s, viewer, evidence_id)
    if old.sha256 == stored.sha256:
        raise RuleBroken(f"新文件与“{old.name}”的当前版本内容完全相同，没有生成新版本。")
    row = _new_row(s, viewer, old.entity_id, old.series_id, old.version_no + 1, stored, checked_facts(facts))
    old.superseded_by_id, row.retention, row.kept_from = row.id, old.retention, old.kept_from
    trail.record(
        s, viewer.actor, "evidence.replaced", row.audit_ref, entity_id=row.entity_id, covers=(old.audit_ref,),
        before={"evidence": old.audit_ref, **_told(old)}, after={"evidence": row.audit_ref, **_told(row)},
        personal={"before.file_name": old.name, "after.file_name": row.name} | _noted(row),
    )
    return row


def to_describe(s: Session, viewer: Viewer, evidence_id: int, facts: EvidenceFacts, version: int) -> tuple[Evidence, EvidenceFacts]:
    """Return a current piece, locked, and the facts as they would be kept; Stale when somebody else described it first, BadInput for dates."""
    row = _current(s, viewer, evidence_id)
    if row.version != version:
        raise Stale("这份证据的说明已被他人修改，请核对后重新保存。", _shown(row))
    return row, checked_facts(facts)


def describe_evidence(s: Session, viewer: Viewer, evidence_id: int, facts: EvidenceFacts, version: int, reason: str = "") -> Evidence:
    """Change period, day obtained and note of a current piece, whatever becomes of its term: doors go by `describe` of retention."""
    row, facts = to_describe(s, viewer, evidence_id, facts, version)
    before, note = _dates(row), row.note
    row.period_from, row.period_to = facts.period_from, facts.period_to
    row.obtained_on, row.valid_until, row.note = facts.obtained_on, facts.valid_until, facts.note
    after = _dates(row)
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    notes = {"before.note": note, "after.note": row.note} if note != row.note else {}
    if changed or notes:
        trail.record(
            s, viewer.actor, "evidence.described", row.audit_ref, entity_id=row.entity_id,
            before={key: before.get(key) for key in changed}, after={key: after.get(key) for key in changed},
            personal={"file_name": row.name, **notes} | ({"reason": reason.strip()} if reason.strip() else {}),
        )
    return row


def note_download(s: Session, viewer: Viewer, evidence_id: int) -> None:
    """Record that the viewer is about to get the file; a door commits this before the first byte leaves."""
    row = evidence(s, viewer, evidence_id)
    trail.record(s, viewer.actor, "evidence.downloaded", row.audit_ref, entity_id=row.entity_id, log="access",
                 after={"sha256": row.sha256, "size": row.size}, personal={"file_name": row.name})


def note_preview(s: Session, viewer: Viewer, evidence_id: int) -> None:
    """Record that the viewer looks at the file; turning its pages within a few minutes counts once."""
    row = evidence(s, viewer, evidence_id)
    if not previewed_lately(s, viewer, row):
        trail.record(s, viewer.actor, "evidence.previewed", row.audit_ref, entity_id=row.entity_id, log="access",
                     after={"sha256": row.sha256, "size": row.size}, personal={"file_name": row.name})


def _current(s: Session, viewer: Viewer, evidence_id: int) -> Evidence:
    row = evidence(s, viewer, evidence_id)
    need_role(viewer, row.entity_id, *KEEPERS)
    # Two writers must not both supersede the same version.
    s.refresh(row, with_for_update=True)
    if row.destroyed_at:
        raise RuleBroken(f"“{row.name}”的第 {row.version_no} 版已到期销毁，不能再修改。")
    if not row.is_current:
        raise RuleBroken(f"“{row.name}”的第 {row.version_no} 版已被更新的版本取代，不能再修改。请打开最新版本。")
    return row


def _new_row(s: Session, viewer: Viewer, entity_id: int, series: str, number: int, stored: Stored, facts: EvidenceFacts) -> Evidence:
    row = Evidence(
        entity_id=entity_id, series_id=series, version_no=number, name=stored.name, sha256=stored.sha256,
        size=stored.size, kind=stored.kind, period_from=facts.period_from, period_to=facts.period_to,
        obtained_on=facts.obtained_on, valid_until=facts.valid_until, note=facts.note, uploaded_at=clock.now(), uploaded_by=viewer.person_id,
    )
    s.add(row)
    s.flush()
    return row


def checked_facts(facts: EvidenceFacts) -> EvidenceFacts:
    """Return the facts with a trimmed note, or raise BadInput naming every date that cannot be."""
    start, end, obtained = facts.period_from, facts.period_to, facts.obtained_on
    problems = date_faults(start, end, obtained, clock.today(), facts.valid_until)
    if problems:
        raise BadInput("证据的日期有误，没有保存。", problems)
    return EvidenceFacts(start, end, obtained, note_checked(facts.note), facts.valid_until)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _dates(row: Evidence) -> dict[str, str | None]:
    days = {"period_from": _iso(row.period_from), "period_to": _iso(row.period_to), "obtained_on": _iso(row.obtained_on)}
    return days | ({"valid_until": _iso(row.valid_until)} if row.valid_until else {})


def _told(row: Evidence) -> dict[str, object]:
    return {"sha256": row.sha256, "size": row.size, "kind": str(row.kind), "version_no": row.version_no, **_dates(row)}


def _noted(row: Evidence) -> dict[str, str]:
    return {"note": row.note} if row.note else {}


def _shown(row: Evidence) -> dict[str, str]:
    # By the labels of the form, beside whose fields they are shown.
    days = {"所属期间（起）": row.period_from, "所属期间（止）": row.period_to, "取得日": row.obtained_on, "有效期至": row.valid_until}
    return {**{label: _iso(day) or "" for label, day in days.items()}, "备注": row.note}
