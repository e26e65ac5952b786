"""Forms of editions: a register file, from the browser or from where the settings say it lies."""

from __future__ import annotations

from pathlib import Path

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import FileField

from ...config import MEGABYTE
from ...errors import BadInput, why_not
from ...filenames import harmless
from ...register.source.decoding import MAX_BYTES
from ..form import Form


class RegisterFile(Form):
    """One register file, chosen or dropped; at most `most` megabytes."""

    most = MAX_BYTES // MEGABYTE
    file = FileField(_("登记册文件"))


def uploaded() -> tuple[bytes, str]:
    """Return the bytes and the name of the file in this request; BadInput when there is none or it is too large to be read."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise BadInput.at("file", gettext("请先选择登记册文件（.yaml）。"))
    data = given.stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadInput.at("file", gettext("文件超过 %(n)s MB 的上限，没有读取。", n=RegisterFile.most))
    if not data:
        raise BadInput.at("file", gettext("“%(name)s”是空文件。请选择登记册文件（.yaml）。", name=harmless(given.filename, "?")))
    return data, harmless(given.filename, "?")


def on_server(path: Path) -> tuple[bytes, str]:
    """Return the bytes and the name of the register file of the settings, or BadInput."""
    try:
        return path.read_bytes(), path.name
    except OSError as reason:
        raise BadInput(gettext("读不到服务器上的登记册文件 %(path)s：%(why)s。", path=path, why=why_not(reason))) from None
