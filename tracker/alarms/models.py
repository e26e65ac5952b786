"""Table of alarms."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Code, Id, Moment

OPEN, OF_NONE = text("settled_at IS NULL"), text("settled_at IS NULL AND entity_id IS NULL")


class Alarm(Base):
    """Something that is wrong with a thing since `raised_at`; of no entity when it concerns the whole system.

    There is at most one open alarm of a kind for a thing in each entity. What is raised and settled has events of its own.
    """

    __tablename__ = "alarm"
    id: Mapped[Id]
    kind: Mapped[Code]
    object: Mapped[Code]
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"))
    sentence: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[Moment]
    settled_at: Mapped[Moment | None]
    __table_args__ = (
        Index("ix_alarm_open", "kind", "object", "entity_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        # To the other index no two rows without an entity are alike.
        Index("ix_alarm_open_system", "kind", "object", unique=True, sqlite_where=OF_NONE, postgresql_where=OF_NONE),
    )
