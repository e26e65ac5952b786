"""Pages of assignments: made for many at once, changed, ended, handed over; errors at the field, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.cast import World
from tests.making import Making
from tests.web.browsing import Browser
from tests.web.duties.conftest import DUE, Office, errors_of, rows_of, said
from tracker.assignments.models import Assignment
from tracker.assignments.queries import TaskFilter, assignments, task_rows, unassigned
from tracker.people import actions
from tracker.register.queries import ObligationFilter
from tracker.words import Cadence, Role, TaskState


def _standing(office: Office, active: bool = True) -> dict[str, Assignment]:
    with office.database.reading(office.world.officer.entities) as s:
        return {row.obligation_id: row for row in assignments(s, office.world.officer, office.world.ours, ObligationFilter(), active)}


def _tasks(office: Office, state: str = "open") -> list[tuple[str, date]]:
    with office.database.reading(office.world.officer.entities) as s:
        rows = task_rows(s, office.world.officer, TaskFilter(entity_id=office.world.ours, state=state), limit=1000)
        return [(row.owner, row.due_on) for row in rows]


def _terms(world: World, **changes: str) -> dict[str, str]:
    given = {
        "owner_id": str(world.people["王责任"]), "reviewer_id": str(world.people["赵复核"]), "department": "财富管理部",
        "cadence": "quarterly", "review_every": "", "first_due": DUE.isoformat(),
    }
    return {f"terms-{name}": value for name, value in {**given, **changes}.items()}


@pytest.fixture
def heir(making: Making) -> int:
    """Make a second owner and reviewer, 陈接手."""
    return making.person("陈接手", roles=[Role.OWNER, Role.REVIEWER])


@pytest.mark.parametrize("address", ["/obligations", "/assignments?show=unassigned"])
def test_many_obligations_are_assigned_in_one_go(officer: Browser, office: Office, world: World, address: str) -> None:
    ids = office.confirm()[:5]
    answer = officer.post(address, {"do": "assign", "ids": ids, **_terms(world)})
    assert (answer.status_code, answer.location) == (303, address)
    assert said(officer, address) == "新分派 5 项义务，生成 5 个任务。 查看分派"
    assert {(row.owner_id, row.reviewer_id, row.department, row.cadence, row.first_due) for row in _standing(office).values()} == {
        (world.people["王责任"], world.people["赵复核"], "财富管理部", Cadence.QUARTERLY, DUE),
    }
    assert list(_standing(office)) == ids


def test_all_that_match_are_assigned_each_with_its_own_suggested_cadence(officer: Browser, office: Office, world: World) -> None:
    office.confirm()
    wanted = office.ids("applies", domain="suitability")
    officer.post("/obligations?standing=applies&domain=suitability", {"do": "assign", "all_matching": "1", **_terms(world, cadence="")})
    held = _standing(office)
    assert list(held) == wanted
    assert all(row.cadence == row.obligation.cadence for row in held.values() if row.obligation)


WRONG = [
    ({"owner_id": ""}, "请选择责任人。"), ({"reviewer_id": "{wang}", "owner_id": "{wang}"}, "没有“复核人”角色"),
    ({"owner_id": "999999"}, "不在本主体的在职人员中"), ({"owner_id": "九"}, "不在本主体的在职人员中"), ({"first_due": ""}, "请填写首个截止日"),
    ({"first_due": "2026-11-21"}, "首个截止日应在今天"), ({"first_due": "2026-13-01"}, "日期"), ({"cadence": "hourly"}, "选"),
    ({"department": "部" * 101}, "最多 100 个字"), ({"department": "部\x07"}, "无法保存的控制字符"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
@pytest.mark.parametrize("address", ["/obligations?standing=applies", "/assignments?show=unassigned"])
def test_wrong_terms_come_back_in_the_open_dialog_with_what_was_typed(
    officer: Browser, office: Office, world: World, address: str, changes: dict[str, str], sentence: str
) -> None:
    ids = office.confirm()[:2]
    changes = {name: value.format(wang=world.people["王责任"]) for name, value in changes.items()}
    answer = officer.post(address, {"do": "assign", "ids": ids, **_terms(world, **{"department": "我写的部门", **changes})})
    assert answer.status_code == 422
    assert any(sentence in error for error in errors_of(answer.text)), errors_of(answer.text)
    assert re.search(r'<dialog id="assign"[^>]*data-open', answer.text)
    assert all(re.search(rf'value="{one}"[^>]*checked', answer.text) for one in ids)
    assert "department" in changes or "我写的部门" in answer.text
    assert _standing(office) == {} and _tasks(office) == []


def test_what_is_not_confirmed_cannot_be_assigned_and_the_page_names_it(officer: Browser, office: Office, world: World) -> None:
    one = office.ids()[0]
    answer = officer.post("/obligations", {"do": "assign", "ids": one, **_terms(world)})
    assert answer.status_code == 422
    assert f"所选义务中有 1 项尚未确认为适用（{one}）" in answer.text


def test_three_lists_say_what_stands_what_nobody_holds_and_what_ended(officer: Browser, office: Office) -> None:
    ids = office.confirm()
    office.assign(ids[:3])
    page = officer.get("/assignments").text
    assert len(rows_of(page)) == 3 and all(word in rows_of(page)[0] for word in ("王责任", "赵复核", "每月", "12月31日", "还有 39 天"))
    assert f"适用但未分派 <b>{len(ids) - 3}</b>" in page
    with office.database.reading(office.world.officer.entities) as s:
        assert unassigned(s, office.world.officer, office.world.ours, ObligationFilter()) == ids[3:]
    shown = re.findall(r'data-href="/obligations/([^"?]+)"', officer.get("/assignments?show=unassigned").text)
    assert shown == ids[3:53]


def test_reassigning_changes_the_people_and_moves_the_open_tasks_but_no_dates(officer: Browser, office: Office, world: World, heir: int) -> None:
    office.assign(office.confirm()[:3])
    held, dates = _standing(office), [due for _owner, due in _tasks(office)]
    ids = [str(row.id) for row in list(held.values())[:2]]
    answer = officer.post("/assignments", {
        "do": "people", "ids": ids, "people-owner_id": str(heir), "people-reviewer_id": str(world.people["赵复核"]), "people-department": "法律部",
    })
    assert answer.status_code == 303
    assert said(officer, "/assignments") == f"已改派 2 项分派，随之移交 {2 * len(dates) // 3} 个未完成的任务；频率和截止日不变。"
    now = list(_standing(office).values())
    assert [(row.owner_id, row.department) for row in now] == [(heir, "法律部")] * 2 + [(world.people["王责任"], "财富管理部")]
    assert {(row.cadence, row.first_due) for row in now} == {(Cadence.MONTHLY, DUE)}
    assert [due for _owner, due in _tasks(office)] == dates and {owner for owner, _due in _tasks(office)} == {"陈接手", "王责任"}


def test_new_terms_start_a_new_rhythm(officer: Browser, office: Office, world: World) -> None:
    office.assign(office.confirm()[:1])
    row = next(iter(_standing(office).values()))
    officer.post("/assignments", {"do": "change", "ids": str(row.id), **_terms(world, cadence="annual", first_due="2027-01-31")})
    now = next(iter(_standing(office).values()))
    assert (now.id, now.cadence, now.first_due) == (row.id, Cadence.ANNUAL, date(2027, 1, 31))
    assert [due for _owner, due in _tasks(office)] == [date(2027, 1, 31)]


def test_ending_needs_a_reason_cancels_the_tasks_and_keeps_the_history(officer: Browser, office: Office) -> None:
    office.assign(office.confirm()[:2])
    ids, open_before = [str(row.id) for row in _standing(office).values()], len(_tasks(office))
    answer = officer.post("/assignments", {"do": "end", "ids": ids, "end-reason": "停"})
    assert answer.status_code == 422 and "至少 4 个字" in errors_of(answer.text)[0]
    assert re.search(r'<dialog id="end"[^>]*data-open', answer.text) and ">停</textarea>" in answer.text.replace("\r\n", "").replace(">\n", ">")
    assert officer.post("/assignments", {"do": "end", "all_matching": "1", "end-reason": "该业务条线已整体关闭。"}).status_code == 303
    assert said(officer, "/assignments") == f"已结束 2 项分派，取消 {open_before} 个未完成的任务；历史和证据都保留。"
    assert len(rows_of(officer.get("/assignments?show=ended").text)) == 2
    assert len(_tasks(office, str(TaskState.CANCELLED))) == open_before
    again = officer.post("/assignments", {"do": "end", "ids": ids, "end-reason": "该业务条线已整体关闭。"})
    assert again.status_code == 409 and "已经结束" in again.text


def test_handing_over_shows_how_much_and_moves_all_of_it(officer: Browser, office: Office, world: World, heir: int) -> None:
    office.assign(office.confirm()[:4])
    wang = world.people["王责任"]
    address = f"/assignments/hand-over?entity={world.ours}&leaver={wang}"
    page = officer.get(address).text
    assert "<b>4</b>" in page and f"<b>{len(_tasks(office))}</b>" in page and "陈接手" in page
    answer = officer.post(address, {"heir_id": str(heir)})
    assert answer.status_code == 303
    assert said(officer, answer.location) == f"已将王责任的 4 项分派和 {len(_tasks(office))} 个未完成的任务移交给陈接手。"
    assert {row.owner_id for row in _standing(office).values()} == {heir} and {owner for owner, _due in _tasks(office)} == {"陈接手"}
    assert "没有需要移交的工作" in officer.get(address).text


def test_work_of_somebody_who_left_and_has_no_role_any_more_can_still_be_handed_over(
    officer: Browser, office: Office, world: World, making: Making, heir: int
) -> None:
    office.assign(office.confirm()[:1])
    wang = world.people["王责任"]
    making.grant(wang, [])
    with office.database.writing() as s:
        actions.set_person_active(s, world.admin, wang, False)
    page = officer.get(f"/assignments/hand-over?leaver={wang}").text
    assert "王责任（已离职）" in page
    assert "王责任（已离职）" in officer.get(f"/assignments?person={wang}").text
    assert officer.post(f"/assignments/hand-over?leaver={wang}", {"heir_id": str(heir)}).status_code == 303


@pytest.mark.parametrize(("chosen", "sentence"), [("", "请选择接手人。"), ("赵复核", "没有“责任人”角色"), ("孙外人", "不在本主体的在职人员中")])
def test_an_heir_who_cannot_is_refused_at_the_field(officer: Browser, office: Office, world: World, chosen: str, sentence: str) -> None:
    office.assign(office.confirm()[:1])
    answer = officer.post(f"/assignments/hand-over?leaver={world.people['王责任']}", {"heir_id": str(world.people.get(chosen, ""))})
    assert answer.status_code == 422 and sentence in errors_of(answer.text)[0]
    assert {owner for owner, _due in _tasks(office)} == {"王责任"}


def test_an_occasion_makes_a_task_of_an_event_assignment(officer: Browser, office: Office, browser: Callable[[str], Browser]) -> None:
    office.confirm()
    one = office.ids("applies", cadence="event")[0]
    office.assign([one], None)
    row = _standing(office)[one]
    address = f"/assignments/{row.id}/occasion"
    assert address in officer.get("/assignments").text and address in browser("王责任").get(f"/obligations/{one}").text
    assert 'value="2026-12-06"' in officer.get(address).text
    wrong = officer.post(address, {"occasion": "新产品上线", "due_on": "2026-11-01"})
    assert wrong.status_code == 422 and "截止日不能早于今天" in errors_of(wrong.text)[0] and 'value="新产品上线"' in wrong.text
    assert officer.post(address, {"occasion": "", "due_on": ""}).status_code == 422
    assert _tasks(office) == []
    assert browser("王责任").post(address, {"occasion": "新产品上线", "due_on": "2026-12-01"}).status_code == 303
    assert _tasks(office) == [("王责任", date(2026, 12, 1))]
    assert browser("钱审计").get(address).status_code == 403
    assert browser("孙外人").get(address).status_code == 404


def test_planning_makes_what_falls_due_once(officer: Browser, office: Office, frozen_clock: object) -> None:
    office.assign(office.confirm()[:2])
    before = len(_tasks(office))
    officer.post("/assignments/plan")
    assert "没有新增" in said(officer, "/assignments") and len(_tasks(office)) == before
    frozen_clock.shift(40 * 86400)  # type: ignore[attr-defined]
    assert officer.get("/assignments").status_code == 303


def test_readers_see_the_lists_without_buttons_and_cannot_act(browser: Callable[[str], Browser], office: Office, world: World) -> None:
    office.assign(office.confirm()[:1])
    row = next(iter(_standing(office).values()))
    auditor, outsider = browser("钱审计"), browser("孙外人")
    page = auditor.get("/assignments").text
    assert rows_of(page) and "data-selection" not in page and "生成任务" not in page and "移交…" not in page
    posts = {
        "/assignments": {"do": "end", "ids": str(row.id), "end-reason": "不应当成功的请求"}, "/assignments/plan": {}, "/obligations": {"do": "assign", "ids": row.obligation_id},
        f"/assignments/hand-over?leaver={world.people['王责任']}": {"heir_id": "1"}, f"/assignments/{row.id}/occasion": {},
    }
    for address, data in posts.items():
        joint = "&" if "?" in address else "?"
        assert auditor.post(address, data).status_code == 403, address
        assert outsider.post(f"{address}{joint}entity={world.ours}", data).status_code == 404, address
    assert len(_standing(office)) == 1
    assert rows_of(outsider.get("/assignments").text) == []


def test_assignments_of_another_entity_cannot_be_changed_under_ones_own(officer: Browser, office: Office, world: World, making: Making) -> None:
    office.assign(office.confirm()[:1])
    row = next(iter(_standing(office).values()))
    making.grant(world.people["林合规"], [Role.OFFICER], world.others)
    reason = {"do": "end", "end-reason": "不再需要"}
    for data in ({"do": "change", **_terms(world)}, {"do": "people", "people-owner_id": "2", "people-reviewer_id": "3"}, reason):
        assert officer.post(f"/assignments?entity={world.others}", {**data, "ids": str(row.id)}).status_code in {404, 422}
    assert next(iter(_standing(office).values())).first_due == DUE


@pytest.mark.parametrize(("few", "many"), [
    ("/assignments?q=适当", "/assignments"), ("/assignments?show=unassigned&q=举报", "/assignments?show=unassigned"),
])
def test_a_list_takes_the_same_number_of_statements_whatever_its_length(
    officer: Browser, office: Office, cost: Callable[[Browser, str], int], few: str, many: str
) -> None:
    ids = office.confirm()
    office.assign(ids[:-30])
    assert 0 < len(rows_of(officer.get(few).text)) < 20 < len(rows_of(officer.get(many).text))
    assert cost(officer, few) == cost(officer, many) < 22
