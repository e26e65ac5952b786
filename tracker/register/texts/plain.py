"""Plain texts: UTF-8 or GB18030, with or without a byte order mark, and never what only looks like a text."""

from __future__ import annotations

import re

from ...errors import BadInput

MOST_BYTES = 2 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_SAVE_AS = "请另存为 TXT（UTF-8 或 GB18030 编码）后重试。"
# What is text by its bytes, or often taken for one, but says nothing that a reader would see.
_OTHERS = (
    (re.compile(rb"\xff\xfe|\xfe\xff"), "文本是 UTF-16 编码的，"),
    (re.compile(rb"\{\\rtf"), "这是 RTF 文件，不是纯文本。"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s{0,200}<(?:\?xml|!doctype|html|head|body)", re.IGNORECASE), "这是网页或 XML 文件，不是纯文本。"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0\0\0\0|II\*\0|MM\0\*|RIFF....WEBP", re.DOTALL), "这是图片，没有可以读取的文字。"),
)


def readable(data: bytes) -> str:
    """Decode a text file in UTF-8 or GB18030, or raise BadInput."""
    if len(data) > MOST_BYTES:
        raise BadInput(f"文本超过 {MOST_BYTES // 1048576} MB 的上限，不像一份公文。请核对是否选错了文件。")
    for pattern, what in _OTHERS:
        if pattern.match(data):
            raise BadInput(what + _SAVE_AS)
    text = _decoded(data)
    if text is None or "\0" in text:
        raise BadInput(f"文件不是 UTF-8 或 GB18030 编码的纯文本，无法读取。{_SAVE_AS}")
    return text


def _decoded(data: bytes) -> str | None:
    # A byte order mark promises UTF-8: read as GB18030, a damaged file would turn into other characters unnoticed.
    for encoding in ("utf-8-sig",) if data.startswith(_BOM) else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
