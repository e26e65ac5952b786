"""The triggers: whoever goes past the application with SQL cannot change what is written, not even by REPLACE."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError

from tracker.audit import guards
from tracker.db import Database

REFUSED = [
    "UPDATE audit_event SET action = 'x'",
    "UPDATE audit_event SET record = record",
    "DELETE FROM audit_event",
    "DELETE FROM audit_event WHERE seq = 0",
    "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event LIMIT 1",
    "UPDATE audit_disclosure SET value = 'x'",
    "DELETE FROM audit_disclosure",
    "INSERT OR REPLACE INTO audit_disclosure SELECT * FROM audit_disclosure LIMIT 1",
    "UPDATE audit_checkpoint SET note = 'x'",
    "DELETE FROM audit_checkpoint",
    "INSERT OR REPLACE INTO audit_checkpoint SELECT * FROM audit_checkpoint LIMIT 1",
    "UPDATE signing_key SET at = 'x'",
    "DELETE FROM signing_key",
    "INSERT OR REPLACE INTO signing_key SELECT * FROM signing_key LIMIT 1",
    "UPDATE audit_registry SET note = 'x'",
    "DELETE FROM audit_registry",
    "INSERT OR REPLACE INTO audit_registry SELECT * FROM audit_registry LIMIT 1",
    "UPDATE audit_sheets SET note = 'x'",
    "DELETE FROM audit_sheets",
    "INSERT OR REPLACE INTO audit_sheets SELECT * FROM audit_sheets LIMIT 1",
    "DELETE FROM audit_chain",
    "INSERT OR REPLACE INTO audit_chain SELECT * FROM audit_chain LIMIT 1",
    "UPDATE audit_chain SET head = 'x'",
    "UPDATE audit_chain SET size = size - 1",
    "UPDATE audit_chain SET size = size + 1, chain_id = 'x'",
    "UPDATE audit_chain SET size = size + 1, created_at = 'x'",
    "UPDATE audit_chain SET size = size + 1, alg = 'x'",
    "UPDATE audit_chain SET size = size + 1, kind = 'x'",
]
CHECKPOINT = "INSERT INTO audit_checkpoint SELECT chain_id, size, head, '' FROM audit_chain WHERE size > 0"
KEY = "INSERT INTO signing_key VALUES (1, 'p', 'f', 'a', 'first', '', '')"
REGISTRY = "INSERT INTO audit_registry VALUES (1, 'l', 'n')"
SHEETS = "INSERT INTO audit_sheets VALUES (1, 'd', 'n')"


@pytest.mark.parametrize("statement", REFUSED)
def test_what_is_written_stays_as_it_is(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        for put in (CHECKPOINT, KEY, REGISTRY, SHEETS):
            connection.exec_driver_sql(put)
    tables = ("audit_event", "audit_disclosure", "audit_checkpoint", "audit_chain", "signing_key", "audit_registry", "audit_sheets")

    def content() -> list[object]:
        with database.engine.connect() as connection:
            return [connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]

    before = content()
    assert all(before)
    with pytest.raises(IntegrityError, match="append-only|only grows|UNIQUE|FOREIGN KEY"), database.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert content() == before


def test_a_replacing_insert_would_get_through_if_triggers_were_not_recursive(database: Database) -> None:
    path = str(database.engine.url.database)
    replace = "INSERT OR REPLACE INTO audit_event SELECT chain_id, seq, 'forged', body, prev, entry, at, actor, action, object FROM audit_event LIMIT 1"
    careless = sqlite3.connect(path, isolation_level=None)
    careless.execute("BEGIN")
    careless.execute(replace)
    assert careless.execute("SELECT count(*) FROM audit_event WHERE record = 'forged'").fetchone() == (1,)
    careless.execute("ROLLBACK")
    careless.close()
    with pytest.raises(IntegrityError, match="append-only"), database.engine.begin() as connection:
        connection.exec_driver_sql(replace)


def test_the_chain_row_may_grow(database: Database) -> None:
    with database.engine.begin() as connection:
        changed = connection.exec_driver_sql("UPDATE audit_chain SET size = size + 1, head = 'x' WHERE chain_id = 'system'")
        assert changed.rowcount == 1


def test_dropping_undoes_creating(database: Database) -> None:
    listed = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND (name LIKE 'audit_%' OR name LIKE 'signing_%')"
    with database.engine.begin() as connection:
        assert len(connection.exec_driver_sql(listed).fetchall()) == len(guards.creating("sqlite"))
        for statement in guards.dropping("sqlite"):
            connection.exec_driver_sql(statement)
        assert connection.exec_driver_sql(listed).fetchall() == []
