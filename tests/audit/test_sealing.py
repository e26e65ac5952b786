"""Sealing and redaction: a value is not given out any more, the chain still verifies, and nothing else can be taken out of the trail."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.audit.test_tampering import tamper
from tests.cast import World
from tracker import asof, clock
from tracker.audit import guards, queries, trail
from tracker.audit.chain import Fault
from tracker.audit.models import AuditDisclosure
from tracker.audit.queries import Told, TrailFilter
from tracker.audit.sealing import marking
from tracker.audit.sealing.models import AuditSeal
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import RuleBroken
from tracker.people import actions
from tracker.people.actions import PersonFacts

SYSTEM = trail.SYSTEM_CHAIN
MARK = {"sealed": "（已封存）", "redacted": "（已依法删除）"}


@pytest.fixture
def added(database: Database, world: World) -> int:
    """Add one person and return the place of that event."""
    with database.writing() as s:
        actions.add_person(s, world.admin, PersonFacts("zhou", "周某人", email="zhou@example.com"))
    return told(database)[-1].seq


def told(database: Database) -> list[Told]:
    """List the events of the system chain, oldest first."""
    with database.reading() as s:
        return queries.events(s, TrailFilter((SYSTEM,)), oldest_first=True)


def mark(database: Database, world: World, verb: str, seq: int, *fields: str) -> int:
    """Seal, unseal or redact fields of one event of the system chain."""
    with database.writing() as s:
        if verb == "redact":
            return marking.redact(s, world.admin.actor, SYSTEM, {seq: fields})
        return getattr(marking, verb)(s, world.admin.actor, SYSTEM, {seq: fields}, "本人请求")  # type: ignore[no-any-return]


def faults(database: Database) -> list[Fault]:
    """Check every chain."""
    with database.reading() as s:
        return queries.faults(s)


def test_a_sealed_value_is_a_mark_without_its_salt_until_it_is_unsealed(database: Database, world: World, added: int) -> None:
    before = told(database)[added]
    assert mark(database, world, "seal", added, "after.name", "actor_name") == 2
    sealed = told(database)[added]
    assert (sealed.personal["after.name"], sealed.personal["actor_name"], sealed.personal["after.email"]) == (MARK["sealed"], MARK["sealed"], "zhou@example.com")
    assert "after.name" not in sealed.salts and "after.email" in sealed.salts
    assert mark(database, world, "seal", added, "after.name") == 0
    assert faults(database) == []
    assert mark(database, world, "unseal", added, "after.name", "actor_name") == 2
    assert told(database)[added] == before and faults(database) == []
    covering = told(database)[-2:]
    assert [(one.action, one.object, one.after) for one in covering] == [
        (f"disclosure.{verb}", f"event:{added}", {"seq": added, "fields": ["actor_name", "after.name"]}) for verb in ("sealed", "unsealed")
    ]
    assert covering[0].personal["reason"] == "本人请求"


def test_a_redacted_value_is_gone_for_good_and_the_chain_still_verifies(database: Database, world: World, added: int) -> None:
    mark(database, world, "seal", added, "after.email")
    assert mark(database, world, "redact", added, "after.name", "after.email") == 2
    event = told(database)[added]
    assert (event.personal["after.name"], event.personal["after.email"], event.personal["after.login"]) == (MARK["redacted"], MARK["redacted"], "zhou")
    with database.reading() as s:
        left = set(s.scalars(select(AuditDisclosure.field).where(AuditDisclosure.chain_id == SYSTEM, AuditDisclosure.seq == added)))
    assert left == set(json.loads(event.record)["pd"]) - {"after.name", "after.email"}
    assert faults(database) == []
    for verb in ("seal", "unseal"):
        with pytest.raises(RuleBroken, match="已依法删除"):
            mark(database, world, verb, added, "after.name")
    assert mark(database, world, "redact", added, "after.name") == 0
    with pytest.raises(RuleBroken, match="没有“说明”这一栏"):
        mark(database, world, "seal", added, "after.note")


INSERTED = "INSERT INTO audit_disclosure VALUES ('system', {seq}, '{field}', 'c2FsdA==', '\"x\"')"
REFUSED = (
    "DELETE FROM audit_disclosure WHERE chain_id = 'system' AND seq = {seq} AND field = 'after.login'",
    "DELETE FROM audit_disclosure WHERE chain_id = 'system' AND seq = {seq} AND field = 'after.email'",
    "INSERT OR REPLACE INTO audit_disclosure SELECT * FROM audit_disclosure WHERE chain_id = 'system' AND seq = {seq}",
    INSERTED.format(seq="{seq}", field="after.name"), INSERTED.format(seq="{seq}", field="after.name").replace("INSERT", "INSERT OR REPLACE"),
    "UPDATE audit_seal SET state = 'sealed' WHERE state = 'redacted'", "DELETE FROM audit_seal WHERE state = 'redacted'",
    "INSERT OR REPLACE INTO audit_seal SELECT chain_id, seq, field, 'sealed', at FROM audit_seal WHERE state = 'redacted'",
    "UPDATE audit_seal SET at = 'x'", "UPDATE audit_seal SET field = 'after.login' WHERE state = 'sealed'", "UPDATE audit_disclosure SET value = '1'",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_nothing_leaves_the_trail_but_what_its_seal_says_is_redacted(database: Database, world: World, added: int, statement: str) -> None:
    mark(database, world, "redact", added, "after.name")
    mark(database, world, "seal", added, "after.email")
    with pytest.raises(IntegrityError, match="append-only"), database.engine.begin() as connection:
        connection.exec_driver_sql(statement.format(seq=added))
    assert faults(database) == []


FORGED = {
    "a seal of nobody": "INSERT INTO audit_seal SELECT chain_id, seq, field, 'sealed', '2026-11-22T00:00:00.000000Z' FROM audit_disclosure WHERE field = 'after.pinyin' LIMIT 1",
    "a redaction of nobody": "INSERT INTO audit_seal SELECT chain_id, seq, field, 'redacted', '2026-11-22T00:00:00.000000Z' FROM audit_disclosure WHERE field = 'after.pinyin' LIMIT 1",
    "a seal lost": "DELETE FROM audit_seal WHERE state = 'sealed'",
    "a redaction lost": "DELETE FROM audit_seal WHERE state = 'redacted'",
    "sealed becomes redacted": "UPDATE audit_seal SET state = 'redacted'",
    "redacted becomes sealed": "UPDATE audit_seal SET state = 'sealed'",
    "another moment": "UPDATE audit_seal SET at = replace(at, '2026', '2027')",
    "another field": "UPDATE audit_seal SET field = 'after.post' WHERE state = 'sealed'",
    "another event": "UPDATE audit_seal SET seq = seq - 1 WHERE state = 'sealed'",
    "another chain": "UPDATE audit_seal SET chain_id = 'ent_1', seq = 0 WHERE state = 'sealed'",
}


def test_a_seal_moved_to_a_chain_that_is_not_there_is_found(database: Database, world: World, added: int) -> None:
    mark(database, world, "seal", added, "after.email")
    with database.engine.begin() as connection:
        for trigger in guards.dropping("sqlite"):
            connection.exec_driver_sql(trigger)
    assert {fault.chain for fault in tamper(database, "UPDATE audit_seal SET chain_id = 'ent_99'")} == {SYSTEM, "ent_99"}


@pytest.mark.parametrize("statement", FORGED.values(), ids=FORGED)
def test_a_forged_or_changed_seal_is_found(database: Database, world: World, added: int, statement: str) -> None:
    mark(database, world, "redact", added, "after.name")
    mark(database, world, "seal", added, "after.email")
    with database.engine.begin() as connection:
        for trigger in guards.dropping("sqlite"):
            connection.exec_driver_sql(trigger)
    assert [fault.what for fault in tamper(database, statement)][-1:] == ["seal"]


def test_a_value_taken_out_without_an_event_is_found_whatever_its_seal_says(database: Database, added: int) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO audit_seal VALUES ('system', {added}, 'after.name', 'redacted', 'x')")
        connection.exec_driver_sql(f"DELETE FROM audit_disclosure WHERE chain_id = 'system' AND seq = {added} AND field = 'after.name'")
    assert [(fault.seq, fault.what) for fault in faults(database)] == [(added, "seal")]


def test_what_is_sealed_now_is_hidden_in_the_past_too_and_the_past_brings_the_events_that_say_so(
    database: Database, world: World, added: int
) -> None:
    then = clock.now()
    mark(database, world, "seal", added, "after.email")
    with asof.looking(database, EVERY_ENTITY, then) as s:
        assert queries.faults(s) == []
        events = queries.events(s, TrailFilter((SYSTEM,)), oldest_first=True)
        assert events[added].personal["after.email"] == MARK["sealed"] and events[-1].action == "disclosure.sealed"
        assert s.scalars(select(AuditSeal.field)).all() == ["after.email"]
    mark(database, world, "redact", added, "after.name")
    mark(database, world, "unseal", added, "after.email")
    with asof.looking(database, EVERY_ENTITY, then) as s:
        events = queries.events(s, TrailFilter((SYSTEM,)), oldest_first=True)
        assert (events[added].personal["after.name"], events[added].personal["after.email"]) == (MARK["redacted"], "zhou@example.com")
        assert queries.faults(s) == []
