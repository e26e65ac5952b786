"""Tables of the register in force, of the editions loaded, and of every text an obligation ever had."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Audited, Base, Code, Digest, Id, Moment, coded
from ..words import Basis, Cadence, Modality, Severity


class _InRegister(Audited):
    """Part of the register: loading an edition is one event, which covers all of it."""

    @property
    def audit_ref(self) -> str:
        """Return `register`."""
        return "register"


class Edition(_InRegister, Base):
    """One register file as it was loaded, bytes and all."""

    __tablename__ = "edition"
    id: Mapped[Id]
    edition: Mapped[str] = mapped_column(String(32))
    digest: Mapped[Digest]
    source: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    obligations: Mapped[int]
    loaded_at: Mapped[Moment]


class Domain(_InRegister, Base):
    """A field of compliance work."""

    __tablename__ = "domain"
    code: Mapped[Code] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(300))
    position: Mapped[int]


class Subject(_InRegister, Base):
    """A kind of bearer; `held_by` names the entity kinds that answer for a bearer who is no entity himself."""

    __tablename__ = "subject"
    code: Mapped[Code] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(40))
    en: Mapped[str] = mapped_column(String(300))
    held_by: Mapped[list[str]] = mapped_column(JSON)
    position: Mapped[int]


class Document(_InRegister, Base):
    """One official text."""

    __tablename__ = "document"
    id: Mapped[Code] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(300))
    number: Mapped[str] = mapped_column(String(60))
    issuers: Mapped[list[str]] = mapped_column(JSON)
    issued: Mapped[date]
    nature: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]


class Clause(_InRegister, Base):
    """One numbered clause of a document."""

    __tablename__ = "clause"
    document_id: Mapped[Code] = mapped_column(ForeignKey("document.id", ondelete="RESTRICT"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(60))


class Obligation(_InRegister, Base):
    """One obligation, exposure or right in its present text; withdrawn ones stay with their history."""

    __tablename__ = "obligation"
    id: Mapped[Code] = mapped_column(primary_key=True)
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
    """One bearer of an obligation."""

    __tablename__ = "obligation_subject"
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT"), primary_key=True)
    subject: Mapped[Code] = mapped_column(ForeignKey("subject.code", ondelete="RESTRICT"), primary_key=True, index=True)
    position: Mapped[int]


class ObligationText(_InRegister, Base):
    """Every content an obligation ever had, by digest, so that what was accepted can be shown years later."""

    __tablename__ = "obligation_text"
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT"), primary_key=True)
    digest: Mapped[Digest] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
