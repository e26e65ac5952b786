"""What survives a power cut: settling folders, files that are written whole or not at all; and whom they are for."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PIECE = 1024 * 1024
# What ails this process or machine says nothing of the file that was to be read.
NOT_OF_THE_FILE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})


class Unreadable(OSError):
    """A file that does not give its bytes, as opposed to one that does not take them."""


def keep_private() -> None:
    """Let files and folders that this process and its children make be for their owner alone; on Windows the folder's own rights say that."""
    os.umask(0o077)


def settle(folder: Path) -> None:
    """Make a folder's entries survive a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle_file(path: Path) -> None:
    """Make the bytes of a file that somebody else wrote survive a power cut."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a piece at a time."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def source_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a piece at a time; Unreadable when it does not give them."""
    try:
        yield from pieces(path)
    except OSError as reason:
        if reason.errno in NOT_OF_THE_FILE:
            raise
        raise Unreadable(reason.errno, reason.strerror, str(path)) from reason


def is_sound(path: Path, sha256: str, size: int) -> bool:
    """Tell whether a file is there, can be read, and is what its digest says."""
    try:
        return path.is_file() and digest_of(path) == (sha256, size)
    except OSError as reason:
        if reason.errno in NOT_OF_THE_FILE:
            raise
        return False


def digest_of(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file by reading all of it."""
    hashing, size = hashlib.sha256(), 0
    for piece in pieces(path):
        hashing.update(piece)
        size += len(piece)
    return hashing.hexdigest(), size


def make_folders(folder: Path, above: Path) -> None:
    """Make a folder and settle every level of it up to `above`, whoever made them a moment ago."""
    folder.mkdir(parents=True, exist_ok=True)
    for level in (folder, *folder.parents):
        settle(level)
        if level == above:
            return


def write_part(path: Path, content: Iterable[bytes]) -> tuple[str, int]:
    """Write a file beside its place, safely on disk; returns SHA-256 and size. A broken write leaves nothing behind."""
    hashing, size = hashlib.sha256(), 0
    part = part_of(path)
    try:
        with part.open("wb") as file:
            for piece in content:
                file.write(piece)
                hashing.update(piece)
                size += len(piece)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    return hashing.hexdigest(), size


def part_of(path: Path) -> Path:
    """Return where a file lies while it is being written."""
    return path.with_name(f"{path.name}.part")


def put_in_place(path: Path) -> None:
    """Give a written part its name; what had that name is gone in the same moment."""
    os.replace(part_of(path), path)
    settle(path.parent)
