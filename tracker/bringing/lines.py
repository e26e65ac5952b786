"""Pure rule of rows: which thing each is about, what it said when it went out, and which cells say something else now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..words import ListKind
from ..workbook.reading import Fault, Page, Row, cell_name
from .fields import BASE, EDITABLE, KEY, VERSION, cell_text
from .headings import Head

MOST_MERGED = 200_000
LONGEST_CELL = 4000
_LONGEST_REF = 64
_SORTED = "隐藏的行标识与可见的编号不一致，可能只对部分列排过序或复制过行。请重新下载模板，或删去隐藏列后按编号导入。"
_TOUCHED = "隐藏列中导出时的值被改动过，无法判断此后系统中是否另有更改。请重新下载模板，或删去隐藏列后按编号导入。"

Known = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row that says something: `ref` names an obligation or a task, `base` is each value with its text when it went out.

    `cells` are field → (place, text) of those that are not blank and differ from that; `faults` are (place, sentence).
    """

    number: int
    ref: str
    place: str
    version: int | None = None
    base: Mapping[str, Known] | None = None
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    faults: Sequence[tuple[str, str]] = ()

    def stored(self) -> dict[str, Any]:
        """Return the line as plain values, for keeping."""
        return asdict(self)


def restored(told: Mapping[str, Any]) -> Line:
    """Return the line that was kept."""
    base = told["base"]
    return Line(
        told["number"], told["ref"], told["place"], told["version"], None if base is None else {code: (value, text) for code, (value, text) in base.items()},
        {code: (place, text) for code, (place, text) in told["cells"].items()}, [(place, sentence) for place, sentence in told["faults"]],
    )


def key_text(what: ListKind, entity_id: int, ref: str) -> str:
    """Return the hidden id of a row."""
    return f"{what}/{entity_id}/{ref}"


def base_text(key: str, version: int, values: Mapping[str, Known]) -> str:
    """Return what the hidden column keeps of a row: each value with its text, and a check that ties them to the row."""
    told = json.dumps({code: list(known) for code, known in values.items()}, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"{told}#{_check(key, version, told)}"


def _check(key: str, version: int, told: str) -> str:
    return hashlib.sha256(f"row\n{key}\n{version}\n{told}".encode()).hexdigest()[:16]


def _base_of(text: str, key: str, version: int) -> dict[str, Known] | None:
    told, _, check = text.rpartition("#")
    if check != _check(key, version, told):
        return None
    try:
        return {str(code): (value, str(shown)) for code, (value, shown) in json.loads(told).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def take(page: Page, head: Head, entity_id: int) -> tuple[list[Line], int]:
    """Return the lines that say something, and how many rows were looked at."""
    filled = _filled(page, head)
    rows = [row for row in page.rows if row.number > head.row]
    lines = (_line(page, row, head, entity_id, filled) for row in rows)
    return [line for line in lines if line is not None and (line.cells or line.faults)], len(rows)


def _filled(page: Page, head: Head) -> dict[tuple[int, int], Any]:
    """Return what stands in the rows that a merged cell of a column for filling in covers: there it is meant for each of them."""
    wanted, left, found = {head.columns[code] for code in EDITABLE[head.what] if code in head.columns}, MOST_MERGED, dict[tuple[int, int], Any]()
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


def _line(page: Page, row: Row, head: Head, entity_id: int, filled: Mapping[tuple[int, int], Any]) -> Line | None:
    columns, seen = head.columns, "task" if head.what == ListKind.TASKS else "obligation"
    at = columns.get(seen) or columns.get(KEY) or 1
    place = f"{page.title}!{cell_name(at, row.number)}"
    shown = cell_text(row.at(columns[seen])).strip()[:_LONGEST_REF] if seen in columns else ""
    key = cell_text(row.at(columns[KEY])).strip() if KEY in columns else ""
    said = dict(_said(page, row, head, filled))
    if not said:
        return None
    if not key:
        return Line(row.number, shown, place, None, None, _texts(said, place), _plain_faults(said, shown, place))
    return _keyed(page, row, head, entity_id, key, shown, place, said)


def _keyed(page: Page, row: Row, head: Head, entity_id: int, key: str, shown: str, place: str, said: dict[str, tuple[str, Any]]) -> Line | None:
    version_text = cell_text(row.at(head.columns[VERSION])).strip() if VERSION in head.columns else ""
    version = int(version_text) if version_text.isascii() and version_text.isdigit() and len(version_text) < 10 else None
    kept = cell_text(row.at(head.columns[BASE])).strip() if BASE in head.columns else ""
    parts = key.split("/", 2)
    hidden = f"{page.title}!{cell_name(head.columns[KEY], row.number)}"
    if len(parts) != 3 or parts[0] != head.what:
        return Line(row.number, shown, hidden, faults=[(hidden, "隐藏的行标识不是本系统写出的。请重新下载模板，或删去隐藏列后按编号导入。")])
    if parts[1] != str(entity_id):
        return Line(row.number, shown, hidden, faults=[(hidden, "此行不属于当前主体，或已不存在。请在导出它的主体中导入。")])
    ref = parts[2][:_LONGEST_REF]
    if shown and shown != ref:
        return Line(row.number, ref, hidden, faults=[(hidden, _SORTED)])
    base = _base_of(kept, key, version) if kept and version is not None else None
    if kept and base is None:
        return Line(row.number, ref, hidden, version, faults=[(hidden, _TOUCHED)])
    changed = {code: one for code, one in said.items() if base is None or code not in base or base[code][1] != cell_text(one[1]).strip()}
    faults = _plain_faults(changed, ref, place)
    # A reason alone changes nothing.
    return Line(row.number, ref, place, version, base, _texts(changed, place), faults) if set(changed) - {"reason"} else None


def _said(page: Page, row: Row, head: Head, filled: Mapping[tuple[int, int], Any]) -> Iterator[tuple[str, tuple[str, Any]]]:
    """Yield the cells for filling in that are not blank: a blank one never says that a value should go."""
    for code in EDITABLE[head.what]:
        if code in head.columns:
            column = head.columns[code]
            value = row.at(column)
            value = filled.get((row.number, column)) if value is None else value
            if value is not None and (isinstance(value, Fault) or cell_text(value).strip()):
                yield code, (f"{page.title}!{cell_name(column, row.number)}", value)


def _texts(said: Mapping[str, tuple[str, Any]], place: str) -> dict[str, tuple[str, str]]:
    return {code: (where, cell_text(value)[:LONGEST_CELL]) for code, (where, value) in said.items() if not isinstance(value, Fault)}


def _plain_faults(said: Mapping[str, tuple[str, Any]], ref: str, place: str) -> list[tuple[str, str]]:
    faults = [] if ref else [(place, "此行没有编号，不知道是哪一项。请填写编号，或清空此行。")]
    for where, value in said.values():
        if isinstance(value, Fault):
            what = f"是错误值 {value.shown}" if value.shown else "是没有保存计算结果的公式"
            faults.append((where, f"单元格{what}，请改为填写具体的内容。"))
    return faults
