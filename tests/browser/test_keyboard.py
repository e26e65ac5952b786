"""Lists by keyboard alone: walk, select, open, find, search everything, ask for help."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Window
from tests.browser.journey import PASSWORD
from tests.browser.serving import Service, serving
from tests.cast import World
from tests.work import Company, working_template
from tracker import clock, migrate
from tracker.db import Database
from tracker.evidence.store import Store
from tracker.people import signing_in
from tracker.people.access import operator

__all__ = ["working_template"]


@pytest.fixture(scope="module")
def service(working_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve the company at work."""
    instance = tmp_path_factory.mktemp("instance")
    shutil.copyfile(working_template, instance / "tracker.db")
    # The template was built from the models, which equal the head of the migrations (tests/test_migrations.py).
    with closing(sqlite3.connect(instance / "tracker.db")) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (migrate.head(),))
    database, host = Database(f"sqlite:///{instance / 'tracker.db'}"), operator("安装人员")
    with database.writing(host.entities) as s:
        token = signing_in.invite(s, host, World.read(database).people["林合规"])
    with database.writing() as s:
        signing_in.set_password(s, token, PASSWORD)
    company = Company(database, World.read(database), Store(instance / "evidence", 10**7))
    company.assign(company.applicable(1), company.terms(clock.today() + timedelta(days=9)))
    database.close()
    with serving(instance) as running:
        yield running


@pytest.fixture
def officer(service: Service, window: Callable[[str, str], Window]) -> Window:
    """Sign 林合规 in."""
    one = window(service.address, "林合规")
    one.go("/obligations")
    one.page.locator("#login").fill("lin")
    one.page.locator("#password").fill(PASSWORD)
    one.page.keyboard.press("Enter")
    expect(one.page).to_have_url(re.compile("/obligations"))
    expect(one.page.locator("html")).to_have_class(re.compile("js"))
    return one


def test_a_list_is_walked_selected_searched_and_opened_by_keys(officer: Window) -> None:
    page = officer.page
    links, boxes = page.locator("tbody .row-link"), page.locator("tbody [data-pick]")
    page.wait_for_load_state("networkidle")
    for key, place in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0), ("k", 0), ("j", 1)):
        page.keyboard.press(key)
        expect(links.nth(place)).to_be_focused()
    page.keyboard.press("x")
    expect(boxes.nth(1)).to_be_checked()
    expect(page.locator("[data-said]")).to_have_text("已选 1 项")
    page.keyboard.press("x")
    expect(boxes.nth(1)).not_to_be_checked()
    expect(page.locator("[data-bar]")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    officer.picture("keys")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("[data-seek]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("input[data-find]")).to_be_focused()
    page.keyboard.type("jkx?/客户")
    expect(page.locator("input[data-find]")).to_have_value("jkx?/客户")
    page.keyboard.press("Control+a")
    page.keyboard.type("客户")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q="))
    page.wait_for_load_state("networkidle")
    title = links.nth(1).inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_where_there_is_no_list_to_search_the_slash_leads_to_the_search_of_everything(officer: Window) -> None:
    officer.go("/assignments/hand-over")
    officer.choose("leaver", "王责任")
    expect(officer.page.locator("#heir_id")).to_be_visible()
    officer.page.locator("h1").click()
    officer.page.keyboard.press("/")
    expect(officer.page.locator("[data-seek]")).to_be_focused()
