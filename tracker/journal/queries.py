"""Reads of the journal: since when it is kept, and the rows that stood at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .. import clock
from ..db import Database, Seen, UnitOfWork
from .canonical import row_of
from .models import RowVersion
from .recording import BATCH, take_turn


def first_moment(s: Session) -> datetime | None:
    """Return the earliest moment that can be shown, None when nothing was ever written."""
    at = s.scalar(select(RowVersion.at).order_by(RowVersion.id).limit(1))
    return None if at is None else datetime.fromisoformat(at)


def last_version(s: Session, moment: datetime) -> int:
    """Return the id of the last version written up to a moment, 0 when there is none."""
    # Ids and moments rise together: backwards by id, the first that fits is the last of all, and no index on moments is needed.
    wanted = select(RowVersion.id).where(RowVersion.at <= clock.stamp(moment)).order_by(RowVersion.id.desc()).limit(1)
    return s.scalar(wanted) or 0


def rows_at(s: Session, table_name: str, last: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as they stood when version `last` was the newest, a batch at a time."""
    newest = select(func.max(RowVersion.id)).where(RowVersion.table_name == table_name, RowVersion.id <= last).group_by(RowVersion.row_key)
    wanted = select(RowVersion.content).where(RowVersion.id.in_(newest), RowVersion.content.is_not(None)).order_by(RowVersion.id)
    for (content,) in s.connection().execute(wanted, execution_options={"yield_per": BATCH}):
        yield row_of(str(content))


@contextmanager
def settled(database: Database, entities: Seen = ()) -> Iterator[tuple[UnitOfWork, datetime]]:
    """Give a session for reads and the moment of its snapshot: all that was stamped before it is seen, nothing that comes after."""
    with ExitStack() as stack:
        with database.writing() as turn:
            # Nobody is between his stamp and his commit while it is our turn.
            take_turn(turn.connection())
            s = stack.enter_context(database.reading(entities))
            last = s.scalar(select(RowVersion.at).order_by(RowVersion.id.desc()).limit(1))
            now = clock.now()
        yield s, max(now, datetime.fromisoformat(last)) if last else now
