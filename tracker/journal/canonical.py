"""Pure rule of the journal's texts: one written form per value, whatever database it was read from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

Plain = str | int | None


def stored(value: object) -> Plain:
    """Return a value as SQLite holds it: words by their code, moments in UTC, true and false as 1 and 0; TypeError for anything else."""
    if isinstance(value, Enum):
        return stored(value.value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return naive.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"the journal holds no {type(value).__name__}")


def row_text(row: Mapping[str, object]) -> str:
    """Write a row by column name; the same row always gives the same text."""
    return json.dumps({name: stored(value) for name, value in row.items()}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def key_text(key: Sequence[object]) -> str:
    """Write a primary key, its columns in the order of the table."""
    return json.dumps([stored(value) for value in key], ensure_ascii=False, separators=(",", ":"))


def row_of(text: str) -> dict[str, Any]:
    """Read a row back."""
    row: dict[str, Any] = json.loads(text)
    return row
