"""Fixtures for the pages: the application on this test's database, and browsers in which somebody is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.cast import World
from tests.inline import Inline
from tests.web.browsing import Browser
from tests.web.moving_in import moved_in
from tests.work import REGISTER
from tracker.app import create_app
from tracker.config import Config
from tracker.db import Database
from tracker.people import signing_in
from tracker.web.doors import KEY


@pytest.fixture
def config(database: Database, tmp_path: Path) -> Config:
    """Give settings for this test's database."""
    return Config(instance=tmp_path / "instance", database_url=database.engine.url.render_as_string(hide_password=False), register=REGISTER)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Build the application once, as in earnest; every test moves in with a database of its own."""
    app = create_app(Config(instance=tmp_path_factory.mktemp("built")), Inline)
    app.extensions[KEY].database.close()
    return app


@pytest.fixture
def app(built: Flask, config: Config) -> Iterator[Flask]:
    """Give the application on this test's settings; errors become pages, as in earnest."""
    yield from moved_in(built, config, Inline)


@pytest.fixture
def own_app(config: Config) -> Iterator[Flask]:
    """Give an application built for this test alone, which may do to it what it likes."""
    app = create_app(config, Inline)
    yield app
    app.extensions[KEY].database.close()


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


@pytest.fixture
def admin(browser: Callable[[str], Browser]) -> Browser:
    """Give the administrator's browser."""
    return browser("管理员")
