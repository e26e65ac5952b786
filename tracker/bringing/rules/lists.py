"""Pure rule of the other exported lists: what a cell of 管控信息, 适用性说明 or 证据目录 means, and what a row must not become."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from ...controls.fields import BY_NAME, checked, shown
from ...errors import BadInput
from ...evidence.checks import date_faults, note_checked
from ...retention.classes import Term
from ...words import ScopeState
from .. import fields
from ..fields import Staff, Unfit
from ..lines import Line
from .held import Held

SHORTEST_REASON, LONGEST_REASON = 4, 500
_APART = re.compile(r"\s*(?:至|到|~|～|—+|–|\s-\s|/(?=\d{4}-)|\n)\s*")
_STATES = {word: state for state in ScopeState for word in (state.label, str(state))}


def read_control(code: str, text: str, _held: Held, _staff: Staff) -> tuple[Any, str]:
    """Return what a cell of the three lists means, as stored and as it reads; raises Unfit."""
    if fields.is_clear(text):
        return "", ""
    fields.words(text, BY_NAME[code].label, max(len(text), 1))
    try:
        value = checked({code: text})[code]
    except BadInput as problem:
        raise Unfit(problem.problems[0].sentence) from None
    return value, shown(code, value)


def read_scope(code: str, text: str, _held: Held, _staff: Staff) -> tuple[Any, str]:
    """Return what a cell of 适用性说明 means; raises Unfit."""
    if code == "reason":
        told = "" if fields.is_clear(text) else fields.words(text, "理由", LONGEST_REASON)
        return told, told
    if fields.is_clear(text):
        raise Unfit("认定不能清空。请填写“适用”或“不适用”。")
    state = _STATES.get(text.strip().casefold())
    if state is None:
        raise Unfit(f"“{text.strip()[:20]}”不是认定的结果。请填写“适用”或“不适用”。")
    return str(state), state.label


# Days of a piece of evidence that stand in a cell of their own.
DAYS = {"obtained_on": "取得日", "valid_until": "有效期至"}


def read_evidence(code: str, text: str, _held: Held, _staff: Staff) -> tuple[Any, str]:
    """Return what a cell of 证据目录 means; a period is its two days; raises Unfit."""
    clear = fields.is_clear(text)
    if code == "note":
        try:
            told = "" if clear else note_checked(text)
        except BadInput as problem:
            raise Unfit(problem.problems[0].sentence) from None
        return told, told
    if code in DAYS:
        day = None if clear else fields.day(text, DAYS[code]).isoformat()
        return day, day or ""
    if clear:
        return None, ""
    days = [part for part in _APART.split(text.strip()) if part]
    if len(days) != 2:
        raise Unfit(f"“{text.strip()[:40]}”不是有效的所属期间，请写作 2026-10-01 至 2026-12-31。")
    first, last = (fields.day(part, "所属期间").isoformat() for part in days)
    return f"{first}/{last}", f"{first}\n至 {last}"


def confirms(held: Held, final: Mapping[str, Any], moved: Collection[str]) -> bool:
    """Tell whether a row only confirms what is suggested, with the suggestion's own reason."""
    return not held.standing and "reason" not in moved and (final["state"] == ScopeState.APPLIES) == held.applies


def given_reason(line: Line, final: Mapping[str, Any], moved: Collection[str]) -> str:
    """Return the reason that a row gives for its decision; one that stood there before gives none for another decision."""
    return str(final["reason"]).strip() if "reason" in moved or "reason" in line.cells or "state" not in moved else ""


def unfit_nothing(_line: Line, _held: Held, _final: Mapping[str, Any], _moved: Collection[str], _staff: Staff, _today: date) -> list[tuple[str, str]]:
    """Say nothing: the fields of 管控信息 do not hang together."""
    return []


def unfit_scope(line: Line, held: Held, final: Mapping[str, Any], moved: Collection[str], _staff: Staff, _today: date) -> list[tuple[str, str]]:
    """List (field, sentence) of what a decision must not become."""
    if final["state"] is None:
        return [("reason", "这一项还没有认定。请同时在“认定”列填写“适用”或“不适用”。")]
    if confirms(held, final, moved):
        return []
    if "state" in moved and "reason" not in moved and held.values["reason"] and "reason" not in line.cells:
        return [("state", "认定改了，理由还是原来的。请同时改写“理由”；不再需要理由的，填写〔清空〕。")]
    needed = final["state"] == ScopeState.NOT_APPLICABLE or not held.applies
    if needed and len(given_reason(line, final, moved)) < SHORTEST_REASON:
        why = "定为不适用" if final["state"] == ScopeState.NOT_APPLICABLE else "与系统建议不同"
        return [("reason" if "reason" in moved else "state", f"{why}的，需要在“理由”列写明理由（至少 {SHORTEST_REASON} 个字）。")]
    if "state" not in moved and not final["reason"]:
        return [("reason", "认定没有改变，理由不能清空。请改写理由。")]
    return []


def unfit_evidence(_line: Line, held: Held, final: Mapping[str, Any], _moved: Collection[str], _staff: Staff, today: date) -> list[tuple[str, str]]:
    """List (field, sentence) of what the description of a piece of evidence must not become."""
    first, last = days_of(final["period"])
    obtained, valid = (date.fromisoformat(final[code]) if final[code] else None for code in DAYS)
    wrong = [(fault.where if fault.where in DAYS else "period", fault.sentence) for fault in date_faults(first, last, obtained, today, valid)]
    return wrong or _shortened(held, last, obtained)


def _shortened(held: Held, last: date | None, obtained: date | None) -> list[tuple[str, str]]:
    """Refuse what makes the term end earlier: that needs a reason, for which a row has no place."""
    old = held.term
    if old is None or old.end is None:
        return []
    new = Term(old.kept_as, max((day for day in (held.least, last, obtained) if day), default=None))
    if new.end is None or new.end >= old.end:
        return []
    # The cell to name is the one that told the first day until now.
    code = "period" if days_of(held.values["period"])[1] == old.start else "obtained_on"
    return [(code, f"这样修改会使保存期限由 {old.end.isoformat()} 提前到 {new.end.isoformat()}。缩短保存期限要写明理由，不能通过导入办理，请在这份证据的页面上修改说明，并填写缩短保存期限的理由。")]


def days_of(period: str | None) -> tuple[date | None, date | None]:
    """Return the two days of a period as it is kept here."""
    if not period:
        return None, None
    first, _, last = period.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last)
