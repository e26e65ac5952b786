"""Pure rule of merging: what a cell said when it went out, what it says now, and what the application says by now.

A blank cell never changes anything; a cell that says what it said when it went out gives way to the application; one that
says something new goes in where the application has not moved; where both have moved, somebody has to decide.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..words import ListKind, Word
from .fields import Staff, Unfit
from .lines import Line
from .rules import lists, work
from .rules.columns import KINDS
from .rules.held import Held, changed


class Verdict(Word):
    """What becomes of a cell."""

    SAME = "same", "一致"
    CHANGE = "change", "将更改"
    CONFLICT = "conflict", "有冲突"
    REFUSED = "refused", "不能导入"


Reads = Callable[[str, str, Held, Staff], tuple[Any, str]]
Unfits = Callable[[Line, Held, Mapping[str, Any], Collection[str], Staff, date], list[tuple[str, str]]]
RULES: dict[ListKind, tuple[Reads, Unfits]] = {
    ListKind.ASSIGNMENTS: (work.read, work.unfit_duty), ListKind.TASKS: (work.read, work.unfit_task), ListKind.CONTROLS: (lists.read_control, lists.unfit_nothing),
    ListKind.SCOPE: (lists.read_scope, lists.unfit_scope), ListKind.EVIDENCE: (lists.read_evidence, lists.unfit_evidence),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with its verdict; `base`, `mine` and `theirs` as they read, `value` as it would be stored, `why` a sentence."""

    field: str
    place: str
    base: str | None
    mine: str
    theirs: str
    verdict: Verdict
    value: Any = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """One row with the verdicts of its cells; `held` is None when there is no such thing here."""

    line: Line
    held: Held | None
    cells: Sequence[Cell] = field(default_factory=tuple)

    def having(self, verdict: Verdict) -> list[Cell]:
        """List the cells of a verdict."""
        return [cell for cell in self.cells if cell.verdict == verdict]

    @property
    def refused(self) -> bool:
        """Tell whether anything in the row cannot be taken; then nothing of it is."""
        return any(cell.verdict == Verdict.REFUSED for cell in self.cells)

    def final(self, decided: Mapping[str, bool]) -> dict[str, Any]:
        """Return the values of the row once it is carried out; `decided` tells of conflicts, by place, whether the file's word counts."""
        values = dict(self.held.values) if self.held else {}
        taken = (cell for cell in self.cells if cell.verdict == Verdict.CHANGE or (cell.verdict == Verdict.CONFLICT and decided.get(cell.place, False)))
        return values | {cell.field: cell.value for cell in taken}


def three_way(base: Any, mine: Any, theirs: Any, known: bool) -> Verdict:
    """Say what becomes of a cell that is not blank; not `known` what it said when it went out, the file's word counts."""
    if mine == theirs or (known and mine == base):
        return Verdict.SAME
    return Verdict.CHANGE if not known or theirs == base else Verdict.CONFLICT


def merge(line: Line, held: Held | None, staff: Staff, today: date) -> Merged:
    """Give every cell of a row its verdict."""
    cells = [Cell("", place, None, "", "", Verdict.REFUSED, why=sentence) for place, sentence in line.faults]
    if line.what is None:
        return Merged(line, None, cells)
    if held is None or held.refused or _never(line, held):
        why = (held.refused or _never(line, held)) if held else "没有这一项，或它不属于当前主体。请核对编号。"
        return Merged(line, held, cells if line.faults else [*cells, Cell("", line.place, None, line.ref, "", Verdict.REFUSED, why=why)])
    cells += [_cell(code, *line.cells[code], line, line.what, held, staff) for code in KINDS[line.what].names if code in line.cells and not _beside(code, line.what)]
    merged = Merged(line, held, cells)
    return merged if merged.refused else _checked(merged, staff, today)


def _beside(code: str, what: ListKind) -> bool:
    """Tell whether a cell is no value of its own: why a task is put off."""
    return what == ListKind.TASKS and code == "reason"


def _never(line: Line, held: Held) -> str:
    # An obligation that was assigned anew begins again at one; a task stays what it is.
    if held.state is not None and line.version is not None and line.version > held.version:
        return "隐藏的行版本比系统中的还新，不是从本系统导出的样子。请重新下载模板，或删去隐藏列后按编号导入。"
    return ""


def _cell(code: str, place: str, text: str, line: Line, what: ListKind, held: Held, staff: Staff) -> Cell:
    known = line.base is not None and code in line.base
    base, base_shown = (line.base or {}).get(code, (None, ""))
    theirs, told = held.values.get(code), held.shown.get(code, "")
    told_base = _told_base(code, what, base, base_shown) if known else None
    if text.strip() == told:
        return Cell(code, place, told_base, text, told, Verdict.SAME, theirs)
    try:
        mine, shown = RULES[what][0](code, text, held, staff)
    except Unfit as unfit:
        return Cell(code, place, told_base, text, told, Verdict.REFUSED, why=str(unfit))
    return Cell(code, place, told_base, shown, told, three_way(base, mine, theirs, known), mine)


def _told_base(code: str, what: ListKind, base: Any, shown: str) -> str:
    """Say what stood there when it went out, and where that was nobody's word but a default."""
    default = shown and not base and (what == ListKind.CONTROLS or (what, code) == (ListKind.SCOPE, "reason"))
    return f"{shown}（系统默认）" if default else shown


def _checked(merged: Merged, staff: Staff, today: date) -> Merged:
    """Refuse the cells that do not fit together with the rest of the row, taking the file's word in every conflict."""
    conflicts = {cell.place: True for cell in merged.having(Verdict.CONFLICT)}
    wrong = unfit(merged, merged.final(conflicts), staff, today)
    if not wrong:
        return merged
    cells, at = [], {cell.field: number for number, cell in enumerate(merged.cells)}
    placed = {at.get(code, 0): sentence for code, sentence in reversed(wrong)}
    for number, cell in enumerate(merged.cells):
        cells.append(Cell(cell.field, cell.place, cell.base, cell.mine, cell.theirs, Verdict.REFUSED, cell.value, placed[number]) if number in placed else cell)
    return Merged(merged.line, merged.held, cells)


def unfit(merged: Merged, final: Mapping[str, Any], staff: Staff, today: date) -> list[tuple[str, str]]:
    """List (field, sentence) of what a row must not become; empty when it may, or when nothing changes."""
    if merged.held is None or merged.line.what is None or not (moved := changed(merged.held, final)):
        return []
    found = RULES[merged.line.what][1](merged.line, merged.held, final, moved, staff, today)
    return [(code, sentence) for code, sentence in found if sentence]


def digest(rows: Sequence[Merged]) -> str:
    """Return a digest of all that a preview says, the present values of every row it would change among them."""
    told = [
        [row.line.place, row.line.what, row.line.ref, dict(row.held.values) if row.held else None, row.held.state if row.held else None,
         [[cell.field, cell.place, cell.base, cell.mine, cell.theirs, cell.verdict, cell.value, cell.why] for cell in row.cells]]
        for row in rows if any(cell.verdict != Verdict.SAME for cell in row.cells)
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True, sort_keys=True, default=str).encode()).hexdigest()
