"""The one change to the journal: personal columns of one row replaced in all its versions, once the trail says that they are redacted."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update

from .canonical import row_of, row_text
from .guards import NEUTRAL
from .models import RowVersion

__all__ = ["NEUTRAL", "redact_versions"]


def redact_versions(connection: Connection, table_name: str, row_key: str, neutral: Mapping[str, str]) -> int:
    """Put these values into every version of a row; returns how many versions there were. The triggers refuse all else."""
    wanted = select(RowVersion.id, RowVersion.content).where(RowVersion.table_name == table_name, RowVersion.row_key == row_key, RowVersion.content.is_not(None))
    found = [{"one": row_id, "text": row_text(row_of(content) | dict(neutral))} for row_id, content in connection.execute(wanted) if content]
    if found:
        connection.execute(update(RowVersion).where(RowVersion.id == bindparam("one")).values(content=bindparam("text")), found)
    return len(found)
