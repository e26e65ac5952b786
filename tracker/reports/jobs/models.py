"""Table of what was asked to be exported; what came of it is an `export`, what happened to it stands in the trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, Id, Moment, OwnedByEntity, coded
from ...words import ExportKind, JobState


class ExportJob(OwnedByEntity, Base):
    """One export that was asked for; `entity_id` is the first of the entities in `asked` (see `asking.Asked`).

    `done` of `total` is how far its worker is in `stage`, `seconds_left` how long that will take as far as one can tell.
    Progress is nobody's history: no version of this row is kept, and what people do to it has events of its own.
    """

    __tablename__ = "export_job"
    id: Mapped[Id]
    kind: Mapped[ExportKind] = mapped_column(coded(ExportKind))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    filter_words: Mapped[str] = mapped_column(Text)
    as_of: Mapped[Moment | None]
    state: Mapped[JobState] = mapped_column(coded(JobState))
    stage: Mapped[str] = mapped_column(String(100), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    seconds_left: Mapped[int | None]
    requested_by: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    requested_at: Mapped[Moment]
    started_at: Mapped[Moment | None]
    heartbeat_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    worker: Mapped[str] = mapped_column(String(64), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    export_id: Mapped[int | None] = mapped_column(ForeignKey("export.id", ondelete="RESTRICT"))
    __table_args__ = (Index("ix_export_job_state", "state"), Index("ix_export_job_entity_id_requested_at", "entity_id", "requested_at"))

    @property
    def audit_ref(self) -> str:
        """Return `job:ID`, under which the trail tells of it."""
        return f"job:{self.id}"

    @property
    def entities(self) -> list[int]:
        """Return every entity whose work it shows."""
        return [int(one) for one in self.asked["entities"]]
