"""Signing in and out, throttling, one-time links, and one's own account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.cast import World
from tests.web.browsing import Browser
from tracker.app import create_app
from tracker.config import Config
from tracker.db import Database
from tracker.people import signing_in
from tracker.people.models import Person, SignIn, SignInAttempt
from tracker.people.passwords import hashed

PASSWORD = "四个不同的词-correct-horse"


@pytest.fixture
def with_password(database: Database, world: World) -> World:
    """Give 王责任 the password."""
    with database.writing() as s:
        link = signing_in.invite(s, world.admin, world.people["王责任"])
        signing_in.set_password(s, link, PASSWORD)
    return world


def _sign_in(browser: Browser, login: str, password: str, address: str = "/sign-in"):  # type: ignore[no-untyped-def]
    browser.get("/sign-in")
    return browser.post(address, {"login": login, "password": password})


def _sessions(database: Database, person_id: int) -> int:
    with database.reading() as s:
        return s.scalar(select(func.count()).select_from(SignIn).where(SignIn.person_id == person_id)) or 0


@pytest.mark.parametrize("address", ["/account", "/people", "/entities/1", "/account/password"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(stranger: Browser, address: str) -> None:
    answer = stranger.get(address)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next={address}"


def test_the_right_password_opens_the_page_that_was_wanted(stranger: Browser, with_password: World) -> None:
    answer = _sign_in(stranger, "WANG ", PASSWORD, "/sign-in?next=/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    page = stranger.get("/account")
    assert page.status_code == 200
    assert "王责任" in page.text
    assert "本浏览器" in page.text


def test_a_wrong_password_says_so_keeps_the_login_and_opens_nothing(stranger: Browser, with_password: World) -> None:
    answer = _sign_in(stranger, "wang", "not the password")
    assert answer.status_code == 422
    assert "登录名或密码不正确。" in answer.text
    assert 'value="wang"' in answer.text
    assert "not the password" not in answer.text
    assert stranger.get("/account").status_code == 303


def test_an_unknown_login_gets_the_same_answer_as_a_wrong_password(stranger: Browser, with_password: World) -> None:
    known, unknown = _sign_in(stranger, "wang", "x"), _sign_in(stranger, "nobody", "x")
    assert known.status_code == unknown.status_code == 422
    assert "登录名或密码不正确。" in unknown.text


def test_missing_fields_are_named(stranger: Browser) -> None:
    answer = _sign_in(stranger, "", "")
    assert answer.status_code == 422
    assert "请填写登录名。" in answer.text
    assert "请填写密码。" in answer.text


def test_six_failures_close_the_login_for_a_quarter_of_an_hour_even_with_the_right_password(
    stranger: Browser, with_password: World, database: Database,
) -> None:
    with time_machine.travel("2026-11-22T02:00:00Z", tick=False) as clock:
        for _ in range(6):
            assert _sign_in(stranger, "wang", "wrong").status_code == 422
        with database.reading() as s:
            assert s.scalar(select(func.count()).select_from(SignInAttempt)) == 12
        answer = _sign_in(stranger, "wang", PASSWORD)
        assert answer.status_code == 429
        assert "请在 15 分钟后再试" in answer.text
        clock.shift(15 * 60 + 1)
        assert _sign_in(stranger, "wang", PASSWORD).status_code == 303


@pytest.mark.parametrize("away", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "http:/evil.example",
    "/\r\nX: y", "", "///evil.example", "account",
])
def test_nobody_is_led_away_after_signing_in(stranger: Browser, with_password: World, away: str) -> None:
    stranger.get("/sign-in")
    answer = stranger.client.post(
        "/sign-in", query_string={"next": away}, data={"csrf_token": stranger.token, "login": "wang", "password": PASSWORD},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_a_cookie_is_worth_nothing_after_signing_out(browser: Callable[[str], Browser], app: Flask) -> None:
    signed_in = browser("林合规")
    assert signed_in.get("/account").status_code == 200
    cookie = signed_in.client.get_cookie("tracker")
    assert cookie is not None
    answer = signed_in.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    thief = app.test_client()
    thief.set_cookie("tracker", cookie.value)
    assert thief.get("/account").status_code == 303


def test_signing_in_replaces_the_session_that_the_browser_held_before(stranger: Browser, with_password: World) -> None:
    stranger.get("/sign-in")
    before = stranger.token
    _sign_in(stranger, "wang", PASSWORD)
    answer = stranger.client.post("/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400


def test_a_session_ends_by_itself(browser: Callable[[str], Browser]) -> None:
    with time_machine.travel("2026-11-22T02:00:00Z", tick=False) as clock:
        signed_in = browser("林合规")
        assert signed_in.get("/account").status_code == 200
        clock.shift(12 * 3600)
        assert signed_in.get("/account").status_code == 303


@pytest.mark.parametrize("address", ["/sign-in", "/sign-in/as"])
def test_a_form_without_the_token_is_refused_with_a_sentence(stranger: Browser, address: str) -> None:
    answer = stranger.client.post(address, data={"login": "wang", "password": PASSWORD})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


def test_a_form_of_a_signed_in_person_without_the_token_changes_nothing(browser: Callable[[str], Browser]) -> None:
    signed_in = browser("管理员")
    answer = signed_in.client.post("/people/new", data={"name": "张三", "login": "zhang"})
    assert answer.status_code == 400
    assert "张三" not in signed_in.get("/people").text


def test_a_form_sent_after_the_session_ended_says_what_to_do(stranger: Browser) -> None:
    answer = stranger.post("/account/password", {"old": "x"})
    assert answer.status_code == 401
    assert "请重新登录" in answer.text


def _fresh(empty_database: Database, tmp_path: Path) -> tuple[Browser, str]:
    config = Config(instance=tmp_path / "instance", database_url=empty_database.engine.url.render_as_string(hide_password=False))
    with empty_database.writing() as s:
        token = signing_in.first_link(s)
    assert token is not None
    return Browser(create_app(config).test_client()), token


SETUP = {"name": "周管理", "login": "zhou", "password": PASSWORD, "repeat": PASSWORD}


def test_the_set_up_link_makes_the_first_administrator_once(empty_database: Database, tmp_path: Path) -> None:
    browser, token = _fresh(empty_database, tmp_path)
    assert "还没有任何人员" in browser.get("/sign-in").text
    assert browser.get(f"/setup/{token}").status_code == 200
    answer = browser.post(f"/setup/{token}", SETUP)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/entities")
    page = browser.get("/entities")
    assert "系统管理员已设置好" in page.text
    assert "还没有主体" in page.text
    assert browser.get(f"/setup/{token}").status_code == 404
    assert browser.post(f"/setup/{token}", {**SETUP, "login": "second"}).status_code == 404
    with empty_database.reading() as s:
        assert s.execute(select(Person.login, Person.is_admin)).all() == [("zhou", True)]


@pytest.mark.parametrize(("change", "sentence"), [
    ({"repeat": "another one"}, "两次填写的密码不一致。"),
    ({"password": "short", "repeat": "short"}, "密码需要 10 到 200 个字符，您填写了 5 个。"),
    ({"password": "a" * 12, "repeat": "a" * 12}, "密码过于简单"),
    ({"login": "with space"}, "其中不能有空格"),
    ({"name": "周\x07管理"}, "U+0007"),
    ({"name": "很" * 65}, "最多 64 个字"),
])
def test_a_bad_set_up_form_changes_nothing_and_says_where(
    empty_database: Database, tmp_path: Path, change: dict[str, str], sentence: str,
) -> None:
    browser, token = _fresh(empty_database, tmp_path)
    browser.get(f"/setup/{token}")
    answer = browser.post(f"/setup/{token}", SETUP | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert browser.get(f"/setup/{token}").status_code == 200
    with empty_database.reading() as s:
        assert s.scalar(select(func.count()).select_from(Person)) == 0


def test_an_invited_person_sets_a_password_once_and_is_signed_in(
    stranger: Browser, database: Database, world: World,
) -> None:
    with database.writing() as s:
        token = signing_in.invite(s, world.admin, world.people["赵复核"])
    assert "赵复核，您好" in stranger.get(f"/invite/{token}").text
    answer = stranger.post(f"/invite/{token}", {"password": PASSWORD, "repeat": PASSWORD})
    assert answer.status_code == 303
    assert "赵复核" in stranger.get("/account").text
    assert stranger.get(f"/invite/{token}").status_code == 404
    assert stranger.get(f"/setup/{token}").status_code == 404


def test_the_link_of_somebody_who_has_left_meanwhile_opens_nothing(stranger: Browser, database: Database, world: World) -> None:
    with database.writing() as s:
        token = signing_in.invite(s, world.admin, world.people["赵复核"])
        s.get_one(Person, world.people["赵复核"]).active = False
        signing_in.invite(s, world.admin, world.people["王责任"])
        _cover(s, world)
    assert stranger.get(f"/invite/{token}").status_code == 404
    stranger.get("/sign-in")
    assert stranger.post(f"/invite/{token}", {"password": PASSWORD, "repeat": PASSWORD}).status_code == 404


def _cover(s, world: World) -> None:  # type: ignore[no-untyped-def]
    signing_in.trail.record(s, world.admin.actor, "person.deactivated", f"person:{world.people['赵复核']}")


def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions(
    browser: Callable[[str], Browser], database: Database, with_password: World,
) -> None:
    here, elsewhere = browser("王责任"), browser("王责任")
    here.get("/account/password")
    new = "another-词语-entirely"
    wrong = here.post("/account/password", {"old": "not it", "password": new, "repeat": new})
    assert wrong.status_code == 422
    assert "原密码不正确。" in wrong.text
    assert elsewhere.get("/account").status_code == 200
    right = here.post("/account/password", {"old": PASSWORD, "password": new, "repeat": new})
    assert right.status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert _sessions(database, with_password.people["王责任"]) == 1


def test_guessing_the_old_password_is_throttled(browser: Callable[[str], Browser], with_password: World) -> None:
    here = browser("王责任")
    here.get("/account/password")
    guess = {"old": "guess", "password": "another-词语-entirely", "repeat": "another-词语-entirely"}
    for _ in range(6):
        assert here.post("/account/password", guess).status_code == 422
    assert here.post("/account/password", guess).status_code == 429


def test_other_browsers_are_signed_out_on_request(browser: Callable[[str], Browser]) -> None:
    here, elsewhere = browser("林合规"), browser("林合规")
    assert "退出其他浏览器" in here.get("/account").text
    assert here.post("/account/sign-out-elsewhere").status_code == 303
    page = here.get("/account").text
    assert "已退出其他浏览器上的 1 个登录。" in page
    assert elsewhere.get("/account").status_code == 303


def test_the_account_says_who_one_is_where(browser: Callable[[str], Browser]) -> None:
    page = browser("林合规").get("/account").text
    assert "海川证券" in page
    assert "合规管理" in page
    assert "别家私募" not in page
    assert "还没有角色" in browser("管理员").get("/account").text


def test_only_a_demonstration_lets_one_enter_with_a_click(config: Config, world: World, stranger: Browser) -> None:
    stranger.get("/sign-in")
    assert "演示" not in stranger.get("/sign-in").text
    assert stranger.post("/sign-in/as", {"person": str(world.people["林合规"])}).status_code == 404
    demo = Browser(create_app(replace(config, demo=True)).test_client())
    page = demo.get("/sign-in").text
    assert all(name in page for name in world.people)
    assert demo.post("/sign-in/as?next=/account", {"person": "9999"}).status_code == 404
    answer = demo.post("/sign-in/as?next=/account", {"person": str(world.people["林合规"])})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "林合规" in demo.get("/account").text


def test_nobody_who_has_left_is_offered_or_let_in(config: Config, database: Database, world: World) -> None:
    with database.writing() as s:
        person = s.get_one(Person, world.people["赵复核"])
        person.password_hash, person.active = hashed(PASSWORD), False
        _cover(s, world)
    demo = Browser(create_app(replace(config, demo=True)).test_client())
    assert "赵复核" not in demo.get("/sign-in").text
    assert demo.post("/sign-in/as", {"person": str(world.people["赵复核"])}).status_code == 404
    assert _sign_in(demo, "zhao", PASSWORD).status_code == 422
