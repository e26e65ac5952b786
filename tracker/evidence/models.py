"""Table of evidence: one row per version of a piece; the bytes lie in the store under the digest."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Audited, Base, Digest, Id, Moment, Name, OwnedByEntity, coded
from .checks import Kind


class Evidence(Audited, OwnedByEntity, Base):
    """One version of a piece of evidence; a newer version supersedes it and never changes its bytes."""

    __tablename__ = "evidence"
    id: Mapped[Id]
    # A random name shared by all versions of a piece: an id of the first row could not stand in that row itself.
    series_id: Mapped[str] = mapped_column(String(32))
    version_no: Mapped[int]
    name: Mapped[Name]
    sha256: Mapped[Digest]
    size: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[Kind] = mapped_column(coded(Kind))
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    obtained_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    uploaded_at: Mapped[Moment]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    # A retention class of its own, else that of the entity's kinds; and the first day of its term where only people know it.
    retention: Mapped[str] = mapped_column(String(32), default="")
    kept_from: Mapped[date | None]
    destroyed_at: Mapped[Moment | None]
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"), unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("series_id", "version_no"),
        Index("ix_evidence_entity_id_sha256", "entity_id", "sha256"),
        Index("ix_evidence_entity_id_uploaded_at", "entity_id", "uploaded_at"),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("version_no > 0", name="version_no"),
    )

    @property
    def audit_ref(self) -> str:
        """Return `evidence:ID`."""
        return f"evidence:{self.id}"

    @property
    def is_current(self) -> bool:
        """Tell whether no newer version stands in its place."""
        return self.superseded_by_id is None
