"""A small company whose every audit row, evidence byte and workbook cell can be changed one by one, and the checks that must notice."""

from __future__ import annotations

import io
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import time_machine
from sqlalchemy.orm import Session

from tests.cast import BEGAN, World, settle
from tracker import schema, verify
from tracker.assignments.queries import TaskFilter
from tracker.audit import trail
from tracker.audit.chain import Fault
from tracker.audit.heads.actions import create_key, rotate_key
from tracker.audit.heads.keys import Keyring
from tracker.audit.heads.queries import heads_file
from tracker.audit.heads.signing import Signer
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, Database
from tracker.evidence.actions import EvidenceFacts, add_evidence, describe_evidence, replace_evidence
from tracker.evidence.store import Store
from tracker.reports.actions import export_store, keep, write

LATER = datetime(2027, 1, 5, 2, 30, 9, tzinfo=UTC)
# What the application checks of a database; a further check is added here.
CHECKS = (faults,)


@dataclass
class Ground:
    """The company: its database, its evidence, and what was exported of it, the newest last."""

    folder: Path
    database: Database
    world: World
    store: Store
    books: list[bytes]

    @property
    def path(self) -> Path:
        """Return the database file."""
        return self.folder / "ground.db"

    @property
    def signer(self) -> Signer:
        """Return what signs, with the key beside the database."""
        return Signer(self.database, Keyring(self.folder / "keys"))

    def key(self, change: Callable[..., str], *more: str) -> None:
        """Do something with the key."""
        with self.database.writing(EVERY_ENTITY) as s:
            change(s, self.world.admin.actor, Keyring(self.folder / "keys"), *more)

    def heads(self) -> Path:
        """Sign everything and write the file of heads."""
        number = self.signer.sign_all().number
        assert number is not None
        with self.database.reading(EVERY_ENTITY) as s:
            name, text = heads_file(s, number)
        (self.folder / name).write_text(text, encoding="ascii", newline="\n")
        return self.folder / name

    def faults(self) -> list[Fault]:
        """Let the application check the database."""
        with self.database.reading() as s:
            return found(s)

    def evidence(self, name: str, text: str) -> int:
        """Let the owner add a piece."""
        owner, stored = self.world.owner, self.store.put(io.BytesIO(text.encode()), name)
        with self.database.writing(owner.entities) as s:
            row = add_evidence(s, owner, self.world.ours, stored, EvidenceFacts(obtained_on=date(2026, 11, 2), note=text)).evidence
            s.flush()
            return row.id

    def export(self) -> bytes:
        """Export everything, keep it, and return the workbook."""
        officer, store = self.world.officer, export_store(self.folder / "exports")
        with self.database.reading(officer.entities) as s:
            done = write(s, officer, [self.world.ours], TaskFilter(), store, signer=self.signer)
        with self.database.writing(officer.entities) as s:
            keep(s, officer, done)
        self.books.append(store.path(done.stored.sha256).read_bytes())
        return self.books[-1]

    def work(self, chance: random.Random) -> None:
        """Do something more."""
        number = chance.randrange(10**6)
        self.evidence(f"底稿 {number}.txt", f"第 {number} 次检查：未发现异常 {chance.random()}")


def found(s: Session) -> list[Fault]:
    """Return what all checks of the application find."""
    return [fault for check in CHECKS for fault in check(s)]


def prepare(folder: Path) -> Ground:
    """Build the company: people, five pieces of evidence, one of them replaced and one described anew, two exports."""
    folder.mkdir(parents=True, exist_ok=True)
    with time_machine.travel(BEGAN, tick=False):
        database = Database(f"sqlite:///{folder / 'ground.db'}")
        schema.build(database)
        with database.writing() as s:
            trail.found(s)
        settle(database)
    ground = Ground(folder, database, World.read(database), Store(folder / "store", 10**7), [])
    with time_machine.travel(LATER, tick=False):
        ground.key(create_key)
        pieces = [ground.evidence(f"证据 {number}.txt", f"内容 {number}，_x0041_ =1+1\n第二行") for number in range(5)]
        owner, stored = ground.world.owner, ground.store.put(io.BytesIO("新的内容".encode()), "新版.txt")
        with database.writing(owner.entities) as s:
            replace_evidence(s, owner, pieces[0], stored, EvidenceFacts(period_from=date(2026, 10, 1), period_to=date(2026, 10, 31), note="换版"))
        with database.writing(owner.entities) as s:
            describe_evidence(s, owner, pieces[1], EvidenceFacts(obtained_on=date(2026, 11, 3), note="改说明"), 1)
        ground.export()
        ground.key(rotate_key)
        ground.heads()
        ground.work(random.Random(1))
        ground.export()
    return ground


def opened_up(path: Path) -> sqlite3.Connection:
    """Open the database as an operator would who wants to change what is there: the triggers are gone."""
    connection = sqlite3.connect(path, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    return connection


def said_of(book: bytes, files: dict[str, tuple[str, int]] | None = None) -> str:
    """Return what verify.py says against a workbook, nothing when it is sound; `files` are those of the evidence by their digests."""
    try:
        check = verify.Check(verify.Workbook(io.BytesIO(book)))
        check.evidence(dict(files or {}), "证据目录" if files else "")
    except verify.Fault as reason:
        return str(reason)
    except Exception as reason:  # As in verify.py itself.
        return f"不是本系统导出的工作簿（{reason!r}）"
    return ""
