"""The trail as it stood at a past moment: every chain cut there, with the size and the head of then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from . import chain as rule
from .heads import notes
from .heads.models import AuditRegistry, AuditSheets, SigningKey
from .models import AuditChain, AuditCheckpoint, AuditDisclosure, AuditEvent, Deployment
from .queries import chain_heads
from .sealing.models import AuditSeal
from .sealing.queries import covered_up_to
from .trail import deployment_id

Rows = Iterator[Any]
BATCH = 500
READ: Mapping[str, Callable[[str], notes.Head | notes.Registry]] = {notes.HEAD: notes.read_head, notes.REGISTRY: notes.read_registry, notes.SHEETS: notes.read_sheets}
DEPLOYMENT, CHAIN, EVENT, DISCLOSURE, CHECKPOINT, KEY, REGISTRY, SHEETS, SEAL = (
    model.metadata.tables[model.__tablename__]
    for model in (Deployment, AuditChain, AuditEvent, AuditDisclosure, AuditCheckpoint, SigningKey, AuditRegistry, AuditSheets, AuditSeal)
)


def trail_at(s: Session, until: str) -> Iterator[tuple[Table, Rows]]:
    """Yield every table of the trail with its rows as of a moment, given as `clock.stamp` text, that moment included.

    What is hidden now stays hidden: a chain with younger seals on older events reaches to the events that say so.
    """
    sizes = covered_up_to(s, _sizes(s, until))
    yield DEPLOYMENT, _read(s, select(DEPLOYMENT))
    yield CHAIN, _chains(s, sizes)
    for table in (EVENT, DISCLOSURE, SEAL):
        for chain, size in sizes.items():
            yield table, _read(s, select(table).where(table.c.chain_id == chain, table.c.seq < size))
    yield KEY, _read(s, select(KEY).where(KEY.c.at <= until).order_by(KEY.c.number))
    # What was signed later of the same moment was not there yet.
    yield CHECKPOINT, (row for row in _read(s, select(CHECKPOINT)) if _signed_at(row["note"]) <= until and row["size"] <= sizes.get(row["chain_id"], -1))
    for table in (REGISTRY, SHEETS):
        yield table, (row for row in _read(s, select(table).order_by(table.c.number)) if _signed_at(row["note"]) <= until)


def _signed_at(note: str) -> str:
    try:
        read = next(read for title, read in READ.items() if note.startswith(f"{title}\n"))
        return read(note).at
    except (notes.Unreadable, StopIteration):
        return ""


def _sizes(s: Session, until: str) -> dict[str, int]:
    # Up to the first event that came later: a chain has no gaps, whatever a clock may have done.
    later = s.execute(select(EVENT.c.chain_id, func.min(EVENT.c.seq)).where(EVENT.c.at > until).group_by(EVENT.c.chain_id))
    cut = {row[0]: row[1] for row in later}
    return {row.chain_id: cut.get(row.chain_id, row.size) for row in chain_heads(s) if row.created_at <= until}


def _chains(s: Session, sizes: Mapping[str, int]) -> Rows:
    for row in chain_heads(s, sizes):
        size = sizes[row.chain_id]
        last = s.scalar(select(EVENT.c.entry).where(EVENT.c.chain_id == row.chain_id, EVENT.c.seq == size - 1))
        head = last or rule.genesis(deployment_id(s), row.chain_id, row.created_at)
        yield {"chain_id": row.chain_id, "kind": row.kind, "size": size, "head": head, "alg": row.alg, "created_at": row.created_at}


def _read(s: Session, wanted: Any) -> Rows:
    yield from s.connection().execute(wanted, execution_options={"yield_per": BATCH}).mappings()
