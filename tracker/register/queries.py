"""Reads of the register: obligations by filter, one obligation, and the vocabulary that gives codes their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, selectinload

from ..errors import NotFound
from ..words import Severity
from . import search
from .models import Clause, Document, Domain, Edition, Obligation, ObligationSubject, ObligationText, Subject

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
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels of the register in force."""

    domains: dict[str, str]
    subjects: dict[str, str]
    documents: dict[str, Document]
    held_by: dict[str, tuple[str, ...]]

    @property
    def kinds(self) -> dict[str, str]:
        """Return the subjects that an entity can be: those held by nobody else."""
        return {code: label for code, label in self.subjects.items() if not self.held_by[code]}


# By database: the edition it holds, and that edition's labels. Every page needs them and they change with an edition only.
_known: WeakKeyDictionary[Any, tuple[tuple[int, str], Vocabulary]] = WeakKeyDictionary()


def vocabulary(s: Session) -> Vocabulary:
    """Give all labels: one statement once per session, three more when the edition in force is new to this process."""
    if "vocabulary" not in s.info:
        found = s.execute(select(Edition.id, Edition.digest).order_by(Edition.id.desc()).limit(1)).one_or_none()
        edition = (found[0], found[1]) if found else (0, "")
        held, words = _known.get(s.get_bind(), (None, None))
        if words is None or held != edition:
            words = _read_vocabulary(s)
            _known[s.get_bind()] = (edition, words)
        s.info["vocabulary"] = words
    known: Vocabulary = s.info["vocabulary"]
    return known


def _read_vocabulary(s: Session) -> Vocabulary:
    subjects = s.scalars(select(Subject).order_by(Subject.position)).all()
    documents = s.scalars(select(Document).order_by(Document.position)).all()
    for row in documents:
        # They outlive this session, so no other thread's session may come to own them.
        s.expunge(row)
    return Vocabulary(
        {d.code: d.label for d in s.scalars(select(Domain).order_by(Domain.position))},
        {subject.code: subject.label for subject in subjects},
        {row.id: row for row in documents},
        {subject.code: tuple(subject.held_by) for subject in subjects},
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
    """Load one obligation, withdrawn or not, or raise NotFound."""
    row = s.get(Obligation, obligation_id, options=[selectinload(Obligation.subjects)])
    if row is None:
        raise NotFound(f"登记册中没有编号为“{obligation_id[:40]}”的义务。")
    return row


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


def edition_in_force(s: Session) -> Edition | None:
    """Return the edition loaded last, or None when the register is still empty."""
    return s.scalar(select(Edition).order_by(Edition.id.desc()).limit(1))


def accepted_text(s: Session, obligation_id: str, digest: str) -> ObligationText | None:
    """Return the text an obligation had under this digest, or None when that is not known."""
    return s.get(ObligationText, (obligation_id, digest))
