"""A power cut: at the moment at which an answer begins, everything that it tells of is safe on the disk, whatever the route."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import tracing
from tests.faults.lasting import KEEP_A_FILE, Lasting, every_act, toured
from tests.faults.staging import Stage
from tests.faults.tracing import Call


def test_every_route_answers_only_when_all_it_wrote_is_safe_and_no_row_comes_before_its_file(stage: Stage) -> None:
    told = list(toured(stage, every_act(stage)))
    assert {str(one.route): one.wrong for one in told if one.wrong} == {}
    assert {str(one.route): one.status for one in told if one.status != one.route.status} == {}
    assert [str(one.route) for one in told if one.route.method == "POST" and not one.route.silent and not one.commits] == []
    assert {one.route.endpoint for one in told if one.files} == KEEP_A_FILE


def seen(*calls: tuple[str, str]) -> list[str]:
    """Say what is wrong with these calls, just before the answer."""
    lasting = Lasting("/i")
    for name, given in calls:
        lasting.see(Call(name, 1, given, 0))
    return lasting.answer()


BYTES, SAFE, NAME = ("write", "3</i/tmp/a>"), ("fsync", "3</i/tmp/a>"), ("link", '"/i/tmp/a", "/i/ab/cd"')
FOLDER, ROW, COMMIT = ("fsync", "3</i/ab>"), ("pwrite64", "4</i/tracker.db-wal>"), ("fdatasync", "4</i/tracker.db-wal>")


def test_the_reading_of_a_trace_finds_each_wrong_order() -> None:
    assert seen(BYTES, SAFE, NAME, FOLDER, ROW, COMMIT) == []
    assert "before its bytes" in seen(BYTES, NAME, FOLDER, ROW, COMMIT)[0]
    assert "a row before" in seen(BYTES, SAFE, NAME, ROW, COMMIT, FOLDER)[0]
    assert "answered before" in seen(BYTES, SAFE, NAME, FOLDER, ROW)[0]
    assert "answered before" in seen(BYTES, SAFE, ("mkdir", '"/i/ab"'), NAME, FOLDER, ROW, COMMIT)[-1]
    assert "before its log" in seen(ROW, ("pwrite64", "4</i/tracker.db>"), COMMIT)[0]


@pytest.fixture
def stage(shared_stage: Stage) -> Stage:
    """Give the stage, where processes can be traced."""
    if reason := tracing.missing():
        pytest.skip(reason)
    return shared_stage


def test_a_trace_is_read_line_by_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('fsync(3</i/a>) = 0\nfsync(4</i/b>) = -1 EIO (Input/output error) (INJECTED)\nexit_group(0) = ?\n')
    assert tracing.calls(log) == [Call("fsync", 1, "3</i/a>", 0), Call("fsync", 2, "4</i/b>", -1), Call("exit_group", 1, "0", -1)]
