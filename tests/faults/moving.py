"""Migrations from populated data in a process that is killed at a chosen write."""

from __future__ import annotations

import os
import shutil
from multiprocessing.connection import Connection
from pathlib import Path

from alembic.script import ScriptDirectory

from tests.faults import tracing
from tests.faults.playing import player
from tests.schema_words import schema_words
from tests.test_migrations import populated
from tracker import migrate
from tracker.db import Database
from tracker.migrate import _config

# Before the first and after the last write nothing can be half.
WRITES = ("pwrite64", "fdatasync", "fsync", "ftruncate")


def moves() -> list[str]:
    """Return every revision, oldest first."""
    return [one.revision for one in reversed(list(ScriptDirectory.from_config(_config()).walk_revisions()))]


def populated_at(folder: Path, revision: str) -> Path:
    """Make a database with rows in every table at a revision."""
    path = folder / "populated.db"
    database = Database(f"sqlite:///{path}")
    populated(database)
    if migrate.current(database) != revision:
        migrate.downgrade(database, revision)
    database.close()
    return path


def move(line: Connection, url: str, to: str) -> None:
    """Migrate up or down on the word."""
    database = Database(url)
    line.send("ready")
    line.recv()
    here = migrate.current(database) or ""
    (migrate.upgrade if to > here else migrate.downgrade)(database, to)
    line.send("done")
    line.recv()
    os._exit(0)


def killed(made: Path, folder: Path, to: str, share: float) -> list[str]:
    """Migrate a copy, killed when that share of its writes is done; list what does not hold afterwards."""
    words = {}
    path, log = folder / "moved.db", folder / "calls"
    before = _opened(made)
    _run(made, path, log, to, [])
    after = _opened(path)
    words = {before[0]: before[1], after[0]: after[1]}
    writes = [call for call in tracing.calls(log) if call.name in WRITES and call.of(path)]
    at = writes[int(share * (len(writes) - 1))]
    _run(made, path, log, to, [f"-einject={at.name}:signal=KILL:when={at.number}"])
    revision, found, sound = _opened(path)
    wrong = [] if words.get(revision) == found else [f"at {revision} the schema is another"]
    return wrong + ([] if sound == "ok" else [sound])


def _run(made: Path, path: Path, log: Path, to: str, options: list[str]) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    shutil.copyfile(made, path)
    with player(move, f"sqlite:///{path}", to) as (pid, line), tracing.attached(pid, log, options):
        line.send("go")
        try:
            line.recv()
        except (EOFError, ConnectionResetError):
            assert options, "it died by itself"


def _opened(path: Path) -> tuple[str, object, str]:
    database = Database(f"sqlite:///{path}")
    try:
        with database.engine.connect() as connection:
            sound = str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
        return migrate.current(database) or "", schema_words(database), sound
    finally:
        database.close()
