"""Measure the task list (50 of 20,000 tasks, signed in, filtered, sorted) against a bare Flask route with the same 50 rows.

Both answer in one process, taking turns; what counts is the median processor time of a request.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import DictLoader
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, aliased

from tests.bench import many
from tracker.app import create_app
from tracker.assignments.models import Task, TaskEvidence
from tracker.config import Config
from tracker.people.models import Entity, Person
from tracker.register.models import Obligation
from tracker.web.doors import KEY
from tracker.words import Modality, TaskState

ENTITIES, TASKS, ROWS, ROUNDS, WARM = 20, 20_000, 50, 200, 20
ADDRESS = "/tasks?state=submitted&modality=must&sort=owner"
PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>任务</title></head><body><h1>任务</h1>
<table><thead><tr><th>义务</th><th>性质</th><th>主体</th><th>责任人</th><th>复核人</th><th>截止</th><th>证据</th><th>状态</th></tr></thead>
<tbody>{% for row in rows %}<tr>
<td><a href="/tasks/{{ row.id }}">{{ row.title }}</a> {{ row.obligation_id }} {{ row.occasion }}</td><td>{{ row.modality.label }} {{ row.basis.label }}</td>
<td>{{ row.short_name }}</td><td>{{ row.owner }} {{ row.department }}</td><td>{{ row.reviewer }}</td><td>{{ row.due_on }}</td>
<td>{{ row.evidence }}</td><td>{{ row.state.label }}</td></tr>
{% endfor %}</tbody></table></body></html>"""


def bare(path: Path) -> Flask:
    """Make the smallest application that selects and renders those rows: no sign-in, no rights, no frame, no count."""
    app, engine = Flask("bare"), create_engine(f"sqlite:///{path}")
    # A loader keeps the compiled template, as a file would.
    app.jinja_loader = DictLoader({"tasks.html": PAGE})
    owner, reviewer = aliased(Person), aliased(Person)
    pieces = select(func.count()).select_from(TaskEvidence).where(TaskEvidence.task_id == Task.id).correlate(Task).scalar_subquery()

    @app.get("/tasks")
    def tasks() -> str:
        query = (
            select(
                Task.id, Obligation.title, Task.obligation_id, Task.occasion, Obligation.modality, Obligation.basis, Entity.short_name,
                owner.name.label("owner"), Task.department, reviewer.name.label("reviewer"), Task.due_on, Task.state, pieces.label("evidence"),
            )
            .join(Obligation, Obligation.id == Task.obligation_id).join(Entity, Entity.id == Task.entity_id)
            .join(owner, owner.id == Task.owner_id).join(reviewer, reviewer.id == Task.reviewer_id)
            .where(Task.state == TaskState.SUBMITTED, Obligation.modality == Modality.MUST)
            .order_by(owner.pinyin, Task.due_on, Task.id).limit(ROWS)
        )
        with Session(engine) as s:
            return render_template("tasks.html", rows=s.execute(query).all())

    return app


def ours(path: Path, instance: Path, token: str) -> tuple[Any, FlaskClient]:
    """Return the application and a browser in which the officer is signed in."""
    app = create_app(Config(instance=instance, database_url=f"sqlite:///{path}"))
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return app, client


def shown(page: str) -> list[str]:
    """Return the tasks of a page, in their order."""
    return list(dict.fromkeys(re.findall(r'href="/tasks/(\d+)"', page)))


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
        group = many.build(path, ENTITIES, TASKS)
        app, mine = ours(path, Path(folder, "instance"), group.token)
        both = {"ours": mine, "bare": bare(path).test_client()}
        found = {name: shown(client.get(ADDRESS).text) for name, client in both.items()}
        assert found["ours"] == found["bare"] and len(found["ours"]) == ROWS, "the two pages show different tasks"
        spent: dict[str, list[float]] = {name: [] for name in both}
        for turn in range(WARM + ROUNDS):
            for name, client in both.items():
                took = seconds(client)
                if turn >= WARM:
                    spent[name].append(took)
        app.extensions[KEY].database.close()
    median = {name: statistics.median(times) * 1000 for name, times in spent.items()}
    print(f"ours {median['ours']:6.2f} ms   bare {median['bare']:6.2f} ms   (median of {ROUNDS} requests, processor time)")
    print(f"task list, {ROWS} of {TASKS:,} tasks of {ENTITIES} entities: {median['ours'] / median['bare']:.2f} x (aim 2.5)")


if __name__ == "__main__":
    main()
