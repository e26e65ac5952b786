"""Reads of editions: what a file would do, entity by entity; the history of a register; any two of its editions compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from ..assignments.models import Assignment, Task
from ..assignments.workflow import OPEN
from ..db import EVERY_ENTITY
from ..errors import BadInput, NotFound
from ..people.access import Viewer, need_admin
from ..people.models import Entity
from ..register.changes import (
    Changed,
    Changes,
    FieldChange,
    Plan,
    compare_registers,
    differing,
    frame_changes,
    obligations_of,
)
from ..register.loading import plan_of, read_beside
from ..register.models import Document, Edition, HeldRegister, Obligation, ObligationText
from ..register.queries import edition_in_force
from ..register.shape import Obligation as Told
from ..register.shape import Register
from ..register.source import read_stored
from ..words import TaskState
from .models import Draft

PORTION = 500


@dataclass(frozen=True, slots=True)
class Touched:
    """What an edition does in one entity, counted: what ends, what goes on under another text, what is to be confirmed again.

    `assignments` and `tasks` are standing ones of changed obligations; `ended` and `cancelled` those of withdrawn ones;
    `reconfirm` are acceptances that come to stand on an earlier text, `settled` those that stand on the present one again.
    """

    entity_id: int
    entity: str
    assignments: int = 0
    tasks: int = 0
    reconfirm: int = 0
    settled: int = 0
    ended: int = 0
    cancelled: int = 0

    @property
    def anything(self) -> bool:
        """Tell whether the entity is touched at all."""
        return any((self.assignments, self.tasks, self.reconfirm, self.settled, self.ended, self.cancelled))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a register file would do when put in force now; `now` is the edition in force with what it says, None for a register that is new."""

    register: Register
    now: Edition | None
    told_now: Register | None
    plan: Plan
    changes: Changes
    touched: tuple[Touched, ...]
    by_obligation: Mapping[str, Touched]

    @property
    def titles(self) -> dict[str, str]:
        """Return id → title of every obligation of the file."""
        return {key: one.title for key, one in obligations_of(self.register).items()}


def preview(s: Session, viewer: Viewer, data: bytes, name: str) -> Preview:
    """Say what putting this file in force would do; the session must see every entity. SourceProblems when the file is not sound."""
    need_admin(viewer)
    see_all(s)
    register = read_beside(s, data, name)
    now, plan = edition_in_force(s, register.key), plan_of(s, register)
    told_now = read_edition(now) if now else None
    return Preview(register, now, told_now, plan, _changes(s, plan, register, told_now), *touched(s, viewer, plan))


def see_all(s: Session) -> None:
    """Refuse a session that sees some entities only: what an edition does elsewhere would be overlooked. A bug, never a user's fault."""
    if s.info.get("entities") != EVERY_ENTITY:
        raise RuntimeError("an edition concerns every entity, and this session does not see them all")


def _changes(s: Session, plan: Plan, register: Register, now: Register | None) -> Changes:
    new, was = obligations_of(register), plan.former
    texts = present_texts(s, [was.get(key, key) for key in (*plan.changed, *plan.revived)])
    changed = []
    for key in (*plan.changed, *plan.revived):
        fields = differing(texts[was.get(key, key)], new[key])
        if fields:
            changed.append(Changed(key, fields, was.get(key, "")))
    order = {key: place for place, key in enumerate(new)}
    added = sorted((*plan.added, *plan.revived), key=order.__getitem__)
    frame = frame_changes(now, register, plan.renamed, {*plan.added, *plan.revived, *plan.withdrawn}) if now else ()
    return Changes(tuple(added), tuple(sorted(changed, key=lambda one: order[one.id])), plan.withdrawn, plan.unchanged, tuple(plan.renamed.items()), frame)


def present_texts(s: Session, ids: Sequence[str]) -> dict[str, Told]:
    """Return the present content of these obligations, withdrawn ones in their last."""
    query = select(ObligationText.obligation_id, ObligationText.content).join(
        Obligation, (Obligation.id == ObligationText.obligation_id) & (Obligation.digest == ObligationText.digest)
    )
    found: dict[str, Told] = {}
    # In portions: no database takes as many parameters as a register may have obligations.
    for first in range(0, len(ids), PORTION):
        rows = s.execute(query.where(Obligation.id.in_(ids[first : first + PORTION])))
        found |= {key: Told.model_validate(content) for key, content in rows}
    return found


