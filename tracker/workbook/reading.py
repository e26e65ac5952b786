"""The cells of a workbook that somebody sends, as plain values, from a limited child process; nothing in it is believed.

    book = read_workbook(data, "分派表.xlsx")      # raises BadInput with a sentence, or Busy
    for sheet in book.sheets: for row in sheet.rows: row.number, row.values, row.at(3)

Size, number of parts and real inflated bytes are bounded before anything is parsed; programs in it are refused, links out
of it are never followed, of formulas only the saved result counts. Text is what `stream.text_cell` stored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from openpyxl.utils import get_column_letter

from ..child.asking import Answer, Limits, TooLong, ask
from ..errors import BadInput, Busy
from .container import check_container
from .stream import text_of

MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 50, 100_000, 200
MOST_CELLS, MOST_CHARACTERS = 600_000, 24_000_000
MEMORY, OUTPUT = 140 * 1024 * 1024, 96 * 1024 * 1024
CHILD = Path(__file__).with_name("reading_child.py")
PATIENCE = 30
_DAMAGED = "文件“{name}”已损坏或不完整，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx，再试一次。"
_ENTITIES = "文件“{name}”的内部含有表格软件不会写出的实体定义，为安全起见没有读取。请用 Excel 或 WPS 打开后另存为 .xlsx。"
_TOO_COSTLY = "文件“{name}”过于复杂或已损坏，没有在限定的时间和内存内读完。请用 Excel 或 WPS 打开，只保留需要的工作表，另存为 .xlsx。"
_TOO_MUCH = {
    "sheets": f"工作表超过 {MOST_SHEETS} 张", "rows": f"{{cell}} 超过第 {MOST_ROWS:,} 行", "columns": f"{{cell}} 超过第 {MOST_COLUMNS} 列",
    "cells": f"有内容的单元格超过 {MOST_CELLS:,} 个", "characters": f"文字超过 {MOST_CHARACTERS:,} 个字", "text": "{cell} 的文字超过单元格上限 32,767 个字",
    "merged": "合并单元格太多", "styles": "单元格样式太多", "strings": "不同的文字太多",
}
_at_once = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Fault:
    """What stands in a cell that has no value: an error such as `#REF!`, or an empty text for a formula without its result."""

    shown: str


Found = str | int | float | bool | date | datetime | Fault | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something: its number from 1, and its values from column A on."""

    number: int
    values: Sequence[Found]

    def at(self, column: int) -> Found:
        """Return what stands in a column, counted from 1; None beyond the last."""
        return self.values[column - 1] if column <= len(self.values) else None


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet with its rows in their order, empty ones left out; `merged` are (top, left, bottom, right)."""

    title: str
    hidden: bool
    rows: Sequence[Row]
    merged: Sequence[tuple[int, int, int, int]] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook as somebody sent it."""

    sheets: Sequence[Page]


def cell_name(column: int, row: int) -> str:
    """Return the name of a cell: F17."""
    return f"{get_column_letter(column)}{row}"


def read_workbook(data: bytes, name: str) -> Workbook:
    """Read every cell of a workbook; BadInput with a sentence about the file when it cannot or must not be read."""
    check_container(data, name)
    if not _at_once.acquire(timeout=PATIENCE):
        raise Busy("正在读取的文件较多，请稍后再试。")
    try:
        answer = _child_says(data, name)
    finally:
        _at_once.release()
    return _told(answer.output)


def _child_says(data: bytes, name: str) -> Answer:
    bounds = [str(most) for most in (MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_CHARACTERS)]
    # An honest workbook takes a second for each megabyte; a small file that takes long is a bomb.
    seconds = 1.2 + 2 * len(data) / (1024 * 1024)
    try:
        answer = ask(CHILD, bounds, Limits(MEMORY, OUTPUT, seconds, 15 + 2 * seconds), data)
    except TooLong:
        raise BadInput(_TOO_COSTLY.format(name=name)) from None
    if answer.code:
        raise BadInput(_refusal(answer, name))
    return answer


def _refusal(answer: Answer, name: str) -> str:
    if answer.code not in (3, 4, 5):
        return _TOO_COSTLY.format(name=name)
    if answer.code != 4:
        return (_DAMAGED if answer.code == 3 else _ENTITIES).format(name=name)
    try:
        told = json.loads(answer.output.rstrip().rpartition(b"\n")[2])
        place = f"{str(told['where'])[:40]}!{cell_name(told['column'], told['row'])}" if told["row"] else ""
        what = _TOO_MUCH[told["refused"]].format(cell=place)
    except (ValueError, KeyError, TypeError):
        return _TOO_COSTLY.format(name=name)
    return f"文件“{name}”{what if place else f'的{what}'}，超出可以导入的范围，没有读取。请删去多余的内容后再试。"


def _value(told: dict[str, Any]) -> Any:
    """Make the value that a mark of the child stands for."""
    if "d" in told:
        text = str(told["d"])
        try:
            return datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
        except ValueError:
            return text
    return Fault(str(told["e"])) if "e" in told else Fault("") if "f" in told else told


def _told(output: bytes) -> Workbook:
    decode = json.JSONDecoder(object_hook=_value).decode
    sheets: list[Page] = []
    rows: list[Row] = []
    title, hidden = "", False
    for line in output.decode("utf-8", "replace").split("\n"):
        if line.startswith("["):
            number, values = decode(line)
            if "_x" in line:
                values = [text_of(value) if isinstance(value, str) else value for value in values]
            rows.append(Row(number, values))
        elif line:
            told = decode(line)
            if "sheet" in told:
                title, hidden, rows = str(told["sheet"]), bool(told["hidden"]), []
            else:
                sheets.append(Page(title, hidden, rows, [(top, left, bottom, right) for top, left, bottom, right in told["merged"]]))
    return Workbook(sheets)
