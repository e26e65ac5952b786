"""Pure rule of cells: how what stands in one reads as a text, a day, a cadence, a person or a department."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ..register.shape import REVIEWABLE
from ..words import Cadence, Role
from .rules.columns import label

CLEAR = "〔清空〕"
LONGEST_DEPARTMENT = 100
_CLEARED = {CLEAR, "[清空]", "【清空】", "(清空)"}
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DAY = re.compile(r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})|(\d{2})(\d{2}))\s*日?(?:[ T]00:00(?::00)?)?")
_FIRST_SERIAL, _LAST_SERIAL, _DAY_ZERO = 36_526, 73_050, date(1899, 12, 30)


ROLE_OF = {"owner": Role.OWNER, "reviewer": Role.REVIEWER}


class Unfit(Exception):
    """What stands in a cell cannot be taken; carries the sentence, without the place."""


def cell_text(value: Any) -> str:
    """Return what stands in a cell as one text: dates as 2026-11-22, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute or value.second) else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def is_clear(text: str) -> bool:
    """Tell whether a cell asks in so many words that its value be taken away."""
    return unicodedata.normalize("NFKC", text.strip()) in _CLEARED or text.strip() in _CLEARED


def kept_or(text: str) -> str | None:
    """Read a field that changes nothing when it is blank: None for that, an empty text when it asks to be cleared."""
    return None if not text.strip() else "" if is_clear(text) else text.strip()


def day(text: str, what: str) -> date:
    """Read a day as people write it, or as Excel counts it; raises Unfit."""
    given = unicodedata.normalize("NFKC", text).strip()
    if given.isascii() and given.isdigit() and len(given) == 5 and _FIRST_SERIAL <= int(given) <= _LAST_SERIAL:
        return _DAY_ZERO + timedelta(days=int(given))
    match = _DAY.fullmatch(given)
    try:
        if match:
            return date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
    except ValueError:
        pass
    raise Unfit(f"“{text[:40]}”不是有效的{what}，请写作 2026-11-22。")


def words(text: str, what: str, most: int) -> str:
    """Read a text of at most so many characters; raises Unfit when it is longer or nothing could hold it."""
    given = text.strip()
    if len(given) > most:
        raise Unfit(f"{what}有 {len(given):,} 个字，最多 {most:,} 个。")
    if found := _UNHOLDABLE.search(given):
        raise Unfit(f"{what}中有无法保存的控制字符（U+{ord(found.group()):04X}），请删去。")
    return given


def department(text: str) -> str:
    """Read the name of a department; raises Unfit when nothing could hold it."""
    return words(text, "部门名称", LONGEST_DEPARTMENT)


def cadence(text: str, code: str) -> Cadence:
    """Read a cadence by its label or code; raises Unfit with those that may be."""
    allowed = REVIEWABLE if code == "review_every" else tuple(Cadence)
    given = unicodedata.normalize("NFKC", text).strip()
    for word in allowed:
        if given.casefold() in {word.label, str(word), word.label.removeprefix("每")}:
            return word
    raise Unfit(f"“{text[:20]}”不是可选的{label(code)}。可以填写：{'、'.join(word.label for word in allowed)}。")


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the lists name him."""

    id: int
    name: str
    department: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Staff:
    """The people of an entity who are still there, by id; each has a name that only he has."""

    people: Mapping[int, Member]
    called: dict[int, str] = field(default_factory=dict)
    known: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[Member]) -> Staff:
        """Give everybody his name: alone where it is the only one, else with the department, else with the number."""
        members = {one.id: one for one in people}
        staff = cls(members)
        names = _times(one.name for one in members.values())
        longer = _times(f"{one.name}（{one.department}）" for one in members.values())
        for one in members.values():
            wide = f"{one.name}（{one.department}）"
            staff.called[one.id] = one.name if names[one.name] == 1 else wide if one.department and longer[wide] == 1 else f"{one.name}（#{one.id}）"
            for name in {one.name, wide, f"{one.name} · {one.department}", f"{one.name}（#{one.id}）"}:
                staff.known.setdefault(_alike(name), []).append(one.id)
        return staff

    def find(self, text: str, code: str) -> int:
        """Return whom a cell names; raises Unfit when it is nobody here, or more than one."""
        found = self.known.get(_alike(text), [])
        if not found:
            raise Unfit(f"{label(code)}“{text[:40]}”不在本主体的人员中。请先添加此人，或改填他人。")
        if len(found) > 1:
            raise Unfit(f"本主体有 {len(found)} 位“{text[:40]}”。请写作{'或'.join(f'“{self.called[one]}”' for one in found[:4])}。")
        return found[0]

    def unfit(self, person_id: int | None, code: str) -> str:
        """Say why somebody cannot be owner or reviewer here; an empty text when he can."""
        role, person = ROLE_OF[code], self.people.get(person_id or 0)
        if person is None:
            return f"现任{role.label}已不在本主体的在职人员中，请同时改派{role.label}。"
        return "" if role in person.roles else f"{person.name}在本主体没有“{role.label}”角色。请改填他人，或请系统管理员授予角色。"

    def holding(self, role: Role) -> list[str]:
        """List the names of those who hold a role, for a drop-down."""
        return [self.called[one.id] for one in self.people.values() if role in one.roles]


def _alike(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def _times(names: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found
