"""Legal holds, on either kind of database: evidence stays held when its citation is taken back, and a person's hold is not for strangers."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import time_machine

from tests.cast import World
from tests.making import Making
from tests.retention.conftest import AFTER, BASIS, REASON
from tests.work import TODAY, Company, put_to_work
from tracker.assignments import working
from tracker.assignments.queries import TaskFilter, task_ids
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import Forbidden, RuleBroken
from tracker.evidence.actions import EvidenceFacts, replace_evidence
from tracker.evidence.models import Evidence
from tracker.evidence.store import Store
from tracker.people.access import Viewer, operator
from tracker.retention import asking
from tracker.retention.holding import lift_hold, place_hold
from tracker.retention.queries import hold_on_evidence, holds
from tracker.words import HoldKind, RetentionAct, Role


@pytest.fixture(params=["sqlite", "postgresql"])
def work(request: pytest.FixtureRequest, tmp_path: Path, frozen_clock: time_machine.Traveller) -> Company:
    """Give a company at work on a database of each kind."""
    if request.param == "sqlite":
        found: Company = request.getfixturevalue("company")
        return found
    database = request.getfixturevalue("postgres_settled")
    put_to_work(database)
    return Company(database, World.read(database), Store(tmp_path / "store", 10**6))


def tasks_of(work: Company, number: int) -> tuple[list[str], dict[str, int]]:
    """Assign obligations; return them, and the one task of each."""
    ids, owner = work.applicable(number), work.world.owner
    work.assign(ids, horizon_days=40)
    with work.database.reading(owner.entities) as s:
        return ids, {one: task_ids(s, owner, TaskFilter(obligation_id=one))[0] for one in ids}


def hold(work: Company, obligation: str) -> int:
    """Place a hold on an obligation and return its number."""
    officer = work.world.officer
    with work.database.writing(officer.entities) as s:
        return place_hold(s, officer, HoldKind.OBLIGATION, obligation, "诉讼", work.world.ours).id


def found(work: Company, piece: int) -> int | None:
    """Return the number of the hold on a piece."""
    with work.database.reading(EVERY_ENTITY) as s:
        row = hold_on_evidence(s, s.get_one(Evidence, piece))
        return row.id if row else None


def test_a_hold_on_an_obligation_stands_when_the_citation_is_taken_back(work: Company, frozen_clock: time_machine.Traveller) -> None:
    owner, database, host = work.world.owner, work.database, operator("操作员")
    (held, _other), tasks = tasks_of(work, 2)
    piece, spare = work.evidence(), work.evidence("另.txt", "从未引用")
    with database.writing(owner.entities) as s:
        working.cite(s, owner, tasks[held], [piece])
    number = hold(work, held)
    with database.writing(owner.entities) as s:
        working.uncite(s, owner, tasks[held], piece)
    assert (found(work, piece), found(work, spare)) == (number, None)
    frozen_clock.move_to(AFTER)
    with database.writing(host.entities) as s, pytest.raises(RuleBroken, match=f"第 {number} 号法律保全"):
        asking.ask(s, host, RetentionAct.DESTROY, f"evidence:{piece}", REASON, BASIS)
    with database.writing(host.entities) as s:
        lift_hold(s, host, number, "结案")
    assert found(work, piece) is None
    with database.writing(host.entities) as s:
        asking.ask(s, host, RetentionAct.DESTROY, f"evidence:{piece}", REASON, BASIS)


def test_it_finds_what_was_taken_back_before_it_was_placed_and_every_version_of_that(work: Company) -> None:
    owner, database = work.world.owner, work.database
    (held, other), tasks = tasks_of(work, 2)
    piece, elsewhere = work.evidence(), work.evidence("另.txt", "另一项义务的证据")
    for task, cited in ((tasks[held], piece), (tasks[other], elsewhere)):
        with database.writing(owner.entities) as s:
            working.cite(s, owner, task, [cited])
        with database.writing(owner.entities) as s:
            working.uncite(s, owner, task, cited)
    stored = work.store.put(io.BytesIO("第二稿".encode()), "检查记录.txt")
    with database.writing(owner.entities) as s:
        newer = replace_evidence(s, owner, piece, stored, EvidenceFacts(obtained_on=TODAY)).id
    number = hold(work, held)
    assert [found(work, one) for one in (piece, newer, elsewhere)] == [number, number, None]


def test_a_hold_on_a_person_is_for_administrators_and_officers_where_he_has_or_had_a_role(each: Database) -> None:
    world = World.read(each)
    making, owner = Making(each, world), world.people["王责任"]
    stranger, second, admin = world.outsider, making.viewer(making.person("吴合规", roles=[Role.OFFICER])), world.admin

    def place(who: Viewer, person: int) -> int:
        with each.writing(who.entities) as s:
            return place_hold(s, who, HoldKind.PERSON, str(person), "诉讼").id

    def lift(who: Viewer, number: int) -> None:
        with each.writing(who.entities) as s:
            lift_hold(s, who, number, "结案")

    def listed(who: Viewer) -> list[int]:
        with each.reading(who.entities) as s:
            return [row.id for row in holds(s, who)]

    number = place(world.officer, owner)
    for act in (lambda: lift(stranger, number), lambda: place(stranger, owner)):
        with pytest.raises(Forbidden, match="该人员现在或曾经任职的主体的“合规管理”设置和解除"):
            act()
    with pytest.raises(Forbidden, match="合规管理"):
        lift(world.owner, number)
    assert [listed(who) for who in (world.officer, second, admin, stranger, operator("操作员"))] == [[number], [number], [number], [], [number]]
    # Whoever has left every role is still known where he had one, and a new place knows him too.
    making.grant(owner, [])
    making.grant(owner, [Role.OWNER], world.others)
    assert listed(second) == [number] == listed(stranger)
    lift(second, number)
    again = place(stranger, owner)
    lift(admin, again)
    # A person whose number begins alike is somebody else.
    ten = next(one for one in (making.person() for _ in range(100)) if str(one).startswith(str(owner)))
    with pytest.raises(Forbidden, match="系统管理员"):
        place(second, ten)
    lift(operator("操作员"), place(admin, ten))
