"""Single calls of a write's way that fail or are the last: the whole act or nothing, and a sentence. All of them: tests/torture/injection.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from tests.faults import tracing
from tests.faults.injecting import ACTS, KILL, Point, scenes
from tests.faults.staging import Stage
from tests.faults.tracing import WRITING
from tracker.db import Database, understood
from tracker.errors import Busy, DiskTrouble, Stale

FEW = ACTS[:1] + ACTS[2:3]


def few(points: Iterable[Point]) -> Iterator[Point]:
    """Choose the last call of each kind by which something reaches the disk, with each of its faults."""
    chosen = {(point.call.name, point.call.given.split(">")[0][-4:], point.fault): point for point in points if point.call.name in WRITING}
    yield from chosen.values()


def test_a_call_that_fails_or_is_the_last_leaves_all_or_nothing_and_is_told_in_a_sentence(shared_stage: Stage) -> None:
    if reason := tracing.missing():
        pytest.skip(reason)
    tried, wrong = 0, list[str]()
    with scenes(shared_stage, FEW) as played:
        for scene in played:
            chosen = [point for point in few(scene.points()) if scene.endpoint == ACTS[0][0] or point.fault == KILL]
            tried += len(chosen)
            wrong += [one for point in chosen for one in scene.wrong(point)]
    assert wrong == []
    assert tried > 20


@pytest.mark.parametrize(("code", "kind"), [(5, Busy), (6, Busy), (10, DiskTrouble), (11, DiskTrouble), (14, DiskTrouble), (1290, DiskTrouble), (1, None)])
def test_what_the_database_says_is_told_in_a_sentence(code: int, kind: type[Exception] | None) -> None:
    orig = Exception()
    orig.sqlite_errorcode = code  # type: ignore[attr-defined]
    assert type(understood(DatabaseError("SELECT 1", {}, orig))) is (kind or type(None))


@pytest.mark.parametrize(("state", "kind"), [("40P01", Busy), ("58030", DiskTrouble), ("57P01", DiskTrouble), ("08006", DiskTrouble), ("23505", Stale), ("42P01", None)])
def test_what_postgresql_says_is_told_in_a_sentence(state: str, kind: type[Exception] | None) -> None:
    orig = Exception()
    orig.sqlstate = state  # type: ignore[attr-defined]
    assert type(understood(OperationalError("SELECT 1", {}, orig))) is (kind or type(None))


def test_when_the_commit_itself_fails_nobody_is_told_that_nothing_was_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_connection: object) -> None:
        orig = Exception("disk I/O error")
        orig.sqlite_errorcode = 10  # type: ignore[attr-defined]
        raise OperationalError(None, None, orig)  # type: ignore[arg-type]

    with pytest.raises(DiskTrouble, match="不能确定"), database.writing() as s:
        s.connection()
        monkeypatch.setattr(database.engine.dialect, "do_commit", fails)


def test_a_folder_under_test_is_brought_back_whole(shared_stage: Stage) -> None:
    shared_stage.reset()
    kept = sorted(path.relative_to(shared_stage.config.instance) for path in shared_stage.config.instance.rglob("*"))
    assert Path("tracker.db") in kept
    (shared_stage.config.instance / "stray").touch()
    shared_stage.reset()
    assert sorted(path.relative_to(shared_stage.config.instance) for path in shared_stage.config.instance.rglob("*")) == kept
