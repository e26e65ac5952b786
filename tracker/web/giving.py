"""Giving files out: only whole and unchanged ones; who gets one is in the access log, on disk, before the first byte leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from flask import Response, request, send_file
from flask_babel import gettext as _

from ..db import UnitOfWork
from ..errors import Busy, Damaged, NoSpace, NotFound
from ..evidence.store import Store
from ..stores.scrubbing import examine
from .doors import config, house, writing

BINARY = "application/octet-stream"


def logged(note: Callable[[UnitOfWork], None]) -> None:
    """Commit the record of a read; when that cannot be done the read is refused, as everything is that cannot be recorded."""
    if request.method == "HEAD":
        return
    try:
        with writing() as s:
            note(s)
    except NoSpace as cause:
        raise NoSpace(_("服务器的存储空间不足，这次查看无法记入访问记录，因此没有提供文件。请联系系统管理员清理磁盘后再试；不含文件的页面可以照常查看。")) from cause
    except Busy as cause:
        raise Busy(_("系统正忙，这次查看没有来得及记入访问记录，因此没有提供文件。请稍候再试。")) from cause


def opened(store: str, sha256: str, size: int, name: str) -> BinaryIO:
    """Open a content of the store `evidence` or `exports` once all its bytes are found to be those of its digest.

    What is missing (NotFound) or damaged (Damaged) is given to nobody, and the alarm about it stands before the sentence is shown.
    """
    shelf = Store(config().instance / store, 0)
    try:
        return shelf.open_sound(sha256, size, name)
    except (Damaged, NotFound) as reason:
        if examine(config(), house().database, store, sha256):
            return shelf.open_sound(sha256, size, name)
        if isinstance(reason, Damaged):
            raise
        place = {"evidence": _("证据库"), "exports": _("导出件目录")}[store]
        raise NotFound(_("%(place)s中缺少这个文件：“%(name)s”。因此没有提供，也没有记为已下载或已查看。系统已发出警报，请系统管理员从备份中恢复后再试。", place=place, name=name)) from None


def given(file: BinaryIO, note: Callable[[UnitOfWork], None], name: str, size: int, mimetype: str = BINARY) -> Response:
    """Send an opened file whole, under its exact name and always as a download, once that is recorded."""
    try:
        logged(note)
        answer = send_file(file, mimetype=mimetype, as_attachment=True, download_name=name, etag=False)
    except BaseException:
        file.close()
        raise
    answer.content_length = size
    return answer
