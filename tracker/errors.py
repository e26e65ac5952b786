"""Errors that carry a Chinese sentence on which the user can act; each door turns them into its own answer."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong (a field, a cell, a line of a file) and the sentence about it."""

    where: str
    sentence: str


class Problem(Exception):
    """Something the user can understand and act on; `status` is the nearest HTTP meaning."""

    status = 400

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Problem):
    """The thing does not exist, or the viewer may not know that it does."""

    status = 404

    def __init__(self, sentence: str = "没有找到您要的内容，它可能不存在，或不在您的权限范围内。") -> None:
        super().__init__(sentence)


class Forbidden(Problem):
    """The viewer may see the thing but may not do this to it."""

    status = 403


class RuleBroken(Problem):
    """The state of things does not allow it."""

    status = 409


class Stale(Problem):
    """Somebody else changed the thing since it was read; `theirs` shows what now stands, by field label."""

    status = 409

    def __init__(self, sentence: str, theirs: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.theirs = theirs or {}


class TooLarge(Problem):
    """More bytes than the settings allow."""

    status = 413


class NoSpace(Problem):
    """The disk of the server is full; nothing was kept."""

    status = 507


class DiskTrouble(Problem):
    """The disk or the database does not answer; the sentence says whether anything can have been kept."""

    status = 503


class Damaged(Problem):
    """A kept file is no longer what its digest says, or does not give its bytes; it is given to nobody."""

    status = 503


class Busy(Problem):
    """Others hold the database for too long; nothing was kept."""

    status = 503


class Throttled(Problem):
    """Too many tries in a short time; `seconds` says how long to wait."""

    status = 429

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class BadInput(Problem):
    """Input that cannot be taken; names every place at once and changes nothing."""

    status = 422

    def __init__(self, sentence: str, problems: Iterable[Place] = ()) -> None:
        super().__init__(sentence)
        self.problems = tuple(problems)

    @classmethod
    def at(cls, where: str, sentence: str) -> BadInput:
        """Make the error for one named field."""
        return cls(sentence, [Place(where, sentence)])


def why_not(reason: OSError) -> str:
    """Say in Chinese why the system refused a file; what is rare is said by its number."""
    known = {
        errno.ENOENT: "没有这个文件或目录", errno.EISDIR: "这是目录，不是文件", errno.ENOTDIR: "路径中有一段不是目录", errno.EACCES: "没有权限",
        errno.EPERM: "没有权限", errno.ENOSPC: "磁盘空间不足", errno.EROFS: "磁盘只能读取", errno.ENAMETOOLONG: "文件名太长", errno.EEXIST: "文件已经存在",
        errno.EIO: "读写磁盘出错",
    }
    return known.get(reason.errno or 0, f"系统错误 {reason.errno}")
