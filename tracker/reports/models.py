"""Table of exports: every workbook and package that left the house, with its filter, its moment and its digest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Audited, Base, Digest, Id, Moment, Name, OwnedByEntity

PACKAGE_ENDS = ".zip"


class Export(Audited, OwnedByEntity, Base):
    """One exported workbook or package; its bytes lie in the export store under the digest.

    `as_of` is the moment that it shows, `since` the one with which it is compared; of a group, `entity_id` is the first of
    `entity_count`: it is only for those who see them all.
    """

    __tablename__ = "export"
    id: Mapped[Id]
    file_name: Mapped[Name]
    sha256: Mapped[Digest]
    size: Mapped[int] = mapped_column(BigInteger)
    filter_words: Mapped[str] = mapped_column(Text)
    edition: Mapped[str] = mapped_column(Text)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    as_of: Mapped[Moment]
    since: Mapped[Moment | None]
    entity_count: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[Moment]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    __table_args__ = (Index("ix_export_entity_id_as_of", "entity_id", "as_of"),)

    @property
    def is_package(self) -> bool:
        """Tell whether it is an audit package; the name is always ours."""
        return self.file_name.endswith(PACKAGE_ENDS)

    @property
    def audit_ref(self) -> str:
        """Return `report:ID`."""
        return f"report:{self.id}"


class ExportEntity(Audited, OwnedByEntity, Base):
    """One more entity of which an export of a group tells."""

    __tablename__ = "export_entity"
    export_id: Mapped[int] = mapped_column(ForeignKey("export.id", ondelete="RESTRICT"), primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"), primary_key=True, index=True)

    @property
    def audit_ref(self) -> str:
        """Return `report:ID`, as the export itself."""
        return f"report:{self.export_id}"
