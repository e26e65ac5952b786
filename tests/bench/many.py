"""A large group, put in by bulk past the actions: for measuring only, where neither trail nor rules matter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from tracker import clock, migrate
from tracker.assignments.models import Assignment, Submission, Task, TaskEvidence
from tracker.audit import trail
from tracker.config import ROOT
from tracker.db import Base, Database
from tracker.evidence.checks import Kind
from tracker.evidence.models import Evidence
from tracker.journal.seeding import seed
from tracker.people import actions, signing_in
from tracker.people.access import operator
from tracker.people.actions import EntityFacts, PersonFacts
from tracker.register.loading import load
from tracker.register.models import Obligation
from tracker.words import Cadence, Outcome, Role, TaskState

OBLIGATIONS, OWNERS = 200, 9
STATES = (
    TaskState.NOT_STARTED, TaskState.IN_PROGRESS, TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE,
    TaskState.DONE, TaskState.NOT_STARTED, TaskState.DONE, TaskState.CANCELLED, TaskState.SUBMITTED,
)
HANDED_IN = {TaskState.SUBMITTED, TaskState.RETURNED, TaskState.DONE}
DEPARTMENTS = ("财富管理部", "投资银行部", "合规法律部", "财务管理部", "董事会办公室", "基金运营部")


@dataclass(frozen=True)
class Group:
    """What was built: the entities, and the token of the officer who is signed in."""

    entities: list[int]
    token: str


def build(path: Path, entities: int, tasks: int) -> Group:
    """Build a migrated database of `entities` with `tasks` tasks in all, spread evenly over 200 obligations each."""
    database, host = Database(f"sqlite:///{path}"), operator("计时")
    migrate.upgrade(database)
    with database.writing(host.entities) as s:
        trail.found(s)
        load(s, host, (ROOT / "obligations.yaml").read_bytes(), "obligations.yaml")
        ids = [actions.create_entity(s, host, EntityFacts(f"第{n}证券股份有限公司", f"第{n}证券", ("securities_firm",))).id for n in range(1, entities + 1)]
        officer = actions.add_person(s, host, PersonFacts("lin", "林合规", "合规法律部")).id
        people = [actions.add_person(s, host, PersonFacts(f"p{n}", f"王责任{n}", DEPARTMENTS[n % 6])).id for n in range(OWNERS + 3)]
        for entity_id in ids:
            actions.grant_roles(s, host, officer, entity_id, {Role.OFFICER})
            for place, person_id in enumerate(people):
                actions.grant_roles(s, host, person_id, entity_id, {Role.OWNER if place < OWNERS else Role.REVIEWER})
        duties = list(s.scalars(select(Obligation.id).order_by(Obligation.position).limit(OBLIGATIONS)))
    with database.writing() as s:
        token = signing_in.sign_in(s, officer, 12)
    with database.engine.execution_options(tracker_writes=True).begin() as connection:
        _fill(connection, ids, duties, people, tasks)
    database.close()
    return Group(ids, token)


def _fill(connection: Connection, entities: list[int], duties: list[str], people: list[int], tasks: int) -> None:
    digest = hashlib.sha256(b"text").hexdigest()
    standing = [_assignment(number, entity_id, duty, people) for number, (entity_id, duty) in enumerate(
        (entity_id, duty) for entity_id in entities for duty in duties
    )]
    made = [_task(number, standing[number % len(standing)], number // len(standing)) for number in range(tasks)]
    proved = [task for task in made if task["state"] in HANDED_IN]
    rows: list[tuple[type[Base], list[dict[str, Any]]]] = [
        (Assignment, standing), (Task, made), (Evidence, [_piece(task) for task in proved]), (TaskEvidence, [_link(task) for task in proved]),
        (Submission, [_submission(task, digest) for task in proved]),
    ]
    for model, values in rows:
        connection.execute(insert(model), values)
    # What goes past the actions goes past the journal too.
    seed(connection, [model.__tablename__ for model, _values in rows])


def _assignment(number: int, entity_id: int, duty: str, people: list[int]) -> dict[str, Any]:
    return {
        "id": number + 1, "entity_id": entity_id, "obligation_id": duty, "owner_id": people[number % OWNERS], "reviewer_id": people[OWNERS + number % 3],
        "department": DEPARTMENTS[number % 6], "cadence": Cadence.MONTHLY, "review_every": None, "first_due": date(2026, 1, 31), "next_n": 99,
        "planned": 99, "active": True, "created_at": clock.now(), "version": 1,
    }


def _task(number: int, duty: dict[str, Any], n: int) -> dict[str, Any]:
    due = clock.today() + timedelta(days=(number * 7919) % 365 - 180)
    state = STATES[(number * 31 + n) % len(STATES)]
    return {
        "id": number + 1, "entity_id": duty["entity_id"], "assignment_id": duty["id"], "obligation_id": duty["obligation_id"], "n": n,
        "intended_on": due, "due_on": due, "owner_id": duty["owner_id"], "reviewer_id": duty["reviewer_id"], "department": duty["department"],
        "state": state, "occasion": "", "period_from": due - timedelta(days=30), "period_to": due, "created_at": clock.now(), "version": 1,
        "note": f"已按制度完成第 {number} 项检查，未发现异常，详见所附记录。" if state in HANDED_IN else "",
        "closed_at": clock.now() if state in {TaskState.DONE, TaskState.CANCELLED} else None,
    }


def _piece(task: dict[str, Any]) -> dict[str, Any]:
    digest = hashlib.sha256(str(task["id"]).encode()).hexdigest()
    return {
        "id": task["id"], "entity_id": task["entity_id"], "series_id": digest[:32], "version_no": 1, "name": f"检查记录_{task['id']}.pdf", "sha256": digest,
        "size": 1000 + task["id"], "kind": Kind.PDF, "period_from": task["period_from"], "period_to": task["period_to"], "obtained_on": task["period_to"],
        "note": "", "uploaded_at": clock.now(), "uploaded_by": task["owner_id"], "superseded_by_id": None, "version": 1,
    }


def _link(task: dict[str, Any]) -> dict[str, Any]:
    return {"task_id": task["id"], "evidence_id": task["id"], "entity_id": task["entity_id"], "added_by": task["owner_id"], "added_at": clock.now()}


def _submission(task: dict[str, Any], digest: str) -> dict[str, Any]:
    outcome = {TaskState.DONE: Outcome.ACCEPTED, TaskState.RETURNED: Outcome.RETURNED}.get(task["state"])
    return {
        "entity_id": task["entity_id"], "task_id": task["id"], "n": 1, "submitted_by": task["owner_id"], "submitted_at": clock.now(), "note": task["note"],
        "period_from": task["period_from"], "period_to": task["period_to"], "pinned": [{"id": task["id"], "name": f"检查记录_{task['id']}.pdf", "sha256": digest}], "obligation_digest": digest, "outcome": outcome,
        "decided_by": task["reviewer_id"] if outcome else None, "decided_at": clock.now() if outcome else None, "reason": "资料齐全。" if outcome else "",
    }
