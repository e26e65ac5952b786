"""Sound states that need something from elsewhere: another database, a backup put back, another office program, a lost key, a group of entities."""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests import postgres
from tests.cast import World
from tests.reports.parcel import office_saved
from tests.torture.ground import Ground, found, said_of
from tracker import migrate, verify
from tracker.assignments.queries import TaskFilter
from tracker.audit.heads.actions import replace_lost_key
from tracker.audit.heads.checking import file_fault
from tracker.audit.heads.notes import read_file
from tracker.audit.queries import faults
from tracker.backup.checking import check_contents
from tracker.backup.making import make
from tracker.backup.moving import move
from tracker.backup.places import Place
from tracker.backup.restoring import Target, restore
from tracker.db import EVERY_ENTITY, Database
from tracker.people import actions as people
from tracker.reports.actions import export_store, write
from tracker.words import Role

State = Callable[[Ground, random.Random], object]
# One in so many is saved by LibreOffice, which takes as long as all the others of a round.
RARE = 100


@dataclass
class Elsewhere:
    """What outlives one state: a server of PostgreSQL, started when first wanted."""

    stack: ExitStack = field(default_factory=ExitStack)
    server: str = ""

    def postgresql(self) -> str:
        """Return the address of the server."""
        self.server = self.server or self.stack.enter_context(postgres.server())
        return self.server

    def close(self) -> None:
        """Stop what was started."""
        self.stack.close()
        self.server = ""


ELSEWHERE = Elsewhere()


def _exported(ground: Ground, database: Database, entities: list[int], what: str) -> str:
    """Say what the check says of a workbook of these entities, written from a database."""
    officer, store = World.read(database).officer, export_store(ground.folder / "exports")
    with database.reading(officer.entities) as s:
        done = write(s, officer, entities, TaskFilter(), store, signer=ground.signer if database is ground.database else None)
    book = store.path(done.stored.sha256).read_bytes()
    said = said_of(book) or ("" if {f"ent_{one}" for one in entities} <= set(verify.Check(verify.Workbook(io.BytesIO(book))).held) else "a chain is missing")
    return f"{what}: {said}" if said else ""


def _heads(ground: Ground, database: Database) -> list[object]:
    """Hold a database against every file of heads that left earlier, and let the application check it."""
    with database.reading() as s:
        told = [file_fault(s, read_file(path.read_text(encoding="ascii"))) for path in sorted(ground.folder.glob("heads_*.txt"))]
        return [*found(s), *filter(None, told)]


def _marked(ground: Ground) -> None:
    """Mark the database with its revision: a backup tells it, and what tests build bears none."""
    with ground.database.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {migrate.VERSION_TABLE} (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT OR IGNORE INTO {migrate.VERSION_TABLE} VALUES ('{migrate.head()}')")


def moved(ground: Ground, _chance: random.Random) -> object:
    """a copy in PostgreSQL"""
    _marked(ground)
    with postgres.fresh(ELSEWHERE.postgresql()) as url:
        target = Database(url)
        try:
            move(ground.database, target)
            return [*_heads(ground, target), *filter(None, [_exported(ground, target, [ground.world.ours], "from PostgreSQL")])]
        finally:
            target.close()


def put_back(ground: Ground, _chance: random.Random) -> object:
    """a backup that was put back"""
    _marked(ground)
    place, instance = Place(ground.folder / "backups"), ground.folder / "put back"
    store = ground.folder / "evidence"
    if not store.exists():
        store.symlink_to(ground.store.root)
    made = make(ground.folder, ground.database, place)
    shutil.rmtree(instance, ignore_errors=True)
    manifest = restore(place, made.name, Target(instance, f"sqlite:///{instance / 'tracker.db'}")).manifest
    check_contents(instance, manifest)
    database = Database(f"sqlite:///{instance / 'tracker.db'}")
    try:
        return [*made.manifest.damaged, *_heads(ground, database), *filter(None, [_exported(ground, database, [ground.world.ours], "put back")])]
    finally:
        database.close()


def lost(ground: Ground, _chance: random.Random) -> object:
    """a lost key and a new one after it"""
    shutil.rmtree(ground.folder / "keys")
    ground.key(replace_lost_key, "密钥文件遗失")
    ground.heads()
    return [*_heads(ground, ground.database), *filter(None, [said_of(ground.export())])]


def group(ground: Ground, _chance: random.Random) -> object:
    """a workbook of several entities"""
    world = World.read(ground.database)
    with ground.database.writing(world.admin.entities) as s:
        people.grant_roles(s, world.admin, world.people["林合规"], world.others, [Role.OFFICER])
    said = _exported(ground, ground.database, [world.ours, world.others], "group")
    with ground.database.writing(world.admin.entities) as s:
        people.grant_roles(s, world.admin, world.people["林合规"], world.others, [])
    with ground.database.reading(EVERY_ENTITY) as s:
        return [*faults(s), *filter(None, [said])]


def office(ground: Ground, _chance: random.Random) -> object:
    """a workbook saved by LibreOffice"""
    return said_of(office_saved(ground.books[-1]))


def state(number: int, usual: Sequence[State]) -> State:
    """Choose the state of this number: the usual ones first, then these, as far as what they need is installed."""
    if number % RARE == RARE - 1 and shutil.which("soffice"):
        return office
    every = [*usual, put_back, lost, group, *([moved] if postgres.there() else [])]
    return every[number % len(every)]
