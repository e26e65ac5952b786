"""Verbs of reports: write an entity's audit workbook or package from one snapshot, then keep it with its event; and the record of who was given it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from .. import clock
from ..assignments.queries import TaskFilter
from ..audit import trail
from ..audit.heads.signing import Signer
from ..audit.queries import chain_heads
from ..errors import BadInput, NotFound
from ..evidence.store import Store, Stored
from ..people.access import Viewer, need_sight
from ..people.queries import called, entity
from ..progress import Told, silent
from ..register.queries import editions_told
from ..workbook.book import write_book
from .cover import owner
from .layout import Rows, audit_book
from .lists.differences import COMPARED, Comparison
from .models import PACKAGE_ENDS, Export, ExportEntity
from .package.packing import evidence_files, pack
from .proving.page import NOT_SEALED, unsealed
from .proving.trail import chains
from .queries import entities_of, export
from .rows import Source
from .wording import filter_words

LARGEST = 1024**4


@dataclass(frozen=True, slots=True)
class Written:
    """A workbook or package that lies in the export store and waits for its row."""

    stored: Stored
    entity_ids: tuple[int, ...]
    as_of: datetime
    since: datetime | None
    counts: Mapping[str, int]
    filter_words: str
    edition: str
    # The chains whose heads stand on it unsigned.
    unsigned: tuple[str, ...] = ()


def export_store(folder: Path) -> Store:
    """Return the store of exports: same order of writing as for evidence, same digest as name."""
    return Store(folder, LARGEST, made_here=True)


def write(
    s: Session, viewer: Viewer, entity_ids: Sequence[int], wanted: TaskFilter, store: Store, *,
    evidence: Store | None = None, compared: Comparison | None = None, signer: Signer | None = None, told: Told = silent,
) -> Written:
    """Write the workbook of one or several entities for a filter into the store, or the audit package where `evidence` lies; reads only, from the snapshot of `s`.

    It is as of the moment at which the clock stands: for a past one, `s` reads what stood then (see `asof.looking`).
    The same moment and viewer give the same bytes. Everybody with a role in all of the entities may export; others get NotFound.
    `signer` signs the heads of the trail and the sheets, each in a unit of work of its own; without one they stand unsigned.
    `compared` holds the rows of an earlier moment (see `remember`); `told` hears of the rows, and may raise to stop: then nothing is left behind.
    """
    entity_ids = tuple(dict.fromkeys(entity_ids))
    if not entity_ids:
        raise BadInput.at("entities", "没有选择主体。请至少选择一个要导出的主体。")
    sources, as_of = _sources(s, viewer, entity_ids, wanted), clock.now()
    sealed = signer.sealed(s, chain_heads(s, chains(sources))) if signer else NOT_SEALED
    sealing = partial(signer.sealed_sheets, sealed, chains(sources)) if signer else unsealed
    moment, whose = f"{clock.local(as_of):%Y%m%d_%H%M%S}", owner(sources, short=True)
    name = f"{whose}_合规义务审计报告_{moment}.xlsx"
    store.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=store.root) as file:
        if evidence is None:
            counts = write_book(audit_book(sources, as_of, None, compared, sealed, sealing), file, told)
        else:
            files = evidence_files(sources)
            counts = pack(sources, audit_book(sources, as_of, files, compared, sealed, sealing), files, evidence, name, file, told)
            name = f"{whose}_合规义务审计包_{moment}{PACKAGE_ENDS}"
        file.seek(0)
        stored = store.put(file, name)
    unsigned = tuple(chain for chain in chains(sources) if chain not in sealed.heads)
    return Written(stored, entity_ids, as_of, compared.since if compared else None, counts, filter_words(s, viewer, sources[0].wanted), editions_told(s), unsigned)


def remember(s: Session, viewer: Viewer, entity_ids: Sequence[int], names: Mapping[int, str], wanted: TaskFilter) -> Comparison:
    """Keep the rows of the moment at which the clock stands, to be compared with later ones; `names` of several entities, as they are called later.

    An entity that was not there yet has no rows. Raises NotFound for one the viewer may not see.
    """
    known, compared = called(s, viewer, entity_ids), Comparison(clock.now())
    with ExitStack() as stack:
        stack.enter_context(compared)
        if there := [entity_id for entity_id in dict.fromkeys(entity_ids) if entity_id in known]:
            told = Rows(_sources(s, viewer, there, wanted), names)
            for title in COMPARED:
                compared.remember(title, told.columns(title), told.rows(title))
        # Whoever asked for it closes it; only what went wrong closes it here.
        stack.pop_all()
    return compared


def _sources(s: Session, viewer: Viewer, entity_ids: Sequence[int], wanted: TaskFilter) -> list[Source]:
    for entity_id in entity_ids:
        _check_there(s, viewer, entity_id)
    return [Source(s, viewer, entity_id, replace(wanted, entity_id=entity_id), clock.today()) for entity_id in entity_ids]


def _check_there(s: Session, viewer: Viewer, entity_id: int) -> None:
    need_sight(viewer, entity_id)
    try:
        entity(s, viewer, entity_id)
    except NotFound:
        raise BadInput.at("as_of", f"截至 {clock.local(clock.now()):%Y-%m-%d %H:%M:%S}（北京时间），系统中还没有这个主体。请改填更晚的时间。") from None


def keep(s: Session, viewer: Viewer, written: Written) -> Export:
    """Keep a written workbook or package for download, with an event in the trail of each of its entities."""
    for entity_id in written.entity_ids:
        need_sight(viewer, entity_id)
    first, *others = written.entity_ids
    row = Export(
        entity_id=first, entity_count=len(written.entity_ids), file_name=written.stored.name, sha256=written.stored.sha256, size=written.stored.size,
        filter_words=written.filter_words, edition=written.edition, counts=dict(written.counts), as_of=written.as_of, since=written.since,
        made_at=clock.now(), made_by=viewer.person_id,
    )
    s.add(row)
    s.flush()
    s.add_all(ExportEntity(export_id=row.id, entity_id=entity_id) for entity_id in others)
    since = {"since": clock.stamp(row.since)} if row.since else {}
    for entity_id in written.entity_ids:
        trail.record(
            s, viewer.actor, "report.built", row.audit_ref, entity_id=entity_id,
            after={
                "sha256": row.sha256, "size": row.size, "as_of": clock.stamp(row.as_of), "edition": row.edition, "filter": row.filter_words,
                "rows": sum(written.counts.values()), **since,
            },
            personal={"file_name": row.file_name},
        )
    return row


def note_download(s: Session, viewer: Viewer, export_id: int) -> None:
    """Record in the access log of each of its entities that the viewer is about to get a workbook or package."""
    row = export(s, viewer, export_id)
    for entity_id in entities_of(s, [row])[row.id]:
        trail.record(s, viewer.actor, "report.downloaded", row.audit_ref, entity_id=entity_id, log="access",
                     after={"sha256": row.sha256, "size": row.size}, personal={"file_name": row.file_name})
