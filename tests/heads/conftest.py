"""A database whose heads are signed, and what the tests of signing do again and again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine

from tests.cast import World
from tests.cli.conftest import Terminal
from tests.making import Making
from tracker import migrate
from tracker.audit import guards, queries
from tracker.audit.chain import Fault
from tracker.audit.heads import actions
from tracker.audit.heads.keys import Keyring
from tracker.audit.heads.signing import Signer
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.people.actions import PersonFacts, add_person


@dataclass
class Desk:
    """Signs, changes keys, tampers and looks, on one database."""

    database: Database
    world: World
    ring: Keyring
    clock: time_machine.Traveller

    @property
    def signer(self) -> Signer:
        """Return a new signer, as every process has its own."""
        return Signer(self.database, Keyring(self.ring.folder))

    def key(self, verb: str = "create_key", *more: str) -> str:
        """Do something with the key, as the administrator."""
        self.clock.shift(1)
        with self.database.writing(EVERY_ENTITY) as s:
            return str(getattr(actions, verb)(s, self.world.admin.actor, self.ring, *more))

    def loses_key(self, reason: str = "遗失") -> str:
        """Let every file of a key be gone, and declare the loss."""
        for file in self.ring.folder.glob("*.pem"):
            file.unlink()
        return self.key("replace_lost_key", reason)

    def happens(self, name: str = "新人") -> None:
        """Let something happen: a person in the system's chain, an entity with a chain of its own."""
        self.clock.shift(1)
        making = Making(self.database, self.world)
        making.entity(name)
        with self.database.writing(EVERY_ENTITY) as s:
            add_person(s, self.world.admin, PersonFacts(f"login{name}", name))

    def faults(self) -> list[Fault]:
        """Check everything."""
        with self.database.reading(EVERY_ENTITY) as s:
            return queries.faults(s)

    def sql(self, *statements: str) -> None:
        """Change something past the application, with another tool than it uses, triggers gone and put back."""
        self.database.close()
        intruder = sqlite3.connect(str(self.database.engine.url.database), isolation_level=None)
        intruder.execute("PRAGMA foreign_keys=OFF")
        for statement in (*guards.dropping("sqlite"), *statements, *guards.creating("sqlite")):
            intruder.execute(statement)
        intruder.close()

    def copy(self, to: Path) -> Path:
        """Copy the database, as a backup does."""
        self.database.close()
        shutil.copyfile(str(self.database.engine.url.database), to)
        return to

    def restore(self, backup: Path) -> None:
        """Put a backup back."""
        self.database.close()
        path = str(self.database.engine.url.database)
        for end in ("-wal", "-shm"):
            Path(path + end).unlink(missing_ok=True)
        shutil.copyfile(backup, path)


@pytest.fixture
def desk(database: Database, world: World, tmp_path: Path, frozen_clock: time_machine.Traveller) -> Iterator[Desk]:
    """Give a database with a key; nothing is signed yet."""
    found = Desk(database, world, Keyring(tmp_path / "keys"), frozen_clock)
    found.key()
    yield found


@pytest.fixture
def terminal(templates: dict[str, Path], tmp_path: Path, frozen_clock: time_machine.Traveller) -> Terminal:
    """Give a terminal on a founded installation without a key."""
    config = Config(instance=tmp_path / "instance")
    config.instance.mkdir()
    shutil.copyfile(templates["empty"], config.instance / "tracker.db")
    database = Database(config.url)
    with database.engine.begin() as connection:
        # The template was built from the models; the command line wants it marked as migrated.
        connection.exec_driver_sql(f"CREATE TABLE {migrate.VERSION_TABLE} (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO {migrate.VERSION_TABLE} VALUES (?)", (migrate.head(),))
    database.close()
    return Terminal(config)
