"""Tables of standing assignments, their tasks, what was handed in, and what was decided on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Audited, Base, Code, Digest, Id, Moment, OwnedByEntity, coded
from ..evidence.models import Evidence
from ..people.models import Entity, Person
from ..register.models import Obligation
from ..words import Cadence, Outcome, TaskState
from .workflow import is_outdated


class Assignment(Audited, OwnedByEntity, Base):
    """A standing duty: who sees to an obligation in an entity, who reviews, how often; one active per obligation.

    `next_n` numbers the next task of all; `planned` counts due dates of the present rhythm that were passed or made.
    """

    __tablename__ = "assignment"
    id: Mapped[Id]
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT", onupdate="CASCADE"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    department: Mapped[str] = mapped_column(String(100), default="")
    cadence: Mapped[Cadence] = mapped_column(coded(Cadence))
    review_every: Mapped[Cadence | None] = mapped_column(coded(Cadence, "review_every"))
    first_due: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    next_n: Mapped[int] = mapped_column(default=0)
    planned: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column()
    obligation: Mapped[Obligation] = relationship()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint("owner_id <> reviewer_id", name="four_eyes"),
        CheckConstraint("cadence = 'event' OR first_due IS NOT NULL", name="dated"),
        Index("uq_assignment_active", "entity_id", "obligation_id", unique=True, sqlite_where=text("active"), postgresql_where=text("active")),
    )

    @property
    def audit_ref(self) -> str:
        """Return `assignment:ID`."""
        return f"assignment:{self.id}"


class Task(Audited, OwnedByEntity, Base):
    """One due date of an assignment; `intended_on` never moves, `due_on` may be put off with a reason.

    `accepted_digest` names the obligation's text that the acceptance, or a later confirmation of it, stands on: a done
    task whose obligation says something else by now is 待重新确认.
    """

    __tablename__ = "task"
    id: Mapped[Id]
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="RESTRICT"))
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT", onupdate="CASCADE"), index=True)
    n: Mapped[int]
    intended_on: Mapped[date]
    due_on: Mapped[date]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    department: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[TaskState] = mapped_column(coded(TaskState), default=TaskState.NOT_STARTED)
    occasion: Mapped[str] = mapped_column(String(200), default="")
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    accepted_digest: Mapped[Digest | None]
    created_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column()
    assignment: Mapped[Assignment] = relationship()
    obligation: Mapped[Obligation] = relationship()
    entity: Mapped[Entity] = relationship()
    owner: Mapped[Person] = relationship(foreign_keys=[owner_id])
    reviewer: Mapped[Person] = relationship(foreign_keys=[reviewer_id])
    cited: Mapped[list[TaskEvidence]] = relationship(cascade="all, delete-orphan", order_by="TaskEvidence.added_at, TaskEvidence.evidence_id")
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint("assignment_id", "n"),
        CheckConstraint("owner_id <> reviewer_id", name="four_eyes"),
        CheckConstraint("period_from IS NULL OR period_to IS NULL OR period_from <= period_to", name="period"),
        Index("ix_task_entity_id_due_on", "entity_id", "due_on"),
        # Lists by state, and the counts of every state, read this index alone.
        Index("ix_task_entity_id_state_due_on_obligation_id", "entity_id", "state", "due_on", "obligation_id"),
        Index("ix_task_owner_id_state", "owner_id", "state", "due_on"),
        Index("ix_task_reviewer_id_state", "reviewer_id", "state", "due_on"),
    )

    @property
    def audit_ref(self) -> str:
        """Return `task:ID`."""
        return f"task:{self.id}"

    @property
    def outdated(self) -> bool:
        """Tell whether its acceptance stands on an earlier text of the obligation."""
        return is_outdated(self.state, self.accepted_digest, self.obligation.digest)


class TaskEvidence(Audited, OwnedByEntity, Base):
    """One piece of evidence cited by a task."""

    __tablename__ = "task_evidence"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="RESTRICT"), primary_key=True, index=True)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    added_at: Mapped[Moment]
    evidence: Mapped[Evidence] = relationship()

    @property
    def audit_ref(self) -> str:
        """Return the task's reference: citing changes the task."""
        return f"task:{self.task_id}"


class Submission(Audited, OwnedByEntity, Base):
    """What an owner handed in, exactly, and what the reviewer decided; at most one per task is undecided.

    `pinned` lists what was handed in: evidence id, version, name and SHA-256 of each piece.
    `obligation_digest` names the obligation's text at the last step: handing in, then the decision; the editions are those of
    its register that were in force at both, not known of what is older than these columns.
    """

    __tablename__ = "submission"
    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), index=True)
    n: Mapped[int]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    submitted_at: Mapped[Moment]
    note: Mapped[str] = mapped_column(Text, default="")
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    pinned: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    obligation_digest: Mapped[Digest]
    recalled_at: Mapped[Moment | None]
    outcome: Mapped[Outcome | None] = mapped_column(coded(Outcome))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[Moment | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    submitted_edition: Mapped[str | None] = mapped_column(String(32))
    decided_edition: Mapped[str | None] = mapped_column(String(32))
    __table_args__ = (
        UniqueConstraint("task_id", "n"),
        CheckConstraint("decided_by IS NULL OR submitted_by IS NULL OR decided_by <> submitted_by", name="four_eyes"),
        Index(
            "uq_submission_open", "task_id", unique=True,
            sqlite_where=text("outcome IS NULL AND recalled_at IS NULL"), postgresql_where=text("outcome IS NULL AND recalled_at IS NULL"),
        ),
    )

    @property
    def audit_ref(self) -> str:
        """Return the task's reference: a submission is part of its task's history."""
        return f"task:{self.task_id}"


class Reconfirmation(Audited, OwnedByEntity, Base):
    """A reviewer's word that an acceptance still stands after the obligation's text changed; the submission stays as it was."""

    __tablename__ = "reconfirmation"
    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"), index=True)
    old_digest: Mapped[Digest]
    new_digest: Mapped[Digest]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    decided_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(Text, default="")
    edition: Mapped[str | None] = mapped_column(String(32))

    @property
    def audit_ref(self) -> str:
        """Return the task's reference: confirming again is part of its history."""
        return f"task:{self.task_id}"
