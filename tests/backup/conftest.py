"""A company at work with evidence and exports in a data folder of its own, and short ways to back it up and put it back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.work import Company, company, working_template
from tracker import migrate
from tracker.backup.making import Made, make
from tracker.backup.places import Place
from tracker.backup.restoring import Restored, Target, restore
from tracker.config import Config
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store

__all__ = ["company", "working_template"]


@dataclass
class Shop:
    """The company, its data folder, and the folder of its backups."""

    company: Company
    config: Config
    place: Place

    @property
    def database(self) -> Database:
        """Return the live database."""
        return self.company.database

    @property
    def terminal(self) -> Terminal:
        """Give a terminal on it."""
        return Terminal(self.config)

    def add(self, name: str, text: str) -> str:
        """Let 王责任 add a piece of evidence to the store of this folder; returns its digest."""
        owner = self.company.world.owner
        stored = Store(self.config.store, 10**7).put(io.BytesIO(text.encode()), name)
        with self.database.writing(owner.entities) as s:
            add_evidence(s, owner, self.company.world.ours, stored, EvidenceFacts())
        return stored.sha256

    def make(self) -> Made:
        """Make a backup."""
        return make(self.config.instance, self.database, self.place)

    def restore(self, name: str, instance: Path, **how: bool) -> Restored:
        """Restore a backup into a folder."""
        return restore(self.place, name, Target(instance, f"sqlite:///{instance / 'tracker.db'}"), **how)


@pytest.fixture
def shop(company: Company, tmp_path: Path) -> Iterator[Shop]:
    """Give the company in a data folder of its own; the clock stands at 2026-11-22 10:00 in Shanghai."""
    marked(company.database)
    url = company.database.engine.url.render_as_string(hide_password=False)
    config = Config(instance=tmp_path / "instance", database_url=url, backups=str(tmp_path / "backups"))
    yield Shop(company, config, Place(tmp_path / "backups"))


def marked(database: Database) -> None:
    """Mark a database that was built from the models as migrated."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {migrate.VERSION_TABLE} (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO {migrate.VERSION_TABLE} VALUES ('{migrate.head()}')")
