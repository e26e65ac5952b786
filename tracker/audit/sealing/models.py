"""Table of what is sealed or redacted: one row per field of an event, always as the chain's own events say."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, coded
from ...words import SealState


class AuditSeal(Base):
    """A personal value of an event that is hidden (`sealed`) or gone (`redacted`) since `at`; the covering event is the truth, this row follows it."""

    __tablename__ = "audit_seal"
    chain_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[SealState] = mapped_column(coded(SealState))
    at: Mapped[str] = mapped_column(String(32))

    __table_args__ = (
        ForeignKeyConstraint(["chain_id", "seq"], ["audit_event.chain_id", "audit_event.seq"], ondelete="RESTRICT"),
    )
