"""The real register in force under every page; scope undecided, or decided and partly assigned in 海川证券."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from tests.cast import BEGAN, World
from tests.web.browsing import Browser
from tests.work import REGISTER
from tracker.assignments import assigning
from tracker.db import Database
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.web.doors import house
from tracker.words import Cadence, Standing

DUE = date(2026, 12, 31)


@pytest.fixture(scope="session")
def registered_template(templates: dict[str, Path]) -> Path:
    """Make once the database of the cast with a third of the real register in force."""
    return registered(templates["settled"], "registered.db", REGISTER)


def registered(settled: Path, name: str, register: Path) -> Path:
    """Make a database with a register in force."""
    path = settled.with_name(name)
    shutil.copyfile(settled, path)
    with time_machine.travel(BEGAN, tick=False):
        database, host = Database(f"sqlite:///{path}"), operator("操作员")
        with database.writing(host.entities) as s:
            load(s, host, register.read_bytes(), register.name)
        database.close()
    return path


@pytest.fixture
def database(registered_template: Path, tmp_path: Path, frozen_clock: time_machine.Traveller) -> Iterator[Database]:
    """Give this test its own copy; the clock stands at 2026-11-22 10:00 in Shanghai."""
    target = tmp_path / "registered.db"
    shutil.copyfile(registered_template, target)
    database = Database(f"sqlite:///{target}")
    yield database
    database.close()


@dataclass
class Office:
    """What 林合规 did in 海川证券 before the test begins."""

    database: Database
    world: World
    applicable: list[str] = field(default_factory=list)

    def ids(self, standing: str = "", **wanted: str) -> list[str]:
        """List obligations of a filter as they stand with 海川证券."""
        with self.database.reading(self.world.officer.entities) as s:
            return scope_ids(s, self.world.officer, self.world.ours, ObligationFilter(**wanted), standing)  # type: ignore[arg-type]

    def confirm(self) -> list[str]:
        """Confirm every suggestion; returns what applies."""
        with self.database.writing(self.world.officer.entities) as s:
            confirm_suggestions(s, self.world.officer, self.world.ours, self.ids())
        self.applicable = self.ids(Standing.APPLIES)
        return self.applicable

    def assign(self, ids: list[str], cadence: Cadence | None = Cadence.MONTHLY) -> None:
        """Assign to 王责任, reviewed by 赵复核, due on 31 December."""
        people = self.world.people
        terms = assigning.Terms(people["王责任"], people["赵复核"], DUE, "财富管理部", cadence)
        with self.database.writing(self.world.officer.entities) as s:
            assigning.assign(s, self.world.officer, self.world.ours, ids, terms, 100)


@pytest.fixture
def office(database: Database, world: World) -> Office:
    """Give the means to prepare 海川证券 for a test."""
    return Office(database, world)


@pytest.fixture
def officer(browser: Callable[[str], Browser]) -> Browser:
    """Give 林合规's browser."""
    return browser("林合规")


@pytest.fixture
def cost(app: Flask) -> Callable[[Browser, str], int]:
    """Give a function that opens a page and counts the statements it took."""
    with app.app_context():
        engine = house().database.engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_more: seen.append(statement))

    def count(who: Browser, address: str) -> int:
        seen.clear()
        assert who.get(address).status_code == 200
        return sum(statement.startswith("SELECT") for statement in seen)

    return count


def rows_of(page: str) -> list[str]:
    """Return the text of each row of the list on a page, without tags."""
    return [_plain(row) for row in re.findall(r"<tr data-href=.*?</tr>", page, re.DOTALL)]


def _plain(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def errors_of(page: str) -> list[str]:
    """Return the sentences at the fields."""
    return [html.unescape(found) for found in re.findall(r'<p class="error"[^>]*>.*?<span>(.*?)</span>', page, re.DOTALL)]


def said(who: Browser, address: str) -> str:
    """Return the quiet line that the next page shows."""
    found = re.search(r'<div class="flash[^"]*".*?<div>(.*?)</div>', who.get(address).text, re.DOTALL)
    return _plain(found.group(1)) if found else ""
