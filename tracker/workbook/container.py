"""Look at a workbook from outside, before anything in it is parsed: what kind of file it is, how many parts, how many bytes."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from io import BytesIO

from ..archive import Damaged, Member, Oversized, inflated, members
from ..errors import BadInput, TooLarge

MEGABYTE = 1024 * 1024
MOST_BYTES, MOST_INFLATED, MOST_PARTS = 20 * MEGABYTE, 128 * MEGABYTE, 3000
_METHODS = (0, 8)
_MACROS = ("vbaproject.bin", "/macrosheets/")
_OTHERS = ((b"%PDF", "PDF 文档"), (b"\x89PNG", "图片"), (b"\xff\xd8\xff", "图片"), (b"GIF8", "图片"), (b"Rar!", "RAR 压缩包"), (b"7z\xbc\xaf", "7z 压缩包"), (b"<", "网页或 XML 文件"))
_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx，再试一次。"


def check_container(data: bytes, name: str) -> None:
    """Raise BadInput or TooLarge, with a sentence, for everything that is no workbook or that no spreadsheet program wrote."""
    if not data:
        raise BadInput(f"文件“{name}”是空的。请重新选择。")
    if len(data) > MOST_BYTES:
        raise TooLarge(f"文件“{name}”有 {len(data) / MEGABYTE:.1f} MB，超过可以导入的 {MOST_BYTES // MEGABYTE} MB。请只保留需要的工作表后再试。")
    if not data.startswith(b"PK\x03\x04"):
        raise BadInput(_other_kind(data, name))
    file = BytesIO(data)
    try:
        parts = members(file)
        _check_parts(parts, name)
        _count(file, parts, name)
    except (Damaged, struct.error):
        raise BadInput(f"文件“{name}”已损坏或不完整，无法读取。{_SAVE_AS}") from None


def _other_kind(data: bytes, name: str) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return f"文件“{name}”设有打开密码，无法读取。请在 Excel 或 WPS 中取消密码后再试。"
        return f"文件“{name}”是 Excel 97–2003 的旧格式（.xls）或其他旧格式的文件。{_SAVE_AS}"
    kind = next((label for start, label in _OTHERS if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(start)), "")
    if kind:
        return f"文件“{name}”是{kind}，不是 Excel 工作簿。请选择 .xlsx 文件。"
    text = b"\0" not in data[:4096]
    return f"文件“{name}”是文本（例如 CSV），不是 Excel 工作簿。{_SAVE_AS}" if text else f"文件“{name}”不是 Excel 工作簿。请选择 .xlsx 文件。"


def _check_parts(parts: Sequence[Member], name: str) -> None:
    if len(parts) > MOST_PARTS:
        raise BadInput(f"文件“{name}”由 {len(parts):,} 个部分组成，超过 {MOST_PARTS:,} 个，不像表格软件写出的工作簿，没有读取。")
    known = {part.name.replace("\\", "/").lstrip("/").lower() for part in parts}
    if any(part.encrypted for part in parts):
        raise BadInput(f"文件“{name}”设有密码，无法读取。请取消密码后再试。")
    if any(one.endswith(_MACROS[0]) or _MACROS[1] in one for one in known):
        raise BadInput(f"文件“{name}”含有宏（程序），为安全起见没有读取。请另存为不含宏的 .xlsx。")
    if "[content_types].xml" not in known or not any(one.startswith("xl/") for one in known):
        raise BadInput(_not_a_workbook(known, name))
    if "xl/workbook.bin" in known:
        raise BadInput(f"文件“{name}”是二进制工作簿（.xlsb）。{_SAVE_AS}")
    repeated = [one for one, times in Counter(part.name.replace("\\", "/").lstrip("/").lower() for part in parts).items() if times > 1]
    if repeated:
        raise BadInput(f"文件“{name}”的内部有两个同名的部分（{repeated[0][:60]}），不同的程序会读出不同的内容，没有读取。{_SAVE_AS}")
    if any(part.method not in _METHODS for part in parts):
        raise BadInput(f"文件“{name}”的压缩方式不是表格软件所用的，没有读取。{_SAVE_AS}")


def _not_a_workbook(known: set[str], name: str) -> str:
    for start, kind in (("word/", "Word 文档"), ("ppt/", "PowerPoint 演示文稿"), ("content.xml", "OpenDocument 文件"), ("ofd.xml", "OFD 版式文件")):
        if any(one.startswith(start) for one in known):
            return f"文件“{name}”是 {kind}，不是 Excel 工作簿。请选择 .xlsx 文件。"
    return f"文件“{name}”是压缩包，不是 Excel 工作簿。请选择 .xlsx 文件。"


def _count(file: BytesIO, parts: Sequence[Member], name: str) -> None:
    left = MOST_INFLATED
    try:
        for part in parts:
            for piece in inflated(file, part, left):
                left -= len(piece)
    except Oversized:
        raise BadInput(f"文件“{name}”解压后超过 {MOST_INFLATED // MEGABYTE} MB，超出可以导入的范围，没有读取。请只保留需要的工作表后再试。") from None
