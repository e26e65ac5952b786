"""config, db and the command line as such: every setting listed, every wrong word refused in Chinese, consoles of any encoding."""

from __future__ import annotations

import io
import re
import sqlite3
import sys
from dataclasses import fields, replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from tests.cli.conftest import Terminal
from tracker import migrate
from tracker.__main__ import main
from tracker.cli.root import let_print_anything
from tracker.config import Config

ENGLISH = re.compile(r"Error|Invalid|Missing|No such|Usage|Traceback")


def test_config_lists_every_setting_with_its_value_and_its_meaning(fresh: Terminal) -> None:
    fresh.config = replace(fresh.config, port=8765)
    said = fresh.said("config")
    for item in fields(Config):
        assert re.search(rf"^TRACKER_{item.name.upper()}=", said, re.MULTILINE), item.name
        assert item.metadata["about"] in said
    assert "TRACKER_PORT=8765（已设置）" in said
    assert "默认 8000" in said


def test_config_does_not_print_the_password_of_the_database(fresh: Terminal) -> None:
    fresh.config = replace(fresh.config, database_url="postgresql://tracker:geheim@db/tracker")
    said = fresh.said("config")
    assert "postgresql://tracker:***@db/tracker" in said
    assert "geheim" not in said


@pytest.mark.parametrize("command", [[], ["config"], ["db", "upgrade"], ["demo"]])
def test_wrong_settings_are_all_named_and_nothing_is_made(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("TRACKER_PORT", "eighty")
    monkeypatch.setenv("TRACKER_PROT", "8000")
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "设置 TRACKER_PORT 不对：应为 1 到 65535 之间的整数。" in result.stderr
    assert "不认识设置 TRACKER_PROT" in result.stderr
    assert list(tmp_path.iterdir()) == []
    if command == ["config"]:
        assert "TRACKER_PORT=8000" in result.stdout


def test_upgrade_brings_an_empty_database_to_the_schema_and_then_has_nothing_to_do(fresh: Terminal) -> None:
    assert "中没有数据库" in fresh.refused("db", "current", status=1)
    assert f"数据库已从版本 （空） 升级到 {migrate.head()}。" in fresh.said("db", "upgrade")
    assert "无需升级" in fresh.said("db", "upgrade")
    assert f"数据库版本 {migrate.head()}" in fresh.said("db", "current")


def test_a_database_that_is_none_or_cannot_be_reached_is_said_in_a_sentence(fresh: Terminal, tmp_path: Path) -> None:
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"this is not a database, however long one looks at it" * 40)
    fresh.config = replace(fresh.config, database_url=f"sqlite:///{junk}")
    assert "数据库现在不能使用" in fresh.refused("db", "current", status=1)
    fresh.config = replace(fresh.config, database_url="postgresql://nobody@127.0.0.1:port/x")
    assert "TRACKER_DATABASE_URL 不是可用的数据库地址" in fresh.refused("db", "current")


@pytest.mark.parametrize(("code", "said"), [(13, "磁盘空间不足，数据库写不进去"), (4874, "最常见的原因是磁盘已满"), (None, "磁盘空间不足，没有完成")])
def test_a_full_disk_is_said_in_a_sentence_with_what_to_do(fresh: Terminal, monkeypatch: pytest.MonkeyPatch, code: int | None, said: str) -> None:
    reason: Exception = OSError(28, "No space left on device", "tracker.db")
    if code:
        broken = sqlite3.OperationalError("disk I/O error")
        broken.sqlite_errorcode = code
        reason = OperationalError("PRAGMA journal_mode=wal", {}, broken)

    def refuse(*_given: object) -> None:
        raise reason

    monkeypatch.setattr(migrate, "upgrade", refuse)
    for command in ([], ["db", "upgrade"]):
        told = fresh.refused(*command, status=1)
        assert said in told and "再运行" in told


def test_a_data_folder_that_cannot_be_made_is_named(fresh: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    fresh.config = replace(fresh.config, instance=tmp_path / "file" / "instance")
    assert f"不能使用数据目录 {tmp_path / 'file' / 'instance'}" in fresh.refused("db", "upgrade", status=1)


@pytest.mark.parametrize(("line", "sentence"), [
    ("bogus", "没有命令 bogus。"), ("tasks plann", "没有命令 plann。是否想写 plan？"), ("--bogus", "没有选项 --bogus。"),
    ("tasks plan --dayz 3", "没有选项 --dayz。"), ("tasks plan --days", "选项 --days 的写法不对"), ("tasks plan --days x", "选项 --days 的值不对。应为 1 到 800 之间的整数。"),
    ("audit verify now", "命令后面有多余的内容。"), ("reports build --out x.xlsx", "缺少选项 --entity。"),
])
def test_a_wrong_command_line_is_refused_in_chinese_and_makes_nothing(fresh: Terminal, line: str, sentence: str) -> None:
    said = fresh.refused(*line.split())
    assert sentence in said
    assert "--help" in said
    assert not ENGLISH.search(said), said
    assert not fresh.config.instance.exists()


def test_every_command_says_in_chinese_what_it_does() -> None:
    waiting: list[click.Command] = [main]
    for command in waiting:
        assert command.help and re.search("[\u4e00-\u9fff]", command.help), command.name
        waiting.extend(command.commands.values() if isinstance(command, click.Group) else ())
        assert all(one.help for one in command.params if isinstance(one, click.Option) and one.name != "help"), command.name
    assert len(waiting) > 15


def test_characters_that_the_console_lacks_do_not_end_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="cp936")
    monkeypatch.setattr(sys, "stdout", out)
    let_print_anything()
    click.echo("周𠮷 ✓ 合规")
    assert out.buffer.getvalue().decode("cp936").split() == ["周?", "?", "合规"]  # type: ignore[attr-defined]
