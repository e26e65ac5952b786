"""Small registers made to order, and a company that has worked under one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from tests.cast import World
from tracker import schema
from tracker.assignments import assigning, reviewing, working
from tracker.assignments.models import Assignment, Task
from tracker.assignments.queries import TaskFilter, task_ids, task_rows
from tracker.assignments.workflow import OPEN
from tracker.db import EVERY_ENTITY, Database
from tracker.editions.actions import Applied, look_at, put_in_force
from tracker.editions.queries import Preview, preview
from tracker.people.access import Viewer, operator
from tracker.register.models import Obligation
from tracker.scope.actions import decide
from tracker.words import Cadence, ScopeState, TaskState

HOST = operator("操作员")
DUE = date(2026, 12, 31)


@dataclass(frozen=True)
class Duty:
    """One obligation of a made register: its number in the clause, which wording it has, what it was called before, whose content it has."""

    number: int
    wording: int = 0
    formerly: tuple[int, ...] = ()
    like: int = 0


FIRST = [Duty(1), Duty(2), Duty(3)]


def identity(number: int) -> str:
    """Return the id of a number."""
    return f"MD1-03-{number:02d}"


def register(duties: Iterable[Duty], edition: str = "2026.11", key: str = "main", prefix: str = "MD1", document: str = "made-1", words: bool = True) -> bytes:
    """Write a register file with these duties in one clause."""
    top = {"format": 1, "register": key, "name": f"登记册{key}", "edition": edition}
    if words:
        top |= {
            "domains": {"suitability": {"label": "投资者适当性", "en": "Suitability"}},
            "subjects": {kind: {"label": label, "en": kind} for kind, label in (("securities_firm", "证券公司"), ("private_fund_manager", "私募管理人"))},
        }
    listed = [_told(duty, prefix) for duty in duties]
    clause = {"no": "3", "title": "保护投资者", "sentences": ["obligation"], "obligations": listed}
    top["documents"] = [{
        "id": document, "title": f"测试意见{document}", "title_en": "A made opinion", "issuers": ["测试机关"], "issued": "2026-01-01",
        "nature": "测试用文件", "clauses": [clause],
    }]
    # JSON is YAML, and nothing needs quoting by hand.
    return json.dumps(top, ensure_ascii=False, indent=1).encode()


def _told(duty: Duty, prefix: str) -> dict[str, object]:
    what = duty.like or duty.number
    told: dict[str, object] = {
        "id": f"{prefix}-03-{duty.number:02d}", "anchor": f"第{what}项应当做到的事情", "modality": "must", "basis": "implied",
        "subjects": ["securities_firm", "private_fund_manager"], "title": f"义务{what}", "statement": f"第{what}项要求，写法{duty.wording}。",
        "en": f"Duty {what}", "domain": "suitability", "severity": "high", "evidence": ["记录"], "cadence": "monthly",
    }
    if duty.formerly:
        told["formerly"] = [f"{prefix}-03-{number:02d}" for number in duty.formerly]
    return told


def put(database: Database, data: bytes, name: str = "made.yaml") -> Applied:
    """Put a file in force."""
    with database.writing(EVERY_ENTITY) as s:
        return put_in_force(s, HOST, data, name)


def seen(database: Database, data: bytes) -> Preview:
    """Look at a file."""
    with database.reading(EVERY_ENTITY) as s:
        return preview(s, HOST, data, "made.yaml")


def work_under(database: Database, world: World, assigned: Sequence[int], accepted: Sequence[int]) -> None:
    """Let 海川证券 confirm and assign obligations, and have the first task of some accepted."""
    officer, owner, reviewer = world.officer, world.owner, world.reviewer
    ids = [identity(number) for number in assigned]
    if not ids:
        return
    with database.writing(officer.entities) as s:
        decide(s, officer, world.ours, ids, ScopeState.APPLIES, "本公司适用。")
        terms = assigning.Terms(world.people["王责任"], world.people["赵复核"], DUE, cadence=Cadence.MONTHLY)
        assigning.assign(s, officer, world.ours, ids, terms, 80)
    with database.reading(owner.entities) as s:
        first = {row.obligation_id: row.id for row in reversed(task_rows(s, owner, TaskFilter()))}
    for number in accepted:
        with database.writing(owner.entities) as s:
            working.submit(s, owner, first[identity(number)], working.Work("已完成。"))
        with database.writing(reviewer.entities) as s:
            reviewing.accept(s, reviewer, first[identity(number)])


@dataclass(frozen=True)
class Standing:
    """What stands in 海川证券 and in the register, to be compared before and after."""

    obligations: dict[str, str]
    assignments: frozenset[int]
    open: frozenset[int]
    done: frozenset[int]
    outdated: frozenset[int]
    rows: dict[str, int]


def standing(database: Database) -> Standing:
    """Read it, below the queries that the code under test uses."""
    with database.reading(EVERY_ENTITY) as s:
        tasks = s.scalars(select(Task)).all()
        digests = {row.id: row.digest for row in s.scalars(select(Obligation))}
        live = {row.id: row.digest for row in s.scalars(select(Obligation).where(~Obligation.withdrawn).order_by(Obligation.id))}
        active = frozenset(s.scalars(select(Assignment.id).where(Assignment.active)))
    with database.engine.connect() as connection:
        rows = {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in schema.METADATA.sorted_tables}
    return Standing(
        live, active, frozenset(task.id for task in tasks if task.state in OPEN), frozenset(task.id for task in tasks if task.state == TaskState.DONE),
        frozenset(task.id for task in tasks if task.state == TaskState.DONE and task.accepted_digest != digests[task.obligation_id]), rows,
    )


def count(database: Database, what: type) -> int:
    with database.reading(EVERY_ENTITY) as s:
        return s.scalar(select(func.count()).select_from(what)) or 0


def look(database: Database, viewer: Viewer, data: bytes) -> int:
    with database.writing(EVERY_ENTITY) as s:
        return look_at(s, viewer, data, "made.yaml").id


def outdated(database: Database, world: World) -> list[int]:
    with database.reading(world.reviewer.entities) as s:
        return task_ids(s, world.reviewer, TaskFilter(state="reconfirm"))


WRITTEN = ("submission", "evidence", "task_evidence", "scope_decision", "reconfirmation", "obligation_text", "edition", "audit_event", "audit_disclosure")


def written(database: Database) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Return every row that people or the trail wrote, by table and key, but for the id of the obligation, which may be renamed."""
    found: dict[tuple[str, ...], tuple[object, ...]] = {}
    with database.engine.connect() as connection:
        for name in WRITTEN:
            table = schema.METADATA.tables[name]
            kept = [column for column in table.columns if column.name != "obligation_id"]
            keys = [column.name for column in table.primary_key.columns if column.name != "obligation_id"]
            for row in connection.execute(table.select()).mappings():
                found[(name, *(str(row[key]) for key in keys))] = tuple(str(row[column.name]) for column in kept)
    return found
