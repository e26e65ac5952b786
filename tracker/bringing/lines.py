"""Pure rule of rows: which thing each is about, what it said when it went out, and which cells say something else now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..words import ListKind
from ..workbook.reading import Fault, Page, Row, cell_name
from .fields import cell_text
from .headings import Head
from .rules.columns import BASE, CHECK, KEY, KINDS, VERSION
from .rules.marks import Known, altered, base_of

MOST_MERGED = 200_000
LONGEST_CELL = 4000
_LONGEST_REF = 64
_WIDE = 4
_SORTED = "隐藏的行标识与可见的编号不一致，可能只对部分列排过序或复制过行。请重新下载模板，或删去隐藏列后按编号导入。"
_TOUCHED = "隐藏列中导出时的值被改动过，无法判断此后系统中是否另有更改。请重新下载模板，或删去隐藏列后按编号导入。"
_NOT_OURS = "隐藏的行标识不是本系统写出的。请重新下载模板，或删去隐藏列后按编号导入。"
_ELSEWHERE = "此行不属于当前主体，或已不存在。请在导出它的主体中导入。"
_ADDED = "此行不是导出的行。这张表不能通过导入增加内容，请删去此行。"


@dataclass(frozen=True, slots=True)
class Line:
    """One row that says something: `ref` names what it is about, `base` is each value with its text when it went out.

    `cells` are field → (place, text) of those that are not blank and differ from that; `faults` are (place, sentence).
    `what` is the kind of its list, None where nothing may be edited.
    """

    number: int
    ref: str
    place: str
    version: int | None = None
    base: Mapping[str, Known] | None = None
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    faults: Sequence[tuple[str, str]] = ()
    what: ListKind | None = None

    def stored(self) -> dict[str, Any]:
        """Return the line as plain values, for keeping."""
        return asdict(self)

    @property
    def sheet(self) -> str:
        """Return the title of its sheet."""
        return self.place.rpartition("!")[0]


def restored(told: Mapping[str, Any], default: ListKind | None = None) -> Line:
    """Return the line that was kept; one from before lines told their kind is of the `default`."""
    base = told["base"]
    return Line(
        told["number"], told["ref"], told["place"], told["version"], None if base is None else {code: (value, text) for code, (value, text) in base.items()},
        {code: (place, text) for code, (place, text) in told["cells"].items()}, [(place, sentence) for place, sentence in told["faults"]],
        ListKind(what) if (what := told.get("what", default)) else None,
    )


def take(page: Page, head: Head, entity_id: int) -> tuple[list[Line], int]:
    """Return the lines that say something, and how many rows were looked at."""
    rows = [row for row in page.rows if row.number > head.row]
    # The sentence of a sheet without rows stands across all of its columns.
    across = {top for top, left, _, right in page.merged if left == 1 and right >= _WIDE}
    if across:
        rows = [row for row in rows if row.number not in across]
    if head.what is None:
        shut = CHECK in head.columns
        return [line for row in rows if shut and (line := _shut(page, row, head)) is not None], len(rows)
    filled = _filled(page, head, head.what)
    lines = (_line(page, row, head, head.what, entity_id, filled) for row in rows)
    return [line for line in lines if line is not None and (line.cells or line.faults)], len(rows)


def _shut(page: Page, row: Row, head: Head) -> Line | None:
    """Return what was changed in a list of which nothing may be edited."""
    if head.others is not None and not cell_text(row.at(head.columns[CHECK])).strip():
        place = f"{page.title}!{cell_name(1, row.number)}"
        typed = any(cell_text(row.at(column)).strip() for column in head.others)
        return Line(row.number, "", place, faults=[(place, _ADDED)]) if typed else None
    wrong = _elsewhere(page, row, head)
    return Line(row.number, "", wrong[0][0], faults=wrong) if wrong else None


def _elsewhere(page: Page, row: Row, head: Head) -> list[tuple[str, str]]:
    """Name the cells that are not for filling in and say something else than when they went out."""
    if CHECK not in head.columns or head.others is None:
        return []
    cells = {column: (name, row.at(column)) for column, name in head.others.items()}
    return [
        (f"{page.title}!{cell_name(column, row.number)}", f"“{head.others[column][:20]}”列不能通过导入修改，导出之后改成了“{cell_text(row.at(column))[:40]}”。请改回原来的内容。")
        for column in altered(cell_text(row.at(head.columns[CHECK])).strip(), cells)
    ]


def _filled(page: Page, head: Head, what: ListKind) -> dict[tuple[int, int], Any]:
    """Return what stands in the rows that a merged cell of a column for filling in covers: there it is meant for each of them."""
    wanted, left, found = {head.columns[code] for code in KINDS[what].names if code in head.columns}, MOST_MERGED, dict[tuple[int, int], Any]()
    last = page.rows[-1].number if page.rows else 0
    tops = {row.number: row for row in page.rows} if page.merged else {}
    for top, first, bottom, right in page.merged:
        if top > head.row and first == right and first in wanted and top in tops:
            for row in range(top + 1, min(bottom, last, top + left) + 1):
                found[row, first] = tops[top].at(first)
            left -= max(0, bottom - top)
            if left <= 0:
                break
    return found


def _line(page: Page, row: Row, head: Head, what: ListKind, entity_id: int, filled: Mapping[tuple[int, int], Any]) -> Line | None:
    columns, seen = head.columns, KINDS[what].ref
    said, wrong = dict(_said(page, row, head, what, filled)), _elsewhere(page, row, head) if CHECK in columns else []
    if not said and not wrong:
        return None
    place = f"{page.title}!{cell_name(columns.get(seen) or columns.get(KEY) or 1, row.number)}"
    shown = cell_text(row.at(columns[seen])).strip()[:_LONGEST_REF] if seen in columns else ""
    key = cell_text(row.at(columns[KEY])).strip() if KEY in columns else ""
    if not key:
        return Line(row.number, shown, place, None, None, _texts(said), [*_plain_faults(said, shown, place), *wrong], what)
    return _keyed(page, row, head, what, entity_id, key, Line(row.number, shown, place, faults=wrong, what=what), said)


def _keyed(
    page: Page, row: Row, head: Head, what: ListKind, entity_id: int, key: str, line: Line, said: dict[str, tuple[str, Any]]
) -> Line | None:
    version_text = cell_text(row.at(head.columns[VERSION])).strip() if VERSION in head.columns else ""
    version = int(version_text) if version_text.isascii() and version_text.isdigit() and len(version_text) < 10 else None
    kept = cell_text(row.at(head.columns[BASE])).strip() if BASE in head.columns else ""
    parts, shown, wrong = key.split("/", 2), line.ref, list(line.faults)
    ref = parts[-1][:_LONGEST_REF]
    base = base_of(kept, key, version) if kept and version is not None else None
    changed = {code: one for code, one in said.items() if base is None or code not in base or base[code][1] != cell_text(one[1]).strip()}
    # A reason alone changes nothing.
    moved = bool(set(changed) - ({"reason"} if what == ListKind.TASKS else set()))
    if not moved and not wrong and base is not None:
        return None
    if why := _not_this(parts, what, entity_id, shown, kept, base):
        hidden = f"{page.title}!{cell_name(head.columns[KEY], row.number)}"
        return Line(row.number, ref if why in (_SORTED, _TOUCHED) else shown, hidden, version, faults=[(hidden, why)], what=what)
    if not moved and not wrong:
        return None
    return Line(row.number, ref, line.place, version, base, _texts(changed), [*_plain_faults(changed, ref, line.place), *wrong], what)


def _not_this(parts: Sequence[str], what: ListKind, entity_id: int, shown: str, kept: str, base: Mapping[str, Known] | None) -> str:
    """Say why the hidden columns of a row cannot be believed; an empty text when they can."""
    if len(parts) != 3 or parts[0] != what:
        return _NOT_OURS
    if parts[1] != str(entity_id):
        return _ELSEWHERE
    if shown and shown != parts[2][:_LONGEST_REF]:
        return _SORTED
    return _TOUCHED if kept and base is None else ""


def _said(page: Page, row: Row, head: Head, what: ListKind, filled: Mapping[tuple[int, int], Any]) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Yield the cells for filling in that are not blank: a blank one never says that a value should go."""
    for code in KINDS[what].names:
        column = head.columns.get(code)
        if column is None:
            continue
        value = row.at(column)
        value = filled.get((row.number, column)) if value is None and filled else value
        if value is not None and (isinstance(value, Fault) or cell_text(value).strip()):
            yield code, (f"{page.title}!{cell_name(column, row.number)}", value)


