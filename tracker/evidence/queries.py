"""Reads of evidence: the one guarded loader, the library of the entities in sight, the versions of a piece."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from .. import clock
from ..alarms.kinds import EVIDENCE_DAMAGED
from ..alarms.queries import open_objects
from ..audit.queries import told_since
from ..audit.trail import access_chain
from ..db import EVERY_ENTITY
from ..errors import BadInput, NotFound
from ..people.access import Viewer, need_sight
from ..people.models import Entity, Person
from .checks import Kind
from .models import Evidence

ONE_LOOK = timedelta(minutes=10)


def evidence(s: Session, viewer: Viewer, evidence_id: int) -> Evidence:
    """Load one version of a piece of evidence, or raise NotFound when it is not there or not for the viewer."""
    row = s.get(Evidence, evidence_id)
    if row is None:
        raise NotFound
    need_sight(viewer, row.entity_id)
    return row


def previewed_lately(s: Session, viewer: Viewer, row: Evidence) -> bool:
    """Tell whether the access log has a preview of this file by the viewer in the last ten minutes."""
    since = clock.stamp(clock.now() - ONE_LOOK)
    return told_since(s, access_chain(row.entity_id), viewer.actor.id, "evidence.previewed", row.audit_ref, since)


def damaged(s: Session, digests: Collection[str]) -> set[str]:
    """Return those of these contents about which an alarm stands, whichever piece of an entity in sight it names."""
    alarmed = [int(thing.partition(":")[2]) for thing in open_objects(s, EVIDENCE_DAMAGED)]
    return set(s.scalars(select(Evidence.sha256).where(Evidence.id.in_(alarmed), Evidence.sha256.in_(list(digests))))) if alarmed and digests else set()


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """Which evidence: of these entities (none named: all in sight), and what else was asked for; both days inclusive."""

    entity_ids: tuple[int, ...] = ()
    search: str = ""
    kinds: tuple[Kind, ...] = ()
    obtained_from: date | None = None
    obtained_to: date | None = None
    all_versions: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One version of a piece as lists show it."""

    id: int
    entity_id: int
    entity_name: str
    series_id: str
    version_no: int
    name: str
    kind: Kind
    size: int
    sha256: str
    period_from: date | None
    period_to: date | None
    obtained_on: date | None
    valid_until: date | None
    note: str
    uploaded_at: datetime
    uploader: str
    uploader_left: bool
    superseded_by_id: int | None
    retention: str
    kept_from: date | None
    destroyed_at: datetime | None

    @property
    def is_current(self) -> bool:
        """Tell whether no newer version stands in its place."""
        return self.superseded_by_id is None


@dataclass(frozen=True, slots=True)
class Library:
    """A page of rows and how many there are in all."""

    rows: list[EvidenceRow]
    count: int


SORTS: dict[str, ColumnElement[Any]] = {
    "uploaded_at": Evidence.uploaded_at.expression, "name": Evidence.name.expression,
    "obtained_on": Evidence.obtained_on.expression, "period": Evidence.period_from.expression,
    "kind": Evidence.kind.expression, "size": Evidence.size.expression, "entity": Entity.name.expression,
}


def library(
    s: Session, viewer: Viewer, wanted: LibraryFilter, sort: str = "uploaded_at", descending: bool = True,
    offset: int = 0, limit: int | None = 50,
) -> Library:
    """List a page of the evidence in sight: two statements whatever the number; an unknown `sort` means by upload."""
    conditions = _conditions(viewer, wanted)
    count = s.scalar(select(func.count(Evidence.id)).where(*conditions)) or 0
    column = SORTS.get(sort, SORTS["uploaded_at"])
    order = (column.desc().nulls_last(), Evidence.id.desc()) if descending else (column.asc().nulls_last(), Evidence.id)
    return Library(_rows(s, _listed().where(*conditions).order_by(*order).offset(offset).limit(limit)), count)