def touched(s: Session, viewer: Viewer, plan: Plan) -> tuple[tuple[Touched, ...], dict[str, Touched]]:
    """Count what a plan touches, in each entity and for each obligation by its new id; what it leaves alone is left out."""
    need_admin(viewer)
    entities = {row.id: Touched(row.id, row.short_name) for row in s.scalars(select(Entity).order_by(Entity.id))}
    duties: dict[str, Touched] = {}
    for entity, key, more in _counted(s, plan):
        entities[entity] = _more(entities[entity], more)
        name = plan.renamed.get(key, key)
        duties[name] = _more(duties.get(name, Touched(0, "")), more)
    return tuple(one for one in entities.values() if one.anything), {key: one for key, one in duties.items() if one.anything}


def _more(one: Touched, more: Mapping[str, int]) -> Touched:
    return replace(one, **{name: getattr(one, name) + number for name, number in more.items()})


def _counted(s: Session, plan: Plan) -> Iterator[tuple[int, str, dict[str, int]]]:
    was = plan.former
    # Before the plan is carried out everything still hangs on the old ids.
    digests = {was.get(key, key): plan.digests[key] for key in (*plan.changed, *plan.revived)}
    changed, gone = {was.get(key, key) for key in plan.changed}, set(plan.withdrawn)
    standing = select(Assignment.entity_id, Assignment.obligation_id, func.count()).where(Assignment.active)
    for entity, key, number in s.execute(standing.group_by(Assignment.entity_id, Assignment.obligation_id)):
        yield entity, key, {"assignments": number * (key in changed), "ended": number * (key in gone)}
    # An open task goes only with its assignment; one of an assignment that ended before has been cancelled then.
    work = select(Task.entity_id, Task.obligation_id, func.count()).join(Task.assignment).where(Task.state.in_(OPEN), Assignment.active)
    for entity, key, number in s.execute(work.group_by(Task.entity_id, Task.obligation_id)):
        yield entity, key, {"tasks": number * (key in changed), "cancelled": number * (key in gone)}
    done = select(Task.entity_id, Task.obligation_id, Task.accepted_digest, Obligation.digest, func.count()).join(Task.obligation)
    done = done.where(Task.state == TaskState.DONE, Task.accepted_digest.is_not(None))
    for entity, key, accepted, now, number in s.execute(done.group_by(Task.entity_id, Task.obligation_id, Task.accepted_digest, Obligation.digest)):
        if key in digests:
            yield entity, key, {"reconfirm": number * (accepted == now != digests[key]), "settled": number * (accepted == digests[key] != now)}


def draft(s: Session, viewer: Viewer, draft_id: int) -> Draft:
    """Load the viewer's own draft, or raise NotFound."""
    need_admin(viewer)
    row = s.get(Draft, draft_id)
    if row is None or row.made_by != viewer.person_id:
        raise NotFound("没有这份预览：它已经载入、已经放弃，或被您后来的预览代替。请在“登记册”页面重新选择文件。")
    return row


def pending(s: Session, viewer: Viewer) -> Draft | None:
    """Return the viewer's draft that waits to be loaded, if there is one."""
    return s.scalar(select(Draft).where(Draft.made_by == viewer.person_id).order_by(Draft.id.desc()).limit(1)) if viewer.is_admin else None


def digests(s: Session) -> set[str]:
    """Return the digests of every file that was ever in force."""
    return set(s.scalars(select(Edition.digest)))


def register_of(s: Session, key: str) -> HeldRegister:
    """Load one register that is kept here, or raise NotFound."""
    row = s.get(HeldRegister, key)
    if row is None:
        raise NotFound
    return row


def history(s: Session, key: str) -> Sequence[Edition]:
    """List the editions of a register, newest first, without their files; NotFound when it is not kept here."""
    register_of(s, key)
    return s.scalars(select(Edition).where(Edition.register_key == key).order_by(Edition.id.desc())).all()


def edition(s: Session, edition_id: int) -> Edition:
    """Load one edition with its file, or raise NotFound."""
    row = s.get(Edition, edition_id, options=[undefer(Edition.source)])
    if row is None:
        raise NotFound
    return row


