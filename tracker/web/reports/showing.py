"""How an export that was asked for is shown while it is not done: how far it is, and how long it will take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ...reports.jobs.models import ExportJob
from ...reports.jobs.queries import ahead
from ...words import JobState
from ..look import thousands
from ..saying import say as _

HARDLY, MINUTE = 3, 60


@dataclass(frozen=True, slots=True)
class Shown:
    """A job with its state in one line; `done` of `total` for the bar, a total of 0 when it is not known."""

    row: ExportJob
    words: str
    done: int
    total: int

    @property
    def unfinished(self) -> bool:
        """Tell whether it still waits or is being built."""
        return self.row.state in (JobState.QUEUED, JobState.RUNNING)

    def told(self) -> dict[str, str | int]:
        """Return what the page's script is told every second."""
        return {"state": str(self.row.state), "words": self.words, "done": self.done, "total": self.total}


def shown(s: Session, rows: Iterable[ExportJob]) -> list[Shown]:
    """Say how far each one is."""
    found = list(rows)
    before = ahead(s) if any(row.state == JobState.QUEUED for row in found) else {}
    return [Shown(row, _words(row, before.get(row.id, 0)), row.done, row.total) for row in found]


def _words(row: ExportJob, before: int) -> str:
    if row.state == JobState.FAILED:
        return row.error
    if row.state == JobState.QUEUED:
        return _("前面还有 %(n)s 份", n=thousands(before)) if before else _("即将开始")
    if row.state != JobState.RUNNING:
        return ""
    if not row.total:
        return _("%(stage)s，已读取 %(n)s 行", stage=row.stage, n=thousands(row.done)) if row.done else row.stage or _("正在准备")
    if row.done >= row.total:
        return _("各表已写完，正在压缩和保存")
    return _("已写入 %(done)s / %(total)s 行，%(left)s", done=thousands(row.done), total=thousands(row.total), left=left_words(row.seconds_left))


def left_words(seconds: int | None) -> str:
    """Say about how long something will still take, in round numbers."""
    if seconds is None:
        return _("正在估计还需多久")
    if seconds <= HARDLY:
        return _("即将完成")
    if seconds < MINUTE:
        # In steps of five above ten seconds, so that the number does not flicker.
        return _("还需约 %(n)s 秒", n=seconds if seconds <= 10 else -(-seconds // 5) * 5)
    return _("还需约 %(n)s 分钟", n=-(-seconds // MINUTE))
