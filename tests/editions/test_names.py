"""Ids that change, names and words that are unique over all registers."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.cast import World
from tests.editions.registers import (
    FIRST,
    Duty,
    identity,
    put,
    register,
    standing,
)
from tracker.assignments.models import Task
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import BadInput
from tracker.register.models import FormerName, ObligationText
from tracker.register.queries import ObligationFilter, editions_told, obligation, obligations, vocabulary
from tracker.register.source import SourceProblems
from tracker.reports.telling import known_names


def test_a_renamed_obligation_keeps_its_assignment_its_tasks_and_its_acceptances(worked: Database, world: World) -> None:
    before = standing(worked)
    put(worked, register([Duty(7, 0, (1,), like=1), Duty(2), Duty(3)], "2026.12"))
    after = standing(worked)
    assert (after.assignments, after.open, after.done, after.outdated) == (before.assignments, before.open, before.done, frozenset())
    assert after.obligations[identity(7)] == before.obligations[identity(1)]
    with worked.reading(EVERY_ENTITY) as s:
        assert obligation(s, identity(1)).id == identity(7)
        assert [row.id for row in obligations(s, ObligationFilter(q=identity(1)))] == [identity(7)]
        assert set(s.scalars(select(Task.obligation_id))) == {identity(number) for number in (7, 2, 3)}
        assert s.get(ObligationText, (identity(7), before.obligations[identity(1)])) is not None


def test_a_name_given_back_leads_the_other_way_round(worked: Database) -> None:
    put(worked, register([Duty(7, 0, (1,)), Duty(2), Duty(3)], "2026.12"))
    put(worked, register([Duty(7), Duty(2), Duty(3)], "2027.01"))
    put(worked, register(FIRST, "2027.02"))
    with worked.reading(EVERY_ENTITY) as s:
        assert obligation(s, identity(7)).id == identity(1)
        assert [(row.old_id, row.obligation_id) for row in s.scalars(select(FormerName))] == [(identity(7), identity(1))]


@pytest.mark.parametrize(("duties", "sentence"), [
    ([Duty(1), Duty(7, 0, (1,)), Duty(2), Duty(3)], "仍是这份清单中一项义务的编号"),
    ([Duty(2, 0, (1,)), Duty(3)], "两项义务的历史不能并为一项"),
    ([Duty(7, 0, (1, 2)), Duty(3)], "两项义务的历史不能并为一项"),
    ([Duty(7, 0, (1,)), Duty(8, 0, (1,)), Duty(2), Duty(3)], "重复，前面已经用过"),
])
def test_names_that_would_mix_up_two_histories_are_refused(worked: Database, duties: list[Duty], sentence: str) -> None:
    before = standing(worked)
    with pytest.raises(SourceProblems) as refused:
        put(worked, register(duties, "2026.12"))
    assert any(sentence in fault.sentence and fault.line > 1 for fault in refused.value.problems), refused.value.problems
    assert standing(worked) == before


def test_a_retired_name_is_never_given_to_another_obligation(worked: Database) -> None:
    put(worked, register([Duty(7, 0, (1,)), Duty(2), Duty(3)], "2026.12"))
    with pytest.raises(SourceProblems) as refused:
        put(worked, register([Duty(1), Duty(7), Duty(2), Duty(3)], "2027.01"))
    assert any("曾是“MD1-03-07”的编号" in fault.sentence for fault in refused.value.problems)


def test_a_register_of_ones_own_stands_beside_the_first_and_uses_its_words(worked: Database, world: World) -> None:
    own = register([Duty(1), Duty(2)], "2026.11", key="policies", prefix="NB1", document="policy-1", words=False)
    before = standing(worked)
    applied = put(worked, own, "own.yaml")
    assert applied.loaded.plan.added == ("NB1-03-01", "NB1-03-02") and applied.loaded.plan.withdrawn == ()
    after = standing(worked)
    assert {key: after.obligations[key] for key in before.obligations} == before.obligations and after.assignments == before.assignments
    with worked.reading(EVERY_ENTITY) as s:
        assert editions_told(s) == "2026.11；登记册policies 2026.11"
        assert [row.id for row in obligations(s, ObligationFilter())][-2:] == ["NB1-03-01", "NB1-03-02"]
    # Each is upgraded by itself.
    put(worked, register([Duty(1), Duty(2), Duty(3)], "2026.12"))
    put(worked, register([Duty(1)], "2026.12", key="policies", prefix="NB1", document="policy-1", words=False))
    with worked.reading(EVERY_ENTITY) as s:
        assert {row.id for row in obligations(s, ObligationFilter())} == {*map(identity, (1, 2, 3)), "NB1-03-01"}


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"prefix": "MD1", "document": "policy-1", "words": False}, "义务编号“MD1-03-01”已用于登记册"),
    ({"prefix": "NB1", "document": "made-1", "words": False}, "文件编号“made-1”已用于登记册"),
    ({"prefix": "NB1", "document": "policy-1", "words": True}, "已由登记册“登记册main”定义"),
])
def test_ids_and_words_are_unique_over_all_registers(worked: Database, changes: dict[str, object], sentence: str) -> None:
    before = standing(worked)
    with pytest.raises(SourceProblems) as refused:
        put(worked, register([Duty(1)], key="policies", **changes))  # type: ignore[arg-type]
    assert any(sentence in fault.sentence for fault in refused.value.problems)
    assert standing(worked) == before


def test_another_document_under_the_same_registers_name_is_taken_for_a_mistake(worked: Database) -> None:
    with pytest.raises(BadInput, match="register: 编号"):
        put(worked, register([Duty(1)], prefix="NB1", document="policy-1"))


def test_a_word_that_an_edition_drops_may_no_longer_be_chosen_and_becomes_free(worked: Database) -> None:
    data = register(FIRST, "2026.12").decode()
    more = data.replace('"domains": {', '"domains": {\n  "spare": {"label": "备用领域", "en": "Spare"},')
    assert more != data
    put(worked, more.encode())
    with worked.reading() as s:
        assert "spare" in vocabulary(s).live_domains
    put(worked, data.encode())
    with worked.reading() as s:
        assert "spare" in vocabulary(s).domains and "spare" not in vocabulary(s).live_domains
    own = register([Duty(1)], key="policies", prefix="NB1", document="policy-1", words=False).decode()
    own = own.replace('"documents"', '"domains": {"spare": {"label": "自己的领域", "en": "Mine"}},\n "documents"')
    put(worked, own.encode())
    with worked.reading() as s:
        assert vocabulary(s).live_domains["spare"] == "自己的领域"


def test_a_word_that_another_register_uses_is_not_dropped(worked: Database) -> None:
    put(worked, register([Duty(1)], key="policies", prefix="NB1", document="policy-1", words=False))
    before = standing(worked)
    without = register(FIRST, "2026.12").decode().replace("private_fund_manager", "fund_manager")
    with pytest.raises(BadInput, match="其他登记册的义务还在使用这些义务主体：private_fund_manager"):
        put(worked, without.encode())
    assert standing(worked) == before


def test_the_trail_names_a_renamed_obligation_under_both_ids(worked: Database, world: World) -> None:
    put(worked, register([Duty(7, 0, (1,), like=1), Duty(2), Duty(3)], "2026.12"))
    with worked.reading(world.officer.entities) as s:
        known = known_names(s, world.officer, {identity(1), identity(7)})
    assert known[identity(1)] == "MD1-03-01《义务1》（现编号 MD1-03-07）" and known[identity(7)] == "MD1-03-07《义务1》"
