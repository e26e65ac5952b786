"""Write an audit package as one ZIP, piece by piece: never more than a chunk of any file is held."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import select

from ... import clock
from ...checking.assembling import PAGE_NAME, checking_page
from ...errors import NotFound, RuleBroken
from ...evidence.checks import TEXTS, Kind
from ...evidence.models import Evidence
from ...evidence.store import CHUNK, Store
from ...progress import Told, silent
from ...workbook.book import write_book
from ...workbook.sheets import Book
from ..rows import Source, batches, numbered
from .index import index_page
from .names import evidence_path, safe
from .notes import CHECKER, HOW, INDEX, MANIFEST, SUMS, how_to_use, manifest, sums

_CHECKER_FILE = Path(__file__).parents[2] / "verify.py"
# What gets smaller by packing; the other kinds are packed already.
_PACKED = TEXTS | {Kind.BMP, Kind.TIF, Kind.DOC, Kind.XLS, Kind.PPT, Kind.EML, Kind.MSG, Kind.WAV}


def evidence_files(sources: Sequence[Source]) -> dict[int, str]:
    """Return where each piece of evidence will lie in the package, by its id; what was destroyed lies nowhere."""
    found: dict[int, str] = {}
    for source, numbers in zip(sources, numbered(sources), strict=True):
        for some in batches(numbers):
            for row_id, name in source.s.execute(select(Evidence.id, Evidence.name).where(Evidence.id.in_(some), Evidence.destroyed_at.is_(None)).order_by(Evidence.id)):
                found[row_id] = evidence_path(numbers[row_id], name)
    return found


def pack(sources: Sequence[Source], book: Book, files: Mapping[int, str], store: Store, name: str, out: BinaryIO, told: Told = silent) -> dict[str, int]:
    """Write the package: workbook `name`, evidence, index, checker, manifest; return the rows of the workbook by sheet.

    `told` hears of rows and files together, and may raise to stop.
    The same book gives the same bytes. Raises RuleBroken naming the piece whose bytes the store has lost, or that are not those uploaded.
    """
    workbook, s, rows = safe(name), sources[0].s, sum(sheet.foreseen for sheet in book.sheets)
    whole, number = rows + len(files), count(rows + 1)
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6) as zipped, TemporaryFile() as spool:
        package = _Package(zipped, book.made_at)
        package.put(HOW, [how_to_use(book.cover, workbook)])
        package.put(INDEX, index_page(sources, book.cover, files, workbook))
        counts = write_book(book, spool, lambda done, _total: told(min(done, rows), whole))
        size = spool.seek(0, 2)
        spool.seek(0)
        package.put(workbook, _chunks(spool), ZIP_STORED, size)
        for some in batches(files):
            for row in s.scalars(select(Evidence).where(Evidence.id.in_(some)).order_by(Evidence.id)).all():
                _put_evidence(package, store, row, files[row.id])
                s.expunge(row)
                told(next(number), whole)
        package.put(CHECKER, [_CHECKER_FILE.read_bytes()])
        package.put(PAGE_NAME, [checking_page()])
        package.put(SUMS, [sums(package.files)])
        package.put(MANIFEST, [manifest(book.cover, workbook, package.files)])
    return counts


class _Package:
    """A ZIP that is being written, with the digest and the size of every file in it."""

    def __init__(self, zipped: ZipFile, made_at: datetime) -> None:
        self._zipped, self._at = zipped, clock.local(made_at)
        self.files: dict[str, tuple[str, int]] = {}

    def put(self, path: str, chunks: Iterable[bytes], method: int = ZIP_DEFLATED, expected: int = 0) -> tuple[str, int]:
        """Write one file, of about so many bytes; return its digest and size."""
        entry = ZipInfo(path, self._at.timetuple()[:6])
        entry.compress_type, entry.create_system, entry.external_attr = method, 3, 0o644 << 16
        entry.file_size, hashing, size = expected, hashlib.sha256(), 0
        with self._zipped.open(entry, "w") as member:
            for chunk in chunks:
                hashing.update(chunk)
                size += len(chunk)
                member.write(chunk)
        self.files[path] = (hashing.hexdigest(), size)
        return self.files[path]


def _put_evidence(package: _Package, store: Store, row: Evidence, path: str) -> None:
    called = f"证据“{row.name}”（审计包中的 {path}）"
    try:
        with store.open(row.sha256) as file:
            put = package.put(path, _chunks(file), ZIP_DEFLATED if row.kind in _PACKED else ZIP_STORED, row.size)
    except NotFound:
        raise RuleBroken(f"{called}的文件在证据库中已不存在，审计包没有生成。请联系系统管理员从备份中恢复，再重新导出。") from None
    if put != (row.sha256, row.size):
        raise RuleBroken(f"{called}的文件与上传时的 SHA-256 不符，可能已损坏，审计包没有生成。请联系系统管理员从备份中恢复，再重新导出。")


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK), b"")
