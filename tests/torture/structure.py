"""Attacks on the order of things, made with sqlite3 alone, and sound states in which nothing may be alleged."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import time_machine
from sqlalchemy import select

from tests.cast import World
from tests.reports.parcel import changed_book, unchanged
from tests.torture import sound
from tests.torture.flipping import Tally
from tests.torture.ground import LATER, Ground, found, opened_up, prepare, said_of
from tracker import asof
from tracker.assignments.queries import TaskFilter
from tracker.audit.heads.actions import rotate_key
from tracker.audit.heads.checking import file_fault
from tracker.audit.heads.notes import read_file
from tracker.audit.models import AuditChain
from tracker.audit.queries import TrailFilter, events, faults
from tracker.audit.sealing import marking
from tracker.audit.trail import entity_chain
from tracker.db import Database
from tracker.people.models import Entity
from tracker.reports.actions import export_store, write
from tracker.verify import Check, Workbook, canonical, compare

OURS = "ent_1"
Attack = Callable[[sqlite3.Connection], object]
Heads = dict[str, tuple[int, str]]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _size(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT size FROM audit_chain WHERE chain_id = ?", (OURS,)).fetchone()[0])


def _rechain(db: sqlite3.Connection) -> None:
    """Number and link what is left anew, as somebody would who knows the formats but has no key."""
    (deployment,), (created,) = db.execute("SELECT id FROM deployment").fetchone(), db.execute("SELECT created_at FROM audit_chain WHERE chain_id = ?", (OURS,)).fetchone()
    prev, size = _digest(f"CA1 genesis\n{deployment}\n{OURS}\n{created}\n"), 0
    for rowid, seq, text in db.execute("SELECT rowid, seq, record FROM audit_event WHERE chain_id = ? ORDER BY seq", (OURS,)).fetchall():
        record = canonical(json.loads(text) | {"seq": size})
        body = _digest("CA1 body\n" + record)
        entry = _digest(f"CA1 entry\n{OURS}\n{size}\n{prev}\n{body}\n")
        db.execute("UPDATE audit_disclosure SET seq = ? WHERE chain_id = ? AND seq = ?", (size, OURS, seq))
        db.execute("UPDATE audit_event SET seq = ?, record = ?, body = ?, prev = ?, entry = ? WHERE rowid = ?", (size, record, body, prev, entry, rowid))
        prev, size = entry, size + 1
    db.execute("UPDATE audit_chain SET size = ?, head = ? WHERE chain_id = ?", (size, prev, OURS))


def _cut(db: sqlite3.Connection, *seqs: int) -> None:
    for table in ("audit_disclosure", "audit_event"):
        db.executemany(f"DELETE FROM {table} WHERE chain_id = '{OURS}' AND seq = ?", [(seq,) for seq in seqs])


def _cut_tail(db: sqlite3.Connection) -> None:
    # The last event tells of the last export itself: no head that left the machine knows it.
    _cut(db, _size(db) - 1, _size(db) - 2)
    _rechain(db)


def _swap(db: sqlite3.Connection) -> None:
    for old, new in ((3, -1), (4, 3), (-1, 4)):
        db.execute("UPDATE audit_event SET seq = ? WHERE chain_id = ? AND seq = ?", (new, OURS, old))


def _copy(db: sqlite3.Connection, seq: int) -> None:
    columns = "record, body, prev, entry, at, actor, action, object"
    db.execute(f"INSERT INTO audit_event (chain_id, seq, {columns}) SELECT chain_id, ?, {columns} FROM audit_event WHERE chain_id = ? AND seq = 3", (seq, OURS))


def _insert(db: sqlite3.Connection) -> None:
    for seq in range(_size(db) - 1, 4, -1):
        db.execute("UPDATE audit_event SET seq = ? WHERE chain_id = ? AND seq = ?", (seq + 1, OURS, seq))
    _copy(db, 5)


def _remove_entity(db: sqlite3.Connection) -> None:
    for table in ("audit_disclosure", "audit_event", "audit_checkpoint", "audit_chain"):
        db.execute(f"DELETE FROM {table} WHERE chain_id = ?", (OURS,))


def _rewrite(db: sqlite3.Connection) -> None:
    (text,) = db.execute("SELECT record FROM audit_event WHERE chain_id = ? AND seq = 3", (OURS,)).fetchone()
    db.execute("UPDATE audit_event SET record = ? WHERE chain_id = ? AND seq = 3", (canonical(json.loads(text) | {"via": "api"}), OURS))
    _rechain(db)


ATTACKS: dict[str, Attack] = {
    "tail cut": _cut_tail, "head cut": lambda db: _cut(db, 0), "head cut and re-chained": lambda db: (_cut(db, 0), _rechain(db)),
    "middle deletion": lambda db: _cut(db, 5), "middle deletion and re-chained": lambda db: (_cut(db, 5), _rechain(db)), "swap": _swap,
    "duplicate": lambda db: _copy(db, _size(db)), "insertion": _insert, "row moved to another entity": lambda db: db.execute(
        "UPDATE audit_event SET chain_id = 'ent_2', seq = 99 WHERE chain_id = ? AND seq = 6", (OURS,)),
    "whole entity removed": _remove_entity, "history re-chained without the key": _rewrite,
}


def heads(book: bytes) -> Heads:
    """Return size and head of each chain that an exported workbook witnesses."""
    return {name: (len(held) - 1, held[-1][0]) for name, held in Check(Workbook(io.BytesIO(book))).held.items()}


def contradicted(database: Database, witness: Heads) -> list[str]:
    """List the chains that do not extend what was exported earlier."""
    with database.reading() as s:
        now = {chain.chain_id: chain.size for chain in s.scalars(select(AuditChain))}
        entries = {(fault.chain_id, size): s.connection().exec_driver_sql(
            "SELECT entry FROM audit_event WHERE chain_id = ? AND seq = ?", (fault.chain_id, size - 1)).scalar()
            for fault in s.scalars(select(AuditChain)) for size, _head in [witness.get(fault.chain_id, (0, ""))]}
    return [name for name, (size, head) in witness.items() if now.get(name, -1) < size or entries.get((name, size)) != head]


def _exported_later(database: Database, folder: Path, file: Path) -> str:
    """Say what verify.py --earlier says of a workbook exported now against a file of heads that left earlier; nothing when it holds."""
    try:
        officer, store = World.read(database).officer, export_store(folder / "later")
        with database.reading(officer.entities) as s:
            done = write(s, officer, [int(OURS[4:])], TaskFilter(), store)
        compare(Check(Workbook(io.BytesIO(store.path(done.stored.sha256).read_bytes()))), file, "")
    except Exception as reason:  # As in verify.py itself; of a damaged trail nothing may come out at all.
        return repr(reason)
    return ""


def _noticed(path: Path, witness: Heads, file: Path) -> tuple[str, ...]:
    """Return by what an attack is found: the check of the database, an exported workbook, or a file of heads in both ways of holding it against."""
    database = Database(f"sqlite:///{path}")
    try:
        with database.reading() as s:
            expected = [entity_chain(entity_id) for entity_id in s.scalars(select(Entity.id))]
            alleged = bool(found(s) or faults(s, expected=expected))
            only_heads = file_fault(s, read_file(file.read_text(encoding="ascii")))
        found_by = {"check": alleged, "earlier head": contradicted(database, witness), "file of heads alone": only_heads}
        return tuple(what for what, said in (found_by | {"verify.py --earlier": _exported_later(database, path.parent, file)}).items() if said)
    finally:
        database.close()


def attacks(ground: Ground, tally: Tally) -> dict[str, tuple[str, ...]]:
    """Make every attack on a copy; returns by what each was found."""
    with time_machine.travel(LATER + timedelta(hours=1), tick=True):
        witness, file, path, told = heads(ground.export()), ground.heads(), ground.folder / "attacked.db", dict[str, tuple[str, ...]]()
    for what, attack in ATTACKS.items():
        _copied(ground, path)
        connection = opened_up(path)
        attack(connection)
        connection.close()
        told[what] = _noticed(path, witness, file)
    _copied(ground, path)
    with time_machine.travel(LATER + timedelta(hours=2), tick=True):
        ground.work(random.Random(2))
        newest, file = heads(ground.export()), ground.heads()
    told["older backup put back"] = _noticed(path, newest, file)
    for what, by in told.items():
        tally.count(f"attack: {what}", "verify.py --earlier" in by, by)
    return told


def _copied(ground: Ground, path: Path) -> None:
    path.unlink(missing_ok=True)
    with sqlite3.connect(ground.path) as source:
        source.execute("VACUUM INTO ?", (str(path),))
    source.close()


def sound_states(folder: Path, chance: random.Random, count: int, tally: Tally) -> None:
    """Go through states in which all is well: further work, restored copies, exports of all and of a filter, other programs' saves."""
    ground = prepare(folder / "0")
    for number in range(count):
        if number % 45 == 44:
            ground.database.close()
            shutil.rmtree(ground.folder)
            ground = prepare(folder / str(number))
        state = sound.state(number, STATES)
        with time_machine.travel(LATER + timedelta(hours=1 + number), tick=True):
            tally.count(f"sound: {state.__doc__}", not (told := state(ground, chance)), told)
    ground.database.close()
    sound.ELSEWHERE.close()


