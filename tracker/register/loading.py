"""Loading a register file: refused as a whole or put in force as a whole, with one event; nothing is ever deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from .. import clock
from ..audit import trail
from ..db import Base
from ..errors import BadInput, Stale
from ..people.access import Viewer, need_admin
from . import search, shape
from .changes import Plan, obligations_of, planned
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
from .queries import around, edition_in_force, former_names, held
from .source import read_register

# Registers stand one after the other in every list; no file holds as many parts.
APART = 1_000_000
ANY: Final = "any"
BasedOn = int | Literal["any"] | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, as obligation ids; `edition_id` is None when nothing had changed."""

    register: str
    edition: str
    plan: Plan
    edition_id: int | None

    @property
    def changed_anything(self) -> bool:
        """Tell whether any obligation is other than before."""
        return bool(self.plan.added or self.plan.revived or self.plan.changed or self.plan.withdrawn or self.plan.renamed)


def read_beside(s: Session, data: bytes, name: str) -> shape.Register:
    """Read a register file beside the others in force; raises SourceProblems with every fault, BadInput when it takes another's place."""
    register = read_register(data, name, lambda key: around(s, key))
    _check_same_register(s, register)
    _check_words_of_others(s, register)
    return register


def plan_of(s: Session, register: shape.Register) -> Plan:
    """Say what putting a register in force will do, without doing it."""
    return planned(held(s, register.key), former_names(s, register.key), obligations_of(register))


def load(s: Session, viewer: Viewer, data: bytes, name: str, restores: int | None = None, based_on: BasedOn = ANY) -> Loaded:
    """Put a register file in force; raises SourceProblems with every fault and then changes nothing.

    The bytes in force a second time change nothing and leave no event. `restores` is the edition that is put back;
    `based_on` is the edition that was in force when the file was looked at (None: there was none), Stale when it is
    another by now. Assignments of what is withdrawn are the caller's to end.
    """
    need_admin(viewer)
    # Two loads take turns: what the second one plans must start from what the first one left.
    s.execute(select(HeldRegister.key).with_for_update())
    register = read_beside(s, data, name)
    sha256, now = hashlib.sha256(data).hexdigest(), edition_in_force(s, register.key)
    _check_base(now, based_on)
    plan = plan_of(s, register)
    if now is not None and now.digest == sha256:
        return Loaded(register.key, now.edition, plan, None)
    place = _register_place(s, register)
    edition = Edition(
        register_key=register.key, edition=register.edition, digest=sha256, source=data, size=len(data), obligations=len(plan.digests),
        loaded_at=clock.now(), loaded_by=viewer.person_id, restores_id=restores, changes=_told(plan),
    )
    s.add(edition)
    s.flush()
    _rename(s, plan, edition)
    _put_vocabulary(s, register, place)
    _put_obligations(s, register, edition, plan, place)
    reindex(s)
    trail.record(
        s, viewer.actor, "register.loaded", "register",
        before={"edition": now.edition, "sha256": now.digest} if now else {},
        after={"register": register.key, "edition": register.edition, "sha256": sha256, **_told(plan), **({"restores": restores} if restores else {})},
    )
    s.info.pop("vocabulary", None)
    return Loaded(register.key, register.edition, plan, edition.id)


def _check_base(now: Edition | None, based_on: BasedOn) -> None:
    if based_on == ANY or based_on == (now.id if now else None):
        return
    raise Stale(
        "在您预览之后，登记册又载入了另一个版本，预览已不准确，没有载入任何内容。请重新预览。",
        {"现行版本": now.edition if now else "（未载入）"},
    )


def _told(plan: Plan) -> dict[str, Any]:
    renamed = [f"{old} → {new}" for old, new in plan.renamed.items()]
    lists = {"added": plan.added, "revived": plan.revived, "changed": plan.changed, "withdrawn": plan.withdrawn, "renamed": renamed}
    return {name: list(ids) for name, ids in lists.items() if ids or name in {"added", "changed", "withdrawn"}} | {"unchanged": len(plan.unchanged)}


