"""Loading a register file: refused as a whole or put in force as a whole, with one event; nothing is ever deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from .. import clock
from ..audit import trail
from ..db import Base
from ..people.access import Viewer, need_admin
from . import search, shape
from .models import (
    Clause,
    Document,
    Domain,
    Edition,
    Obligation,
    ObligationSubject,
    ObligationText,
    Subject,
)
from .queries import edition_in_force
from .source import digest, read_register


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, as obligation ids."""

    edition: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    unchanged: int


def load(s: Session, viewer: Viewer, data: bytes, name: str) -> Loaded:
    """Put a register file in force; raises SourceProblems with every fault and then changes nothing.

    The same bytes a second time change nothing and leave no event.
    """
    need_admin(viewer)
    register = read_register(data, name)
    sha256, now = hashlib.sha256(data).hexdigest(), edition_in_force(s)
    if now is not None and now.digest == sha256:
        return Loaded(now.edition, (), (), (), now.obligations)
    count = sum(len(clause.obligations) for document in register.documents for clause in document.clauses)
    edition = Edition(edition=register.edition, digest=sha256, source=data, size=len(data), obligations=count, loaded_at=clock.now())
    s.add(edition)
    _put_vocabulary(s, register)
    loaded = _put_obligations(s, register, edition)
    _index(s)
    trail.record(
        s, viewer.actor, "register.loaded", "register",
        before={"edition": now.edition, "sha256": now.digest} if now else {},
        after={
            "edition": register.edition, "sha256": sha256, "added": list(loaded.added),
            "changed": list(loaded.changed), "withdrawn": list(loaded.withdrawn), "unchanged": loaded.unchanged,
        },
    )
    s.info.pop("vocabulary", None)
    return loaded


def _put(s: Session, model: type[Base], key: Any, **values: Any) -> None:
    row = s.get(model, key)
    if row is None:
        names = [str(column.key) for column in model.__mapper__.primary_key]
        s.add(model(**dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True)), **values))
        return
    for field, value in values.items():
        if getattr(row, field) != value:
            setattr(row, field, value)


def _put_vocabulary(s: Session, register: shape.Register) -> None:
    for place, (code, domain) in enumerate(register.domains.items()):
        _put(s, Domain, code, label=domain.label, en=domain.en, position=place)
    for place, (code, subject) in enumerate(register.subjects.items()):
        _put(s, Subject, code, label=subject.label, en=subject.en, held_by=list(subject.held_by), position=place)
    for place, document in enumerate(register.documents):
        _put(s, Document, document.id, title=document.title, title_en=document.title_en, number=document.number or "",
             issuers=list(document.issuers), issued=document.issued, nature=document.nature, position=place)
    s.flush()
    for document in register.documents:
        for clause in document.clauses:
            _put(s, Clause, (document.id, clause.no), title=clause.title)
    s.flush()


def _placed(register: shape.Register) -> Iterable[tuple[int, str, int, shape.Obligation]]:
    place = 0
    for document in register.documents:
        for clause in document.clauses:
            for obligation in clause.obligations:
                yield place, document.id, clause.no, obligation
                place += 1


def _put_obligations(s: Session, register: shape.Register, edition: Edition) -> Loaded:
    s.flush()
    stored = {row.id: row for row in s.scalars(select(Obligation).options(selectinload(Obligation.subjects)))}
    known = {(key, digest) for key, digest in s.execute(select(ObligationText.obligation_id, ObligationText.digest))}
    added, changed, unchanged, present = [], [], 0, set()
    for place, document_id, clause_no, told in _placed(register):
        present.add(told.id)
        row, sha256 = stored.get(told.id), digest(told)
        if row is None:
            added.append(told.id)
            row = Obligation(id=told.id)
            s.add(row)
        elif row.digest != sha256 or row.withdrawn:
            changed.append(told.id)
        else:
            unchanged += 1
        _fill(row, told, place, document_id, clause_no, sha256)
        if (told.id, sha256) not in known:
            s.add(ObligationText(obligation_id=told.id, digest=sha256, edition_id=edition.id, content=told.model_dump(mode="json")))
    withdrawn = _withdraw([row for row in stored.values() if row.id not in present])
    s.flush()
    return Loaded(register.edition, tuple(added), tuple(changed), withdrawn, unchanged)


def _fill(row: Obligation, told: shape.Obligation, place: int, document_id: str, clause_no: int, sha256: str) -> None:
    row.document_id, row.clause_no, row.position, row.digest, row.withdrawn = document_id, clause_no, place, sha256, False
    for field in ("anchor", "modality", "basis", "title", "statement", "en", "domain", "severity", "cadence", "review_every"):
        setattr(row, field, getattr(told, field))
    row.trigger = told.trigger or ""
    row.consequences, row.evidence = [str(word) for word in told.consequences], list(told.evidence)
    row.law = [law.model_dump(mode="json", exclude_none=True) for law in told.law]
    held = {bearer.subject: bearer for bearer in row.subjects}
    row.subjects = [held.get(code) or ObligationSubject(subject=code) for code in told.subjects]
    for position, bearer in enumerate(row.subjects):
        bearer.position = position


def _withdraw(gone: Sequence[Obligation]) -> tuple[str, ...]:
    left = [row for row in gone if not row.withdrawn]
    for row in left:
        row.withdrawn = True
    return tuple(row.id for row in left)


def _index(s: Session) -> None:
    titles = {(c.document_id, c.no): c.title for c in s.scalars(select(Clause))}
    search.replace_words(s, {
        row.id: " ".join([row.id, row.title, row.statement, row.anchor, row.en, titles[row.document_id, row.clause_no], *row.evidence, *(law["name"] for law in row.law)])
        for row in s.scalars(select(Obligation))
    })
