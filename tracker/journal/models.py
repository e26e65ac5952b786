"""Table of the journal: one row per version of a row."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class RowVersion(Base):
    """What one row was from `at` on, until its next version; no `content` means that it was gone.

    Ids and moments rise together: whoever writes a later version has seen the earlier ones.
    """

    __tablename__ = "row_version"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    at: Mapped[str] = mapped_column(String(32))
    table_name: Mapped[str] = mapped_column(String(64))
    row_key: Mapped[str] = mapped_column(String(300))
    content: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_row_version_table_name_row_key_id", "table_name", "row_key", "id"),)
