"""Pages of controls: many at once on the list, one by one on a page, nothing lost, nobody else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from tests.web.browsing import Browser
from tests.web.duties.conftest import Office, errors_of, said
from tracker.controls.actions import set_controls
from tracker.controls.fields import FIELDS, LEVEL
from tracker.controls.queries import controls

ADDRESS = "/obligations?standing=applies"


def _held(office: Office) -> dict[str, dict[str, str]]:
    with office.database.reading(office.world.officer.entities) as s:
        return {one: {name: value for name, value in row.values.items() if value} for one, row in controls(s, office.world.officer, office.world.ours).items()}


def _set(office: Office, one: str, **changes: str) -> None:
    with office.database.writing(office.world.officer.entities) as s:
        set_controls(s, office.world.officer, office.world.ours, [one], changes)


def _version(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found
    return found.group(1)


def test_many_are_filled_in_at_once_and_empty_fields_stay_as_they_are(officer: Browser, office: Office) -> None:
    first, second, third = office.confirm()[:3]
    _set(office, first, business="投资银行", remark="原有备注")
    answer = officer.post(ADDRESS, {"do": "controls", "ids": [first, second], "control-main_process": "产品销售管理", "control-risk_level": "high", "control-business": ""})
    assert (answer.status_code, answer.location) == (303, ADDRESS)
    assert said(officer, ADDRESS) == "已修改 2 项义务的管控信息。"
    added = {"main_process": "产品销售管理", "risk_level": "high"}
    assert _held(office) == {first: {"business": "投资银行", "remark": "原有备注", **added}, second: added}
    officer.post(ADDRESS, {"do": "controls", "ids": [second, third], "control-clear_risk_level": "y", "control-post_name": "客户经理"})
    assert said(officer, ADDRESS) == "已修改 2 项义务的管控信息。"
    assert _held(office)[second] == {"main_process": "产品销售管理", "post_name": "客户经理"} and _held(office)[third] == {"post_name": "客户经理"}
    officer.post(ADDRESS, {"do": "controls", "ids": [third], "control-post_name": "客户经理"})
    assert said(officer, ADDRESS) == "所选各项的管控信息已经是这样，没有更改。"


def test_all_that_match_are_meant_when_one_says_so(officer: Browser, office: Office) -> None:
    office.confirm()
    officer.post(f"{ADDRESS}&domain=suitability", {"do": "controls", "all_matching": "1", "control-business": "财富管理"})
    assert list(_held(office)) == office.ids("applies", domain="suitability")


@pytest.mark.parametrize(("given", "sentence"), [
    ({}, "请至少填写一项，或勾选要清空的项。"), ({"business": "业" * 101}, "最多 100 个字，请缩短后重试。"), ({"measure": "响\x07铃"}, "无法保存的控制字符"),
    ({"business": "财富", "clear_business": "y"}, "一级业务既填写了内容又勾选了清空，请只选一样。"), ({"risk_level": "extreme"}, "选"),
])
def test_what_is_wrong_comes_back_in_the_open_dialog_with_what_was_typed(officer: Browser, office: Office, given: dict[str, str], sentence: str) -> None:
    ids = office.confirm()[:2]
    typed = {f"control-{name}": value for name, value in ({"policy": "我写的制度", **given} if given else {}).items()}
    answer = officer.post(ADDRESS, {"do": "controls", "ids": ids, **typed})
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text) and (not given or sentence in "".join(errors_of(answer.text)))
    assert re.search(r'<dialog id="controls"[^>]*data-open', answer.text) and not re.search(r'<dialog id="assign"[^>]*data-open', answer.text)
    assert all(re.search(rf'value="{one}"[^>]*checked', answer.text) for one in ids)
    assert not given or "我写的制度" in answer.text
    assert _held(office) == {}


def test_one_obligation_is_filled_in_on_its_page_and_shown_there(officer: Browser, office: Office) -> None:
    one = office.confirm()[0]
    page = officer.get(f"/obligations/{one}").text
    assert "还没有填写。" in page and f'/obligations/{one}/controls?entity={office.world.ours}' in html.unescape(page)
    address = f"/obligations/{one}/controls?entity={office.world.ours}"
    form = officer.get(address).text
    assert all(f'name="{field.name}"' in form and field.label in form for field in FIELDS) and _version(form) == "0"
    given = {field.name: f"我的{field.label}" for field in FIELDS} | {LEVEL: "medium"}
    answer = officer.post(address, {"version": "0", **given})
    assert answer.status_code == 303 and answer.location == f"/obligations/{one}?entity={office.world.ours}#controls"
    page = officer.get(answer.location).text
    assert all(text in page for name, text in given.items() if name != LEVEL) and re.search(r"风险等级</dt><dd[^>]*>中<", page)
    form = officer.get(address).text
    assert _version(form) == "1" and 'value="我的一级业务"' in form
    officer.post(address, {"version": "1", **given, "business": ""})
    assert "business" not in _held(office)[one] and _held(office)[one]["remark"] == "我的备注"


def test_what_was_written_elsewhere_is_offered_again(officer: Browser, office: Office) -> None:
    first, second = office.confirm()[:2]
    _set(office, first, business="财富管理", measure="很长的措施")
    form = officer.get(f"/obligations/{second}/controls").text
    assert re.search(r'name="business"[^>]*list="business-used"|list="business-used"[^>]*name="business"', form)
    assert re.search(r'<datalist id="business-used"><option value="财富管理">', form) and "很长的措施" not in form
    assert '<datalist id="control-business-used"><option value="财富管理">' in officer.get(ADDRESS).text


def test_a_stale_edit_gets_409_with_both_texts_and_can_then_be_kept(officer: Browser, office: Office) -> None:
    one = office.confirm()[0]
    address = f"/obligations/{one}/controls"
    _set(office, one, business="别人写的", risk_level="high")
    answer = officer.post(address, {"version": "0", "business": "我写的", "risk_level": "high"})
    assert answer.status_code == 409
    assert all(text in answer.text for text in ("刚刚被他人修改", "别人写的", "我写的"))
    assert re.findall(r'<tr><th scope="row">([^<]*)</th>', answer.text) == ["一级业务"]
    assert _held(office)[one]["business"] == "别人写的"
    assert officer.post(address, {"version": _version(answer.text), "business": "我写的", "risk_level": "high"}).status_code == 303
    assert _held(office)[one]["business"] == "我写的"


@pytest.mark.parametrize("version", ["", "x", "-1", "1" * 12, "１"])
def test_a_version_that_was_tampered_with_is_not_found(officer: Browser, office: Office, version: str) -> None:
    one = office.confirm()[0]
    assert officer.post(f"/obligations/{one}/controls", {"version": version, "business": "x"}).status_code == 404
    assert _held(office) == {}


@pytest.mark.parametrize(("name", "status"), [("王责任", 403), ("赵复核", 403), ("钱审计", 403), ("孙外人", 404), ("管理员", 404)])
def test_nobody_else_fills_in_and_strangers_do_not_even_see(browser: Callable[[str], Browser], office: Office, name: str, status: int) -> None:
    one, ours = office.confirm()[0], office.world.ours
    _set(office, one, business="财富管理秘密业务")
    who = browser(name)
    # Whoever changes nothing gets the token on a page that is open to him.
    who.get(f"/obligations/{one}")
    assert who.get(f"/obligations/{one}/controls?entity={ours}").status_code == status
    assert who.post(f"/obligations/{one}/controls?entity={ours}", {"version": "1", "business": "x"}).status_code == status
    assert who.post(f"/obligations?entity={ours}", {"do": "controls", "ids": one, "control-business": "x"}).status_code == status
    page = who.get(f"/obligations/{one}").text
    assert ("财富管理秘密业务" in page) is (status == 403) and f"controls?entity={ours}" not in page
    assert _held(office)[one] == {"business": "财富管理秘密业务"}


def test_the_page_of_an_obligation_takes_the_same_number_of_statements_whatever_is_filled_in(officer: Browser, office: Office, cost: Callable[[Browser, str], int]) -> None:
    first, second = office.confirm()[:2]
    officer.get(f"/obligations/{first}")
    before = cost(officer, f"/obligations/{first}")
    _set(office, first, business="财富管理")
    assert cost(officer, f"/obligations/{first}") == before == cost(officer, f"/obligations/{second}")
