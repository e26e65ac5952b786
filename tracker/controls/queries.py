"""Reads of controls: one, those of an entity, those of an obligation in all entities in sight."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..people.access import Viewer, need_sight
from .fields import FIELDS
from .models import Control


def control(s: Session, viewer: Viewer, entity_id: int, obligation_id: str) -> Control | None:
    """Load what an entity added to an obligation, or None when nothing yet; NotFound to those who do not see the entity."""
    need_sight(viewer, entity_id)
    return s.scalar(select(Control).where(Control.entity_id == entity_id, Control.obligation_id == obligation_id))


def controls(s: Session, viewer: Viewer, entity_id: int, obligation_ids: Collection[str] | None = None) -> dict[str, Control]:
    """Return what an entity added, by obligation, of some obligations or of all: one statement."""
    need_sight(viewer, entity_id)
    query = select(Control).where(Control.entity_id == entity_id)
    if obligation_ids is not None:
        query = query.where(Control.obligation_id.in_(obligation_ids))
    return {row.obligation_id: row for row in s.scalars(query)}


def controls_on(s: Session, viewer: Viewer, obligation_id: str) -> dict[int, Control]:
    """Return what each entity in sight added to one obligation, by entity: one statement."""
    query = select(Control).where(Control.obligation_id == obligation_id)
    return {row.entity_id: row for row in s.scalars(query) if viewer.sees(row.entity_id)}


def used_values(s: Session, viewer: Viewer, entity_id: int) -> dict[str, list[str]]:
    """List what an entity already wrote in its one-line fields, to be offered again: one statement."""
    need_sight(viewer, entity_id)
    short = [field.name for field in FIELDS if field.most <= 200]
    rows = s.execute(select(*(getattr(Control, name) for name in short)).where(Control.entity_id == entity_id)).all()
    return {name: sorted({str(row[place]) for row in rows if row[place]}) for place, name in enumerate(short)}
