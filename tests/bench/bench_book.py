"""Measure the export of 20,000 rows of 20 styled columns against openpyxl's write-only mode with the same cells.

Each writer runs in a fresh process, several times in turn, and the best run of each counts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from tracker.workbook.book import write_book
from tracker.workbook.sheets import Book, Column, Cover, Kind, Sheet, Tone, Value
from tracker.workbook.style import FACE, MONO, TEXT, TONES

ROWS = 20_000
ROUNDS = 3
STATES = {"未开始": Tone.DIM, "进行中": Tone.ACTIVE, "待复核": Tone.WAIT, "已完成": Tone.GOOD, "已逾期": Tone.BAD}
COLUMNS = [
    Column("任务编号", 10, Kind.NUMBER),
    Column("义务编号", 13),
    Column("性质", 8, Kind.MARK, {"应当": Tone.ACCENT, "不得": Tone.BAD}),
    Column("义务", 26),
    Column("内容", 60),
    Column("所属期间", 16),
    Column("责任人", 12),
    Column("责任部门", 16),
    Column("复核人", 12),
    Column("截止日", 13, Kind.DATE),
    Column("状态", 12, Kind.MARK, STATES),
    Column("逾期天数", 9, Kind.NUMBER),
    Column("提交时间", 21, Kind.MOMENT),
    Column("接受时间", 21, Kind.MOMENT),
    Column("取得日", 13, Kind.DATE),
    Column("证据数", 8, Kind.NUMBER),
    Column("最近说明", 34),
    Column("退回次数", 9, Kind.NUMBER),
    Column("摘要", 38, Kind.DIGEST),
    Column("来源", 10, Kind.MARK),
]


def rows(count: int = ROWS) -> Iterator[tuple[Value, ...]]:
    """Yield believable task rows: some texts repeat as in life, others never do."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    states = list(STATES)
    for number in range(count):
        state = states[number % 5]
        sent = start + timedelta(seconds=number * 977) if number % 5 else None
        yield (
            100_000 + number,
            f"FF9-{number % 24:02d}-{number % 7:02d}",
            "应当" if number % 3 else "不得",
            f"销售前了解客户并留痕（{number % 200}）",
            f"第 {number % 200} 项：全面了解投资者的财产与收入状况、风险偏好，并将不匹配的风险书面揭示后留存。",
            f"2026年第{number % 4 + 1}季度",
            f"王责任{number % 40}",
            f"业务部门{number % 12}",
            f"赵复核{number % 9}",
            date(2026, 1, 1) + timedelta(number % 365),
            state,
            number % 30 if state == "已逾期" else None,
            sent,
            sent + timedelta(hours=5) if sent and number % 2 else None,
            date(2025, 12, 1) + timedelta(number % 365),
            number % 6,
            f"任务 {number} 已补充回访记录 & 签收页，<{number}> 户齐备。" if number % 2 else None,
            number % 3,
            sha256(str(number).encode()).hexdigest(),
            "周期任务",
        )


def ours(path: Path) -> None:
    """Write the rows with the workbook writer, cover and all."""
    cover = Cover("导出计时", "海川证券股份有限公司", [("筛选条件", "全部")])
    sheet = Sheet("任务", COLUMNS, rows(), frozen=2)
    write_book(Book(cover, [sheet], datetime(2026, 1, 1, tzinfo=UTC), "计时"), path)


def theirs(path: Path) -> None:
    """Write the same cells in the same styles with openpyxl's write-only mode and none of our code."""
    workbook = Workbook(write_only=True)
    page = workbook.create_sheet("任务")
    page.freeze_panes = "C2"
    for index, column in enumerate(COLUMNS, 1):
        page.column_dimensions[get_column_letter(index)].width = column.width
    page.append([column.heading for column in COLUMNS])
    styled: dict[tuple[int, object], Cell] = {}
    for row in rows():
        cells = []
        for index, value in enumerate(row):
            tone = COLUMNS[index].tones.get(value) if isinstance(value, str) else None
            # Cells are written as soon as they are appended, so one per style can be used again and again.
            key = (index, tone or type(value))
            if key not in styled:
                styled[key] = styled_cell(page, COLUMNS[index], value, tone)
            plain: Any = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            styled[key].value = plain
            cells.append(styled[key])
        page.append(cells)
    workbook.save(path)


def styled_cell(page: WriteOnlyWorksheet, column: Column, value: Value, tone: Tone | None) -> Cell:
    """Make a cell in the style that the workbook writer gives this value in this column."""
    cell: Cell = WriteOnlyCell(page)
    side = Side(style="thin", color="D3DAE3")
    face, size = (MONO, 9) if column.kind is Kind.DIGEST else (FACE, 10)
    cell.font = Font(name=face, size=size, color=TONES[tone] if tone else TEXT)
    cell.border = Border(left=side, right=side, top=side, bottom=side)
    across: Literal["left", "center", "right"] = "left"
    wrap = False
    if isinstance(value, int):
        cell.number_format, across = "#,##0", "right"
    elif isinstance(value, datetime):
        cell.number_format, across = "yyyy-mm-dd hh:mm:ss", "center"
    elif isinstance(value, date):
        cell.number_format, across = "yyyy-mm-dd", "center"
    else:
        cell.quotePrefix, wrap = True, True
    cell.alignment = Alignment(horizontal=across, vertical="top", wrap_text=wrap)
    return cell


def one_run(writer: str, path: Path) -> tuple[float, float, float]:
    """Run one writer in a fresh process; return processor seconds, the peak and the idle memory in MB."""
    command = [sys.executable, "-W", "error", "-m", "tests.bench.bench_book", writer, str(path)]
    seconds, peak, idle = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(peak), float(idle)


def child(writer: str, path: Path) -> None:
    """Write once and print what it took."""
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    before = time.process_time()
    {"ours": ours, "theirs": theirs}[writer](path)
    spent = time.process_time() - before
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, idle)


def main() -> None:
    """Print processor time, peak memory and file size of both writers, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        best: dict[str, tuple[float, float, float]] = {}
        for _ in range(ROUNDS):
            for writer in ("ours", "theirs"):
                run = one_run(writer, Path(folder, f"{writer}.xlsx"))
                best[writer] = min(best.get(writer, run), run)
        for writer, (seconds, peak, idle) in best.items():
            size = Path(folder, f"{writer}.xlsx").stat().st_size / 1e6
            print(f"{writer:7} {seconds:6.2f} s  peak {peak:6.1f} MB (idle {idle:.1f} MB)  file {size:5.1f} MB")
        print(f"export of {ROWS:,} rows x {len(COLUMNS)} columns: {best['ours'][0] / best['theirs'][0]:.3f} x (aim 0.5)")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
