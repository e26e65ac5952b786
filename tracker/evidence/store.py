"""The store of evidence files: every content once, under its SHA-256, never half and never changed."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from .. import clock
from ..durable import NOT_OF_THE_FILE, settle
from ..errors import BadInput, Damaged, DiskTrouble, NoSpace, NotFound, TooLarge
from . import checks
from .checks import Kind
from .contents import Look

CHUNK = 1024 * 1024
# Where files wait that seem to be nobody's; what a row names comes back from here.
QUARANTINE = "quarantine"
MEGABYTE = 1024 * 1024
# Seconds within which an upload whose row is not yet there counts as under way.
JUST_NOW = 3600
FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}
DIGEST = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """Anything that bytes can be read from: a file, an upload."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A content that lies safely in the store, with the checked name it came under."""

    sha256: str
    size: int
    kind: Kind
    name: str


class Store:
    """A folder of files named by their digest; `limit` is the largest size of one file in bytes.

    Of files that are `made_here` the content is known and not looked at.
    """

    def __init__(self, root: Path, limit: int, made_here: bool = False) -> None:
        self.root = root
        self.limit = limit
        self.made_here = made_here

    def put(self, stream: Readable, name: str, declared_size: int | None = None) -> Stored:
        """Keep a file and return it once it is safe on disk; `declared_size` is its exact size where the door knows it.

        Raises BadInput (name, type, empty, cut short), TooLarge, or NoSpace; then nothing is left behind.
        """
        with self.staged(stream, name, declared_size) as keep:
            return keep()

    @contextmanager
    def staged(self, stream: Readable, name: str, declared_size: int | None = None) -> Iterator[Callable[[], Stored]]:
        """Check a file like `put` and give the function that keeps it; unless that is called, nothing is left in the end."""
        name = checks.name_checked(name)
        look = Look(name)
        self._check_size(name, declared_size)
        with _speaking_of_disk(name), self._temporary() as (path, file):
            digest, size = self._write(stream, file, look)
            if declared_size is not None and size != declared_size:
                raise BadInput.at(checks.FIELD, f"文件“{name}”没有传完：应有 {declared_size:,} 字节，只收到 {size:,} 字节。请重新上传。")
            if not self.made_here:
                look.finish(file)
            os.fsync(file.fileno())
            file.close()

            def keep() -> Stored:
                self._keep(path, digest, size)
                return Stored(digest, size, look.kind, name)

            yield keep

    def path(self, sha256: str) -> Path:
        """Return where the content with this digest lies, or would lie."""
        if not DIGEST.fullmatch(sha256):
            raise ValueError(f"not a SHA-256: {sha256!r}")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """Open a kept content for reading, or raise NotFound when the store has lost it."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound(f"证据库中缺少这个文件（SHA-256 以 {sha256[:12]} 开头）。请联系系统管理员从备份中恢复。") from None

    def open_sound(self, sha256: str, size: int, name: str) -> BinaryIO:
        """Open a kept content after reading all of it against its digest and size in bytes, a piece at a time.

        Raises NotFound when the store has lost it, Damaged when these are not the bytes that were kept; `name` is what people call it.
        """
        damaged = f"“{name}”的文件已损坏，与保存时的 SHA-256 不符，因此没有提供，也没有记为已下载或已查看。系统已发出警报，请系统管理员从备份中恢复后再试。"
        file = None
        try:
            file = self.open(sha256)
            hashing, read = hashlib.sha256(), 0
            while piece := file.read(CHUNK):
                hashing.update(piece)
                read += len(piece)
            if (hashing.hexdigest(), read) != (sha256, size):
                raise Damaged(damaged)
            file.seek(0)
        except BaseException as reason:
            if file is not None:
                file.close()
            if isinstance(reason, OSError) and reason.errno not in NOT_OF_THE_FILE:
                raise Damaged(damaged.replace("与保存时的 SHA-256 不符", "读不出来")) from reason
            raise
        return file

    def let_go(self, sha256: str) -> bool:
        """Remove a content that no row needs any more; False when it stays because somebody may just have brought it again.

        Aside first, then a look at its age: an upload of the same bytes either marked this file as its own a moment ago,
        or no longer finds it and keeps its own copy. Whoever is killed in between leaves it where the janitor looks first.
        """
        target, aside = self.path(sha256), self.root / QUARANTINE / sha256
        try:
            aside.parent.mkdir(exist_ok=True)
            os.replace(target, aside)
        except FileNotFoundError:
            return True
        stays = abs(clock.now().timestamp() - aside.stat().st_mtime) < JUST_NOW
        if stays:
            with suppress(FileExistsError):
                _link(aside, target)
        aside.unlink(missing_ok=True)
        settle(target.parent)
        return not stays

    def sweep(self, older_than: float) -> int:
        """Remove what a crash left half-written and untouched for `older_than` seconds; kept contents are never touched."""
        left = [path for path in (self.root / "tmp").glob("*") if clock.now().timestamp() - path.stat().st_mtime > older_than]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _check_size(self, name: str, size: int | None) -> None:
        if size == 0:
            raise BadInput.at(checks.FIELD, f"文件“{name}”是空的（0 字节）。请检查后重新上传。")
        if size is not None and size > self.limit:
            raise TooLarge(f"文件“{name}”超过单个文件 {self.limit / MEGABYTE:g} MB 的上限。请压缩或拆分后重新上传。")

    def _write(self, stream: Readable, file: BinaryIO, look: Look) -> tuple[str, int]:
        hashing, size = hashlib.sha256(), 0
        for chunk in _chunks(stream):
            if not size:
                look.begin(chunk)
            size += len(chunk)
            self._check_size(look.name, size)
            look.pass_by(chunk)
            hashing.update(chunk)
            file.write(chunk)
        self._check_size(look.name, size)
        look.pass_by(b"", last=True)
        file.flush()
        return hashing.hexdigest(), size

    @contextmanager
    def _temporary(self) -> Iterator[tuple[Path, BinaryIO]]:
        if not self.root.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            settle(self.root.parent)
        folder = self.root / "tmp"
        folder.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "w+b") as file:
                yield Path(name), file
        finally:
            Path(name).unlink(missing_ok=True)

    def _keep(self, path: Path, digest: str, size: int) -> None:
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        while not _lies_at(path, target, size):
            pass
        # Always all of them: whoever made a folder or the link a moment ago may not have settled it yet.
        for folder in (target.parent, target.parent.parent, self.root):
            settle(folder)


def _chunks(stream: Readable) -> Iterator[bytes]:
    """Yield full chunks, so that the first one always holds enough of the head."""
    while True:
        parts, missing = [], CHUNK
        while missing and (part := stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        if parts:
            yield b"".join(parts)
        if missing:
            return


def _lies_at(path: Path, target: Path, size: int) -> bool:
    """Give a file its place, or touch the one that lies there; False when that one was taken away in between."""
    try:
        _link(path, target)
    except FileExistsError:
        try:
            # A file of another size under this digest is damaged; these bytes are the right ones.
            if target.stat().st_size != size:
                os.replace(path, target)
            else:
                # It may be of nobody yet: the janitor leaves alone what was touched, and puts back what he holds in his hands.
                os.utime(target)
        except FileNotFoundError:
            return False
        except PermissionError:
            os.replace(path, target)
    return True


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError as reason:
        if reason.errno in FULL:
            raise
        # Some network and memory-card file systems have no hard links; the name is the digest, so a rename is as good.
        if target.exists():
            raise FileExistsError(target) from None
        os.rename(path, target)


@contextmanager
def _speaking_of_disk(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as reason:
        if reason.errno == errno.EIO:
            raise DiskTrouble(f"服务器读写磁盘时出错，文件“{name}”没有保存。请稍候再试；如果再次出现，请联系系统管理员检查磁盘。") from reason
        if reason.errno not in FULL:
            raise
        raise NoSpace(f"服务器的存储空间不足，文件“{name}”没有保存。请联系系统管理员清理磁盘后重新上传。") from None
