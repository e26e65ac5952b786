"""The trail: events are sealed with the change they tell of, and no audited change goes without one."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests.cast import World
from tests.making import Making
from tracker import clock
from tracker.audit import queries, trail
from tracker.audit.actor import SYSTEM, Actor
from tracker.audit.models import AuditChain, AuditDisclosure, AuditEvent
from tracker.audit.queries import Told, TrailFilter
from tracker.audit.trail import UnrecordedChange
from tracker.db import Database
from tracker.errors import BadInput
from tracker.people import actions
from tracker.people.models import Entity, Person
from tracker.words import Role, Via


def told(database: Database, **wanted: object) -> list[Told]:
    """List events, newest first, of the system chain unless told otherwise."""
    wanted.setdefault("chains", (trail.SYSTEM_CHAIN,))
    with database.reading() as s:
        return queries.events(s, TrailFilter(**wanted))  # type: ignore[arg-type]


def size(database: Database, chain: str) -> int:
    """Return how many events a chain holds."""
    with database.reading() as s:
        return s.scalars(select(AuditChain.size).where(AuditChain.chain_id == chain)).one()


def test_an_event_says_who_when_through_which_door_and_what_changed(
    database: Database, making: Making, frozen_clock: time_machine.Traveller
) -> None:
    entity = making.entity("新证券")
    event = told(database, chains=(trail.entity_chain(entity),))[0]
    assert (event.actor, event.via, event.action, event.object) == (making.world.admin.actor.id, "web", "entity.created", f"entity:{entity}")
    assert event.at == "2026-11-22T02:00:00.000000Z"
    assert event.after["name"] == "新证券"
    assert event.personal == {"actor_name": "管理员"}


def test_personal_values_stand_in_the_record_only_as_commitments(database: Database, making: Making) -> None:
    making.person("欧阳独一")
    with database.reading() as s:
        records = list(s.scalars(select(AuditEvent.record)))
        values = list(s.scalars(select(AuditDisclosure.value)))
    assert not any("欧阳独一" in json.dumps(json.loads(record), ensure_ascii=False) for record in records)
    assert any("欧阳独一" in json.loads(value) for value in values)
    assert told(database)[0].personal["after.name"] == "欧阳独一"


def test_the_same_name_is_salted_anew_each_time(database: Database, making: Making) -> None:
    making.person("同名")
    making.person("同名")
    first, second = (json.loads(r)["pd"]["after.name"] for r in records_of(database, "person.added")[-2:])
    assert first != second


def records_of(database: Database, action: str) -> list[str]:
    """Return the canonical records of one kind of event, oldest first."""
    with database.reading() as s:
        return list(s.scalars(select(AuditEvent.record).where(AuditEvent.action == action).order_by(AuditEvent.seq)))


def test_a_change_without_an_event_is_refused_and_rolled_back(database: Database, world: World) -> None:
    with pytest.raises(UnrecordedChange, match=f"person:{world.people['王责任']}"), database.writing() as s:
        s.get_one(Person, world.people["王责任"]).name = "别人"
    with database.reading() as s:
        assert s.get_one(Person, world.people["王责任"]).name == "王责任"


def test_an_event_about_something_else_does_not_cover_a_change(database: Database, world: World) -> None:
    with pytest.raises(UnrecordedChange), database.writing() as s:
        s.get_one(Person, world.people["王责任"]).name = "别人"
        trail.record(s, SYSTEM, "person.changed", f"person:{world.people['赵复核']}")
    assert told(database)[0].action != "person.changed"


def test_an_event_may_cover_several_things(database: Database, world: World) -> None:
    refs = tuple(f"person:{world.people[name]}" for name in ("王责任", "赵复核"))
    with database.writing() as s:
        for name in ("王责任", "赵复核"):
            s.get_one(Person, world.people[name]).post = "新岗"
        trail.record(s, SYSTEM, "people.moved", "people", covers=refs)
    assert told(database)[0].action == "people.moved"


def test_a_new_row_and_a_deleted_row_need_events_too(database: Database, world: World) -> None:
    with pytest.raises(UnrecordedChange, match="entity:"), database.writing() as s:
        s.add(Entity(name="无痕", short_name="无痕", created_at=clock.now()))
    with pytest.raises(UnrecordedChange, match=f"person:{world.people['林合规']}"), database.writing() as s:
        person = s.get_one(Person, world.people["林合规"])
        person.roles.clear()


def test_a_change_flushed_early_is_remembered_until_the_commit(database: Database, world: World) -> None:
    with pytest.raises(UnrecordedChange), database.writing() as s:
        s.get_one(Person, world.people["王责任"]).name = "别人"
        s.flush()
        s.expunge_all()


def test_touching_without_changing_needs_no_event(database: Database, world: World) -> None:
    before = size(database, trail.SYSTEM_CHAIN)
    with database.writing() as s:
        person = s.get_one(Person, world.people["王责任"])
        person.name = str(person.name)
    assert size(database, trail.SYSTEM_CHAIN) == before


def test_a_rollback_forgets_the_events_and_leaves_no_gap(database: Database, world: World) -> None:
    before = size(database, trail.SYSTEM_CHAIN)
    with pytest.raises(RuntimeError, match="later"), database.writing() as s:
        trail.record(s, SYSTEM, "nothing.happened", "nothing")
        raise RuntimeError("something else failed later")
    with database.writing() as s:
        trail.record(s, SYSTEM, "first.try", "nothing")
        s.rollback()
        trail.record(s, SYSTEM, "second.try", "nothing")
    assert size(database, trail.SYSTEM_CHAIN) == before + 1
    assert [event.action for event in told(database)[:1]] == ["second.try"]
    with database.reading() as s:
        assert queries.faults(s) == []


def test_nothing_of_an_event_is_written_when_it_has_no_canonical_form(database: Database) -> None:
    before = size(database, trail.SYSTEM_CHAIN)
    with pytest.raises(TypeError, match="float has no canonical form"), database.writing() as s:
        trail.record(s, SYSTEM, "bad.event", "nothing", after={"amount": 1.5})
    assert size(database, trail.SYSTEM_CHAIN) == before


def test_each_entity_has_a_chain_of_its_own(database: Database, world: World, making: Making) -> None:
    before = size(database, trail.entity_chain(world.others))
    making.person("新人", world.ours, [Role.OWNER])
    assert size(database, trail.entity_chain(world.others)) == before
    assert told(database, chains=(trail.entity_chain(world.ours),))[0].action == "person.roles_granted"


def test_events_of_one_act_in_several_chains_are_all_sealed(database: Database, world: World) -> None:
    with database.writing() as s:
        for entity in (world.others, world.ours, None):
            trail.record(s, SYSTEM, "day.began", "day", entity_id=entity)
    chains = (trail.SYSTEM_CHAIN, trail.entity_chain(world.ours), trail.entity_chain(world.others))
    assert [event.action for chain in chains for event in told(database, chains=(chain,))[:1]] == ["day.began"] * 3


def test_founding_twice_changes_nothing(database: Database) -> None:
    with database.reading() as s:
        first = trail.deployment_id(s)
    with database.writing() as s:
        trail.found(s)
    with database.reading() as s:
        assert trail.deployment_id(s) == first
        assert s.scalar(select(func.count()).select_from(AuditChain).where(AuditChain.kind == "system")) == 1


def test_events_are_filtered_by_what_who_when_and_of_which_thing(
    database: Database, making: Making, frozen_clock: time_machine.Traveller
) -> None:
    first = making.person("甲")
    frozen_clock.shift(timedelta(hours=1))
    second = making.person("乙", roles=[Role.OWNER])
    later = clock.stamp(clock.now())
    system = (trail.SYSTEM_CHAIN,)
    assert [e.object for e in told(database, since=later)] == [f"person:{second}"]
    assert f"person:{second}" not in {e.object for e in told(database, until=later)}
    assert [e.personal["after.name"] for e in told(database, object=f"person:{first}")] == ["甲"]
    assert len(told(database, objects=(f"person:{first}", f"person:{second}"))) == 2
    assert {e.action for e in told(database, action="person")} == {"person.added"}
    assert told(database, action="person.changed") == []
    assert {e.actor for e in told(database, actor=making.world.admin.actor.id)} == {making.world.admin.actor.id}
    chains = (*system, trail.entity_chain(making.world.ours))
    assert {e.chain for e in told(database, chains=chains)} == set(chains)


def test_a_family_of_events_is_no_mere_beginning_of_a_word(database: Database) -> None:
    with database.writing() as s:
        trail.record(s, SYSTEM, "personal.thing", "x")
    assert "personal.thing" not in {event.action for event in told(database, action="person")}


def test_pages_and_stream_hold_the_same_events(database: Database) -> None:
    wanted = TrailFilter((trail.SYSTEM_CHAIN,))
    with database.reading() as s:
        total = queries.event_count(s, wanted)
        pages = [event for start in range(0, total, 4) for event in queries.events(s, wanted, start, 4, oldest_first=True)]
        streamed = list(queries.event_stream(s, wanted, batch=3))
    assert len(pages) == total > 4
    assert streamed == pages


def test_the_operator_is_named_as_such(database: Database) -> None:
    event = told(database)[-1]
    assert (event.actor, event.via, event.personal["actor_name"]) == ("operator", "cli", "安装人员")


def test_a_change_of_an_entity_tells_only_what_changed(database: Database, making: Making) -> None:
    entity = making.entity("旧名")
    admin = making.world.admin
    with database.writing(admin.entities) as s:
        row = s.get_one(Entity, entity)
        facts = actions.EntityFacts("新名", row.short_name, ("securities_firm",))
        actions.change_entity(s, admin, entity, facts, row.version)
    event = told(database, chains=(trail.entity_chain(entity),))[0]
    assert (event.before, event.after) == ({"name": "旧名"}, {"name": "新名"})


@pytest.mark.parametrize("where", ["actor", "after", "personal"])
def test_what_no_workbook_can_hold_never_enters_the_trail(database: Database, where: str) -> None:
    bad = {"name": ["好", "坏\x01"]}
    actor = Actor("operator", "操\x02作员" if where == "actor" else "操作员", Via.CLI)
    with pytest.raises(BadInput, match="控制字符"), database.writing() as s:
        trail.record(s, actor, "thing.done", "thing:1", after=bad if where == "after" else {}, personal=bad if where == "personal" else {})
