"""Fixtures for the pages: the application on this test's database, and browsers in which somebody is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.cast import World
from werkzeug.test import TestResponse

from tracker.app import create_app
from tracker.config import Config
from tracker.db import Database
from tracker.people import signing_in
from tracker.web.doors import house

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """A browser that follows no redirect by itself and sends the CSRF token of the page it has open."""

    client: FlaskClient
    token: str = ""

    def get(self, address: str, **more: Any) -> TestResponse:
        """Open a page and keep its CSRF token."""
        answer = self.client.get(address, buffered=True, **more)
        found = CSRF.search(answer.text) if answer.mimetype == "text/html" else None
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, address: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with a CSRF token."""
        if not self.token:
            self.get("/sign-in")
            self.get("/account")
        return self.client.post(address, data={"csrf_token": self.token, **(data or {})}, **more)


@pytest.fixture
def config(database: Database, tmp_path: Path) -> Config:
    """Give settings for this test's database."""
    return Config(instance=tmp_path / "instance", database_url=database.engine.url.render_as_string(hide_password=False))


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """Give the application; errors become pages, as in earnest."""
    yield from _running(config)


def _running(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    yield app
    with app.app_context():
        house().database.close()


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Give a browser in which nobody is signed in."""
    return Browser(app.test_client())


@pytest.fixture
def browser(app: Flask, database: Database, world: World) -> Callable[[str], Browser]:
    """Give a function from a name of the cast to a browser in which he is signed in."""

    def of(name: str) -> Browser:
        with database.writing() as s:
            token = signing_in.sign_in(s, world.people[name], 12, "127.0.0.1")
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
        return Browser(client)

    return of
