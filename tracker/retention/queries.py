"""Reads of retention: the term of each thing, the holds that stand on it, the requests, and what tells of a person."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, literal, or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments.models import Task, TaskEvidence
from ..assignments.workflow import OPEN
from ..audit.models import AuditChain, AuditEvent
from ..audit.trail import SYSTEM_CHAIN
from ..db import EVERY_ENTITY
from ..errors import NotFound
from ..evidence.actions import EvidenceFacts
from ..evidence.models import Evidence
from ..evidence.queries import EvidenceRow
from ..journal.models import RowVersion
from ..people.access import Viewer
from ..people.models import EntityKind, Person, RoleGrant
from ..register.models import Obligation
from ..words import HoldKind, RequestState, Role
from .classes import CLASSES, GENERAL, LOG, RetentionClass, Term, default_class
from .models import LegalHold, RetentionRequest

# Default classes last ten years and more.
OLD_MONTHS, MOST_LOOKED_AT = 119, 2000
LOGGED = {"person.signed_in", "person.signed_out"}


def defaults(s: Session, entity_ids: Collection[int]) -> dict[int, RetentionClass]:
    """Return the class of each entity's evidence by every kind that it is or ever was: dropping a kind shortens nothing."""
    kinds: dict[int, set[str]] = {one: set() for one in entity_ids}
    for key in s.scalars(select(RowVersion.row_key).where(RowVersion.table_name == EntityKind.__tablename__).distinct()) if kinds else ():
        entity_id, kind = json.loads(key)
        if entity_id in kinds:
            kinds[entity_id].add(kind)
    # The database of a past moment has rows and no journal.
    if untold := [one for one, held in kinds.items() if not held]:
        for entity_id, kind in s.execute(select(EntityKind.entity_id, EntityKind.kind).where(EntityKind.entity_id.in_(untold))):
            kinds[entity_id].add(kind)
    return {one: default_class(held) for one, held in kinds.items()}


def terms(s: Session, rows: Collection[Evidence] | Collection[EvidenceRow]) -> dict[int, Term]:
    """Return the term of each of these pieces, by id."""
    of_entity = defaults(s, {row.entity_id for row in rows if row.retention not in CLASSES})
    kept_as = {row.id: CLASSES.get(row.retention) or of_entity[row.entity_id] for row in rows}
    return {row.id: Term(kept_as[row.id], start_of(row, kept_as[row.id])) for row in rows}


def start_of(row: Evidence | EvidenceRow, kept_as: RetentionClass, described: EvidenceFacts | None = None) -> date | None:
    """Return the first day of a piece's term: entered where the class needs it, else the last of the days that the row tells.

    `described` are facts to take instead of the row's own.
    """
    if kept_as.is_entered:
        return row.kept_from
    facts = described or row
    told = (clock.local(row.uploaded_at).date(), facts.obtained_on, facts.period_to, row.kept_from)
    return max(day for day in told if day is not None)


def event_term(chain_kind: str, action: str, at: str) -> Term:
    """Return the term of what an event of the trail discloses: logs for six months, all else as long as anything."""
    kept_as = LOG if chain_kind == "access" or action in LOGGED else GENERAL
    return Term(kept_as, clock.local(datetime.fromisoformat(at)).date())


def standing(s: Session, *conditions: ColumnElement[bool]) -> LegalHold | None:
    """Return the oldest hold that is not lifted and fits any of these."""
    return s.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None), or_(*conditions)).order_by(LegalHold.id).limit(1)).one_or_none()


def hold_on_evidence(s: Session, row: Evidence) -> LegalHold | None:
    """Return a hold that stands on a piece: on any of its versions, what it proves or ever proved, its entity, or who brought it."""
    versions = list(s.scalars(select(Evidence.id).where(Evidence.series_id == row.series_id, Evidence.entity_id == row.entity_id)))
    cited = select(Task.obligation_id).join(TaskEvidence, TaskEvidence.task_id == Task.id).where(TaskEvidence.evidence_id.in_(versions)).distinct()
    here = [f"evidence:{one}" for one in versions] + [f"obligation:{one}" for one in s.scalars(cited)] + [f"entity:{row.entity_id}", *_held_once(s, row)]
    brought = f"person:{row.uploaded_by}"
    return standing(s, and_(LegalHold.entity_id == row.entity_id, LegalHold.object.in_(here)), LegalHold.object == brought)


