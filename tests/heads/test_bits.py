"""One bit changed in any column of what is signed, with another tool than the application: always found."""

from __future__ import annotations

import random
import sqlite3

import pytest

from tests.heads.conftest import Desk
from tracker.audit import guards
from tracker.audit.heads.signing import Sealed

TABLES = ("signing_key", "audit_registry", "audit_sheets", "audit_checkpoint", "audit_chain", "deployment", "audit_disclosure", "audit_event")
ROUNDS = 2


def _flipped(value: object, die: random.Random) -> object:
    if isinstance(value, int):
        return value ^ 1 << die.randrange(8)
    data = bytearray(str(value).encode())
    place = die.randrange(len(data))
    data[place] ^= 1 << die.randrange(8)
    return bytes(data)


def _columns(intruder: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in intruder.execute(f"PRAGMA table_info({table})")]


@pytest.mark.parametrize("table", TABLES)
def test_every_bit_of_every_column_counts(desk: Desk, table: str) -> None:
    desk.signer.sign_all()
    desk.key("rotate_key")
    desk.happens()
    desk.signer.sign_all()
    for number in range(2):
        assert desk.signer.sealed_sheets(Sealed(), (), [str(number) * 64]).sheets
    assert desk.faults() == []
    path, die, missed = str(desk.database.engine.url.database), random.Random(table), []
    desk.database.close()
    intruder = sqlite3.connect(path, isolation_level=None)
    intruder.execute("PRAGMA foreign_keys=OFF")
    for statement in guards.dropping("sqlite"):
        intruder.execute(statement)
    for column in _columns(intruder, table):
        filled = [row[0] for row in intruder.execute(f"SELECT rowid FROM {table} WHERE {column} <> ''")]
        for _ in range(ROUNDS):
            row = die.choice(filled)
            (value,) = intruder.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()
            changed = _flipped(value, die)
            as_text = "CAST(? AS TEXT)" if isinstance(changed, bytes) else "?"
            try:
                intruder.execute(f"UPDATE {table} SET {column} = {as_text} WHERE rowid = ?", (changed, row))
            except sqlite3.IntegrityError:
                continue
            if not desk.faults():
                missed.append((column, value, changed))
            desk.database.close()
            # An integer that is the key is the number of the row, too.
            moved = changed if isinstance(changed, int) and column == "number" else row
            intruder.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, moved))
    assert missed == []
    assert desk.faults() == []
    intruder.close()


@pytest.mark.parametrize(("statement", "chain", "what"), [
    ("UPDATE audit_chain SET kind = 'access' WHERE chain_id = 'ent_1'", "ent_1", "kind"),
    ("UPDATE audit_chain SET alg = 'CA2' WHERE chain_id = 'ent_1'", "ent_1", "kind"),
    ("DELETE FROM audit_registry WHERE number = 1", "audit_registry", "registry"),
    ("DELETE FROM signing_key", "signing_key", "key"),
    ("INSERT INTO signing_key SELECT number + 1, public, 'x', at, 'lost', '', '' FROM signing_key", "signing_key", "key"),
    ("UPDATE audit_checkpoint SET note = '' WHERE chain_id = 'ent_1'", "ent_1", "checkpoint"),
    ("UPDATE audit_sheets SET digest = 'x' WHERE number = 2", "audit_sheets", "sheets"),
    ("DELETE FROM audit_sheets WHERE number = 1", "audit_sheets", "sheets"),
    ("UPDATE deployment SET created_at = '2020-01-01T00:00:00.000000Z'", "audit_registry", "registry"),
])
def test_what_is_wrong_is_named(desk: Desk, statement: str, chain: str, what: str) -> None:
    for number in range(2):
        desk.signer.sign_all()
        desk.signer.sealed_sheets(Sealed(), (), [str(number) * 64])
    desk.sql(statement)
    assert (chain, what) in {(fault.chain, fault.what) for fault in desk.faults()}


@pytest.mark.parametrize("broken", ["{", "[]", '{"after":1}'])
def test_a_record_of_a_key_that_cannot_be_read_is_a_fault_and_no_traceback(desk: Desk, broken: str) -> None:
    desk.sql(f"UPDATE audit_event SET record = '{broken}' WHERE action = 'key.created'")
    assert {fault.chain for fault in desk.faults()} == {"system", "signing_key"}
