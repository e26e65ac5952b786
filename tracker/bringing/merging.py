"""Pure rule of merging: what a cell said when it went out, what it says now, and what the application says by now.

A blank cell never changes anything; a cell that says what it said when it went out gives way to the application; one that
says something new goes in where the application has not moved; where both have moved, somebody has to decide.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ..assignments.workflow import allowed
from ..words import Cadence, ListKind, TaskState, Word
from . import fields
from .fields import EDITABLE, Staff, Unfit, label
from .lines import Line

LONGEST_AHEAD = timedelta(days=3660)
CANNOT_CLEAR = {
    "owner": "责任人不能清空。如不再分派，请在系统中结束分派。", "reviewer": "复核人不能清空。如不再分派，请在系统中结束分派。",
    "due_on": "截止日不能清空。如不再需要，请在系统中取消任务。",
}


class Verdict(Word):
    """What becomes of a cell."""

    SAME = "same", "一致"
    CHANGE = "change", "将更改"
    CONFLICT = "conflict", "有冲突"
    REFUSED = "refused", "不能导入"


@dataclass(frozen=True, slots=True)
class Held:
    """What the application holds of a row: values by field as they are stored, and as they read; `refused` says why none may change.

    `standing`: the obligation is assigned already; `suggested` are its own cadence and how often it is confirmed; `state` and
    `submitted_by` are a task's.
    """

    ref: str
    title: str
    values: Mapping[str, Any]
    shown: Mapping[str, str]
    version: int = 0
    standing: bool = True
    suggested: tuple[Cadence, Cadence | None] = (Cadence.ANNUAL, None)
    state: TaskState | None = None
    submitted_by: int | None = None
    refused: str = ""


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


def merge(line: Line, held: Held | None, what: ListKind, staff: Staff, today: date) -> Merged:
    """Give every cell of a row its verdict."""
    cells = [Cell("", place, None, "", "", Verdict.REFUSED, why=sentence) for place, sentence in line.faults]
    if held is None or held.refused or _never(line, held):
        why = (held.refused or _never(line, held)) if held else "没有这一项，或它不属于当前主体。请核对编号。"
        return Merged(line, held, cells if line.faults else [*cells, Cell("", line.place, None, line.ref, "", Verdict.REFUSED, why=why)])
    cells += [_cell(code, *line.cells[code], line, held, staff) for code in EDITABLE[what] if code in line.cells and code != "reason"]
    merged = Merged(line, held, cells)
    return merged if merged.refused else _checked(merged, what, staff, today)


def _never(line: Line, held: Held) -> str:
    # An obligation that was assigned anew begins again at one; a task stays what it is.
    if held.state is not None and line.version is not None and line.version > held.version:
        return "隐藏的行版本比系统中的还新，不是从本系统导出的样子。请重新下载模板，或删去隐藏列后按编号导入。"
    return ""


def _cell(code: str, place: str, text: str, line: Line, held: Held, staff: Staff) -> Cell:
    known = line.base is not None and code in line.base
    base, base_shown = (line.base or {}).get(code, (None, ""))
    theirs, told = held.values.get(code), held.shown.get(code, "")
    told_base = base_shown if known else None
    if text.strip() == told:
        return Cell(code, place, told_base, text, told, Verdict.SAME, theirs)
    try:
        mine, shown = _read(code, text, held, staff)
    except Unfit as unfit:
        return Cell(code, place, told_base, text, told, Verdict.REFUSED, why=str(unfit))
    return Cell(code, place, told_base, shown, told, three_way(base, mine, theirs, known), mine)


def _read(code: str, text: str, held: Held, staff: Staff) -> tuple[Any, str]:
    """Return what a cell means, as stored and as it reads."""
    if fields.is_clear(text):
        return _cleared(code, held)
    if code in fields.ROLE_OF:
        person = staff.find(text, code)
        return person, staff.called[person]
    if code == "department":
        return fields.department(text), fields.department(text)
    if code in ("first_due", "due_on"):
        told = fields.day(text, label(code)).isoformat()
        return told, told
    word = fields.cadence(text, code)
    return str(word), word.label


def _cleared(code: str, held: Held) -> tuple[Any, str]:
    if code in CANNOT_CLEAR:
        raise Unfit(CANNOT_CLEAR[code])
    if code == "department":
        if held.state is not None:
            raise Unfit("任务的部门不能清空，请改填其他部门。")
        return "", ""
    if code == "first_due":
        return None, ""
    word = held.suggested[0] if code == "cadence" else held.suggested[1]
    return (str(word), word.label) if word else (None, "")


def _checked(merged: Merged, what: ListKind, staff: Staff, today: date) -> Merged:
    """Refuse the cells that do not fit together with the rest of the row, taking the file's word in every conflict."""
    conflicts = {cell.place: True for cell in merged.having(Verdict.CONFLICT)}
    wrong = unfit(merged, what, merged.final(conflicts), staff, today)
    if not wrong:
        return merged
    cells, at = [], {cell.field: number for number, cell in enumerate(merged.cells)}
    placed = {at.get(code, 0): sentence for code, sentence in reversed(wrong)}
    for number, cell in enumerate(merged.cells):
        cells.append(Cell(cell.field, cell.place, cell.base, cell.mine, cell.theirs, Verdict.REFUSED, cell.value, placed[number]) if number in placed else cell)
    return Merged(merged.line, merged.held, cells)