def _conditions(viewer: Viewer, wanted: LibraryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if viewer.entities != EVERY_ENTITY:
        conditions.append(Evidence.entity_id.in_(list(viewer.entities)))
    if wanted.entity_ids:
        conditions.append(Evidence.entity_id.in_(wanted.entity_ids))
    if wanted.search.strip():
        conditions.append(Evidence.name.icontains(wanted.search.strip(), autoescape=True))
    if wanted.kinds:
        conditions.append(Evidence.kind.in_(wanted.kinds))
    if wanted.obtained_from:
        conditions.append(Evidence.obtained_on >= wanted.obtained_from)
    if wanted.obtained_to:
        conditions.append(Evidence.obtained_on <= wanted.obtained_to)
    if not wanted.all_versions:
        conditions.append(Evidence.superseded_by_id.is_(None))
    return conditions


def _listed() -> Select[Evidence, str, str, bool]:
    return (
        select(Evidence, Entity.short_name, Person.name, Person.active)
        .join(Entity, Entity.id == Evidence.entity_id)
        .outerjoin(Person, Person.id == Evidence.uploaded_by)
    )


def _rows(s: Session, query: Select[Evidence, str, str, bool]) -> list[EvidenceRow]:
    return [_row(found) for found in s.execute(query)]


def _row(found: Row[Evidence, str, str, bool]) -> EvidenceRow:
    piece, entity_name, uploader, active = found
    return EvidenceRow(
        piece.id, piece.entity_id, entity_name, piece.series_id, piece.version_no, piece.name, piece.kind, piece.size,
        piece.sha256, piece.period_from, piece.period_to, piece.obtained_on, piece.valid_until, piece.note, piece.uploaded_at,
        uploader or "", active is False, piece.superseded_by_id, piece.retention, piece.kept_from, piece.destroyed_at,
    )


def versions(s: Session, viewer: Viewer, evidence_id: int) -> list[EvidenceRow]:
    """List every version of the piece that this one belongs to, newest first."""
    piece = evidence(s, viewer, evidence_id)
    return _rows(s, _listed().where(Evidence.series_id == piece.series_id).order_by(Evidence.version_no.desc()))


def evidence_rows(s: Session, viewer: Viewer, evidence_ids: Collection[int]) -> dict[int, EvidenceRow]:
    """Return those of these pieces that are in sight, by id: one statement."""
    query = _listed().where(Evidence.id.in_(list(evidence_ids)))
    return {row.id: row for row in _rows(s, query) if viewer.sees(row.entity_id)} if evidence_ids else {}


def with_contents(s: Session, viewer: Viewer, digests: Collection[str]) -> list[EvidenceRow]:
    """List every version of a piece in sight that has one of these contents, destroyed ones left out: one statement."""
    query = _listed().where(Evidence.sha256.in_(list(digests)), Evidence.destroyed_at.is_(None)).order_by(Evidence.id)
    return [row for row in _rows(s, query) if viewer.sees(row.entity_id)] if digests else []


def newest_of(s: Session, viewer: Viewer, series: Collection[str]) -> dict[str, int]:
    """Return the number of the newest version of each of these pieces that are in sight: one statement."""
    query = select(Evidence.series_id, func.max(Evidence.version_no)).where(Evidence.series_id.in_(list(series)), *_conditions(viewer, LibraryFilter(all_versions=True)))
    return {row[0]: row[1] for row in s.execute(query.group_by(Evidence.series_id))}


def to_cite(s: Session, viewer: Viewer, entity_id: int, evidence_ids: Collection[int]) -> Sequence[Evidence]:
    """Load current pieces of one entity in order to cite them; BadInput when one is gone, superseded or of another entity."""
    need_sight(viewer, entity_id)
    wanted = set(evidence_ids)
    if not wanted:
        return []
    these = select(Evidence).where(Evidence.entity_id == entity_id, Evidence.id.in_(wanted)).order_by(Evidence.id)
    # Nobody may destroy or supersede one between this look and the end of the citing.
    rows = s.scalars(these.with_for_update(read=True)).all()
    if len(rows) != len(wanted):
        raise BadInput.at("evidence", "所选证据中有不属于本主体或已不存在的文件。请刷新后重新选择。")
    gone = next((row for row in rows if row.destroyed_at), None)
    if gone is not None:
        raise BadInput.at("evidence", f"“{gone.name}”的第 {gone.version_no} 版已到期销毁，不能再引用。")
    old = next((row for row in rows if not row.is_current), None)
    if old is not None:
        raise BadInput.at("evidence", f"“{old.name}”的第 {old.version_no} 版已有更新的版本。请刷新后选择最新版本。")
    return rows
