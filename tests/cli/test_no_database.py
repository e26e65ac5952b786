"""A data folder that was mistyped, and a database that no service was ever started on: named in a sentence, and nothing is made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click
import pytest

from tests.cli.conftest import Terminal, founded
from tracker.__main__ import main
from tracker.audit import queries
from tracker.db import EVERY_ENTITY, Database

# What a command needs besides its name before it looks for the database.
GIVEN = {
    "people add": "--login a --name b", "reports build": "--entity a --out {out}", "heads accept": "--reason x", "heads key lost": "--reason x",
    "retention hold": "entity --entity a --reason x", "retention lift": "1 --reason x", "retention request": "destroy evidence:1 --reason x --basis y",
    "backup restore": "20261122T020000Z --replace", "backup restore-file": "0" * 64, "backup prune": "--keep 3", "db copy": "--to sqlite:///{out}",
    "register compare": "1 2", "register restore": "1", "register text": "{file}",
}
# These make what is not there, list what may be none, or work on files alone.
WITHOUT = {"serve", "demo", "db upgrade", "config", "backup list", "heads check", "register check", "register cover", "register new", "register schema", "register ledger"}


def commands() -> list[str]:
    """List every command by its words."""
    found: list[str] = []
    waiting: list[tuple[str, click.Command]] = [("", main)]
    for name, command in waiting:
        if isinstance(command, click.Group):
            waiting.extend((f"{name} {word}".strip(), one) for word, one in command.commands.items())
        else:
            found.append(name)
    return found


@pytest.mark.parametrize("command", sorted(set(commands()) - WITHOUT))
def test_a_mistyped_data_folder_is_named_and_nothing_is_made(fresh: Terminal, tmp_path: Path, command: str) -> None:
    (tmp_path / "file.txt").write_text("一、总则。", encoding="utf-8")
    more = GIVEN.get(command, "").format(out=tmp_path / "out", file=tmp_path / "file.txt").split()
    said = fresh.refused(*command.split(), *more, status=1)
    backups = command in {"backup restore", "backup drill", "backup prune"}
    assert ("没有备份" if backups else f"{fresh.config.instance} 中没有数据库，请核对设置 TRACKER_INSTANCE（或先启动一次服务）") in said
    assert [one.name for one in tmp_path.iterdir()] == ["file.txt"]


def test_commands_on_files_and_lists_make_no_data_folder_either(fresh: Terminal) -> None:
    fresh.said("register", "check")
    assert "还没有备份" in fresh.said("backup", "list")
    assert not fresh.config.instance.exists()


def test_a_database_file_that_the_address_does_not_lead_to_is_named_without_its_password(fresh: Terminal, tmp_path: Path) -> None:
    fresh.config = replace(fresh.config, database_url=f"sqlite:///{tmp_path / 'no.db'}")
    assert f"sqlite:///{tmp_path / 'no.db'} 中没有数据库，请核对设置 TRACKER_DATABASE_URL" in fresh.refused("people", "list", status=1)
    with closing(sqlite3.connect(tmp_path / "no.db")) as connection:
        connection.execute("VACUUM")
    assert "中的数据库是空的" in fresh.refused("people", "list", status=1)


@pytest.mark.parametrize("command", ["backup make", "backup drill", "audit verify", "people add", "heads key create", "heads list", "evidence scrub", "register load"])
def test_a_database_on_which_no_service_was_started_is_refused(fresh: Terminal, tmp_path: Path, command: str) -> None:
    founded(fresh)
    fresh.said("backup", "make")
    fresh.config = replace(fresh.config, instance=tmp_path / "typo", backups=str(fresh.config.backup_folder))
    fresh.said("db", "upgrade")
    before = sorted(tmp_path.rglob("*"))
    said = fresh.refused(*command.split(), *GIVEN.get(command, "").split(), status=1)
    assert "数据库中没有部署标识" in said and "请核对设置 TRACKER_INSTANCE" in said
    assert sorted(tmp_path.rglob("*")) == before


def test_the_check_of_a_trail_without_a_deployment_names_faults_and_does_not_end(fresh: Terminal) -> None:
    fresh.said("db", "upgrade")
    database = Database(fresh.config.url)
    with database.reading(EVERY_ENTITY) as s:
        assert queries.faults(s) == [] and [fault.chain for fault in queries.faults(s, expected=["system"])] == ["system"]
    database.close()
