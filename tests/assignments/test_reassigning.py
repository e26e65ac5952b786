"""Standing assignments in other hands, what nobody holds, and what is due next."""

from __future__ import annotations

from datetime import date

import pytest

from tests.making import Making
from tests.work import Company
from tracker.assignments import assigning, planning
from tracker.assignments.queries import TaskFilter, assignments, open_due_dates, task_rows, unassigned
from tracker.errors import BadInput, Forbidden, NotFound, RuleBroken
from tracker.register.queries import ObligationFilter
from tracker.words import Cadence, Role, TaskState


def _ids(company: Company) -> list[int]:
    officer = company.world.officer
    with company.database.reading(officer.entities) as s:
        return [row.id for row in assignments(s, officer, company.world.ours, ObligationFilter())]


def _reassign(company: Company, ids: list[int], owner: str = "王责任", reviewer: str = "赵复核", department: str = "法律部", who: str = "林合规") -> assigning.Assigned:
    viewer, people = company.world.viewers[who], company.world.people
    with company.database.writing(viewer.entities) as s:
        return assigning.reassign(s, viewer, company.world.ours, ids, people[owner], people[reviewer], department)


def test_only_people_and_department_change_and_a_second_time_nothing_does(company: Company) -> None:
    company.assign(company.applicable(3))
    ids = _ids(company)
    did = _reassign(company, ids[:2])
    assert (did.changed, did.made) == (2, 0) and did.tasks > 0
    again = _reassign(company, ids[:2])
    assert (again.changed, again.tasks) == (0, 0)
    officer = company.world.officer
    with company.database.reading(officer.entities) as s:
        rows = assignments(s, officer, company.world.ours, ObligationFilter())
        assert [row.department for row in rows] == ["法律部", "法律部", "财富管理部"]
        assert {(row.cadence, row.first_due) for row in rows} == {(Cadence.MONTHLY, date(2026, 12, 31))}
        moved = {row.department for row in task_rows(s, officer, TaskFilter(obligation_id=rows[0].obligation_id))}
        assert moved == {"法律部"}


def test_a_day_that_has_its_task_gets_no_second_one_in_another_rhythm(company: Company) -> None:
    duty = company.applicable(1)
    company.assign(duty, company.terms(cadence=Cadence.QUARTERLY), 200)
    owner, officer = company.world.owner, company.world.officer
    with company.database.reading(officer.entities) as s:
        first = next(row.id for row in task_rows(s, officer, TaskFilter()) if row.due_on == date(2027, 3, 31))
    # What somebody worked on stays when the rhythm changes; what nobody touched is made anew.
    company.hand_in(first)
    company.assign(duty, company.terms(cadence=Cadence.MONTHLY), 200)
    with company.database.reading(owner.entities) as s:
        days = [row.due_on for row in task_rows(s, owner, TaskFilter()) if row.state != TaskState.CANCELLED]
    assert sorted(days) == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]


def test_one_that_ended_refuses_the_whole(company: Company) -> None:
    company.assign(company.applicable(2))
    ids, officer = _ids(company), company.world.officer
    with company.database.writing(officer.entities) as s:
        planning.end_assignment(s, officer, ids[0], "业务已经停止")
    with pytest.raises(BadInput, match="已经结束"):
        _reassign(company, ids)
    with pytest.raises(RuleBroken, match="已经结束"), company.database.writing(officer.entities) as s:
        planning.end_assignment(s, officer, ids[0], "业务已经停止")


def test_people_who_may_not_hold_it_are_refused_by_field(company: Company) -> None:
    company.assign(company.applicable(1))
    with pytest.raises(BadInput) as problem:
        _reassign(company, _ids(company), reviewer="王责任")
    assert [place.where for place in problem.value.problems] == ["reviewer_id"]
    with pytest.raises(Forbidden):
        _reassign(company, _ids(company), who="王责任")
    with pytest.raises(NotFound):
        _reassign(company, _ids(company), who="孙外人")


def test_unassigned_lists_what_applies_and_nobody_holds(company: Company) -> None:
    every, officer = company.applicable(), company.world.officer
    company.assign(every[:5])
    with company.database.reading(officer.entities) as s:
        assert unassigned(s, officer, company.world.ours, ObligationFilter()) == every[5:]
    with company.database.reading(company.world.outsider.entities) as s, pytest.raises(NotFound):
        unassigned(s, company.world.outsider, company.world.ours, ObligationFilter())


def test_the_next_due_date_comes_first_and_others_see_none(company: Company) -> None:
    company.assign(company.applicable(1), horizon_days=120)
    officer, ids = company.world.officer, _ids(company)
    with company.database.reading(officer.entities) as s:
        assert [due for _task, due in open_due_dates(s, officer, ids)[ids[0]]] == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]
    with company.database.reading(company.world.outsider.entities) as s:
        assert open_due_dates(s, company.world.outsider, ids) == {}


def test_assignments_of_one_person_as_owner_or_reviewer(company: Company) -> None:
    making = Making(company.database, company.world)
    other = making.person("陈接手", roles=[Role.OWNER])
    company.assign(company.applicable(1))
    company.assign(company.applicable(3)[1:], company.terms(owner_id=other))
    officer, ours = company.world.officer, company.world.ours
    with company.database.reading(officer.entities) as s:
        counts = [len(assignments(s, officer, ours, ObligationFilter(), person_id=i)) for i in (other, company.world.people["赵复核"], company.world.people["钱审计"])]
    assert counts == [2, 3, 0]
