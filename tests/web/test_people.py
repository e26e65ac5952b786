"""Pages of entities, people and roles: for administrators only, errors at the field, nothing lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.cast import World
from tests.making import Making
from tests.register.samples import NAME, SOUND
from tests.web.browsing import Browser
from tracker.db import Database
from tracker.people import actions
from tracker.people.access import operator
from tracker.people.actions import EntityFacts, PersonFacts
from tracker.people.models import Entity, Person
from tracker.register import loading
from tracker.words import Role

NEW = {"name": "海川资本管理有限公司", "short_name": "海川资本", "code": "91310000MA1FL0000X", "parent_id": "", "kinds": "listed_company"}
ZHANG = {"name": "张三", "login": "zhangsan", "department": "投行部", "post": "项目经理", "email": "zhang@example.com", "pinyin": ""}


@pytest.fixture
def with_register(database: Database) -> None:
    """Load a small register, so that there are kinds to choose from."""
    host = operator("安装人员")
    with database.writing(host.entities) as s:
        loading.load(s, host, SOUND.encode(), NAME)


def _errors(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'<p class="error"[^>]*>.*?<span>(.*?)</span>', page, re.DOTALL)]


ADDRESSES = ("/entities", "/entities/new", "/entities/1", "/entities/1/edit", "/people", "/people/new", "/people/1", "/people/1/edit")
POSTS = (
    "/entities/new", "/entities/1/edit", "/entities/1/roles", "/entities/1/active",
    "/people/new", "/people/1/edit", "/people/1/invite", "/people/1/roles", "/people/1/leave", "/people/1/return",
)


@pytest.mark.parametrize("name", ["林合规", "王责任", "钱审计", "孙外人"])
def test_for_anybody_but_an_administrator_the_pages_do_not_exist(browser: Callable[[str], Browser], name: str) -> None:
    signed_in = browser(name)
    assert [signed_in.get(address).status_code for address in ADDRESSES] == [404] * len(ADDRESSES)
    assert [signed_in.post(address).status_code for address in POSTS] == [404] * len(POSTS)
    assert "/people" not in signed_in.get("/account").text


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_administrator_opens_every_page(admin: Browser, address: str) -> None:
    assert admin.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/entities/77", "/entities/77/edit", "/people/77", "/people/77/edit"])
def test_what_never_existed_is_not_found_either(admin: Browser, address: str) -> None:
    assert admin.get(address).status_code == 404


@pytest.mark.usefixtures("with_register")
def test_a_new_entity_leads_on_to_granting_roles(admin: Browser, world: World) -> None:
    admin.get("/entities/new")
    answer = admin.post("/entities/new", {**NEW, "parent_id": str(world.ours)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/entities/3")
    page = admin.get("/entities/3").text
    assert "至少要有一位合规管理" in page
    assert "上市公司" in page
    assert "listed_company" not in page
    listed = admin.get("/entities").text
    assert listed.index("海川证券") < listed.index("└ </span>海川资本管理有限公司") < listed.index("别家私募")


@pytest.mark.usefixtures("with_register")
@pytest.mark.parametrize(("change", "sentence"), [
    ({"name": "  "}, "请填写主体的全称。"),
    ({"name": "海川证券"}, "已有名为“海川证券”的主体。"),
    ({"kinds": []}, "请至少选择一种主体类型"),
    ({"kinds": "staff"}, "'staff'"),
    ({"parent_id": "99"}, ""),
    ({"short_name": "很" * 41}, "最多 40 个字"),
])
def test_a_bad_entity_is_refused_at_the_field_and_nothing_typed_is_lost(
    admin: Browser, database: Database, change: dict[str, str], sentence: str,
) -> None:
    admin.get("/entities/new")
    answer = admin.post("/entities/new", NEW | change)
    assert answer.status_code == 422
    errors = _errors(answer.text)
    assert len(errors) == 1
    assert sentence in errors[0]
    assert "91310000MA1FL0000X" in answer.text
    with database.reading() as s:
        assert len(s.scalars(select(Entity.id)).all()) == 2


@pytest.mark.usefixtures("with_register")
def test_a_circle_of_entities_is_refused_at_the_field(admin: Browser, making: Making, world: World) -> None:
    below = making.entity("下级公司", parent_id=world.ours)
    page = admin.get(f"/entities/{world.ours}/edit")
    answer = admin.post(f"/entities/{world.ours}/edit", {
        "name": "海川证券", "short_name": "海川", "code": "HC01", "kinds": "securities_firm", "parent_id": str(below), "version": _version(page.text),
    })
    assert answer.status_code == 422
    assert _errors(answer.text) == ["上级主体不能是它自己或它的下级。"]


def _version(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found.group(1)


@pytest.mark.usefixtures("with_register")
def test_a_stale_edit_of_an_entity_shows_both_texts_and_can_then_be_saved(admin: Browser, database: Database, world: World) -> None:
    version = _version(admin.get(f"/entities/{world.ours}/edit").text)
    with database.writing() as s:
        actions.change_entity(s, world.admin, world.ours, EntityFacts("海川证券", "别人改的简称", ("securities_firm",)), int(version))
    mine = {"name": "海川证券", "short_name": "我改的简称", "code": "", "kinds": "securities_firm", "parent_id": "", "version": version}
    answer = admin.post(f"/entities/{world.ours}/edit", mine)
    assert answer.status_code == 409
    assert "主体资料已被他人修改" in answer.text
    assert "<td>别人改的简称</td><td>我改的简称</td>" in answer.text
    with database.reading() as s:
        assert s.get_one(Entity, world.ours).short_name == "别人改的简称"
    assert admin.post(f"/entities/{world.ours}/edit", {**mine, "version": _version(answer.text)}).status_code == 303
    with database.reading() as s:
        assert s.get_one(Entity, world.ours).short_name == "我改的简称"


def test_a_stale_edit_of_a_person_shows_both_texts(admin: Browser, database: Database, world: World) -> None:
    wang = world.people["王责任"]
    version = _version(admin.get(f"/people/{wang}/edit").text)
    with database.writing() as s:
        actions.change_person(s, world.admin, wang, PersonFacts("wang", "王责任", "机构部"), int(version))
    answer = admin.post(f"/people/{wang}/edit", {"name": "王责任", "login": "wang", "department": "零售部", "post": "", "version": version})
    assert answer.status_code == 409
    assert "<td>机构部</td><td>零售部</td>" in answer.text


def test_an_entity_is_deactivated_and_brought_back(admin: Browser, browser: Callable[[str], Browser], world: World) -> None:
    officer = browser("林合规")
    admin.get(f"/entities/{world.ours}")
    assert admin.post(f"/entities/{world.ours}/active", {"active": "0"}).status_code == 303
    assert "恢复使用" in admin.get(f"/entities/{world.ours}").text
    assert "还没有角色" in officer.get("/account").text
    assert admin.post(f"/entities/{world.ours}/active", {"active": "1"}).status_code == 303
    assert "合规管理" in officer.get("/account").text


def test_a_new_person_gets_a_link_that_is_shown_once_and_works(admin: Browser, stranger: Browser) -> None:
    admin.get("/people/new")
    answer = admin.post("/people/new", ZHANG)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    other = admin.get("/people/1").text
    assert "/invite/" not in re.sub(r'action="[^"]*"', "", other)
    found = re.search(r'value="http://localhost(/invite/[^"]+)"', admin.get(address).text)
    assert found is not None
    assert "value=\"http://localhost/invite/" not in admin.get(address).text
    assert "张三，您好" in stranger.get(found.group(1)).text


def test_a_second_link_ends_the_first(admin: Browser, stranger: Browser, world: World) -> None:
    page = f"/people/{world.people['王责任']}"
    links = []
    for _ in range(2):
        admin.get(page)
        assert admin.post(f"{page}/invite").status_code == 303
        found = re.search(r'value="http://localhost(/invite/[^"]+)"', admin.get(page).text)
        assert found is not None
        links.append(found.group(1))
    assert [stranger.get(link).status_code for link in links] == [404, 200]


@pytest.mark.parametrize(("change", "sentence"), [
    ({"name": ""}, "请填写姓名。"),
    ({"login": ""}, "请填写登录名，其中不能有空格。"),
    ({"login": "zhang san"}, "请填写登录名，其中不能有空格。"),
    ({"login": "WANG"}, "登录名“wang”已被使用，请换一个。"),
    ({"email": "not an address"}, "邮箱的写法不对，应像 name@example.com。"),
    ({"department": "部\x00门"}, "其中有无法保存的控制字符（U+0000），请删去后重试。"),
])
def test_a_bad_person_is_refused_at_the_field_and_nothing_typed_is_lost(
    admin: Browser, database: Database, change: dict[str, str], sentence: str,
) -> None:
    admin.get("/people/new")
    answer = admin.post("/people/new", ZHANG | change)
    assert answer.status_code == 422
    assert _errors(answer.text) == [sentence]
    assert "项目经理" in answer.text
    with database.reading() as s:
        assert s.scalar(select(Person.id).where(Person.login == "zhangsan")) is None


def test_the_list_of_people_is_narrowed_by_pinyin_and_department(admin: Browser) -> None:
    assert "王责任" in admin.get("/people?q=wangze").text
    narrowed = admin.get("/people?q=稽核").text
    assert "钱审计" in narrowed
    assert "王责任" not in narrowed
    assert "没有符合的人员" in admin.get("/people?q=无此人").text


def test_who_leaves_is_signed_out_and_stays_readable(admin: Browser, browser: Callable[[str], Browser], world: World) -> None:
    wang, his = world.people["王责任"], browser("王责任")
    admin.get(f"/people/{wang}")
    late = admin.post(f"/people/{wang}/leave", {"left_on": "2999-01-01"})
    assert late.status_code == 422
    assert _errors(late.text) == ["离职日期不能晚于今天，因为账号会立即停用。"]
    assert his.get("/account").status_code == 200
    assert admin.post(f"/people/{wang}/leave", {"left_on": "2026-09-02"}).status_code == 303
    page = admin.get(f"/people/{wang}").text
    assert "王责任（已离职）" in page
    assert "请各主体的合规管理在“分派”中移交" in page
    assert his.get("/account").status_code == 303
    assert admin.post(f"/people/{wang}/return").status_code == 303
    assert "已离职" not in admin.get(f"/people/{wang}").text


def test_an_administrator_who_is_officer_too_is_led_to_handing_over(admin: Browser, making: Making, world: World) -> None:
    making.grant(world.people["管理员"], [Role.OFFICER])
    wang = world.people["王责任"]
    admin.post(f"/people/{wang}/leave", {"left_on": ""})
    page = admin.get(f"/people/{wang}").text
    assert f"/assignments/hand-over?entity={world.ours}&amp;leaver={wang}" in page
    assert admin.get(f"/assignments/hand-over?entity={world.ours}&leaver={wang}").status_code == 200


def test_the_last_administrator_can_neither_leave_nor_step_down(admin: Browser, world: World) -> None:
    boss = world.people["管理员"]
    version = _version(admin.get(f"/people/{boss}/edit").text)
    left = admin.post(f"/people/{boss}/leave", {"left_on": ""})
    assert left.status_code == 409
    assert "不能停用您自己的账号" in left.text
    down = admin.post(f"/people/{boss}/edit", {"name": "管理员", "login": "admin", "version": version})
    assert down.status_code == 409
    assert "至少要保留一位在职的系统管理员" in down.text


def test_a_role_taken_away_closes_the_entity_at_the_next_click(admin: Browser, browser: Callable[[str], Browser], world: World) -> None:
    lin, his = world.people["林合规"], browser("林合规")
    assert "海川证券" in his.get("/account").text
    admin.get(f"/people/{lin}")
    admin.post(f"/people/{lin}/roles", {f"was-{world.ours}": "officer"})
    assert "海川证券" not in his.get("/account").text


def test_lists_ask_the_database_as_often_for_many_rows_as_for_few(app: Flask, admin: Browser, database: Database, making: Making) -> None:
    with app.app_context():
        engine = app.extensions["tracker"].database.engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: seen.append(statement))

    def cost(address: str) -> int:
        seen.clear()
        assert admin.get(address).status_code == 200
        return sum(statement.startswith("SELECT") for statement in seen)

    cost("/entities")  # The labels of the register are read once and kept.
    few = [cost("/entities"), cost("/people"), cost("/account")]
    for _ in range(8):
        making.person(entity_id=making.entity(), roles=[Role.OWNER])
    assert [cost("/entities"), cost("/people"), cost("/account")] == few


@pytest.mark.parametrize(("name", "most"), [("王责任", 4), ("林合规", 5)], ids=["as owner", "as officer, who is told of alarms"])
def test_signing_in_and_the_frame_cost_few_statements(name: str, most: int, app: Flask, browser: Callable[[str], Browser]) -> None:
    seen: list[str] = []
    event.listen(app.extensions["tracker"].database.engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: seen.append(statement))
    assert browser(name).get("/account/password").status_code == 200
    assert sum(statement.startswith("SELECT") for statement in seen) <= most


def test_a_problem_below_becomes_a_page_with_its_status(browser: Callable[[str], Browser], world: World) -> None:
    answer = browser("林合规").get(f"/account?entity={world.others}")
    assert answer.status_code == 200
    assert "别家" not in answer.text
