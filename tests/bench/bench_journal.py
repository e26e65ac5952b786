"""Measure what the journal adds to writing, and what looking back at 20,000 tasks takes.

Writing: the same acts in one process, with the journal and with its recording taken out, in turns. Looking back: the whole
database of a moment, rebuilt with its indexes and checked, against merely reading the same rows of the live one as plain
tuples, and against the practical floor of any rebuilding: copying the same tables to a second file by SQL inside SQLite.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event

from tests.bench import many
from tests.bench.bench_register import Against, best
from tracker import asof, clock, schema
from tracker.assignments import working
from tracker.db import EVERY_ENTITY, Database, UnitOfWork
from tracker.journal import recording
from tracker.people.access import Viewer
from tracker.words import Role

TASKS, WRITES = 20_000, 200
HOOKS = (("after_flush", recording._note), ("before_commit", recording._write))


@contextmanager
def without_journal() -> Iterator[None]:
    """Take the recording out for a while."""
    for name, hook in HOOKS:
        event.remove(UnitOfWork, name, hook)
    yield
    for name, hook in HOOKS:
        event.listen(UnitOfWork, name, hook)


def writing(path: Path) -> Against:
    """Save the work of one task after another, each in a transaction of its own, with the journal and without."""
    shutil.copyfile(path, path.with_name("write.db"))
    database = Database(f"sqlite:///{path.with_name('write.db')}")
    officer, turn = Viewer(1, "林合规", roles={1: frozenset({Role.OFFICER})}), iter(range(10**6))

    def save() -> None:
        said = f"第 {next(turn)} 次保存"
        for number in range(WRITES):
            with database.writing(officer.entities) as s:
                # Of ten tasks in a row, the first has not been started.
                working.save_work(s, officer, open_tasks[number], working.Work(said))

    def bare() -> None:
        with without_journal():
            save()

    with database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT id FROM task WHERE state IN ('not_started', 'in_progress') ORDER BY id LIMIT ?", (WRITES,))
        open_tasks = [row[0] for row in found]
    spent, other = best(save, bare)
    database.close()
    return Against(f"saving {WRITES} tasks, each in its own transaction", spent, "without the journal", other)


def looking(path: Path) -> list[Against]:
    """Rebuild the database of now from the journal, and do the two lesser things with the live one."""
    database = Database(f"sqlite:///{path}")

    def rebuilt() -> None:
        with asof.database_at(database, clock.now()):
            pass

    def read() -> None:
        with sqlite3.connect(path) as plain:
            for table in recording.audited_tables():
                for _row in plain.execute(f'SELECT * FROM "{table.name}"'):
                    pass
        plain.close()

    def copied() -> None:
        with TemporaryDirectory() as folder:
            copy = Database(f"sqlite:///{folder}/copy.db")
            schema.build(copy)
            copy.close()
            with sqlite3.connect(f"{folder}/copy.db") as plain:
                plain.execute("PRAGMA synchronous = OFF")
                plain.execute("ATTACH ? AS live", (str(path),))
                for table in recording.audited_tables():
                    # A migrated table has its columns in another order than a fresh one.
                    columns = ", ".join(f'"{column.name}"' for column in table.columns)
                    plain.execute(f'INSERT INTO main."{table.name}" ({columns}) SELECT {columns} FROM live."{table.name}"')
            plain.close()

    spent, raw, floor = best(rebuilt, read, copied)
    database.close()
    what = f"looking back at {TASKS:,} tasks"
    return [Against(what, spent, "copying the tables by SQL", floor), Against(what, spent, "only reading the rows as tuples", raw)]


def peak(path: Path) -> tuple[float, float]:
    """Return the memory of a fresh process before and at its most while it looks back, in MB."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.bench_journal", str(path)], check=True, capture_output=True, text=True)
    idle, most = done.stdout.split()
    return float(idle), float(most)


def child(path: Path) -> None:
    """Look back once and print the memory before and at the most."""
    database = Database(f"sqlite:///{path}")
    with database.reading(EVERY_ENTITY):
        before = _held("VmRSS")
    with asof.database_at(database, clock.now()):
        print(before, _held("VmHWM"))
    database.close()


def _held(what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found.group(1)) / 1024 if found else 0.0


def main() -> None:
    """Print every measurement with its ratio."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tracker.db"
        many.build(path, 1, TASKS)
        print(writing(path))
        for one in looking(path):
            print(one)
        idle, most = peak(path)
        print(f"looking back at {TASKS:,} tasks: peak {most:.1f} MB, {most - idle:.1f} MB above the idle process")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        child(Path(sys.argv[1]))
    else:
        main()
