"""Sixteen browsers on one version of one thing: one wins, fifteen see both texts; and many writers, of whom nobody hears of a lock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.meeting import together
from tests.web.at_work import at_work, company, database, working_template, world  # noqa: F401
from tests.web.browsing import Browser
from tests.work import Company
from tracker.audit.queries import faults

MANY, WRITERS, WRITES = 16, 8, 12


def sent(browsers: list[Browser], address: str, bodies: list[dict[str, str]]) -> list[tuple[int, str]]:
    """Let every browser send its form at the same moment; return statuses and pages."""
    answers = together([lambda one=one, body=body: one.post(address, body) for one, body in zip(browsers, bodies, strict=True)])
    return [(answer.status_code, answer.text) for answer in answers]


@pytest.mark.parametrize("thing", ["task", "evidence", "entity", "person", "controls"])
def test_of_sixteen_on_one_version_one_wins_and_fifteen_see_both_texts(
    at_work: Company, browser: Callable[[str], Browser], thing: str  # noqa: F811
) -> None:
    address, name, body, field = _form(at_work, thing)
    browsers = [browser(name) for _ in range(MANY)]
    for one in browsers:
        one.get("/account")
    said = [f"第{number}位写下的文字" for number in range(MANY)]
    told = sent(browsers, address, [{**body, field: text} for text in said])
    winners = [number for number, (status, _) in enumerate(told) if status == 303]
    assert len(winners) == 1, [status for status, _ in told]
    for number, (status, page) in enumerate(told):
        if number != winners[0]:
            assert status == 409
            assert said[number] in page and said[winners[0]] in page


def _form(company: Company, thing: str) -> tuple[str, str, dict[str, str], str]:  # noqa: F811
    ours, world = company.world.ours, company.world  # noqa: F811
    if thing == "task":
        return f"/tasks/{company.task()}/save", "王责任", {"version": "1"}, "note"
    if thing == "evidence":
        return f"/evidence/{company.evidence()}/describe", "王责任", {"version": "1"}, "note"
    if thing == "entity":
        return f"/entities/{ours}/edit", "管理员", {"version": "1", "short_name": "海川", "code": "HC01", "parent_id": "", "kinds": "securities_firm"}, "name"
    if thing == "person":
        person = world.people["王责任"]
        return f"/people/{person}/edit", "管理员", {"version": "1", "name": "王责任", "login": "wang", "post": "部门负责人"}, "department"
    return f"/obligations/{company.applicable(1)[0]}/controls?entity={ours}", "林合规", {"version": "0"}, "business"


def test_of_many_writers_at_once_nobody_hears_of_a_lock(at_work: Company, browser: Callable[[str], Browser]) -> None:  # noqa: F811
    duties = at_work.applicable(WRITERS)
    officers = [browser("林合规") for _ in range(WRITERS)]
    for one in officers:
        one.get("/account")

    def write(number: int) -> list[int]:
        address = f"/obligations/{duties[number]}/controls?entity={at_work.world.ours}"
        return [officers[number].post(address, {"version": str(turn), "business": f"业务线{turn}"}).status_code for turn in range(WRITES)]

    statuses = together([lambda number=number: write(number) for number in range(WRITERS)])
    assert {status for told in statuses for status in told} == {303}
    with at_work.database.reading() as s:
        assert faults(s) == []
