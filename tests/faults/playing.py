"""Acts in a process of their own that may die at any moment: forked from one that has everything loaded, driven over a pipe."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.conftest import NOW
from tests.inline import Inline
from tests.routes_site import RAW_TOKEN, Things
from tests.routes_table import BOOK, FILE, LEDGER, ROUTES, SHEET, Route
from tests.test_routes import filled, sent
from tests.web.browsing import Browser
from tracker.app import create_app
from tracker.audit.heads.keys import MEMORY
from tracker.config import Config
from tracker.web.doors import KEY
from tracker.web.reports import jobs

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Act:
    """One request of somebody: a route by its place in the table, what it is about, and the session's token."""

    route: int
    token: str
    things: Things


@dataclass(frozen=True)
class Gone:
    """An act's process has ended, in this state (see os.waitpid)."""

    state: int


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where the application itself fell over."""

    status: int
    text: str


def act(endpoint: str, name: str, tokens: Mapping[str, str], things: Things, do: str = "") -> Act:
    """Return the first POST of an endpoint (that does something), by somebody of the cast."""
    fits = (n for n, r in enumerate(ROUTES) if r.endpoint == endpoint and r.method == "POST" and (not do or do in r.body.values()))
    return Act(next(fits), tokens[name], things)


def browser(app: Flask, token: str) -> Browser:
    """Give a browser in which the owner of a session's token is signed in."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["csrf_token"] = RAW_TOKEN
        if token:
            session["_user_id"] = token
    assert app.secret_key
    return Browser(client, URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(RAW_TOKEN))


def request(shown: Browser, route: Route, things: Things) -> TestResponse:
    """Send the request of a route."""
    address = filled(route.address, things)
    if route.method == "GET":
        return shown.client.get(address, buffered=True)
    data: dict[str, Any] = {"csrf_token": shown.token}
    for key, value in route.body.items():
        data[filled(key, things)] = sent(value, things) if value in (FILE, SHEET, BOOK, LEDGER) else filled(str(value), things)
    answer = shown.client.post(address, data=data)
    answer.request.environ["wsgi.input"].close()
    return answer


def troupe(line: Connection, config: Config, acts: list[Act]) -> None:
    """Get everything ready once, then let a child of its own play each act that is asked for, and say when it is gone."""
    # An export that does not end is not waited for.
    jobs.SOON = 0.0
    with time_machine.travel(NOW, tick=True):
        app = create_app(config, Inline)
        # Templates, statements to compile and imports belong to the start of a service, not to the way of a write.
        for one in acts:
            shown, address = browser(app, one.token), filled(ROUTES[one.route].address, one.things)
            shown.client.get("/nowhere", buffered=True)
            shown.client.post(address, data={"csrf_token": shown.token})
            request(browser(app, one.token), ROUTES[one.route], one.things)
        app.extensions[KEY].database.close()
        line.send("ready")
        while wanted := line.recv():
            child = os.fork()
            if not child:
                _play(line, app, wanted)
            _, state = os.waitpid(child, 0)
            line.send(Gone(state))


def _play(line: Connection, app: Flask, wanted: Act) -> None:
    """Act on the word, tell the answer and end without any farewell."""
    try:
        shown = browser(app, wanted.token)
        line.send(os.getpid())
        line.recv()
        answer = request(shown, ROUTES[wanted.route], wanted.things)
        line.send(Answer(answer.status_code, answer.text if answer.mimetype in {"text/html", "application/json"} else ""))
        line.recv()
    except BaseException:
        line.send(Answer(0, traceback.format_exc()))
        line.recv()
    finally:
        os._exit(0)


def tour(line: Connection, config: Config, master: Path, acts: list[Act], notes: Path) -> None:
    """Act one after another, each on the first state, and note in a file when each begins and when its answer begins."""
    with time_machine.travel(NOW, tick=True):
        app = create_app(config, Inline)
        database = app.extensions[KEY].database
        handle = os.open(notes, os.O_WRONLY | os.O_CREAT)
        inner = app.wsgi_app

        def noting(environ: Any, start: Any) -> Any:
            def begins(*given: Any) -> Any:
                os.write(handle, b"ANSWER")
                return start(*given)

            return inner(environ, begins)

        app.wsgi_app = noting  # type: ignore[method-assign]
        line.send("ready")
        line.recv()
        for number, one in enumerate(acts):
            _first_state(database, config, master)
            os.write(handle, f"ACT {number}".encode())
            answer = request(browser(app, one.token), ROUTES[one.route], one.things)
            os.write(handle, f"STATUS {answer.status_code}".encode())
            answer.close()
        line.send("done")
        line.recv()
        os._exit(0)


def _first_state(database: Any, config: Config, master: Path) -> None:
    database.close()
    path = config.instance / "tracker.db"
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes((master / "tracker.db").read_bytes())
    (config.instance / "keys" / MEMORY).write_bytes((master / "keys" / MEMORY).read_bytes())
    for name in ("evidence", "exports"):
        # What was kept before would be met again: then there is no write to watch.
        for left in (config.instance / name).rglob("*"):
            if left.is_file() and not (master / left.relative_to(config.instance)).exists():
                left.unlink()


@contextmanager
def player(target: Any, *given: Any) -> Iterator[tuple[int, Connection]]:
    """Start a process for a play and give its number and the line to it, once it is ready; it is gone afterwards."""
    ours, theirs = FORKING.Pipe()
    process = FORKING.Process(target=target, args=(theirs, *given))
    process.start()
    theirs.close()
    try:
        assert ours.poll(60) and ours.recv() == "ready"
        assert process.pid
        yield process.pid, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
