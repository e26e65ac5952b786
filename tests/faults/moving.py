"""Migrations from populated data in a process that is killed at a chosen write."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path

import time_machine
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from tests.conftest import NOW
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


def is_up(here: str, to: str) -> bool:
    """Tell whether it goes up from a revision (nothing before the first) to another (`base` for nothing)."""
    return to != "base" and to > here


def move(line: Connection, url: str, to: str) -> None:
    """Migrate up or down on the word."""
    database = Database(url)
    line.send("ready")
    line.recv()
    # A step may write when it was made: the same moment each time, so that rows can be compared.
    with time_machine.travel(NOW, tick=False):
        (migrate.upgrade if is_up(migrate.current(database) or "", to) else migrate.downgrade)(database, to)
    line.send("done")
    line.recv()
    os._exit(0)


@dataclass(frozen=True)
class State:
    """What a database is: its revision, its schema in its own words, and a digest of the rows of each table."""

    revision: str
    words: dict[str, str]
    rows: dict[str, str]

    @classmethod
    def of(cls, database: Database) -> State:
        """Read it; what fills a search is made of rows that are read anyway."""
        with database.engine.connect() as connection:
            names = [name for name in inspect(connection).get_table_names() if "search" not in name and name != migrate.VERSION_TABLE]
            rows = {name: sha256(repr(sorted(repr(tuple(row)) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'))).encode()).hexdigest() for name in names}
        return cls(migrate.current(database) or "", schema_words(database), rows)

    def differs(self, one: State, other: State) -> list[str]:
        """Say what is neither as in one state nor as in the other."""
        meant = {state.revision: state for state in (one, other)}.get(self.revision)
        if meant is None:
            return [f"at {self.revision or 'no revision'}"]
        schema = [] if meant.words == self.words else [f"at {self.revision} the schema is another"]
        return schema + [f"at {self.revision} other rows in {name}" for name in meant.rows if self.rows.get(name) != meant.rows[name]]


class Moving:
    """A migration of a populated file of SQLite, seen once without a fault, then killed as often as wanted."""

    def __init__(self, made: Path, folder: Path, to: str) -> None:
        self.stayed = Counter[str]()
        self._made, self._path, self._log, self._to = made, folder / "moved.db", folder / "calls", to
        self.before = _opened(made)[0]
        self._run([])
        self.after = _opened(self._path)[0]
        self.writes = [call for call in tracing.calls(self._log) if call.name in WRITES and call.of(self._path)]

    def killed(self, at: int, on: bool = False) -> list[str]:
        """Migrate a copy, killed at one of its writes; list what does not hold afterwards, `on`: nor lets it go on to the newest revision."""
        call = self.writes[at]
        self._run([f"-einject={call.name}:signal=KILL:when={call.number}"])
        now, sound = _opened(self._path)
        self.stayed["old" if now.revision == self.before.revision else "new"] += 1
        wrong = now.differs(self.before, self.after) + ([] if sound == "ok" else [sound])
        if on:
            database = Database(f"sqlite:///{self._path}")
            wrong += [] if migrate.upgrade(database) == migrate.head() else ["it does not go on"]
            database.close()
        return wrong

    def _run(self, options: list[str]) -> None:
        for end in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)
        shutil.copyfile(self._made, self._path)
        with player(move, f"sqlite:///{self._path}", self._to) as (pid, line), tracing.attached(pid, self._log, options):
            line.send("go")
            try:
                line.recv()
            except (EOFError, ConnectionResetError):
                assert options, "it died by itself"


def _opened(path: Path) -> tuple[State, str]:
    database = Database(f"sqlite:///{path}")
    try:
        with database.engine.connect() as connection:
            sound = str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())
        return State.of(database), sound
    finally:
        database.close()
