"""Reads of the register: obligations by filter, one obligation, and the vocabulary that gives codes their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Select, String, case, cast, func, or_, select
from sqlalchemy.orm import Session, selectinload

from ..errors import NotFound
from ..words import Kinship, Severity
from . import search
from .changes import Held
from .models import (
    Clause,
    Document,
    Domain,
    Edition,
    Fact,
    FormerName,
    HeldRegister,
    Obligation,
    ObligationSubject,
    ObligationText,
    Subject,
)
from .shape import MAIN
from .source import Around

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ObligationFilter:
    """Which obligations; an empty text asks for nothing. `q` is full text or an id."""

    q: str = ""
    document: str = ""
    clause: int | None = None
    domain: str = ""
    subject: str = ""
    modality: str = ""
    basis: str = ""
    severity: str = ""
    cadence: str = ""
    register: str = ""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels of the registers in force, those of `withdrawn` words, as (group, code), among them."""

    domains: dict[str, str]
    subjects: dict[str, str]
    documents: dict[str, Document]
    held_by: dict[str, tuple[str, ...]]
    registers: dict[str, str]
    facts: dict[str, str]
    withdrawn: frozenset[tuple[str, str]] = frozenset()

    @property
    def kinds(self) -> dict[str, str]:
        """Return the subjects that an entity can be: those held by nobody else."""
        return {code: label for code, label in self.live_subjects.items() if not self.held_by[code]}

    @property
    def live_domains(self) -> dict[str, str]:
        """Return the domains that may still be chosen."""
        return {code: label for code, label in self.domains.items() if ("domain", code) not in self.withdrawn}

    @property
    def live_subjects(self) -> dict[str, str]:
        """Return the bearers that may still be chosen."""
        return {code: label for code, label in self.subjects.items() if ("subject", code) not in self.withdrawn}


# By database: the editions in force, and their labels. Every page needs them and they change with an edition only.
_known: WeakKeyDictionary[Any, tuple[tuple[Any, ...], Vocabulary]] = WeakKeyDictionary()
_NEWEST = select(func.max(Edition.id)).group_by(Edition.register_key)


def vocabulary(s: Session) -> Vocabulary:
    """Give all labels: one statement once per session, five more when the edition in force is new to this process."""
    if "vocabulary" not in s.info:
        # Of every register: two loads may commit in another order than they got their numbers.
        editions = tuple(tuple(row) for row in s.execute(select(Edition.id, Edition.digest).where(Edition.id.in_(_NEWEST)).order_by(Edition.id)))
        held, words = _known.get(s.get_bind(), (None, None))
        if words is None or held != editions:
            words = _read_vocabulary(s)
            _known[s.get_bind()] = (editions, words)
        s.info["vocabulary"] = words
    known: Vocabulary = s.info["vocabulary"]
    return known


def _read_vocabulary(s: Session) -> Vocabulary:
    subjects = s.scalars(select(Subject).order_by(Subject.position)).all()
    documents = s.scalars(select(Document).order_by(Document.position)).all()
    for row in documents:
        # They outlive this session, so no other thread's session may come to own them.
        s.expunge(row)
    domains = s.scalars(select(Domain).order_by(Domain.position)).all()
    return Vocabulary(
        {d.code: d.label for d in domains},
        {subject.code: subject.label for subject in subjects},
        {row.id: row for row in documents},
        {subject.code: tuple(subject.held_by) for subject in subjects},
        {row.key: row.name for row in registers(s)},
        {row.code: row.what for row in s.scalars(select(Fact).order_by(Fact.position))},
        frozenset([*(("domain", row.code) for row in domains if row.withdrawn), *(("subject", row.code) for row in subjects if row.withdrawn)]),
    )


def subject_labels(s: Session) -> dict[str, str]:
    """Return code → label of every subject."""
    return vocabulary(s).subjects


def entity_kinds(s: Session) -> list[tuple[str, str]]:
    """Return (code, label) of every kind an entity can have."""
    return list(vocabulary(s).kinds.items())


