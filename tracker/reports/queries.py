"""Reads of exports: the list of what left the house, one of them for download, and what an export would hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from .. import clock
from ..alarms.kinds import EXPORT_DAMAGED
from ..alarms.queries import open_objects
from ..assignments.queries import TaskFilter
from ..errors import NotFound
from ..people.access import Viewer, need_sight
from ..register.queries import editions_told
from .cover import counts, total
from .models import Export, ExportEntity
from .rows import Source, numbered
from .wording import filter_words


def export(s: Session, viewer: Viewer, export_id: int) -> Export:
    """Load one export the viewer may see, or raise NotFound."""
    row = s.scalar(select(Export).where(Export.id == export_id, _WHOLE))
    if row is None or not viewer.sees(row.entity_id):
        raise NotFound
    return row


# The session tells of no entity that its viewer may not see: who misses one of a group's counts too few.
_WHOLE = Export.entity_count == 1 + select(func.count()).select_from(ExportEntity).where(ExportEntity.export_id == Export.id).correlate(Export).scalar_subquery()


def entities_of(s: Session, rows: Sequence[Export]) -> dict[int, list[int]]:
    """Return every entity of each of these exports, the first one first: one statement."""
    found = {row.id: [row.entity_id] for row in rows}
    more = select(ExportEntity.export_id, ExportEntity.entity_id).where(ExportEntity.export_id.in_(found)).order_by(ExportEntity.entity_id)
    for export_id, entity_id in s.execute(more):
        found[export_id].append(entity_id)
    return found


def _seen(viewer: Viewer, entity_id: int | None) -> list[ColumnElement[bool]]:
    if entity_id is not None:
        need_sight(viewer, entity_id)
        of_group = select(ExportEntity.export_id).where(ExportEntity.entity_id == entity_id)
        return [or_(Export.entity_id == entity_id, Export.id.in_(of_group)), _WHOLE]
    return [_WHOLE] if viewer.is_operator else [Export.entity_id.in_(list(viewer.roles)), _WHOLE]


def in_sight(s: Session, viewer: Viewer, export_ids: Collection[int]) -> dict[int, Export]:
    """Return those of these exports that the viewer may see, by id."""
    return {row.id: row for row in s.scalars(select(Export).where(Export.id.in_(list(export_ids)), *_seen(viewer, None)))} if export_ids else {}


def damaged(s: Session, rows: Sequence[Export]) -> set[str]:
    """Return the digests of those of these exports about which an alarm stands, whichever export of that content it names."""
    alarmed = [int(thing.partition(":")[2]) for thing in open_objects(s, EXPORT_DAMAGED)]
    return set(s.scalars(select(Export.sha256).where(Export.id.in_(alarmed), Export.sha256.in_([row.sha256 for row in rows])))) if alarmed else set()


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


def foreseen(s: Session, viewer: Viewer, entity_ids: Sequence[int], wanted: TaskFilter) -> Foreseen:
    """Tell what the workbook of one or several entities would hold for a filter, without writing it."""
    for entity_id in entity_ids:
        need_sight(viewer, entity_id)
    sources = [Source(s, viewer, entity_id, replace(wanted, entity_id=entity_id), clock.today()) for entity_id in entity_ids]
    held = [*total(map(counts, sources)), ("证据", sum(map(len, numbered(sources))))]
    return Foreseen(filter_words(s, viewer, sources[0].wanted), sources[0].narrowed, sources[0].of_tasks, held, editions_told(s))