def _held_once(s: Session, row: Evidence) -> list[str]:
    """List the obligations under a hold of which a task ever cited any version of a piece: the journal keeps what was taken back."""
    standing_here = (LegalHold.entity_id == row.entity_id, LegalHold.kind == HoldKind.OBLIGATION, LegalHold.lifted_at.is_(None))
    held = [one.partition(":")[2] for one in s.scalars(select(LegalHold.object).where(*standing_here))]
    if not held:
        return []
    # A citation's key in the journal, task and piece in the order of its table.
    key = literal("[") + cast(Task.id, String) + "," + cast(Evidence.id, String) + "]"
    ever = select(Task.obligation_id).join(Evidence, Evidence.entity_id == Task.entity_id).join(RowVersion, RowVersion.row_key == key)
    wanted = (Task.entity_id == row.entity_id, Task.obligation_id.in_(held), Evidence.series_id == row.series_id, RowVersion.table_name == TaskEvidence.__tablename__)
    return [f"obligation:{one}" for one in s.scalars(ever.where(*wanted).distinct())]


def open_citing(s: Session, row: Evidence) -> list[tuple[str, date]]:
    """List (title, due) of the tasks that cite this very version and are still open, the first due first."""
    cited = select(Obligation.title, Task.due_on).join(Obligation, Obligation.id == Task.obligation_id).join(TaskEvidence, TaskEvidence.task_id == Task.id)
    wanted = cited.where(TaskEvidence.evidence_id == row.id, Task.entity_id == row.entity_id, Task.state.in_(OPEN)).order_by(Task.due_on, Task.id)
    return [(title, due) for title, due in s.execute(wanted)]


def hold_on_events(s: Session, chains: Collection[str], people: Collection[int]) -> LegalHold | None:
    """Return a hold that stands on disclosures: any in an entity whose chain it is, or on one of the people."""
    entities = [int(chain.partition("_")[2]) for chain in chains if chain.partition("_")[2].isdigit()]
    return standing(s, LegalHold.entity_id.in_(entities), LegalHold.object.in_([f"person:{one}" for one in people]))


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One event that tells of a person: where it stands, which of its fields do so, and until when they are kept."""

    chain: str
    seq: int
    fields: tuple[str, ...]
    term: Term


def disclosed_of(s: Session, person_id: int) -> list[Disclosed]:
    """List every event that tells of a person: what he did (his name), and what was done to him (all that is personal in it)."""
    wanted = select(AuditEvent.chain_id, AuditEvent.seq, AuditEvent.record, AuditEvent.actor, AuditEvent.object, AuditEvent.action, AuditEvent.at, AuditChain.kind)
    rows = s.execute(
        wanted.join(AuditChain, AuditChain.chain_id == AuditEvent.chain_id)
        .where(or_(AuditEvent.actor == f"u_{person_id}", AuditEvent.object == f"person:{person_id}")).order_by(AuditEvent.chain_id, AuditEvent.seq)
    )
    found = []
    for chain, seq, record, actor, thing, action, at, kind in rows:
        personal = json.loads(record)["pd"]
        own = {"actor_name", "address"} & set(personal) if actor == f"u_{person_id}" else set()
        told = set(personal) - {"actor_name", "reason"} if thing == f"person:{person_id}" else set()
        if own | told:
            found.append(Disclosed(chain, seq, tuple(sorted(own | told)), event_term(kind, action, at)))
    return found


def event_at(s: Session, chain: str, seq: int) -> tuple[AuditEvent, str]:
    """Return one event and the kind of its chain, or raise NotFound."""
    row, kind = s.get(AuditEvent, (chain, seq)), s.scalar(select(AuditChain.kind).where(AuditChain.chain_id == chain))
    if row is None or kind is None:
        raise NotFound
    return row, kind


def entity_of(chain: str) -> int | None:
    """Return whose chain it is; None for the system's. NotFound for what is no chain's name."""
    if chain == SYSTEM_CHAIN:
        return None
    number = chain.partition("_")[2]
    if not number.isascii() or not number.isdigit() or len(number) > 10:
        raise NotFound
    return int(number)


def request_row(s: Session, viewer: Viewer, request_id: int) -> RetentionRequest:
    """Load one request, or raise NotFound when it is not there or not for the viewer."""
    row = s.get(RetentionRequest, request_id)
    if row is None or not may_see(viewer, row.entity_id):
        raise NotFound
    return row


def hold_row(s: Session, viewer: Viewer, hold_id: int) -> LegalHold:
    """Load one hold, or raise NotFound when it is not there or not for the viewer."""
    row = s.get(LegalHold, hold_id)
    if row is None or not may_see(viewer, row.entity_id):
        raise NotFound
    return row


def may_see(viewer: Viewer, entity_id: int | None) -> bool:
    """Tell whether somebody may know of what belongs to an entity, or to the whole system."""
    return viewer.sees(entity_id) if entity_id is not None else viewer.is_admin or bool(viewer.entities)


def requests(s: Session, viewer: Viewer, state: RequestState | None = None, limit: int = 200) -> Sequence[RetentionRequest]:
    """List the requests that the viewer may decide or has decided, newest first; what is of no entity is for every keeper."""
    query = select(RetentionRequest).where(_in_sight(viewer, RetentionRequest)).order_by(RetentionRequest.id.desc()).limit(limit)
    return s.scalars(query.where(RetentionRequest.state == state) if state else query).all()


def known_in(s: Session, person_id: int) -> set[int]:
    """Return the entities in which a person has or ever had a role."""
    ever = select(RowVersion.row_key).where(RowVersion.table_name == RoleGrant.__tablename__, RowVersion.row_key.startswith(f"[{person_id},")).distinct()
    # The database of a past moment has rows and no journal.
    now = s.scalars(select(RoleGrant.entity_id).where(RoleGrant.person_id == person_id))
    return {*now, *(json.loads(key)[1] for key in s.scalars(ever))}


def keeps_of(s: Session, viewer: Viewer, hold: LegalHold) -> bool:
    """Tell whether a hold is a viewer's to decide on as far as it is on a person: an administrator's, or an officer's where that person has or had a role."""
    if hold.kind != HoldKind.PERSON or viewer.is_admin:
        return True
    return any(viewer.holds(one, Role.OFFICER) for one in known_in(s, int(hold.object.partition(":")[2])))


