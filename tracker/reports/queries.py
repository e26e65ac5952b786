"""Reads of exports: the list of what left the house, and one of them for download."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..people.access import Viewer, need_sight
from .models import Export


def export(s: Session, viewer: Viewer, export_id: int) -> Export:
    """Load one export the viewer may see, or raise NotFound."""
    row = s.scalar(select(Export).where(Export.id == export_id))
    if row is None or not viewer.sees(row.entity_id):
        raise NotFound
    return row


def exports(s: Session, viewer: Viewer, entity_id: int | None = None, offset: int = 0, limit: int = 50) -> tuple[Sequence[Export], int]:
    """List exports, newest first, of one entity or of all the viewer sees, with the number of all."""
    if entity_id is not None:
        need_sight(viewer, entity_id)
    seen = Export.entity_id == entity_id if entity_id is not None else Export.entity_id.in_(list(viewer.roles))
    rows = s.scalars(select(Export).where(seen).order_by(Export.as_of.desc(), Export.id.desc()).offset(offset).limit(limit)).all()
    return rows, s.scalar(select(func.count()).select_from(Export).where(seen)) or 0
