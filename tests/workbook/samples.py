"""Texts that spreadsheet programs like to misread, and short ways to write a workbook and open it again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import load_workbook

from tracker.workbook.book import write_book
from tracker.workbook.sheets import Book, Column, Cover, Kind, Sheet
from tracker.workbook.stream import text_of

HOSTILE = [
    "=1+1",
    "=HYPERLINK(\"http://example.com\",\"点此\")",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "-2+3",
    "@SUM(A1:A9)",
    "#REF!",
    "#N/A",
    "#DIV/0!",
    "#NAME?",
    "00123",
    "0",
    "1e5",
    "1E400",
    "12345678901234567890",
    "110101199003078888",
    "11010119900307888X",
    "6222021234567890123",
    "TRUE",
    "FALSE",
    "true",
    "2026-11-22",
    "2026/11/22",
    "11-12",
    "1/2",
    "12:30",
    "10%",
    "￥1,000.00",
    "(100)",
    "'已带撇号",
    "''",
    "'",
    '"引号"',
    '"',
    " 前有空格",
    "后有空格 ",
    "  两端  ",
    " ",
    "\u3000全角空格\u3000",
    "\u00a0不换行空格\u00a0",
    "第一行\n第二行",
    "\n",
    "末尾换行\n",
    "回车\r\n换行",
    "\r",
    "制表\t符",
    "\t",
    "_x000D_",
    "_x000d_",
    "_X000D_",
    "_x005F_",
    "_x005F_x000D_",
    "_x000D_x000D_",
    "__x0041__",
    "_x0000_",
    "_xD800_",
    "_x12_",
    "_x1_",
    "_x004_1_",
    "_x12345_",
    "_xD83D__xDE00_",
    "_xFFFF_",
    "文件_x86_说明_x",
    "<b>&amp;</b>",
    "]]>",
    "<![CDATA[x]]>",
    "&#13;",
    "a\u0085b\u2028c\u2029d",
    "\ufeff字节序标记",
    "e\u0301 与 é",
    "𠮷野家 😀👨‍👩‍👧",
    "\u202e从右到左",
    "\x7f\x80\x9f",
    "None",
    "nan",
    "{{ 7*7 }}",
    "%s %d {0}",
    "'; DROP TABLE tasks; --",
    "长" * 32_767,
]

MADE = datetime(2026, 11, 22, 14, 31, 5, 123456, tzinfo=UTC)
COVER = Cover("审计底稿", "海川证券 & 合伙", [("截至时点", "2026年11月22日"), ("筛选条件", "=全部")], [("任务", 1284)], ["说明"])


def sheet_of(texts: Sequence[str], title: str = "文字") -> Sheet:
    """Make a sheet of these texts: numbered, once in a wide column and once in a narrow one."""
    columns = [Column("序号", 8, Kind.NUMBER), Column("内容", 40), Column("再来", 12, Kind.MARK)]
    return Sheet(title, columns, ((number, text, text) for number, text in enumerate(texts)))


def written(*sheets: Sheet, cover: Cover = COVER) -> bytes:
    """Return the bytes of a workbook with these sheets."""
    out = io.BytesIO()
    write_book(Book(cover, sheets, MADE, "林合规"), out)
    return out.getvalue()


def opened(data: bytes) -> Any:
    """Open a workbook as its reader would."""
    return load_workbook(io.BytesIO(data))


def texts_in(page: Any, column: str, first: int = 2) -> list[object]:
    """List what stands in a column, with the escapes of the format undone."""
    cells = (page[f"{column}{row}"] for row in range(first, page.max_row + 1))
    return [text_of(cell.value) if isinstance(cell.value, str) else cell.value for cell in cells]
