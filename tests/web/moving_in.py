"""The one application of this process, with the house of one test in it after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Flask

from tracker.config import Config
from tracker.db import Database
from tracker.exporting.starting import Runner
from tracker.web.doors import KEY, House


def moved_in(app: Flask, config: Config, runner: Callable[[Config, Database], Runner]) -> Iterator[Flask]:
    """Let the application stand on these settings for one test; whatever else of it the test changes fails it."""
    before, database = _outfit(app), Database(config.url)
    for folder in (config.instance, config.store, config.exports):
        folder.mkdir(parents=True, exist_ok=True)
    app.extensions[KEY] = House(config, database, runner(config, database))
    yield app
    database.close()
    assert _outfit(app) == before, "this test changed the application for those after it: it needs `own_app`"


def _outfit(app: Flask) -> tuple[object, ...]:
    return dict(app.config), set(app.view_functions), set(app.jinja_env.globals), set(app.jinja_env.filters)
