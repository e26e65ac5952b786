"""Servers on one database that are killed at random moments under a mixed load, and what must hold after each kill."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from tests.cast import World
from tests.faults.judging import wrongs
from tests.faults.loading import EACH, FIRST_DUE, TRACES, Load, Scene
from tests.faults.staging import Stage
from tests.faults.visiting import Lost, Visitor, Write, cookie
from tests.work import Company
from tracker import migrate
from tracker.assignments import working
from tracker.assignments.models import Assignment, Task
from tracker.audit.models import AuditDisclosure, AuditEvent
from tracker.backup.moving import move
from tracker.config import PREFIX, ROOT, Config
from tracker.db import EVERY_ENTITY, Database
from tracker.evidence.store import Store
from tracker.journal.models import RowVersion
from tracker.people import signing_in
from tracker.people.access import operator
from tracker.reports.jobs.models import ExportJob
from tracker.web.session import secret_key

MARK = re.compile("k[0-9a-f]{12}z")
PATIENCE = 60.0
START = 180.0
Traces = dict[str, tuple[Counter[str], Counter[str]]]


class Server:
    """One server process with its export workers, in a group of processes of its own."""

    def __init__(self, instance: Path, log: Path, url: str = "") -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = int(held.getsockname()[1])
        self._instance, self._log, self._url = instance, log, url
        self.start()

    def start(self) -> None:
        """Start on the same instance and the same port."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        given = {"TRACKER_INSTANCE": str(self._instance), "TRACKER_PORT": str(self.port), "TRACKER_WORKERS": "2", "PYTHONUTF8": "1"}
        given |= {"TRACKER_DATABASE_URL": self._url} if self._url else {}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tracker"], cwd=ROOT, env=kept | given, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + START
        while True:
            assert self.process.poll() is None and time.monotonic() < end, f"no start:\n{self._log.read_text(encoding='utf-8')[-3000:]}"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=PATIENCE):
                    return
            except OSError:
                time.sleep(0.1)

    def kill(self, workers: bool) -> None:
        """Kill it, and whatever it has started if asked."""
        (os.killpg if workers else os.kill)(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_workers(self) -> bool:
        """Kill the export workers only; tells whether there was one."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = [int(one) for path in children.parent.parent.glob("*/children") for one in path.read_text(encoding="ascii").split()]
        for one in found:
            os.kill(one, signal.SIGKILL)
        return bool(found)

    def end(self) -> None:
        """Kill all that is left of the group."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def scenes(config: Config, ports: list[int], many: int = 1, each: int = 30) -> list[Scene]:
    """Assign so many obligations for each of the scenes, and keep pieces to be replaced; no two scenes share anything but the people."""
    database = Database(config.url)
    world = World.read(database)
    company = Company(database, world, Store(config.store, 10**7))
    company.assign(company.applicable()[10:10 + many * each], company.terms(FIRST_DUE))
    with database.reading(EVERY_ENTITY) as s:
        rows = s.scalars(select(Assignment).where(Assignment.entity_id == world.ours).order_by(Assignment.id.desc()).limit(many * each)).all()
        assignments = [(row.id, row.obligation_id) for row in rows]
    made = [_scene(company, config, ports, dict(assignments[n * each:(n + 1) * each])) for n in range(many)]
    database.close()
    return made


def _scene(company: Company, config: Config, ports: list[int], assignments: dict[int, str]) -> Scene:
    """Sign everybody in at the moment that it really is, and cite a piece for every task that is to be worked on."""
    database, world, key = company.database, company.world, secret_key(config.instance / "secret.key")
    pieces = [company.evidence(f"待换{n}.txt", f"第{n}份，属于{min(assignments)}") for n in range(4)]
    with database.writing(operator("操作员").entities) as s:
        tokens = {name: signing_in.sign_in(s, world.people[name], 12, "127.0.0.1") for name in ("王责任", "林合规", "赵复核")}
    with database.reading(EVERY_ENTITY) as s:
        # The first ten are assigned anew, the last five imported: their tasks are left alone, so that each is always handed over.
        worked = list(assignments)[10:-5]
        tasks = list(s.scalars(select(Task.id).where(Task.assignment_id.in_(worked)).order_by(Task.id)))
        assert s.scalar(select(func.count()).select_from(Task).where(Task.assignment_id.in_(assignments))) == EACH * len(assignments)
    with database.writing(world.owner.entities) as s:
        for task in tasks:
            working.cite(s, world.owner, task, pieces[:1])
    people = {name + more: Visitor(ports, cookie(key, token)) for name, token in tokens.items() for more in ("", "二", "三")}
    return Scene(people, world.ours, world.people["王责任"], world.people["赵复核"], tasks, assignments, pieces[1:])


class Campaign:
    """Two servers under load that are killed again and again; those of PostgreSQL lose all their connections as often."""

    def __init__(self, config: Config, log: Path, seed: int, servers: list[Server]) -> None:
        self.config, self.chance, self.kills = config, random.Random(seed), Counter[str]()
        self.log, self.servers = log, servers
        self.ways = ["one", "one and its workers", "all", "workers"] + (["connections"] * 4 if config.database_url else [])
        self.scene = scenes(config, [one.port for one in servers])[0]

    def round(self, number: int, most: int = 16) -> list[str]:
        """Work until so many writes at most are acknowledged and a moment longer, kill, judge, and start again what was killed."""
        wanted, end = self.scene.counted("acknowledged") + self.chance.randint(1, most), time.monotonic() + PATIENCE
        with Load(self.scene, number * 7):
            while self.scene.counted("acknowledged") < wanted and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(self.chance.uniform(0.0, 0.3))
            gone = self._kill(self.chance.choice(self.ways))
            time.sleep(0.3)
        found = self.judge()
        for server in gone:
            server.start()
        for server in gone:
            server.wait()
        return found + self.scene.failures + ([] if self.scene.counted("acknowledged") >= wanted else ["the work does not go on"])

    def _kill(self, how: str) -> list[Server]:
        if how == "workers" and not sum(one.kill_workers() for one in self.servers):
            how = "one"
        self.kills[how] += 1
        if how == "connections":
            cut(self.config.url)
        gone = {"all": self.servers, "workers": [], "connections": []}.get(how, [self.chance.choice(self.servers)])
        for server in gone:
            server.kill(how != "one")
        return gone

    def judge(self) -> list[str]:
        """List everything that does not hold."""
        return [*wrongs(self.config), *judged(self.config, self.scene.writes)]

    def ended(self) -> list[str]:
        """With both servers up again, list the exports that come to no end."""
        end, visitor = time.monotonic() + PATIENCE, self.scene.people["林合规三"]
        while time.monotonic() < end:
            try:
                visitor.get(f"/reports?entity={self.scene.entity}")
            except Lost:
                return ["the pages do not answer"]
            left = [job for job, state in _traces(self.config)[1].items() if state in {"queued", "running"}]
            if not left:
                return []
            time.sleep(0.5)
        return [f"export job {job} never ends" for job in left]


def judged(config: Config, writes: list[Write]) -> list[str]:
    """List the writes that are not there as they were acknowledged or refused: once and wholly, or not at all."""
    traces, jobs = _traces(config)
    return [wrong for one in writes if (wrong := _judged(one, traces, jobs))]


def _judged(write: Write, traces: Traces, jobs: dict[int, str]) -> str:
    if write.kind == "export":
        job = re.search(r"/jobs/(\d+)", write.place)
        return f"{write}: no job" if write.state == "acknowledged" and write.place and (not job or int(job.group(1)) not in jobs) else ""
    events, rows = traces.get(write.mark, (Counter(), Counter()))
    whole, absent = (dict(events), dict(rows)) == TRACES[write.kind], not events and not rows
    fits = {"acknowledged": whole, "refused": absent}.get(write.state, whole or absent)
    return "" if fits else f"{write}: {dict(events)} {dict(rows)}"


def _traces(config: Config) -> tuple[Traces, dict[int, str]]:
    """Return what stands in trail and journal of each mark, where it stands for the first time in a row, and the jobs with their states."""
    database, found = Database(config.url), defaultdict[str, tuple[Counter[str], Counter[str]]](lambda: (Counter(), Counter()))
    with database.reading(EVERY_ENTITY) as s:
        kept = defaultdict[tuple[str, int], list[str]](list)
        for one in s.scalars(select(AuditDisclosure).where(AuditDisclosure.field.not_like("before.%"))):
            kept[one.chain_id, one.seq].append(json.dumps(one.value, ensure_ascii=False))
        for event in s.scalars(select(AuditEvent)):
            after = json.dumps(json.loads(event.record).get("after", ""), ensure_ascii=False)
            for mark in set(MARK.findall(after + "".join(kept[event.chain_id, event.seq]))):
                found[mark][0][event.action] += 1
        told = set[tuple[str, str, str]]()
        for row in s.scalars(select(RowVersion).order_by(RowVersion.id)):
            for mark in set(MARK.findall(row.content or "")):
                if (mark, row.table_name, row.row_key) not in told:
                    told.add((mark, row.table_name, row.row_key))
                    found[mark][1][row.table_name] += 1
        jobs = {job.id: str(job.state.value) for job in s.scalars(select(ExportJob))}
    database.close()
    return found, jobs


def cut(url: str) -> int:
    """Cut every connection that others have to a database of PostgreSQL; return how many there were."""
    database = Database(url)
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").all()
    database.close()
    return len(found)


@contextmanager
def campaign(stage: Stage, folder: Path, seed: int, url: str = "") -> Iterator[Campaign]:
    """Give two servers on the stage in its first state, or on an empty database of PostgreSQL after a copy into it, and end every process afterwards."""
    config, log = settled(stage, url), folder / f"servers{'' if url else '-sqlite'}.log"
    with serving(config, log) as servers:
        yield Campaign(config, log, seed, servers)


def settled(stage: Stage, url: str = "") -> Config:
    """Bring the stage to its first state, in another database if asked, marked: what tests build bears no revision, and a service wants one."""
    stage.reset()
    _mark(stage.config)
    if not url:
        return stage.config
    source, target = Database(stage.config.url), Database(url)
    move(source, target)
    source.close()
    target.close()
    return replace(stage.config, database_url=url)


def _mark(config: Config) -> None:
    with closing(sqlite3.connect(config.instance / "tracker.db")) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (migrate.head(),))


@contextmanager
def serving(config: Config, log: Path) -> Iterator[list[Server]]:
    """Give two servers that answer, and end every process of theirs afterwards."""
    servers = [Server(config.instance, log, config.database_url) for _ in range(2)]
    try:
        for server in servers:
            server.wait()
        yield servers
    finally:
        for server in servers:
            server.end()
