"""Mending a store: one content put back from a backup, verified, and the alarm about it settled."""

from __future__ import annotations

from ..alarms.queries import open_objects
from ..config import Config
from ..db import EVERY_ENTITY, Database
from ..errors import BadInput, NotFound, RuleBroken
from ..evidence.store import DIGEST
from ..stores.queries import ALARMS, NAMED_BY, Kept, content
from ..stores.scrubbing import Pace, Scrubbed, look_at
from .checking import kept_at
from .manifest import Content
from .places import Place, speaking_of
from .restoring import put_back

AT_ONCE = float("inf")


def restore_content(config: Config, database: Database, place: Place, sha256: str) -> list[str]:
    """Put one content back into every store whose rows name it; returns those stores. Verified before and after."""
    if not DIGEST.fullmatch(sha256):
        raise BadInput("请写出完整的 SHA-256：64 位十六进制数字。")
    with database.reading(EVERY_ENTITY) as s:
        wanted = {store: found for store in NAMED_BY if (found := content(s, store, sha256))}
    if not wanted:
        raise NotFound("没有任何证据或导出件是这个 SHA-256，没有放回任何文件。")
    with speaking_of(config.instance):
        for store, kept in wanted.items():
            root = config.instance / store
            root.mkdir(parents=True, exist_ok=True)
            if not put_back(Content(sha256, kept.size, (store,)), kept_at(config.instance, store, sha256), root, [place.content(sha256)]):
                raise RuleBroken(f"{place.root} 中没有这个文件的完好副本，没有改动。请用 --from 指明另一个备份目录。")
            _settle(config, database, store, kept)
    return list(wanted)


def _settle(config: Config, database: Database, store: str, kept: Kept) -> None:
    with database.reading(EVERY_ENTITY) as s:
        alarmed = open_objects(s, ALARMS[store])
    if not look_at(database, store, config.instance / store, kept, Pace(AT_ONCE, AT_ONCE), Scrubbed(), alarmed):
        raise RuleBroken("放回的文件核对不符，磁盘可能有故障。请检查磁盘后再试。")
