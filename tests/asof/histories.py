"""Random lives of a company, lived through the actions, with exports made on the way: what looking back is held against."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import time_machine
from sqlalchemy import select

from tests.cast import World
from tests.editions.registers import Duty, register
from tracker import asof, clock, schema
from tracker.assignments import assigning, planning, reviewing, working
from tracker.assignments.models import Assignment, Task, TaskEvidence
from tracker.assignments.queries import TaskFilter
from tracker.audit.heads.actions import create_key, rotate_key
from tracker.audit.heads.keys import Keyring
from tracker.audit.heads.signing import Signer
from tracker.db import EVERY_ENTITY, Database, UnitOfWork
from tracker.editions.actions import put_in_force
from tracker.errors import Problem
from tracker.evidence.actions import EvidenceFacts, add_evidence, describe_evidence, replace_evidence
from tracker.evidence.models import Evidence
from tracker.evidence.store import Store
from tracker.people import actions
from tracker.people.access import Viewer, operator
from tracker.people.actions import EntityFacts, PersonFacts
from tracker.people.models import Entity, Person
from tracker.register.models import Obligation
from tracker.reports.actions import export_store, keep, write
from tracker.reports.layout import audit_book
from tracker.reports.rows import Source
from tracker.words import Cadence, Role, ScopeState

HOST = operator("操作员")
Act = Callable[["Life", UnitOfWork, random.Random], object]


@dataclass
class Life:
    """A company, its clock, what its register says by now, and how often each act succeeded."""

    database: Database
    world: World
    store: Store
    clock: time_machine.Traveller
    duties: list[Duty] = field(default_factory=lambda: [Duty(number) for number in range(1, 6)])
    done: dict[str, int] = field(default_factory=dict)
    fresh: count[int] = field(default_factory=lambda: count(6))
    editions: count[int] = field(default_factory=lambda: count(1))

    def live(self, name: str, seed: int) -> None:
        """Do one act, then let some time pass; what the rules refuse is rolled back and is no part of the story."""
        try:
            with self.database.writing(EVERY_ENTITY) as s:
                ACTS[name](self, s, random.Random(seed))
            self.done[name] = self.done.get(name, 0) + 1
        except (Problem, IndexError):
            pass
        self.clock.shift(timedelta(seconds=1 + seed % 200_000))

    @property
    def signer(self) -> Signer:
        """Return the signer, whose key is as old as the story."""
        return Signer(self.database, Keyring(self.store.root.with_name("keys")))

    def viewer(self, name: str) -> Viewer:
        """Return one of the cast."""
        return self.world.viewer(name)


@dataclass(frozen=True)
class Seen:
    """What could be seen at a moment: every row of the database, every row of every sheet, and the bytes of the workbook."""

    rows: dict[str, list[tuple[Any, ...]]]
    sheets: dict[str, list[tuple[Any, ...]]]
    workbook: str


def see(life: Life, moment: datetime | None = None) -> tuple[datetime, Seen]:
    """Look at now, or back at a moment, as 林合规 does."""
    officer, ours = life.world.officer, life.world.ours
    with asof.looking(life.database, officer.entities, moment) as s:
        then = clock.now()
        source = Source(s, officer, ours, TaskFilter(entity_id=ours), clock.today())
        sheets = {sheet.title: list(map(tuple, sheet.rows)) for sheet in audit_book([source], then).sheets}
        written = write(s, officer, [ours], TaskFilter(), export_store(life.store.root.with_name("exports")), signer=life.signer)
    if moment is None:
        # Two things never happen in one and the same microsecond; on a clock that stands still they would.
        life.clock.shift(timedelta(microseconds=1))
        return then, Seen(all_rows(life.database), sheets, written.stored.sha256)
    with asof.database_at(life.database, moment) as past:
        return then, Seen(all_rows(past), sheets, written.stored.sha256)


def all_rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table that belongs to the past, passwords left out."""
    beyond = {"row_version", "heads_delivery", "sign_in", "sign_in_attempt", "one_time_link", "edition_draft"}
    found = {}
    with database.engine.connect() as connection:
        for table in schema.METADATA.sorted_tables:
            if table.name not in beyond:
                columns = [column for column in table.columns if column.name != "password_hash"]
                found[table.name] = [tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key))]
    return found


def _of(s: UnitOfWork, life: Life, die: random.Random, *states: str) -> int:
    return die.choice(s.scalars(select(Task.id).where(Task.entity_id == life.world.ours, Task.state.in_(states)).order_by(Task.id)).all())


def _owner(s: UnitOfWork, life: Life, task_id: int) -> Viewer:
    owner_id = s.get_one(Task, task_id).owner_id
    return next(viewer for viewer in life.world.viewers.values() if viewer.person_id == owner_id)


