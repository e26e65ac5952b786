"""From the bytes of a register file to its text: UTF-8 only, bounded, without unseen characters."""

from __future__ import annotations

import re
from itertools import islice

MAX_BYTES = 24 * 1024 * 1024

_LISTED = 200
_LINE_END = re.compile(r"\r\n|\r|\n")
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
)
_SAVE_AS = "文件{}，请用编辑器“另存为”UTF-8 编码后重试。"
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)

Spot = tuple[int, int, str]


class Refused(Exception):
    """Sentences about spots of the text, before there is data to walk through."""

    def __init__(self, *spots: Spot) -> None:
        super().__init__(len(spots))
        self.spots = spots


def decoded(data: bytes) -> str:
    """Decode the bytes of a file, or raise Refused with the encoding that it seems to have."""
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 1048576, MAX_BYTES // 1048576
        raise Refused((1, 1, f"文件有 {size:.1f} MB，超过 {limit} MB 的上限。"))
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            raise Refused((1, 1, _SAVE_AS.format(f"是 {encoding} 编码")))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_foreign(data, error.start)) from None
    if text.count("\0") * 3 > len(text):
        raise Refused((1, 1, _SAVE_AS.format("像是 UTF-16 编码")))
    spots = [(*_position(text, found.start()), unseen(found[0])) for found in islice(UNSEEN.finditer(text), _LISTED)]
    if spots:
        raise Refused(*spots)
    return text


def _foreign(data: bytes, start: int) -> Spot:
    if data.count(0) * 20 > len(data):
        return 1, 1, _SAVE_AS.format("像是 UTF-16 编码")
    loose = data.decode("utf-8", "replace")
    broken = loose.count("\ufffd")
    sound = sum(1 for character in loose if character > "\x7f") - broken
    if broken * 10 <= sound:
        line, column = _position(data[:start].decode("utf-8", "replace"), None)
        return line, column, "这里有不属于 UTF-8 的字节，文字可能已损坏。请修正后以 UTF-8 编码保存。"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return 1, 1, _SAVE_AS.format("不是 UTF-8 编码")
    return 1, 1, _SAVE_AS.format("像是 GB18030（GBK）编码")


def _position(text: str, index: int | None) -> tuple[int, int]:
    before = text[:index]
    ends = [found.end() for found in _LINE_END.finditer(before)]
    return len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1


def unseen(character: str) -> str:
    """Say what is wrong with a character that cannot be seen."""
    if character == "\ufffd":
        return "这里有一个替换符（U+FFFD），说明文字在转换编码时已经丢失，请补回原文。"
    return f"这里有一个不可见的控制字符（U+{ord(character):04X}），请删去。"
