"""The ground under the tests: no network, no silent skip, every warning an error, a database for each test alone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import time_machine

from tests.cast import World
from tests.making import Making
from tracker import clock
from tracker.db import Database

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_a_connection_that_leaves_the_machine_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as line, pytest.raises(RuntimeError, match="tests use no network"):
        line.connect(address)


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match="tests use no network"):
        socket.create_connection(("example.com", 443), timeout=1)


def test_the_machine_itself_may_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as line:
        assert line.getpeername() == server.getsockname()


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="careful"):
        warnings.warn("careful", stacklevel=1)


@pytest.mark.parametrize(
    ("setting", "texts", "outcome"), [("1", "", "1 failed, 1 skipped, 1 error"), ("1", "/texts", "2 failed, 1 error"), ("0", "", "3 skipped")]
)
def test_a_skip_counts_as_a_failure_where_none_is_allowed(tmp_path: Path, setting: str, texts: str, outcome: str) -> None:
    (tmp_path / "test_skipping.py").write_text(
        "import pytest\n\n\ndef test_inside():\n    pytest.skip('no such server')\n\n\n"
        "def test_text():\n    pytest.skip('the official text is not at hand')\n\n\n"
        "@pytest.mark.skip(reason='no such browser')\ndef test_marked():\n    pass\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), str(tmp_path)]
    environment = {**os.environ, "TRACKER_NO_SKIPS": setting, "TRACKER_SOURCES": texts, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert outcome in done.stdout.splitlines()[-1], done.stdout
    assert "no such server" in done.stdout
    assert "no such browser" in done.stdout
    assert done.returncode == int(setting)


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_commits_no_other_test_sees(database: Database, world: World, making: Making, turn: int) -> None:
    making.person("只此一次")
    assert sum(name == "只此一次" for name in World.read(database).people) == 1


def test_the_frozen_clock_stands_still_until_it_is_moved(frozen_clock: time_machine.Traveller) -> None:
    first = clock.now()
    assert clock.now() == first
    frozen_clock.shift(60)
    assert (clock.now() - first).total_seconds() == 60