def _ids(s: UnitOfWork, die: random.Random) -> list[str]:
    every = s.scalars(select(Obligation.id).where(~Obligation.withdrawn).order_by(Obligation.id)).all()
    return die.sample(every, die.randint(1, len(every)))


def decide(life: Life, s: UnitOfWork, die: random.Random) -> object:
    state = die.choice((ScopeState.APPLIES, ScopeState.APPLIES, ScopeState.NOT_APPLICABLE))
    return planning.decide_scope(s, life.world.officer, life.world.ours, _ids(s, die), state, f"经评估认定，编号 {die.random()}。")


def assign(life: Life, s: UnitOfWork, die: random.Random) -> object:
    people, due = life.world.people, clock.today() + timedelta(days=die.randint(0, 40))
    terms = assigning.Terms(people["王责任"], people["赵复核"], due, die.choice(("财富管理部", "=部门")), die.choice((Cadence.MONTHLY, Cadence.QUARTERLY)))
    held = _ids(s, die)[:3]
    planning.decide_scope(s, life.world.officer, life.world.ours, held, ScopeState.APPLIES, "适用。")
    s.flush()
    return assigning.assign(s, life.world.officer, life.world.ours, held, terms, 60)


def _stored(life: Life, die: random.Random) -> Any:
    return life.store.put(io.BytesIO(f"内容 {die.random()}".encode()), f"记录{die.randint(1, 99)}.txt")


def cite(life: Life, s: UnitOfWork, die: random.Random) -> object:
    task_id = _of(s, life, die, "not_started", "in_progress", "returned")
    owner = _owner(s, life, task_id)
    piece = add_evidence(s, owner, life.world.ours, _stored(life, die), EvidenceFacts(obtained_on=date(2026, 10, 1))).evidence
    s.flush()
    return working.cite(s, owner, task_id, [piece.id])


def uncite(life: Life, s: UnitOfWork, die: random.Random) -> object:
    workable = select(Task.id).where(Task.state.in_(("not_started", "in_progress", "returned")))
    links = select(TaskEvidence).where(TaskEvidence.task_id.in_(workable)).order_by(TaskEvidence.task_id, TaskEvidence.evidence_id)
    link = die.choice(s.scalars(links).all())
    return working.uncite(s, _owner(s, life, link.task_id), link.task_id, link.evidence_id)


def replace_piece(life: Life, s: UnitOfWork, die: random.Random) -> object:
    piece = die.choice(s.scalars(select(Evidence.id).where(Evidence.superseded_by_id.is_(None)).order_by(Evidence.id)).all())
    return replace_evidence(s, life.world.owner, piece, _stored(life, die), EvidenceFacts())


def describe_piece(life: Life, s: UnitOfWork, die: random.Random) -> object:
    piece = die.choice(s.scalars(select(Evidence).where(Evidence.superseded_by_id.is_(None)).order_by(Evidence.id)).all())
    return describe_evidence(s, life.world.owner, piece.id, EvidenceFacts(note=f"说明 {die.random()}"), piece.version)


def work(life: Life, s: UnitOfWork, die: random.Random) -> object:
    task_id = _of(s, life, die, "not_started", "in_progress")
    return working.save_work(s, _owner(s, life, task_id), task_id, working.Work(f"进展 {die.random()}", date(2026, 10, 1), date(2026, 10, 31)))


def submit(life: Life, s: UnitOfWork, die: random.Random) -> object:
    task_id = _of(s, life, die, "not_started", "in_progress", "returned")
    return working.submit(s, _owner(s, life, task_id), task_id, working.Work(f"办结 {die.random()}"))


def recall(life: Life, s: UnitOfWork, die: random.Random) -> object:
    task_id = _of(s, life, die, "submitted")
    return working.recall(s, _owner(s, life, task_id), task_id)


def accept(life: Life, s: UnitOfWork, die: random.Random) -> object:
    return reviewing.accept(s, life.world.reviewer, _of(s, life, die, "submitted"), "齐全。")


def send_back(life: Life, s: UnitOfWork, die: random.Random) -> object:
    return reviewing.send_back(s, life.world.reviewer, _of(s, life, die, "submitted"), f"请补充材料 {die.random()}")


def reopen(life: Life, s: UnitOfWork, die: random.Random) -> object:
    return reviewing.reopen(s, life.world.officer, _of(s, life, die, "done"), "监管要求补充")


def reconfirm(life: Life, s: UnitOfWork, die: random.Random) -> object:
    outdated = [row.id for row in s.scalars(select(Task).where(Task.state == "done").order_by(Task.id)) if row.outdated]
    return reviewing.reconfirm(s, life.world.reviewer, [die.choice(outdated)], "结论仍然成立")


def reschedule(life: Life, s: UnitOfWork, die: random.Random) -> object:
    task_id = _of(s, life, die, "not_started", "in_progress", "returned")
    return working.reschedule(s, life.world.officer, task_id, clock.today() + timedelta(days=die.randint(0, 60)), "节假日顺延")


