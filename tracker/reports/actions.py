"""Verbs of reports: write an entity's audit workbook or package from one snapshot, then keep it with its event."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from .. import clock
from ..assignments.queries import TaskFilter
from ..audit import trail
from ..errors import BadInput, NotFound
from ..evidence.store import Store, Stored
from ..people.access import Viewer, need_sight
from ..people.models import Entity
from ..people.queries import entity
from ..register.queries import editions_told
from ..workbook.book import write_book
from .layout import audit_book
from .models import PACKAGE_ENDS, Export
from .package.packing import evidence_files, pack
from .rows import Source, index_numbers
from .wording import filter_words

LARGEST = 1024**4


@dataclass(frozen=True, slots=True)
class Written:
    """A workbook or package that lies in the export store and waits for its row."""

    stored: Stored
    entity_id: int
    as_of: datetime
    counts: Mapping[str, int]
    filter_words: str
    edition: str


def export_store(folder: Path) -> Store:
    """Return the store of exports: same order of writing as for evidence, same digest as name."""
    return Store(folder, LARGEST, made_here=True)


def write(s: Session, viewer: Viewer, entity_id: int, wanted: TaskFilter, store: Store, *, evidence: Store | None = None) -> Written:
    """Write the workbook of one entity for a filter into the store, or the audit package where `evidence` lies; reads only, from the snapshot of `s`.

    It is as of the moment at which the clock stands: for a past one, `s` reads what stood then (see `asof.looking`).
    The same moment and viewer give the same bytes. Everybody with a role in the entity may export; others get NotFound.
    """
    row, as_of = _entity_then(s, viewer, entity_id), clock.now()
    wanted = replace(wanted, entity_id=entity_id)
    source = Source(s, viewer, entity_id, wanted, clock.today())
    moment = f"{clock.local(as_of):%Y%m%d_%H%M%S}"
    name = f"{row.short_name}_合规义务审计报告_{moment}.xlsx"
    store.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=store.root) as file:
        if evidence is None:
            counts = write_book(audit_book(source, row, as_of), file)
        else:
            files = evidence_files(source, index_numbers(source))
            counts = pack(source, audit_book(source, row, as_of, files), files, evidence, name, file)
            name = f"{row.short_name}_合规义务审计包_{moment}{PACKAGE_ENDS}"
        file.seek(0)
        stored = store.put(file, name)
    edition = editions_told(s)
    return Written(stored, entity_id, as_of, counts, filter_words(s, viewer, wanted), edition)


def _entity_then(s: Session, viewer: Viewer, entity_id: int) -> Entity:
    need_sight(viewer, entity_id)
    try:
        return entity(s, viewer, entity_id)
    except NotFound:
        raise BadInput.at("as_of", f"截至 {clock.local(clock.now()):%Y-%m-%d %H:%M:%S}（北京时间），系统中还没有这个主体。请改填更晚的时间。") from None


def keep(s: Session, viewer: Viewer, written: Written) -> Export:
    """Keep a written workbook or package for download, with its event."""
    need_sight(viewer, written.entity_id)
    row = Export(
        entity_id=written.entity_id, file_name=written.stored.name, sha256=written.stored.sha256, size=written.stored.size,
        filter_words=written.filter_words, edition=written.edition, counts=dict(written.counts), as_of=written.as_of,
        made_at=clock.now(), made_by=viewer.person_id,
    )
    s.add(row)
    s.flush()
    trail.record(
        s, viewer.actor, "report.built", row.audit_ref, entity_id=row.entity_id,
        after={"sha256": row.sha256, "size": row.size, "as_of": clock.stamp(row.as_of), "edition": row.edition, "filter": row.filter_words, "rows": sum(written.counts.values())},
        personal={"file_name": row.file_name},
    )
    return row
