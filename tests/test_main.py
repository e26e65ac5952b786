"""python -m tracker without a command, and demo: set up what is missing, serve, stop quietly, never a traceback."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import waitress
from sqlalchemy import func, select

from tests.cli.conftest import Terminal
from tracker import clock
from tracker.assignments.models import Task
from tracker.audit.models import AuditEvent
from tracker.cli.demo import MARK, story
from tracker.config import ROOT, Config
from tracker.db import Database
from tracker.evidence.models import Evidence
from tracker.people.models import Person
from tracker.register.models import Edition
from tracker.words import TaskState

SETUP = re.compile(r"http://127\.0\.0\.1:\d+/setup/[\w-]+")


class _Server:
    """Stands in for the network: notes what it was asked for and returns at once."""

    def __init__(self, app: Any, **asked: Any) -> None:
        self.app, self.asked, self.ran, self.closed = app, asked, False, False
        asked["map"][0] = self

    def run(self) -> None:
        self.ran = True

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[_Server]]:
    """Collect the servers that are started, instead of listening."""
    started: list[_Server] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(waitress, "create_server", lambda app, **asked: started.append(_Server(app, **asked)) or started[-1])
    yield started
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def fresh(tmp_path: Path) -> Terminal:
    """Give a terminal on a data folder that does not exist yet."""
    return Terminal(Config(instance=tmp_path / "instance"))


def _read(config: Config, ask: Callable[[Any], Any]) -> Any:
    database = Database(config.url)
    try:
        with database.reading("every entity") as s:
            return ask(s)
    finally:
        database.close()


def _number(config: Config, model: Any, *conditions: Any) -> int:
    return _read(config, lambda s: s.scalar(select(func.count()).select_from(model).where(*conditions))) or 0


def test_the_first_start_sets_everything_up_and_prints_one_link_for_the_first_administrator(fresh: Terminal, servers: list[_Server]) -> None:
    said = fresh.said()
    assert "已载入义务清单 2026.12" in said
    assert len(SETUP.findall(said)) == 1
    assert "合规义务台账已启动：http://127.0.0.1:8000 " in said and "已停止。" in said
    assert {one.name for one in fresh.config.instance.iterdir()} >= {"tracker.db", "secret.key", "evidence", "exports"}
    (server,) = servers
    assert server.ran and server.closed
    assert (server.asked["host"], server.asked["port"], server.asked["threads"]) == ("127.0.0.1", 8000, 4)
    assert server.asked["max_request_body_size"] > 10 * fresh.config.upload_limit


def test_the_printed_link_opens_the_page_for_the_first_administrator(fresh: Terminal, servers: list[_Server]) -> None:
    found = SETUP.search(fresh.said("serve"))
    assert found is not None
    page = servers[0].app.test_client().get(found.group().removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200 and "管理员" in page.text


def test_a_second_start_loads_nothing_again_and_records_nothing(fresh: Terminal, servers: list[_Server]) -> None:
    fresh.said()
    before = _number(fresh.config, AuditEvent)
    assert "已载入" not in fresh.said()
    assert (_number(fresh.config, Edition), _number(fresh.config, AuditEvent)) == (1, before)


def test_a_key_or_a_memory_of_signing_that_is_gone_or_damaged_is_said_at_the_start(fresh: Terminal, servers: list[_Server]) -> None:
    fresh.said()
    folder = fresh.config.key_folder
    (file,) = folder.glob("*.pem")
    for path, content, said in ((folder / "signed.json", "{", "signed.json 已损坏"), (file, "x", "签名密钥的文件不在")):
        path.write_text(content, encoding="ascii")
        found = fresh.run()
        assert (found.exit_code, len(servers)) == (0, 2 if path != file else 3) and "现在不能签名：" in found.stderr and said in found.stderr
        assert ("本机其他账号也能打开" in found.stderr) is (path == file)
        file.chmod(0o640)
    listed = fresh.run("heads", "list")
    assert listed.exit_code == 0 and f"请运行 chmod 600 {folder}/*.pem" in listed.stderr


def test_once_somebody_is_there_no_set_up_link_is_printed(fresh: Terminal, servers: list[_Server]) -> None:
    fresh.said()
    fresh.said("people", "add", "--login", "admin", "--name", "管理员", "--admin")
    assert not SETUP.search(fresh.said())


def test_the_log_of_the_database_is_folded_in_when_the_service_stops(fresh: Terminal, servers: list[_Server]) -> None:
    fresh.said()
    wal = fresh.config.instance / "tracker.db-wal"
    assert not wal.exists() or wal.stat().st_size == 0


def test_a_port_in_use_is_said_in_a_sentence_and_an_earlier_link_stays_good(fresh: Terminal, servers: list[_Server], monkeypatch: pytest.MonkeyPatch) -> None:
    link = SETUP.search(fresh.said())
    assert link is not None
    monkeypatch.undo()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        fresh.config = replace(fresh.config, port=taken.getsockname()[1])
        said = fresh.refused(status=1)
    assert "端口已被占用" in said and "TRACKER_PORT" in said
    assert servers[0].app.test_client().get(link.group().removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_an_address_that_is_not_of_this_machine_is_said_in_a_sentence(fresh: Terminal) -> None:
    fresh.config = replace(fresh.config, host="192.0.2.1")
    assert "这不是本机的地址" in fresh.refused(status=1)


def test_a_missing_register_at_the_first_start_is_said_in_a_sentence(fresh: Terminal, servers: list[_Server], tmp_path: Path) -> None:
    sound, fresh.config = fresh.config, replace(fresh.config, register=tmp_path / "missing.yaml")
    said = fresh.refused()
    assert f"读不到义务清单文件 {tmp_path / 'missing.yaml'}" in said and "TRACKER_REGISTER" in said
    assert servers == []
    fresh.config = sound
    assert SETUP.search(fresh.said())


def test_a_broken_register_at_the_first_start_is_refused_with_its_lines(fresh: Terminal, servers: list[_Server], tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("format: 1\nedition: [\n", encoding="utf-8")
    fresh.config = replace(fresh.config, register=broken)
    assert "行第" in fresh.refused()
    assert servers == []
    assert _number(fresh.config, Edition) == 0


@pytest.fixture
def short_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the demonstration's past a fortnight long, so that it is built quickly."""
    monkeypatch.setattr(story, "DAYS", 17)


