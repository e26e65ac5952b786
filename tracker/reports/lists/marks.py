"""The hidden columns of the sheets: which row it is, what it said when it went out, and whether somebody changed it where nobody may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ...bringing.rules.columns import BASE, CHECK, KEY, UNSEEN, VERSION, meaning
from ...bringing.rules.marks import base_text, checker, key_text, said
from ...words import ListKind
from ...workbook.sheets import Column, Kind, Value

ROW_MARKS = (Column(UNSEEN[KEY][0], 8, hidden=True), Column(UNSEEN[BASE][0], 8, hidden=True))
MARKS = (ROW_MARKS[0], Column(UNSEEN[VERSION][0], 8, Kind.NUMBER, hidden=True), ROW_MARKS[1])
CHECKED = Column(UNSEEN[CHECK][0], 8, hidden=True)


@lru_cache
def _fields(what: ListKind, headings: tuple[str, ...]) -> dict[str, int]:
    return {code: place for place, heading in enumerate(headings) if (code := meaning(what, heading)) is not None}


def fields(what: ListKind, columns: Sequence[Column]) -> dict[str, int]:
    """Return the place of each column that may be filled in, by what it means."""
    return _fields(what, tuple(column.heading for column in columns if not column.hidden))


def key_and_base(what: ListKind, entity_id: int, ref: str, version: int, told: Mapping[str, tuple[Any, Value]]) -> tuple[str, str]:
    """Return the hidden id of a row, and what its cells for filling in stand for and say: code → (value as stored, cell)."""
    key = key_text(what, entity_id, ref)
    return key, base_text(key, version, {code: (value, said(cell)) for code, (value, cell) in told.items()})


def marks(what: ListKind, entity_id: int, ref: str, version: int, told: Mapping[str, tuple[Any, Value]]) -> tuple[Value, ...]:
    """Return the hidden cells of a row: its id, its version, and what its cells for filling in stand for and say."""
    key, base = key_and_base(what, entity_id, ref, version, told)
    return key, version, base


def with_checks(what: ListKind | None, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[tuple[Value, ...]]:
    """Add to each row the check of those of its cells that are not for filling in."""
    shown = {place: column.heading for place, column in enumerate(columns) if not column.hidden}
    check = checker({place: heading for place, heading in shown.items() if what is None or meaning(what, heading) is None})
    for row in rows:
        yield (*row, check(row))
