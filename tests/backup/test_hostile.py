"""Backups in hostile hands or in the wrong place: a sentence, and nothing touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.backup.conftest import Shop
from tracker.backup import making, manifest
from tracker.backup.places import Place
from tracker.errors import RuleBroken

SOUND: dict[str, Any] = {
    "format": 1, "made_at": "2026-11-22T02:00:00.000000Z", "deployment": "d", "revision": "0014", "kind": "sqlite", "database_size": 5, "database_sha256": "a" * 64,
    "contents": [{"sha256": "b" * 64, "size": 3, "stores": ["evidence"]}], "chains": {"system": [1, "c" * 64]}, "damaged": [],
}


def written(**more: Any) -> bytes:
    """Write a manifest with its digest, as anybody can compute it."""
    told = SOUND | more
    return json.dumps({"manifest": told, "check": manifest._check(told)}).encode()


@pytest.mark.parametrize("more", [
    {"contents": [{"sha256": "../../secret.key", "size": 3, "stores": ["evidence"]}]}, {"contents": [{"sha256": "b" * 64, "size": 3, "stores": ["../.."]}]},
    {"contents": [{"sha256": "b" * 64, "size": "3", "stores": ["evidence"]}]}, {"contents": [{"sha256": "b" * 64, "size": -3, "stores": ["evidence"]}]},
    {"contents": [{"sha256": ["b"], "size": 3, "stores": ["evidence"]}]}, {"made_at": 5}, {"made_at": "heute"}, {"made_at": "2026-11-22T02:00:00"}, {"revision": [1]},
    {"chains": {"system": ["x", 1]}}, {"database_size": "x"}, {"database_sha256": "/etc"}, {"damaged": [{}]}, {"more": 1},
], ids=str)
def test_a_manifest_whose_digest_fits_is_still_held_to_what_a_manifest_is(more: dict[str, Any]) -> None:
    assert manifest.read(written(), "x").bytes == 8
    with pytest.raises(RuleBroken, match="清单（manifest.json）已损坏"):
        manifest.read(written(**more), "x")


@pytest.mark.parametrize("where", [".", "evidence", "evidence/backups", "exports", "keys", "work"])
def test_no_backup_is_put_where_the_system_keeps_or_sweeps_its_own(shop: Shop, where: str) -> None:
    folder = Path(shop.config.instance, where)
    with pytest.raises(RuleBroken, match="备份不能放在数据目录本身"):
        making.make(shop.config.instance, shop.database, Place(folder))
    assert not (folder / "lock.db").exists()
    (shop.place.root.parent / "link").symlink_to(folder)
    with pytest.raises(RuleBroken, match="备份不能放在数据目录本身"):
        making.make(shop.config.instance, shop.database, Place(shop.place.root.parent / "link"))