def _texts(said: Mapping[str, tuple[str, Any]]) -> dict[str, tuple[str, str]]:
    return {code: (where, cell_text(value)[:LONGEST_CELL]) for code, (where, value) in said.items() if not isinstance(value, Fault)}


def _plain_faults(said: Mapping[str, tuple[str, Any]], ref: str, place: str) -> list[tuple[str, str]]:
    faults = [] if ref or not said else [(place, "此行没有编号，不知道是哪一项。请填写编号，或清空此行。")]
    for where, value in said.values():
        if isinstance(value, Fault):
            what = f"是错误值 {value.shown}" if value.shown else "是没有保存计算结果的公式"
            faults.append((where, f"单元格{what}，请改为填写具体的内容。"))
    return faults


def combined(lines: Sequence[Line]) -> Line:
    """Put rows of several lists on one thing together; a field that two of them fill in differently is a fault that names both cells."""
    cells, base = dict[str, tuple[str, str]](), dict[str, Known]()
    faults = [fault for line in lines for fault in line.faults]
    for line in lines:
        base = {**(line.base or {}), **base}
        for code, (place, text) in line.cells.items():
            there, other = cells.setdefault(code, (place, text))
            if other.strip() != text.strip():
                faults.append((place, f"这里填写的是“{text.strip()[:30]}”，{there} 对同一项填写的是“{other.strip()[:30]}”。请改为一致，或只改一处。"))
    first = lines[0]
    return Line(first.number, first.ref, first.place, first.version, base if all(line.base is not None for line in lines) else None, cells, faults, first.what)
