"""Tables of retention: what was asked for and who decided it, and legal holds."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Audited, Base, Id, Moment, coded
from ..words import HoldKind, RequestState, RetentionAct


class RetentionRequest(Audited, Base):
    """Something to be taken away for good, with its reason; somebody else than who asked decides, and deciding carries it out.

    `object` is `evidence:12`, `person:7`, or `event:CHAIN:SEQ` with its `fields`; without an entity it belongs to the whole system.
    """

    __tablename__ = "retention_request"
    id: Mapped[Id]
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"), index=True)
    act: Mapped[RetentionAct] = mapped_column(coded(RetentionAct))
    object: Mapped[str] = mapped_column(String(80))
    fields: Mapped[list[str]]
    reason: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    asked_at: Mapped[Moment]
    state: Mapped[RequestState] = mapped_column(coded(RequestState), default=RequestState.WAITING)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[Moment | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR asked_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
        Index("ix_retention_request_state", "state"),
    )

    @property
    def audit_ref(self) -> str:
        """Return `request:ID`."""
        return f"request:{self.id}"


class LegalHold(Audited, Base):
    """An order that nothing under `object` may be taken away, whatever its term; who placed it does not lift it."""

    __tablename__ = "legal_hold"
    id: Mapped[Id]
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[HoldKind] = mapped_column(coded(HoldKind))
    object: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    placed_at: Mapped[Moment]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    lifted_at: Mapped[Moment | None]
    lifting: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("lifted_by IS NULL OR placed_by IS NULL OR lifted_by <> placed_by", name="four_eyes"),
        Index("ix_legal_hold_object", "object"),
    )

    @property
    def audit_ref(self) -> str:
        """Return `hold:ID`."""
        return f"hold:{self.id}"
