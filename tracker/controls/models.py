"""Table of controls: what an entity adds to one obligation for its own management."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Audited, Base, Code, Id, OwnedByEntity, coded
from ..words import Severity
from .fields import BY_NAME, FIELDS, LEVEL


def _line(name: str) -> Mapped[str]:
    return mapped_column(String(BY_NAME[name].most), default="")


def _text() -> Mapped[str]:
    return mapped_column(Text, default="")


class Control(Audited, OwnedByEntity, Base):
    """An entity's own words on one obligation, for the three lists; an empty field is not filled in."""

    __tablename__ = "control"
    id: Mapped[Id]
    obligation_id: Mapped[Code] = mapped_column(ForeignKey("obligation.id", ondelete="RESTRICT", onupdate="CASCADE"), index=True)
    business: Mapped[str] = _line("business")
    sub_business: Mapped[str] = _line("sub_business")
    lead_department: Mapped[str] = _line("lead_department")
    support_departments: Mapped[str] = _line("support_departments")
    bottom_line: Mapped[str] = _text()
    risk_no: Mapped[str] = _line("risk_no")
    risk_level: Mapped[Severity | None] = mapped_column(coded(Severity))
    measure: Mapped[str] = _text()
    post_name: Mapped[str] = _line("post_name")
    post_duty: Mapped[str] = _text()
    policy: Mapped[str] = _line("policy")
    main_process: Mapped[str] = _line("main_process")
    sub_process: Mapped[str] = _line("sub_process")
    process_no: Mapped[str] = _line("process_no")
    review_points: Mapped[str] = _text()
    supervision: Mapped[str] = _text()
    remark: Mapped[str] = _text()
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (UniqueConstraint("entity_id", "obligation_id"),)

    @property
    def audit_ref(self) -> str:
        """Return `control:ENTITY:OBLIGATION`, which is known before the row has an id."""
        return f"control:{self.entity_id}:{self.obligation_id}"

    @property
    def values(self) -> dict[str, str]:
        """Return what is filled in by field code; the level as its code, nothing as an empty text."""
        return {field.name: str(getattr(self, field.name) or "") for field in FIELDS}

    def put(self, changes: dict[str, str]) -> None:
        """Set fields to what `fields.checked` returned."""
        for name, value in changes.items():
            setattr(self, name, (Severity(value) if value else None) if name == LEVEL else value)
