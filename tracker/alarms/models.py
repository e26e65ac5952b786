"""Table of alarms."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Code, Id, Moment

OPEN = text("settled_at IS NULL")


class Alarm(Base):
    """Something that is wrong with a thing since `raised_at`; of no entity when it concerns the whole system.

    There is at most one open alarm of a kind for a thing. What is raised and settled has events of its own.
    """

    __tablename__ = "alarm"
    id: Mapped[Id]
    kind: Mapped[Code]
    object: Mapped[Code]
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"))
    sentence: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[Moment]
    settled_at: Mapped[Moment | None]
    __table_args__ = (Index("ix_alarm_open", "kind", "object", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),)
