"""The journal: every version of every audited row, in the transaction of its change, and nothing else."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import LargeBinary, select
from sqlalchemy.exc import DatabaseError

from tests.cast import World
from tests.editions.registers import Duty, identity, put, register, work_under
from tracker import clock
from tracker.audit import trail
from tracker.audit.models import AuditEvent
from tracker.db import EVERY_ENTITY, Audited, Base, Database
from tracker.journal import guards
from tracker.journal.models import RowVersion
from tracker.journal.recording import audited_tables, kept_columns
from tracker.journal.seeding import seed
from tracker.people import actions, passwords
from tracker.people.actions import PersonFacts
from tracker.people.models import Person
from tracker.words import Role


def versions(database: Database, table: str = "", after: int = 0) -> list[RowVersion]:
    """List the versions written after one, of a table or of all."""
    with database.reading() as s:
        wanted = select(RowVersion).where(RowVersion.id > after).order_by(RowVersion.id)
        return list(s.scalars(wanted.where(RowVersion.table_name == table) if table else wanted))


def newest(database: Database) -> int:
    """Return the id of the last version."""
    return versions(database)[-1].id


def facts(row: Person, **changes: str) -> PersonFacts:
    """Return a person's facts with changes."""
    return PersonFacts(**{"login": row.login, "name": row.name, "department": row.department, "post": row.post, "email": row.email, **changes})  # type: ignore[arg-type]


def test_a_change_leaves_one_version_with_the_stamp_of_its_event(each: Database) -> None:
    world, last = World.read(each), newest(each)
    with each.writing() as s:
        row = s.get_one(Person, world.people["王责任"])
        actions.change_person(s, world.admin, row.id, facts(row, name="王改名"), row.version)
    (version,) = versions(each, after=last)
    content = json.loads(version.content or "")
    assert (version.table_name, version.row_key) == ("person", f"[{world.people['王责任']}]")
    assert (content["name"], content["active"], content["version"]) == ("王改名", 1, 2)
    with each.reading() as s:
        assert s.scalars(select(AuditEvent.at).order_by(AuditEvent.at.desc())).first() == version.at


def test_every_row_of_an_audited_table_stands_in_the_journal_as_seeding_would_write_it(each: Database) -> None:
    put(each, register([Duty(1), Duty(2)]))
    work_under(each, World.read(each), [1, 2], [1])
    held = {(v.table_name, v.row_key): v.content for v in versions(each)}
    last = newest(each)
    left_out = [(table.name, column.name) for table in audited_tables() for column in table.columns if column not in kept_columns(table)]
    with each.engine.execution_options(tracker_writes=True).begin() as connection:
        seed(connection, [table.name for table in audited_tables()], left_out)
    seeded = {(v.table_name, v.row_key): v.content for v in versions(each, after=last)}
    assert {"task", "submission", "obligation", "obligation_subject", "role_grant", "edition"} <= {table for table, _key in seeded}
    assert {key: content for key, content in held.items() if content is not None} == seeded


def test_what_is_rolled_back_leaves_nothing(each: Database) -> None:
    world, last = World.read(each), newest(each)
    with pytest.raises(RuntimeError), each.writing() as s:
        row = s.get_one(Person, world.people["王责任"])
        actions.change_person(s, world.admin, row.id, facts(row, name="王改名"), row.version)
        s.flush()
        raise RuntimeError
    assert versions(each, after=last) == []


def test_saving_what_was_there_already_leaves_nothing(each: Database) -> None:
    world, last = World.read(each), newest(each)
    with each.writing() as s:
        row = s.get_one(Person, world.people["王责任"])
        actions.change_person(s, world.admin, row.id, facts(row), row.version)
    assert versions(each, after=last) == []


def test_a_role_that_is_taken_away_is_gone_in_the_journal(each: Database) -> None:
    world, last = World.read(each), newest(each)
    with each.writing(EVERY_ENTITY) as s:
        actions.grant_roles(s, world.admin, world.people["钱审计"], world.ours, [Role.OWNER])
    assert {(v.row_key, v.content is None) for v in versions(each, "role_grant", last)} == {
        (json.dumps([world.people["钱审计"], world.ours, role], separators=(",", ":")), role == "auditor") for role in ("auditor", "owner")
    }