def _worked(ground: Ground, chance: random.Random) -> object:
    """further work"""
    ground.work(chance)
    return ground.faults()


def _restored(ground: Ground, _chance: random.Random) -> object:
    """a restored copy"""
    _copied(ground, ground.folder / "restored.db")
    return _noticed(ground.folder / "restored.db", heads(ground.books[-1]), sorted(ground.folder.glob("heads_*.txt"))[-1])


def _exported(ground: Ground, _chance: random.Random) -> object:
    """an export of everything"""
    return said_of(ground.export())


def _filtered(ground: Ground, chance: random.Random) -> object:
    """an export of a filter"""
    officer, store = ground.world.officer, export_store(ground.folder / "exports")
    with ground.database.reading(officer.entities) as s:
        done = write(s, officer, [ground.world.ours], TaskFilter(department=f"部门 {chance.random()}"), store)
    return said_of(store.path(done.stored.sha256).read_bytes())


def _saved(ground: Ground, _chance: random.Random) -> object:
    """a workbook saved by another program"""
    return said_of(changed_book(ground.books[-1], unchanged))


def _extended(ground: Ground, _chance: random.Random) -> object:
    """every earlier export is a beginning of now"""
    return [told for book in ground.books for told in contradicted(ground.database, heads(book))]


def _rotated(ground: Ground, _chance: random.Random) -> object:
    """a changed key"""
    ground.key(rotate_key)
    ground.heads()
    return [*ground.faults(), *filter(None, [said_of(ground.export())])]


def _sealed(ground: Ground, chance: random.Random) -> object:
    """personal values sealed and redacted"""
    officer = ground.world.officer
    with ground.database.reading(officer.entities) as s:
        every = [event for event in events(s, TrailFilter((OURS,), "evidence")) if len(event.salts) > 1]
    one, other = chance.sample(every, 2)
    with ground.database.writing(officer.entities) as s:
        marking.seal(s, officer.actor, OURS, {one.seq: [chance.choice(list(one.salts))]}, "本人请求")
        marking.redact(s, officer.actor, OURS, {other.seq: [chance.choice(list(other.salts))]})
    return [*ground.faults(), *filter(None, [said_of(ground.export())])]


def _looked_back(ground: Ground, _chance: random.Random) -> object:
    """an export of an earlier moment"""
    officer, store = ground.world.officer, export_store(ground.folder / "exports")
    with asof.looking(ground.database, officer.entities, LATER) as s:
        done = write(s, officer, [ground.world.ours], TaskFilter(), store, signer=ground.signer)
    return said_of(store.path(done.stored.sha256).read_bytes())


STATES = (_worked, _exported, _restored, _filtered, _saved, _extended, _rotated, _sealed, _looked_back)
