"""The store: every content once, whole, settled before it has a name; nothing is left behind by what fails."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

from tests.evidence import samples
from tracker.errors import BadInput, DiskTrouble, NoSpace, NotFound, TooLarge
from tracker.evidence.checks import Kind
from tracker.evidence.store import Store

PDF = samples.sample(Kind.PDF)


class Dripping(io.RawIOBase):
    """A stream that gives a few bytes at a time, and may break."""

    def __init__(self, content: bytes, breaks_after: int | None = None) -> None:
        super().__init__()
        self.held, self.given, self.breaks_after = io.BytesIO(content), 0, breaks_after

    def read(self, size: int = -1) -> bytes:
        if self.breaks_after is not None and self.given >= self.breaks_after:
            raise ConnectionError("the browser went away")
        piece = self.held.read(min(size, 5))
        self.given += len(piece)
        return piece


def files(store: Store) -> list[str]:
    """List every file below the root, as paths."""
    return sorted(p.relative_to(store.root).as_posix() for p in store.root.rglob("*") if p.is_file())


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_comes_back_byte_for_byte_under_its_digest(store: Store, kind: Kind) -> None:
    content = samples.sample(kind)
    stored = store.put(io.BytesIO(content), f"证据.{kind}", len(content))
    assert (stored.sha256, stored.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (stored.kind, stored.name) == (kind, f"证据.{kind}")
    with store.open(stored.sha256) as file:
        assert file.read() == content
    assert files(store) == [f"{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}"]


def test_a_slow_stream_gives_the_same_digest(store: Store) -> None:
    assert store.put(Dripping(PDF), "证据.pdf") == store.put(io.BytesIO(PDF), "证据.pdf")


def test_the_same_content_twice_is_one_file(store: Store) -> None:
    first, second = store.put(io.BytesIO(PDF), "甲.pdf"), store.put(io.BytesIO(PDF), "乙.pdf")
    assert first.sha256 == second.sha256
    assert (first.name, second.name) == ("甲.pdf", "乙.pdf")
    assert len(files(store)) == 1


def test_a_cut_off_file_under_the_digest_is_put_right(store: Store) -> None:
    stored = store.put(io.BytesIO(PDF), "证据.pdf")
    store.path(stored.sha256).write_bytes(PDF[:10])
    store.put(io.BytesIO(PDF), "证据.pdf")
    assert store.path(stored.sha256).read_bytes() == PDF
    assert len(files(store)) == 1


def test_a_declared_size_over_the_limit_is_refused_before_the_first_byte(store: Store) -> None:
    stream = io.BytesIO(PDF)
    with pytest.raises(TooLarge, match="“证据.pdf”超过单个文件 2 MB 的上限"):
        store.put(stream, "证据.pdf", store.limit + 1)
    assert stream.tell() == 0
    assert not store.root.exists()


def test_more_bytes_than_the_limit_are_refused_while_they_come(store: Store) -> None:
    stream = io.BytesIO(PDF + b"\0" * 50 * store.limit)
    with pytest.raises(TooLarge, match="2 MB"):
        store.put(stream, "证据.pdf")
    assert stream.tell() <= store.limit + 1024 * 1024
    assert files(store) == []


def test_exactly_the_limit_is_taken(store: Store) -> None:
    assert store.put(io.BytesIO(PDF.ljust(store.limit, b"\0")), "证据.pdf").size == store.limit


@pytest.mark.parametrize("declared", [0, None])
def test_an_empty_file_is_refused(store: Store, declared: int | None) -> None:
    with pytest.raises(BadInput, match="“空.txt”是空的"):
        store.put(io.BytesIO(b""), "空.txt", declared)
    assert not store.root.exists() or files(store) == []


def test_an_upload_that_was_cut_short_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="没有传完：应有 5,000 字节"):
        store.put(io.BytesIO(PDF), "证据.pdf", 5000)
    assert files(store) == []


def test_a_bad_name_is_refused_before_the_first_byte(store: Store) -> None:
    stream = io.BytesIO(PDF)
    for name in ("木马.exe", "证据\r\n.pdf", ""):
        with pytest.raises(BadInput):
            store.put(stream, name)
    assert stream.tell() == 0
    assert not store.root.exists()


def test_content_that_disagrees_is_refused_on_the_first_chunk(store: Store) -> None:
    stream = io.BytesIO(samples.picture("PNG").ljust(2 * 1024 * 1024, b"\0"))
    with pytest.raises(BadInput, match="却像是PNG 图片"):
        store.put(stream, "证据.pdf")
    assert stream.tell() <= 1024 * 1024
    assert files(store) == []


def test_a_text_that_turns_binary_late_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="不是文本"):
        store.put(io.BytesIO("证据\n".encode() * 200_000 + b"\xff\xff"), "证据.txt")
    assert files(store) == []


def test_macros_in_a_container_are_found_before_it_is_kept(store: Store) -> None:
    with pytest.raises(BadInput, match="含有宏"):
        store.put(io.BytesIO(samples.archive("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")), "表.xlsx")
    assert files(store) == []


def test_a_stream_that_breaks_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ConnectionError):
        store.put(Dripping(PDF, breaks_after=20), "证据.pdf")
    assert files(store) == []


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write down, in order, what is settled and named; the calls go through."""
    told: list[str] = []
    fsync, link, unlink, fdopen = os.fsync, os.link, Path.unlink, os.fdopen

    def note_fsync(handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        size = "" if path.is_dir() else f" {path.stat().st_size}"
        told.append(f"fsync {path.name if path.is_dir() else 'file'}{size}")
        fsync(handle)

    def note_link(source: Any, target: Any) -> None:
        told.append("link")
        link(source, target)

    def note_unlink(path: Path, missing_ok: bool = False) -> None:
        told.append("unlink")
        unlink(path, missing_ok=missing_ok)

    def note_open(*args: Any) -> Any:
        told.append("open tmp")
        return fdopen(*args)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "link", note_link)
    monkeypatch.setattr(Path, "unlink", note_unlink)
    monkeypatch.setattr(os, "fdopen", note_open)
    return told


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads the names of open files from /proc")
def test_the_order_survives_a_crash_at_any_moment(store: Store, calls: list[str]) -> None:
    digest = store.put(io.BytesIO(PDF), "证据.pdf").sha256
    settled = [f"fsync {digest[2:4]}", f"fsync {digest[:2]}", f"fsync {store.root.name}"]
    assert calls == [f"fsync {store.root.parent.name}", "open tmp", f"fsync file {len(PDF)}", "link", *settled, "unlink"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads the names of open files from /proc")
def test_a_content_that_is_there_already_is_settled_again(store: Store, calls: list[str]) -> None:
    digest = store.put(io.BytesIO(PDF), "证据.pdf").sha256
    calls.clear()
    store.put(io.BytesIO(PDF), "证据.pdf")
    settled = [f"fsync {digest[2:4]}", f"fsync {digest[:2]}", f"fsync {store.root.name}"]
    assert calls == ["open tmp", f"fsync file {len(PDF)}", "link", *settled, "unlink"]


@pytest.mark.parametrize("call", ["fsync", "link"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    def full(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(NoSpace, match="存储空间不足，文件“证据.pdf”没有保存") as caught:
        store.put(io.BytesIO(PDF), "证据.pdf")
    assert caught.value.status == 507
    assert files(store) == []


def test_another_fault_of_the_disk_is_not_taken_for_a_full_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(DiskTrouble, match="读写磁盘时出错，文件“证据.pdf”没有保存"):
        store.put(io.BytesIO(PDF), "证据.pdf")
    assert files(store) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_while_writing_is_told_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fdopen = os.fdopen

    def on_a_full_device(handle: int, mode: str) -> Any:
        os.close(handle)
        return fdopen(os.open("/dev/full", os.O_RDWR), "w+b", buffering=0)

    monkeypatch.setattr(os, "fdopen", on_a_full_device)
    with pytest.raises(NoSpace):
        store.put(io.BytesIO(PDF), "证据.pdf")
    assert files(store) == []


def test_a_file_system_without_hard_links_gets_a_rename(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: Any) -> None:
        raise OSError(errno.EPERM, "operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    first = store.put(io.BytesIO(PDF), "证据.pdf")
    assert store.put(io.BytesIO(PDF), "证据.pdf") == first
    assert store.path(first.sha256).read_bytes() == PDF
    assert len(files(store)) == 1


def test_a_lost_file_is_told_in_a_sentence(store: Store) -> None:
    with pytest.raises(NotFound, match="SHA-256 以 000000000000 开头"):
        store.open("0" * 64)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_digest_leads_into_the_store(store: Store, digest: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.path(digest)


def test_what_a_crash_left_is_swept_after_a_day_and_nothing_else(store: Store) -> None:
    kept = store.put(io.BytesIO("证据".encode()), "证据.txt")
    old, new = store.root / "tmp" / "old", store.root / "tmp" / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert store.sweep(86_400) == 1
    assert new.exists() and not old.exists() and store.path(kept.sha256).read_bytes() == "证据".encode()
