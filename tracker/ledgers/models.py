"""Tables of ledgers: the workbook between its upload and its preview, and what the columns of each kind of ledger mean."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Audited, Base, Digest, Id, Moment, Name


class LedgerDraft(Base):
    """A ledger whose columns are being mapped; it is nobody's history and goes when it is replaced or put away.

    `choices` are those of `building.Choices`.
    """

    __tablename__ = "ledger_draft"
    id: Mapped[Id]
    name: Mapped[Name]
    sha256: Mapped[Digest]
    size: Mapped[int]
    source: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    made_at: Mapped[Moment]


class LedgerMapping(Audited, Base):
    """What the columns of a ledger with these headings mean, as somebody said last; `key` is the digest of the headings.

    `told` are choices with the columns by their headings.
    """

    __tablename__ = "ledger_mapping"
    id: Mapped[Id]
    key: Mapped[Digest] = mapped_column(unique=True)
    headings: Mapped[list[str]] = mapped_column(JSON)
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    made_at: Mapped[Moment]

    @property
    def audit_ref(self) -> str:
        """Return `ledger_mapping:ID`."""
        return f"ledger_mapping:{self.id}"
