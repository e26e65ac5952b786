"""Table of decisions: which obligation binds which entity, decided by whom, when and why."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Audited, Base, Code, Digest, Id, Moment, OwnedByEntity, coded
from ..words import ScopeState


class ScopeDecision(Audited, OwnedByEntity, Base):
    """The standing decision on one obligation for one entity; 不适用 always says why."""

    __tablename__ = "scope_decision"
    id: Mapped[Id]
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT", onupdate="CASCADE"), index=True)
    obligation_digest: Mapped[Digest]
    state: Mapped[ScopeState] = mapped_column(coded(ScopeState))
    reason: Mapped[str] = mapped_column(String(500), default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[Moment]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("entity_id", "obligation_id"),
        CheckConstraint("state <> 'not_applicable' OR reason <> ''", name="reasoned"),
    )

    @property
    def audit_ref(self) -> str:
        """Return `scope:ENTITY:OBLIGATION`, which is known before the row has an id."""
        return f"scope:{self.entity_id}:{self.obligation_id}"
