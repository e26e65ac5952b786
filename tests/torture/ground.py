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
from tracker.assignments import assigning, reviewing, working
from tracker.assignments.queries import TaskFilter, task_ids
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
from tracker.people.access import operator
from tracker.register.loading import load
from tracker.register.queries import ObligationFilter
from tracker.reports.actions import export_store, keep, write
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.words import Cadence

LATER = datetime(2027, 1, 5, 2, 30, 9, tzinfo=UTC)
# Two duties of a securities firm, so that every list of the workbook holds a row.
REGISTER = """
format: 1
register: main
name: 小清单
edition: 2026.12.1
domains: {governance: {label: 公司治理, en: Governance}}
subjects: {securities_firm: {label: 证券公司, en: Securities firm}}
facts: {}
documents:
- id: small
  title: 一份小文件
  title_en: A small document
  number: 小发〔2026〕1号
  issuers: [某机关]
  issued: 2026-01-02
  nature: 只用于测试，不是官方文件。
  preface: [preamble]
  clauses:
  - no: 1
    title: 检查
    sentences: [obligation, obligation]
    obligations:
    - {id: SM-01-01, anchor: 每个季度至少检查一次, modality: must, basis: stated, subjects: [securities_firm], title: 季度检查, statement: 每季度检查一次并留存底稿。, en: Check every quarter., domain: governance, severity: high, consequences: [administrative], law: [], evidence: [检查底稿], cadence: quarterly}
    - {id: SM-01-02, anchor: 检查中的问题不得隐瞒, modality: must_not, basis: stated, subjects: [securities_firm], title: 不得隐瞒, statement: 检查中发现的问题不得隐瞒。, en: Hide nothing., domain: governance, severity: medium, consequences: [civil], law: [], evidence: [报告], cadence: annual}
"""
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

    def work_of(self, pieces: list[int]) -> None:
        """Let both duties apply and be assigned, hand in one task with evidence, and accept it."""
        officer, owner, reviewer, people = self.world.officer, self.world.owner, self.world.reviewer, self.world.people
        with self.database.writing(officer.entities) as s:
            every = scope_ids(s, officer, self.world.ours, ObligationFilter())
            confirm_suggestions(s, officer, self.world.ours, every)
            terms = assigning.Terms(owner_id=people["王责任"], reviewer_id=people["赵复核"], department="财富管理部", first_due=date(2027, 1, 31), cadence=Cadence.MONTHLY)
            assigning.assign(s, officer, self.world.ours, every, terms, 60)
        with self.database.writing(owner.entities) as s:
            one, other, *_ = task_ids(s, owner, TaskFilter())
            working.cite(s, owner, other, pieces[2:])
            working.cite(s, owner, one, pieces[1:3])
            working.submit(s, owner, one, working.Work("已检查，\n无异常 =1+1"))
        with self.database.writing(reviewer.entities) as s:
            reviewing.accept(s, reviewer, one, "同意")

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
    """Build the company: people, two duties, five pieces of evidence (one of them replaced, one described anew), a task handed in and accepted, two exports."""
    folder.mkdir(parents=True, exist_ok=True)
    with time_machine.travel(BEGAN, tick=False):
        database = Database(f"sqlite:///{folder / 'ground.db'}")
        schema.build(database)
        with database.writing() as s:
            trail.found(s)
        settle(database)
        host = operator("操作员")
        with database.writing(host.entities) as s:
            load(s, host, REGISTER.encode(), "small.yaml")
    ground = Ground(folder, database, World.read(database), Store(folder / "store", 10**7), [])
    with time_machine.travel(LATER, tick=False):
        ground.key(create_key)
        pieces = [ground.evidence(f"证据 {number}.txt", f"内容 {number}，_x0041_ =1+1\n第二行") for number in range(5)]
        owner, stored = ground.world.owner, ground.store.put(io.BytesIO("新的内容".encode()), "新版.txt")
        with database.writing(owner.entities) as s:
            replace_evidence(s, owner, pieces[0], stored, EvidenceFacts(period_from=date(2026, 10, 1), period_to=date(2026, 10, 31), note="换版"))
        with database.writing(owner.entities) as s:
            describe_evidence(s, owner, pieces[1], EvidenceFacts(obtained_on=date(2026, 11, 3), note="改说明"), 1)
        ground.work_of(pieces)
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
