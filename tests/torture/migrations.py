"""Every migration, up and down with rows in the way, broken off: `python -m tests.torture.migrations [TIMES] [SEED]`.

On SQLite the process is killed at so many random writes of each step; on PostgreSQL it is killed, and its connection cut, at so many random
statements or at the commit. Afterwards the database must be at the old revision or at the new one, with its words and rows, and go on.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import time_machine
from sqlalchemy import event, make_url
from sqlalchemy.exc import OperationalError

from tests import postgres
from tests.conftest import NOW
from tests.faults import tracing
from tests.faults.moving import Moving, State, is_up, moves, populated_at
from tests.faults.playing import player
from tests.test_migrations import populated
from tracker import migrate
from tracker.db import Database
from tracker.errors import Problem

KILL, CUT = "killed", "connection cut"


def steps() -> Iterator[tuple[str, str]]:
    """Yield each step up and down, the first from nothing, and the whole way in one."""
    known = ["base", *moves()]
    for old, new in zip(known, known[1:], strict=False):
        yield old, new
        yield new, old
    yield known[1], known[-1]
    yield known[-1], "base"


def move(line: Connection, url: str, to: str, at: int, how: str) -> None:
    """Migrate on the word; before one of its statements be killed, or have the connection cut; tell what came of it."""
    database, counted = Database(url), [0]

    def count(*_given: Any, **_more: Any) -> None:
        counted[0] += 1
        if counted[0] - 1 == at and how == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif counted[0] - 1 == at:
            line.send((CUT, at))
            line.recv()

    line.send("ready")
    line.recv()
    here = migrate.current(database) or ""
    event.listen(database.engine, "before_cursor_execute", count)
    event.listen(database.engine, "commit", count)
    told = "done"
    try:
        with time_machine.travel(NOW, tick=False):
            (migrate.upgrade if is_up(here, to) else migrate.downgrade)(database, to)
    except Problem:
        told = "told that all is undone"
    except OperationalError:
        # The command line says of it that the database cannot be used now.
        told = "told that the database cannot be used"
    except Exception as reason:
        told = f"wrong: {reason!r}"
    line.send((told, counted[0]))
    line.recv()
    os._exit(0)


def sqlite(times: int, chance: random.Random) -> Iterator[str]:
    """Kill every step so often on SQLite; yield what does not hold."""
    stayed, began = Counter[str](), time.monotonic()
    for here, to in steps():
        with TemporaryDirectory(prefix="torture-") as folder:
            moving = Moving(populated_at(Path(folder), here), Path(folder), to)
            # The last writes are tried at each: there it is decided.
            chosen = [len(moving.writes) - 1, *(chance.randrange(len(moving.writes)) for _ in range(times - 1))]
            for at in chosen:
                wrong = moving.killed(at, on=True)
                yield from (f"SQLite {here} → {to}, write {at} of {len(moving.writes)}: {one}" for one in wrong)
            stayed += moving.stayed
    print(f"SQLite: {sum(stayed.values())} kills in {len(list(steps()))} moves; afterwards {dict(stayed)}; {time.monotonic() - began:.0f} s", flush=True)


def postgresql(times: int, chance: random.Random) -> Iterator[str]:
    """Kill, and cut the connection of, every step so often on PostgreSQL; yield what does not hold."""
    tried, began = Counter[str](), time.monotonic()
    with postgres.server() as server:
        for here, to in steps():
            with postgres.fresh(server) as made:
                before = _populated(made, here)
                after, statements = _clean(server, made, to)
                for number in range(times):
                    how, at = (KILL, CUT)[number % 2], statements - 1 if number < 2 else chance.randrange(statements)
                    told, now, on = _broken(server, made, to, at, how)
                    tried[f"{how}: {told}; " + ("old" if now.revision == before.revision else "new")] += 1
                    wrong = now.differs(before, after) + on + ([told] if "wrong" in told else [])
                    yield from (f"PostgreSQL {here} → {to}, {how} at {at} of {statements}: {one}" for one in wrong)
    print(f"PostgreSQL: {sum(tried.values())} times in {len(list(steps()))} moves; {dict(tried)}; {time.monotonic() - began:.0f} s", flush=True)


def _populated(url: str, revision: str) -> State:
    database = Database(url)
    populated(database)
    if revision != migrate.head():
        migrate.downgrade(database, revision)
    state = State.of(database)
    database.close()
    return state


def _clean(server: str, made: str, to: str) -> tuple[State, int]:
    """Move a copy without any fault; return what it is then, and how many statements it took, the commit among them."""
    with postgres.fresh(server, make_url(made).database or "") as url:
        with player(move, url, to, -1, "") as (_pid, line):
            line.send("go")
            told, number = line.recv()
        assert told == "done", told
        database = Database(url)
        state = State.of(database)
        database.close()
    return state, number


def _broken(server: str, made: str, to: str, at: int, how: str) -> tuple[str, State, list[str]]:
    """Move a copy and break it off; return what was told, what is there then, and whether it does not go on."""
    with postgres.fresh(server, make_url(made).database or "") as url:
        told = "no answer"
        with player(move, url, to, at, how) as (_pid, line), suppress(EOFError, ConnectionResetError):
            line.send("go")
            told, _ = line.recv()
            if told == CUT:
                _cut(server, url)
                line.send("go on")
                told, _ = line.recv()
        _wait(server, url)
        database = Database(url)
        state = State.of(database)
        on = [] if migrate.upgrade(database) == migrate.head() else ["it does not go on"]
        database.close()
    return told, state, on


def _cut(server: str, url: str) -> None:
    _asked(server, f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{make_url(url).database}'")


def _wait(server: str, url: str) -> None:
    """Wait until the server has noticed that nobody is there any more."""
    while _asked(server, f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{make_url(url).database}'"):
        time.sleep(0.02)


def _asked(server: str, statement: str) -> int:
    database = Database(server)
    with database.engine.connect() as connection:
        found = int(connection.exec_driver_sql(statement).scalar_one())
    database.close()
    return found


def main(times: int, seed: int) -> int:
    """Break off every step on both; returns how often something did not hold."""
    broken = 0
    for kind in (sqlite, postgresql):
        if kind is sqlite and (reason := tracing.missing()):
            print(reason)
            continue
        try:
            for wrong in kind(times, random.Random(seed)):
                broken += 1
                print(f"  {wrong}", flush=True)
        except LookupError as reason:
            print(reason)
    print(f"seed {seed}; broken: {broken}")
    return broken


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    sys.exit(bool(main(given[0] if given else 20, given[1] if len(given) > 1 else 1)))
