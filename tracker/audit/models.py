"""Tables of the trail: the deployment, chains, events, disclosures of personal data, checkpoints."""

from __future__ import annotations

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Digest


class Deployment(Base):
    """The one row that names this installation; its id stands in every genesis hash."""

    __tablename__ = "deployment"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[str] = mapped_column(String(32))


class AuditChain(Base):
    """One chain per entity and one for the system; the row is locked while an event is appended."""

    __tablename__ = "audit_chain"
    chain_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    size: Mapped[int]
    head: Mapped[Digest]
    alg: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[str] = mapped_column(String(32))


class AuditEvent(Base):
    """One event; `at`, `actor`, `action`, `object` repeat the record so that it can be filtered, and are verified against it."""

    __tablename__ = "audit_event"
    chain_id: Mapped[str] = mapped_column(ForeignKey("audit_chain.chain_id", ondelete="RESTRICT"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record: Mapped[str] = mapped_column(Text)
    body: Mapped[Digest]
    prev: Mapped[Digest]
    entry: Mapped[Digest]
    at: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    object: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_audit_event_object", "object"),
        Index("ix_audit_event_chain_id_action", "chain_id", "action"),
        Index("ix_audit_event_chain_id_actor", "chain_id", "actor"),
    )


class AuditDisclosure(Base):
    """A personal value and the salt of its commitment; may later be sealed or redacted without touching the chain."""

    __tablename__ = "audit_disclosure"
    chain_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["chain_id", "seq"], ["audit_event.chain_id", "audit_event.seq"], ondelete="RESTRICT"),
    )


class AuditCheckpoint(Base):
    """A head that was written down at a moment, with its note once it is signed."""

    __tablename__ = "audit_checkpoint"
    chain_id: Mapped[str] = mapped_column(ForeignKey("audit_chain.chain_id", ondelete="RESTRICT"), primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    head: Mapped[Digest]
    note: Mapped[str] = mapped_column(Text)
