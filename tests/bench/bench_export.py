"""Measure the audit workbook of 20,000 tasks, from the database to the store, against openpyxl's write-only mode.

The other side gets the very cells of our workbook with their styles, ready made, and only has to write them: no database,
no rights, no words, no digest. Each side runs in a fresh process, in turn; the best run of each counts.
"""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell

from tests.bench import many
from tracker.assignments.queries import TaskFilter
from tracker.db import Database
from tracker.people.access import operator
from tracker.reports import actions

TASKS, ROUNDS = 20_000, 2
DATABASE, BOOK, CELLS, STYLES = "tracker.db", "ours.xlsx", "cells.pickle", "styles.pickle"
STYLE = ("font", "border", "fill", "alignment", "protection")


def ours(folder: Path) -> None:
    """Export the one entity of the database, as the page does."""
    database, who, store = Database(f"sqlite:///{folder / DATABASE}"), operator("计时"), actions.export_store(folder / "exports")
    with database.reading(who.entities) as s:
        written = actions.write(s, who, [1], TaskFilter(), store)
    assert written.counts["责任分派与任务"] == TASKS
    (folder / BOOK).write_bytes(store.path(written.stored.sha256).read_bytes())
    database.close()


def cells(folder: Path) -> Iterator[Any]:
    """Yield what was kept of our workbook: the name of a sheet, or a row of (value, style)."""
    with (folder / CELLS).open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return


def keep_cells(folder: Path) -> None:
    """Read our workbook once, cell by cell, and keep its cells and styles for the other sides."""
    book, styles = load_workbook(folder / BOOK, read_only=True), dict[int, dict[str, Any]]()
    with (folder / CELLS).open("wb") as file, (folder / STYLES).open("wb") as beside:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            pickle.dump(sheet.title, file)
            for row in sheet.iter_rows():
                for cell in row:
                    if style_of(cell) not in styles:
                        styles[style_of(cell)] = _look(cell)
                pickle.dump([(cell.value, style_of(cell)) for cell in row], file)
        pickle.dump(styles, beside)


def _look(cell: Any) -> dict[str, Any]:
    if not style_of(cell):
        return {}
    made = {name: copy(getattr(cell, name)) for name in STYLE}
    return {**made, "number_format": cell.number_format, "quotePrefix": bool(cell.style_array.quotePrefix)}


def style_of(cell: Any) -> int:
    """Return the number of a read cell's style; a cell that is not there has none."""
    return int(getattr(cell, "_style_id", 0) or 0)


def theirs(folder: Path) -> None:
    """Write those cells with openpyxl's write-only mode; one cell per style is used again and again, which is its quickest way."""
    source = cells(folder)
    styles = pickle.loads((folder / STYLES).read_bytes())
    book = Workbook(write_only=True)
    ready: dict[int, Cell] = {}
    page: Any = None
    for item in source:
        if isinstance(item, str):
            page, ready = book.create_sheet(item), {}
            continue
        row = []
        for value, style in item:
            if style not in ready:
                ready[style] = cell = WriteOnlyCell(page)
                for name, given in styles[style].items():
                    setattr(cell, name, given)
            ready[style].value = value
            row.append(ready[style])
        page.append(row)
    book.save(folder / "theirs.xlsx")


def idle(folder: Path) -> None:
    """Only read the kept cells: what this takes is not counted against the other side."""
    for _item in cells(folder):
        pass


def peak() -> float:
    """Return the most memory this process held, in MB; what Linux reports of a child otherwise counts its parent too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found.group(1)) / 1024 if found else 0.0


WRITERS: dict[str, Callable[[Path], None]] = {"ours": ours, "theirs": theirs, "idle": idle}


def one_run(writer: str, folder: Path, bench: str = "bench_export") -> tuple[float, float]:
    """Run one side in a fresh process; return processor seconds and the peak memory in MB."""
    command = [sys.executable, "-m", f"tests.bench.{bench}", writer, str(folder)]
    seconds, most = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(most)


def child(writer: str, folder: Path) -> None:
    """Run once and print what it took."""
    before = time.process_time()
    WRITERS[writer](folder)
    print(time.process_time() - before, peak())


def main() -> None:
    """Print processor time and peak memory of both sides, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many.build(folder / DATABASE, 1, TASKS)
        one_run("ours", folder)
        keep_cells(folder)
        best: dict[str, tuple[float, float]] = {}
        for _ in range(ROUNDS):
            for writer in WRITERS:
                run = one_run(writer, folder)
                best[writer] = min(best.get(writer, run), run)
        sizes = {writer: (folder / f"{writer}.xlsx").stat().st_size / 1e6 for writer in ("ours", "theirs")}
    spent = {"ours": best["ours"][0], "theirs": best["theirs"][0] - best["idle"][0]}
    for writer in ("ours", "theirs"):
        print(f"{writer:7} {spent[writer]:6.2f} s  peak {best[writer][1]:6.1f} MB  file {sizes[writer]:5.1f} MB")
    print(f"audit workbook of {TASKS:,} tasks, reading included: {spent['ours'] / spent['theirs']:.3f} x (aim 0.5)")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
