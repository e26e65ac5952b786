"""Assigning many obligations at once, changing terms, handing over; refused as a whole where one thing is wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.making import Making
from tests.work import DUE, TODAY, Company
from tracker.assignments import assigning, planning, working
from tracker.assignments.models import Assignment, Task
from tracker.assignments.queries import TaskFilter, open_work_of, task_rows
from tracker.audit.queries import TrailFilter, events, faults
from tracker.audit.trail import record
from tracker.errors import BadInput, Forbidden, NotFound
from tracker.people.access import operator
from tracker.people.actions import grant_roles
from tracker.words import Cadence, Role, ScopeState, TaskState


def test_forty_obligations_are_assigned_in_one_go_and_each_due_date_makes_one_task(company: Company) -> None:
    ids = company.applicable(40)
    done = company.assign(ids, horizon_days=120)
    assert (done.made, done.changed) == (40, 0)
    with company.database.reading(company.world.owner.entities) as s:
        due = [task.due_on for task in s.scalars(select(Task).where(Task.obligation_id == ids[0]).order_by(Task.n))]
    assert due == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]
    assert done.tasks == 40 * len(due)


def test_planning_again_makes_nothing_new_and_later_only_what_has_come_into_reach(company: Company, frozen_clock: time_machine.Traveller) -> None:
    company.assign(company.applicable(3))
    officer, ours = company.world.officer, company.world.ours
    with company.database.writing(officer.entities) as s:
        assert planning.plan(s, officer, TODAY + timedelta(days=100), ours) == 0
    with company.database.writing(officer.entities) as s:
        assert planning.plan(s, officer, date(2027, 3, 31), ours) == 3


def test_the_next_due_date_does_not_depend_on_when_a_task_was_done(company: Company, frozen_clock: time_machine.Traveller) -> None:
    task_id = company.task()
    frozen_clock.shift(timedelta(days=70))
    company.hand_in(task_id)
    officer = company.world.officer
    with company.database.writing(officer.entities) as s:
        planning.plan(s, officer, date(2027, 3, 1), company.world.ours)
    with company.database.reading(officer.entities) as s:
        assert [row.due_on for row in task_rows(s, officer, TaskFilter())] == [DUE, date(2027, 1, 31), date(2027, 2, 28)]


def test_an_obligation_not_confirmed_as_applicable_refuses_the_whole(company: Company) -> None:
    good, officer = company.applicable(2), company.world.officer
    with company.database.writing(officer.entities) as s:
        planning.decide_scope(s, officer, company.world.ours, [good[1]], ScopeState.NOT_APPLICABLE, "未开展该业务")
    with pytest.raises(BadInput, match=good[1]):
        company.assign(good)
    with company.database.reading(officer.entities) as s:
        assert s.scalar(select(Assignment)) is None


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("owner_id", {"owner_id": "赵复核"}), ("owner_id", {"owner_id": "孙外人"}), ("owner_id", {"owner_id": "钱审计"}),
        ("reviewer_id", {"reviewer_id": "王责任"}), ("reviewer_id", {"reviewer_id": "孙外人"}),
        ("first_due", {"first_due": None}), ("first_due", {"first_due": TODAY - timedelta(days=1)}), ("first_due", {"first_due": date(2090, 1, 1)}),
    ],
)
def test_wrong_terms_are_refused_at_their_field_and_change_nothing(company: Company, field: str, change: dict[str, object]) -> None:
    named = {key: company.world.people[value] if isinstance(value, str) else value for key, value in change.items()}
    with pytest.raises(BadInput) as caught:
        company.assign(company.applicable(2), replace(company.terms(), **named))
    assert [place.where for place in caught.value.problems] == [field]
    with company.database.reading(company.world.officer.entities) as s:
        assert s.scalar(select(Assignment)) is None


def test_owner_and_reviewer_cannot_be_one_person_even_with_both_roles(company: Company) -> None:
    people, admin = company.world.people, company.world.admin
    with company.database.writing(admin.entities) as s:
        assigning_roles(s, company, people["王责任"])
    with pytest.raises(BadInput, match="不能是同一人"):
        company.assign(company.applicable(1), company.terms(reviewer_id=people["王责任"]))


def assigning_roles(s: object, company: Company, person_id: int) -> None:
    grant_roles(s, company.world.admin, person_id, company.world.ours, [Role.OWNER, Role.REVIEWER])  # type: ignore[arg-type]


def test_only_the_officer_assigns(company: Company) -> None:
    ids, world = company.applicable(1), company.world
    for who, error in ((world.owner, Forbidden), (world.auditor, Forbidden), (world.outsider, NotFound), (world.admin, NotFound)):
        with pytest.raises(error), company.database.writing(who.entities) as s:
            assigning.assign(s, who, world.ours, ids, company.terms(), 100)


def test_a_new_rhythm_cancels_what_was_not_begun_and_keeps_what_was(company: Company) -> None:
    ids = company.applicable(1)
    company.assign(ids)
    owner = company.world.owner
    with company.database.reading(owner.entities) as s:
        first = task_rows(s, owner, TaskFilter())[0].id
    with company.database.writing(owner.entities) as s:
        working.save_work(s, owner, first, working.Work("已开始"))
    company.assign(ids, company.terms(first_due=date(2027, 1, 15), cadence=Cadence.QUARTERLY))
    with company.database.reading(owner.entities) as s:
        found = {(row.due_on, str(row.state)) for row in task_rows(s, owner, TaskFilter())}
    assert found == {(DUE, "in_progress"), (date(2027, 1, 31), "cancelled"), (date(2027, 2, 28), "cancelled"), (date(2027, 1, 15), "not_started")}


def test_all_open_work_of_a_leaver_goes_to_another_in_one_go(company: Company) -> None:
    company.assign(company.applicable(5))
    world, officer = company.world, company.world.officer
    heir = Making(company.database, world).person("李接手", roles=[Role.OWNER])
    with company.database.writing(officer.entities) as s:
        done = assigning.hand_over(s, officer, world.ours, world.people["王责任"], heir)
    assert done.changed == 5 and done.tasks == 15
    with company.database.reading(officer.entities) as s:
        assert open_work_of(s, officer, world.ours, world.people["王责任"]) == (0, 0)
        assert open_work_of(s, officer, world.ours, heir) == (5, 15)
        assert faults(s) == []


def test_a_handing_over_that_would_make_one_his_own_reviewer_is_refused(company: Company) -> None:
    company.assign(company.applicable(2))
    world, officer = company.world, company.world.officer
    with company.database.writing(world.admin.entities) as s:
        assigning_roles(s, company, world.people["赵复核"])
    with pytest.raises(BadInput, match="既是责任人又是复核人"), company.database.writing(officer.entities) as s:
        assigning.hand_over(s, officer, world.ours, world.people["王责任"], world.people["赵复核"])


def test_what_becomes_not_applicable_loses_its_assignment_and_open_tasks_but_not_its_history(company: Company) -> None:
    task_id, officer = company.task(), company.world.officer
    company.hand_in(task_id)
    with company.database.reading(officer.entities) as s:
        obligation_id = s.get_one(Task, task_id).obligation_id
    with company.database.writing(officer.entities) as s:
        assert planning.decide_scope(s, officer, company.world.ours, [obligation_id], ScopeState.NOT_APPLICABLE, "业务已终止") == (1, 1)
    with company.database.reading(officer.entities) as s:
        assert s.get_one(Task, task_id).state == TaskState.CANCELLED
        told = [event.action for event in events(s, TrailFilter((f"ent_{company.world.ours}",), object=f"task:{task_id}"), oldest_first=True)]
    assert told == ["task.planned", "task.evidence_cited", "task.worked_on", "task.submitted", "task.cancelled"]


def test_an_event_obligation_gets_a_task_only_when_its_occasion_is_noted(company: Company) -> None:
    ids, officer = company.applicable(1, cadence="event"), company.world.officer
    company.assign(ids, company.terms(first_due=None, cadence=None))
    with company.database.writing(officer.entities) as s:
        row = s.scalars(select(Assignment)).one()
        assert s.scalar(select(Task)) is None
        planning.note_occasion(s, officer, row.id, "收到监管问询函", TODAY + timedelta(days=5))
        with pytest.raises(BadInput):
            planning.note_occasion(s, officer, row.id, "又一次", TODAY - timedelta(days=1))
    with company.database.reading(officer.entities) as s:
        assert [(row.occasion, row.due_on) for row in task_rows(s, officer, TaskFilter())] == [("收到监管问询函", TODAY + timedelta(days=5))]


def test_nobody_becomes_the_reviewer_of_what_he_handed_in_himself(company: Company) -> None:
    world, people = company.world, company.world.people
    task_id, officer = company.task(), people["林合规"]
    with company.database.writing(operator("操作员").entities) as s:
        grant_roles(s, operator("操作员"), officer, world.ours, [Role.OFFICER, Role.REVIEWER])
    with company.database.writing(world.officer.entities) as s:
        working.submit(s, world.officer, task_id, working.Work("代为办理完毕。"))
        held = s.scalars(select(Assignment.id)).all()
    ways: list[Callable[[Session], object]] = [
        lambda s: assigning.hand_over(s, world.officer, world.ours, people["赵复核"], officer),
        lambda s: assigning.reassign(s, world.officer, world.ours, held, people["王责任"], officer, ""),
        lambda s: assigning.reassign_tasks(s, world.officer, [task_id], None, officer),
    ]
    for way in ways:
        with pytest.raises(BadInput, match="提交人不能复核自己的提交"), company.database.writing(world.officer.entities) as s:
            way(s)
    with company.database.reading(world.officer.entities) as s:
        assert {(row.owner_id, row.reviewer_id) for row in s.scalars(select(Task))} == {(people["王责任"], people["赵复核"])}


def test_the_same_occasion_noted_twice_makes_one_task(company: Company) -> None:
    owner, (obligation_id,) = company.world.owner, company.applicable(1, Cadence.EVENT)
    company.assign([obligation_id], company.terms(None, Cadence.EVENT))
    with company.database.writing(owner.entities) as s:
        assignment_id = s.scalars(select(Assignment.id)).one()
        planning.note_occasion(s, owner, assignment_id, "收到立案告知书", DUE)
    with pytest.raises(BadInput, match="已经登记过"), company.database.writing(owner.entities) as s:
        planning.note_occasion(s, owner, assignment_id, " 收到立案告知书 ", DUE)
    with company.database.writing(owner.entities) as s:
        planning.note_occasion(s, owner, assignment_id, "收到行政处罚决定书", DUE)
        assert s.scalar(select(func.count()).select_from(Task)) == 2


def test_an_occasion_is_noted_by_the_assignments_owner_or_the_officer_and_by_no_other_owner(company: Company) -> None:
    world = company.world
    other = Making(company.database, world).person("李旁人", roles=[Role.OWNER])
    company.assign(company.applicable(1, cadence="event"), company.terms(first_due=None, cadence=None))
    with company.database.reading(world.officer.entities) as s:
        row_id = s.scalars(select(Assignment.id)).one()
    stranger = Making(company.database, world).viewer(other)
    with pytest.raises(Forbidden), company.database.writing(stranger.entities) as s:
        planning.note_occasion(s, stranger, row_id, "收到举报", TODAY)
    with company.database.writing(world.owner.entities) as s:
        assert planning.note_occasion(s, world.owner, row_id, "收到举报", TODAY).due_on == TODAY


def test_a_withdrawn_obligation_gets_no_new_tasks_and_keeps_those_it_has(company: Company) -> None:
    task_id, officer = company.task(), company.world.officer
    with company.database.writing(officer.entities) as s:
        s.get_one(Task, task_id).obligation.withdrawn = True
        record(s, officer.actor, "register.loaded", "register")
    with company.database.writing(officer.entities) as s:
        assert planning.plan(s, officer, date(2027, 6, 30), company.world.ours) == 0
        assert [row.id for row in task_rows(s, officer, TaskFilter())] == [task_id]
