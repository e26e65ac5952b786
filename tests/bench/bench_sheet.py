"""Measure the sheet 责任分派与任务 of 100,000 tasks, from the database to the finished file, against two others that need no database.

openpyxl's write-only mode writes the very cells with their styles; the practical floor writes the same cells as plain XML
strings into a ZIP, with neither heights nor checks. Each side runs in a fresh process, in turn; the best run of each counts.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.utils import get_column_letter

from tests.bench import many
from tests.bench.bench_export import BOOK, DATABASE, cells, idle, keep_cells, one_run, peak, theirs
from tracker import clock
from tracker.assignments.queries import TaskFilter
from tracker.db import Database
from tracker.people.access import operator
from tracker.reports.layout import TASKS
from tracker.reports.lists.tasks import task_sheet_rows
from tracker.reports.rows import Source, index_numbers
from tracker.workbook.book import write_book
from tracker.workbook.sheets import Book, Cover, Sheet

ROWS, ROUNDS = 100_000, 2


def ours(folder: Path) -> None:
    """Read the tasks of the one entity and write their sheet in the house style."""
    database, who = Database(f"sqlite:///{folder / DATABASE}"), operator("计时")
    with database.reading(who.entities) as s:
        source = Source(s, who, 1, TaskFilter(entity_id=1), clock.today())
        sheet = Sheet("任务", TASKS, task_sheet_rows(source, index_numbers(source)), frozen=3)
        counts = write_book(Book(Cover("导出计时", "第1证券", [("筛选条件", "全部")]), [sheet], datetime(2026, 1, 1, tzinfo=UTC), "计时"), folder / BOOK)
    assert counts == {"任务": ROWS}
    database.close()


def blank(folder: Path) -> None:
    """Open the database and read next to nothing: what the process holds before there are any rows."""
    database, who = Database(f"sqlite:///{folder / DATABASE}"), operator("计时")
    with database.reading(who.entities) as s:
        assert Source(s, who, 1, TaskFilter(entity_id=1), clock.today()).people
    database.close()


def raw(folder: Path) -> None:
    """Write the kept cells as XML strings into a ZIP, and nothing else."""
    letters = [get_column_letter(number) for number in range(1, 60)]
    with ZipFile(folder / "raw.xlsx", "w", ZIP_DEFLATED) as archive:
        page, number = None, 0
        for item in cells(folder):
            if isinstance(item, str):
                if page:
                    page.close()
                page, number = archive.open(f"xl/worksheets/{item}.xml", "w"), 0
                continue
            number += 1
            said = [_cell(letter, number, value, style) for letter, (value, style) in zip(letters, item, strict=False)]
            assert page is not None
            page.write(f'<row r="{number}">{"".join(said)}</row>'.encode())
        if page:
            page.close()


def _cell(letter: str, number: int, value: object, style: int) -> str:
    if value is None:
        return f'<c r="{letter}{number}" s="{style}"/>'
    if isinstance(value, str):
        return f'<c r="{letter}{number}" s="{style}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    if isinstance(value, date):
        value = value.toordinal()
    return f'<c r="{letter}{number}" s="{style}"><v>{value}</v></c>'


WRITERS: dict[str, Callable[[Path], None]] = {"ours": ours, "theirs": theirs, "raw": raw, "idle": idle, "blank": blank}


def child(writer: str, folder: Path) -> None:
    """Run once and print what it took."""
    before = time.process_time()
    WRITERS[writer](folder)
    print(time.process_time() - before, peak())


def main() -> None:
    """Print processor time and peak memory of every side, and the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many.build(folder / DATABASE, 1, ROWS)
        one_run("ours", folder, "bench_sheet")
        keep_cells(folder)
        best: dict[str, tuple[float, float]] = {}
        for _ in range(ROUNDS):
            for writer in WRITERS:
                run = one_run(writer, folder, "bench_sheet")
                best[writer] = min(best.get(writer, run), run)
        size = (folder / BOOK).stat().st_size / 1e6
    spent = {writer: best[writer][0] - (best["idle"][0] if writer in {"theirs", "raw"} else 0.0) for writer in ("ours", "theirs", "raw")}
    for writer, seconds in spent.items():
        print(f"{writer:7} {seconds:6.2f} s  peak {best[writer][1]:6.1f} MB")
    print(f"{ROWS:,} tasks x {len(TASKS)} columns, database to file of {size:.1f} MB: {spent['ours'] / spent['theirs']:.3f} x openpyxl (aim 0.2)")
    print(f"against the same cells as plain XML: {spent['ours'] / spent['raw']:.2f} x (aim 1.6)")
    print(f"memory above the idle process: {best['ours'][1] - best['blank'][1]:.1f} MB (aim 60)")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