def cancel(life: Life, s: UnitOfWork, die: random.Random) -> object:
    return working.cancel(s, life.world.officer, _of(s, life, die, "not_started", "in_progress"), "业务已经停止")


def hand_over(life: Life, s: UnitOfWork, die: random.Random) -> object:
    people = life.world.people
    pair = (people["王责任"], people["林合规"])
    actions.grant_roles(s, life.world.admin, people["林合规"], life.world.ours, [Role.OFFICER, Role.OWNER])
    s.flush()
    return assigning.hand_over(s, life.world.officer, life.world.ours, *(pair if die.random() < 0.5 else pair[::-1]))


def end(life: Life, s: UnitOfWork, die: random.Random) -> object:
    active = s.scalars(select(Assignment.id).where(Assignment.active).order_by(Assignment.id)).all()
    return planning.end_assignment(s, life.world.officer, die.choice(active), "业务已经停止")


def plan(life: Life, s: UnitOfWork, die: random.Random) -> object:
    return planning.plan(s, life.world.officer, clock.today() + timedelta(days=die.randint(30, 120)), life.world.ours)


def change_person(life: Life, s: UnitOfWork, die: random.Random) -> object:
    row = s.get_one(Person, life.world.people[die.choice(("王责任", "赵复核", "钱审计"))])
    return actions.change_person(s, life.world.admin, row.id, PersonFacts(row.login, f"改名{die.randint(1, 9)}", f"部门{die.randint(1, 9)}"), row.version)


def leave(life: Life, s: UnitOfWork, die: random.Random) -> object:
    row = s.get_one(Person, life.world.people["钱审计"])
    return actions.set_person_active(s, life.world.admin, row.id, not row.active)


def grant(life: Life, s: UnitOfWork, die: random.Random) -> object:
    roles = die.choice(((), (Role.AUDITOR,), (Role.OWNER, Role.REVIEWER)))
    return actions.grant_roles(s, life.world.admin, life.world.people["孙外人"], life.world.ours, roles)


def change_entity(life: Life, s: UnitOfWork, die: random.Random) -> object:
    row = s.get_one(Entity, life.world.ours)
    kinds = die.choice((("securities_firm",), ("private_fund_manager",), ("securities_firm", "private_fund_manager")))
    return actions.change_entity(s, life.world.admin, row.id, EntityFacts("海川证券", f"海川{die.randint(1, 9)}", kinds, code="HC01"), row.version)


def load(life: Life, s: UnitOfWork, die: random.Random) -> object:
    """Put an edition in force that rewords some, withdraws some, renames some and adds one."""
    duties = []
    for duty in life.duties:
        luck = die.random()
        if luck < 0.1:
            continue
        if luck < 0.3:
            number = next(life.fresh)
            duty = Duty(number, duty.wording, (*duty.formerly, duty.number), duty.like or duty.number)
        elif luck < 0.6:
            duty = replace(duty, wording=duty.wording + 1)
        duties.append(duty)
    duties.append(Duty(next(life.fresh)))
    applied = put_in_force(s, HOST, register(duties, edition=f"{2026 + next(life.editions)}.01"), "made.yaml")
    s.flush()
    life.duties = duties
    return applied


def sign(life: Life, s: UnitOfWork, die: random.Random) -> object:
    """Sign everything, in a unit of work of its own: the one at hand has changed nothing."""
    s.rollback()
    return life.signer.sign_all()


def rotate(life: Life, s: UnitOfWork, die: random.Random) -> object:
    return rotate_key(s, HOST.actor, life.signer.ring)


def kept_export(life: Life, s: UnitOfWork, die: random.Random) -> object:
    written = write(s, life.world.officer, [life.world.ours], TaskFilter(), export_store(life.store.root.with_name("exports")))
    return keep(s, life.world.officer, written)


# What happens more often than the rest in the life of a company.
OFTEN = ("assign", "assign", "submit", "submit", "submit", "submit", "accept", "accept", "cite", "cite", "plan", "load", "reconfirm", "reconfirm")
ACTS: dict[str, Act] = {act.__name__: act for act in (
    decide, assign, cite, uncite, replace_piece, describe_piece, work, submit, recall, accept, send_back, reopen, reconfirm, reschedule, cancel,
    hand_over, end, plan, change_person, leave, grant, change_entity, load, kept_export, sign, rotate,
)}


def begin(life: Life) -> None:
    """Put the first edition in force and assign something, so that there is work from the start."""
    with life.database.writing(EVERY_ENTITY) as s:
        put_in_force(s, HOST, register(life.duties, edition="2026.11"), "made.yaml")
        create_key(s, HOST.actor, life.signer.ring)
    life.live("assign", 1)
    life.live("assign", 2)
