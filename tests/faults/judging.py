"""What must hold after the worst: a sound trail, every row covered, every file whole, nothing half, nobody's lock left."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker import schema
from tracker.audit.models import AuditEvent
from tracker.audit.queries import faults
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Audited, Base, Database
from tracker.evidence.models import Evidence
from tracker.journal.models import RowVersion
from tracker.reports.jobs.models import ExportJob
from tracker.reports.models import Export
from tracker.words import JobState

Sizes = dict[str, int]


def wrongs(config: Config, clean: bool = False, deep: bool = True) -> list[str]:
    """List everything that does not hold, with all processes gone; `clean`: nothing may lie about unfinished either.

    `deep` reads the trail, the journal and every row; without it, only the shape of the database and the files.
    """
    database = Database(config.url)
    try:
        with database.engine.connect() as connection:
            broken = [] if not database.is_sqlite else [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check")]
        # Nobody is in the way: a lock that was left would make this wait and fail.
        with database.writing():
            pass
        with database.reading(EVERY_ENTITY) as s:
            found = _unfiled(s, config) + _unfinished(s)
            if deep:
                found += [*(f"trail: {fault}" for fault in faults(s)), *_uncovered(s)]
    finally:
        database.close()
    return [*(one for one in broken if one != "ok"), *found, *_half(config, clean)]


def sizes(config: Config) -> Sizes:
    """Count the rows of every table: each change adds at least a version of a row to the journal, and an event."""
    database = Database(config.url)
    try:
        with database.engine.connect() as connection:
            return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in schema.METADATA.sorted_tables}
    finally:
        database.close()


def _uncovered(s: Session) -> list[str]:
    told = set(s.scalars(select(AuditEvent.object).distinct()))
    found = []
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, Audited):
            found += [f"{row.audit_ref}: no event" for row in s.scalars(select(mapper.class_)) if row.audit_ref not in told]
            found += _unjournalled(s, mapper.local_table.name, mapper.class_)
    return found


def _unjournalled(s: Session, table: str, kind: type[Base]) -> list[str]:
    newest = select(func.max(RowVersion.id)).where(RowVersion.table_name == table).group_by(RowVersion.row_key)
    kept = s.scalar(select(func.count()).select_from(RowVersion).where(RowVersion.id.in_(newest), RowVersion.content.is_not(None)))
    there = s.scalar(select(func.count()).select_from(kind))
    return [] if kept == there else [f"{table}: {there} rows, {kept} in the journal"]


def _unfiled(s: Session, config: Config) -> list[str]:
    found = []
    for kind, folder, action in ((Evidence, config.store, "evidence."), (Export, config.exports, "report.built")):
        for row in s.scalars(select(kind)):
            path = folder / row.sha256[:2] / row.sha256[2:4] / row.sha256
            if not path.exists():
                found.append(f"{row.audit_ref}: no file")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
                found.append(f"{row.audit_ref}: another content")
            if not s.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.object == row.audit_ref, AuditEvent.action.startswith(action))):
                found.append(f"{row.audit_ref}: no event of its making")
    return found


def _unfinished(s: Session) -> list[str]:
    """Every finished job has its export and the other way round; the first state has one export that no job made."""
    done = [row.export_id for row in s.scalars(select(ExportJob)) if row.state == JobState.DONE]
    there = set(s.scalars(select(Export.id)))
    return [f"job: export {one} is missing" for one in done if one not in there]


def _half(config: Config, clean: bool) -> list[str]:
    found = []
    for folder in (config.store, config.exports):
        for path in (one for one in folder.rglob("*") if one.is_file()):
            if path.parent == folder / "tmp":
                found += [f"{path} was left"] if clean else []
            elif path != folder / path.name[:2] / path.name[2:4] / path.name or hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                found.append(f"{path} is half a file")
    return found


def free(folder: Path) -> int:
    """Return how many bytes are free where a folder lies."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize
