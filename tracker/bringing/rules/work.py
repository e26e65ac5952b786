"""Pure rule of assignments and tasks: what a cell of theirs means, and what a row must not become."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from ...assignments.workflow import LONGEST_NOTE, allowed
from ...words import Cadence, ListKind, TaskState
from .. import fields
from ..fields import Staff, Unfit
from ..lines import Line
from .columns import label
from .held import Held

LONGEST_AHEAD = timedelta(days=3660)
CANNOT_CLEAR = {
    "owner": "责任人不能清空。如不再分派，请在系统中结束分派。", "reviewer": "复核人不能清空。如不再分派，请在系统中结束分派。",
    "due_on": "截止日不能清空。如不再需要，请在系统中取消任务。",
}


def read(code: str, text: str, held: Held, staff: Staff) -> tuple[Any, str]:
    """Return what a cell means, as stored and as it reads; raises Unfit."""
    if fields.is_clear(text):
        return _cleared(code, held)
    if code in fields.ROLE_OF:
        person = staff.find(text, code)
        return person, staff.called[person]
    if code in ("department", "note"):
        told = fields.department(text) if code == "department" else fields.words(text, "备注", LONGEST_NOTE)
        return told, told
    if code in ("first_due", "due_on"):
        told = fields.day(text, _called(code)).isoformat()
        return told, told
    word = fields.cadence(text, code)
    return str(word), word.label


def _called(code: str) -> str:
    return label(code, ListKind.TASKS if code == "due_on" else ListKind.ASSIGNMENTS)


def _cleared(code: str, held: Held) -> tuple[Any, str]:
    if code in CANNOT_CLEAR:
        raise Unfit(CANNOT_CLEAR[code])
    if code in ("department", "note"):
        return "", ""
    if code == "first_due":
        return None, ""
    word = held.suggested[0] if code == "cadence" else held.suggested[1]
    return (str(word), word.label) if word else (None, "")


def _people(final: Mapping[str, Any], codes: Collection[str], staff: Staff) -> list[tuple[str, str]]:
    return [(code, staff.unfit(final[code], code)) for code in ("owner", "reviewer") if code in codes]


def _same_person(final: Mapping[str, Any], moved: Collection[str]) -> list[tuple[str, str]]:
    same = final["owner"] is not None and final["owner"] == final["reviewer"]
    return [("reviewer" if "reviewer" in moved else "owner", "责任人和复核人不能是同一人。")] if same else []


def rhythm(held: Held, final: Mapping[str, Any]) -> tuple[Cadence, Cadence | None, str | None]:
    """Return the cadence, how often it is confirmed and the first due date that a row comes to."""
    cadence = Cadence(final["cadence"]) if final["cadence"] else held.suggested[0]
    given = Cadence(final["review_every"]) if final["review_every"] else held.suggested[1] or Cadence.QUARTERLY
    return cadence, given if cadence == Cadence.CONTINUOUS else None, None if cadence == Cadence.EVENT else final["first_due"]


def new_rhythm(held: Held, final: Mapping[str, Any]) -> bool:
    """Tell whether the dates of an assignment come out otherwise than they stand."""
    return not held.standing or rhythm(held, final) != rhythm(held, held.values)


def unfit_duty(_line: Line, held: Held, final: Mapping[str, Any], moved: Collection[str], staff: Staff, today: date) -> list[tuple[str, str]]:
    """List (field, sentence) of what an assignment must not become."""
    if same := _same_person(final, moved):
        return same
    needed = [(code, f"分派这项义务还需要填写{label(code)}。") for code in ("owner", "reviewer") if final[code] is None]
    if needed:
        return needed
    found = _people(final, ("owner", "reviewer"), staff)
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


def unfit_task(line: Line, held: Held, final: Mapping[str, Any], moved: Collection[str], staff: Staff, today: date) -> list[tuple[str, str]]:
    """List (field, sentence) of what a task must not become."""
    if same := _same_person(final, moved):
        return same
    state, found = held.state or TaskState.CANCELLED, []
    handed = [code for code in ("owner", "reviewer", "department") if code in moved]
    if handed and not allowed("hand_over", state):
        found += [(code, f"任务已是“{state.label}”，不能改派。") for code in handed]
    found += _people(final, moved, staff)
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
    return "" if 4 <= len(given) <= 500 else "改期需要在“改期理由”列用 4 到 500 个字写明理由；表中没有这一列的，请加一列。"
