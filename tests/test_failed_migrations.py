"""A migration that fails stops the system with a sentence: it never serves on a database that is not wholly of its version."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal
from tests.schema_words import schema_words
from tests.test_migrations import add_step, bare, counts, steps
from tracker import __main__ as entry
from tracker import migrate
from tracker.app import create_app
from tracker.config import Config
from tracker.db import Database

__all__ = ["bare", "steps"]
HALFWAY = 'op.add_column("person", sa.Column("extra", sa.Integer()))\n    '


@pytest.mark.parametrize("fault", ['op.execute("SELECT nothing FROM nowhere")', 'raise ValueError("a fault of the step")'], ids=["in SQL", "in Python"])
def test_a_failed_step_stops_the_start_and_leaves_the_database_as_it_was(
    bare: Database, steps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str,  # noqa: F811
) -> None:
    served: list[object] = []
    monkeypatch.setattr(entry, "_serve", served.append)
    before = migrate.upgrade(bare)
    words, held = schema_words(bare), counts(bare)
    add_step(steps, HALFWAY + fault)
    terminal = Terminal(Config(instance=tmp_path / "instance", database_url=bare.engine.url.render_as_string(hide_password=False)))
    for command in ("serve", "db upgrade"):
        assert f"数据库升级没有完成，已全部撤销，数据库仍是版本 {before}" in terminal.refused(*command.split(), status=1)
    assert served == []
    assert (schema_words(bare), counts(bare)) == (words, held)
    assert "还没有升级" in terminal.refused("tasks", "plan", status=1)


BETWEEN = {
    "UPDATE alembic_version SET version_num = '9999'": "数据库的版本是 9999，比本程序", "INSERT INTO alembic_version VALUES ('0001')": "停在两个版本之间",
    "DELETE FROM alembic_version": "停在两个版本之间", "CREATE TABLE _alembic_tmp_person (id INTEGER)": "停在两个版本之间",
}


def test_nothing_is_served_on_a_database_of_another_version_or_between_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[object] = []
    monkeypatch.setattr(entry, "_serve", served.append)
    database = Database(f"sqlite:///{tmp_path / 'migrated.db'}")
    migrate.upgrade(database)
    database.close()
    for number, (statement, said) in enumerate(BETWEEN.items()):
        path = tmp_path / str(number) / "tracker.db"
        path.parent.mkdir()
        shutil.copyfile(tmp_path / "migrated.db", path)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)
        before = path.read_bytes()
        for command in (("serve",), ("tasks", "plan")):
            assert said in Terminal(Config(instance=path.parent)).refused(*command, status=1), (statement, command)
        assert served == [] and path.read_bytes() == before


def test_a_running_service_says_so_when_the_database_has_gone_on(bare: Database, steps: Path, tmp_path: Path) -> None:  # noqa: F811
    migrate.upgrade(bare)
    app = create_app(Config(instance=tmp_path / "instance", database_url=bare.engine.url.render_as_string(hide_password=False)))
    # The scripts of the next program are already there; what runs is still this one, and reads them no more.
    add_step(steps, "pass")
    assert app.test_client().get("/healthz").status_code == 200
    with bare.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503 and "版本与运行中的程序不符" in answer.text
    app.extensions["tracker"].runner.stop()
    app.extensions["tracker"].database.close()
