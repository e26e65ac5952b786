"""Pure rule of a level: how one obligation stands with one entity right now, in one word, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..words import ScopeState, Word


class Level(Word):
    """How an obligation stands with an entity, the worst first."""

    OVERDUE = "overdue", "已逾期"
    RETURNED = "returned", "已退回"
    RECONFIRM = "reconfirm", "待重新确认"
    UNASSIGNED = "unassigned", "适用未分派"
    UNDECIDED = "undecided", "待确认适用性"
    OPEN = "open", "未到期"
    SUBMITTED = "submitted", "待复核"
    DONE = "done", "已完成"
    IDLE = "idle", "尚无任务"
    NOT_APPLICABLE = "not_applicable", "不适用"


_RANK = {level: place for place, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Work:
    """The tasks of one obligation in one entity, counted; `overdue` also counts what was sent back, `done` also what is to be confirmed again."""

    overdue: int = 0
    returned: int = 0
    reconfirm: int = 0
    open: int = 0
    submitted: int = 0
    done: int = 0

    @property
    def unfinished(self) -> int:
        """Return how many tasks are not done yet."""
        return self.open + self.returned + self.submitted


def level_of(scope: ScopeState | None, assigned: bool, work: Work) -> Level:
    """Return the level; what is late or sent back is worse than what nobody sees to, and an exclusion settles all.

    `scope` is None while nobody has decided whether the obligation applies.
    """
    if scope is ScopeState.NOT_APPLICABLE:
        return Level.NOT_APPLICABLE
    wrong = ((Level.OVERDUE, work.overdue), (Level.RETURNED, work.returned), (Level.RECONFIRM, work.reconfirm))
    found = next((level for level, number in wrong if number), None)
    if found is not None:
        return found
    if scope is None:
        return Level.UNDECIDED
    if not assigned:
        return Level.UNASSIGNED
    doing = ((Level.OPEN, work.open), (Level.SUBMITTED, work.submitted), (Level.DONE, work.done))
    return next((level for level, number in doing if number), Level.IDLE)


def worst(levels: Iterable[Level]) -> Level | None:
    """Return the worst of some levels, None of none."""
    return min(levels, key=_RANK.__getitem__, default=None)
