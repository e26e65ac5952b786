"""Tables of the registers in force, of the editions loaded, of every text an obligation ever had, and of the official texts."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import BESIDE, Audited, Base, Code, Digest, Id, Moment, coded
from ..words import Basis, Cadence, FactKind, Modality, Severity, TextKind
from .text import own_title


class _InRegister(Audited):
    """Part of the register: loading an edition is one event, which covers all of it."""

    @property
    def audit_ref(self) -> str:
        """Return `register`."""
        return "register"


class HeldRegister(_InRegister, Base):
    """One of the registers kept here: the one that comes with the project, or the user's own; `position` puts them in order."""

    __tablename__ = "register"
    key: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]


class Edition(_InRegister, Base):
    """One register file as it was loaded, bytes and all; the newest of a register is in force.

    `changes` lists ids (`added`, `changed`, `withdrawn`, `renamed` as `old → new`) and how many stayed `unchanged`;
    `restores_id` is the earlier edition that was put back.
    """

    __tablename__ = "edition"
    id: Mapped[Id]
    register_key: Mapped[Code] = mapped_column(ForeignKey("register.key", ondelete="RESTRICT"), index=True)
    edition: Mapped[str] = mapped_column(String(32))
    digest: Mapped[Digest]
    source: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, info=BESIDE)
    size: Mapped[int]
    obligations: Mapped[int]
    loaded_at: Mapped[Moment]
    loaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    restores_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class Domain(_InRegister, Base):
    """A field of compliance work."""

    __tablename__ = "domain"
    code: Mapped[Code] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(300))
    position: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    register_key: Mapped[Code] = mapped_column(ForeignKey("register.key", ondelete="RESTRICT"))


class Subject(_InRegister, Base):
    """A kind of bearer; `held_by` names the entity kinds that answer for a bearer who is no entity himself."""

    __tablename__ = "subject"
    code: Mapped[Code] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(300))
    held_by: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    register_key: Mapped[Code] = mapped_column(ForeignKey("register.key", ondelete="RESTRICT"))


class Document(_InRegister, Base):
    """One official document; `preface` classes the sentences before its first clause."""

    __tablename__ = "document"
    id: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(300))
    number: Mapped[str] = mapped_column(String(60))
    issuers: Mapped[list[str]] = mapped_column(JSON)
    issued: Mapped[date]
    nature: Mapped[str] = mapped_column(String(200))
    preface: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    position: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    register_key: Mapped[Code] = mapped_column(ForeignKey("register.key", ondelete="RESTRICT"))


class Clause(_InRegister, Base):
    """One numbered clause of a document; `sentences` gives each of its sentences its class."""

    __tablename__ = "clause"
    document_id: Mapped[Code] = mapped_column(ForeignKey("document.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(60))
    sentences: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    withdrawn: Mapped[bool] = mapped_column(default=False)

    @property
    def own_title(self) -> str:
        """Return what the title says beside the number; empty for an article that has none."""
        return own_title(self.no, self.title)


class Fact(_InRegister, Base):
    """A statutory penalty or period, with the article it stands in and how far that was checked."""

    __tablename__ = "fact"
    code: Mapped[Code] = mapped_column(primary_key=True)
    kind: Mapped[FactKind] = mapped_column(coded(FactKind))
    what: Mapped[str] = mapped_column(String(80))
    says: Mapped[str] = mapped_column(String(200))
    who: Mapped[str] = mapped_column(String(60), default="")
    law: Mapped[dict[str, Any]] = mapped_column(JSON)
    position: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    register_key: Mapped[Code] = mapped_column(ForeignKey("register.key", ondelete="RESTRICT"))


class Obligation(_InRegister, Base):
    """One obligation, exposure or right in its present text; withdrawn ones stay with their history.

    `origin` is the id under which it was first loaded: its digest is taken under that one, whatever it is called now.
    """

    __tablename__ = "obligation"
    id: Mapped[Code] = mapped_column(primary_key=True)
    origin: Mapped[Code]
    document_id: Mapped[Code]
    clause_no: Mapped[int]
    position: Mapped[int]
    anchor: Mapped[str] = mapped_column(String(40))
    modality: Mapped[Modality] = mapped_column(coded(Modality))
    basis: Mapped[Basis] = mapped_column(coded(Basis))
    title: Mapped[str] = mapped_column(String(20))
    statement: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(String(300))
    domain: Mapped[Code] = mapped_column(ForeignKey("domain.code", ondelete="RESTRICT"))
    severity: Mapped[Severity] = mapped_column(coded(Severity))
    consequences: Mapped[list[str]] = mapped_column(JSON)
    law: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    evidence: Mapped[list[str]] = mapped_column(JSON)
    cadence: Mapped[Cadence] = mapped_column(coded(Cadence))
    review_every: Mapped[Cadence | None] = mapped_column(coded(Cadence, "review_every"))
    trigger: Mapped[str] = mapped_column(String(60), default="")
    facts: Mapped[list[str]] = mapped_column(JSON)
    related: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    noted: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    digest: Mapped[Digest]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    subjects: Mapped[list[ObligationSubject]] = relationship(cascade="all, delete-orphan", order_by="ObligationSubject.position")

    __table_args__ = (
        ForeignKeyConstraint(["document_id", "clause_no"], ["clause.document_id", "clause.no"], ondelete="RESTRICT"),
        Index("ix_obligation_document_id_clause_no", "document_id", "clause_no"),
        Index("ix_obligation_domain", "domain"),
        Index("ix_obligation_position", "position"),
    )


class ObligationSubject(_InRegister, Base):
    """One bearer of an obligation; an inferred one is not named by the text."""

    __tablename__ = "obligation_subject"
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT", onupdate="CASCADE"), primary_key=True)
    subject: Mapped[Code] = mapped_column(ForeignKey("subject.code", ondelete="RESTRICT"), primary_key=True, index=True)
    position: Mapped[int]
    inferred: Mapped[bool] = mapped_column(default=False)


class ObligationText(_InRegister, Base):
    """Every content an obligation ever had, by digest, so that what was accepted can be shown years later."""

    __tablename__ = "obligation_text"
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT", onupdate="CASCADE"), primary_key=True)
    digest: Mapped[Digest] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class FormerName(_InRegister, Base):
    """An id that an obligation had before it was renamed; it leads to the obligation for good and is never used again."""

    __tablename__ = "former_name"
    old_id: Mapped[Code] = mapped_column(primary_key=True)
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT", onupdate="CASCADE"), index=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))


class OfficialText(Audited, Base):
    """An official text as a user imported it: the file, its text, and the digests of both; the newest of a document counts."""

    __tablename__ = "official_text"
    id: Mapped[Id]
    document_id: Mapped[Code] = mapped_column(ForeignKey("document.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[TextKind] = mapped_column(coded(TextKind))
    name: Mapped[str] = mapped_column(String(200))
    original: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, info=BESIDE)
    size: Mapped[int]
    sha256: Mapped[Digest]
    text: Mapped[str] = mapped_column(Text, deferred=True, info=BESIDE)
    text_sha256: Mapped[Digest]
    imported_at: Mapped[Moment]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))

    @property
    def audit_ref(self) -> str:
        """Return `document:ID`: importing a text belongs to its document's history."""
        return f"document:{self.document_id}"
