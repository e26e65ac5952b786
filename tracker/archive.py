"""What is inside a ZIP: its directory read without inflating anything, a member inflated piece by piece, both bounded.

The standard library would build an object for each of millions of members that a hostile file may claim, and inflates
some methods of packing without any bound.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_DIRECTORY = 4 * 1024 * 1024
PIECE = 256 * 1024
_STORED, _DEFLATED = 0, 8


class Damaged(Exception):
    """A container cannot be read."""


class Oversized(Exception):
    """A member has more bytes than it may."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member as the directory describes it; sizes in bytes, `begin` is the place of its own header."""

    name: str
    flags: int
    method: int
    check: int
    packed: int
    begin: int

    @property
    def encrypted(self) -> bool:
        """Tell whether a password is needed."""
        return bool(self.flags & 1)


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Read up to `size` bytes at a place that a hostile file names."""
    if offset >= 1 << 62:
        raise Damaged
    file.seek(offset)
    return file.read(size)


def members(file: BinaryIO, most_directory: int = MOST_DIRECTORY) -> list[Member]:
    """List the members of a ZIP by its directory, of at most so many bytes; raises Damaged or struct.error."""
    tail_start = max(0, file.seek(0, 2) - 65_557)
    tail = read_at(file, tail_start, 65_557)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        raise Damaged
    size, begin = struct.unpack_from("<II", tail, end + 12)
    if end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
        wide = read_at(file, struct.unpack_from("<Q", tail, end - 12)[0], 56)
        size, begin = struct.unpack_from("<QQ", wide, 40)
    if size > most_directory or begin + size > tail_start + end:
        raise Damaged
    return list(_listed(read_at(file, begin, size)))


def _listed(directory: bytes) -> Iterator[Member]:
    at = 0
    while at < len(directory):
        if directory[at : at + 4] != b"PK\x01\x02":
            raise Damaged
        flags, method = struct.unpack_from("<HH", directory, at + 8)
        check, packed, _, name_length, extra, comment = struct.unpack_from("<IIIHHH", directory, at + 16)
        begin, = struct.unpack_from("<I", directory, at + 42)
        raw = directory[at + 46 : at + 46 + name_length]
        # Without the flag, archives made on Chinese Windows hold GBK names.
        yield Member(raw.decode("utf-8" if flags & 0x800 else "gb18030", "replace"), flags, method, check, packed, begin)
        at += 46 + name_length + extra + comment


def inflated(file: BinaryIO, member: Member, most: int) -> Iterator[bytes]:
    """Yield the content of a member in pieces of at most 256 KB; raises Damaged, struct.error, or Oversized past `most` bytes."""
    header = read_at(file, member.begin, 30)
    if header[:4] != b"PK\x03\x04" or member.method not in (_STORED, _DEFLATED):
        raise Damaged
    file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
    packed = _packed(file, member.packed)
    total = check = 0
    for piece in packed if member.method == _STORED else _unpacked(packed):
        total += len(piece)
        if total > most:
            raise Oversized
        check = zlib.crc32(piece, check)
        yield piece
    if check != member.check:
        raise Damaged


def _packed(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left:
        piece = file.read(min(left, PIECE))
        if not piece:
            raise Damaged
        left -= len(piece)
        yield piece


def _unpacked(packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for waiting in packed:
            more = True
            while more:
                piece = unpacking.decompress(waiting, PIECE)
                waiting = unpacking.unconsumed_tail
                more = bool(waiting) or len(piece) == PIECE
                if piece:
                    yield piece
            if unpacking.eof:
                return
    except zlib.error:
        raise Damaged from None
    raise Damaged
