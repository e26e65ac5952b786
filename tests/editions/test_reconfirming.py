"""Confirming acceptances again after the text of their obligation changed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select

from tests.cast import World
from tests.editions.registers import (
    Duty,
    count,
    identity,
    outdated,
    put,
    register,
    seen,
)
from tracker.assignments import reviewing, working
from tracker.assignments.models import Reconfirmation, Submission, Task
from tracker.assignments.queries import TaskFilter, task_count, task_ids
from tracker.audit.queries import TrailFilter, events
from tracker.db import EVERY_ENTITY, Database
from tracker.editions import queries
from tracker.errors import BadInput, Forbidden, NotFound, Stale
from tracker.register.models import Obligation


def test_a_change_puts_acceptances_up_for_confirmation_and_says_what_changed(worked: Database, world: World) -> None:
    assert outdated(worked, world) == []
    told = seen(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (touched,) = told.touched
    assert (touched.entity, touched.assignments, touched.reconfirm, touched.ended) == ("海川", 1, 1, 0)
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (task_id,) = outdated(worked, world)
    with worked.reading(world.reviewer.entities) as s:
        row = s.get_one(Task, task_id)
        (change,) = queries.text_change(s, row.obligation_id, row.accepted_digest or "")
        assert (change.field, change.old, change.new) == ("statement", "第1项要求，写法0。", "第1项要求，写法1。")
        assert task_count(s, world.reviewer, TaskFilter(state="reconfirm")) == 1


def test_confirming_again_is_the_reviewers_own_act_with_its_event_and_keeps_the_acceptance_as_it_was(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    ids, who = outdated(worked, world), world.reviewer
    with worked.writing(who.entities) as s:
        assert reviewing.reconfirm(s, who, ids, "要求未变，结论仍然成立。") == 1
    assert outdated(worked, world) == []
    with worked.reading(EVERY_ENTITY) as s:
        kept, again = s.scalars(select(Submission)).one(), s.scalars(select(Reconfirmation)).one()
        now = s.get_one(Obligation, identity(1)).digest
        assert kept.obligation_digest == again.old_digest != again.new_digest == now
        (event,) = events(s, TrailFilter((f"ent_{world.ours}",), action="task.reconfirmed"))
    assert event.after == {"obligation_digest": now, "edition": "2026.12"} and event.personal["reason"] == "要求未变，结论仍然成立。"
    with pytest.raises(BadInput, match="不需要重新确认"), worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, ids)


@pytest.mark.parametrize(("name", "error"), [("王责任", Forbidden), ("林合规", Forbidden), ("钱审计", Forbidden), ("孙外人", NotFound), ("管理员", NotFound), ("操作员", Forbidden)])
def test_nobody_but_the_reviewer_confirms_again(worked: Database, world: World, name: str, error: type[Exception]) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    ids, who = outdated(worked, world), world.viewer(name)
    with pytest.raises(error), worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, ids)
    assert outdated(worked, world) == ids


def test_several_are_confirmed_as_a_whole_or_not_at_all(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    ids, who = outdated(worked, world), world.reviewer
    with worked.reading(who.entities) as s:
        fresh = task_ids(s, who, TaskFilter(state="open"))[0]
    with pytest.raises(BadInput, match="没有确认任何任务"), worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, [*ids, fresh])
    assert outdated(worked, world) == ids and count(worked, Reconfirmation) == 0


def test_a_reopened_task_no_longer_waits_for_confirmation(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (task_id,), who = outdated(worked, world), world.officer
    with worked.writing(who.entities) as s:
        reviewing.reopen(s, who, task_id, "按新的文本重做")
    assert outdated(worked, world) == []


def test_a_reviewer_confirms_only_the_text_he_saw(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    (task_id,), who = outdated(worked, world), world.reviewer
    with worked.reading(who.entities) as s:
        seen_digest = s.get_one(Task, task_id).obligation.digest
    put(worked, register([Duty(1, 2), Duty(2), Duty(3)], "2026.12.1"))
    with pytest.raises(Stale, match="文本在您打开页面之后变了") as stale, worked.writing(who.entities) as s:
        reviewing.reconfirm(s, who, [task_id], seen={task_id: seen_digest})
    assert "写法2" in stale.value.theirs["现在的要求"]
    assert outdated(worked, world) == [task_id]


def test_a_reviewer_accepts_only_under_the_text_he_saw(worked: Database, world: World) -> None:
    with worked.reading(world.owner.entities) as s:
        task_id = task_ids(s, world.owner, TaskFilter(state="open", obligation_id=identity(2)))[0]
        digest = s.get_one(Task, task_id).obligation.digest
    with worked.writing(world.owner.entities) as s:
        working.submit(s, world.owner, task_id, working.Work("已完成。"))
    put(worked, register([Duty(1), Duty(2, 1), Duty(3)], "2026.12"))
    with pytest.raises(Stale), worked.writing(world.reviewer.entities) as s:
        reviewing.accept(s, world.reviewer, task_id, seen=digest)
    with worked.writing(world.reviewer.entities) as s:
        reviewing.accept(s, world.reviewer, task_id, seen=s.get_one(Task, task_id).obligation.digest)


def test_confirming_many_asks_the_database_no_more_often_than_confirming_few(worked: Database, world: World) -> None:
    with worked.reading(world.owner.entities) as s:
        more = [task_ids(s, world.owner, TaskFilter(state="open", obligation_id=identity(number)))[0] for number in (2, 3)]
    for task_id in more:
        with worked.writing(world.owner.entities) as s:
            working.submit(s, world.owner, task_id, working.Work("已完成。"))
        with worked.writing(world.reviewer.entities) as s:
            reviewing.accept(s, world.reviewer, task_id)
    put(worked, register([Duty(1, 1), Duty(2, 1), Duty(3, 1)], "2026.12"))
    ids, asked = outdated(worked, world), []
    assert len(ids) == 3
    for some in (ids[:1], ids[1:]):
        told: list[str] = []

        def note(*given: Any, told: list[str] = told) -> None:
            told.append(given[2])

        event.listen(worked.engine, "before_cursor_execute", note)
        with worked.writing(world.reviewer.entities) as s:
            reviewing.reconfirm(s, world.reviewer, some)
            asked.append(sum(statement.startswith("SELECT") for statement in told))
        event.remove(worked.engine, "before_cursor_execute", note)
    assert asked[0] == asked[1]
