"""ZIPs of the suite's own making and hostile ones: members listed and inflated within their bounds, or a clear end."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile

import pytest

from tracker.archive import PIECE, Damaged, Member, Oversized, inflated, members

METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


def packed(*contents: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, before: bytes = b"") -> io.BytesIO:
    """Return a ZIP of these members."""
    held = io.BytesIO()
    held.write(before)
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return held


def content(file: io.BytesIO, member: Member, most: int = 1 << 24) -> bytes:
    """Return a member whole, and check that no piece is larger than it may be."""
    pieces = list(inflated(file, member, most))
    assert all(len(piece) <= PIECE for piece in pieces)
    return b"".join(pieces)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
@pytest.mark.parametrize("even", [True, False])
def test_members_come_back_as_they_were(method: int, size: int, even: bool) -> None:
    said = bytes(size) if even else random.Random(size).randbytes(size)
    file = packed(("a", b"first"), ("文/件", said), method=method)
    assert [member.name for member in members(file)] == ["a", "文/件"]
    assert content(file, members(file)[1]) == said


def test_a_zip_behind_something_else_is_still_found() -> None:
    file = packed(("a", b"said"), before=b"#!/bin/sh\n")
    assert content(file, members(file)[0]) == b"said"


def test_a_member_that_grows_without_end_costs_no_more_than_it_may() -> None:
    file = packed(("bomb", bytes(200 * 1024 * 1024)))
    tracemalloc.start()
    with pytest.raises(Oversized):
        content(file, members(file)[0], 1 << 20)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_packing_are_not_read(method: int) -> None:
    file = packed(("a", b"said"), method=method)
    with pytest.raises(Damaged):
        content(file, members(file)[0])


def test_a_directory_larger_than_it_may_be_is_not_read() -> None:
    file = packed(*((f"{number:060}", b"") for number in range(100)))
    assert len(members(file)) == 100
    with pytest.raises(Damaged):
        members(file, 10_000)


@pytest.mark.parametrize("method", METHODS)
def test_a_changed_byte_of_the_content_is_noticed(method: int) -> None:
    file = packed(("a", bytes(range(256)) * 8), method=method)
    data = bytearray(file.getvalue())
    data[60] ^= 1
    with pytest.raises(Damaged):
        content(io.BytesIO(bytes(data)), members(file)[0])


def test_whatever_is_cut_or_changed_there_is_only_one_kind_of_end() -> None:
    sound, rng, ended = packed(("a", b"said " * 50), ("b", b"")).getvalue(), random.Random(7), 0
    for _ in range(2000):
        data = bytearray(sound[: rng.randrange(len(sound))] if rng.random() < 0.3 else sound)
        for _ in range(rng.randint(1, 3)):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
        file = io.BytesIO(bytes(data))
        try:
            for member in members(file):
                content(file, member, 10_000)
        except (Damaged, Oversized, struct.error):
            ended += 1
    assert ended > 1000
