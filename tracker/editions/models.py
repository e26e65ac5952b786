"""Table of register files that somebody has looked at and not yet put in force."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Code, Digest, Id, Moment


class Draft(Base):
    """A register file between its preview and its loading; it is nobody's history and goes when it is loaded or replaced.

    `based_on` is the edition in force when it was looked at, None for a register that is new.
    """

    __tablename__ = "edition_draft"
    id: Mapped[Id]
    register_key: Mapped[Code]
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[Digest]
    source: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    based_on: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    restores_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    made_at: Mapped[Moment]
