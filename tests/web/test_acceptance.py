"""An accepted task shows what its acceptance pinned beside what holds now."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.web.at_work import at_work, company, database, working_template, world
from tests.web.browsing import Browser
from tests.work import REGISTER, Company
from tracker.assignments import reviewing
from tracker.assignments.models import Submission
from tracker.audit.queries import TrailFilter, events
from tracker.audit.trail import entity_chain
from tracker.editions.actions import put_in_force
from tracker.evidence.actions import EvidenceFacts, replace_evidence
from tracker.people.access import operator

__all__ = ["at_work", "company", "database", "working_template", "world"]
Browsers = Callable[[str], Browser]


def shown(browser: Browser, task: int) -> str:
    """Return the section as plain text."""
    found = re.search(r'id="beside".*?</section>', browser.get(f"/tasks/{task}").text, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found.group())).split()) if found else ""


@pytest.fixture
def accepted(at_work: Company) -> tuple[int, int]:
    """Let a task be accepted; returns it and its evidence."""
    task, reviewer = at_work.task(), at_work.world.reviewer
    piece = at_work.hand_in(task)
    with at_work.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, task)
    return task, piece


def test_the_editions_stand_in_the_row_and_in_the_events(at_work: Company, accepted: tuple[int, int]) -> None:
    task, _piece = accepted
    with at_work.database.reading(at_work.world.owner.entities) as s:
        row = s.scalars(select(Submission)).one()
        told = events(s, TrailFilter((entity_chain(at_work.world.ours),), objects=(f"task:{task}",)))
    assert row.submitted_edition == row.decided_edition == told[0].after["edition"]
    assert {one.action for one in told if one.after.get("edition") == row.decided_edition} == {"task.accepted", "task.submitted"}


def test_nothing_is_shown_before_the_acceptance_and_all_is_unchanged_right_after(at_work: Company, browser: Browsers) -> None:
    task, reviewer, qian = at_work.task(), at_work.world.reviewer, browser("钱审计")
    at_work.hand_in(task)
    assert shown(qian, task) == ""
    with at_work.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, task)
    page = shown(qian, task)
    assert page.count("未变") == 3 and "检查记录.txt" in page and "已更新" not in page


def test_a_replaced_piece_and_a_lost_file_are_told(at_work: Company, accepted: tuple[int, int], browser: Browsers) -> None:
    (task, piece), owner, qian = accepted, at_work.world.owner, browser("钱审计")
    stored = at_work.store.put(io.BytesIO("改正后的检查记录。".encode()), "检查记录.txt")
    with at_work.database.writing(owner.entities) as s:
        replace_evidence(s, owner, piece, stored, EvidenceFacts())
        (pinned,) = s.scalars(select(Submission.pinned)).one()
    assert "已由第 2 版取代" in shown(qian, task)
    at_work.store.path(pinned["sha256"]).unlink()
    assert "文件已销毁或缺失" in shown(qian, task)


def test_a_text_that_changed_since_stands_beside_the_one_accepted(at_work: Company, accepted: tuple[int, int], browser: Browsers) -> None:
    task, host = accepted[0], operator("操作员")
    page = browser("钱审计").get(f"/tasks/{task}").text
    title = re.search(r"<h1>([^<]+)</h1>", page)
    assert title
    data = REGISTER.read_text(encoding="utf-8")
    edition = re.search(r"(?m)^edition: *['\"]?([^'\"\n]+)", data)
    assert edition
    changed = data.replace(f"title: {title[1]}", f"title: {title[1]}（修订）").replace(edition.group(), edition.group().replace(edition[1], "2031.01"))
    assert changed.count("（修订）") == 1
    with at_work.database.writing(host.entities) as s:
        put_in_force(s, host, changed.encode(), "obligations.yaml")
    told = shown(browser("钱审计"), task)
    assert edition[1] in told and "2031.01 （已更新）" in told and "（修订）" in told
