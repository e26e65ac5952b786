"""Reading the stores again: what is missing or rotten raises an alarm, what is sound again settles it, and a pass goes on where it ended."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.backup.conftest import Shop
from tracker import durable
from tracker.alarms.actions import raise_alarm, settle_alarm
from tracker.alarms.queries import alarms, is_told, open_count
from tracker.audit.actor import SYSTEM
from tracker.audit.queries import TrailFilter, events, faults
from tracker.audit.trail import entity_chain
from tracker.db import EVERY_ENTITY
from tracker.durable import pieces
from tracker.evidence.store import Store
from tracker.stores.scrubbing import Pace, Scrubbed, Stopped, scrub, scrub_slice

FAST = 1e12


def read(shop: Shop, seconds: float = FAST) -> Scrubbed:
    """Read on at full speed."""
    return scrub(shop.config, shop.database, Pace(FAST, seconds))


def path_of(shop: Shop, digest: str) -> Path:
    """Return where a content lies."""
    return Store(shop.config.store, 0).path(digest)


def told(shop: Shop, name: str) -> int:
    """Count the open alarms of which somebody is told."""
    who = shop.company.world.viewer(name)
    with shop.database.reading(who.entities) as s:
        return open_count(s, who)


def actions(shop: Shop) -> list[str]:
    """List what the entity's chain says of evidence, oldest first."""
    with shop.database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
        return [event.action for event in events(s, TrailFilter((entity_chain(shop.company.world.ours),), action="evidence"), oldest_first=True)]


