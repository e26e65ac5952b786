"""An exported workbook as its reader gets it: sheets as rows by heading, the cover as facts."""

from __future__ import annotations

import io
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from openpyxl import load_workbook

from tracker.reports.proving.page import LINKS, PROOF
from tracker.workbook.stream import text_of
from tracker.workbook.sums import SUMS

FIRST = 3


@lru_cache(maxsize=3)
def _loaded(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))


class Opened:
    """A workbook read back with openpyxl, which knows nothing of how it was written; LibreOffice writes no `escapes`."""

    def __init__(self, data: bytes, escapes: bool = True) -> None:
        self.data = data
        self.escapes = escapes

    @cached_property
    def book(self) -> Any:
        """Return the workbook itself, which may be another's too: nobody writes into it."""
        return _loaded(self.data)

    @property
    def titles(self) -> list[str]:
        """List the sheets of rows that people see, which come after the cover and the board's page."""
        return [title for title in self.book.sheetnames[2:] if title not in {PROOF, LINKS, SUMS}]

    def rows(self, title: str) -> list[dict[str, Any]]:
        """Return each row of a sheet by heading; empty cells are empty texts."""
        page = self.book[title]
        heads = [cell.value for cell in page[FIRST - 1]]
        rows = [[self._plain(cell.value) for cell in row] for row in page.iter_rows(min_row=FIRST)]
        return [] if page.merged_cells.ranges else [dict(zip(heads, row, strict=True)) for row in rows]

    @cached_property
    def cover(self) -> dict[str, str]:
        """Return the facts of the cover by their labels, and the rows it promises per sheet."""
        rows = [[self._plain(cell.value) for cell in row if cell.value is not None] for row in self.book["封面"].iter_rows()]
        return {str(row[0]): str(row[-1]) for row in rows if len(row) in {2, 3}}

    @cached_property
    def texts(self) -> list[str]:
        """List every text of every cell."""
        return [text_of(cell.value) for page in self.book for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]

    @cached_property
    def shown(self) -> list[str]:
        """List every text that people see in the sheets of rows."""
        return [
            text_of(cell.value) for title in self.titles for column in self.book[title].iter_cols() for cell in column
            if isinstance(cell.value, str) and not self.book[title].column_dimensions[column[0].column_letter].hidden
        ]

    def _plain(self, value: object) -> object:
        if isinstance(value, str):
            return text_of(value) if self.escapes else value
        if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
            return value.date()
        return "" if value is None else value
