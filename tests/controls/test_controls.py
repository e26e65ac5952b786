"""Controls: only what is given changes, an empty text clears, everything is told, and only the officer may."""

from __future__ import annotations

import pytest
from sqlalchemy import func, inspect, select

from tests.work import Company
from tracker.audit import names
from tracker.audit.models import AuditEvent
from tracker.audit.queries import Told, TrailFilter, events
from tracker.controls.actions import set_controls
from tracker.controls.fields import BY_NAME, FIELDS, LEVEL, checked, shown
from tracker.controls.models import Control
from tracker.controls.queries import control, controls, controls_on, used_values
from tracker.db import EVERY_ENTITY
from tracker.errors import BadInput, Forbidden, NotFound, Stale
from tracker.words import Severity

FILLED = {"business": "财富管理", "lead_department": "财富管理部", "risk_level": "high", "measure": "双录\n回访", "post_name": "客户经理"}


def _set(company: Company, ids: list[str], changes: dict[str, str], versions: dict[str, int] | None = None) -> list[str]:
    officer = company.world.officer
    with company.database.writing(officer.entities) as s:
        return set_controls(s, officer, company.world.ours, ids, changes, versions)


def _held(company: Company) -> dict[str, dict[str, str]]:
    with company.database.reading(company.world.auditor.entities) as s:
        return {one: row.values for one, row in controls(s, company.world.auditor, company.world.ours).items()}


def _told(company: Company, obligation_id: str) -> list[Told]:
    ours = company.world.ours
    with company.database.reading(company.world.officer.entities) as s:
        return list(events(s, TrailFilter((f"ent_{ours}",), object=f"control:{ours}:{obligation_id}")))


def test_every_field_has_its_column_its_label_in_the_trail_and_room_for_what_it_takes() -> None:
    columns = {column.name: column for column in inspect(Control).columns}
    assert set(BY_NAME) == set(columns) - {"id", "obligation_id", "entity_id", "version"}
    assert {field.name: names.FIELDS[field.name] for field in FIELDS} == {field.name: field.label for field in FIELDS}
    assert all(getattr(columns[field.name].type, "length", None) in {field.most, None} for field in FIELDS if field.name != LEVEL)
    assert len({field.label for field in FIELDS}) == len(FIELDS)


def test_only_the_given_fields_change_and_an_empty_text_clears(company: Company) -> None:
    first, second, third = company.applicable(3)
    assert _set(company, [second, first], FILLED) == [first, second]
    assert _set(company, [first, third], {"business": "投资银行", "measure": ""}) == [first, third]
    held, nothing = _held(company), dict.fromkeys(BY_NAME, "")
    assert held[first] == nothing | FILLED | {"business": "投资银行", "measure": ""}
    assert held[second] == nothing | FILLED
    assert held[third] == nothing | {"business": "投资银行"}


def test_what_stands_already_is_no_change_and_no_event(company: Company) -> None:
    ids = company.applicable(2)
    _set(company, ids, FILLED)
    assert _set(company, ids, {"business": " 财富管理 ", "measure": "双录\r\n回访"}) == []
    assert _set(company, company.applicable(3)[2:], {"remark": " "}) == []
    assert [len(_told(company, one)) for one in ids] == [1, 1]
    assert set(_held(company)) == set(ids)


def test_each_change_is_told_with_what_stood_before_and_what_may_tell_of_a_person_stands_apart(company: Company) -> None:
    (one,) = company.applicable(1)
    _set(company, [one], FILLED)
    _set(company, [one], {"business": "", "measure": "张三负责回访", "policy": "《适当性管理办法》"})
    last, first = _told(company, one)
    assert (first.action, first.actor) == ("control.changed", f"u_{company.world.people['林合规']}")
    assert first.after == {"obligation": one, "business": "财富管理", "lead_department": "财富管理部", "risk_level": "high"}
    assert (last.before, last.after) == ({"business": "财富管理", "policy": ""}, {"obligation": one, "business": "", "policy": "《适当性管理办法》"})
    assert {key: value for key, value in last.personal.items() if key != "actor_name"} == {"before.measure": "双录\n回访", "after.measure": "张三负责回访"}
    with company.database.reading(EVERY_ENTITY) as s:
        assert not any("张三" in record for record in s.scalars(select(AuditEvent.record)))
    assert ("风险等级", "", "高") in names.changes(first.before, first.after, first.personal, {})


