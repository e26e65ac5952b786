"""Signing: what is signed, what is refused and why, how an operator goes on, and what becomes of keys."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.heads.conftest import Desk
from tracker.audit import trail
from tracker.audit.actor import SYSTEM
from tracker.audit.heads import actions, notes, queries
from tracker.audit.heads.checking import file_fault
from tracker.audit.heads.keys import MEMORY, Keyring
from tracker.audit.heads.signing import Sealed
from tracker.audit.queries import TrailFilter, chain_heads, events
from tracker.db import EVERY_ENTITY, Database, UnitOfWork
from tracker.errors import BadInput, NoSpace, Problem, RuleBroken

ENDLESS = '{"deployment": "x", "chains": {"system": [Infinity, "x"]}, "registry": null, "passed": {}}'
# A private key of a kind that nobody knows, in the frame of one.
UNKNOWN = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VjBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n-----END PRIVATE KEY-----\n"


def told(desk: Desk, action: str) -> list[tuple[dict[str, object], dict[str, object]]]:
    with desk.database.reading(EVERY_ENTITY) as s:
        return [(event.after, event.personal) for event in events(s, TrailFilter(("system",), action))]


def heads_file(desk: Desk, number: int) -> str:
    with desk.database.reading(EVERY_ENTITY) as s:
        return queries.heads_file(s, number)[1]


def held_against(desk: Desk, text: str) -> str:
    with desk.database.reading(EVERY_ENTITY) as s:
        return file_fault(s, notes.read_file(text))


def sealed(desk: Desk) -> Sealed:
    with desk.database.reading(EVERY_ENTITY) as s:
        return desk.signer.sealed(s, chain_heads(s, [f"ent_{desk.world.ours}"]))


def test_everything_is_signed_once_and_the_notes_bear_the_check(desk: Desk) -> None:
    done = desk.signer.sign_all()
    assert (done.number, done.heads, list(done.refused)) == (1, 3, [])
    assert desk.signer.sign_all().number == 2
    with desk.database.reading(EVERY_ENTITY) as s:
        assert [one.signed == one.size for one in queries.behind(s)] == [True] * 3
    desk.happens()
    assert desk.signer.sign_all().heads == 4
    assert desk.faults() == []
    file = notes.read_file(heads_file(desk, 1))
    assert {head.chain for head in file.heads} == {"ent_1", "ent_2", "system"} == set(notes.listed(file.lines).chains)
    assert held_against(desk, heads_file(desk, 1)) == ""


def test_a_registry_that_found_no_room_is_not_missed_by_the_next_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(UnitOfWork, "commit", lambda _s: (_ for _ in ()).throw(NoSpace("满")))
        with pytest.raises(NoSpace):
            desk.signer.sign_all()
    done = desk.signer.sign_all()
    assert (done.number, list(done.refused)) == (1, [])
    assert desk.ring.memory().registry == (1, notes.read_file(heads_file(desk, 1)).registry.digest) and desk.faults() == []


def test_private_keys_and_what_was_signed_are_the_owners_alone(desk: Desk) -> None:
    desk.signer.sign_all()
    assert {path.suffix for path in desk.ring.folder.iterdir()} == {".pem", ".json"}
    if os.name != "nt":
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in desk.ring.folder.iterdir())
        assert desk.ring.folder.stat().st_mode & 0o777 == 0o700


def test_a_second_key_is_refused_and_says_what_to_do(desk: Desk) -> None:
    with pytest.raises(RuleBroken, match="heads key rotate"):
        desk.key()


def test_an_export_shows_the_same_note_for_the_same_head_whenever_it_is_made(desk: Desk) -> None:
    first = sealed(desk)
    desk.clock.shift(3600)
    assert sealed(desk) == first and first.heads["ent_1"].signature
    assert desk.faults() == []


def test_without_its_file_nothing_is_signed_and_what_was_signed_stays(desk: Desk) -> None:
    first = sealed(desk)
    next(desk.ring.folder.glob("*.pem")).unlink()
    assert sealed(desk) == first
    desk.happens()
    with pytest.raises(Problem, match="heads key lost"):
        desk.signer.sign_all()
    desk.loses_key("磁盘损坏")
    assert desk.signer.sign_all().number == 1
    assert desk.faults() == []
    assert told(desk, "key.lost")[0][1]["reason"] == "磁盘损坏"


def test_a_key_whose_file_is_there_is_not_lost(desk: Desk) -> None:
    (file,) = desk.ring.folder.glob("*.pem")
    with pytest.raises(RuleBroken, match=f"密钥文件还在（指纹 {file.stem[:16]}….*heads key rotate"):
        desk.key("replace_lost_key", "以为遗失了")
    assert [*desk.ring.folder.glob("*.pem")] == [file] and told(desk, "key.lost") == []
    file.write_text("damaged", encoding="ascii")
    assert desk.key("replace_lost_key", "密钥文件损坏") != file.stem and len(told(desk, "key.lost")) == 1


def test_a_key_that_takes_the_place_of_another_is_signed_by_both(desk: Desk) -> None:
    desk.signer.sign_all()
    earlier = heads_file(desk, 1)
    new = desk.key("rotate_key")
    desk.signer.sign_all()
    with desk.database.reading(EVERY_ENTITY) as s:
        keys = queries.keys(s)
    assert [key.kind for key in keys] == ["first", "changed"] and keys[1].fingerprint == new
    assert desk.faults() == []
    assert notes.read_file(heads_file(desk, 2)).registry.fingerprint == new
    assert held_against(desk, earlier) == held_against(desk, heads_file(desk, 2)) == ""


def test_an_older_backup_put_back_is_refused_until_an_operator_says_why(desk: Desk, tmp_path: Path) -> None:
    desk.signer.sign_all()
    backup = desk.copy(tmp_path / "backup.db")
    desk.happens("丁公司")
    desk.signer.sign_all()
    later = heads_file(desk, 2)
    desk.restore(backup)
    done = desk.signer.sign_all()
    assert done.number is None
    assert any("链 system：历史与上次签名不符，可能恢复了旧备份或被改动：上次签到" in why for why in done.refused)
    assert any("链 ent_3 不在数据库中" in why for why in done.refused)
    assert "整个主体的操作留痕被删去" in held_against(desk, later)
    with pytest.raises(BadInput):
        desk.signer.accept(desk.world.admin.actor, " ")
    lost = desk.signer.accept(desk.world.admin.actor, "服务器损坏，恢复了昨天的备份")
    ((after, personal),) = told(desk, "heads.accepted")
    assert after["lost"] == list(lost) and personal["reason"] == "服务器损坏，恢复了昨天的备份"
    assert any(text.startswith("system：已签") and "现有" in text for text in lost) and any("ent_3" in text and "现已不存在" in text for text in lost)
    desk.happens("戊公司")
    assert desk.signer.sign_all().number == 2
    assert desk.faults() == []
    with pytest.raises(RuleBroken, match="没有什么需要接受"):
        desk.signer.accept(desk.world.admin.actor, "再来一次")


def test_a_history_written_anew_is_refused_by_the_checkpoints_even_without_the_file(desk: Desk) -> None:
    desk.signer.sign_all()
    (desk.ring.folder / MEMORY).unlink()
    desk.sql("UPDATE audit_event SET entry = CASE WHEN entry < '1' THEN '1' ELSE '0' END || substr(entry, 2) WHERE chain_id = 'ent_1' AND seq = (SELECT max(seq) FROM audit_event WHERE chain_id = 'ent_1')")
    done = desk.signer.sign_all()
    assert done.number is None and any(why.startswith("链 ent_1：历史与上次签名不符") for why in done.refused)
    assert "ent_1" not in sealed(desk).heads


def test_a_link_that_is_broken_after_the_last_note_is_not_signed(desk: Desk) -> None:
    desk.signer.sign_all()
    for name in ("甲", "乙"):
        desk.happens(name)
    desk.sql("UPDATE audit_event SET body = CASE WHEN body < '1' THEN '1' ELSE '0' END || substr(body, 2) WHERE chain_id = 'system' AND seq = (SELECT max(seq) - 1 FROM audit_event WHERE chain_id = 'system')")
    assert any("首尾不相连" in why for why in desk.signer.sign_all().refused)


def test_another_database_in_the_place_of_the_signed_one_is_refused(desk: Desk, empty_database: Database) -> None:
    desk.signer.sign_all()
    desk.sql("UPDATE deployment SET id = 'other'")
    assert all("上次签名的是另一个数据库" in why for why in desk.signer.sign_all().refused if "ent_1" in why)


def test_a_damaged_memory_is_a_sentence_and_nothing_is_signed(desk: Desk) -> None:
    desk.signer.sign_all()
    for content in ("", "{", "[]", json.dumps({"deployment": 1}), "[" * 100_000, ENDLESS):
        (desk.ring.folder / MEMORY).write_text(content, encoding="utf-8")
        with pytest.raises(Problem, match="已损坏"):
            desk.signer.sign_all()
        assert sealed(desk).heads


def test_a_key_file_of_another_kind_is_a_key_that_is_not_there(desk: Desk) -> None:
    (file,) = desk.ring.folder.glob("*.pem")
    file.write_text(UNKNOWN, encoding="ascii")
    assert not desk.ring.holds(file.stem)
    with pytest.raises(Problem, match="或已损坏"):
        desk.ring.sign(file.stem, "x")


def test_before_there_is_an_installation_no_key_is_made(empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "deployment_id", lambda _s: "")
    with pytest.raises(RuleBroken, match="还没有部署标识"), empty_database.writing(EVERY_ENTITY) as s:
        actions.create_key(s, SYSTEM, Keyring(tmp_path / "keys"))
    assert not (tmp_path / "keys").exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(Problem, match="TRACKER_KEYS"):
        Keyring(tmp_path / "file" / "keys").create()


def test_a_file_of_heads_that_was_changed_is_named_as_such(desk: Desk) -> None:
    desk.signer.sign_all()
    text = heads_file(desk, 1)
    system = next(block for block in text.split("\n\n") if block.startswith("CA1 head") and "\nsystem\n" in block)
    head = system.split("\n")[4]
    for old, new, said in ((f"\n{head}\n", f"\n{'0' * 64}\n", "链 system的签名不对"), ("ent_2 ", "ent_3 ", "登记的各行与登记摘要不符"), ("\nfirst\n", "\nlost\n", "第 1 把公钥")):
        assert said in held_against(desk, text.replace(old, new))
