"""Previews of images and PDF: only what a limited child process re-encoded as PNG is ever shown."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import BoundedSemaphore

from ..errors import NotFound, Problem
from .checks import PREVIEWABLE, Kind

SECONDS, PATIENCE = 20, 30
LARGEST_ANSWER = 32 * 1024 * 1024
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
    command = [sys.executable, "-I", str(CHILD), str(kind), str(page), str(path)]
    # The child gets no environment: it could hold the address of the database.
    environment = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    with tempfile.TemporaryFile() as answer:
        try:
            code = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=answer, stderr=subprocess.DEVNULL, timeout=SECONDS, env=environment, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            raise NoPreview from None
        if code == NO_SUCH_PAGE:
            raise NotFound(f"没有第 {page} 页。")
        answer.seek(0)
        if code != 0:
            raise NoPreview
        return answer.read(LARGEST_ANSWER)