def changed(held: Held, final: Mapping[str, Any]) -> set[str]:
    """Return the fields that would change."""
    return {code for code, value in final.items() if held.values.get(code) != value}


def unfit(merged: Merged, what: ListKind, final: Mapping[str, Any], staff: Staff, today: date) -> list[tuple[str, str]]:
    """List (field, sentence) of what a row must not become; empty when it may, or when nothing changes."""
    if merged.held is None or not (moved := changed(merged.held, final)):
        return []
    if final["owner"] is not None and final["owner"] == final["reviewer"]:
        return [("reviewer" if "reviewer" in moved else "owner", "责任人和复核人不能是同一人。")]
    found = _unfit_task(merged.line, merged.held, final, moved, staff, today) if what == ListKind.TASKS else _unfit_duty(merged.held, final, moved, staff, today)
    return [(code, sentence) for code, sentence in found if sentence]


def _unfit_people(final: Mapping[str, Any], codes: Collection[str], staff: Staff) -> list[tuple[str, str]]:
    return [(code, staff.unfit(final[code], code)) for code in ("owner", "reviewer") if code in codes]


def rhythm(held: Held, final: Mapping[str, Any]) -> tuple[Cadence, Cadence | None, str | None]:
    """Return the cadence, how often it is confirmed and the first due date that a row comes to."""
    cadence = Cadence(final["cadence"]) if final["cadence"] else held.suggested[0]
    given = Cadence(final["review_every"]) if final["review_every"] else held.suggested[1] or Cadence.QUARTERLY
    return cadence, given if cadence == Cadence.CONTINUOUS else None, None if cadence == Cadence.EVENT else final["first_due"]


def new_rhythm(held: Held, final: Mapping[str, Any]) -> bool:
    """Tell whether the dates of an assignment come out otherwise than they stand."""
    return not held.standing or rhythm(held, final) != rhythm(held, held.values)


def _unfit_duty(held: Held, final: Mapping[str, Any], moved: Collection[str], staff: Staff, today: date) -> list[tuple[str, str]]:
    needed = [(code, f"分派这项义务还需要填写{label(code)}。") for code in ("owner", "reviewer") if final[code] is None]
    if needed:
        return needed
    found = _unfit_people(final, ("owner", "reviewer"), staff)
    cadence, _, first = rhythm(held, final)
    if "review_every" in moved and final["review_every"] and cadence != Cadence.CONTINUOUS:
        found.append(("review_every", f"只有“{Cadence.CONTINUOUS.label}”的义务有确认频率，这一项是“{cadence.label}”。"))
    if cadence == Cadence.EVENT:
        return [*found, ("first_due", "事件触发的义务没有首个截止日，请清空此格。" if "first_due" in moved and final["first_due"] else "")]
    if not new_rhythm(held, final):
        return found
    if first is None:
        return [*found, ("first_due", "请填写首个截止日：这项义务不是事件触发，需要截止日。")]
    ahead = today <= date.fromisoformat(first) <= today + LONGEST_AHEAD
    changes = "first_due" if "first_due" in moved or not held.standing else "cadence" if "cadence" in moved else "review_every"
    return [*found, (changes, "" if ahead else f"首个截止日 {first} 应在今天（{today.isoformat()}）之后、十年之内；更改频率时请同时填写新的首个截止日。")]


def _unfit_task(line: Line, held: Held, final: Mapping[str, Any], moved: Collection[str], staff: Staff, today: date) -> list[tuple[str, str]]:
    state, found = held.state or TaskState.CANCELLED, []
    handed = [code for code in ("owner", "reviewer", "department") if code in moved]
    if handed and not allowed("hand_over", state):
        found += [(code, f"任务已是“{state.label}”，不能改派。") for code in handed]
    found += _unfit_people(final, moved, staff)
    if "reviewer" in moved and held.submitted_by == final["reviewer"]:
        found.append(("reviewer", "所填的复核人正是提交人，不能复核自己的提交。请改填他人，或先撤回提交。"))
    if "due_on" in moved:
        found.append(("due_on", _unfit_day(line, state, final["due_on"], today)))
    return found


def _unfit_day(line: Line, state: TaskState, due_on: str, today: date) -> str:
    if not allowed("reschedule", state):
        return f"任务当前为“{state.label}”，不能改期。"
    if due_on < today.isoformat():
        return f"新的截止日 {due_on} 不能早于今天（{today.isoformat()}）。"
    given = line.cells.get("reason", ("", ""))[1].strip()
    return "" if 4 <= len(given) <= 500 else "改期需要在“改期理由”列用 4 到 500 个字写明理由。"


def digest(rows: Sequence[Merged]) -> str:
    """Return a digest of all that a preview says, the present values of every row it would change among them."""
    told = [
        [row.line.number, row.line.ref, dict(row.held.values) if row.held else None, row.held.state if row.held else None,
         [[cell.field, cell.place, cell.base, cell.mine, cell.theirs, cell.verdict, cell.value, cell.why] for cell in row.cells]]
        for row in rows if any(cell.verdict != Verdict.SAME for cell in row.cells)
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True, sort_keys=True, default=str).encode()).hexdigest()