def test_a_renamed_obligation_takes_its_rows_along(each: Database) -> None:
    put(each, register([Duty(1), Duty(2)]))
    work_under(each, World.read(each), [1, 2], [1])
    last = newest(each)
    put(each, register([Duty(7, 0, (1,), like=1), Duty(2)], edition="2026.12"))
    found: dict[str, dict[str, bool]] = {}
    for version in versions(each, after=last):
        found.setdefault(version.table_name, {})[version.row_key] = version.content is None
    assert found["obligation"] == {f'["{identity(1)}"]': True, f'["{identity(7)}"]': False}
    assert {gone for key, gone in found["obligation_subject"].items() if identity(1) in key} == {True}
    assert {gone for key, gone in found["obligation_subject"].items() if identity(7) in key} == {False}
    assert {gone for key, gone in found["obligation_text"].items() if identity(1) in key} == {True}
    told = [json.loads(v.content or "") for v in versions(each, after=last) if v.table_name in {"task", "assignment", "scope_decision"}]
    assert len(told) >= 4 and {row["obligation_id"] for row in told} == {identity(7)}
    assert identity(2) not in "".join(key for rows in found.values() for key in rows)


def test_neither_passwords_nor_files_stand_in_the_journal(each: Database) -> None:
    world = World.read(each)
    with each.writing() as s:
        row = s.get_one(Person, world.people["王责任"])
        row.password_hash = passwords.hashed("correct horse battery staple")
        trail.record(s, world.admin.actor, "person.changed", row.audit_ref)
    put(each, register([Duty(1)]))
    told = [json.loads(v.content or "{}") for v in versions(each)]
    assert not any({"password_hash", "source", "original", "text"} & set(row) for row in told)
    assert "argon2" not in json.dumps(told)


def test_every_column_of_bytes_is_kept_out_of_the_journal() -> None:
    audited = {mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, Audited)}
    assert set(audited_tables()) == audited
    columns = [column for table in audited_tables() for column in table.columns if isinstance(column.type, LargeBinary)]
    assert len(columns) >= 2
    assert [str(column) for column in columns if column.info.get("journal") != "beside"] == []


def test_references_that_follow_a_rename_end_with_the_row_that_holds_them() -> None:
    following = {key.parent for table in audited_tables() for key in table.foreign_keys if key.onupdate == "CASCADE"}
    assert following
    assert [str(key.parent) for table in audited_tables() for key in table.foreign_keys if key.column in following] == []


@pytest.mark.parametrize("statement", ["UPDATE row_version SET at = 'x'", "DELETE FROM row_version", "UPDATE row_version SET content = NULL WHERE id = 1"])
def test_the_journal_can_only_grow(each: Database, statement: str) -> None:
    before = [(v.id, v.at, v.content) for v in versions(each)]
    with pytest.raises(DatabaseError, match="append-only"), each.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert [(v.id, v.at, v.content) for v in versions(each)] == before


def test_a_replacing_insert_is_refused_too(database: Database) -> None:
    with pytest.raises(DatabaseError, match="append-only"), database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT OR REPLACE INTO row_version SELECT id, 'x', table_name, row_key, content FROM row_version LIMIT 1")


def test_dropping_the_triggers_undoes_creating_them(each: Database) -> None:
    with each.engine.begin() as connection:
        for statement in (*guards.dropping(connection.dialect.name), *guards.creating(connection.dialect.name), *guards.dropping(connection.dialect.name)):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        connection.exec_driver_sql("DELETE FROM row_version")


def test_a_clock_that_is_set_back_gives_no_earlier_stamp(database: Database) -> None:
    world = World.read(database)
    moments = [datetime(2027, 1, 5, 8, tzinfo=UTC), datetime(2027, 1, 5, 7, tzinfo=UTC), datetime(2027, 1, 5, 9, tzinfo=UTC)]
    for number, moment in enumerate(moments):
        with time_machine.travel(moment, tick=False), database.writing() as s:
            row = s.get_one(Person, world.people["王责任"])
            actions.change_person(s, world.admin, row.id, facts(row, name=f"王{number}"), row.version)
    stamps = [v.at for v in versions(database, "person")][-3:]
    assert stamps == [clock.stamp(moments[0]), clock.stamp(moments[0]), clock.stamp(moments[2])]
    with database.reading() as s:
        assert s.scalars(select(AuditEvent.at).where(AuditEvent.chain_id == "system").order_by(AuditEvent.seq)).all()[-3:] == stamps


def test_ids_and_stamps_rise_together_whoever_writes_at_once(each: Database) -> None:
    world, url, last = World.read(each), each.engine.url.render_as_string(hide_password=False), newest(each)

    def write(name: str) -> None:
        own = Database(url)
        for number in range(12):
            with own.writing() as s:
                row = s.get_one(Person, world.people[name])
                actions.change_person(s, world.admin, row.id, facts(row, department=f"部门{number}"), row.version)
        own.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, ("王责任", "赵复核", "钱审计"), timeout=60))
    stamps = [v.at for v in versions(each, after=last)]
    assert len(stamps) == 36 and stamps == sorted(stamps)
