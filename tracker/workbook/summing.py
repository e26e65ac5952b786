"""Digests of the sheets of a workbook while it is written: of rows as they are streamed, of pages that openpyxl draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import getitem

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ..clock import local
from .sheets import Hint, Link, Share, Value
from .sums import Sums, days, said_number, said_text

FIRST_SAFE_DAY, LARGEST_EXACT = date(1900, 3, 1), 10**15
REMEMBERED = 512


class _Said(dict[Value, str]):
    """The lines of one column's cells by value."""

    def __init__(self, letters: str) -> None:
        super().__init__()
        self._letters = letters

    def __missing__(self, value: Value) -> str:
        said = self._line(value)
        if len(self) >= REMEMBERED:
            self.clear()
        if len(said) <= 1_000:
            self[value] = said
        return said

    def _line(self, value: Value) -> str:
        if isinstance(value, str):
            return said_text(self._letters, value)
        if isinstance(value, int):
            return said_number(self._letters, value) if abs(value) < LARGEST_EXACT else said_text(self._letters, str(value))
        if isinstance(value, datetime):
            here = local(value).replace(tzinfo=None, microsecond=0)
            return said_number(self._letters, days(here)) if here.date() >= FIRST_SAFE_DAY else said_text(self._letters, f"{here:%Y-%m-%d %H:%M:%S}")
        if isinstance(value, date):
            return said_number(self._letters, days(value)) if value >= FIRST_SAFE_DAY else said_text(self._letters, value.isoformat())
        if isinstance(value, Share):
            return said_number(self._letters, value.ratio) if value.whole else said_text(self._letters, "—")
        return said_text(self._letters, value.text) if isinstance(value, Link | Hint) else ""


def row_taker(sums: Sums | None, columns: int) -> Callable[[Sequence[Value], int], None]:
    """Return what takes the rows of a sheet of so many columns, each with its number; nothing when no digests are wanted."""
    if sums is None:
        return lambda _row, _number: None
    lines, add = [_Said(get_column_letter(place)) for place in range(1, columns + 1)], sums.add
    return lambda row, number: add(number, "".join(map(getitem, lines, row)))


def add_page(sums: Sums, page: Worksheet, first: int = 1) -> Sums:
    """Take the rows that were drawn on a page, from one row on."""
    for number, row in enumerate(page.iter_rows(min_row=first), start=first):
        sums.add(number, "".join(_drawn(cell.column_letter, cell.value) for cell in row if cell.value is not None))
    return sums


def _drawn(letters: str, value: object) -> str:
    if isinstance(value, date):
        return said_number(letters, days(value))
    return said_number(letters, value) if isinstance(value, int | float) else said_text(letters, str(value))
