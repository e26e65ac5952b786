"""A task's life: every act from every state either leads where it should or is refused with a sentence."""

from datetime import date

import pytest

from tracker.assignments import workflow
from tracker.errors import Forbidden, RuleBroken
from tracker.words import TaskState

LEADS = {
    ("submit", "not_started"): "submitted", ("submit", "in_progress"): "submitted", ("submit", "returned"): "submitted",
    ("work", "not_started"): "in_progress", ("work", "in_progress"): "in_progress", ("work", "returned"): "returned",
    ("recall", "submitted"): "in_progress", ("accept", "submitted"): "done", ("send_back", "submitted"): "returned",
    ("reopen", "done"): "in_progress", ("reopen", "cancelled"): "in_progress",
    ("cancel", "not_started"): "cancelled", ("cancel", "in_progress"): "cancelled", ("cancel", "returned"): "cancelled", ("cancel", "submitted"): "cancelled",
}


@pytest.mark.parametrize("act", ["work", "submit", "recall", "accept", "send_back", "reopen", "cancel"])
@pytest.mark.parametrize("state", list(TaskState))
def test_every_act_from_every_state_leads_on_or_is_refused(act: str, state: TaskState) -> None:
    if (act, str(state)) in LEADS:
        assert workflow.after(act, state) == LEADS[act, str(state)]
    else:
        with pytest.raises(RuleBroken, match=state.label):
            workflow.after(act, state)


def test_only_the_named_reviewer_who_did_not_submit_may_review() -> None:
    workflow.check_reviewer(7, 7, 3)
    for person, submitter in ((8, 3), (None, 3), (7, 7)):
        with pytest.raises(Forbidden):
            workflow.check_reviewer(person, 7, submitter)


def test_late_is_what_is_past_its_day_and_not_handed_in() -> None:
    today = date(2026, 11, 22)
    assert workflow.is_late(TaskState.IN_PROGRESS, date(2026, 11, 21), today)
    assert not workflow.is_late(TaskState.IN_PROGRESS, today, today)
    assert not workflow.is_late(TaskState.SUBMITTED, date(2026, 1, 1), today)
    assert workflow.shown_state(TaskState.NOT_STARTED, date(2026, 11, 21), today) == ("overdue", "已逾期")
    assert workflow.shown_state(TaskState.RETURNED, date(2026, 11, 21), today) == ("returned", "已退回")