def test_demo_builds_a_living_group_once_and_lets_anybody_of_the_cast_in_by_a_click(
    fresh: Terminal, servers: list[_Server], short_story: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_INSTANCE", str(fresh.config.instance))
    said = fresh.said("demo")
    assert "演示系统" in said and not SETUP.search(said)
    config = fresh.config
    assert _number(config, Person) >= 10 and _number(config, Task) > 100 and _number(config, Evidence) > 0
    assert _number(config, Task, Task.state == TaskState.DONE) > 0
    page = servers[0].app.test_client().get("/sign-in")
    assert "林合规" in page.text and "王责任" in page.text
    assert "校验通过" in fresh.said("audit", "verify")
    # The past was told in its order: no event had to wait for the stamp of one that is said to have come later.
    assert _number(config, AuditEvent, AuditEvent.at < clock.stamp(clock.now() - timedelta(days=7))) > 100
    before = _number(config, Task)
    assert "正在生成演示数据" not in fresh.said("demo")
    assert _number(config, Task) == before


def test_demo_does_not_open_real_data(fresh: Terminal, servers: list[_Server], monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.said()
    monkeypatch.setenv("TRACKER_INSTANCE", str(fresh.config.instance))
    for command, config in ((("demo",), fresh.config), ((), replace(fresh.config, demo=True))):
        fresh.config = config
        assert "不是演示数据" in fresh.refused(*command, status=1)
    assert len(servers) == 1


def test_a_demonstration_that_broke_off_while_it_was_built_says_so(fresh: Terminal, servers: list[_Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_INSTANCE", str(fresh.config.instance))

    def stop(_story: story.Story) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(story.Story, "tell", stop)
    assert "已中断" in fresh.refused("demo", status=1)
    assert (fresh.config.instance / MARK).exists()
    assert f"请删除目录 {fresh.config.instance} 后重新运行" in fresh.refused("demo", status=1)
    assert servers == []


def test_demo_leaves_the_database_of_the_settings_alone(
    fresh: Terminal, servers: list[_Server], short_story: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_INSTANCE", str(fresh.config.instance))
    monkeypatch.setattr(story.Story, "tell", lambda _story: None)
    real = tmp_path / "real.db"
    fresh.config = replace(fresh.config, database_url=f"sqlite:///{real}")
    fresh.said("demo")
    assert not real.exists()
    assert (fresh.config.instance / "tracker.db").exists()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_real_process_serves_and_stops_quietly_when_interrupted(tmp_path: Path) -> None:
    port = _free_port()
    given = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    given |= {"TRACKER_INSTANCE": str(tmp_path / "instance"), "TRACKER_PORT": str(port), "PYTHONIOENCODING": "cp936"}
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tracker"], cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="cp936",
        umask=0o022 if os.name != "nt" else -1,
    )
    try:
        assert process.stdout is not None
        said = []
        while not said or "已启动" not in said[-1]:
            said.append(process.stdout.readline())
            assert said[-1], process.stderr.read() if process.stderr else ""
        deadline = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
                    assert answer.status == 200
                break
            except ConnectionError:
                assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert errors == ""
    assert rest.strip() == "已停止。"
    assert SETUP.search("".join(said))
    if os.name != "nt":
        for command in ("backup make", "heads sign --out", "backup restore --replace"):
            more = [str(tmp_path / "away")] if "--out" in command else [path.name for path in (tmp_path / "instance" / "backups").glob("2*Z")] if "restore" in command else []
            subprocess.run([sys.executable, "-m", "tracker", *command.split(), *more], cwd=ROOT, env=given, check=True, capture_output=True, umask=0o022)
        made = [tmp_path / "instance", *(tmp_path / "instance").rglob("*")]
        assert {path.name for path in made} >= {"tracker.db", "evidence", "exports", "secret.key", "keys", "backups", "database.db", "manifest.json"}
        assert [path for path in made if path.name.startswith("before-")] and [path for path in made if path.stat().st_mode & 0o077] == []
        # What is for others they can read.
        assert all(path.stat().st_mode & 0o044 == 0o044 for path in (tmp_path / "away", *(tmp_path / "away").iterdir()))
