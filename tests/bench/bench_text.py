"""Measure the page 原文对照 of the longer text (signed in, an entity chosen) against rendering the same markup from memory.

The other side gives the page's own templates the very values, ready made: no database, no rights, no frame. Both answer in
one process, taking turns; what counts is the median processor time of a request. The text is of the suite's own making, as
long as the real one, unless TRACKER_SOURCES says where the real one lies.
"""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask, render_template, template_rendered
from flask.testing import FlaskClient
from flask_babel import Babel
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

import tracker.web
from tests.bench import many
from tests.register.official import official_text
from tracker.app import create_app
from tracker.config import Config
from tracker.db import Database
from tracker.people.access import operator
from tracker.register.original.queries import registers_in_force
from tracker.register.queries import ObligationFilter
from tracker.register.texts.actions import import_text
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.web import dates, look, saying
from tracker.web.doors import KEY

DOCUMENT, ENTITIES, TASKS, ROUNDS, WARM = "ff2025-9", 2, 4_000, 100, 10
ADDRESS = f"/documents/{DOCUMENT}/text?entity=1"
TEMPLATES = Path(tracker.web.__file__).parent / "templates"
BASE = "<!doctype html><html lang=zh-CN><title>{{ page_title }}</title><main>{% block crumbs %}{% endblock %}{% block head %}{% endblock %}{% block filters %}{% endblock %}{% block content %}{% endblock %}</main></html>"
# What the page is made of: each sentence's row, each anchor's address and each obligation's entry, in their order.
MADE_OF = re.compile(r'<div class="said [^>]*>|<a class="anchor[^>]*>|<li class="duty"[^>]*>|<span class="mark state [^"]*">')


def build(path: Path) -> str:
    """Build a group at work with the text imported; return the token of the officer who is signed in."""
    group = many.build(path, ENTITIES, TASKS)
    database, host = Database(f"sqlite:///{path}"), operator("计时")
    with database.writing(host.entities) as s:
        confirm_suggestions(s, host, 1, scope_ids(s, host, 1, ObligationFilter()))
    with database.writing(host.entities) as s:
        import_text(s, host, DOCUMENT, text(database), "原文.txt")
    database.close()
    return group.token


def text(database: Database) -> bytes:
    """Return the official text, or one of our own that is as long."""
    if folder := os.environ.get("TRACKER_SOURCES"):
        return Path(folder, f"{DOCUMENT}.txt").read_bytes()
    with database.reading() as s:
        document = next(one for register in registers_in_force(s) for one in register.documents if one.id == DOCUMENT)
    return official_text(document, padding=4).encode()


def ours(path: Path, instance: Path, token: str) -> tuple[Flask, FlaskClient]:
    """Return the application and a browser in which the officer is signed in."""
    app = create_app(Config(instance=instance, database_url=f"sqlite:///{path}"))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return app, client


def values_of(app: Flask, client: FlaskClient) -> dict[str, Any]:
    """Return what the page gives its template."""
    kept: list[dict[str, Any]] = []

    def keep(_app: Flask, context: dict[str, Any], **_more: Any) -> None:
        kept.append(context)

    with template_rendered.connected_to(keep, app):
        assert client.get(ADDRESS).status_code == 200
    names = ("page_title", "document", "view", "entity_id", "entities", "importer", "entity_arg")
    return {name: kept[0][name] for name in names}


def bare(app: Flask, values: dict[str, Any]) -> FlaskClient:
    """Make the smallest application that renders those values with the page's own templates."""
    made = Flask("bare", static_folder=None)
    made.url_map.converters.update(app.url_map.converters)

    def page(**_parts: object) -> str:
        return render_template("texts/text.html", **values)

    for rule in app.url_map.iter_rules():
        if rule.endpoint != "icons":
            # The same function for every address: an endpoint may have several.
            made.add_url_rule(rule.rule, rule.endpoint, page)
    made.jinja_loader = ChoiceLoader([DictLoader({"base.html": BASE}), FileSystemLoader(TEMPLATES)])  # type: ignore[assignment]
    Babel(made, default_locale="zh_Hans_CN")
    saying.speak(made)
    look.dress(made)
    dates.speak_dates(made)
    return made.test_client()


def seconds(client: FlaskClient) -> float:
    """Return the processor time of one request."""
    before = time.process_time()
    answer = client.get(ADDRESS)
    spent = time.process_time() - before
    assert answer.status_code == 200
    return spent


def main() -> None:
    """Print the median processor time of both pages, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tracker.db")
        app, mine = ours(path, Path(folder, "instance"), build(path))
        both = {"ours": mine, "memory": bare(app, values_of(app, mine))}
        found = {name: MADE_OF.findall(client.get(ADDRESS).text) for name, client in both.items()}
        assert found["ours"] == found["memory"] and len(found["ours"]) > 500, "the two pages show different things"
        spent: dict[str, list[float]] = {name: [] for name in both}
        for turn in range(WARM + ROUNDS):
            for name, client in both.items():
                took = seconds(client)
                if turn >= WARM:
                    spent[name].append(took)
        size = len(mine.get(ADDRESS).data)
        app.extensions[KEY].database.close()
    median = {name: statistics.median(times) * 1000 for name, times in spent.items()}
    print(f"ours {median['ours']:6.2f} ms   from memory {median['memory']:6.2f} ms   (median of {ROUNDS} requests, processor time; {size / 1000:.0f} kB)")
    print(f"原文对照 of the longer text, {len(found['ours']):,} sentences, anchors, entries and marks: {median['ours'] / median['memory']:.2f} x")


if __name__ == "__main__":
    main()
