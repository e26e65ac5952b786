"""Measure what the trail costs: added to a write, and the check of 100,000 events against hashing the same bytes alone.

Writing: the same work saved with its event sealed into the chain, and with the sealing taken out but all else left as it is:
rules, guard, journal, commit. Checking: every record, link, head, repeated column and disclosure of one chain, in the database
and in an exported workbook, against SHA-256 over the very same texts once, read from memory.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.bench import many
from tests.bench.bench_register import Against, best
from tracker import verify
from tracker.assignments import working
from tracker.assignments.queries import TaskFilter
from tracker.audit import queries, trail
from tracker.audit.actor import Actor
from tracker.db import EVERY_ENTITY, Database, UnitOfWork
from tracker.people.access import Viewer, operator
from tracker.reports.actions import export_store, write
from tracker.words import Role, Via

WRITES, EVENTS, TURN = 200, 100_000, 1_000


def _guard_only(s: Session) -> None:
    """Do what sealing does but for the events: flush, and ask that every changed row is covered by one."""
    s.flush()
    covered = {ref for one in s.info.pop("events", []) for ref in (one.object, *one.covers)}
    assert not s.info.pop("changed", set()) - covered


@contextmanager
def without_events() -> Iterator[None]:
    """Let the guard stand and the events go."""
    event.remove(UnitOfWork, "before_commit", trail._seal)
    event.listen(UnitOfWork, "before_commit", _guard_only)
    yield
    event.remove(UnitOfWork, "before_commit", _guard_only)
    event.listen(UnitOfWork, "before_commit", trail._seal)


def writing(path: Path) -> Against:
    """Save the work of one task after another, each in a transaction of its own, with its event and without."""
    shutil.copyfile(path, path.with_name("write.db"))
    database = Database(f"sqlite:///{path.with_name('write.db')}")
    officer, turn = Viewer(1, "林合规", roles={1: frozenset({Role.OFFICER})}), iter(range(10**6))
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT id FROM task WHERE state IN ('not_started', 'in_progress') ORDER BY id LIMIT ?", (WRITES,))
        open_tasks = [row[0] for row in found]

    def save() -> None:
        said = f"第 {next(turn)} 次保存"
        for number in open_tasks:
            with database.writing(officer.entities) as s:
                working.save_work(s, officer, number, working.Work(said))

    def bare() -> None:
        with without_events():
            save()

    spent, other = best(save, bare)
    database.close()
    return Against(f"saving {WRITES} tasks, each in its own transaction", spent, "without its events", other)


def fill(database: Database, chain: str) -> None:
    """Bring a chain of the first entity to 100,000 events, of the kinds and lengths that work leaves."""
    with database.reading() as s:
        (head,) = queries.chain_heads(s, [chain])
    for first in range(head.size, EVENTS, TURN):
        with database.writing() as s:
            for number in range(first, min(first + TURN, EVENTS)):
                trail.record(
                    s, Actor(f"u_{number % 9 + 2}", f"王责任{number % 9}", Via.WEB), "evidence.added", f"evidence:{number + 1}", entity_id=1,
                    after={"sha256": hashlib.sha256(str(number).encode()).hexdigest(), "size": number, "kind": "pdf", "version_no": 1},
                    personal={"file_name": f"检查记录_{number}.pdf", "note": f"第 {number} 项检查的底稿，未发现异常。"},
                )


def hashed(texts: list[bytes]) -> None:
    """Hash every text once."""
    for text in texts:
        hashlib.sha256(text).hexdigest()


def texts_of(database: Database, chain: str) -> list[bytes]:
    """Return what the check has to hash: of each event its record, its link and its disclosed values."""
    found: list[bytes] = []
    with database.reading() as s:
        for one in queries.event_stream(s, queries.TrailFilter((chain,))):
            found += [one.record.encode(), f"CA1 entry\n{chain}\n{one.seq}\n{one.prev}\n{one.body}\n".encode()]
            found += [f"CA1 pd\n{one.salts[name]}\n{value}".encode() for name, value in one.personal.items()]
    return found


def checking(database: Database, chain: str, texts: list[bytes]) -> Against:
    """Check the whole chain in the database."""

    def checked() -> None:
        with database.reading() as s:
            assert queries.faults(s, [chain]) == []

    spent, other = best(checked, lambda: hashed(texts))
    return Against(f"checking {EVENTS:,} events in the database", spent, "hashing the same bytes alone", other)


def offline(database: Database, folder: Path, texts: list[bytes]) -> Against:
    """Check an exported workbook that holds them, as the one who received it does."""
    store, host = export_store(folder / "exports"), operator("计时")
    with database.reading(EVERY_ENTITY) as s:
        written = write(s, host, [1], TaskFilter(), store)
    book = store.path(written.stored.sha256)

    def checked() -> None:
        with book.open("rb") as file:
            verify.Check(verify.Workbook(file))

    spent, other = best(checked, lambda: hashed(texts))
    return Against(f"checking {EVENTS:,} events in a workbook of {book.stat().st_size / 1e6:.0f} MB offline", spent, "hashing the same bytes alone", other)


def main() -> None:
    """Print every measurement with its ratio."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        many.build(folder / "tracker.db", 1, 2_000)
        print(writing(folder / "tracker.db"))
        database, chain = Database(f"sqlite:///{folder / 'tracker.db'}"), trail.entity_chain(1)
        fill(database, chain)
        texts = texts_of(database, chain)
        print(checking(database, chain, texts))
        print(offline(database, folder, texts))
        database.close()


if __name__ == "__main__":
    main()
