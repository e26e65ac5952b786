"""Tampering: an operator who drops the triggers and edits any column of any row of the trail is found out."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.cast import World
from tests.making import Making
from tracker.audit import chain, guards, queries, trail
from tracker.audit.chain import Fault
from tracker.audit.models import AuditEvent
from tracker.db import Database
from tracker.words import Role


@pytest.fixture
def open_database(database: Database, making: Making) -> Database:
    """Give a database with several events per chain and its triggers gone."""
    for name in ("甲", "乙", "丙"):
        making.person(name, roles=[Role.OWNER])
    with database.engine.begin() as connection:
        for statement in guards.dropping("sqlite"):
            connection.exec_driver_sql(statement)
    return database


def tamper(database: Database, *statements: str) -> list[Fault]:
    """Run statements past the application, foreign keys off, and check the trail."""
    raw = database.engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    for statement in statements:
        cursor.execute(statement)
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
    raw.close()
    with database.reading() as s:
        return queries.faults(s)


def test_an_untouched_trail_is_sound(open_database: Database) -> None:
    assert tamper(open_database) == []


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("record", "replace(record, 'person', 'parson')", "body"),
        ("record", "record || ' '", "form"),
        ("record", "substr(record, 5)", "form"),
        ("body", "'0'", "body"),
        ("prev", "'0'", "prev"),
        ("entry", "'0'", "entry"),
        ("seq", "99", "gap"),
        ("at", "'2020-01-01T00:00:00.000000Z'", "column"),
        ("actor", "'u_999'", "column"),
        ("action", "'person.removed'", "column"),
        ("object", "'person:999'", "column"),
    ],
)
def test_every_column_of_an_event_is_covered(open_database: Database, column: str, value: str, what: str) -> None:
    found = tamper(open_database, f"UPDATE audit_event SET {column} = {value} WHERE chain_id = 'system' AND seq = 2")
    assert [(fault.chain, fault.what) for fault in found] == [("system", what)]


def test_an_event_moved_to_another_chain_leaves_two_faults(open_database: Database, world: World) -> None:
    ours = trail.entity_chain(world.ours)
    found = tamper(open_database, f"UPDATE audit_event SET chain_id = '{ours}', seq = 999 WHERE chain_id = 'system' AND seq = 2")
    assert [fault.chain for fault in found] == [ours, "system"]


@pytest.mark.parametrize(
    ("change", "what"),
    [("value = '\"别人\"'", "disclosure"), ("value = 'not json'", "disclosure"), ("salt = 'AAAA'", "disclosure"), ("salt = '!'", "disclosure"),
     ("field = 'somebody'", "disclosure"), ("seq = 999", "disclosure")],
)
def test_every_column_of_a_disclosure_is_covered(open_database: Database, change: str, what: str) -> None:
    found = tamper(open_database, f"UPDATE audit_disclosure SET {change} WHERE chain_id = 'system' AND seq = 2 AND field = 'after.name'")
    assert [(fault.chain, fault.what) for fault in found] == [("system", what)]


def test_a_removed_disclosure_is_missed(open_database: Database) -> None:
    found = tamper(open_database, "DELETE FROM audit_disclosure WHERE chain_id = 'system' AND seq = 2 AND field = 'after.name'")
    assert found == [Fault("system", 2, "disclosure")]


def test_an_added_disclosure_is_found(open_database: Database) -> None:
    found = tamper(open_database, "INSERT INTO audit_disclosure VALUES ('system', 2, 'after.rumour', 'AAAA', '\"x\"')")
    assert found == [Fault("system", 2, "disclosure")]


def test_a_disclosure_of_an_event_that_is_not_there_is_found(open_database: Database) -> None:
    assert tamper(open_database, "INSERT INTO audit_disclosure VALUES ('system', 999, 'rumour', 'AAAA', '\"x\"')") == [Fault("system", 999, "disclosure")]


def test_a_removed_event_leaves_a_gap(open_database: Database) -> None:
    gone = [f"DELETE FROM audit_{table} WHERE chain_id = 'system' AND seq = 2" for table in ("disclosure", "event")]
    assert tamper(open_database, *gone) == [Fault("system", 3, "gap")]


def test_a_cut_tail_is_missed(open_database: Database) -> None:
    last = "(SELECT max(seq) FROM audit_event WHERE chain_id = 'system')"
    found = tamper(open_database, f"DELETE FROM audit_event WHERE chain_id = 'system' AND seq = {last}")
    assert [fault.what for fault in found] == ["size"]


def test_a_cut_tail_with_the_size_put_right_does_not_end_in_the_head(open_database: Database) -> None:
    last = "(SELECT max(seq) FROM audit_event WHERE chain_id = 'system')"
    found = tamper(
        open_database,
        f"DELETE FROM audit_event WHERE chain_id = 'system' AND seq = {last}",
        "UPDATE audit_chain SET size = size - 1 WHERE chain_id = 'system'",
    )
    assert [fault.what for fault in found] == ["head"]


def test_two_events_that_changed_places_are_found(open_database: Database) -> None:
    found = tamper(
        open_database,
        "UPDATE audit_event SET seq = 1002 WHERE chain_id = 'system' AND seq = 2",
        "UPDATE audit_event SET seq = 2 WHERE chain_id = 'system' AND seq = 3",
        "UPDATE audit_event SET seq = 3 WHERE chain_id = 'system' AND seq = 1002",
    )
    assert found == [Fault("system", 2, "place")]


@pytest.mark.parametrize(
    ("change", "what"),
    [("head = '0'", "head"), ("size = size + 1", "size"), ("created_at = '2020-01-01T00:00:00.000000Z'", "prev")],
)
def test_the_row_of_a_chain_is_covered(open_database: Database, change: str, what: str) -> None:
    found = tamper(open_database, f"UPDATE audit_chain SET {change} WHERE chain_id = 'system'")
    assert [(fault.chain, fault.what) for fault in found] == [("system", what)]


def test_a_chain_carried_over_to_another_installation_does_not_verify(open_database: Database) -> None:
    found = tamper(open_database, "UPDATE deployment SET id = 'elsewhere'")
    assert {fault.what for fault in found} == {"prev"}
    assert len(found) == 3


def test_a_chain_whose_row_was_removed_is_found_by_its_events(open_database: Database) -> None:
    assert tamper(open_database, "DELETE FROM audit_chain WHERE chain_id = 'system'") == [Fault("system", 0, "chain")]


def test_each_broken_chain_is_named(open_database: Database, world: World) -> None:
    found = tamper(open_database, "UPDATE audit_event SET body = '0' WHERE seq = 0")
    assert {fault.chain for fault in found} == {"system", trail.entity_chain(world.ours), trail.entity_chain(world.others)}


@pytest.mark.parametrize("value", ["1.5", "NaN", "[" * 100_000, "nothing", "null"])
def test_whatever_is_put_into_a_disclosure_is_named_where_it_stands(open_database: Database, value: str) -> None:
    found = tamper(open_database, f"UPDATE audit_disclosure SET value = '{value}' WHERE chain_id = 'system' AND seq = 1")
    assert found == [Fault("system", 1, "disclosure")]


def test_a_record_nested_without_end_is_named_where_it_stands(open_database: Database) -> None:
    found = tamper(open_database, f"UPDATE audit_event SET record = '{'[' * 100_000}' WHERE chain_id = 'system' AND seq = 1")
    assert found == [Fault("system", 1, "form")]


@pytest.mark.parametrize(("name", "what"), [("at", "column"), ("pd", "disclosure")])
def test_a_record_that_lacks_a_field_is_named_even_when_every_hash_was_made_anew(open_database: Database, name: str, what: str) -> None:
    with open_database.reading() as s:
        (head,) = queries.chain_heads(s, ["system"])
        prev = chain.genesis(trail.deployment_id(s), "system", head.created_at)
        records = list(s.scalars(select(AuditEvent.record).where(AuditEvent.chain_id == "system").order_by(AuditEvent.seq)))
    statements = []
    for seq, record in enumerate(records):
        content = json.loads(record)
        text = chain.canonical({key: value for key, value in content.items() if seq != 1 or key != name})
        body = chain.body_hash(text)
        entry = chain.entry_hash("system", seq, prev, body)
        row = f"record = '{text}', body = '{body}', prev = '{prev}', entry = '{entry}'"
        statements.append(f"UPDATE audit_event SET {row} WHERE chain_id = 'system' AND seq = {seq}")
        prev = entry
    found = tamper(open_database, *statements, f"UPDATE audit_chain SET head = '{prev}' WHERE chain_id = 'system'")
    assert found == [Fault("system", 1, what)]


@pytest.mark.parametrize("gone", ["system", "ent_1"])
def test_a_chain_removed_altogether_is_missed_by_who_expects_it(open_database: Database, gone: str) -> None:
    tables = ("audit_disclosure", "audit_event", "audit_chain")
    tamper(open_database, *(f"DELETE FROM {table} WHERE chain_id = '{gone}'" for table in tables))
    with open_database.reading() as s:
        assert queries.faults(s, expected=["system", "ent_1"]) == [Fault(gone, 0, "chain")]
