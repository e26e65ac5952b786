"""First chapter: the administrator, the group, the people and their roles."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.driving import Window
from tests.browser.journey import FIRM, GROUP, PASSWORD, PEOPLE, Journey


def set_up(journey: Journey) -> None:
    """The first administrator follows the link that the console shows."""
    admin = journey["管理员"]
    admin.go("/")
    expect(admin.page).to_have_url(re.compile("/sign-in"))
    admin.picture("nobody-yet")
    admin.go(journey.service.first_link)
    for field_id, value in {"name": "管理员", "login": "admin", "department": "信息技术部", "password": PASSWORD, "repeat": PASSWORD}.items():
        admin.page.locator(f"#{field_id}").fill(value)
    admin.picture("set-up", "phone")
    admin.check_access()
    admin.press("设置并登录")
    admin.told("系统管理员已设置好")
    admin.rail("工作台")
    admin.picture("first-steps", "dark")
    admin.rail("主体")
    admin.picture("no-entities")


def enter_company(journey: Journey) -> None:
    """He enters a group: a listed company and its securities firm."""
    admin = journey["管理员"]
    for name, short, kinds, parent in ((f"{GROUP}集团股份有限公司", GROUP, ("上市公司",), ""), (f"{FIRM}股份有限公司", FIRM, ("证券公司",), GROUP)):
        admin.go("/entities/new")
        admin.page.locator("#name").fill(name)
        admin.page.locator("#short_name").fill(short)
        if parent:
            admin.choose("parent_id", parent)
        for kind in kinds:
            admin.page.get_by_label(kind, exact=True).check()
        if parent:
            admin.picture("entity-form", "phone")
            admin.check_access()
        admin.press("添加主体")
        admin.told("主体已添加")
    admin.rail("主体")
    expect(admin.page.locator("tbody tr")).to_have_count(2)
    admin.picture("entities")


def invite_people(journey: Journey) -> None:
    """He adds people with a role each in the firm; each sets a password by a link of his own."""
    admin = journey["管理员"]
    for name, (login, department, post, role) in PEOPLE.items():
        admin.go("/people/new")
        for field_id, value in {"name": name, "login": login, "department": department, "post": post}.items():
            admin.page.locator(f"#{field_id}").fill(value)
        admin.press("添加人员")
        admin.told("人员已添加")
        link = admin.page.locator("#one-time-link").input_value()
        admin.page.get_by_label(f"{FIRM} {role}", exact=True).check()
        if name == "林合规":
            admin.page.get_by_label(f"{GROUP} {role}", exact=True).check()
            admin.picture("person-with-link")
            admin.check_access()
        admin.press("保存角色")
        admin.told("角色已保存")
        accept_invitation(journey[name], link)
    admin.rail("人员")
    expect(admin.page.locator("tbody tr")).to_have_count(5)
    admin.picture("people", "phone")


def accept_invitation(person: Window, link: str) -> None:
    """Somebody sets his password."""
    person.go(link)
    person.page.locator("#password").fill(PASSWORD)
    person.page.locator("#repeat").fill(PASSWORD)
    person.press("设置并登录")
    person.told("密码已设置")
    person.picture(f"welcome-{PEOPLE[person.who][0]}")
