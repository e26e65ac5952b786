"""Previews of images and PDF: only what a limited child process re-encoded as PNG is ever shown."""

from __future__ import annotations

from pathlib import Path
from threading import BoundedSemaphore

from ..child.asking import Limits, TooLong, ask
from ..errors import NotFound, Problem
from .checks import PREVIEWABLE, Kind

LIMITS = Limits(memory=1536 * 1024 * 1024, output=32 * 1024 * 1024, processor=15, patience=20)
PATIENCE = 30
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
CHILD = Path(__file__).with_name("preview_child.py")
NO_SUCH_PAGE = 3
# Each child may take more than a gigabyte for a moment.
_at_once = BoundedSemaphore(2)


class NoPreview(Problem):
    """The file can be downloaded but not shown."""

    status = 415

    def __init__(self, sentence: str = "此文件无法预览，请下载查看。") -> None:
        super().__init__(sentence)


def can_preview(kind: Kind) -> bool:
    """Tell whether files of this kind are shown in the page at all."""
    return kind in PREVIEWABLE


def page_count(path: Path, kind: Kind) -> int:
    """Return how many pages can be previewed (1 for most images), or raise NoPreview."""
    answer = _asked(path, kind, 0)
    if not answer.isdigit() or len(answer) > 9:
        raise NoPreview
    return int(answer)


def preview_png(path: Path, kind: Kind, page: int = 1) -> bytes:
    """Return a page (counted from 1) as PNG, at most 1600 × 2200 pixels; NotFound past the last page, else NoPreview."""
    if page < 1:
        raise NotFound(f"没有第 {page} 页。")
    answer = _asked(path, kind, page)
    if not answer.startswith(PNG_MAGIC):
        raise NoPreview
    return answer


def _asked(path: Path, kind: Kind, page: int) -> bytes:
    if not can_preview(kind):
        raise NoPreview
    if not _at_once.acquire(timeout=PATIENCE):
        raise NoPreview("正在生成的预览较多，请稍后刷新，或下载查看。")
    try:
        return _child_says(path, kind, page)
    finally:
        _at_once.release()


def _child_says(path: Path, kind: Kind, page: int) -> bytes:
    try:
        answer = ask(CHILD, [str(kind), str(page), str(path)], LIMITS)
    except TooLong:
        raise NoPreview from None
    if answer.code == NO_SUCH_PAGE:
        raise NotFound(f"没有第 {page} 页。")
    if answer.code != 0:
        raise NoPreview
    return answer.output