def _check_same_register(s: Session, register: shape.Register) -> None:
    own = set(s.scalars(select(Document.id).where(Document.register_key == register.key, ~Document.withdrawn)))
    if own and own.isdisjoint(document.id for document in register.documents):
        raise BadInput(
            f"这份文件写的是登记册 {register.key}，却没有它现行版本中的任何一份文件，载入会撤下现有的全部义务，因此没有采用。"
            "如果这是您自己的另一本登记册，请在文件开头写明 register: 编号 和 name: 名称。"
        )


def _check_words_of_others(s: Session, register: shape.Register) -> None:
    theirs = select(Obligation).join(Document, Document.id == Obligation.document_id).where(Document.register_key != register.key, ~Obligation.withdrawn)
    used = {"领域": set[str](), "义务主体": set[str](), "法定责任与期限": set[str]()}
    for row in s.scalars(theirs.options(selectinload(Obligation.subjects))):
        used["领域"].add(row.domain)
        used["义务主体"].update(bearer.subject for bearer in row.subjects)
        used["法定责任与期限"].update(row.facts)
    mine: dict[str, tuple[Any, Mapping[str, Any]]] = {
        "领域": (Domain, register.domains), "义务主体": (Subject, register.subjects), "法定责任与期限": (Fact, register.facts),
    }
    for what, (model, words) in mine.items():
        held = set(s.scalars(select(model.code).where(model.register_key == register.key)))
        missed = sorted((held & used[what]) - set(words))
        if missed:
            raise BadInput(f"其他登记册的义务还在使用这些{what}：{'、'.join(missed[:8])}。请在这份文件中保留它们的定义，或先修改那些登记册。")


def _register_place(s: Session, register: shape.Register) -> int:
    row = s.get(HeldRegister, register.key)
    if row is None:
        row = HeldRegister(key=register.key, name=register.name, position=s.scalar(select(func.count()).select_from(HeldRegister)) or 0)
        s.add(row)
    row.name = register.name
    s.flush()
    return row.position * APART


def _rename(s: Session, plan: Plan, edition: Edition) -> None:
    for old, new in plan.renamed.items():
        row = s.get_one(Obligation, old)
        row.id = new
        # The database takes every reference along; what is loaded here still has the old one.
        s.flush()
        s.expire_all()
        back = s.get(FormerName, new)
        if back is not None:
            s.delete(back)
        s.add(FormerName(old_id=old, obligation_id=new, edition_id=edition.id))
    s.flush()


def _put(s: Session, model: type[Base], told: Mapping[Any, Mapping[str, Any]]) -> None:
    keys = [str(column.key) for column in model.__mapper__.primary_key]
    held = {tuple(getattr(row, key) for key in keys): row for row in s.scalars(select(model))}
    for name, values in told.items():
        key = name if isinstance(name, tuple) else (name,)
        row = held.get(key)
        if row is None:
            s.add(model(**dict(zip(keys, key, strict=True)), **values))
            continue
        for field, value in values.items():
            if getattr(row, field) != value:
                setattr(row, field, value)


