"""Fixtures for every test: a prepared database copied per test, the cast in it, a clock that stands still, no network, no silent skip."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests import postgres, warm
from tests.browser.driving import LAUNCH
from tests.cast import BEGAN, World, settle
from tests.making import Making
from tracker import migrate, schema
from tracker.audit import trail
from tracker.db import Database
from tracker.people.access import Viewer

# A Sunday morning in Shanghai; every test that asks for `frozen_clock` starts here.
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NO_SKIPS = os.environ.get("TRACKER_NO_SKIPS") == "1"
# The official texts are not ours to copy: only where somebody says where they lie must their tests run.
OUTSIDE = "" if os.environ.get("TRACKER_SOURCES") else "not at hand"
# The shell without a screen does the same with two thirds of the processor time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
LOOPBACK = ("127.", "::1", "localhost")

# Some machines forbid Python to keep what it compiled: every process that a test starts would compile everything again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
settings.register_profile("tracker", deadline=None, derandomize=True, database=None)
settings.load_profile("tracker")
warm.keep_templates()
warm.read_merges_plainly()


def _no_network(name: str, args: tuple[Any, ...]) -> None:
    if name not in {"socket.connect", "socket.getaddrinfo", "socket.sendto"}:
        return
    target = args[1] if name != "socket.getaddrinfo" else args[0]
    host = target[0] if isinstance(target, tuple) else target
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    # A path (a local socket of PostgreSQL or of a browser) never leaves the machine.
    if isinstance(host, str) and host and not host.startswith((*LOOPBACK, "/", "\0")):
        raise RuntimeError(f"a test tried to reach {host}: tests use no network")


sys.addaudithook(_no_network)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Turn a skip into a failure where skips are not allowed."""
    return _without_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Turn a whole module's skip into a failure where skips are not allowed."""
    return _without_skips((yield))


def _without_skips(report: Any) -> Any:
    if NO_SKIPS and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not (OUTSIDE and OUTSIDE in reason):
            report.outcome, report.longrepr = "failed", f"skipped although TRACKER_NO_SKIPS=1: {reason}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Let the tests' own folders lie in memory where there is room: they wait for no disk."""
    warm.work_in_memory()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage pass over what stays until the end anyway."""
    warm.settle_down()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make the two databases from which every test gets its copy: `empty` (founded, nobody in it) and `settled` (with the cast)."""
    folder = tmp_path_factory.mktemp("templates")
    paths = {name: folder / f"{name}.db" for name in ("empty", "settled")}
    with time_machine.travel(BEGAN, tick=False):
        database = Database(f"sqlite:///{paths['empty']}")
        schema.build(database)
        with database.writing() as s:
            trail.found(s)
        _close(database)
        shutil.copyfile(paths["empty"], paths["settled"])
        database = Database(f"sqlite:///{paths['settled']}")
        settle(database)
        _close(database)
    return paths


def _close(database: Database) -> None:
    # The last connection out moves the write-ahead log into the file, so that the file alone can be copied.
    database.close()
    wal = Path(f"{database.engine.url.database}-wal")
    assert not wal.exists() or wal.stat().st_size == 0, "the template is not closed"


def _copied(template: Path, folder: Path) -> Iterator[Database]:
    target = folder / template.name
    shutil.copyfile(template, target)
    database = Database(f"sqlite:///{target}")
    yield database
    database.close()


@pytest.fixture
def empty_database(templates: dict[str, Path], tmp_path: Path) -> Iterator[Database]:
    """Give a founded database without anybody in it."""
    yield from _copied(templates["empty"], tmp_path)


@pytest.fixture
def database(templates: dict[str, Path], tmp_path: Path) -> Iterator[Database]:
    """Give this test's own database, with the cast in it; commits are real."""
    yield from _copied(templates["settled"], tmp_path)


@pytest.fixture
def world(database: Database) -> World:
    """Give the cast of this test's database: ids by name, and viewers."""
    return World.read(database)


@pytest.fixture
def viewer(world: World) -> Callable[[str], Viewer]:
    """Give a function from a name of the cast (林合规, 孙外人 …) to its Viewer."""
    return world.viewer


@pytest.fixture
def making(database: Database, world: World) -> Making:
    """Give the factories that make further rows through the actions."""
    return Making(database, world)


@pytest.fixture
def frozen_clock() -> Iterator[time_machine.Traveller]:
    """Stop the clock at 2026-11-22 10:00 in Shanghai; `move_to` and `shift` move it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL server for this run; skip where there is none."""
    running = postgres.server()
    try:
        url = running.__enter__()
    except LookupError as reason:
        pytest.skip(str(reason))
    yield url
    running.__exit__(None, None, None)


@contextmanager
def _on(server: str, template: str = "template1") -> Iterator[Database]:
    with postgres.fresh(server, template) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[Database]:
    """Give an empty PostgreSQL database of this test's own."""
    with _on(postgres_server) as database:
        yield database


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: str) -> Iterator[str]:
    """Make the PostgreSQL database with the cast in it, with every migration applied, from which tests get their copies."""
    with _on(postgres_server) as database:
        with time_machine.travel(BEGAN, tick=False):
            migrate.upgrade(database)
            with database.writing() as s:
                trail.found(s)
            settle(database)
        database.close()
        yield str(database.engine.url.database)


@pytest.fixture
def postgres_settled(postgres_server: str, _postgres_template: str) -> Iterator[Database]:
    """Give a PostgreSQL database of this test's own with the cast in it."""
    with _on(postgres_server, _postgres_template) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def each(request: pytest.FixtureRequest) -> Database:
    """Give a database of each kind with the cast in it."""
    found: Database = request.getfixturevalue("database" if request.param == "sqlite" else "postgres_settled")
    return found


def _executable() -> str:
    given = os.environ.get("TRACKER_CHROMIUM", "")
    return given or next((found for found in map(shutil.which, BROWSERS) if found), "")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start one chromium without a screen for all tests; skip where it is not installed."""
    executable = _executable()
    if not executable:
        pytest.skip("no chromium is installed (apt-get install chromium), and TRACKER_CHROMIUM names none")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(LAUNCH))
        yield browser
        browser.close()
