"""Read an official text from the bytes of a file: which kind it is shows in them, and every refusal says what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import BadInput
from ...filenames import harmless
from ...words import TextKind
from .. import text as official
from .bounds import MOST_BYTES, MOST_CHARACTERS, MOST_LINES, OFFER, TOO_LONG
from .docx import docx_text
from .pdf import pdf_text
from .plain import readable

_LONGEST_NAME = 60
_LINE_ENDS = "\n\r\f\v\x85\u2028\u2029"
_ODD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_OLE_MAGIC, _LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "EncryptedPackage".encode("utf-16-le")
# Fonts draw 一 and the radical ⼀ alike, and some programs write a PDF with the wrong one of the two.
_RADICALS = str.maketrans(
    {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFAFF))}
    | dict(zip("⺟⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳", "母民西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟", strict=True))
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a file, one paragraph or printed line per line, pages parted by form feeds; `note` tells what is not in it."""

    kind: TextKind
    text: str
    note: str = ""


_READERS: dict[TextKind, Callable[[bytes], tuple[str, str]]] = {
    TextKind.TXT: lambda data: (readable(data), ""),
    TextKind.DOCX: docx_text,
    TextKind.PDF: pdf_text,
}


def read_text(data: bytes, name: str) -> Reading:
    """Read the text of a file called `name`, or raise BadInput naming the file and what to do; Busy when too many are read at once."""
    try:
        return _read(data)
    except BadInput as refused:
        shown = harmless(name, most=_LONGEST_NAME)
        raise BadInput(f"文件“{shown}”：{refused.sentence}" if shown else refused.sentence) from None


def _read(data: bytes) -> Reading:
    if not data:
        raise BadInput("文件是空的，没有可以读取的文字。请核对是否选错了文件。")
    kind = _kind(data)
    if len(data) > MOST_BYTES:
        raise BadInput(f"文件有 {len(data) / 1048576:.1f} MB，超过 {MOST_BYTES // 1048576} MB 的上限，不像一份公文。{OFFER}")
    text, note = _READERS[kind](data)
    text = _ODD.sub("", text.translate(_RADICALS) if kind is TextKind.PDF else text)
    if len(text) > MOST_CHARACTERS or sum(map(text.count, _LINE_ENDS)) > MOST_LINES:
        raise BadInput(TOO_LONG)
    if not official.flat(text):
        raise BadInput(_without_words(kind))
    return Reading(kind, text, note)


def _kind(data: bytes) -> TextKind:
    if data.startswith(_OLE_MAGIC):
        if _LOCKED in data:
            raise BadInput(f"这份文档设有打开密码，无法读取。请取消密码后重新保存，或另存为 TXT。{OFFER}")
        raise BadInput(f"这是旧版的 Word 或 WPS 文档（.doc、.wps），无法读取。请用 Word 或 WPS 打开，另存为 DOCX 后重试。{OFFER}")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return TextKind.DOCX
    return TextKind.PDF if data[:1024].lstrip(b"\xef\xbb\xbf\0\t\n\f\r ").startswith(b"%PDF-") else TextKind.TXT


def _without_words(kind: TextKind) -> str:
    if kind is TextKind.PDF:
        return f"这份 PDF 是扫描件，没有可以读取的文字。请用文字识别（OCR）软件处理，或从发文机关的网站取得文本；{OFFER}"
    if kind is TextKind.DOCX:
        return f"这份 DOCX 里没有文字，可能只有图片。{OFFER}"
    return "文本是空的，没有可以核对的内容。请核对是否选错了文件。"
