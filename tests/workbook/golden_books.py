"""Workbooks that hold one of everything the writer can do; their parts are kept as they should be, to be compared one by one.

`python -m tests.workbook.golden_books` writes the parts anew, after a change that was meant and looked at.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

from tests.workbook.samples import COVER, MADE
from tracker.workbook.book import write_book
from tracker.workbook.sheets import (
    Board,
    Book,
    Column,
    Figure,
    Hint,
    Kind,
    Link,
    Share,
    Sheet,
    Table,
    Tone,
    Value,
    inside,
)

FOLDER = Path(__file__).with_name("golden")
STATES = {"未开始": Tone.DIM, "待复核": Tone.WAIT, "已完成": Tone.GOOD, "已逾期": Tone.BAD}
COLUMNS = (
    Column("任务号", 8, Kind.NUMBER), Column("状态", 11, Kind.MARK, STATES, shaded=True), Column("截止日", 11, Kind.DATE), Column("提交时间", 21, Kind.MOMENT),
    Column("逾期天数", 9, Kind.NUMBER, alarm=0), Column("说明", 40), Column("责任人", 10, choices=("王责任", "李责任")), Column("文件", 20, Kind.LINK),
    Column("SHA-256", 36, Kind.DIGEST), Column("任务版本", 9, hidden=True),
)
DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SENT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
ROWS: tuple[tuple[Value, ...], ...] = (
    (1, "已逾期", date(2026, 11, 1), None, 21, "=1+1", "王责任", Link("E-0001", "证据/E-0001 回访记录.pdf"), DIGEST, "3"),
    (2, "已完成", date(2026, 12, 1), SENT, None, "第一行\n第二行 <&> _x000D_", "李责任", Link("封面", inside("封面")), DIGEST, "1"),
    (3, "未开始", None, None, 0, Hint("建议留存：签收页"), None, None, "", ""),
    (4, "待复核", date(2026, 11, 30), SENT, None, "长" * 120, "00123", "无链接的文字", DIGEST, "12"),
)


def _board() -> Board:
    counted: list[tuple[Value, ...]] = [("投资者适当性", 3, 2, 1, 6, Share(1, 3), 1), ("信息披露", 1, 0, 0, 0, Share(0, 0), 0)]
    heads = ("义务", "风险敞口", "权利", "任务", "完成率", "逾期")
    urgent: list[tuple[Value, ...]] = [(1, "销售前了解客户", "应当", "王责任", "赵复核", "财富管理部", date(2026, 11, 1), "已逾期", 21, "逾期")]
    return Board(
        "董事会摘要", "海川证券　截至 2026-11-22 22:31（北京时间）", [Figure("完成率", Share(1, 4), Tone.GOOD), Figure("逾期", 1, Tone.BAD)],
        Table("状态", ("状态", "任务", "占比"), [("已完成", 1, Share(1, 4)), ("已逾期", 3, Share(3, 4))]), Table("文件", ("文件", *heads), counted),
        Table("领域", ("领域", *heads), counted), Table("最需关注", ("序号", "义务", "性质", "责任人", "复核人", "部门", "截止", "状态", "逾期", "原因"), urgent, "没有"),
        ["完成率为已完成任务占未取消任务的比例。"], STATES,
    )


def _whole() -> Book:
    sheets = (Sheet("任务", COLUMNS, ROWS, "任务　海川证券", "每个到期日一项", 2), Sheet("空表", COLUMNS[:3], (), "空表　海川证券", "没有记录的工作表"))
    return Book(COVER, sheets, MADE, "林合规", _board)


def _bare() -> Book:
    return Book(COVER, (Sheet("任务", COLUMNS, ROWS[:1]),), MADE, "林合规")


BOOKS = {"whole": _whole, "bare": _bare}


def parts(name: str) -> dict[str, str]:
    """Write one of the books; return its parts by name, a tag a line."""
    out = io.BytesIO()
    write_book(BOOKS[name](), out)
    with zipfile.ZipFile(out) as archive:
        return {part: archive.read(part).decode().replace("><", ">\n<") + "\n" for part in archive.namelist()}


def kept(name: str) -> dict[str, str]:
    """Return the parts of a book as they are kept."""
    folder = FOLDER / name
    return {path.relative_to(folder).as_posix().removesuffix(".txt"): path.read_bytes().decode() for path in folder.rglob("*.txt")}


def main() -> None:
    """Keep the parts of every book as they are now."""
    for name in BOOKS:
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        for part, text in parts(name).items():
            path = FOLDER / name / f"{part}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())


if __name__ == "__main__":
    main()
