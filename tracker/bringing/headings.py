"""Pure rule of headings: find them by name, in any order, in one row or in the merged rows of Chinese ledgers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import BadInput, Place
from ..words import ListKind
from ..workbook.reading import Page, Row, Workbook, cell_name
from .fields import cell_text
from .rules.columns import (
    BASE,
    CHECK,
    HIDDEN,
    KEY,
    KINDS,
    OBLIGATION,
    ONLY_READ,
    PASSED_OVER,
    REFS,
    TASK,
    UNSEEN,
    VERSION,
    WITHOUT_ROWS,
    Closed,
    closed,
    label,
    plain,
)

LOOKED_AT, HIGHEST = 30, 3
LISTED = 8
NOTHING = (
    "没有在文件中找到可以导入的表：需要有“编号”或“任务号”列，以及“责任人”“复核人”“部门”“截止日”等至少一列，列名写在表头。"
    "可以下载分派表模板，或直接使用导出的工作簿。"
)
_DEFAULTS_UNKNOWN = "“{title}”由较早的版本导出，没有记下哪些内容是系统给出的默认内容，无法判断哪些是您填写的，没有导入。请重新导出后再填写。"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the headings of a sheet are: their last row, the column of each meaning, and columns that mean nothing here.

    `what` is None for a list of which nothing may be edited, `closed` then says why; `others` are the headings of all columns
    that are not for filling in, `twice` those that stand there twice.
    """

    what: ListKind | None
    row: int
    columns: Mapping[str, int]
    unknown: Sequence[str] = ()
    others: Mapping[int, str] | None = None
    twice: Sequence[Place] = ()
    closed: Closed | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a workbook holds: sheets that come back, sheets of which nothing may be edited, and notes on what is passed over."""

    open: Sequence[tuple[Page, Head]]
    shut: Sequence[tuple[Page, Head]]
    notes: Sequence[str]


def find(book: Workbook) -> Found:
    """Return the sheets that come back with their heads; raises BadInput when there is none."""
    pages = [page for page in book.sheets if not page.hidden and page.title not in WITHOUT_ROWS]
    found = [(page, head) for page in pages if page.title not in ONLY_READ and (head := head_of(page)) is not None]
    old = [page for page, head in found if _defaults_unknown(head)]
    open_ones = [(page, head) for page, head in found if head.what is not None and page not in old]
    shut = [(page, head) for page, head in found if head.what is None]
    notes = [_DEFAULTS_UNKNOWN.format(title=page.title) for page in old]
    notes += [f"“{page.title}”：{head.closed.why}。" for page, head in shut if head.closed]
    notes += [f"“{page.title}”供查阅，不能导入。" for page in pages if page.title in ONLY_READ]
    if not open_ones:
        raise BadInput("".join(notes) if notes else NOTHING)
    for page, head in open_ones:
        if head.twice:
            raise BadInput(head.twice[0].sentence, head.twice)
        if head.unknown and CHECK not in head.columns:
            listed = "、".join(head.unknown[:LISTED]) + (f"等 {len(head.unknown)} 列" if len(head.unknown) > LISTED else "")
            notes.append(f"“{page.title}”的以下各列不在可导入之列，已忽略：{listed}。")
    return Found(open_ones, shut, notes)


def _defaults_unknown(head: Head) -> bool:
    """Tell whether this is one of the three lists as an earlier version wrote it."""
    return head.what == ListKind.CONTROLS and VERSION in head.columns and BASE not in head.columns


def head_of(page: Page) -> Head | None:
    """Find the headings among the first rows of a sheet; None when they are not there."""
    best: dict[ListKind | None, Head] = {}
    rows = {row.number: row for row in page.rows[:LOOKED_AT]}
    over = covered(page)
    for first in rows:
        for high in range(1, HIGHEST + 1):
            for head in _read(page.title, dict(stacked(rows, over, first, first + high - 1)), first + high - 1):
                # Of two that say as much, the one of fewer rows.
                if head.what not in best or len(head.columns) > len(best[head.what].columns):
                    best[head.what] = head
    return best.get(None) or _named(page, best) or max(best.values(), key=_weight, default=None)


def _weight(head: Head) -> int:
    return len(set(head.columns) & set(KINDS[head.what].names)) if head.what else 0


def _named(page: Page, best: Mapping[ListKind | None, Head]) -> Head | None:
    """Return the kind that the hidden id of the first row names."""
    for head in best.values():
        if KEY in head.columns:
            rows = (row for row in page.rows if row.number > head.row)
            kind = next((text.partition("/")[0] for row in rows if (text := cell_text(row.at(head.columns[KEY])).strip())), "")
            return next((one for what, one in best.items() if what == kind), None)
    return None


def _read(title: str, stacked: Mapping[int, Sequence[str]], last: int) -> Iterator[Head]:
    """Yield what these rows would be the headings of, for each kind of list."""
    called = [name for parts in stacked.values() for name in map(plain, (parts[-1], "".join(parts)))]
    others = {column: parts[-1] for column, parts in stacked.items()}
    if shut := closed(called):
        hidden = {code: column for column, parts in stacked.items() for code, names in UNSEEN.items() if parts[-1] in names}
        yield Head(None, last, hidden, others={column: name for column, name in others.items() if column not in hidden.values()}, closed=shut)
        return
    if not set(called) & _ROW_NAMES:
        return
    for what, kind in KINDS.items():
        columns, unknown, twice = _meanings(title, stacked, last, what)
        fit = {KEY, OBLIGATION, TASK}.intersection(columns) and kind.needs <= set(columns) and set(kind.names) & set(columns)
        if fit and not (what == ListKind.ASSIGNMENTS and TASK in columns):
            useful = {code: column for code, column in columns.items() if code in kind.names or code in HIDDEN or code == CHECK or code == kind.ref}
            yield Head(what, last, useful, unknown, {at: name for at, name in others.items() if at not in useful.values()}, twice)


_ROW_NAMES = frozenset(plain(name) for names in (UNSEEN[KEY], *REFS.values()) for name in names)


def _meanings(title: str, stacked: Mapping[int, Sequence[str]], last: int, what: ListKind) -> tuple[dict[str, int], list[str], list[Place]]:
    columns: dict[str, int] = {}
    unknown: list[str] = []
    twice: list[Place] = []
    for column, parts in stacked.items():
        code, place = _meaning(parts, what), f"{title}!{cell_name(column, last)}"
        if code is None:
            if not PASSED_OVER.intersection(map(plain, (*parts, "".join(parts)))):
                unknown.append(f"{cell_name(column, last)}“{parts[-1][:20]}”")
        elif code not in columns:
            columns[code] = column
        elif code in KINDS[what].names or code in UNSEEN or code == KINDS[what].ref:
            twice.append(Place(place, f"{place}：“{_called(code, what)}”列出现了两次（另一处在 {cell_name(columns[code], last)}）。请只保留一列。"))
    return columns, unknown, twice


def _called(code: str, what: ListKind) -> str:
    return (REFS | UNSEEN)[code][0] if code in REFS or code in UNSEEN else label(code, what)


def covered(page: Page) -> dict[tuple[int, int], tuple[int, int]]:
    """Return each cell near the top that a merged one covers: (row, column) → row and column of the one that speaks for it."""
    return {(row, column): (top, left) for top, left, bottom, right in page.merged if top <= LOOKED_AT * 2
            for row in range(top, min(bottom, top + HIGHEST) + 1) for column in range(left, min(right, 200) + 1)}


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


def _meaning(parts: Sequence[str], what: ListKind) -> str | None:
    """Return what a column means: by its lowest heading, else by all of them put together."""
    for text in (parts[-1], "".join(parts)):
        if (code := KINDS[what].meanings.get(plain(text))) is not None:
            return code
    return None
