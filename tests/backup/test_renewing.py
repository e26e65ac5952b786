"""What has rotted or cannot be read: set aside in the backups and copied anew, replaced in the live store, and named where there is no other."""

from __future__ import annotations

from pathlib import Path

import pytest
import time_machine

from tests.backup.conftest import Shop
from tracker.backup import drilling
from tracker.backup.places import LOCK
from tracker.errors import RuleBroken

RENEWED = "其中损坏的 1 个已在备份目录中改名（.damaged），下次备份时会重新复制"


def flip(path: Path) -> bytes:
    """Change a bit in the middle of a file; returns what it has now."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return bytes(data)


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
        with pytest.raises(RuleBroken, match=f"没有恢复。{RENEWED}"):
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
    with shop.place.locked(), pytest.raises(RuleBroken, match="没有恢复。可改用另一份备份"):
        shop.restore(made.name, tmp_path / "back")
    (shop.place.root / LOCK).unlink()
    before = kept(shop)
    with pytest.raises(RuleBroken, match="没有恢复。可改用另一份备份"):
        shop.restore(made.name, tmp_path / "back")
    assert kept(shop) == before


def test_a_sound_or_missing_content_is_never_set_aside(shop: Shop) -> None:
    digest = shop.add("一.txt", "第一份")
    made = shop.make()
    assert not shop.place.set_aside(digest, made.manifest.contents[0].size)
    shop.place.content(digest).unlink()
    assert not shop.place.set_aside(digest, made.manifest.contents[0].size)