def test_a_level_is_taken_by_its_label_too_and_read_as_a_word(company: Company) -> None:
    (one,) = company.applicable(1)
    _set(company, [one], {"risk_level": "中"})
    with company.database.reading(company.world.officer.entities) as s:
        row = control(s, company.world.officer, company.world.ours, one)
        assert row is not None and row.risk_level == Severity.MEDIUM
    assert (shown("risk_level", "medium"), shown("risk_level", ""), shown("business", "high")) == ("中", "", "high")
    _set(company, [one], {"risk_level": ""})
    assert _held(company)[one]["risk_level"] == ""


@pytest.mark.parametrize(("changes", "where", "sentence"), [
    ({"risk_level": "极高"}, "risk_level", "风险等级只能是高、中、低，“极高”不是其中之一。"),
    ({"business": "业" * 101}, "business", "一级业务最多 100 个字，您填写了 101 个。"),
    ({"measure": "措" * 2001}, "measure", "风险控制措施最多 2,000 个字，您填写了 2,001 个。"),
    ({"process_no": "P-1\nP-2"}, "process_no", "流程编号只能写一行，请去掉换行。"),
    ({"owner": "王责任"}, "owner", "管控信息中没有“owner”这一项。"),
])
def test_a_wrong_value_refuses_the_whole_and_names_its_field(company: Company, changes: dict[str, str], where: str, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        _set(company, company.applicable(2), {"remark": "备注", **changes})
    assert [(place.where, place.sentence) for place in caught.value.problems] == [(where, sentence)]
    assert _held(company) == {}


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        checked({"business": "业" * 101, "risk_level": "x", "sub_business": "好"})
    assert [place.where for place in caught.value.problems] == ["business", "risk_level"]
    assert "一级业务最多" in caught.value.sentence and "风险等级只能" in caught.value.sentence


@pytest.mark.parametrize(("ids", "sentence"), [([], "请先选择至少一项义务"), (["OB-99-99"], "登记册中没有这些义务：OB-99-99")])
def test_nothing_chosen_and_unknown_obligations_are_refused(company: Company, ids: list[str], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        _set(company, [*ids, *(company.applicable(1) if ids else [])], FILLED)
    assert _held(company) == {}


def test_characters_that_no_workbook_holds_are_refused(company: Company) -> None:
    with pytest.raises(BadInput, match="U\\+0007"):
        _set(company, company.applicable(1), {"measure": "响\x07铃"})


def test_a_stale_version_refuses_the_whole_and_tells_what_stands_there(company: Company) -> None:
    first, second = company.applicable(2)
    assert _set(company, [first, second], FILLED, {first: 0, second: 0}) == [first, second]
    _set(company, [second], {"business": "投资银行"})
    with pytest.raises(Stale) as caught:
        _set(company, [first, second], {"remark": "新"}, {first: 1, second: 1})
    assert caught.value.sentence.startswith(second) and caught.value.theirs["一级业务"] == "投资银行" and caught.value.theirs["风险等级"] == "高"
    assert {row["remark"] for row in _held(company).values()} == {""}
    assert _set(company, [first, second], {"remark": "新"}, {first: 1, second: 2}) == [first, second]


def test_a_version_of_what_is_gone_from_view_is_stale_too(company: Company) -> None:
    (one,) = company.applicable(1)
    with pytest.raises(Stale):
        _set(company, [one], FILLED, {one: 3})


@pytest.mark.parametrize(("name", "error"), [("王责任", Forbidden), ("赵复核", Forbidden), ("钱审计", Forbidden), ("孙外人", NotFound), ("管理员", NotFound)])
def test_only_the_officer_fills_in(company: Company, name: str, error: type[Exception]) -> None:
    who = company.world.viewers[name]
    with pytest.raises(error), company.database.writing(who.entities) as s:
        set_controls(s, who, company.world.ours, company.applicable(1), FILLED)
    assert _held(company) == {}


def test_strangers_read_nothing_and_each_entity_has_its_own(company: Company) -> None:
    world = company.world
    (one,) = company.applicable(1)
    _set(company, [one], FILLED)
    with company.database.writing(world.outsider.entities) as s:
        set_controls(s, world.outsider, world.others, [one], {"business": "私募"})
    with company.database.reading(world.outsider.entities) as s:
        for read in (lambda: control(s, world.outsider, world.ours, one), lambda: controls(s, world.outsider, world.ours), lambda: used_values(s, world.outsider, world.ours)):
            with pytest.raises(NotFound):
                read()
        assert {key: row.business for key, row in controls_on(s, world.outsider, one).items()} == {world.others: "私募"}
        assert s.scalar(select(func.count()).select_from(Control)) == 1
    with company.database.reading(world.auditor.entities) as s:
        assert used_values(s, world.auditor, world.ours)["business"] == ["财富管理"]
        assert controls(s, world.auditor, world.ours, company.applicable(2)[1:]) == {}
