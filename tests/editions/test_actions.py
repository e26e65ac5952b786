"""Verbs of editions: who may, what is refused, what a withdrawal ends, and what comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.cast import World
from tests.editions.registers import (
    FIRST,
    HOST,
    Duty,
    count,
    identity,
    look,
    put,
    register,
    seen,
    standing,
)
from tracker.assignments.models import Assignment, Task
from tracker.audit.models import AuditEvent
from tracker.audit.queries import TrailFilter, events
from tracker.db import EVERY_ENTITY, Database
from tracker.editions import actions, queries
from tracker.editions.models import Draft
from tracker.errors import BadInput, NotFound, RuleBroken, Stale
from tracker.people.access import Viewer, operator
from tracker.register.models import Edition
from tracker.register.queries import editions_told
from tracker.register.source import SourceProblems
from tracker.words import TaskState


def test_a_withdrawn_obligation_ends_its_assignment_in_the_entitys_own_trail(worked: Database, world: World) -> None:
    before = standing(worked)
    applied = put(worked, register([Duty(1), Duty(2)], "2026.12"))
    after = standing(worked)
    assert (applied.ended, applied.cancelled) == (1, len(before.open - after.open)) and applied.cancelled > 0
    with worked.reading(EVERY_ENTITY) as s:
        gone = s.scalars(select(Assignment).where(Assignment.obligation_id == identity(3))).one()
        assert not gone.active and gone.ended_at is not None
        states = set(s.scalars(select(Task.state).where(Task.obligation_id == identity(3))))
        told = events(s, TrailFilter((f"ent_{world.ours}",), object=gone.audit_ref))
        loads = events(s, TrailFilter(("system",), action="register.loaded"))
    assert states == {TaskState.CANCELLED}
    assert "版本 2026.12 撤下了这项义务" in told[0].personal["reason"]
    assert len(loads) == 2 and loads[0].after["withdrawn"] == [identity(3)]


def test_an_edition_is_put_back_as_a_new_one_and_says_so(worked: Database, world: World) -> None:
    put(worked, register([Duty(1, 1)], "2026.12"))
    admin = world.admin
    with worked.reading(EVERY_ENTITY) as s:
        first = queries.history(s, "main")[-1].id
    with worked.writing(EVERY_ENTITY) as s:
        draft_id = actions.look_back_at(s, admin, first).id
    with worked.writing(EVERY_ENTITY) as s:
        applied = actions.apply_draft(s, admin, draft_id)
    assert applied.loaded.plan.revived == (identity(2), identity(3)) and applied.loaded.plan.changed == (identity(1),)
    with worked.reading(EVERY_ENTITY) as s:
        newest = queries.history(s, "main")[0]
        assert (newest.restores_id, newest.loaded_by, newest.edition) == (first, admin.person_id, "2026.11")
        assert [len(queries.history(s, "main")), editions_told(s)] == [3, "2026.11"]
        changes = queries.compared(queries.before(s, newest), newest)
        assert [one.id for one in changes.changed] == [identity(1)] and changes.added == (identity(2), identity(3))
    assert count(worked, Draft) == 0


def test_a_draft_from_before_another_load_is_stale(worked: Database, world: World) -> None:
    draft_id = look(worked, world.admin, register([Duty(1, 1)], "2026.12"))
    put(worked, register([Duty(1, 2)], "2026.12.1"))
    before = standing(worked)
    with pytest.raises(Stale, match="预览已不准确"), worked.writing(EVERY_ENTITY) as s:
        actions.apply_draft(s, world.admin, draft_id)
    assert standing(worked) == before


def test_a_draft_is_its_makers_and_he_has_one(worked: Database, world: World) -> None:
    first = look(worked, world.admin, register([Duty(1, 1)], "2026.12"))
    second = look(worked, world.admin, register([Duty(1, 2)], "2026.12"))
    assert count(worked, Draft) == 1
    other = Viewer(world.people["林合规"], "林合规", is_admin=True)
    for draft_id, who in ((first, world.admin), (second, other), (10**9, world.admin)):
        with pytest.raises(NotFound), worked.writing(EVERY_ENTITY) as s:
            actions.apply_draft(s, who, draft_id)
    with worked.writing(EVERY_ENTITY) as s:
        actions.drop_draft(s, world.admin, second)
    assert count(worked, Draft) == 0


def test_what_is_in_force_already_makes_no_draft(worked: Database, world: World) -> None:
    with pytest.raises(RuleBroken, match="逐字节相同"):
        look(worked, world.admin, register(FIRST))


@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计", "孙外人"])
def test_only_administrators_change_what_is_in_force(worked: Database, world: World, name: str) -> None:
    who, data, before = world.viewer(name), register([Duty(1, 1)], "2026.12"), standing(worked)
    verbs = (
        lambda s: actions.put_in_force(s, who, data, "x"), lambda s: actions.look_at(s, who, data, "x"), lambda s: actions.look_back_at(s, who, 1),
        lambda s: queries.preview(s, who, data, "x"),
    )
    for verb in verbs:
        with pytest.raises(NotFound), worked.writing(EVERY_ENTITY) as s:
            verb(s)
    assert standing(worked) == before


def test_a_broken_file_changes_nothing(worked: Database) -> None:
    before, events_before = standing(worked), count(worked, AuditEvent)
    for data in (b"", b"\xff\xfe", register(FIRST).replace(b'"must"', b'"should"'), b"{" * 9000):
        with pytest.raises(SourceProblems):
            put(worked, data)
    assert (standing(worked), count(worked, AuditEvent)) == (before, events_before)


def test_editions_of_two_registers_are_not_compared(worked: Database) -> None:
    put(worked, register([Duty(1)], key="policies", prefix="NB1", document="policy-1", words=False))
    with worked.reading(EVERY_ENTITY) as s:
        one, other = (queries.history(s, key)[0] for key in ("main", "policies"))
        with pytest.raises(BadInput, match="不同的登记册"):
            queries.compared(one, other)
        with pytest.raises(NotFound):
            queries.history(s, "nowhere")


def test_the_preview_says_for_each_obligation_what_it_touches(worked: Database) -> None:
    told = seen(worked, register([Duty(7, 1, (1,)), Duty(2)], "2026.12")).by_obligation
    assert set(told) == {identity(7), identity(3)}
    assert (told[identity(7)].assignments, told[identity(7)].reconfirm) == (1, 1)
    assert (told[identity(3)].ended, told[identity(3)].reconfirm) == (1, 0)


def test_the_operator_loads_without_being_a_person(worked: Database) -> None:
    put(worked, register([Duty(1, 1), Duty(2), Duty(3)], "2026.12"))
    with worked.reading() as s:
        newest = s.scalars(select(Edition).order_by(Edition.id.desc())).first()
        assert newest is not None and newest.loaded_by is None and newest.changes["changed"] == [identity(1)]
    assert HOST.person_id is None and operator("x").is_operator
