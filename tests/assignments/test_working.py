"""Working on a task, handing it in, deciding on it: who may, what is pinned, what is refused."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.work import TODAY, Company
from tracker.assignments import reviewing, working
from tracker.assignments.models import Submission, Task
from tracker.assignments.queries import task
from tracker.audit.queries import TrailFilter, events
from tracker.errors import BadInput, Forbidden, NotFound, RuleBroken, Stale
from tracker.evidence.models import Evidence
from tracker.people.access import Viewer
from tracker.people.actions import grant_roles
from tracker.register.models import Obligation
from tracker.words import Outcome, Role, TaskState


def state(company: Company, task_id: int) -> TaskState:
    with company.database.reading(company.world.officer.entities) as s:
        return s.get_one(Task, task_id).state


def test_an_acceptance_pins_the_obligations_text_and_every_evidence_digest(company: Company) -> None:
    task_id = company.task()
    piece, reviewer = company.hand_in(task_id), company.world.reviewer
    with company.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, task_id, "资料齐全")
    with company.database.reading(reviewer.entities) as s:
        row, kept = s.get_one(Task, task_id), s.scalars(select(Submission)).one()
        obligation, evidence = s.get_one(Obligation, row.obligation_id), s.get_one(Evidence, piece)
        assert (row.state, kept.outcome) == (TaskState.DONE, Outcome.ACCEPTED)
        assert kept.obligation_digest == obligation.digest
        assert kept.pinned == [{"id": piece, "version": 1, "name": "检查记录.txt", "sha256": evidence.sha256}]
        accepted = events(s, TrailFilter((f"ent_{company.world.ours}",), action="task.accepted"))[0]
    assert accepted.after["obligation_digest"] == obligation.digest and accepted.after["sha256"] == [evidence.sha256]
    assert accepted.personal["reason"] == "资料齐全" and "资料齐全" not in str(accepted.after)


def test_nobody_reviews_what_he_handed_in_not_even_with_every_role(company: Company) -> None:
    task_id, world = company.task(), company.world
    company.hand_in(task_id)
    with company.database.writing(world.admin.entities) as s:
        grant_roles(s, world.admin, world.people["王责任"], world.ours, [Role.OFFICER, Role.OWNER, Role.REVIEWER])
    king = Viewer(world.people["王责任"], "王责任", True, {world.ours: frozenset({Role.OFFICER, Role.OWNER, Role.REVIEWER})})
    with pytest.raises(Forbidden), company.database.writing(king.entities) as s:
        reviewing.accept(s, king, task_id)
    with company.database.writing(king.entities) as s:
        s.get_one(Task, task_id)
    assert state(company, task_id) == TaskState.SUBMITTED


@pytest.mark.parametrize(("name", "error"), [("王责任", Forbidden), ("林合规", Forbidden), ("钱审计", Forbidden), ("孙外人", NotFound), ("管理员", NotFound)])
def test_only_the_named_reviewer_decides(company: Company, name: str, error: type[Exception]) -> None:
    task_id, who = company.task(), company.world.viewers[name]
    company.hand_in(task_id)
    with pytest.raises(error), company.database.writing(who.entities) as s:
        reviewing.accept(s, who, task_id)
    assert state(company, task_id) == TaskState.SUBMITTED


@pytest.mark.parametrize(("name", "error"), [("赵复核", Forbidden), ("钱审计", Forbidden), ("孙外人", NotFound), ("管理员", NotFound)])
def test_only_the_owner_or_the_officer_works_on_a_task(company: Company, name: str, error: type[Exception]) -> None:
    task_id, who = company.task(), company.world.viewers[name]
    for verb in (lambda s: working.save_work(s, who, task_id, working.Work("我来写")), lambda s: working.submit(s, who, task_id, working.Work("我来交"))):
        with pytest.raises(error), company.database.writing(who.entities) as s:
            verb(s)
    assert state(company, task_id) == TaskState.NOT_STARTED


def test_a_task_sent_back_says_why_and_can_be_handed_in_again(company: Company) -> None:
    task_id, reviewer = company.task(), company.world.reviewer
    piece = company.hand_in(task_id)
    with pytest.raises(BadInput, match="理由"), company.database.writing(reviewer.entities) as s:
        reviewing.send_back(s, reviewer, task_id, " ")
    with company.database.writing(reviewer.entities) as s:
        reviewing.send_back(s, reviewer, task_id, "缺少签字页")
    assert state(company, task_id) == TaskState.RETURNED
    company.hand_in(task_id, "已补签字页", piece)
    with company.database.reading(reviewer.entities) as s:
        kept = s.scalars(select(Submission).order_by(Submission.n)).all()
    assert [(one.n, one.outcome, one.reason) for one in kept] == [(1, Outcome.RETURNED, "缺少签字页"), (2, None, "")]


def test_an_empty_submission_is_refused_and_what_is_handed_in_cannot_be_changed(company: Company) -> None:
    task_id, owner = company.task(), company.world.owner
    with pytest.raises(BadInput, match="至少"), company.database.writing(owner.entities) as s:
        working.submit(s, owner, task_id, working.Work("  "))
    piece = company.hand_in(task_id)
    for verb in (
        lambda s: working.cite(s, owner, task_id, [piece]), lambda s: working.uncite(s, owner, task_id, piece),
        lambda s: working.save_work(s, owner, task_id, working.Work("改一改")), lambda s: working.submit(s, owner, task_id, working.Work("再交")),
    ):
        with pytest.raises(RuleBroken, match="待复核"), company.database.writing(owner.entities) as s:
            verb(s)


def test_what_was_handed_in_can_be_taken_back_until_it_is_decided(company: Company) -> None:
    task_id, owner = company.task(), company.world.owner
    company.hand_in(task_id)
    with company.database.writing(owner.entities) as s:
        working.recall(s, owner, task_id)
    assert state(company, task_id) == TaskState.IN_PROGRESS
    reviewer = company.world.reviewer
    with pytest.raises(RuleBroken), company.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, task_id)


def test_a_closed_task_opens_again_only_with_a_reason_and_its_acceptance_stays(company: Company) -> None:
    task_id, world = company.task(), company.world
    company.hand_in(task_id)
    with company.database.writing(world.reviewer.entities) as s:
        reviewing.accept(s, world.reviewer, task_id)
    with pytest.raises(BadInput), company.database.writing(world.officer.entities) as s:
        reviewing.reopen(s, world.officer, task_id, "")
    with pytest.raises(Forbidden), company.database.writing(world.owner.entities) as s:
        reviewing.reopen(s, world.owner, task_id, "我想再改改")
    with company.database.writing(world.officer.entities) as s:
        reviewing.reopen(s, world.officer, task_id, "监管要求补充底稿")
    assert state(company, task_id) == TaskState.IN_PROGRESS
    with company.database.reading(world.officer.entities) as s:
        assert s.scalars(select(Submission)).one().outcome == Outcome.ACCEPTED


def test_a_stale_form_is_refused_and_shows_what_now_stands(company: Company) -> None:
    task_id, owner = company.task(), company.world.owner
    with company.database.reading(owner.entities) as s:
        version = task(s, owner, task_id).version
    with company.database.writing(owner.entities) as s:
        working.save_work(s, owner, task_id, working.Work("第一次"), version)
    with pytest.raises(Stale) as caught, company.database.writing(owner.entities) as s:
        working.save_work(s, owner, task_id, working.Work("第二次"), version)
    assert caught.value.theirs["办理说明"] == "第一次"


def test_evidence_of_another_entity_cannot_be_cited(company: Company) -> None:
    task_id, owner, piece = company.task(), company.world.owner, company.evidence()
    with company.database.writing(owner.entities) as s, pytest.raises(BadInput):
        working.cite(s, owner, task_id, [piece, 99999])
    assert state(company, task_id) == TaskState.NOT_STARTED
    with company.database.writing(owner.entities) as s:
        assert working.cite(s, owner, task_id, [piece]) == 1
        assert working.cite(s, owner, task_id, [piece]) == 0


def test_putting_off_moves_the_due_date_and_keeps_the_intended_one(company: Company) -> None:
    task_id, officer = company.task(), company.world.officer
    later = TODAY + timedelta(days=60)
    with company.database.writing(officer.entities) as s:
        working.reschedule(s, officer, task_id, later, "审计机构进场时间调整")
    with company.database.reading(officer.entities) as s:
        row = s.get_one(Task, task_id)
        assert (row.due_on, row.intended_on) == (later, date(2026, 12, 31))
    with pytest.raises(BadInput), company.database.writing(officer.entities) as s:
        working.reschedule(s, officer, task_id, TODAY - timedelta(days=1), "改到过去")


def test_periods_the_wrong_way_round_are_refused_at_their_field(company: Company) -> None:
    task_id, owner = company.task(), company.world.owner
    with pytest.raises(BadInput) as caught, company.database.writing(owner.entities) as s:
        working.save_work(s, owner, task_id, working.Work("", date(2026, 12, 1), date(2026, 11, 1)))
    assert caught.value.problems[0].where == "period_to"
