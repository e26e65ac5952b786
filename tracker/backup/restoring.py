"""Putting a backup back: everything is verified beside the place first; the database takes its place last, in one step."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url
from sqlalchemy.exc import ProgrammingError

from .. import clock, migrate
from ..db import EVERY_ENTITY, Database, UnitOfWork
from ..durable import is_sound, make_folders, part_of, pieces, put_in_place, settle, settle_file, write_part
from ..errors import RuleBroken
from ..progress import Told, silent
from .carrying import send
from .checking import check_file, check_heads, check_trail, kept_at
from .making import bring, check_revision
from .manifest import Content, Manifest
from .places import Place, speaking_of

# In a folder that has none of our own things, anything else says that it is somebody's for something else.
OURS = {"tracker.db", "evidence", "exports", "work", "backups", "keys", "secret.key"}
IN_USE = "数据库正在使用中，没有改动任何内容。请先停止服务（Ctrl+C），再恢复。"
ASIDE = "before"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup is put: a data folder and the address of a database."""

    instance: Path
    url: str

    @property
    def file(self) -> Path | None:
        """Return the file of SQLite, None for PostgreSQL."""
        url = make_url(self.url)
        return Path(url.database or "").absolute() if url.drivername.startswith("sqlite") else None

    @property
    def waiting(self) -> Path:
        """Return where the database lies until everything is verified."""
        file = self.file or self.instance / "tracker.db"
        return file.with_name(f"{file.name}.restoring")


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it: contents copied, those that no sound copy was found of, and where the earlier database now is."""

    name: str
    manifest: Manifest
    copied: int
    missing: tuple[str, ...]
    aside: str


def restore(place: Place, name: str, target: Target, *, replace: bool = False, leave_damaged: bool = False, told: Told = silent) -> Restored:
    """Put a backup in place, or raise RuleBroken with the first thing that is wrong and leave the place as it was.

    Contents under their digests only ever come in addition; one that has rotted in the backup is set aside there, for the next one to renew. A database that is there is moved aside with `replace`, otherwise nothing is
    done. Whatever was verified before an interruption is not copied again.
    """
    with speaking_of(target.instance):
        manifest = place.read(name)
        if not manifest.deployment:
            raise RuleBroken(f"备份 {name} 中没有部署标识：制作时的数据库从未启动过服务，没有可以恢复的内容。请改用另一份备份，现有的见 python -m tracker backup list。")
        check_revision(manifest, name, migrate.knows(manifest.revision))
        _check_free(target, replace)
        target.instance.mkdir(parents=True, exist_ok=True)
        target.waiting.parent.mkdir(parents=True, exist_ok=True)
        try:
            _fetch_database(place.database(name), target.waiting, manifest, name)
            copied, missing, set_aside = _fetch_contents(place, target.instance, manifest, told)
            unexpected = [sha256 for sha256 in missing if sha256 not in manifest.damaged]
            if unexpected and not leave_damaged:
                renewed = f"其中损坏的 {set_aside} 个已在备份目录中改名（.damaged），下次备份时会重新复制。" if set_aside else ""
                raise RuleBroken(
                    f"备份 {name} 中的文件 {unexpected[0]} 缺失或已损坏（共 {len(unexpected)} 个），没有恢复。{renewed}"
                    "各份备份共用一处文件，换一份备份也一样：请再运行一次 python -m tracker backup make（系统中还完好的会重新复制），或用另一处备份目录（--from）；确要缺着它们恢复的，加 --leave-damaged。"
                )
            aside = _put_file(target) if target.file else _put_rows(target, manifest, name)
        except BaseException:
            # What was refused is fetched anew the next time: nothing of it is of use meanwhile.
            with suppress(OSError):
                _clear(target.waiting)
            raise
    return Restored(name, manifest, copied, tuple(missing), aside)


def _check_free(target: Target, replace: bool) -> None:
    strange = [] if not target.instance.is_dir() else sorted(
        path.name for path in target.instance.iterdir() if not path.name.startswith("tracker.db") and path.name not in OURS and not path.name.startswith(f"{ASIDE}-")
    )
    if strange and not any((target.instance / known).exists() for known in ("tracker.db", "evidence", "secret.key")):
        raise RuleBroken(f"目录 {target.instance} 中有不属于本系统的内容（{strange[0]}），没有恢复。请另选一个空目录。")
    if not replace and _taken(target):
        raise RuleBroken("那里已有数据库，没有改动它。确要换成备份的，加 --replace：现有的数据库会移到一旁保存，不会删除。")


def _taken(target: Target) -> bool:
    if target.file:
        return target.file.exists()
    database = Database(target.url)
    try:
        return bool(inspect(database.engine).get_table_names())
    finally:
        database.close()


def _fetch_database(source: Path, waiting: Path, manifest: Manifest, name: str) -> None:
    _clear(waiting)
    if not source.is_file():
        raise RuleBroken(f"备份 {name} 缺少数据库文件，不能使用。请改用另一份备份。")
    write_part(waiting, pieces(source))
    put_in_place(waiting)
    check_file(waiting, manifest, name)
    settle_file(waiting)


def _clear(waiting: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        waiting.with_name(waiting.name + suffix).unlink(missing_ok=True)


def _fetch_contents(place: Place, instance: Path, manifest: Manifest, told: Told) -> tuple[int, list[str], int]:
    copied, missing, set_aside, done, total = 0, list[str](), 0, 0, sum(content.size for content in manifest.contents)
    for content in manifest.contents:
        told(done, total)
        for store in content.stores:
            path = kept_at(instance, store, content.sha256)
            if is_sound(path, content.sha256, content.size):
                continue
            if put_back(content, path, instance / store, [place.content(content.sha256)]):
                copied += 1
            elif content.sha256 not in missing:
                missing.append(content.sha256)
                set_aside += place.set_aside(content.sha256, content.size)
        done += content.size
    told(total, total)
    return copied, missing, set_aside


def put_back(content: Content, path: Path, root: Path, sources: Iterable[Path]) -> bool:
    """Put a sound copy of a content into a store; a rotten one that lies there is replaced in the same moment."""
    make_folders(path.parent, root.parent)
    try:
        return bring(path, content, sources)
    finally:
        part_of(path).unlink(missing_ok=True)


def _put_file(target: Target) -> str:
    """Let the verified file take its place; what was there goes aside with its log, and a running service is noticed."""
    file = target.file
    if file is None:
        raise ValueError("no file of SQLite")
    aside = file.with_name(f"{ASIDE}-{clock.now():%Y%m%dT%H%M%S%f}Z-{file.name}")
    told = _put_aside(file, aside) if file.exists() else ""
    # The log of a database that is gone must not be taken for that of the new one.
    for suffix in ("-wal", "-shm"):
        if (log := file.with_name(file.name + suffix)).exists():
            os.replace(log, aside.with_name(aside.name + suffix))
    settle(file.parent)
    os.replace(target.waiting, file)
    settle(file.parent)
    return told


def _put_aside(file: Path, aside: Path) -> str:
    _fold_log_in(file)
    try:
        os.link(file, aside)
    except OSError:
        # Without hard links, a second copy is as good: at no moment there is no database.
        shutil.copyfile(file, aside)
        settle_file(aside)
    return str(aside)


def _fold_log_in(file: Path) -> None:
    # What is no database any more has nothing to fold in: it is moved as it is.
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(file, isolation_level=None, timeout=2)) as connection:
        try:
            left = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError:
            raise RuleBroken(IN_USE) from None
        if left != "delete":
            raise RuleBroken(IN_USE)


def _put_rows(target: Target, manifest: Manifest, name: str) -> str:
    database, aside = Database(target.url), f"{ASIDE}_{clock.now():%Y%m%d%H%M%S%f}"
    moved: list[str] = []
    try:
        def clear(connection: Connection) -> None:
            if inspect(connection).get_table_names():
                moved.append(_move_tables(connection, aside))

        send(target.waiting, database, clear, lambda connection: _check_rows(connection, manifest, name))
    finally:
        database.close()
    target.waiting.unlink(missing_ok=True)
    return "".join(moved)


def _move_tables(connection: Connection, aside: str) -> str:
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    try:
        connection.exec_driver_sql(f'ALTER SCHEMA "{schema}" RENAME TO "{aside}"')
        connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
    except ProgrammingError as reason:
        raise RuleBroken(f"数据库用户无权把现有的数据移到一旁，没有改动任何内容：{' '.join(str(reason.orig).split())}。") from None
    return aside


def _check_rows(connection: Connection, manifest: Manifest, name: str) -> None:
    # The rows of an older revision were checked in an upgraded copy of their file; here the tables that the check reads are not all there.
    check = check_trail if manifest.revision == migrate.head() else check_heads
    with UnitOfWork(connection, info={"entities": EVERY_ENTITY}) as s:
        check(s, dict(manifest.chains), f"由备份 {name} 恢复的")
