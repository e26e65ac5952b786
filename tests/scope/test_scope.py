"""Scope: suggestions from kinds, decisions with their reasons, and who may decide."""

import pytest
from sqlalchemy import select

from tests.work import Company
from tracker.audit.queries import TrailFilter, events
from tracker.errors import BadInput, Forbidden, NotFound
from tracker.register.queries import ObligationFilter, vocabulary
from tracker.scope.actions import confirm_suggestions, decide
from tracker.scope.models import ScopeDecision
from tracker.scope.queries import scope_count, scope_ids, scope_rows, standing_counts
from tracker.scope.suggest import covered_subjects, reason_why, suggested
from tracker.words import ScopeState, Standing

HELD_BY = {"listed_company": (), "auditor": (), "controlling_shareholder": ("listed_company", "securities_firm")}


def test_an_entity_answers_for_itself_and_for_those_who_stand_behind_it() -> None:
    covered = covered_subjects(["listed_company"], HELD_BY)
    assert covered == {"listed_company", "controlling_shareholder"}
    assert suggested(["controlling_shareholder", "auditor"], covered) and not suggested(["auditor"], covered)


def test_the_reason_names_both_sides() -> None:
    labels = {"listed_company": "上市公司", "auditor": "会计师事务所"}
    assert reason_why(False, ["auditor"], {"listed_company"}, ["listed_company"], labels) == "本主体为上市公司，不在该义务的主体（会计师事务所）之列。"


def test_a_confirmed_suggestion_of_not_applicable_carries_reason_person_and_moment(company: Company) -> None:
    with company.database.reading(company.world.officer.entities) as s:
        rows = s.scalars(select(ScopeDecision).where(ScopeDecision.state == ScopeState.NOT_APPLICABLE)).all()
    assert rows and all(row.reason.startswith("本主体为证券公司") and row.decided_by == company.world.people["林合规"] and row.decided_at for row in rows)


def test_every_obligation_is_listed_for_every_entity_before_anything_is_decided(company: Company) -> None:
    outsider = company.world.outsider
    with company.database.reading(outsider.entities) as s:
        counts = standing_counts(s, outsider, company.world.others)
        total = scope_count(s, outsider, company.world.others, ObligationFilter())
        assert counts[Standing.APPLIES] == counts[Standing.NOT_APPLICABLE] == 0
        assert counts[Standing.SUGGESTED] + counts[Standing.SUGGESTED_NOT] == total > 80
        covered = covered_subjects(["private_fund_manager"], vocabulary(s).held_by)
        for row in scope_rows(s, outsider, company.world.others, ObligationFilter(), Standing.SUGGESTED):
            assert {bearer.subject for bearer in row.obligation.subjects} & covered


def test_not_applicable_needs_a_reason_and_so_does_going_against_the_suggestion(company: Company) -> None:
    officer, ours = company.world.officer, company.world.ours
    with company.database.reading(officer.entities) as s:
        out = scope_ids(s, officer, ours, ObligationFilter(), Standing.NOT_APPLICABLE)[0]
    for obligation_id, state in ((company.applicable(1)[0], ScopeState.NOT_APPLICABLE), (out, ScopeState.APPLIES)):
        with pytest.raises(BadInput) as caught, company.database.writing(officer.entities) as s:
            decide(s, officer, ours, [obligation_id], state, " 不 ")
        assert caught.value.problems[0].where == "reason" and obligation_id in caught.value.sentence
    with company.database.writing(officer.entities) as s:
        assert decide(s, officer, ours, [out], ScopeState.APPLIES, "子公司开展该业务") == [out]
        assert decide(s, officer, ours, [out], ScopeState.APPLIES, "子公司开展该业务") == []
    with company.database.reading(officer.entities) as s:
        told = events(s, TrailFilter((f"ent_{ours}",), object=f"scope:{ours}:{out}"))
    assert told[0].personal["after.reason"] == "子公司开展该业务" and told[0].before == {"state": "not_applicable"}


def test_confirming_twice_changes_nothing_the_second_time(company: Company) -> None:
    outsider, others = company.world.outsider, company.world.others
    with company.database.writing(outsider.entities) as s:
        every = scope_ids(s, outsider, others, ObligationFilter())
        assert len(confirm_suggestions(s, outsider, others, every)) == len(every)
        assert confirm_suggestions(s, outsider, others, every) == []


@pytest.mark.parametrize(("name", "error"), [("王责任", Forbidden), ("赵复核", Forbidden), ("钱审计", Forbidden), ("孙外人", NotFound), ("管理员", NotFound)])
def test_only_the_officer_decides(company: Company, name: str, error: type[Exception]) -> None:
    who = company.world.viewers[name]
    with pytest.raises(error), company.database.writing(who.entities) as s:
        decide(s, who, company.world.ours, company.applicable(1), ScopeState.NOT_APPLICABLE, "不归我们管")


def test_an_unknown_obligation_refuses_the_whole(company: Company) -> None:
    officer = company.world.officer
    with pytest.raises(BadInput, match="FF9-99-99"), company.database.writing(officer.entities) as s:
        decide(s, officer, company.world.ours, [*company.applicable(1), "FF9-99-99"], ScopeState.NOT_APPLICABLE, "整体拒绝")


def test_deciding_the_same_again_without_a_word_keeps_the_earlier_reason(company: Company) -> None:
    officer, ours, obligation_id = company.world.officer, company.world.ours, company.applicable(1)[0]
    with company.database.writing(officer.entities) as s:
        decide(s, officer, ours, [obligation_id], ScopeState.APPLIES, "经业务部门确认")
        assert decide(s, officer, ours, [obligation_id], ScopeState.APPLIES) == []
    with company.database.reading(officer.entities) as s:
        assert s.scalar(select(ScopeDecision.reason).where(ScopeDecision.entity_id == ours, ScopeDecision.obligation_id == obligation_id)) == "经业务部门确认"
