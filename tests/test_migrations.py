"""Migrations: both directions, on an empty database and on rows in every table, all or nothing, and head is what the models say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, Enum, Table, func, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, OperationalError

from tests.cast import settle
from tests.schema_words import schema_words
from tracker import clock, migrate, schema
from tracker.audit import queries as trail_queries
from tracker.audit import trail
from tracker.db import Database, UtcDateTime
from tracker.errors import RuleBroken
from tracker.people.models import Person


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database with nothing in it, of each kind."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_database")
        return
    database = Database(f"sqlite:///{tmp_path / 'bare.db'}")
    yield database
    database.close()


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the migrations to which a test may add steps."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    return folder


def add_step(folder: Path, up: str, down: str = "pass") -> str:
    """Write one more step behind the last one; return its revision."""
    last = migrate.head()
    number = f"{int(last) + 1:04d}"
    text = (
        f'"""A step of a test."""\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = "{number}"\ndown_revision = "{last}"\n'
        f"branch_labels = depends_on = None\n\n\ndef upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n"
    )
    (folder / "versions" / f"{number}_test.py").write_text(text, encoding="utf-8")
    return number


def fill(database: Database) -> None:
    """Put at least one row into every table, below the actions: what counts here is that rows are in the way."""
    with database.engine.begin() as connection:
        for table in schema.METADATA.sorted_tables:
            if not connection.scalar(select(func.count()).select_from(table)):
                connection.execute(table.insert(), [row_for(connection, table)])


def row_for(connection: Connection, table: Table) -> dict[str, Any]:
    """Make up a row: keys of rows that are there, a word of each enum, a value of each type."""
    row = {column.name: value_for(column) for column in table.columns}
    for constraint in sorted(table.foreign_key_constraints, key=lambda c: str(c.name)):
        parent = constraint.referred_table
        # Where a table refers twice to people, four eyes must be two persons.
        same = [c for c in table.foreign_key_constraints if c.referred_table is parent and str(c.name) < str(constraint.name)]
        found = connection.execute(select(parent).order_by(*parent.primary_key).offset(len(same)).limit(1)).mappings().one_or_none()
        for element in constraint.elements:
            row[element.parent.name] = None if found is None else found[element.column.name]
    return row


def value_for(column: Column[Any]) -> Any:
    """Return something that fits the column."""
    kind = column.type
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, UtcDateTime):
        return clock.now()
    if isinstance(kind, JSON):
        return []
    known: dict[type, Any] = {str: "x", int: 1, bool: True, bytes: b"x", date: date(2026, 11, 22)}
    return known[kind.python_type]


def counts(database: Database) -> dict[str, int]:
    """Count the rows of every table that is there."""
    there = set(inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in schema.METADATA.sorted_tables if table.name in there
        }


def populated(database: Database) -> dict[str, int]:
    """Migrate to head and fill every table; return how many rows each holds."""
    migrate.upgrade(database)
    with database.writing() as s:
        trail.found(s)
    settle(database)
    fill(database)
    held = counts(database)
    assert all(held.values()), f"no row in {[name for name, rows in held.items() if not rows]}"
    return held


def test_the_migrated_schema_is_the_models_schema_word_for_word(bare: Database, tmp_path: Path) -> None:
    migrate.upgrade(bare)
    migrated = schema_words(bare)
    migrate.downgrade(bare, "base")
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    schema.build(bare)
    assert migrated == schema_words(bare)


def test_autogenerate_finds_nothing_to_do_at_head(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": lambda _o, name, *_: "_search" not in (name or "")}
        )
        assert compare_metadata(context, schema.METADATA) == []


def test_up_down_and_up_again_from_nothing_ends_where_it_began(bare: Database) -> None:
    assert migrate.current(bare) is None
    assert migrate.upgrade(bare) == migrate.head()
    assert migrate.is_current(bare)
    first = schema_words(bare)
    assert migrate.downgrade(bare, "base") is None
    assert schema_words(bare) == {}
    migrate.upgrade(bare)
    assert schema_words(bare) == first


def test_every_step_goes_down_and_up_again_with_rows_in_every_table(bare: Database) -> None:
    held = populated(bare)
    seen = {migrate.head(): schema_words(bare)}
    while migrate.downgrade(bare, "-1") is not None:
        seen[migrate.current(bare) or ""] = schema_words(bare)
        assert all(held[name] == rows for name, rows in counts(bare).items())
    while not migrate.is_current(bare):
        revision = migrate.upgrade(bare, "+1")
        assert schema_words(bare) == seen[revision]
    assert schema_words(bare) == seen[migrate.head()]
    with bare.writing() as s:
        trail.found(s)
    settle(bare)


def test_upgrading_twice_changes_nothing(bare: Database) -> None:
    held = populated(bare)
    before = schema_words(bare)
    assert migrate.upgrade(bare) == migrate.head()
    assert (schema_words(bare), counts(bare)) == (before, held)


def test_a_database_newer_than_the_code_is_refused_and_left_alone(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = schema_words(bare)
    for refused in (migrate.upgrade, migrate.current, lambda database: migrate.downgrade(database, "base")):
        with pytest.raises(RuleBroken, match="数据库的版本是 9999，比本程序"):
            refused(bare)
    assert schema_words(bare) == before


def test_a_database_that_somebody_else_made_is_refused(bare: Database) -> None:
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE somebody_elses (id INTEGER)")
    with pytest.raises(RuleBroken, match="停在两个版本之间"):
        migrate.upgrade(bare)
    assert list(inspect(bare.engine).get_table_names()) == ["somebody_elses"]


def test_a_leftover_of_a_broken_rebuild_is_refused(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE _alembic_tmp_person (id INTEGER)")
    with pytest.raises(RuleBroken, match="停在两个版本之间"):
        migrate.upgrade(bare)


def test_a_step_that_fails_halfway_leaves_no_trace(bare: Database, steps: Path) -> None:
    held = populated(bare)
    before = schema_words(bare)
    add_step(steps, 'op.add_column("person", sa.Column("extra", sa.Integer()))\n    op.execute("SELECT nothing FROM nowhere")')
    with pytest.raises(RuleBroken, match="全部撤销"):
        migrate.upgrade(bare)
    assert (schema_words(bare), counts(bare)) == (before, held)
    assert not migrate.is_current(bare)


def test_a_rebuilt_table_keeps_its_rows_and_those_that_refer_to_it(bare: Database, steps: Path) -> None:
    held = populated(bare)
    before = schema_words(bare)
    up = 'with op.batch_alter_table("person", recreate="always") as batch:\n        batch.add_column(sa.Column("extra", sa.Integer()))'
    down = 'with op.batch_alter_table("person", recreate="always") as batch:\n        batch.drop_column("extra")'
    if not bare.is_sqlite:
        up, down = 'op.add_column("person", sa.Column("extra", sa.Integer()))', 'op.drop_column("person", "extra")'
    number = add_step(steps, up, down)
    assert migrate.upgrade(bare) == number
    assert counts(bare) == held
    assert schema_words(bare) != before
    migrate.downgrade(bare, "-1")
    assert (schema_words(bare), counts(bare)) == (before, held)


def test_a_step_that_leaves_rows_without_their_parent_is_undone(tmp_path: Path, steps: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'orphans.db'}")
    held = populated(database)
    add_step(steps, 'op.execute("DELETE FROM person")')
    with pytest.raises(RuleBroken, match="引用了不存在的数据（.*role_grant.*），已全部撤销"):
        migrate.upgrade(database)
    assert counts(database) == held
    database.close()


def test_foreign_keys_are_on_again_after_a_migration(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'keys.db'}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


def test_a_draft_is_numbered_and_empty_when_nothing_is_missing(bare: Database, steps: Path) -> None:
    migrate.upgrade(bare)
    written = migrate.draft(bare, "nothing at all")
    number = f"{int(migrate.head()):04d}"
    assert written == steps / "versions" / f"{number}_nothing_at_all.py"
    body = written.read_text(encoding="utf-8").split("def upgrade")[1]
    assert "op." not in body
    assert body.count("pass") == 2


def test_a_draft_holds_what_the_database_lacks(bare: Database, steps: Path) -> None:
    migrate.upgrade(bare)
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_sign_in_attempt_key_at")
    body = migrate.draft(bare, "the lost index").read_text(encoding="utf-8")
    assert "create_index" in body
    assert "ix_sign_in_attempt_key_at" in body


def test_no_two_constraints_or_indexes_of_the_models_share_a_name() -> None:
    for table in schema.METADATA.sorted_tables:
        names = [str(thing.name) for thing in table.constraints] + [str(index.name) for index in table.indexes]
        assert len(names) == len(set(names)), f"{table.name}: {sorted(names)}"


def test_the_trail_is_written_and_checked_and_cannot_be_rewritten(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.writing() as s:
        trail.found(s)
    settle(bare)
    with bare.reading() as s:
        assert trail_queries.faults(s) == []
        assert s.scalar(select(func.count()).select_from(Person)) == 6
    for table in ("audit_event", "audit_disclosure", "audit_chain"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET chain_id = 'x'"):
            with pytest.raises((DatabaseError, OperationalError), match="append-only|only grows"), bare.engine.begin() as connection:
                connection.exec_driver_sql(statement)
