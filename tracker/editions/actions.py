"""Verbs of editions: look at a file and keep it as a draft, put it in force with all it entails, put an edition back, drop a draft."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments.planning import end_withdrawn
from ..errors import RuleBroken
from ..people.access import Viewer, need_admin
from ..register.loading import ANY, BasedOn, Loaded, load, read_beside
from ..register.queries import edition_in_force
from .models import Draft
from .queries import draft, edition


@dataclass(frozen=True, slots=True)
class Applied:
    """What putting an edition in force did: the load itself, and what ended with what it withdrew."""

    loaded: Loaded
    ended: int
    cancelled: int


def put_in_force(s: Session, viewer: Viewer, data: bytes, name: str, restores: int | None = None, based_on: BasedOn = ANY) -> Applied:
    """Put a register file in force in one go; the session must see every entity.

    Assignments of withdrawn obligations end, each with its event in its entity's own chain; acceptances of changed ones
    are 待重新确认 from now on. The bytes in force a second time change nothing. `based_on` is the edition that was in
    force (None: none was) when the file was looked at; Stale when it is another by now.
    """
    need_admin(viewer)
    loaded = load(s, viewer, data, name, restores, based_on)
    if loaded.edition_id is None:
        return Applied(loaded, 0, 0)
    return Applied(loaded, *end_withdrawn(s, viewer, loaded.plan.withdrawn, f"义务清单版本 {loaded.edition} 撤下了这项义务"))


def look_at(s: Session, viewer: Viewer, data: bytes, name: str, restores: int | None = None) -> Draft:
    """Check a file and keep it as the viewer's one draft; SourceProblems with every fault, RuleBroken when it is what is in force."""
    need_admin(viewer)
    register = read_beside(s, data, name)
    now, sha256 = edition_in_force(s, register.key), hashlib.sha256(data).hexdigest()
    if now is not None and now.digest == sha256:
        raise RuleBroken(f"这份文件与登记册“{register.name}”的现行版本 {now.edition} 逐字节相同，没有可以载入的变更。")
    _drop_drafts(s, viewer)
    row = Draft(
        register_key=register.key, name=name[-200:], digest=sha256, source=data, based_on=now.id if now else None, restores_id=restores,
        made_by=viewer.person_id, made_at=clock.now(),
    )
    s.add(row)
    s.flush()
    return row


def look_back_at(s: Session, viewer: Viewer, edition_id: int) -> Draft:
    """Keep an earlier edition as a draft, to put it back in force; RuleBroken when it is in force."""
    need_admin(viewer)
    row = edition(s, edition_id)
    return look_at(s, viewer, row.source, f"版本 {row.edition}", row.id)


def apply_draft(s: Session, viewer: Viewer, draft_id: int) -> Applied:
    """Put a draft in force; Stale when another edition came into force since it was looked at, since its preview is wrong then."""
    row = draft(s, viewer, draft_id)
    applied = put_in_force(s, viewer, row.source, row.name, row.restores_id, row.based_on)
    s.delete(row)
    return applied


def drop_draft(s: Session, viewer: Viewer, draft_id: int) -> None:
    """Put a draft away without loading it."""
    s.delete(draft(s, viewer, draft_id))


def _drop_drafts(s: Session, viewer: Viewer) -> None:
    for old in s.scalars(select(Draft).where(Draft.made_by == viewer.person_id)):
        s.delete(old)