def filtered(s: Session, query: Select[T], wanted: ObligationFilter) -> Select[T]:
    """Narrow any select over Obligation by a filter; other rooms use it for their joined lists."""
    for column, value in (
        (Obligation.document_id, wanted.document), (Obligation.clause_no, wanted.clause), (Obligation.domain, wanted.domain),
        (Obligation.modality, wanted.modality), (Obligation.basis, wanted.basis), (Obligation.severity, wanted.severity),
        (Obligation.cadence, wanted.cadence),
    ):
        if value:
            query = query.where(column == value)
    if wanted.register:
        query = query.where(Obligation.document_id.in_(select(Document.id).where(Document.register_key == wanted.register)))
    if wanted.subject:
        held = select(ObligationSubject.obligation_id).where(ObligationSubject.subject == wanted.subject)
        query = query.where(Obligation.id.in_(held))
    if not wanted.withdrawn:
        query = query.where(~Obligation.withdrawn)
    found = search.matching(s, wanted.q)
    if found is not None:
        query = query.where(Obligation.id.in_(found))
    return query


_HOW_SEVERE = case({Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}, value=Obligation.severity)
SORTS = {
    "clause": (Obligation.position,),
    "title": (Obligation.title, Obligation.position),
    "severity": (_HOW_SEVERE, Obligation.position),
    "modality": (Obligation.modality, Obligation.basis, Obligation.position),
    "domain": (Obligation.domain, Obligation.position),
    "cadence": (Obligation.cadence, Obligation.position),
}


def ordered(query: Select[T], sort: str, descending: bool) -> Select[T]:
    """Put any select over Obligation into the order of a key of SORTS; other rooms use it for their joined lists."""
    order = SORTS.get(sort, SORTS["clause"])
    return query.order_by(*(c.desc() if descending else c for c in order))


def obligations(s: Session, wanted: ObligationFilter, sort: str = "clause", descending: bool = False, offset: int = 0, limit: int | None = None) -> Sequence[Obligation]:
    """List obligations with their subjects: two statements whatever the number."""
    query = filtered(s, select(Obligation), wanted).options(selectinload(Obligation.subjects))
    query = ordered(query, sort, descending).offset(offset)
    return s.scalars(query if limit is None else query.limit(limit)).all()


def obligation_count(s: Session, wanted: ObligationFilter) -> int:
    """Count the obligations of a filter."""
    return s.scalar(filtered(s, select(func.count()).select_from(Obligation), wanted)) or 0


def obligation_ids(s: Session, wanted: ObligationFilter) -> list[str]:
    """List the ids of a filter in the order of the texts."""
    return list(s.scalars(filtered(s, select(Obligation.id), wanted).order_by(Obligation.position)))


def obligation(s: Session, obligation_id: str) -> Obligation:
    """Load one obligation, withdrawn or not, by its id or a former one, or raise NotFound."""
    row = s.get(Obligation, obligation_id, options=[selectinload(Obligation.subjects)])
    if row is None and (now := s.scalar(select(FormerName.obligation_id).where(FormerName.old_id == obligation_id))):
        row = s.get(Obligation, now, options=[selectinload(Obligation.subjects)])
    if row is None:
        raise NotFound(f"登记册中没有编号为“{obligation_id[:40]}”的义务。")
    return row


def former_ids(s: Session, obligation_id: str) -> list[str]:
    """List the ids under which an obligation was known before, the latest first."""
    known = select(FormerName.old_id).where(FormerName.obligation_id == obligation_id)
    return list(s.scalars(known.order_by(FormerName.edition_id.desc(), FormerName.old_id)))


def facts_of(s: Session, one: Obligation) -> Sequence[Fact]:
    """List the statutory penalties and periods that stand beside an obligation, in the order of the register."""
    return s.scalars(select(Fact).where(Fact.code.in_(one.facts)).order_by(Fact.position)).all()


def related_to(s: Session, one: Obligation, former: Sequence[str] = ()) -> list[tuple[Kinship, Obligation]]:
    """List the obligations that an obligation points to, then those that point to it alone; `former` are its earlier ids."""
    told = {other["id"]: Kinship(other["how"]) for other in one.related}
    renamed = {row.old_id: row.obligation_id for row in s.scalars(select(FormerName).where(FormerName.old_id.in_(told)))}
    how = {renamed.get(key, key): kinship for key, kinship in told.items()}
    # A register of the user's own may point here without being pointed to.
    names = [cast(Obligation.related, String).contains(f'"{name}"') for name in (one.id, *former)]
    rows = s.scalars(select(Obligation).where(or_(Obligation.id.in_(how), *names)).order_by(Obligation.position)).all()
    back = {row.id: Kinship(other["how"]) for row in rows for other in row.related if other["id"] in {one.id, *former}}
    found = [(how.get(row.id) or back.get(row.id), row) for row in rows if row.id != one.id]
    pairs = [(kinship, row) for kinship, row in found if kinship is not None]
    return sorted(pairs, key=lambda pair: pair[1].id not in how)


