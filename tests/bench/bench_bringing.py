"""Measure the preview of a sheet of 20,000 tasks that comes back, every row changed, against openpyxl only reading its cells.

Ours is all of it: the look from outside, the process that reads, headings, rows, what the database holds, three-way verdicts.
The other side reads the same bytes with openpyxl's quickest mode and throws the values away. Both count their children.
"""

from __future__ import annotations

import gc
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from tests.bench import many
from tracker import clock
from tracker.assignments.queries import TaskFilter
from tracker.bringing import actions, sheets
from tracker.bringing.merging import Verdict
from tracker.bringing.queries import compared
from tracker.db import Database
from tracker.people.access import operator

TASKS, ROUNDS, HEAD = 20_000, 3, 3
HOST = operator("计时")


def sheet(database: Database) -> bytes:
    """Send the sheet out and write another department into every row."""
    out = io.BytesIO()
    with database.reading(HOST.entities) as s:
        assert sheets.write_tasks(s, HOST, 1, TaskFilter(), "全部", out) == TASKS
    book = load_workbook(out)
    page = book.worksheets[0]
    column = next(cell.column for cell in page[HEAD] if cell.value == "部门")
    for number in range(HEAD + 1, page.max_row + 1):
        page.cell(number, column).value = f"第 {number % 40} 业务部"
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()


def ours(database: Database, data: bytes) -> None:
    """Read the sheet and compare it, as the page does before it shows anything."""
    taken = actions.read(HOST, 1, data, "任务表.xlsx")
    with database.reading(HOST.entities) as s:
        found = compared(s, HOST, 1, taken.lines, clock.today())
    assert len(found.rows) == TASKS
    assert len(found.cells(Verdict.CHANGE)) > TASKS // 3


def theirs(data: bytes) -> None:
    """Read every cell with openpyxl."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    rows = 0
    for page in book.worksheets:
        page.reset_dimensions()
        rows += sum(1 for _ in page.iter_rows(values_only=True))
    assert rows > TASKS


def spent() -> float:
    """Return the processor time of this process and its children so far."""
    took = os.times()
    return took.user + took.system + took.children_user + took.children_system


def best(*turns: Callable[[], None]) -> list[float]:
    """Let each take its turn, several times, and return the best processor time of each."""
    least = [float("inf")] * len(turns)
    for _ in range(ROUNDS):
        for number, turn in enumerate(turns):
            gc.collect()
            began = spent()
            turn()
            least[number] = min(least[number], spent() - began)
    return least


def main() -> None:
    """Print both and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tracker.db"
        many.build(path, 1, TASKS)
        database = Database(f"sqlite:///{path}")
        data = sheet(database)
        mine, other = best(lambda: ours(database, data), lambda: theirs(data))
        database.close()
    print(f"preview of {TASKS:,} rows that come back ({len(data) / 1e6:.1f} MB): {mine:.2f} s, openpyxl reading them {other:.2f} s, ratio {mine / other:.2f} x (aim 1.5)")


if __name__ == "__main__":
    main()