def _put_vocabulary(s: Session, register: shape.Register, place: int) -> None:
    def placed(told: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        return {key: {**values, "position": n, "withdrawn": False, "register_key": register.key} for n, (key, values) in enumerate(told.items(), place)}

    _put(s, Domain, placed({code: {"label": one.label, "en": one.en} for code, one in register.domains.items()}))
    _put(s, Subject, placed({code: {"label": one.label, "en": one.en, "held_by": list(one.held_by)} for code, one in register.subjects.items()}))
    _put(s, Fact, placed({code: {
        "kind": one.kind, "what": one.what, "says": one.says, "who": one.who or "", "law": one.law.model_dump(mode="json", exclude_none=True),
    } for code, one in register.facts.items()}))
    _put(s, Document, placed({one.id: {
        "title": one.title, "title_en": one.title_en, "number": one.number or "", "issuers": list(one.issuers), "issued": one.issued,
        "nature": one.nature, "preface": _classes(one.preface),
    } for one in register.documents}))
    s.flush()
    _put(s, Clause, {(document.id, clause.no): {"title": clause.title, "sentences": _classes(clause.sentences), "withdrawn": False}
                     for document in register.documents for clause in document.clauses})
    _retire(s, register)
    s.flush()


def _classes(sentences: Sequence[shape.Sentence]) -> list[dict[str, Any]]:
    return [sentence.model_dump(mode="json", by_alias=True, exclude_none=True) for sentence in sentences]


def _retire(s: Session, register: shape.Register) -> None:
    mine: tuple[tuple[Any, Mapping[str, Any]], ...] = ((Domain, register.domains), (Subject, register.subjects), (Fact, register.facts))
    for model, words in mine:
        for row in s.scalars(select(model).where(model.register_key == register.key, ~model.withdrawn)):
            if row.code not in words:
                row.withdrawn = True
    told = {document.id: {clause.no for clause in document.clauses} for document in register.documents}
    for row in s.scalars(select(Document).where(Document.register_key == register.key, Document.id.not_in(told), ~Document.withdrawn)):
        row.withdrawn = True
    for clause in s.scalars(select(Clause).join(Document, Document.id == Clause.document_id).where(Document.register_key == register.key, ~Clause.withdrawn)):
        if clause.no not in told.get(clause.document_id, ()):
            clause.withdrawn = True


def _placed(register: shape.Register, place: int) -> Iterator[tuple[int, str, int, shape.Obligation]]:
    for document in register.documents:
        for clause in document.clauses:
            for obligation in clause.obligations:
                yield place, document.id, clause.no, obligation
                place += 1


def _put_obligations(s: Session, register: shape.Register, edition: Edition, plan: Plan, place: int) -> None:
    mine = select(Obligation).join(Document, Document.id == Obligation.document_id).where(Document.register_key == register.key)
    stored = {row.id: row for row in s.scalars(mine.options(selectinload(Obligation.subjects)))}
    known = {(key, digest) for key, digest in s.execute(select(ObligationText.obligation_id, ObligationText.digest))}
    for position, document_id, clause_no, told in _placed(register, place):
        row, sha256 = stored.get(told.id), plan.digests[told.id]
        if row is None:
            row = Obligation(id=told.id, origin=told.id)
            s.add(row)
        _fill(row, told, position, document_id, clause_no, sha256)
        if (told.id, sha256) not in known:
            s.add(ObligationText(obligation_id=told.id, digest=sha256, edition_id=edition.id, content=told.model_dump(mode="json")))
    for key in plan.withdrawn:
        stored[key].withdrawn = True
    s.flush()


def _fill(row: Obligation, told: shape.Obligation, place: int, document_id: str, clause_no: int, sha256: str) -> None:
    values: Mapping[str, Any] = {
        **{field: getattr(told, field) for field in ("anchor", "modality", "basis", "title", "statement", "en", "domain", "severity", "cadence", "review_every")},
        "document_id": document_id, "clause_no": clause_no, "position": place, "digest": sha256, "withdrawn": False, "trigger": told.trigger or "",
        "consequences": [str(word) for word in told.consequences], "evidence": list(told.evidence), "facts": list(told.facts),
        "law": [law.model_dump(mode="json", exclude_none=True) for law in told.law], "related": [one.model_dump(mode="json") for one in told.related],
        "noted": [one.model_dump(mode="json") for one in told.noted],
    }
    for field, value in values.items():
        if getattr(row, field) != value:
            setattr(row, field, value)
    bearers = {bearer.subject: bearer for bearer in row.subjects}
    row.subjects = [bearers.get(code) or ObligationSubject(subject=code) for code in told.subjects]
    for position, bearer in enumerate(row.subjects):
        bearer.position, bearer.inferred = position, bearer.subject in told.inferred


def reindex(s: Session) -> None:
    """Write the search words of every obligation anew."""
    names: dict[str, list[str]] = {}
    for old, now in former_names(s).items():
        names.setdefault(now, []).append(old)
    titles = {(c.document_id, c.no): c.title for c in s.scalars(select(Clause))}
    search.replace_words(s, {
        row.id: " ".join([row.id, *names.get(row.id, ()), row.title, row.statement, row.anchor, row.en, titles[row.document_id, row.clause_no], *row.evidence, *(law["name"] for law in row.law), *(one["text"] for one in row.noted)])
        for row in s.scalars(select(Obligation))
    })