def clauses(s: Session, document_id: str = "") -> Sequence[Clause]:
    """List clauses in order, of one document or of all."""
    query = select(Clause).order_by(Clause.document_id, Clause.no)
    return s.scalars(query.where(Clause.document_id == document_id) if document_id else query).all()


def clause(s: Session, document_id: str, no: int) -> Clause:
    """Load one clause, or raise NotFound."""
    row = s.get(Clause, (document_id, no))
    if row is None:
        raise NotFound
    return row


def registers(s: Session) -> Sequence[HeldRegister]:
    """List the registers kept here, the one that comes with the project first."""
    return s.scalars(select(HeldRegister).order_by(HeldRegister.position)).all()


def edition_in_force(s: Session, key: str = MAIN) -> Edition | None:
    """Return the edition of a register that was loaded last, or None when that register is not kept here."""
    return s.scalar(select(Edition).where(Edition.register_key == key).order_by(Edition.id.desc()).limit(1))


def editions_in_force(s: Session) -> dict[str, Edition]:
    """Return the edition in force of every register, without its file: one statement."""
    return {row.register_key: row for row in s.scalars(select(Edition).where(Edition.id.in_(_NEWEST)))}


def editions_told(s: Session) -> str:
    """Say which editions are in force: `2026.12`, and beside it each register of the user's own with its name."""
    rows = s.execute(select(HeldRegister.key, HeldRegister.name, Edition.edition).join(Edition, Edition.register_key == HeldRegister.key)
                     .where(Edition.id.in_(_NEWEST)).order_by(HeldRegister.position))
    return "；".join(edition if key == MAIN else f"{name} {edition}" for key, name, edition in rows)


def held(s: Session, key: str) -> dict[str, Held]:
    """Return what is known of every obligation a register ever had, by its present id, in the order of the texts."""
    query = select(Obligation.id, Obligation.digest, Obligation.origin, Obligation.withdrawn).join(Document, Document.id == Obligation.document_id)
    rows = s.execute(query.where(Document.register_key == key).order_by(Obligation.position))
    return {name: Held(digest, origin, withdrawn) for name, digest, origin, withdrawn in rows}


def former_names(s: Session) -> dict[str, str]:
    """Return what every former id is called now."""
    return {row.old_id: row.obligation_id for row in s.scalars(select(FormerName))}


def around(s: Session, key: str) -> Around:
    """Return what stands around a register: the words and ids of all others, and its own ids."""
    names = {row.key: row.name for row in registers(s)}
    theirs = {one: name for one, name in names.items() if one != key}
    ids = s.execute(select(Obligation.id, Document.register_key, Obligation.withdrawn).join(Document, Document.id == Obligation.document_id)).all()
    others = {one: theirs[where] for one, where, _ in ids if where in theirs}
    domains = s.execute(select(Domain.code, Domain.register_key).where(~Domain.withdrawn)).all()
    subjects = s.execute(select(Subject.code, Subject.register_key, Subject.held_by).where(~Subject.withdrawn)).all()
    return Around(
        domains=_of(theirs, domains), subjects=_of(theirs, [(code, where) for code, where, _ in subjects]),
        facts=_of(theirs, s.execute(select(Fact.code, Fact.register_key).where(~Fact.withdrawn)).all()),
        documents=_of(theirs, s.execute(select(Document.id, Document.register_key)).all()),
        obligations=others, prefixes={one.partition("-")[0]: name for one, name in others.items()},
        held=frozenset(code for code, _, by in subjects if by), own=frozenset(one for one, where, gone in ids if where == key and not gone),
        retired=former_names(s),
    )


def _of(names: dict[str, str], rows: Iterable[Any]) -> dict[str, str]:
    return {code: names[where] for code, where in rows if where in names}


def accepted_text(s: Session, obligation_id: str, digest: str) -> ObligationText | None:
    """Return the text an obligation had under this digest, or None when that is not known."""
    return s.get(ObligationText, (obligation_id, digest))
