"""Pure rule of a task's life: which act leads from which state to which, and who may do it."""

from __future__ import annotations

from datetime import date

from ..errors import Forbidden, RuleBroken
from ..words import TaskState

LONGEST_NOTE = 500
OPEN = frozenset({TaskState.NOT_STARTED, TaskState.IN_PROGRESS, TaskState.RETURNED, TaskState.SUBMITTED})
WORKABLE = frozenset({TaskState.NOT_STARTED, TaskState.IN_PROGRESS, TaskState.RETURNED})

# act → (states it may start from, state it leads to, what one calls it)
ACTS: dict[str, tuple[frozenset[TaskState], TaskState, str]] = {
    "work": (WORKABLE, TaskState.IN_PROGRESS, "办理"),
    "submit": (WORKABLE, TaskState.SUBMITTED, "提交复核"),
    "recall": (frozenset({TaskState.SUBMITTED}), TaskState.IN_PROGRESS, "撤回提交"),
    "accept": (frozenset({TaskState.SUBMITTED}), TaskState.DONE, "接受"),
    "send_back": (frozenset({TaskState.SUBMITTED}), TaskState.RETURNED, "退回"),
    "reopen": (frozenset({TaskState.DONE, TaskState.CANCELLED}), TaskState.IN_PROGRESS, "重新打开"),
    "cancel": (OPEN, TaskState.CANCELLED, "取消"),
    "reschedule": (WORKABLE, TaskState.NOT_STARTED, "改期"),
    "hand_over": (OPEN, TaskState.NOT_STARTED, "移交"),
}


def allowed(act: str, state: TaskState) -> bool:
    """Tell whether an act may start from this state."""
    return state in ACTS[act][0]


def after(act: str, state: TaskState) -> TaskState:
    """Return the state an act leads to, or raise RuleBroken with a sentence."""
    starts, leads_to, name = ACTS[act]
    if state not in starts:
        raise RuleBroken(f"任务当前为“{state.label}”，不能{name}。请刷新页面查看最新状态。")
    # A returned task stays marked as returned while it is being worked on again, so that nobody overlooks why.
    return state if act == "work" and state == TaskState.RETURNED else leads_to


def check_reviewer(person_id: int | None, reviewer_id: int, submitter_id: int | None) -> None:
    """Raise Forbidden unless this person is the named reviewer and did not hand the work in himself."""
    if person_id is None or person_id != reviewer_id:
        raise Forbidden("只有该任务指定的复核人可以复核。如需更换复核人，请联系合规管理人员。")
    if person_id == submitter_id:
        raise Forbidden("您是提交人，不能复核自己提交的内容，系统管理员也不例外。")


def is_late(state: TaskState, due: date, today: date) -> bool:
    """Tell whether a task is late: its day is past and nothing has been handed in."""
    return state in WORKABLE and due < today


def is_outdated(state: TaskState, accepted: str | None, digest: str) -> bool:
    """Tell whether an acceptance stands on another text of the obligation than the one in force."""
    return state == TaskState.DONE and accepted is not None and accepted != digest


def shown_state(state: TaskState, due: date, today: date, outdated: bool = False) -> tuple[str, str]:
    """Return (code, label) of the state as people see it: late work is 已逾期, except what was sent back; outdated acceptances 待重新确认."""
    if outdated:
        return "reconfirm", "待重新确认"
    if is_late(state, due, today) and state != TaskState.RETURNED:
        return "overdue", "已逾期"
    return str(state), state.label
