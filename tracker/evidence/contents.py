"""What is inside a file while it streams by and once it lies in tmp: text encodings, ZIP members, OLE streams."""

from __future__ import annotations

import codecs
import re
import struct
from typing import BinaryIO

from . import checks
from .checks import Kind

MOST_DIRECTORY = 4 * 1024 * 1024
ENCODINGS = ("utf-8-sig", "gb18030")
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
_NO_MORE_SECTORS = 0xFFFFFFFA


class Damaged(Exception):
    """The directory of a container cannot be read."""


class Look:
    """The look at one file: `begin` with its first bytes, `pass_by` each chunk, `finish` on the whole."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind: Kind = checks.kind_of_name(name)
        self._readers: list[codecs.IncrementalDecoder] = []

    def begin(self, head: bytes) -> None:
        """Raise BadInput when the first bytes do not fit the extension."""
        checks.check_head(self.kind, self.name, head[: checks.HEAD])
        if self.kind in checks.TEXTS:
            marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            self._readers = [codecs.getincrementaldecoder(e)() for e in (("utf-16",) if marked else ENCODINGS)]

    def pass_by(self, chunk: bytes, last: bool = False) -> None:
        """Raise BadInput as soon as a text is text in none of the accepted encodings."""
        if self.kind in checks.TEXTS:
            self._readers = [reader for reader in self._readers if _reads(reader, chunk, last)]
            if not self._readers:
                checks.refuse(f"文件“{self.name}”不是文本，或不是 UTF-8、GB18030 编码。请用原来的程序另存后重新上传。")
        if self.kind is Kind.EML and b"\x00" in chunk:
            checks.refuse(f"文件“{self.name}”不是完整的电子邮件。请从邮箱中重新导出后上传。")

    def finish(self, file: BinaryIO) -> None:
        """Raise BadInput when a container does not hold what its extension promises, or holds macros or programs."""
        try:
            if self.kind in checks.IN_ZIP:
                checks.check_zip(self.kind, self.name, zip_members(file))
            elif self.kind in checks.IN_OLE:
                checks.check_ole(self.kind, self.name, ole_streams(file))
        except (Damaged, struct.error):
            checks.refuse(f"文件“{self.name}”已损坏或不完整，无法打开。请检查原文件后重新上传。")


def _reads(reader: codecs.IncrementalDecoder, chunk: bytes, last: bool) -> bool:
    try:
        return NOT_TEXT.search(reader.decode(chunk, last)) is None
    except UnicodeDecodeError:
        return False


def zip_members(file: BinaryIO) -> list[str]:
    """List the member names of a ZIP without inflating anything; the directory may have at most 4 MB.

    The standard library would build an object for each of millions of entries that a hostile file may claim.
    """
    tail_start = max(0, file.seek(0, 2) - 65_557)
    tail = _at(file, tail_start, 65_557)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise Damaged
    size, begin = struct.unpack_from("<II", tail, end + 12)
    if end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        wide = _at(file, struct.unpack_from("<Q", tail, end - 12)[0], 56)
        size, begin = struct.unpack_from("<QQ", wide, 40)
    if size > MOST_DIRECTORY or begin + size > tail_start + end:
        raise Damaged
    return _member_names(_at(file, begin, size))


def _member_names(directory: bytes) -> list[str]:
    names, at = [], 0
    while at < len(directory):
        if directory[at : at + 4] != b"PK\x01\x02":
            raise Damaged
        flags, = struct.unpack_from("<H", directory, at + 8)
        name_length, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        raw = directory[at + 46 : at + 46 + name_length]
        # Without the flag, archives made on Chinese Windows hold GBK names.
        names.append(raw.decode("utf-8" if flags & 0x800 else "gb18030", "replace"))
        at += 46 + name_length + extra + comment
    return names


def ole_streams(file: BinaryIO) -> list[str]:
    """List the names of storages and streams in an OLE compound file by walking its directory."""
    header = _at(file, 0, 512)
    shift, = struct.unpack_from("<H", header, 30)
    if shift not in (9, 12):
        raise Damaged
    size = 1 << shift
    tables = _tables(file, header, size)
    sector, = struct.unpack_from("<I", header, 48)
    names: list[str] = []
    seen: set[int] = set()
    while sector < _NO_MORE_SECTORS:
        if sector in seen or len(seen) * size > MOST_DIRECTORY or sector * 4 // size >= len(tables):
            raise Damaged
        seen.add(sector)
        names += _entries(_at(file, (sector + 1) * size, size), size)
        sector, = struct.unpack("<I", _at(file, (tables[sector * 4 // size] + 1) * size + sector * 4 % size, 4))
    return names


def _tables(file: BinaryIO, header: bytes, size: int) -> list[int]:
    """List the sectors that hold the allocation table: 109 in the header, the rest in a chain of its own."""
    tables = list(struct.unpack_from("<109I", header, 76))
    following, count = struct.unpack_from("<II", header, 68)
    each = size // 4
    for _ in range(min(count, MOST_DIRECTORY // size)):
        if following >= _NO_MORE_SECTORS:
            break
        *more, following = struct.unpack(f"<{each}I", _at(file, (following + 1) * size, size))
        tables += more
    return [table for table in tables if table < _NO_MORE_SECTORS]


def _entries(sector: bytes, size: int) -> list[str]:
    if len(sector) != size:
        raise Damaged
    names = []
    for at in range(0, len(sector), 128):
        length, = struct.unpack_from("<H", sector, at + 64)
        if 2 <= length <= 64:
            names.append(sector[at : at + length - 2].decode("utf-16-le", "replace"))
    return names


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    if offset >= 1 << 62:
        raise Damaged
    file.seek(offset)
    return file.read(size)
