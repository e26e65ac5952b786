"""Reads of exports: the list of what left the house, one of them for download, and what an export would hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from .. import clock
from ..assignments.queries import TaskFilter
from ..errors import NotFound
from ..people.access import Viewer, need_sight
from ..register.queries import editions_told
from .cover import counts
from .models import Export
from .rows import Source, index_numbers
from .wording import filter_words


def export(s: Session, viewer: Viewer, export_id: int) -> Export:
    """Load one export the viewer may see, or raise NotFound."""
    row = s.scalar(select(Export).where(Export.id == export_id))
    if row is None or not viewer.sees(row.entity_id):
        raise NotFound
    return row


def _seen(viewer: Viewer, entity_id: int | None) -> list[ColumnElement[bool]]:
    if entity_id is not None:
        need_sight(viewer, entity_id)
        return [Export.entity_id == entity_id]
    return [] if viewer.is_operator else [Export.entity_id.in_(list(viewer.roles))]


def exports(s: Session, viewer: Viewer, entity_id: int | None = None, offset: int = 0, limit: int = 50) -> Sequence[Export]:
    """List exports, newest first, of one entity or of all the viewer sees."""
    query = select(Export).where(*_seen(viewer, entity_id)).order_by(Export.made_at.desc(), Export.id.desc())
    return s.scalars(query.offset(offset).limit(limit)).all()


def export_count(s: Session, viewer: Viewer, entity_id: int | None = None) -> int:
    """Count what `exports` lists."""
    return s.scalar(select(func.count()).select_from(Export).where(*_seen(viewer, entity_id))) or 0


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an export would hold: the filter in words, whether there is one, and counts with their labels."""

    filter_words: str
    narrowed: bool
    of_tasks: bool
    counts: list[tuple[str, int]]
    edition: str


def foreseen(s: Session, viewer: Viewer, entity_id: int, wanted: TaskFilter) -> Foreseen:
    """Tell what the workbook of an entity would hold for a filter, without writing it."""
    need_sight(viewer, entity_id)
    source, edition = Source(s, viewer, entity_id, replace(wanted, entity_id=entity_id), clock.today()), editions_told(s)
    held = [*counts(source), ("证据", len(index_numbers(source)))]
    return Foreseen(filter_words(s, viewer, source.wanted), source.narrowed, source.of_tasks, held, edition)