@pytest.mark.parametrize("damage", ["missing", "rotten", "shorter"])
def test_a_damaged_file_raises_one_alarm_which_a_restored_one_settles(shop: Shop, damage: str) -> None:
    shop.add("完好.txt", "完好")
    path = path_of(shop, digest := shop.add("证据.txt", "原来的内容"))
    shop.make()
    assert read(shop).faults == [] and told(shop, "林合规") == 0
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes("别样的内容".encode() if damage == "rotten" else b"x")
    for _ in range(2):
        assert read(shop).faults == [digest]
    assert [told(shop, name) for name in ("林合规", "管理员", "操作员", "王责任", "钱审计", "孙外人")] == [1, 1, 1, 0, 0, 0]
    assert actions(shop)[-1:] == ["evidence.damaged"]
    what = {"missing": "缺失", "rotten": "损坏，与保存时的内容不同", "shorter": "损坏，与保存时的内容不同"}[damage]
    said = shop.terminal.refused("evidence", "scrub", status=1)
    assert f"证据文件{what}：“证据.txt”（海川证券），SHA-256 {digest}\n" in said and f"\n  python -m tracker backup restore-file {digest}\n" in said
    assert "已放回文件" in shop.terminal.said("backup", "restore-file", digest)
    assert path.read_bytes() == "原来的内容".encode()
    assert told(shop, "林合规") == 0 and actions(shop)[-2:] == ["evidence.damaged", "evidence.sound_again"]
    assert "到末尾为止" in shop.terminal.said("evidence", "scrub")


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.EACCES, errno.EMFILE])
def test_a_file_that_cannot_be_read_raises_an_alarm_unless_the_machine_is_short(shop: Shop, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    path = path_of(shop, digest := shop.add("证据.txt", "原来的内容"))

    def refused(asked: Path) -> Iterator[bytes]:
        if asked == path:
            raise OSError(code, os.strerror(code), str(asked))
        yield from pieces(asked)

    monkeypatch.setattr(durable, "pieces", refused)
    if code == errno.EMFILE:
        with pytest.raises(OSError, match=os.strerror(code)):
            read(shop)
        assert told(shop, "林合规") == 0
    else:
        assert read(shop).faults == [digest] and told(shop, "林合规") == 1


def test_a_file_that_somebody_else_has_put_back_settles_the_alarm_in_the_next_pass(shop: Shop) -> None:
    path = path_of(shop, shop.add("证据.txt", "原来的内容"))
    held = path.read_bytes()
    path.unlink()
    read(shop)
    path.write_bytes(held)
    assert read(shop).faults == [] and told(shop, "管理员") == 0


def test_a_pass_goes_on_where_it_was_interrupted(shop: Shop) -> None:
    for number in range(5):
        shop.add(f"{number}.txt", f"内容 {number}")
    calls: list[int] = []

    def stopped() -> bool:
        calls.append(1)
        return len(calls) > 5

    first = scrub(shop.config, shop.database, Pace(FAST, FAST, stopped))
    assert 0 < first.files < 5 and not first.whole
    second = read(shop)
    assert second.whole and first.files + second.files == 5


def test_the_rate_is_kept() -> None:
    began, pace = time.monotonic(), Pace(1000.0, FAST)
    for _ in range(10):
        pace.read(20)
    assert time.monotonic() - began >= 0.19
    with pytest.raises(Stopped):
        Pace(1.0, FAST, lambda: True).read(1)


def test_the_hourly_slice_reads_once_a_day(shop: Shop, frozen_clock: object, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(shop, shop.add("证据.txt", "原来的内容"))
    shop.config = replace(shop.config, scrub_mb=4096)
    scrub_slice(shop.config, shop.database)
    path.unlink()
    scrub_slice(shop.config, shop.database)
    assert told(shop, "管理员") == 0
    frozen_clock.shift(21 * 3600)  # type: ignore[attr-defined]
    scrub_slice(shop.config, shop.database)
    assert told(shop, "管理员") == 1


def test_a_content_that_no_row_names_or_no_backup_has_is_refused_in_a_sentence(shop: Shop) -> None:
    digest = shop.add("证据.txt", "原来的内容")
    assert "64 位" in shop.terminal.refused("backup", "restore-file", "abc")
    assert "没有任何证据" in shop.terminal.refused("backup", "restore-file", "0" * 64, status=1)
    assert "没有这个文件的完好副本" in shop.terminal.refused("backup", "restore-file", digest, status=1)
    assert path_of(shop, digest).read_bytes() == "原来的内容".encode()


def test_alarms_of_the_whole_system_are_for_administrators(shop: Shop) -> None:
    world = shop.company.world
    with shop.database.writing(EVERY_ENTITY) as s:
        assert raise_alarm(s, SYSTEM, "signing", "system", "签名没有完成。")
        assert not raise_alarm(s, SYSTEM, "signing", "system", "签名还是没有完成。")
    assert [told(shop, name) for name in ("管理员", "林合规")] == [1, 0]
    with shop.database.writing(EVERY_ENTITY) as s:
        assert settle_alarm(s, SYSTEM, "signing", "system")
        assert not settle_alarm(s, SYSTEM, "signing", "system")
    with shop.database.reading() as s:
        assert [(row.sentence, row.settled_at is not None) for row in alarms(s, world.admin)] == [("签名没有完成。", True)]
        assert alarms(s, world.officer) == [] and is_told(world.officer) and not is_told(world.owner)


def test_a_damaged_export_of_a_group_raises_an_alarm_in_every_entity_of_it(shop: Shop) -> None:
    world, digest, moment = shop.company.world, "ab" * 32, "2026-11-22 02:00:00.000000"
    export = {
        "id": 7, "entity_id": world.ours, "file_name": "集团.xlsx", "sha256": digest, "size": 5, "filter_words": "", "edition": "", "counts": "{}",
        "as_of": moment, "entity_count": 2, "made_at": moment,
    }
    with shop.database.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO export ({', '.join(export)}) VALUES ({', '.join('?' for _ in export)})", tuple(export.values()))
        connection.exec_driver_sql("INSERT INTO export_entity (export_id, entity_id) VALUES (?, ?)", (7, world.others))
    for _ in range(2):
        assert read(shop).faults == [digest]
    assert [told(shop, name) for name in ("林合规", "孙外人", "管理员", "王责任")] == [1, 1, 2, 0]
    with shop.database.writing(EVERY_ENTITY) as s:
        assert settle_alarm(s, SYSTEM, "export_damaged", "report:7")
    assert [told(shop, name) for name in ("林合规", "孙外人", "管理员")] == [0, 0, 0]
    with shop.database.reading(EVERY_ENTITY) as s:
        for entity_id in (world.ours, world.others):
            kept = [event.action for event in events(s, TrailFilter((entity_chain(entity_id),)), limit=2)]
            assert kept == ["report.sound_again", "report.damaged"]


def test_every_damaged_file_has_its_name_and_a_command_of_its_own(shop: Shop) -> None:
    digests = [shop.add(name, text) for name, text in (("一.txt", "第一份"), ("二.txt", "第二份"))]
    path_of(shop, digests[0]).unlink()
    path_of(shop, digests[1]).write_bytes(b"x")
    said = shop.terminal.refused("evidence", "scrub", status=1)
    assert "证据文件缺失：“一.txt”（海川证券）" in said and "损坏，与保存时的内容不同：“二.txt”（海川证券），SHA-256" in said
    assert [said.count(f"restore-file {digest}\n") for digest in digests] == [1, 1] and "2 个文件缺失或损坏" in said
