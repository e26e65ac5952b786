"""Pages of scope: one entity at a time, decided in many at once, never without a reason where one is due."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.cast import World
from tests.making import Making
from tests.web.browsing import Browser
from tests.web.duties.conftest import Office, errors_of, rows_of, said
from tracker.assignments.queries import assignment_count
from tracker.register.queries import ObligationFilter
from tracker.scope.queries import scope_rows
from tracker.words import Role, Standing

REASON = "本公司不从事该项业务，也没有申请计划。"


def _tabs(page: str) -> dict[str, int]:
    nav = page[page.index('class="tabs"'):]
    found = re.findall(r"<a href=[^>]*>([^<]+) <b>([\d,]+)</b>", nav[:nav.index("</nav>")])
    return {name.strip(): int(number.replace(",", "")) for name, number in found}


def test_it_needs_one_entity_and_offers_those_one_sees(browser: Callable[[str], Browser], making: Making, world: World) -> None:
    assert "没有角色" in browser("管理员").get("/scope").text
    making.grant(world.people["林合规"], [Role.OFFICER], world.others)
    page = browser("林合规").get("/scope").text
    assert f'href="/scope?entity={world.ours}"' in page and f'href="/scope?entity={world.others}"' in page


def test_somebody_of_one_entity_need_not_choose(officer: Browser) -> None:
    assert "海川，" in officer.get("/scope").text


def test_another_ones_entity_is_not_found(browser: Callable[[str], Browser], world: World) -> None:
    assert browser("孙外人").get(f"/scope?entity={world.ours}").status_code == 404
    assert browser("孙外人").post(f"/scope?entity={world.ours}", {"do": "confirm", "all_matching": "1"}).status_code == 404
    assert browser("管理员").get(f"/scope?entity={world.ours}").status_code == 404


def test_the_ways_to_look_count_what_they_show_under_the_filter(officer: Browser, office: Office) -> None:
    tabs = _tabs(officer.get("/scope?domain=suitability").text)
    assert tabs == {
        "待确认 · 建议适用": len(office.ids(Standing.SUGGESTED, domain="suitability")),
        "待确认 · 建议不适用": len(office.ids(Standing.SUGGESTED_NOT, domain="suitability")),
        "适用": 0, "不适用": 0, "全部": len(office.ids(domain="suitability")),
    }
    assert len(rows_of(officer.get("/scope?domain=suitability&standing=suggested").text)) == tabs["待确认 · 建议适用"]


def test_a_row_says_how_it_stands_and_why(officer: Browser) -> None:
    row = rows_of(officer.get("/scope?standing=suggested").text)[0]
    assert "待确认" in row and "建议适用" in row and "本主体为证券公司，该义务的主体包括" in row


def test_confirming_writes_the_suggestions_out_for_those_ticked(officer: Browser, office: Office, world: World) -> None:
    applies, not_so = office.ids(Standing.SUGGESTED)[:2], office.ids(Standing.SUGGESTED_NOT)[:1]
    address = f"/scope?entity={world.ours}"
    answer = officer.post(address, {"do": "confirm", "ids": [*applies, *not_so]})
    assert (answer.status_code, answer.location) == (303, address)
    assert said(officer, address) == "已按建议确认 3 项。"
    with office.database.reading(world.officer.entities) as s:
        decided = {row.obligation.id: row for row in scope_rows(s, world.officer, world.ours, ObligationFilter()) if row.decision}
        assert {i: row.standing for i, row in decided.items()} == dict.fromkeys(applies, Standing.APPLIES) | {not_so[0]: Standing.NOT_APPLICABLE}
        assert all(row.decision and row.decision.reason for row in decided.values())
    row = rows_of(officer.get("/scope?standing=not_applicable").text)[0]
    assert "林合规 2026-11-22" in row and "不在该义务的主体" in row


def test_all_that_match_means_the_filter_and_the_tab_of_the_address(officer: Browser, office: Office) -> None:
    wanted = office.ids(Standing.SUGGESTED, domain="suitability")
    officer.post("/scope?standing=suggested&domain=suitability", {"do": "confirm", "all_matching": "1", "ids": wanted[0]})
    assert office.ids(Standing.APPLIES) == wanted
    assert office.ids(Standing.NOT_APPLICABLE) == []


@pytest.mark.parametrize(("reason", "sentence"), [
    ("", "定为不适用需要写明理由"), ("无", "需要写明理由（至少 4 个字）"), ("长" * 501, "最多 500 个字"),
])
def test_not_applicable_without_a_proper_reason_changes_nothing_and_keeps_what_was_typed(
    officer: Browser, office: Office, reason: str, sentence: str
) -> None:
    one = office.ids(Standing.SUGGESTED)[0]
    answer = officer.post("/scope", {"do": "exclude", "ids": one, "exclude-reason": reason})
    assert answer.status_code == 422
    assert any(sentence in error for error in errors_of(answer.text))
    assert re.search(r'<dialog id="exclude"[^>]*data-open', answer.text)
    assert not re.search(r'<dialog id="(apply|confirm)"[^>]*data-open', answer.text)
    assert re.search(rf'value="{one}"[^>]*checked', answer.text) and reason in answer.text
    assert office.ids("undecided") == office.ids()


def test_against_the_suggestion_a_reason_is_due(officer: Browser, office: Office) -> None:
    one = office.ids(Standing.SUGGESTED_NOT)[0]
    answer = officer.post("/scope", {"do": "apply", "ids": one, "apply-reason": ""})
    assert answer.status_code == 422 and "系统建议" in errors_of(answer.text)[0]
    assert officer.post("/scope", {"do": "apply", "ids": one, "apply-reason": "集团要求本公司一并遵守。"}).status_code == 303
    assert office.ids(Standing.APPLIES) == [one]


def test_what_becomes_not_applicable_loses_its_assignment_and_the_page_says_how_many(officer: Browser, office: Office, world: World) -> None:
    ids = office.confirm()[:3]
    office.assign(ids[:2])
    officer.post("/scope", {"do": "exclude", "ids": ids, "exclude-reason": REASON})
    assert said(officer, "/scope") == "已将 3 项定为不适用。其中 2 项原有的分派随之结束，未完成的任务已取消。"
    with office.database.reading(world.officer.entities) as s:
        assert assignment_count(s, world.officer, world.ours, ObligationFilter()) == 0


@pytest.mark.parametrize("data", [{}, {"ids": "FF9-99-99"}, {"ids": "'; DROP TABLE"}, {"ids": ["FF9-03-02", "x" * 70]}])
def test_a_selection_that_cannot_be_is_refused_in_a_sentence(officer: Browser, office: Office, data: dict[str, object]) -> None:
    answer = officer.post("/scope", {"do": "confirm", **data})
    assert answer.status_code == 422
    assert re.search("请先选择|登记册中没有|系统不认识", answer.text)
    assert office.ids("undecided") == office.ids()


@pytest.mark.parametrize("name", ["王责任", "赵复核", "钱审计"])
def test_others_read_and_find_no_buttons(browser: Callable[[str], Browser], office: Office, name: str) -> None:
    reader = browser(name)
    page = reader.get("/scope").text
    assert rows_of(page) and "data-selection" not in page and "定为不适用" not in page
    assert reader.post("/scope", {"do": "confirm", "all_matching": "1"}).status_code == 403
    assert office.ids("undecided") == office.ids()


def test_an_unknown_act_is_not_found(officer: Browser) -> None:
    assert officer.post("/scope", {"do": "forget", "all_matching": "1"}).status_code == 404


def test_when_all_is_confirmed_the_empty_page_leads_on(officer: Browser, office: Office) -> None:
    office.confirm()
    page = officer.get("/scope?standing=suggested").text
    assert "这里没有待确认的义务" in page and "show=unassigned" in page


def test_it_takes_the_same_number_of_statements_whatever_its_length(officer: Browser, office: Office, cost: Callable[[Browser, str], int]) -> None:
    office.confirm()
    assert len(rows_of(officer.get("/scope?q=适当").text)) < 10
    assert cost(officer, "/scope?q=适当") == cost(officer, "/scope") < 20
