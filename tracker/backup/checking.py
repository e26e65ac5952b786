"""Looking at a database and at contents before they are trusted: every chain, every disclosure, every byte."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from .. import migrate
from ..audit.names import fault_label
from ..audit.queries import chain_heads, faults
from ..db import EVERY_ENTITY, Database
from ..durable import digest_of, is_sound
from ..errors import RuleBroken
from ..evidence.store import Store
from ..progress import Told, silent
from ..stores.queries import ALARMS, REFERENCES
from .carrying import opened, revision_of
from .manifest import STORES, Content, Manifest

Chains = dict[str, tuple[int, str]]


def contents_of(file: sqlite3.Connection) -> tuple[Content, ...]:
    """List every content that a row of a file of SQLite names, in the order of the digests."""
    sizes: dict[str, int] = {}
    stores: dict[str, list[str]] = {}
    for store, table in STORES.items():
        # What was destroyed when its time was over is not missed; a backup of earlier code knows no such thing.
        columns = {row[1] for row in file.execute(f'PRAGMA table_info("{table}")')}
        needed = "WHERE destroyed_at IS NULL" if "destroyed_at" in columns else ""
        for sha256, size in file.execute(f'SELECT sha256, max(size) FROM "{table}" {needed} GROUP BY sha256'):
            sizes[sha256] = size
            stores.setdefault(sha256, []).append(store)
    return tuple(Content(sha256, sizes[sha256], tuple(stores[sha256])) for sha256 in sorted(sizes))


def alarmed_of(file: sqlite3.Connection) -> set[str]:
    """Return the contents about which an alarm stands in a file of SQLite: they were found missing or damaged when last read."""
    if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'alarm'").fetchone():
        return set()
    found: set[str] = set()
    for store, table in STORES.items():
        joined = f'SELECT sha256 FROM alarm JOIN "{table}" AS held ON alarm.object = ? || held.id WHERE alarm.kind = ? AND alarm.settled_at IS NULL'
        found.update(str(row[0]) for row in file.execute(joined, (f"{REFERENCES[store]}:", ALARMS[store])))
    return found


def chains_of(file: sqlite3.Connection) -> Chains:
    """Return size and head of every chain in a file of SQLite."""
    return {str(chain): (int(size), str(head)) for chain, size, head in file.execute("SELECT chain_id, size, head FROM audit_chain ORDER BY chain_id")}


def deployment_of(file: sqlite3.Connection) -> str:
    """Return whose database a file of SQLite is."""
    found = file.execute("SELECT id FROM deployment").fetchone()
    return str(found[0]) if found else ""


def check_file(path: Path, manifest: Manifest, name: str) -> None:
    """Raise RuleBroken with the first thing that is wrong with a copied database of a backup."""
    if digest_of(path) != (manifest.database_sha256, manifest.database_size):
        raise RuleBroken(f"备份 {name} 的数据库文件已损坏，与清单中的 SHA-256 不符。请改用另一份备份。")
    try:
        with opened(path) as file:
            _check_whole(file, name)
            if (revision_of(file), deployment_of(file)) != (manifest.revision, manifest.deployment):
                raise RuleBroken(f"备份 {name} 的数据库与清单不符：版本或部署标识不同。")
            if contents_of(file) != manifest.contents:
                raise RuleBroken(f"备份 {name} 的数据库与清单不符：所引用的文件不同。")
        _check_trail(path, manifest, name)
    except sqlite3.DatabaseError as reason:
        raise RuleBroken(f"备份 {name} 的数据库读不出来：{reason}。") from None


def _check_whole(file: sqlite3.Connection, name: str) -> None:
    found = file.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise RuleBroken(f"备份 {name} 的数据库内部已损坏：{found}。")
    broken = file.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise RuleBroken(f"备份 {name} 的数据库中，表 {broken[0]} 有行引用了不存在的数据。")


def _check_trail(path: Path, manifest: Manifest, name: str) -> None:
    if manifest.revision == migrate.head():
        _check_trail_in(path, manifest, name)
    else:
        with _upgraded(path, manifest, name) as copy:
            _check_trail_in(copy, manifest, name)


def _check_trail_in(path: Path, manifest: Manifest, name: str) -> None:
    database = Database(f"sqlite:///{path}")
    try:
        with database.reading(EVERY_ENTITY) as s:
            check_trail(s, dict(manifest.chains), f"备份 {name} 的")
    finally:
        database.close()


@contextmanager
def _upgraded(path: Path, manifest: Manifest, name: str) -> Iterator[Path]:
    # The check reads the tables of today: an older database is brought up to them in a copy, and is itself restored as it was.
    copy = path.with_name(f"{path.name}.upgraded")
    _remove(copy)
    try:
        shutil.copyfile(path, copy)
        database = Database(f"sqlite:///{copy}")
        try:
            migrate.upgrade(database)
        except RuleBroken as reason:
            why = " ".join(str(getattr(reason.__cause__, "orig", reason.__cause__ or reason)).split())
            raise RuleBroken(f"备份 {name} 的数据库版本是 {manifest.revision}，升级到本程序的版本时出错，没有恢复。请使用与它相配的旧版程序恢复。原因：{why[:300]}") from None
        finally:
            database.close()
        yield copy
    finally:
        _remove(copy)


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def check_trail(s: Session, chains: Chains, whose: str) -> None:
    """Raise RuleBroken at the first fault of any chain or disclosure, or where heads are not those given."""
    expected = dict(chains)
    for fault in faults(s, expected=list(expected)):
        raise RuleBroken(f"{whose}操作留痕校验未通过：链 {fault.chain} 第 {fault.seq} 条，{fault_label(fault.what)}。")
    check_heads(s, expected, whose)


def check_heads(s: Session, expected: Chains, whose: str) -> None:
    """Raise RuleBroken where the heads of the chains are not those given, whatever the revision of the database."""
    found = {head.chain_id: (head.size, head.head) for head in chain_heads(s)}
    for chain in sorted({*found, *expected}):
        if found.get(chain) != expected.get(chain):
            raise RuleBroken(f"{whose}操作留痕与清单不符：链 {chain} 的条数或链头不同。")


def check_contents(instance: Path, manifest: Manifest, told: Told = silent) -> None:
    """Read every content where it lies and raise RuleBroken at the first that is missing or not what it should be."""
    done = 0
    for content in manifest.contents:
        for store in content.stores:
            path = kept_at(instance, store, content.sha256)
            if not is_sound(path, content.sha256, content.size):
                raise RuleBroken(f"文件 {content.sha256} 缺失或已损坏（{store}/）。")
        done += content.size
        told(done, sum(one.size for one in manifest.contents))


def kept_at(instance: Path, store: str, sha256: str) -> Path:
    """Return where a store of a data folder keeps a content."""
    return Store(instance / store, 0).path(sha256)
