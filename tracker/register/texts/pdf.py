"""The text of a PDF, page by page, from a limited child process: no part of a hostile file is opened here."""

from __future__ import annotations

from pathlib import Path
from threading import BoundedSemaphore

from ...child.asking import Limits, TooLong, ask
from ...errors import BadInput, Busy
from .bounds import MOST_CHARACTERS, OFFER, TOO_LONG

MOST_PAGES = 400
LIMITS = Limits(memory=128 * 1024 * 1024, output=8 * 1024 * 1024, processor=1.8, patience=15)
CHILD = Path(__file__).with_name("pdf_child.py")
PATIENCE = 30
_LISTED = 12
_RECOGNISED = 7
_DAMAGED = f"文件已损坏或不完整，无法打开。请检查原文件后重试。{OFFER}"
# By the exit code of the child.
_REFUSALS = {
    3: f"这份 PDF 设有打开密码，无法读取。请取消密码后重试。{OFFER}",
    4: _DAMAGED,
    5: f"这份 PDF 超过 {MOST_PAGES} 页的上限，不像一份公文。请核对是否选错了文件。",
    6: TOO_LONG,
}
_TOO_COSTLY = "这份 PDF 过于复杂或已损坏，没有在限定的时间和内存内读完。请用其他程序重新导出，或提供 TXT、DOCX。"
_at_once = BoundedSemaphore(2)


def pdf_text(data: bytes) -> tuple[str, str]:
    """Return the text of a PDF, pages parted by form feeds, and a note about what may be missing; raises BadInput or Busy."""
    if not _at_once.acquire(timeout=PATIENCE):
        raise Busy("正在读取的文件较多，请稍后再试。")
    try:
        text, recognised = _child_says(data)
    finally:
        _at_once.release()
    return text, _note(text, recognised)


def _note(text: str, recognised: bool) -> str:
    empty = [str(no) for no, page in enumerate(text.split("\f"), start=1) if not page.strip()]
    more = f"等 {len(empty)} 页" if len(empty) > _LISTED else "页"
    without = f"第 {'、'.join(empty[:_LISTED])} {more}没有文字；如果那里是扫描的图片，其中的内容没有读入。" if empty else ""
    return without + ("文字由识别软件（OCR）从扫描图片得来，可能有错字或漏字，请与原件核对。" if recognised else "")


def _child_says(data: bytes) -> tuple[str, bool]:
    try:
        answer = ask(CHILD, [str(MOST_PAGES), str(MOST_CHARACTERS)], LIMITS, data)
    except TooLong:
        raise BadInput(_TOO_COSTLY) from None
    if answer.code not in (0, _RECOGNISED):
        raise BadInput(_REFUSALS.get(answer.code, _TOO_COSTLY))
    return answer.output.decode("utf-8", "replace"), answer.code == _RECOGNISED
