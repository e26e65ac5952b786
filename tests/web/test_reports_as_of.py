"""The page of an export as of a past moment: its field, its sentences, and the list that tells the two moments apart."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import World
from tests.reports.opening import Opened
from tests.reports.story import Story, story
from tests.web.browsing import Browser
from tests.work import company, working_template
from tracker.assignments import working
from tracker.db import EVERY_ENTITY, Database
from tracker.people.actions import grant_roles
from tracker.reports.models import Export
from tracker.words import Role

__all__ = ["company", "story", "working_template"]


@pytest.fixture
def database(story: Story) -> Database:
    """Put the pages on the database of the story."""
    return story.company.database


@pytest.fixture
def officer(browser: Callable[[str], Browser]) -> Browser:
    """Give 林合规's browser."""
    return browser("林合规")


def _book(browser: Browser, address: str, as_of: str) -> Opened:
    answer = browser.post(address, data={"as_of": as_of})
    assert answer.status_code == 303, answer.text
    found = re.search(r'href="(/reports/\d+/file)">下载</a>', browser.get(answer.headers["Location"]).text)
    assert found
    return Opened(browser.get(found.group(1)).data)


def test_a_past_moment_is_exported_and_listed_beside_the_moment_of_the_export(
    officer: Browser, story: Story, world: World, frozen_clock: time_machine.Traveller
) -> None:
    address = f"/reports/new?entity={world.ours}"
    assert 'type="datetime-local"' in officer.get(address).text
    frozen_clock.shift(3600)
    with story.company.database.writing(world.officer.entities) as s:
        working.reschedule(s, world.officer, story.tasks["not_started"], date(2027, 5, 31), "再次顺延")
    frozen_clock.shift(3600)
    then, now = _book(officer, address, "2027-01-05T10:45:00"), _book(officer, address, "")
    due = [{row["任务号"]: row["截止日"] for row in book.rows("责任分派与任务")}[story.tasks["not_started"]] for book in (then, now)]
    assert [str(day) for day in due] == ["2027-01-20", "2027-05-31"]
    assert "2027-01-05 10:45:00（北京时间）" in then.texts
    page = officer.get(f"/reports?entity={world.ours}").text
    assert 'datetime="2027-01-05T02:45:00+00:00"' in page and page.count('datetime="2027-01-05T04:30:09+00:00"') == 3


@pytest.mark.parametrize(("moment", "sentence"), [
    ("明天", "截至时点“明天”不是有效的时间。"), ("2027-01-05T10:31", "还没有到。请填写现在或以前的时间；留空表示现在。"),
    ("2026-08-01T00:00", "早于历史记录开始的时刻"), ("x" * 41, "最多 40 个字"),
])
def test_what_cannot_be_shown_is_said_at_the_field_and_what_was_typed_stays(
    officer: Browser, database: Database, world: World, moment: str, sentence: str
) -> None:
    answer = officer.post(f"/reports/new?entity={world.ours}&state=done", data={"as_of": moment})
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert f'value="{moment}"' in answer.text and "任务状态：已完成" in answer.text
    with database.reading(EVERY_ENTITY) as s:
        assert s.scalars(select(Export)).all() == []


@pytest.mark.parametrize("name", ["孙外人", "管理员"])
def test_for_strangers_there_is_no_past_either(browser: Callable[[str], Browser], database: Database, world: World, name: str) -> None:
    assert browser(name).post(f"/reports/new?entity={world.ours}", data={"as_of": "2027-01-05T10:00"}).status_code == 404
    with database.reading(EVERY_ENTITY) as s:
        assert s.scalars(select(Export)).all() == []


def test_a_group_is_chosen_compared_with_an_earlier_moment_and_seen_only_by_who_sees_all(
    browser: Callable[[str], Browser], officer: Browser, story: Story, world: World, frozen_clock: time_machine.Traveller
) -> None:
    frozen_clock.shift(3600)
    other = next(one for one in world.viewer("孙外人").roles)
    with story.company.database.writing(EVERY_ENTITY) as s:
        grant_roles(s, world.admin, world.people["林合规"], other, [Role.OFFICER])
        working.reschedule(s, world.officer, story.tasks["not_started"], date(2027, 5, 31), "再次顺延")
    page = officer.get("/reports/new?state=open").text
    assert page.count('type="checkbox" name="with"') == 2 and f"with={world.ours}&amp;with={other}" in page
    address = f"/reports/new?with={world.ours}&with={other}"
    late = officer.post(address, data={"as_of": "2027-01-05T10:45", "since": "2027-01-05T10:45"})
    assert late.status_code == 422 and "须早于截至时点" in late.text and 'value="2027-01-05T10:45"' in late.text
    answer = officer.post(address, data={"as_of": "", "since": "2027-01-05T10:45"})
    file = re.search(r'href="(/reports/\d+/file)">下载</a>', officer.get(answer.headers["Location"]).text)
    assert answer.status_code == 303 and file
    book = Opened(officer.get(file.group(1)).data)
    changed = {(row["主体"], str(row["编号"]), row["栏目"]): row["现在内容"] for row in book.rows("版本差异")}
    assert changed["海川", str(story.tasks["not_started"]), "截止日"] == "2027-05-31"
    for name in ("孙外人", "王责任"):
        assert browser(name).get(file.group(1)).status_code == 404 == browser(name).get(address).status_code
