"""Backups that an earlier version of the program has made are restored by this one, after the same checks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.backup.conftest import Shop
from tracker import migrate
from tracker.audit.queries import faults
from tracker.backup import drilling, making
from tracker.backup.carrying import opened, revision_of
from tracker.backup.places import MANIFEST
from tracker.db import EVERY_ENTITY, Database
from tracker.durable import digest_of
from tracker.errors import RuleBroken
from tracker.evidence.models import Evidence


@pytest.mark.parametrize("revision", ["0015", "0012", "0010"])
def test_a_backup_of_an_earlier_revision_passes_the_drill_and_is_restored(shop: Shop, tmp_path: Path, revision: str) -> None:
    shop.add("一.txt", "第一份")
    migrate.downgrade(shop.database, revision)
    made, back = shop.make(), tmp_path / "back"
    assert made.manifest.revision == revision and made.manifest.events > 0
    assert drilling.drill(shop.place, made.name, None, tmp_path).manifest == made.manifest
    assert shop.restore(made.name, back).missing == ()
    with opened(back / "tracker.db") as file:
        assert revision_of(file) == revision
    assert not [*back.glob("*.restoring*")]
    database = Database(f"sqlite:///{back / 'tracker.db'}")
    migrate.upgrade(database)
    with database.reading(EVERY_ENTITY) as s:
        assert faults(s) == [] and [row.name for row in s.query(Evidence)] == ["一.txt"]
    database.close()


def test_a_rewritten_history_in_a_backup_of_an_earlier_revision_is_found(shop: Shop, tmp_path: Path) -> None:
    migrate.downgrade(shop.database, "0012")
    made = shop.make()
    path = shop.place.database(made.name)
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TRIGGER audit_event_no_update")
        file.execute("UPDATE audit_event SET record = replace(record, '2026', '2025') WHERE seq = 1 AND chain_id = 'system'")
        file.commit()
    sha256, size = digest_of(path)
    sheet = replace(made.manifest, database_sha256=sha256, database_size=size)
    (shop.place.folder(made.name) / MANIFEST).write_bytes(making.written(sheet))
    with pytest.raises(RuleBroken, match="链 system 第 1 条"):
        shop.restore(made.name, tmp_path / "back")
    assert not [*(tmp_path / "back").glob("*.upgraded*")]
