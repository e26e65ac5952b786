"""The folder of the backups: one folder each, and one store of contents that they all share."""

from __future__ import annotations

import errno
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from ..durable import digest_of, make_folders, settle
from ..errors import Busy, NoSpace, NotFound, Problem, why_not
from ..evidence.store import FULL
from . import manifest
from .manifest import Manifest

DATABASE, MANIFEST, CONTENTS, LOCK = "database.db", "manifest.json", "contents", "lock.db"
NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")


class Place:
    """The folder that holds the backups of one installation."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, name: str) -> Path:
        """Return the folder of one backup."""
        return self.root / name

    def database(self, name: str) -> Path:
        """Return where the database of a backup lies."""
        return self.folder(name) / DATABASE

    def content(self, sha256: str) -> Path:
        """Return where a content lies, whichever backups have it."""
        return self.root / CONTENTS / sha256[:2] / sha256[2:4] / sha256

    def names(self) -> list[str]:
        """List the backups that there are, oldest first: folders with a manifest."""
        found = [path.parent.name for path in self.root.glob(f"*/{MANIFEST}") if NAME.fullmatch(path.parent.name)]
        return sorted(found, key=_order)

    def read(self, name: str) -> Manifest:
        """Read the manifest of a backup; NotFound when there is no such backup, RuleBroken when it is damaged."""
        if not NAME.fullmatch(name) or not (self.folder(name) / MANIFEST).is_file():
            raise NotFound(f"{self.root} 中没有备份 {name}。现有的备份见 python -m tracker backup list。")
        return manifest.read((self.folder(name) / MANIFEST).read_bytes(), name)

    def newest(self) -> str:
        """Return the name of the newest backup; NotFound when there is none."""
        names = self.names()
        if not names:
            raise NotFound(f"{self.root} 中还没有备份。请先运行 python -m tracker backup make。")
        return names[-1]

    def new_name(self, moment: datetime) -> str:
        """Return a name that is free for a backup of this moment."""
        name = f"{moment:%Y%m%dT%H%M%SZ}"
        names, number = [name, *(f"{name}-{number}" for number in range(2, 100))], 0
        while self.folder(names[number]).exists():
            number += 1
        return names[number]

    def clear_unfinished(self) -> None:
        """Remove what an interrupted run left without a manifest; only while locked, as another run may be at it."""
        for path in self.root.glob("*"):
            if NAME.fullmatch(path.name) and path.is_dir() and not (path / MANIFEST).exists():
                shutil.rmtree(path, ignore_errors=True)

    def set_aside(self, sha256: str, size: int) -> bool:
        """Give a content that has rotted another name, so that the next backup copies the original again; False when that was not done."""
        path = self.content(sha256)
        # Only while held: a backup that is being made may just now put a sound copy there. Where none was ever made, nothing is left behind.
        if not (self.root / LOCK).is_file():
            return False
        with suppress(OSError, Busy, sqlite3.Error), self.locked():
            if _rotten(path, sha256, size):
                path.rename(_free(path))
                settle(path.parent)
                return True
        return False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder alone; Busy when another run has it. The hold ends with the process, however that ends."""
        make_folders(self.root, self.root.parent)
        with closing(sqlite3.connect(self.root / LOCK, isolation_level=None, timeout=1)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise Busy(f"另一个备份或清理正在使用 {self.root}。请等它结束后再试。") from None
            yield


def _rotten(path: Path, sha256: str, size: int) -> bool:
    try:
        return path.is_file() and digest_of(path) != (sha256, size)
    except OSError as reason:
        # What we merely may not read may be sound.
        return reason.errno == errno.EIO


def _free(path: Path) -> Path:
    aside, number = path.with_name(f"{path.name}.damaged"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{number}")
    return aside


def _order(name: str) -> tuple[str, int]:
    moment, _, number = name.partition("-")
    return moment, int(number or 1)


@contextmanager
def speaking_of(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into a sentence."""
    try:
        yield
    except OSError as reason:
        if reason.errno in FULL:
            raise NoSpace(f"{folder} 所在的磁盘空间不足，没有完成。清理后再运行一次，已复制的不会重复复制。") from None
        raise Problem(f"读写 {reason.filename or folder} 时出错：{why_not(reason)}。") from None
