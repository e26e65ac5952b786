"""Tables of what comes back from Excel: the draft between preview and application, and every workbook that was carried out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Audited, Base, Digest, Id, Moment, Name, OwnedByEntity, coded
from ..words import ListKind


class ImportDraft(OwnedByEntity, Base):
    """A workbook between its preview and its application; it is nobody's history and goes when it is carried out or replaced.

    `lines` are those of `bringing.lines`, `looked_at` counts the rows, `notes` say what was passed over; `sheets` tell of each
    sheet its title, its kind and its rows.
    """

    __tablename__ = "import_draft"
    id: Mapped[Id]
    what: Mapped[ListKind] = mapped_column(coded(ListKind))
    name: Mapped[Name]
    sheet: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[Digest]
    size: Mapped[int]
    looked_at: Mapped[int]
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    notes: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    made_at: Mapped[Moment]


class Import(Audited, OwnedByEntity, Base):
    """A workbook whose changes were carried out, with what came of it."""

    __tablename__ = "import_run"
    id: Mapped[Id]
    what: Mapped[ListKind] = mapped_column(coded(ListKind))
    name: Mapped[Name]
    sha256: Mapped[Digest]
    size: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    made_at: Mapped[Moment]
    __table_args__ = (Index("ix_import_run_entity_id_made_at", "entity_id", "made_at"),)

    @property
    def audit_ref(self) -> str:
        """Return `import:ID`."""
        return f"import:{self.id}"
