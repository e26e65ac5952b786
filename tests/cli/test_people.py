"""people add and list: the one-time link works once, and what is wrong is said without changing anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from tests.cli.conftest import Terminal
from tests.web.browsing import Browser
from tests.work import Company
from tracker.app import create_app
from tracker.people.models import Person
from tracker.people.queries import roles_of
from tracker.web.doors import KEY
from tracker.words import Role

LINK = re.compile(r"http://127\.0\.0\.1:8000/invite/[\w-]+")


def _person(company: Company, login: str) -> Person | None:
    with company.database.reading() as s:
        return s.scalar(select(Person).where(Person.login == login))


def test_a_person_added_can_set_a_password_by_the_printed_link_once(terminal: Terminal, company: Company) -> None:
    said = terminal.said("people", "add", "--login", "Li", "--name", "李新人", "--department", "合规部", "--entity", "海川证券", "--role", "责任人", "--role", "reviewer")
    found = LINK.search(said)
    assert found is not None, said
    app = create_app(terminal.config)
    browser, address = Browser(app.test_client()), urlsplit(found.group()).path
    assert browser.get(address).status_code == 200
    password = {"password": "correct-horse-电池", "repeat": "correct-horse-电池"}
    assert browser.post(address, password).status_code == 303
    assert browser.get(address).status_code == 404
    app.extensions[KEY].database.close()
    person = _person(company, "li")
    assert person is not None and (person.name, person.is_admin) == ("李新人", False)
    with company.database.reading() as s:
        assert roles_of(s, person.id) == {company.world.ours: {Role.OWNER, Role.REVIEWER}}


def test_an_administrator_can_be_added_and_everybody_listed(typed: Callable[..., str]) -> None:
    typed("people", "add", "--login", "root2", "--name", "备用管理员", "--admin")
    listed = typed("people", "list")
    assert "root2\t备用管理员\t\t系统管理员" in listed
    assert "lin\t林合规\t合规部" in listed


@pytest.mark.parametrize(("arguments", "sentence"), [
    (("--login", "lin", "--name", "另一位"), "登录名“lin”已被使用，请换一个。"),
    (("--login", "a b", "--name", "甲"), "请填写登录名，其中不能有空格。"),
    (("--login", "", "--name", "甲"), "选项 --login 不能为空。"),
    (("--login", "jia", "--name", "甲", "--role", "审计"), "--entity 与 --role 要一起使用。"),
    (("--login", "jia", "--name", "甲", "--entity", "海川", "--role", "总监"), "可用的值：auditor、officer、owner、reviewer"),
    (("--login", "jia", "--name", "甲", "--entity", "海川", "--role", "审计", "--role", "责任人"), "不能与其他角色同时授予"),
    (("--name", "甲"), "缺少选项 --login。"),
])
def test_what_is_wrong_is_said_once_and_nobody_is_added(terminal: Terminal, company: Company, arguments: tuple[str, ...], sentence: str) -> None:
    said = terminal.refused("people", "add", *arguments)
    assert said.count(sentence) == 1
    assert _person(company, "jia") is None


def test_an_unknown_entity_refuses_the_whole_and_names_those_there_are(terminal: Terminal, company: Company) -> None:
    said = terminal.refused("people", "add", "--login", "jia", "--name", "甲", "--entity", "不存在", "--role", "审计", status=1)
    assert "没有名为“不存在”的主体" in said and "海川证券" in said
    assert _person(company, "jia") is None
