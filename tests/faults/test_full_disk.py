"""A disk that is full: writing says so, reading goes on, and once there is room all works again without a restart."""

from __future__ import annotations

import gc
import http.client
import io
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import EnvironBuilder, TestResponse

from tests.faults.judging import sizes, wrongs
from tests.faults.playing import act, browser, request
from tests.faults.staging import Stage
from tests.inline import Inline
from tests.routes_table import ROUTES
from tracker.app import create_app
from tracker.config import Config
from tracker.web.doors import KEY
from tracker.web.reports import jobs
from tracker.web.spooling import listening

SENTENCE = re.compile("存储空间不足|读写")
SIZE = 48 * 1024 * 1024
ACTS = (
    ("task_pieces.upload", "王责任"), ("evidence.replace", "王责任"), ("tasks.save", "王责任"), ("tasks.accept", "赵复核"), ("bringing.apply", "林合规"),
    ("reports.build", "林合规"), ("signing.sign_out", "钱审计"), ("people.edit", "管理员"),
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 48 MB; only root may mount one."""
    if os.geteuid():
        pytest.skip("only root may mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", disk], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


@pytest.fixture
def app(small: Path, shared_stage: Stage, monkeypatch: pytest.MonkeyPatch, frozen_clock: time_machine.Traveller) -> Iterator[Flask]:
    """Run the application on the small disk, which also takes what is only spooled."""
    shutil.copytree(shared_stage.folder / "master", small / "instance")
    monkeypatch.setattr(tempfile, "tempdir", str(small))
    monkeypatch.setattr(jobs, "SOON", 0.0)
    app = create_app(Config(instance=small / "instance", workers=8), Inline)
    yield app
    app.extensions[KEY].database.close()


def fill(path: Path) -> None:
    """Take every byte that is left."""
    with path.open("wb", buffering=0) as file:
        for piece in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(piece)) == piece:
                    pass
            except OSError:
                continue


def large(token: str) -> tuple[bytes, str]:
    """Return the body of a large upload and its type; the test client, too, would spool it."""
    made = EnvironBuilder(method="POST", data={"csrf_token": token, "files": (io.BytesIO(b"x" * 2_000_000), "大文件.txt")})
    environ = made.get_environ()
    with environ["wsgi.input"] as stream:
        return stream.read(), environ["CONTENT_TYPE"]


def test_at_a_full_disk_writing_says_so_reading_goes_on_and_room_is_all_that_is_needed(app: Flask, small: Path, shared_stage: Stage) -> None:
    config, before = app.extensions[KEY].config, sizes(app.extensions[KEY].config)
    shown = browser(app, shared_stage.tokens["王责任"])
    assert shown.client.get("/tasks", buffered=True).status_code == 200
    body, kind = large(shown.token)
    fill(small / "ballast")
    for endpoint, name in ACTS:
        wanted = act(endpoint, name, shared_stage.tokens, shared_stage.ours)
        _is_told(request(browser(app, wanted.token), ROUTES[wanted.route], wanted.things), endpoint)
    # What does not fit into memory is spooled to the disk before anybody looks at it.
    _is_told(shown.client.post(f"/tasks/{shared_stage.ours['open']}/files", data=body, content_type=kind), "a file that is spooled")
    _is_told(shown.client.post("/sign-in", data={"csrf_token": shown.token, "login": "nobody", "password": "wrong wrong"}), "signing in")
    # Nothing is handed out of which no record can be kept.
    _is_told(shown.client.get(f"/evidence/{shared_stage.ours['evidence']}/file"), "a download")
    for address in ("/", "/tasks", "/evidence", "/obligations", f"/tasks/{shared_stage.ours['open']}", f"/evidence/{shared_stage.ours['evidence']}"):
        assert shown.client.get(address, buffered=True).status_code == 200, address
    assert sizes(config) == before
    (small / "ballast").unlink()
    for endpoint, name in ACTS[:2]:
        wanted = act(endpoint, name, shared_stage.tokens, shared_stage.ours)
        assert request(browser(app, wanted.token), ROUTES[wanted.route], wanted.things).status_code == 303
    app.extensions[KEY].database.close()
    assert wrongs(config, clean=True) == []


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """Let the application's server listen, and give its port."""
    sockets: dict[int, Any] = {}
    server = listening(app, sockets, host="127.0.0.1", port=0, threads=1)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.asyncore.loop(timeout=0.05, map=sockets, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        stop.set()
        thread.join(20)
        gc.collect()
        server.task_dispatcher.shutdown()
        for one in list(sockets.values()):
            one.close()
    assert not thread.is_alive()


# The server leaves the file that it could not write to the collector of garbage.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("chunked", [False, True])
def test_the_server_that_finds_no_room_for_a_large_request_says_so_and_serves_on(
    app: Flask, small: Path, shared_stage: Stage, caplog: pytest.LogCaptureFixture, chunked: bool
) -> None:
    shown = browser(app, shared_stage.tokens["王责任"])
    # Whoever opens the database for the first time needs room for what SQLite keeps beside it.
    assert shown.client.get("/tasks", buffered=True).status_code == 200
    body, kind = large(shown.token)
    cookie = "; ".join(f"{one.key}={one.value}" for one in shown.client._cookies.values())
    headers, address = {"Content-Type": kind, "Cookie": cookie}, f"/tasks/{shared_stage.ours['open']}/files"
    with served(app) as port:
        fill(small / "ballast")
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with closing(line):
            # A little more than what is kept in memory: all of it is sent before the answer is looked for.
            line.request("POST", address, iter([body[:300_000], body[300_000:700_000]]) if chunked else body, headers, encode_chunked=chunked)
            answer = line.getresponse()
            said = answer.read().decode()
            assert answer.status in {503, 507} and SENTENCE.search(said), said
            if not chunked:
                line.request("GET", "/tasks", headers={"Cookie": cookie})
                assert line.getresponse().read() and answer.status in {503, 507}
        told = len(caplog.records)
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with closing(line):
            line.request("GET", "/sign-in")
            assert line.getresponse().status == 200
        assert len(caplog.records) - told < 3 and told < 6
        (small / "ballast").unlink()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with closing(line):
            line.request("POST", address, body, headers)
            assert line.getresponse().status == 303


# The server leaves the file that it could not write to the collector of garbage.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_what_follows_a_piece_that_found_no_room_is_never_taken_for_a_request(app: Flask, small: Path, shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert browser(app, shared_stage.tokens["王责任"]).client.get("/tasks", buffered=True).status_code == 200
    asked: list[str] = []
    inner = app.wsgi_app
    monkeypatch.setattr(app, "wsgi_app", lambda environ, start: asked.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}") or inner(environ, start))
    with served(app) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        fill(small / "ballast")
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % 900_000)
        with suppress(ConnectionError):
            for piece in (bytes(520_000), bytes(5_000), b"GET /sign-in?smuggled=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"):
                line.sendall(piece)
                time.sleep(0.3)
        said = b""
        with suppress(ConnectionError):
            while piece := line.recv(65_536):
                said += piece
    assert said.count(b"HTTP/1.1 ") <= 1 and not any("smuggled" in one for one in asked) and asked, asked


def _is_told(answer: TestResponse, what: str) -> None:
    assert answer.status_code in {503, 507}, f"{what}: {answer.status_code}"
    assert SENTENCE.search(answer.text), what
