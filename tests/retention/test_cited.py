"""Evidence that unfinished work stands on is not destroyed, however old it is; and no finished work is handed in again on what is gone."""

from __future__ import annotations

import pytest
import time_machine

from tests.retention.conftest import AFTER, BASIS, REASON
from tests.work import Company
from tracker.assignments import reviewing, working
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.errors import BadInput, RuleBroken
from tracker.evidence.models import Evidence
from tracker.people.access import operator
from tracker.retention import asking
from tracker.words import RetentionAct


def test_open_tasks_that_cite_it_are_named_at_asking_and_at_approving_until_they_are_done(company: Company, frozen_clock: time_machine.Traveller) -> None:
    host, world, database = operator("操作员"), company.world, company.database
    ids = company.applicable(4)
    company.assign(ids, horizon_days=40)
    with database.reading(world.owner.entities) as s:
        tasks = task_ids(s, world.owner, TaskFilter())
    piece = company.evidence()

    def ask() -> int:
        with database.writing(host.entities) as s:
            return asking.ask(s, host, RetentionAct.DESTROY, f"evidence:{piece}", REASON, BASIS).id

    def approve(request: int) -> None:
        with database.writing(world.officer.entities) as s:
            asking.approve(s, world.officer, request, company.store)

    def cite(task: int) -> None:
        with database.writing(world.owner.entities) as s:
            working.cite(s, world.owner, task, [piece])

    frozen_clock.move_to(AFTER)
    request = ask()
    for task in tasks:
        cite(task)
    with pytest.raises(RuleBroken, match="还被 4 项未完成的任务引用：“.+”（截止 2026-12-31）、“.+）等。请先在任务中移除"):
        approve(request)
    for task in tasks[1:]:
        with database.writing(world.owner.entities) as s:
            working.uncite(s, world.owner, task, piece)
    with database.writing(world.owner.entities) as s:
        working.submit(s, world.owner, tasks[0], working.Work("已完成。"))
    with database.writing(world.officer.entities) as s:
        asking.refuse(s, world.officer, request, "还要用")
    with pytest.raises(RuleBroken, match="还被 1 项未完成的任务引用"):
        ask()
    with database.writing(world.reviewer.entities) as s:
        reviewing.accept(s, world.reviewer, tasks[0])
    approve(ask())
    with database.reading(world.owner.entities) as s:
        assert s.get_one(Evidence, piece).destroyed_at == AFTER
    with database.writing(world.officer.entities) as s:
        reviewing.reopen(s, world.officer, tasks[0], "补充材料")
    with pytest.raises(BadInput, match="已到期销毁，不能再作为证据提交"), database.writing(world.owner.entities) as s:
        working.submit(s, world.owner, tasks[0], working.Work("已完成。"))
    with database.writing(world.owner.entities) as s:
        working.uncite(s, world.owner, tasks[0], piece)
        working.submit(s, world.owner, tasks[0], working.Work("已重新办理。"))
