"""Clearing old backups away: contents that a kept backup names never go."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from ..durable import settle
from .places import CONTENTS, MANIFEST, Place, speaking_of


@dataclass(frozen=True, slots=True)
class Pruned:
    """The backups that went, and the contents that only they had."""

    names: tuple[str, ...]
    contents: int
    freed: int


def prune(place: Place, keep: int) -> Pruned:
    """Remove all but the newest `keep` backups; a damaged manifest among those kept stops it, as nobody knows what it names."""
    if not place.root.is_dir():
        # Holding a folder makes it: one that was mistyped is not to be found full of backups that never were.
        place.newest()
    with speaking_of(place.root), place.locked():
        place.clear_unfinished()
        names = place.names()
        kept, gone = names[-keep:], names[:-keep]
        named = {content.sha256 for name in kept for content in place.read(name).contents}
        for name in gone:
            # Without its manifest it is no backup any more, whatever comes after.
            (place.folder(name) / MANIFEST).unlink()
            settle(place.folder(name))
            shutil.rmtree(place.folder(name))
        idle = [path for path in (place.root / CONTENTS).glob("*/*/*") if path.name not in named] if gone else []
        freed = sum(path.stat().st_size for path in idle)
        for path in idle:
            path.unlink()
    return Pruned(tuple(gone), len(idle), freed)
