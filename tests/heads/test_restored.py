"""After a restore: signing stands still until an operator says why, and every command that meets it says so with the next step."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine

from tests.cli.conftest import Terminal
from tests.cli.conftest import terminal as at_work
from tests.work import Company, company, working_template
from tracker.audit.heads.keys import Keyring
from tracker.audit.heads.standing import goes_beyond

__all__ = ["at_work", "company", "working_template"]
ACCEPT = "python -m tracker heads accept --reason"


def backed_up(terminal: Terminal, clock: time_machine.Traveller) -> str:
    """Sign, make a backup, and return its name."""
    terminal.said("heads", "key", "create")
    terminal.said("tend")
    clock.shift(60)
    return terminal.said("backup", "make").split("已备份 ")[1].split("：")[0]


def restored(terminal: Terminal, name: str) -> str:
    """Put a backup in the place of the database and return what was said."""
    return terminal.said("backup", "restore", name, "--replace")


def test_a_restore_says_that_signing_is_paused_and_so_do_list_and_tend_until_it_is_accepted(terminal: Terminal, frozen_clock: time_machine.Traveller) -> None:
    name = backed_up(terminal, frozen_clock)
    terminal.said("people", "add", "--login", "later", "--name", "后来的人")
    terminal.said("heads", "sign")
    last = restored(terminal, name).splitlines()[-1]
    assert last.startswith("签名已暂停（共 2 处）：链 system：历史与上次签名不符") and ACCEPT in last and "heads list" in last
    listed = terminal.run("heads", "list")
    assert listed.exit_code == 0 and "\n  不能签名：链 system：历史与上次签名不符" in listed.stdout and "\n不能签名：第 2 次登记不在数据库中" in listed.stdout
    assert "签名已暂停" in listed.stderr and ACCEPT in listed.stderr
    # Within the day nothing would be due.
    refused = terminal.refused("tend", status=1)
    assert "链 system：历史与上次签名不符" in refused and ACCEPT in refused and "有例行工作没有完成" in refused
    assert "从现在的历史继续签名" in terminal.said("heads", "accept", "--reason", "恢复了备份")
    assert "不能签名" not in terminal.said("heads", "list")
    assert "没有到期" in terminal.said("tend")
    assert "第 2 次登记" in terminal.said("heads", "sign")


def test_a_registry_alone_that_the_backup_does_not_have_pauses_signing_too(terminal: Terminal, frozen_clock: time_machine.Traveller) -> None:
    name = backed_up(terminal, frozen_clock)
    terminal.said("heads", "sign")
    assert "签名已暂停：第 2 次登记不在数据库中" in restored(terminal, name)
    assert "第 2 次登记不在数据库中" in terminal.refused("tend", status=1)


def test_a_restore_of_everything_that_was_signed_says_nothing_of_signing(terminal: Terminal, tmp_path: Path, frozen_clock: time_machine.Traveller) -> None:
    name = backed_up(terminal, frozen_clock)
    terminal.said("people", "add", "--login", "later", "--name", "后来的人")
    assert "签名" not in restored(terminal, name)
    terminal.said("heads", "sign")
    # A copy beside the system pauses nothing.
    assert "签名" not in terminal.said("backup", "restore", name, "--into", tmp_path / "beside")


def test_a_backup_from_before_a_key_change_brings_the_older_key_back_and_the_newer_file_is_named(terminal: Terminal, frozen_clock: time_machine.Traveller) -> None:
    name = backed_up(terminal, frozen_clock)
    older = {file.stem for file in terminal.config.key_folder.glob("*.pem")}
    terminal.said("heads", "key", "rotate")
    (newer,) = {file.stem for file in terminal.config.key_folder.glob("*.pem")} - older
    terminal.said("heads", "sign")
    said = restored(terminal, name)
    accepted = terminal.run("heads", "accept", "--reason", "恢复了备份")
    assert accepted.exit_code == 0
    for one in (said, accepted.stderr, terminal.run("heads", "list").stderr):
        assert f"数据库不认识的密钥：{newer}。" in one and f"现在签名用的是 {next(iter(older))[:16]}…" in one and "heads key rotate" in one
    terminal.said("heads", "sign")


def test_what_was_signed_beyond_a_backup_of_an_earlier_revision_is_noticed_by_size_and_head(terminal: Terminal, frozen_clock: time_machine.Traveller) -> None:
    backed_up(terminal, frozen_clock)
    ring = Keyring(terminal.config.key_folder)
    size, head = ring.memory().chains["system"]
    assert not goes_beyond(ring, {"system": (size, head)}) and not goes_beyond(ring, {"system": (size + 1, "other")})
    assert goes_beyond(ring, {"system": (size - 1, head)}) and goes_beyond(ring, {"system": (size, "other")}) and goes_beyond(ring, {})


@pytest.mark.parametrize(("trouble", "said"), [("no key", "还没有签名密钥"), ("file gone", "签名密钥的文件不在"), ("shorter", "历史与上次签名不符"), ("", "")])
def test_an_export_that_is_not_signed_says_so_and_why(at_work: Terminal, company: Company, tmp_path: Path, trouble: str, said: str) -> None:  # noqa: F811
    ring = Keyring(at_work.config.key_folder)
    if trouble != "no key":
        at_work.said("heads", "key", "create")
        at_work.said("heads", "sign")
    if trouble == "file gone":
        next(ring.folder.glob("*.pem")).unlink()
        company.assign(company.applicable(1))
    if trouble == "shorter":
        memory = ring.memory()
        chain = f"ent_{company.world.ours}"
        ring.remember(type(memory)(memory.deployment, {**memory.chains, chain: (memory.chains[chain][0] + 1, "0" * 64)}, memory.registry, memory.passed))
    told = at_work.said("reports", "build", "--entity", "海川证券", "--out", tmp_path / "a.xlsx")
    assert "已导出" in told and ("工作簿已导出，但链头没有签名：" in told) is bool(trouble) and said in told
    assert (ACCEPT in told) is (trouble == "shorter") and (tmp_path / "a.xlsx").is_file()
