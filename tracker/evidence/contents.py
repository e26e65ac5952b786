"""What is inside a file while it streams by and once it lies in tmp: text encodings, ZIP members, OLE streams."""

from __future__ import annotations

import codecs
import re
import struct
from typing import BinaryIO

from ..archive import MOST_DIRECTORY, Damaged, members, read_at
from . import checks
from .checks import Kind

ENCODINGS = ("utf-8-sig", "gb18030")
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")
_NO_MORE_SECTORS = 0xFFFFFFFA


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
    """List the member names of a ZIP without inflating anything; the directory may have at most 4 MB."""
    return [member.name for member in members(file)]


def ole_streams(file: BinaryIO) -> list[str]:
    """List the names of storages and streams in an OLE compound file by walking its directory."""
    header = read_at(file, 0, 512)
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
        names += _entries(read_at(file, (sector + 1) * size, size), size)
        sector, = struct.unpack("<I", read_at(file, (tables[sector * 4 // size] + 1) * size + sector * 4 % size, 4))
    return names


def _tables(file: BinaryIO, header: bytes, size: int) -> list[int]:
    """List the sectors that hold the allocation table: 109 in the header, the rest in a chain of its own."""
    tables = list(struct.unpack_from("<109I", header, 76))
    following, count = struct.unpack_from("<II", header, 68)
    each = size // 4
    for _ in range(min(count, MOST_DIRECTORY // size)):
        if following >= _NO_MORE_SECTORS:
            break
        *more, following = struct.unpack(f"<{each}I", read_at(file, (following + 1) * size, size))
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
