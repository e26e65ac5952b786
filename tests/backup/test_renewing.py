"""What has rotted or cannot be read: set aside in the backups and copied anew, replaced in the live store, and named where there is no other."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from tests.backup.conftest import Shop
from tracker import durable
from tracker.backup import drilling, making
from tracker.backup.places import LOCK
from tracker.durable import pieces
from tracker.errors import NoSpace, Problem, RuleBroken
from tracker.evidence.store import Store

RENEWED = "其中损坏的 1 个已在备份目录中改名（.damaged），下次备份时会重新复制"


def flip(path: Path) -> bytes:
    """Change a bit in the middle of a file; returns what it has now."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return bytes(data)


def unreadable(monkeypatch: pytest.MonkeyPatch, path: Path, code: int) -> None:
    """Let one file be refused after it was opened."""
    def read(asked: Path) -> Iterator[bytes]:
        if asked == path:
            raise OSError(code, os.strerror(code), str(asked))
        yield from pieces(asked)

    monkeypatch.setattr(durable, "pieces", read)


def kept(shop: Shop) -> dict[Path, bytes]:
    """Read every file of the backups."""
    return {path: path.read_bytes() for path in shop.place.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("how", ["drill", "restore"])
def test_a_content_that_rotted_in_the_backups_is_set_aside_and_copied_again(shop: Shop, tmp_path: Path, frozen_clock: time_machine.Traveller, how: str) -> None:
    digest = shop.add("一.txt", "第一份")
    shop.add("二.txt", "第二份")
    made = shop.make()
    for number, aside in enumerate((".damaged", ".damaged-2")):
        path = shop.place.content(digest)
        rotten, before = flip(path), kept(shop)
        with pytest.raises(RuleBroken, match=f"没有恢复。{RENEWED}.*请再运行一次 python -m tracker backup make.*或用另一处备份目录（--from）"):
            drilling.drill(shop.place, made.name, None, tmp_path) if how == "drill" else shop.restore(made.name, tmp_path / f"back{number}")
        assert kept(shop) == {name: data for name, data in before.items() if name != path} | {path.with_name(path.name + aside): rotten}
        frozen_clock.shift(60)
        assert shop.make().copied == 1
        drilling.drill(shop.place, made.name, None, tmp_path)
    assert shop.restore(made.name, tmp_path / "back").missing == ()


def test_a_rotten_content_stays_where_it_is_while_a_backup_is_made_and_where_none_ever_was(shop: Shop, tmp_path: Path) -> None:
    digest = shop.add("一.txt", "第一份")
    made = shop.make()
    flip(shop.place.content(digest))
    with shop.place.locked(), pytest.raises(RuleBroken, match="没有恢复。各份备份共用一处文件"):
        shop.restore(made.name, tmp_path / "back")
    (shop.place.root / LOCK).unlink()
    before = kept(shop)
    with pytest.raises(RuleBroken, match="没有恢复。各份备份共用一处文件"):
        shop.restore(made.name, tmp_path / "back")
    assert kept(shop) == before


def test_a_sound_or_missing_content_is_never_set_aside(shop: Shop) -> None:
    digest = shop.add("一.txt", "第一份")
    made = shop.make()
    assert not shop.place.set_aside(digest, made.manifest.contents[0].size)
    shop.place.content(digest).unlink()
    assert not shop.place.set_aside(digest, made.manifest.contents[0].size)


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES])
def test_a_restore_replaces_a_file_that_cannot_be_read(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    digest = shop.add("一.txt", "第一份")
    made, back = shop.make(), tmp_path / "back"
    shop.restore(made.name, back)
    path = Store(back / "evidence", 0).path(digest)
    path.write_bytes(b"x")
    unreadable(monkeypatch, path, code)
    assert shop.restore(made.name, back, replace=True).copied == 1
    assert path.read_bytes() == "第一份".encode()


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES])
def test_a_content_that_cannot_be_read_stops_no_backup_but_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    sound, lost = shop.add("一.txt", "第一份"), shop.add("二.txt", "第二份")
    unreadable(monkeypatch, Store(shop.config.store, 0).path(lost), code)
    assert shop.make().manifest.damaged == (lost,)
    assert shop.place.content(sound).is_file() and not [*shop.place.content(lost).parent.glob("*")]


def test_a_shortage_of_the_machine_is_no_fault_of_the_file(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = shop.add("一.txt", "第一份")
    made, back = shop.make(), tmp_path / "back"
    shop.restore(made.name, back)
    unreadable(monkeypatch, Store(back / "evidence", 0).path(digest), errno.EMFILE)
    with pytest.raises(Problem, match="出错"):
        shop.restore(made.name, back, replace=True)
    shop.place.content(digest).unlink()
    unreadable(monkeypatch, Store(shop.config.store, 0).path(digest), errno.EMFILE)
    with pytest.raises(Problem, match="出错"):
        shop.make()


def test_a_full_disk_is_told_and_no_content_is_named_damaged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.add("一.txt", "第一份")

    def full(*_given: object) -> tuple[str, int]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(making, "write_part", full)
    with pytest.raises(NoSpace, match="空间不足"):
        shop.make()
    assert shop.place.names() == []


@pytest.mark.parametrize("damage", ["missing", "shorter", "rotten"])
def test_a_file_that_the_system_lost_is_named_though_an_earlier_backup_has_it(shop: Shop, frozen_clock: time_machine.Traveller, damage: str) -> None:
    shop.add("完好.txt", "完好")
    path = Store(shop.config.store, 0).path(digest := shop.add("一.txt", "第一份"))
    assert shop.make().lost == ()
    frozen_clock.shift(60)
    if damage == "missing":
        path.unlink()
    elif damage == "shorter":
        path.write_bytes(b"x")
    else:
        # Of the same size it is noticed once it was read.
        flip(path)
        assert shop.make().lost == ()
        shop.terminal.refused("evidence", "scrub", status=1)
    said = shop.terminal.refused("backup", "make", status=1)
    assert "系统中缺失或损坏 1 个文件，备份中有完好的副本" in said and f"\n  python -m tracker backup restore-file {digest}\n" in said
    assert shop.place.read(shop.place.newest()).damaged == ()
    shop.terminal.said("backup", "restore-file", digest)
    frozen_clock.shift(60)
    assert "已备份" in shop.terminal.said("backup", "make")


def test_a_file_that_neither_the_system_nor_the_backups_have_whole_is_not_said_to_be_there(shop: Shop, frozen_clock: time_machine.Traveller) -> None:
    digest = shop.add("一.txt", "第一份")
    shop.make()
    frozen_clock.shift(60)
    Store(shop.config.store, 0).path(digest).unlink()
    flip(shop.place.content(digest))
    made = shop.make()
    assert (made.lost, made.manifest.damaged) == ((), (digest,))
