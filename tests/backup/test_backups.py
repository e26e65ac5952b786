"""Backups: made in use, put back whole or not at all, continued where they broke off, and faults named before anything is touched."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import time_machine

from tests.backup.conftest import Shop
from tracker.audit.queries import chain_heads, faults
from tracker.backup import drilling, making, pruning, restoring
from tracker.backup.checking import check_contents
from tracker.backup.places import MANIFEST
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import Busy, NotFound, RuleBroken
from tracker.evidence.models import Evidence


def files(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(instance: Path) -> set[str]:
    """Open a restored database, check its trail, and return the names of the evidence in it."""
    database = Database(f"sqlite:///{instance / 'tracker.db'}")
    try:
        with database.reading(EVERY_ENTITY) as s:
            assert faults(s) == []
            return {row.name for row in s.query(Evidence)}
    finally:
        database.close()


def test_a_backup_restores_to_what_stood_when_it_was_made(shop: Shop, tmp_path: Path) -> None:
    digest = shop.add("一.txt", "第一份")
    made = shop.make()
    shop.add("二.txt", "第二份")
    done = shop.restore(made.name, tmp_path / "back")
    assert (done.copied, done.missing, done.aside) == (1, (), "")
    assert names(tmp_path / "back") == {"一.txt"}
    assert (tmp_path / "back" / "evidence" / digest[:2] / digest[2:4] / digest).read_bytes() == "第一份".encode()
    assert not list((tmp_path / "back").glob("*.restoring*"))


def test_contents_that_a_backup_has_are_not_copied_again(shop: Shop, frozen_clock: time_machine.Traveller) -> None:
    shop.add("一.txt", "第一份")
    first = shop.make()
    frozen_clock.shift(60)
    shop.add("二.txt", "第二份")
    second = shop.make()
    assert (first.copied, second.copied, len(second.manifest.contents)) == (1, 1, 2)
    assert shop.place.names() == [first.name, second.name]


def test_without_its_manifest_a_backup_does_not_exist_and_the_next_run_clears_it_and_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.add("一.txt", "第一份")

    def stop(_manifest: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(making, "written", stop)
        with pytest.raises(KeyboardInterrupt):
            shop.make()
    assert shop.place.names() == [] and len([*shop.place.root.glob("2*")]) == 1
    with pytest.raises(NotFound, match="还没有备份"):
        shop.place.newest()
    assert shop.make().copied == 0
    assert len([*shop.place.root.glob("2*")]) == 1


def test_two_runs_never_work_in_one_folder(shop: Shop) -> None:
    with shop.place.locked(), pytest.raises(Busy, match="另一个备份或清理"):
        shop.make()


def test_a_database_that_is_there_is_left_alone_or_moved_aside(shop: Shop, tmp_path: Path) -> None:
    shop.add("一.txt", "第一份")
    made, back = shop.make(), tmp_path / "back"
    shop.restore(made.name, back)
    with closing(sqlite3.connect(back / "tracker.db")) as other:
        other.execute("CREATE TABLE later (x)")
    before = files(back)
    with pytest.raises(RuleBroken, match="--replace"):
        shop.restore(made.name, back)
    assert files(back) == before
    done = shop.restore(made.name, back, replace=True)
    with closing(sqlite3.connect(done.aside)) as aside, closing(sqlite3.connect(back / "tracker.db")) as now:
        tables = "SELECT count(*) FROM sqlite_master WHERE name = 'later'"
        assert (aside.execute(tables).fetchone(), now.execute(tables).fetchone()) == ((1,), (0,))


def test_a_database_in_use_is_noticed_and_left_alone(shop: Shop, tmp_path: Path) -> None:
    made, back = shop.make(), tmp_path / "back"
    shop.restore(made.name, back)
    serving = Database(f"sqlite:///{back / 'tracker.db'}")
    with serving.reading() as s:
        s.connection()
        with pytest.raises(RuleBroken, match="正在使用中") as refused:
            shop.restore(made.name, back, replace=True)
    serving.close()
    assert "locked" not in str(refused.value) and not list(back.glob("*.restoring*"))
    assert shop.restore(made.name, back, replace=True).aside


def test_a_folder_of_something_else_is_left_alone(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("x", encoding="ascii")
    with pytest.raises(RuleBroken, match="不属于本系统的内容（letter.txt）"):
        shop.restore(shop.make().name, tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letter.txt"]


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("what", ["manifest", "database", "content", "no content", "no database"])
def test_a_damaged_backup_is_refused_and_the_place_stays_as_it_was(shop: Shop, tmp_path: Path, what: str) -> None:
    digest = shop.add("一.txt", "第一份")
    made, back = shop.make(), tmp_path / "back"
    shop.restore(made.name, back)
    before = (back / "tracker.db").read_bytes()
    (back / "evidence" / digest[:2] / digest[2:4] / digest).unlink()
    content, database = shop.place.content(digest), shop.place.database(made.name)
    if what.startswith("no "):
        {"no content": content, "no database": database}[what].unlink()
    else:
        _flip({"manifest": shop.place.folder(made.name) / MANIFEST, "database": database, "content": content}[what])
    with pytest.raises(RuleBroken, match="已损坏|缺失|缺少|不是本程序认得的"):
        shop.restore(made.name, back, replace=True)
    if what == "content":
        with pytest.raises(RuleBroken, match="缺失或已损坏"):
            drilling.drill(shop.place, made.name, None, tmp_path)
    assert (back / "tracker.db").read_bytes() == before and not list(back.glob("*.restoring*"))
    assert not list(tmp_path.glob("tracker-drill-*"))


def test_a_rotten_content_of_a_backup_may_be_left_out_on_demand(shop: Shop, tmp_path: Path) -> None:
    digest = shop.add("一.txt", "第一份")
    made = shop.make()
    _flip(shop.place.content(digest))
    assert shop.restore(made.name, tmp_path / "back", leave_damaged=True).missing == (digest,)


def test_a_rewritten_history_in_a_backup_is_found_though_its_digest_fits(shop: Shop, tmp_path: Path) -> None:
    made = shop.make()
    path, sheet = shop.place.database(made.name), shop.place.folder(made.name) / MANIFEST
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TRIGGER audit_event_no_update")
        file.execute("UPDATE audit_event SET record = replace(record, '2026', '2025') WHERE seq = 1 AND chain_id = 'system'")
        file.commit()
    told = json.loads(sheet.read_text(encoding="utf-8"))["manifest"]
    sha256, size = making.digest_of(path)
    manifest = shop.place.read(made.name)
    sheet.write_bytes(making.written(type(manifest)(**{**{n: getattr(manifest, n) for n in manifest.__slots__}, "database_size": size, "database_sha256": sha256})))
    assert told["database_sha256"] != sha256
    with pytest.raises(RuleBroken, match="链 system 第 1 条"):
        shop.restore(made.name, tmp_path / "back")


def test_a_row_changed_in_a_backup_is_found_by_the_digest_alone(shop: Shop, tmp_path: Path) -> None:
    made = shop.make()
    with closing(sqlite3.connect(shop.place.database(made.name))) as file:
        assert file.execute("UPDATE person SET pinyin = 'changed'").rowcount
        file.commit()
    with pytest.raises(RuleBroken, match="SHA-256 不符"):
        shop.restore(made.name, tmp_path / "back")


def test_a_manifest_changed_in_a_value_is_refused(shop: Shop, tmp_path: Path) -> None:
    made = shop.make()
    sheet = shop.place.folder(made.name) / MANIFEST
    sheet.write_text(sheet.read_text(encoding="utf-8").replace(made.manifest.made_at, "2020-01-01T00:00:00.000000Z"), encoding="utf-8")
    with pytest.raises(RuleBroken, match="清单.*已损坏"):
        shop.restore(made.name, tmp_path / "back")


def test_a_content_that_is_rotten_already_stops_no_backup_but_is_named(shop: Shop) -> None:
    sound, rotten = shop.add("一.txt", "第一份"), shop.add("二.txt", "第二份")
    _flip(shop.config.store / rotten[:2] / rotten[2:4] / rotten)
    made = shop.make()
    assert made.manifest.damaged == (rotten,) and shop.place.content(sound).is_file() and not shop.place.content(rotten).exists()
    with pytest.raises(RuleBroken, match="就已缺失或损坏.*另一处备份目录（--from）"):
        drilling.drill(shop.place, made.name, None)


def test_a_restore_replaces_a_rotten_file_and_leaves_sound_ones(shop: Shop, tmp_path: Path) -> None:
    digest = shop.add("一.txt", "第一份")
    made, back = shop.make(), tmp_path / "back"
    shop.restore(made.name, back)
    path = back / "evidence" / digest[:2] / digest[2:4] / digest
    assert shop.restore(made.name, back, replace=True).copied == 0
    _flip(path)
    assert shop.restore(made.name, back, replace=True).copied == 1
    assert path.read_bytes() == "第一份".encode()


def test_an_interrupted_restore_leaves_the_old_and_is_continued(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.add("一.txt", "第一份")
    first, back = shop.make(), tmp_path / "back"
    shop.restore(first.name, back)
    shop.add("二.txt", "第二份")
    second = shop.make()

    def stop(_target: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(restoring, "_put_file", stop)
        with pytest.raises(KeyboardInterrupt):
            shop.restore(second.name, back, replace=True)
    assert names(back) == {"一.txt"}
    assert shop.restore(second.name, back, replace=True).copied == 0
    assert names(back) == {"一.txt", "二.txt"}


def test_the_drill_says_what_would_be_lost(shop: Shop, frozen_clock: time_machine.Traveller, tmp_path: Path) -> None:
    shop.add("一.txt", "第一份")
    made = shop.make()
    frozen_clock.shift(600)
    shop.add("二.txt", "第二份")
    done = drilling.drill(shop.place, made.name, shop.database, tmp_path)
    assert (done.minutes, done.lost) == (10, {f"ent_{shop.company.world.ours}": 1})
    assert not list(tmp_path.glob("tracker-drill-*"))


def test_pruning_keeps_what_a_kept_backup_needs(shop: Shop, frozen_clock: time_machine.Traveller, tmp_path: Path) -> None:
    shop.add("一.txt", "第一份")
    made = [shop.make()]
    stray = shop.place.content("0" * 64)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of nobody")
    for _ in range(2):
        frozen_clock.shift(60)
        made.append(shop.make())
    done = pruning.prune(shop.place, 2)
    assert (done.names, done.contents, done.freed) == ((made[0].name,), 1, 9)
    shop.restore(made[2].name, tmp_path / "back")
    assert pruning.prune(shop.place, 2).names == ()


def test_three_backups_under_write_load_are_each_whole(shop: Shop, tmp_path: Path) -> None:
    stop, told = threading.Event(), list[BaseException]()

    def write(which: int) -> None:
        number = 0
        try:
            while not stop.is_set() and number < 60:
                shop.add(f"{which}_{number}.txt", f"内容 {which} {number}")
                number += 1
        except BaseException as error:
            told.append(error)

    writers = [threading.Thread(target=write, args=(which,)) for which in range(3)]
    for writer in writers:
        writer.start()
    made = [shop.make() for _ in range(3)]
    stop.set()
    for writer in writers:
        writer.join()
    assert told == []
    assert made[0].manifest.events <= made[1].manifest.events <= made[2].manifest.events
    for number, one in enumerate(made):
        shop.restore(one.name, tmp_path / f"back{number}")
        check_contents(tmp_path / f"back{number}", one.manifest)
        assert len(names(tmp_path / f"back{number}")) == len(one.manifest.contents)
    with shop.database.reading(EVERY_ENTITY) as s:
        assert sum(head.size for head in chain_heads(s)) >= made[2].manifest.events


def test_the_commands_make_list_try_out_and_put_back(shop: Shop, tmp_path: Path) -> None:
    shop.add("一.txt", "第一份")
    terminal = shop.terminal
    assert "还没有备份" in terminal.said("backup", "list")
    assert "请先运行 python -m tracker backup make" in terminal.refused("backup", "drill", status=1)
    assert "已备份 20261122T020000Z" in terminal.said("backup", "make")
    assert "20261122T020000Z  2026-11-22 10:00:00" in terminal.said("backup", "list")
    assert "演练通过" in (said := terminal.said("backup", "drill", "--scratch", tmp_path)) and "丢失最近 0 分钟的内容，共 0 条记录" in said
    assert "没有备份 x" in terminal.refused("backup", "restore", "x", status=1)
    assert "--replace" in terminal.refused("backup", "restore", "20261122T020000Z", status=1)
    assert "已恢复 20261122T020000Z" in terminal.said("backup", "restore", "20261122T020000Z", "--into", tmp_path / "back")
    assert names(tmp_path / "back") == {"一.txt"}
    assert "没有可以删除的备份" in terminal.said("backup", "prune", "--keep", "1")
