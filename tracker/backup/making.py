"""Making a backup while the system is in use: the database first, then what its rows name, the manifest last."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .. import clock
from ..audit.trail import known_deployment
from ..db import Database
from ..durable import (
    Unreadable,
    digest_of,
    is_sound,
    make_folders,
    part_of,
    put_in_place,
    settle,
    settle_file,
    source_of,
    write_part,
)
from ..errors import RuleBroken
from ..progress import Told, silent
from .carrying import fetch, opened, revision_of
from .checking import alarmed_of, chains_of, contents_of, deployment_of, kept_at
from .manifest import STORES, Content, Manifest, written
from .places import MANIFEST, Place, speaking_of


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup, what had to be copied for it, and the digests that the system has lost though the backups have sound copies."""

    name: str
    manifest: Manifest
    copied: int
    copied_bytes: int
    lost: tuple[str, ...] = ()


def make(instance: Path, database: Database, place: Place, told: Told = silent) -> Made:
    """Make a backup of a running installation. An interrupted one is no backup, but what it copied is not copied again.

    A content that is missing or rotten stops nothing: the manifest names it, or `lost` where an earlier backup has it. What the backups
    have is not read again in the system, but held against its size there, and against its digest where an alarm stands.
    """
    _check_apart(instance, place)
    with database.reading() as s:
        known_deployment(s)
    with speaking_of(place.root), place.locked():
        place.clear_unfinished()
        moment = clock.now()
        name = place.new_name(moment)
        make_folders(place.folder(name), place.root)
        copy_database(database, place.database(name))
        with opened(place.database(name)) as file:
            revision, deployment, chains, contents = revision_of(file), deployment_of(file), chains_of(file), contents_of(file)
            suspected = alarmed_of(file)
        copied, damaged, lost = _collect(instance, place, contents, suspected, told)
        sha256, size = digest_of(place.database(name))
        kind = database.engine.dialect.name
        manifest = Manifest(clock.stamp(moment), deployment, revision, kind, size, sha256, contents, chains, tuple(damaged))
        path = place.folder(name) / MANIFEST
        write_part(path, [written(manifest)])
        put_in_place(path)
        settle(place.root)
    return Made(name, manifest, len(copied), sum(content.size for content in copied), tuple(lost))


def _check_apart(instance: Path, place: Place) -> None:
    # What lies in a store is the janitor's to sweep, and a data folder with backups strewn in it is not restored into.
    root, ours = place.root.resolve(), instance.resolve()
    if root == ours or any((ours / store) in (root, *root.parents) for store in (*STORES, "work", "keys")):
        raise RuleBroken(f"备份不能放在数据目录本身或其中的 {'、'.join((*STORES, 'work', 'keys'))} 里（{place.root}），没有备份。请另选一个目录。")


def copy_database(database: Database, target: Path) -> None:
    """Write everything of a database that is in use, as of one moment, into a new file of SQLite, safely on disk."""
    if not database.is_sqlite:
        fetch(database, target)
    else:
        # A copy of the file itself would miss what still stands in its log.
        with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    settle_file(target)
    settle(target.parent)


def _collect(instance: Path, place: Place, contents: Collection[Content], suspected: Collection[str], told: Told) -> tuple[list[Content], list[str], list[str]]:
    copied, damaged, lost, done = list[Content](), list[str](), list[str](), 0
    total = sum(content.size for content in contents)
    for content in contents:
        told(done, total)
        target = place.content(content.sha256)
        gone = _is_lost(instance, content, content.sha256 in suspected)
        if not (is_sound(target, content.sha256, content.size) if gone else _is_there(target, content.size)):
            make_folders(target.parent, place.root)
            if bring(target, content, [kept_at(instance, store, content.sha256) for store in content.stores]):
                copied.append(content)
            else:
                damaged.append(content.sha256)
        if gone and content.sha256 not in damaged[-1:]:
            lost.append(content.sha256)
        done += content.size
    told(total, total)
    return copied, damaged, lost


def _is_lost(instance: Path, content: Content, suspected: bool) -> bool:
    places = [kept_at(instance, store, content.sha256) for store in content.stores]
    return not all(is_sound(path, content.sha256, content.size) if suspected else _is_there(path, content.size) for path in places)


def _is_there(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def bring(target: Path, content: Content, sources: Iterable[Path]) -> bool:
    """Copy a content from the first place where it is sound; False when it is nowhere. Its folder must be there."""
    for source in sources:
        try:
            if write_part(target, source_of(source)) == (content.sha256, content.size):
                put_in_place(target)
                return True
        except (Unreadable, FileNotFoundError):
            continue
        except OSError as reason:
            if reason.errno != errno.EIO:
                raise
    part_of(target).unlink(missing_ok=True)
    return False


def check_revision(manifest: Manifest, name: str, known: bool) -> None:
    """Raise RuleBroken for a backup that a newer version of the program has made."""
    if not known:
        raise RuleBroken(f"备份 {name} 的数据库版本是 {manifest.revision}，比本程序新。请使用与它相配的新版程序恢复。")
