"""The drill: a backup is put into a scratch place and read through, so that one knows today what the worst day would cost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import clock
from ..audit.queries import chain_heads
from ..audit.trail import deployment_id, known_deployment
from ..db import EVERY_ENTITY, Database
from ..errors import RuleBroken
from ..progress import Told, silent
from .checking import check_contents
from .manifest import Manifest
from .places import Place, speaking_of
from .restoring import Target, restore


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill showed: how long it took, and what would be lost now, per chain; no `lost` when the live database could not be asked."""

    name: str
    manifest: Manifest
    seconds: float
    minutes: int
    lost: dict[str, int] | None


def drill(place: Place, name: str, live: Database | None, scratch: Path | None = None, told: Told = silent) -> Drilled:
    """Restore a backup into a scratch place and verify all of it; RuleBroken with the first fault. The scratch place is gone afterwards.

    `live` is the database of now, None where it cannot be used.
    """
    began = time.monotonic()
    if live:
        with live.reading() as s:
            known_deployment(s)
    with speaking_of(scratch or Path("/")), TemporaryDirectory(prefix="tracker-drill-", dir=scratch) as folder:
        instance = Path(folder) / "instance"
        target = Target(instance, f"sqlite:///{instance / 'tracker.db'}")
        manifest = restore(place, name, target, told=told).manifest
        if manifest.damaged:
            raise RuleBroken(f"备份 {name} 制作时，文件 {manifest.damaged[0]} 就已缺失或损坏（共 {len(manifest.damaged)} 个），备份中没有它们。各份备份共用一处文件，请到另一处备份目录（--from）中查找。")
        check_contents(instance, manifest, told)
    minutes = int((clock.now() - manifest.moment).total_seconds() // 60)
    return Drilled(name, manifest, time.monotonic() - began, minutes, _lost(live, manifest) if live else None)


def _lost(live: Database, manifest: Manifest) -> dict[str, int]:
    with live.reading(EVERY_ENTITY) as s:
        if deployment_id(s) != manifest.deployment:
            raise RuleBroken("备份完好，但不是现在这套系统的：部署标识不同。请核对设置 TRACKER_INSTANCE 与 TRACKER_BACKUPS。")
        now = {head.chain_id: head.size for head in chain_heads(s)}
    return {chain: size - manifest.chains.get(chain, (0, ""))[0] for chain, size in sorted(now.items()) if size > manifest.chains.get(chain, (0, ""))[0]}
