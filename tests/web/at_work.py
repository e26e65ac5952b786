"""The company at work behind the pages: the application on its database and its store, and browsers of the cast."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.datastructures import FileStorage

from tests.cast import World
from tests.web.browsing import Browser
from tests.work import Company, company, working_template
from tracker.config import Config
from tracker.db import Database
from tracker.evidence.store import Store
from tracker.web.doors import house

__all__ = ["at_work", "company", "database", "working_template", "world"]


@pytest.fixture
def database(company: Company) -> Database:
    """Let the application stand on the company's database."""
    return company.database


@pytest.fixture
def world(company: Company) -> World:
    """Give the cast as it stands there."""
    return company.world


@pytest.fixture
def at_work(company: Company, config: Config) -> Company:
    """Give the company with the store of the application."""
    company.store = Store(config.store, config.upload_limit)
    return company


def upload(name: str, content: bytes) -> FileStorage:
    """Return a file as a browser sends it."""
    return FileStorage(io.BytesIO(content), filename=name)


def send(browser: Browser, address: str, name: str, content: bytes, **fields: Any) -> Any:
    """Send one file the way the script of the page does, asking for JSON."""
    answer = browser.post(address, {"files": upload(name, content), **fields}, headers={"Accept": "application/json"})
    # The test client leaves the file in which it kept a large body to the garbage collector.
    answer.request.environ["wsgi.input"].close()
    return answer


@contextmanager
def counting(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that the application sends meanwhile."""
    with app.app_context():
        engine = house().database.engine
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
