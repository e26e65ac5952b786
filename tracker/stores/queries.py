"""Reads of what the stores must hold: every content that a row names, and who names it. The session must see every entity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from ..alarms.kinds import EVIDENCE_DAMAGED, EXPORT_DAMAGED
from ..evidence.models import Evidence
from ..reports.models import Export, ExportEntity

# The name of a store is that of its folder in the data folder.
NAMED_BY: dict[str, type[Evidence] | type[Export]] = {"evidence": Evidence, "exports": Export}
ALARMS = {"evidence": EVIDENCE_DAMAGED, "exports": EXPORT_DAMAGED}
# What a row names and nobody needs to keep any more: evidence whose time was over and that two people destroyed.
_NEEDED: dict[str, ColumnElement[bool]] = {"evidence": Evidence.destroyed_at.is_(None), "exports": true()}
REFERENCES = {"evidence": "evidence", "exports": "report"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that a store must hold, with its size in bytes."""

    sha256: str
    size: int


def contents(s: Session, store: str, after: str = "", limit: int = 100) -> list[Kept]:
    """List the next contents of a store behind a digest, in the order of the digests."""
    model = NAMED_BY[store]
    wanted = select(model.sha256, func.max(model.size)).where(model.sha256 > after, _NEEDED[store]).group_by(model.sha256).order_by(model.sha256).limit(limit)
    return [Kept(sha256, size) for sha256, size in s.execute(wanted)]


def content(s: Session, store: str, sha256: str) -> Kept | None:
    """Return one content when a row of the store names it."""
    size = s.scalar(select(func.max(NAMED_BY[store].size)).where(NAMED_BY[store].sha256 == sha256, _NEEDED[store]))
    return None if size is None else Kept(sha256, size)


def total(s: Session, store: str) -> int:
    """Return how many bytes a store must hold."""
    model = NAMED_BY[store]
    each = select(func.max(model.size).label("size")).where(_NEEDED[store]).group_by(model.sha256).subquery()
    return int(s.scalar(select(func.sum(each.c.size))) or 0)


def named(s: Session, store: str, digests: Collection[str]) -> set[str]:
    """Return those of these digests that a row names."""
    model = NAMED_BY[store]
    return set(s.scalars(select(model.sha256).where(model.sha256.in_(digests), _NEEDED[store]))) if digests else set()


def pieces(s: Session, store: str, sha256: str) -> list[tuple[str, int]]:
    """List file name and entity of every row that names a content, oldest first; of a group's export its first entity."""
    model = NAMED_BY[store]
    name = Export.file_name if model is Export else Evidence.name
    return [(str(called), entity_id) for called, entity_id in s.execute(select(name, model.entity_id).where(model.sha256 == sha256, _NEEDED[store]).order_by(model.id))]


def holders(s: Session, store: str, sha256: str) -> list[tuple[str, int]]:
    """List (object, entity) of the first row of each entity that names a content, `evidence:7` or `report:3`; of a group's export every entity."""
    model = NAMED_BY[store]
    rows = list(s.execute(select(model.entity_id, model.id).where(model.sha256 == sha256, _NEEDED[store])))
    if model is Export:
        more = select(ExportEntity.entity_id, ExportEntity.export_id).join(Export, Export.id == ExportEntity.export_id)
        rows += s.execute(more.where(Export.sha256 == sha256))
    first = {entity_id: min(row_id for of, row_id in rows if of == entity_id) for entity_id in {of for of, _row_id in rows}}
    return [(f"{REFERENCES[store]}:{first[entity_id]}", entity_id) for entity_id in sorted(first)]
