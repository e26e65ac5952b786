"""A running application with two entities at work, for the tests of every route: one of each thing on both sides, and everybody signed in."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import time_machine
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from tests.bringing.paper import Paper
from tests.cast import World
from tests.conftest import NOW
from tests.evidence.samples import picture
from tests.inline import Inline
from tests.ledgers.books import duties, repairs
from tests.making import Making
from tests.register.official import official_text
from tests.revised import revised
from tests.web.browsing import Browser
from tests.work import DUE, REGISTER, TODAY
from tracker import schema
from tracker.app import create_app
from tracker.assignments import assigning, reviewing, working
from tracker.assignments.models import Assignment, Task
from tracker.assignments.queries import TaskFilter, task_rows
from tracker.audit.heads.keys import MEMORY, Keyring
from tracker.audit.heads.signing import Signer
from tracker.bringing import actions, sheets
from tracker.bringing.queries import preview
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.editions.actions import look_at, put_in_force
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.models import Evidence
from tracker.evidence.store import Store
from tracker.ledgers import actions as ledgers
from tracker.ledgers.building import Choices
from tracker.ledgers.models import LedgerMapping
from tracker.people import head_keys, signing_in
from tracker.people.access import Viewer, operator
from tracker.people.models import Entity, Person
from tracker.register.models import Edition
from tracker.register.queries import ObligationFilter
from tracker.register.source import read_register
from tracker.register.texts.actions import import_text
from tracker.reports.actions import export_store, keep, write
from tracker.reports.jobs import actions as export_jobs
from tracker.reports.jobs.asking import Asked
from tracker.retention import asking
from tracker.retention.holding import place_hold
from tracker.retention.keeping import classify
from tracker.scope.actions import confirm_suggestions
from tracker.scope.queries import scope_ids
from tracker.web.doors import house
from tracker.words import Cadence, HoldKind, RetentionAct, Role, Standing

INSIDERS = OFFICER, OWNER, REVIEWER, AUDITOR = "林合规", "王责任", "赵复核", "钱审计"
OUTSIDER, ADMIN = "孙外人", "管理员"
EVERYBODY = (*INSIDERS, OUTSIDER, ADMIN)
NOBODY = 1_987_654_321
RAW_TOKEN = "0123456789abcdef0123456789abcdef01234567"
DAY_AHEAD, DOCUMENT = "2026-12-24", "ff2025-9"
# One statement, for it is asked before and after nearly every request.
COUNTS = " UNION ALL ".join(f"SELECT '{table.name}', count(*) FROM {table.name}" + (
    " WHERE chain_id NOT LIKE 'acc%'" if "chain_id" in table.c else "") for table in schema.METADATA.sorted_tables)

Things = dict[str, object]


@dataclass
class Site:
    """The application, the database it stands on and the untouched copy of it, and what is where."""

    app: Flask
    database: Database
    master: Path
    tokens: dict[str, str]
    ours: Things
    theirs: Things
    nothing: Things = field(default_factory=dict)

    def browser(self, name: str) -> Browser:
        """Give a browser in which somebody of the cast is signed in; an empty name signs nobody in."""
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["csrf_token"] = RAW_TOKEN
            if name:
                session["_user_id"] = self.tokens[name]
        assert self.app.secret_key
        return Browser(client, URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(RAW_TOKEN))

    def reset(self) -> None:
        """Bring the database, and what the signer remembers of it, back to what they were at first."""
        path = Path(str(self.database.engine.url.database))
        self.database.close()
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        shutil.copyfile(self.master, path)
        shutil.copyfile(self.master.with_name(MEMORY), self.master.with_name("instance") / "keys" / MEMORY)

    def size(self) -> dict[str, int]:
        """Count the rows of every table, events of the trail among them, but not who was given a file to read."""
        with self.database.engine.connect() as connection:
            return dict(map(tuple, connection.exec_driver_sql(COUNTS)))

    def given(self) -> int:
        """Count how often somebody was given a file."""
        with self.database.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM audit_event WHERE chain_id LIKE 'acc%'").scalar_one())


def open_site(working_template: Path, folder: Path, register: Path = REGISTER) -> Iterator[Site]:
    """Let both entities work, keep the database as the master copy, and run the application on another copy."""
    master, used, instance = folder / "master.db", folder / "used.db", folder / "instance"
    shutil.copyfile(working_template, master)
    with time_machine.travel(NOW, tick=False):
        tokens, ours, theirs = _work(Database(f"sqlite:///{master}"), instance, register)
    # Obligations are everybody's: only what is an entity's own is put in question.
    nothing: Things = dict.fromkeys(ours, NOBODY) | {"obligation": ours["obligation"]}
    shutil.copyfile(master, used)
    shutil.copyfile(instance / "keys" / MEMORY, folder / MEMORY)
    app = create_app(Config(instance=instance, database_url=f"sqlite:///{used}", workers=8), Inline)
    with app.app_context():
        database = house().database
    yield Site(app, database, master, tokens, ours, theirs, nothing)
    database.close()


def _work(database: Database, instance: Path, register: Path) -> tuple[dict[str, str], Things, Things]:
    world = World.read(database)
    making = Making(database, world)
    owner, reviewer = making.person("别责任", world.others, [Role.OWNER]), making.person("别复核", world.others, [Role.REVIEWER])
    newcomer = making.person("新来者")
    with database.writing(operator("操作员").entities) as s:
        tokens = {name: signing_in.sign_in(s, world.people[name], 12, "127.0.0.1") for name in EVERYBODY}
        invited = signing_in.invite(s, operator("操作员"), newcomer)
        import_text(s, operator("操作员"), DOCUMENT, _official().encode(), "原文.txt")
    _sign(database, instance)
    company = _Company(database, instance)
    ours = company.begin(world.ours, world.officer, world.owner, world.reviewer)
    theirs = company.begin(world.others, world.outsider, making.viewer(owner), making.viewer(reviewer))
    editions = _revise(database, world.admin, [ours["outdated"], theirs["outdated"]], register)
    for things, person, link in ((ours, world.people[OWNER], invited), (theirs, owner, "wrong")):
        things |= {"person": person, "link": link, "heir": making.person("接手人", int(str(things["entity"])), [Role.OWNER, Role.REVIEWER])}
        things |= _versions(database, things) | editions
    database.close()
    return tokens, ours, theirs


def _sign(database: Database, instance: Path) -> None:
    """Make a key and sign once, so that there is a file of heads to be had."""
    ring = Keyring(instance / "keys")
    with database.writing(EVERY_ENTITY) as s:
        head_keys.create_key(s, operator("操作员"), ring)
    assert Signer(database, ring).sign_all().number == 1


def _revise(database: Database, admin: Viewer, outdated: list[object], register: Path) -> Things:
    """Change what the tasks called `outdated` are of, and let the administrator look at a further edition."""
    with database.reading(EVERY_ENTITY) as s:
        changed = {s.get_one(Task, task_id).obligation_id: {"statement": "按修改后的要求办理，并保存书面记录。"} for task_id in outdated}
    with database.writing(EVERY_ENTITY) as s:
        edition = put_in_force(s, operator("操作员"), revised(changed, base=register), "obligations.yaml").loaded.edition_id
    mapped = _ledger(database, admin)
    with database.writing(admin.entities) as s:
        draft = look_at(s, admin, revised(edition="2027.02", base=register), "obligations.yaml").id
        earlier = s.scalars(select(Edition.id).order_by(Edition.id)).first()
    return {"edition": edition, "earlier": earlier, "draft": draft, "registry": 1, **mapped}


def _ledger(database: Database, admin: Viewer) -> Things:
    """Let the administrator map a ledger, and have one of other headings remembered."""
    found = []
    for data in (repairs(), duties()):
        book = ledgers.read(admin, data, "台账.xlsx")
        with database.writing(admin.entities) as s:
            draft = ledgers.keep(s, admin, data, "台账.xlsx", book)
            choices = Choices.restored(draft.choices)
            ledgers.choose(s, admin, draft.id, replace(choices, issuer="海川证券合规部", name="台账", defaults={**choices.defaults, "subject": "securities_firm"}))
            found.append(draft.id)
            if len(found) == 1:
                ledgers.look(s, admin, draft.id, book)
    with database.reading(EVERY_ENTITY) as s:
        return {"ledger": found[-1], "mapping": s.scalars(select(LedgerMapping.id)).one()}


def _official() -> str:
    documents = read_register(REGISTER.read_bytes(), REGISTER.name).documents
    return official_text(next(one for one in documents if one.id == DOCUMENT))


def _versions(database: Database, things: Things) -> Things:
    rows = {"open": Task, "submitted": Task, "evidence": Evidence, "entity": Entity, "person": Person}
    with database.reading(EVERY_ENTITY) as s:
        return {f"{key}_version": s.get_one(kind, things[key]).version for key, kind in rows.items()}


@dataclass
class _Company:
    """Makes one of each thing in an entity, through the actions."""

    database: Database
    instance: Path

    def begin(self, entity_id: int, officer: Viewer, owner: Viewer, reviewer: Viewer) -> Things:
        """Assign four obligations and one of the event kind, and bring the tasks of the four to their states."""
        dated, event, spare = self.assign(entity_id, officer, owner, reviewer)
        open_task, submitted, closed, outdated = (self.tasks(entity_id, owner)[one] for one in dated)
        piece, other = self.evidence(entity_id, owner, "流水.png"), self.evidence(entity_id, owner, "另一张.png", "#aa3300")
        for task_id in (submitted, closed, outdated):
            self.hand_in(owner, task_id, piece)
        with self.database.writing(owner.entities) as s:
            working.cite(s, owner, open_task, [piece])
        with self.database.writing(reviewer.entities) as s:
            for task_id in (closed, outdated):
                reviewing.accept(s, reviewer, task_id, "资料齐全。")
        with self.database.reading(EVERY_ENTITY) as s:
            assigned = {row.obligation_id: row.id for row in s.scalars(select(Assignment).where(Assignment.entity_id == entity_id))}
        return {
            "entity": entity_id, "open": open_task, "submitted": submitted, "closed": closed, "outdated": outdated, "evidence": piece, "uncited": other,
            "assignment": assigned[event], "obligation": dated[0], "spare": spare, "export": self.export(entity_id, officer),
            "owner": owner.person_id, "reviewer": reviewer.person_id, "chain": f"ent_{entity_id}", **self.sheet(entity_id, officer, dated[0]),
            **self.jobs(entity_id, officer), **self.keeping(entity_id, other),
        }

    def sheet(self, entity_id: int, officer: Viewer, obligation_id: str) -> Things:
        """Send the sheet of assignments out, fill in another department, and keep it as a draft."""
        out = io.BytesIO()
        with self.database.reading(officer.entities) as s:
            sheets.write_duties(s, officer, entity_id, ObligationFilter(), None, "全部", out)
        book = Paper(out.getvalue(), "分派表").put(obligation_id, 部门="资产管理部").data
        taken = actions.read(officer, entity_id, book, "分派表.xlsx")
        with self.database.writing(officer.entities) as s:
            row = actions.keep(s, officer, entity_id, taken)
            return {"book": book, "brought": row.id, "brought_seen": preview(s, officer, row).seen}

    def assign(self, entity_id: int, officer: Viewer, owner: Viewer, reviewer: Viewer) -> tuple[list[str], str, str]:
        """Confirm the scope and assign; returns the dated obligations, the one of the event kind, and one left unassigned."""
        with self.database.writing(officer.entities) as s:
            confirm_suggestions(s, officer, entity_id, scope_ids(s, officer, entity_id, ObligationFilter()))
        with self.database.writing(officer.entities) as s:
            events = scope_ids(s, officer, entity_id, ObligationFilter(cadence="event"), Standing.APPLIES)
            every = [one for one in scope_ids(s, officer, entity_id, ObligationFilter(), Standing.APPLIES) if one not in events]
            people = (owner.person_id or 0, reviewer.person_id or 0)
            horizon = (DUE - TODAY).days
            assigning.assign(s, officer, entity_id, every[:4], assigning.Terms(*people, DUE, "业务部", Cadence.MONTHLY), horizon)
            assigning.assign(s, officer, entity_id, events[:1], assigning.Terms(*people, None, "业务部"), horizon)
        return every[:4], events[0], every[4]

    def tasks(self, entity_id: int, owner: Viewer) -> dict[str, int]:
        """Return the tasks by their obligation."""
        with self.database.reading(owner.entities) as s:
            return {row.obligation_id: row.id for row in task_rows(s, owner, TaskFilter(entity_id=entity_id))}

    def evidence(self, entity_id: int, owner: Viewer, name: str, colour: str = "#2a4d8f") -> int:
        """Keep a picture."""
        size = (40, 30) if colour == "#2a4d8f" else (41, 31)
        stored = Store(self.instance / "evidence", 10**7).put(io.BytesIO(picture("PNG", size)), name)
        with self.database.writing(owner.entities) as s:
            row = add_evidence(s, owner, entity_id, stored, EvidenceFacts(obtained_on=TODAY)).evidence
            s.flush()
            return row.id

    def hand_in(self, owner: Viewer, task_id: int, piece: int) -> None:
        """Cite a piece and submit."""
        with self.database.writing(owner.entities) as s:
            working.cite(s, owner, task_id, [piece])
            working.submit(s, owner, task_id, working.Work("已完成。"))

    def jobs(self, entity_id: int, officer: Viewer) -> Things:
        """Ask for two exports: one is being built by somebody, the other was cancelled."""
        with self.database.writing(officer.entities) as s:
            ended = export_jobs.ask(s, officer, Asked((entity_id,))).id
            export_jobs.cancel(s, officer, ended)
            job = export_jobs.ask(s, officer, Asked((entity_id,))).id
        with self.database.writing(EVERY_ENTITY) as s:
            assert export_jobs.claim(s, "somebody.1", 8)
        return {"job": job, "ended": ended}

    def keeping(self, entity_id: int, piece: int) -> Things:
        """Let the operator, who is nobody's second person, place a hold and ask for something to be destroyed whose term is over."""
        host = operator("操作员")
        with self.database.writing(EVERY_ENTITY) as s:
            classify(s, host, piece, "service_papers", date(2010, 1, 1), "委托早已结束")
            request = asking.ask(s, host, RetentionAct.DESTROY, f"evidence:{piece}", "期限届满", "《证券法》第162条").id
            return {"request": request, "hold": place_hold(s, host, HoldKind.ENTITY, "", "检查", entity_id).id}

    def export(self, entity_id: int, officer: Viewer) -> int:
        """Build a workbook and keep it."""
        with self.database.reading(officer.entities) as s:
            written = write(s, officer, [entity_id], TaskFilter(), export_store(self.instance / "exports"))
        with self.database.writing(officer.entities) as s:
            return keep(s, officer, written).id
