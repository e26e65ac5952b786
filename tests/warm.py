"""What spares time without changing what is tested: translated templates kept, folders in memory, fewer rounds of the collector."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path
from types import CodeType
from unittest.mock import patch

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet._reader import WorksheetReader
from openpyxl.worksheet.merge import MergedCellRange

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
# Rounds of the collector go through everything alive, and after the imports that is a great deal.
YOUNG, MIDDLE, OLD = 20_000, 20, 50


class Kept(BytecodeCache):
    """Keeps the code of each template with the digest of its source, which Jinja asks for as it would of a file."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of exactly this source, if it was ever translated."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just translated."""
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


def keep_templates() -> None:
    """Let every application of this process share them: in earnest there is one application to a process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Kept()}


def read_merges_plainly() -> None:
    """Let openpyxl give no cell of a merged range its share of the border when it reads: that takes longer than all other reading."""
    bound = WorksheetReader.bind_merged_cells

    def plainly(reader: WorksheetReader) -> None:
        with patch.object(MergedCellRange, "format", _unbordered):
            bound(reader)

    WorksheetReader.bind_merged_cells = plainly


def _unbordered(merged: MergedCellRange) -> None:
    for row, column in merged.cells:
        merged.ws._cells.setdefault((row, column), MergedCell(merged.ws, row=row, column=column))


def work_in_memory() -> None:
    """Put pytest's folders into memory, unless somebody says where they belong or there is little room."""
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


def settle_down() -> None:
    """Take everything loaded so far out of the collector's rounds, and let there be fewer of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
