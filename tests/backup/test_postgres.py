"""The same backup of both databases, and moving from one to the other: every row the same, the trail sound, writing goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from tests.backup.conftest import Shop
from tests.schema_words import schema_words
from tests.test_migrations import fill
from tracker import migrate, schema
from tracker.audit.actor import SYSTEM
from tracker.audit.heads.actions import create_key
from tracker.audit.heads.keys import Keyring
from tracker.audit.heads.signing import Sealed, Signer
from tracker.audit.queries import faults
from tracker.audit.sealing.marking import seal
from tracker.backup import drilling
from tracker.backup.moving import Moved, move
from tracker.backup.places import Place
from tracker.backup.restoring import Target, restore
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import RuleBroken
from tracker.evidence.models import Evidence
from tracker.register.queries import ObligationFilter, obligation_count


def held(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Read every row of every table as the application sees them."""
    with database.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in schema.METADATA.sorted_tables
        }


def sound(database: Database) -> int:
    """Check the trail and the search; return how many pieces of evidence there are."""
    with database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
        assert 0 < obligation_count(s, ObligationFilter(q="适当")) < obligation_count(s, ObligationFilter())
        return s.scalar(select(func.count()).select_from(Evidence)) or 0


def url(database: Database) -> str:
    """Return the address of a database."""
    return database.engine.url.render_as_string(hide_password=False)


def test_moving_there_and_back_loses_nothing_and_writing_goes_on(shop: Shop, postgres_database: Database, tmp_path: Path) -> None:
    shop.add("一.txt", "第一份")
    with shop.database.writing(EVERY_ENTITY) as s:
        create_key(s, SYSTEM, Keyring(tmp_path / "keys"))
        seal(s, SYSTEM, "system", {0: ("actor_name",)}, "试验")
    signer = Signer(shop.database, Keyring(tmp_path / "keys"))
    signer.sign_all()
    signer.sealed_sheets(Sealed(), (), ["a" * 64])
    fill(shop.database)
    before = held(shop.database)
    assert all(before.values())
    moved = move(shop.database, postgres_database)
    assert isinstance(moved, Moved) and moved.rows >= sum(map(len, before.values()))
    assert held(postgres_database) == before
    back = Database(f"sqlite:///{tmp_path / 'back.db'}")
    move(postgres_database, back)
    assert held(back) == before and sound(back) == sound(shop.database)
    assert schema_words(back) == schema_words(shop.database)
    back.close()


def test_a_moved_database_has_its_triggers_and_its_next_ids(shop: Shop, postgres_database: Database) -> None:
    shop.add("一.txt", "第一份")
    move(shop.database, postgres_database)
    assert migrate.is_current(postgres_database)
    moved = schema_words(postgres_database)
    live, shop.company.database = shop.company.database, postgres_database
    shop.add("二.txt", "第二份")
    shop.company.database = live
    assert sound(postgres_database) == 2
    with postgres_database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    migrate.upgrade(postgres_database)
    assert schema_words(postgres_database) == moved


def test_a_target_with_anything_in_it_is_left_alone(shop: Shop, postgres_database: Database, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_bytes(b"somebody's")
    with pytest.raises(RuleBroken, match="不是空的"):
        move(shop.database, Database(f"sqlite:///{tmp_path / 'there.db'}"))
    assert (tmp_path / "there.db").read_bytes() == b"somebody's"
    with postgres_database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE somebodys (id INTEGER)")
    assert "不是空的" in shop.terminal.refused("db", "copy", "--to", url(postgres_database), status=1)
    assert inspect(postgres_database.engine).get_table_names() == ["somebodys"]


def test_a_row_that_does_not_arrive_undoes_all_of_it(shop: Shop, postgres_database: Database) -> None:
    with shop.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_disclosure_no_update")
        connection.exec_driver_sql("UPDATE audit_disclosure SET value = '\"x\"' WHERE seq = 1")
    assert "操作留痕校验未通过" in shop.terminal.refused("db", "copy", "--to", url(postgres_database), status=1)
    assert inspect(postgres_database.engine).get_table_names() == []


def test_backups_of_postgresql_are_as_those_of_sqlite(shop: Shop, postgres_database: Database, tmp_path: Path) -> None:
    shop.add("一.txt", "第一份")
    assert "操作留痕校验通过" in shop.terminal.said("db", "copy", "--to", url(postgres_database))
    shop.company.database.close()
    shop.company.database, instance = postgres_database, shop.config.instance
    made = shop.make()
    assert made.manifest.kind == "postgresql" and drilling.drill(shop.place, made.name, postgres_database, tmp_path).lost == {}
    shop.restore(made.name, tmp_path / "lite")
    shop.add("二.txt", "第二份")
    target = Target(instance, url(postgres_database))
    with pytest.raises(RuleBroken, match="--replace"):
        restore(Place(tmp_path / "backups"), made.name, target)
    assert sound(postgres_database) == 2
    aside = restore(shop.place, made.name, target, replace=True).aside
    assert sound(postgres_database) == 1
    with postgres_database.engine.connect() as connection:
        assert connection.exec_driver_sql(f'SELECT count(*) FROM "{aside}".evidence').scalar_one() == 2
    lite = Database(f"sqlite:///{tmp_path / 'lite' / 'tracker.db'}")
    assert held(lite) == held(postgres_database)
    lite.close()


@pytest.mark.parametrize("revision", ["0015", "0010"])
def test_a_backup_of_an_earlier_revision_comes_to_postgresql_at_that_revision_and_is_upgraded_there(
    shop: Shop, postgres_database: Database, tmp_path: Path, revision: str
) -> None:
    shop.add("一.txt", "第一份")
    migrate.downgrade(shop.database, revision)
    made, target = shop.make(), Target(tmp_path / "back", url(postgres_database))
    assert made.manifest.revision == revision and restore(shop.place, made.name, target).missing == ()
    assert not migrate.is_current(postgres_database)
    migrate.upgrade(postgres_database)
    assert migrate.is_current(postgres_database) and sound(postgres_database) == 1
    migrate.upgrade(shop.database)
    assert held(postgres_database) == held(shop.database)