def newest_edition(s: Session) -> int:
    """Return the edition that was loaded last, of whatever register; 0 when there is none."""
    return s.scalar(select(func.max(Edition.id))) or 0


def before(s: Session, row: Edition) -> Edition | None:
    """Return the edition of the same register that was in force before this one."""
    earlier = select(Edition).where(Edition.register_key == row.register_key, Edition.id < row.id)
    return s.scalar(earlier.order_by(Edition.id.desc()).limit(1))


def read_edition(row: Edition) -> Register:
    """Read what an edition said."""
    return read_stored(row.source, f"版本 {row.edition}")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two editions of one register, each as it was read, and what differs; `old` is None when there was nothing before."""

    old: Register | None
    new: Register
    changes: Changes


def side_by_side(old: Edition | None, new: Edition) -> Compared:
    """Read and compare two editions of one register; against None everything is added. BadInput when they are of different registers."""
    if old is not None and old.register_key != new.register_key:
        raise BadInput("两个版本属于不同的登记册，不能相互比较。请选择同一登记册的两个版本。")
    told = read_edition(new)
    if old is None:
        return Compared(None, told, Changes(tuple(obligations_of(told)), (), (), ()))
    before = told if old.id == new.id else read_edition(old)
    return Compared(before, told, compare_registers(before, told))


def compared(old: Edition | None, new: Edition) -> Changes:
    """Say what differs between two editions of one register."""
    return side_by_side(old, new).changes


def text_change(s: Session, obligation_id: str, accepted: str) -> tuple[FieldChange, ...]:
    """Say in which fields the text an acceptance stands on differs from the present one; empty when either is not known."""
    now = present_texts(s, [obligation_id]).get(obligation_id)
    then = s.get(ObligationText, (obligation_id, accepted))
    return differing(Told.model_validate(then.content), now) if now is not None and then is not None else ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one edition did to one obligation; `text` is what it said from then on, None where that is not known for sure."""

    edition: Edition
    what: str
    text: Told | None = None
    fields: tuple[FieldChange, ...] = ()
    was: str = ""


_TELLING = ("added", "revived", "changed")


def lineage(s: Session, one: Obligation, former: Sequence[str] = ()) -> list[Step]:
    """Tell what every edition did to an obligation, newest first; `former` are its earlier ids. Two statements."""
    names, key = {one.id, *former}, select(Document.register_key).where(Document.id == one.document_id).scalar_subquery()
    rows = s.scalars(select(Edition).where(Edition.register_key == key).order_by(Edition.id)).all()
    texts = s.scalars(select(ObligationText).where(ObligationText.obligation_id == one.id)).all()
    told = {text.digest: Told.model_validate(text.content) for text in texts}
    acts = [(row, what, was) for row in rows for what, was in _acts(row, names)]
    last = max((place for place, (_, what, _) in enumerate(acts) if what in _TELLING), default=-1)
    steps: list[Step] = []
    before: Told | None = None
    for place, (row, what, was) in enumerate(acts):
        text = before
        if what in _TELLING:
            present = [one.digest] if place == last else [text.digest for text in texts if text.edition_id == row.id]
            text = _text_then(told, texts, present, before, row.id if what == "changed" else 0)
        steps.append(Step(row, what, text, differing(before, text) if before and text and what != "added" else (), was))
        before = text
    return steps[::-1]


def _text_then(told: Mapping[str, Told], texts: Sequence[ObligationText], present: Sequence[str], before: Told | None, changed_by: int) -> Told | None:
    if present:
        return told.get(present[0])
    # Nothing new was said: what changed went back to an earlier text, and where there is but one other, to that.
    earlier = [told[text.digest] for text in texts if text.edition_id < changed_by]
    if before is None or len(earlier) > 2:
        return None
    others = [text for text in earlier if differing(before, text)]
    return others[0] if len(others) == 1 else None


def _acts(row: Edition, names: set[str]) -> Iterator[tuple[str, str]]:
    for told in row.changes.get("renamed", ()):
        old, _, new = told.partition(" → ")
        if new in names:
            yield "renamed", old
    for what in (*_TELLING, "withdrawn"):
        if names.intersection(row.changes.get(what, ())):
            yield what, ""
