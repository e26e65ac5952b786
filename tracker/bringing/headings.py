"""Pure rule of headings: find them by name, in any order, in one row or in the merged rows of Chinese ledgers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import BadInput, Place
from ..words import ListKind
from ..workbook.reading import Page, Row, Workbook, cell_name
from .fields import EDITABLE, HIDDEN, KEY, MEANINGS, PASSED_OVER, cell_text, label, plain

LOOKED_AT, HIGHEST = 30, 3
LISTED = 8


@dataclass(frozen=True, slots=True)
class Head:
    """Where the headings of a sheet are: their last row, the column of each meaning, and columns that mean nothing here."""

    what: ListKind
    row: int
    columns: Mapping[str, int]
    unknown: Sequence[str]


def find(book: Workbook) -> tuple[Page, Head, list[str]]:
    """Return the sheet that comes back with its head, and notes on what is passed over; raises BadInput when there is none."""
    found = [(page, head) for page in book.sheets if not page.hidden and (head := head_of(page)) is not None]
    if not found:
        raise BadInput(
            "没有在文件中找到可以导入的表：需要有“编号”或“任务号”列，以及“责任人”“复核人”“部门”“截止日”等至少一列，列名写在表头。"
            "可以下载分派表模板，或直接使用导出的“责任分派与任务”。"
        )
    page, head = max(found, key=lambda one: len(one[1].columns))
    notes = [f"同一文件中的工作表“{other.title}”没有导入，一次导入一张表。" for other, _ in found if other is not page]
    if head.unknown:
        listed = "、".join(head.unknown[:LISTED]) + (f"等 {len(head.unknown)} 列" if len(head.unknown) > LISTED else "")
        notes.append(f"以下各列不在可导入之列，已忽略：{listed}。")
    return page, head, notes


def head_of(page: Page) -> Head | None:
    """Find the headings among the first rows of a sheet; None when they are not there, BadInput when one stands twice."""
    best: tuple[int, Head] | None = None
    rows = {row.number: row for row in page.rows[:LOOKED_AT]}
    over = covered(page)
    for first in rows:
        for high in range(1, HIGHEST + 1):
            head = _read(page.title, rows, over, first, first + high - 1)
            # Of two that say as much, the one of fewer rows.
            if head is not None and (best is None or len(head.columns) > best[0]):
                best = len(head.columns), head
    return best[1] if best else None


def covered(page: Page) -> dict[tuple[int, int], tuple[int, int]]:
    """Return each cell near the top that a merged one covers: (row, column) → row and column of the one that speaks for it."""
    return {(row, column): (top, left) for top, left, bottom, right in page.merged if top <= LOOKED_AT * 2
            for row in range(top, min(bottom, top + HIGHEST) + 1) for column in range(left, min(right, 200) + 1)}


def _read(title: str, rows: Mapping[int, Row], over: Mapping[tuple[int, int], tuple[int, int]], first: int, last: int) -> Head | None:
    columns: dict[str, int] = {}
    unknown: list[str] = []
    twice: list[Place] = []
    for column, parts in stacked(rows, over, first, last):
        code = _meaning(parts)
        if code is None:
            if not PASSED_OVER.intersection(map(plain, (*parts, "".join(parts)))):
                unknown.append(f"{cell_name(column, last)}“{parts[-1][:20]}”")
        elif code in columns:
            twice.append(Place(f"{title}!{cell_name(column, last)}", f"{title}!{cell_name(column, last)}：“{label(code)}”列出现了两次（另一处在 {cell_name(columns[code], last)}）。请只保留一列。"))
        else:
            columns[code] = column
    what = ListKind.TASKS if "task" in columns else ListKind.ASSIGNMENTS
    if not {KEY, "obligation", "task"}.intersection(columns) or not set(EDITABLE[ListKind.ASSIGNMENTS] + EDITABLE[ListKind.TASKS]).intersection(columns):
        return None
    if twice:
        raise BadInput(twice[0].sentence, twice)
    useful = {code: column for code, column in columns.items() if code in HIDDEN or code in ("obligation", "task") or code in EDITABLE[what]}
    return Head(what, last, useful, unknown) if set(EDITABLE[what]).intersection(useful) else None


def stacked(rows: Mapping[int, Row], over: Mapping[tuple[int, int], tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each column with its headings from the top down, merged cells standing for all they cover."""
    wide = max((len(rows[row].values) for row in range(first, last + 1) if row in rows), default=0)
    for column in range(1, wide + 1):
        # One heading over several columns names one column, the first.
        if over.get((last, column), (last, column))[1] < column:
            continue
        parts: list[str] = []
        for row in range(first, last + 1):
            at = over.get((row, column), (row, column))
            text = cell_text(rows[at[0]].at(at[1])).strip() if at[0] in rows else ""
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        if parts:
            yield column, parts


def _meaning(parts: Sequence[str]) -> str | None:
    """Return what a column means: by its lowest heading, else by all of them put together."""
    for text in (parts[-1], "".join(parts)):
        if (code := MEANINGS.get(plain(text))) is not None:
            return code
    return None
