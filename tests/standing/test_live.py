"""How every obligation stands with an entity right now: from scope, assignment and tasks, in a constant number of statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
import yaml
from sqlalchemy import event

from tests.work import DUE, REGISTER, Company
from tracker.assignments import reviewing
from tracker.errors import NotFound
from tracker.people.access import Viewer, operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter, obligation_ids
from tracker.standing.level import Level
from tracker.standing.queries import Live, entity_counts, live


def stands(company: Company, viewer: Viewer | None = None, document_id: str = "") -> dict[str, Live]:
    """Read it for 海川证券."""
    who = viewer or company.world.officer
    with company.database.reading(who.entities) as s:
        return live(s, who, company.world.ours, document_id)


@contextmanager
def counted(company: Company) -> Iterator[list[str]]:
    """Give the statements that are run inside."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(company.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(company.database.engine, "before_cursor_execute", note)


def test_every_obligation_in_force_has_a_standing_in_the_order_of_the_texts(company: Company) -> None:
    with company.database.reading() as s:
        every, of_one = obligation_ids(s, ObligationFilter()), obligation_ids(s, ObligationFilter(document="opinions-2021"))
    assert list(stands(company)) == every
    assert list(stands(company, document_id="opinions-2021")) == of_one and 0 < len(of_one) < len(every)


def test_the_days_of_an_obligation_from_confirmed_to_done(company: Company, frozen_clock: time_machine.Traveller) -> None:
    one = company.applicable(1)[0]
    assert stands(company)[one].level is Level.UNASSIGNED
    task_id = company.task()
    now = stands(company)[one]
    assert (now.level, now.due, now.owner, now.owner_active, now.work.open) == (Level.OPEN, DUE, "王责任", True, 1)
    frozen_clock.move_to("2027-01-05")
    assert stands(company)[one].level is Level.OVERDUE
    company.hand_in(task_id)
    assert (stands(company)[one].level, stands(company)[one].due) == (Level.SUBMITTED, DUE)
    reviewer = company.world.reviewer
    with company.database.writing(reviewer.entities) as s:
        reviewing.send_back(s, reviewer, task_id, "缺少签收页，请补齐。")
    # Sent back after its day it is late again, which is worse.
    assert stands(company)[one].level is Level.OVERDUE and stands(company)[one].work.returned == 1
    frozen_clock.move_to("2026-12-30")
    assert stands(company)[one].level is Level.RETURNED
    company.hand_in(task_id, evidence_id=company.evidence("签收页.txt", "已补签收页。"))
    with company.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, task_id)
    done = stands(company)[one]
    assert (done.level, done.due, done.work.done) == (Level.DONE, None, 1)


def test_an_acceptance_on_an_earlier_text_is_to_be_confirmed_again(company: Company) -> None:
    one, task_id = company.applicable(1)[0], company.task()
    company.hand_in(task_id)
    with company.database.writing(company.world.reviewer.entities) as s:
        reviewing.accept(s, company.world.reviewer, task_id)
    facts = yaml.load(REGISTER.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    changed = next(o for d in facts["documents"] for c in d["clauses"] for o in c["obligations"] if o["id"] == one)
    changed["statement"], facts["edition"], host = "另一种说法，仍要逐项落实。", "2027.01", operator("操作员")
    with company.database.writing(host.entities) as s:
        load(s, host, yaml.safe_dump(facts, allow_unicode=True).encode(), "next.yaml")
    now = stands(company)[one]
    assert (now.level, now.work.reconfirm, now.work.done) == (Level.RECONFIRM, 1, 1)


def test_what_is_excluded_stands_apart_and_events_have_no_task_yet(company: Company) -> None:
    event_like = company.applicable(1, cadence="event")
    company.assign(event_like, company.terms(None, None))
    found = stands(company)
    assert found[event_like[0]].level is Level.IDLE
    excluded = [one for one in found if found[one].level is Level.NOT_APPLICABLE]
    assert set(excluded).isdisjoint(company.applicable()) and excluded
    assert {one.level for one in found.values()} == {Level.IDLE, Level.UNASSIGNED, Level.NOT_APPLICABLE}


def test_before_anybody_decides_all_is_undecided(company: Company) -> None:
    host = operator("操作员")
    with company.database.reading(host.entities) as s:
        assert {one.level for one in live(s, host, company.world.others).values()} == {Level.UNDECIDED}


def test_it_counts_as_the_list_of_entities_does(company: Company, frozen_clock: time_machine.Traveller) -> None:
    company.assign(company.applicable(6), horizon_days=100)
    frozen_clock.move_to("2027-01-05")
    officer, ours = company.world.officer, company.world.ours
    with company.database.reading(officer.entities) as s:
        told = entity_counts(s, officer)[ours]
    found = stands(company).values()
    assert sum(one.work.overdue for one in found) == told["overdue"] > 0
    assert sum(one.work.open for one in found) == told["not_started"]


@pytest.mark.parametrize("name", ["孙外人", "管理员"])
def test_an_outsider_finds_nothing_not_even_an_empty_answer(company: Company, name: str) -> None:
    who = company.world.viewers[name]
    with pytest.raises(NotFound), company.database.reading(who.entities) as s:
        live(s, who, company.world.ours)


def test_it_takes_the_same_few_statements_however_much_there_is(company: Company) -> None:
    officer, ours = company.world.officer, company.world.ours
    numbers = []
    for more in (0, 40):
        if more:
            company.assign(company.applicable(more))
        with company.database.reading(officer.entities) as s, counted(company) as seen:
            live(s, officer, ours)
        numbers.append(sum(statement.startswith("SELECT") for statement in seen))
    assert numbers == [3, 3]