def holds(s: Session, viewer: Viewer, only_standing: bool = True, limit: int = 200) -> Sequence[LegalHold]:
    """List the holds in sight, newest first; those on people only for who may decide on them."""
    query = select(LegalHold).where(_in_sight(viewer, LegalHold)).order_by(LegalHold.id.desc()).limit(limit)
    return [row for row in s.scalars(query.where(LegalHold.lifted_at.is_(None)) if only_standing else query) if keeps_of(s, viewer, row)]


def _in_sight(viewer: Viewer, model: type[RetentionRequest] | type[LegalHold]) -> ColumnElement[bool]:
    if viewer.entities == EVERY_ENTITY:
        return model.id > 0
    return or_(model.entity_id.is_(None), model.entity_id.in_([one for one in viewer.roles if viewer.is_admin or viewer.holds(one, Role.OFFICER)]))


def ending(s: Session, viewer: Viewer, entity_ids: Collection[int], today: date, within: int = 180, limit: int = 50) -> list[tuple[Evidence, Term]]:
    """List evidence whose term is over or ends within so many days, the first to end first.

    Only what can be: what has a class or a first day of its own, and what is nearly as old as the shortest term of a default class.
    """
    old = clock.now() - timedelta(days=30 * OLD_MONTHS - within)
    query = select(Evidence).where(
        Evidence.entity_id.in_([one for one in entity_ids if viewer.sees(one)]), Evidence.destroyed_at.is_(None),
        or_(Evidence.retention != "", Evidence.kept_from.is_not(None), Evidence.uploaded_at <= old),
    )
    rows = {row.id: row for row in s.scalars(query.order_by(Evidence.uploaded_at).limit(MOST_LOOKED_AT))}
    found = [(rows[key], term) for key, term in terms(s, rows.values()).items() if term.end is not None and term.end <= today + timedelta(days=within)]
    return sorted(found, key=lambda one: (one[1].end, one[0].id))[:limit]


def person_named(s: Session, person_id: int) -> Person:
    """Load a person by number, or raise NotFound."""
    row = s.get(Person, person_id)
    if row is None:
        raise NotFound
    return row


def kept_until(s: Session, rows: Collection[EvidenceRow]) -> dict[int, str]:
    """Return until when each of these pieces is kept, as a list shows it; nothing where the first day is not known."""
    return {key: term.end.isoformat() for key, term in terms(s, rows).items() if term.end}
