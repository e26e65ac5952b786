"""The company at work under the real register, and the administrator who looks at files and loads them."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.at_work import at_work, company, database, working_template, world
from tests.web.browsing import Browser
from tests.work import Company
from tracker.assignments import reviewing
from tracker.assignments.models import Task
from tracker.db import EVERY_ENTITY, Database
from tracker.editions.models import Draft
from tracker.register.models import Edition

__all__ = ["at_work", "company", "database", "working_template", "world"]


def send(who: Browser, data: bytes, name: str = "obligations.yaml") -> TestResponse:
    """Send a register file to be looked at."""
    who.get("/registers")
    answer = who.post("/registers", {"file": (io.BytesIO(data), name)})
    # The test client leaves the file in which it kept a large body to the garbage collector.
    answer.request.environ["wsgi.input"].close()
    return answer


def look(who: Browser, data: bytes) -> str:
    """Send a sound register file; returns the address of its preview."""
    answer = send(who, data)
    assert answer.status_code == 303, text_of(answer.text)[-800:]
    return str(answer.location)


def load(who: Browser, data: bytes) -> str:
    """Look at a file and put it in force; returns the address of the edition's page."""
    answer = who.post(look(who, data))
    assert answer.status_code == 303, text_of(answer.text)[-800:]
    return str(answer.location)


def text_of(page: str) -> str:
    """Return what a reader sees of a page; a word that came or went stands in its sentence."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", re.sub("</?(?:ins|del)>", "", page))).split())


def cards(page: str) -> dict[str, int]:
    """Return the numbers on top of a comparison, by label."""
    return {label: int(number.replace(",", "")) for number, label in re.findall(r'class="card[^>]*><b>([\d,]+)</b><span>([^<]+)</span>', page)}


def drafts(database: Database) -> list[int]:
    """List the drafts that are kept."""
    with database.reading() as s:
        return list(s.scalars(select(Draft.id)))


def editions(database: Database) -> list[Edition]:
    """List the editions, oldest first."""
    with database.reading() as s:
        return list(s.scalars(select(Edition).order_by(Edition.id)))


@pytest.fixture
def accepted(at_work: Company) -> tuple[int, str]:
    """Give a task that 赵复核 has accepted, and its obligation."""
    task_id, reviewer = at_work.task(), at_work.world.reviewer
    at_work.hand_in(task_id)
    with at_work.database.writing(reviewer.entities) as s:
        reviewing.accept(s, reviewer, task_id, "资料齐全。")
    with at_work.database.reading(EVERY_ENTITY) as s:
        return task_id, s.get_one(Task, task_id).obligation_id


Browsers = Callable[[str], Browser]
