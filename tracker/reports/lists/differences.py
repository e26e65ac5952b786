"""What changed between two moments, found from the very rows of the sheets: those of the earlier one kept aside, those of the later one passing by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from ... import clock
from ...bringing.rules.columns import KEY, UNSEEN, meaning
from ...words import ListKind
from ...workbook.sheets import Column, Hint, Kind, Link, Sheet, Tone, Value

DIFFERENCES = "版本差异"
OWNER = "主体"
ADDED, CHANGED, GONE = "新增", "变更", "不再列出"
# A summary is for finding the row; the whole of it stands in its own sheet.
MOST_OF_A_ROW = 1_000
KINDS = {ADDED: Tone.GOOD, CHANGED: Tone.ACTIVE, GONE: Tone.BAD}


@dataclass(frozen=True, slots=True)
class Compared:
    """How a sheet is compared: by which column its rows are the same ones, which numbers them for people, and which says what they are about."""

    key: str
    number: str
    about: str


COMPARED = {
    "合规义务清单": Compared("编号", "编号", "标题"), "合规风险识别清单": Compared("义务编号", "义务编号", "合规风险名称"),
    "岗位合规职责清单": Compared("义务编号", "义务编号", "合规义务来源"), "流程管控清单": Compared("义务编号", "义务编号", "合规重要环节"),
    "责任分派与任务": Compared("任务号", "任务号", "义务"), "证据目录": Compared(UNSEEN[KEY][0], "索引号", "文件名"), "适用性说明": Compared("编号", "编号", "标题"),
}
# Days late grow by themselves, index numbers are given anew with every export, open tasks are told one by one: none is a change of its own.
LEFT_OUT = {OWNER, "逾期天数", "索引号", "证据索引号", "未完任务"}

# Rows of the three lists come and go with those of 合规义务清单, which tells it; of them only what an entity fills in is compared.
FILLED = ("合规风险识别清单", "岗位合规职责清单", "流程管控清单")

Row = Sequence[Value]


class Comparison:
    """The rows of an earlier moment, kept in a file of its own that nobody sees, and what was found to differ from them."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        # An empty name is a database on the disk, gone with its connection: memory stays flat.
        self._held = sqlite3.connect("", isolation_level=None)
        self._held.execute("CREATE TABLE was (sheet TEXT, whose TEXT, key TEXT, row TEXT, PRIMARY KEY (sheet, whose, key)) WITHOUT ROWID")
        self._held.execute("CREATE TABLE found (row TEXT)")
        self._held.execute("BEGIN")

    def __enter__(self) -> Self:
        """Keep it open."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let go of everything."""
        self._held.close()

    def remember(self, title: str, columns: Sequence[Column], rows: Iterator[Row]) -> None:
        """Keep the rows of a sheet as they were at the earlier moment."""
        told = ((title, *_place(title, cells := _cells(columns, row)), json.dumps(cells)) for row in rows)
        self._held.executemany("INSERT INTO was VALUES (?, ?, ?, ?)", told)

    def passing(self, title: str, columns: Sequence[Column], rows: Iterator[Row]) -> Iterator[Row]:
        """Pass the rows of the later moment on, noting how they differ."""
        shown, whole = _shown(title, columns), title not in FILLED
        for row in rows:
            cells = _cells(columns, row)
            place = (title, *_place(title, cells))
            held = self._held.execute("DELETE FROM was WHERE sheet = ? AND whose = ? AND key = ? RETURNING row", place).fetchone()
            if held is None and whole:
                self._note(title, cells, ADDED, "（整行）", "", _summary(cells, shown))
            elif held and (old := json.loads(held[0])) != cells:
                for heading in (one for one in cells if one in shown and old.get(one, "") != cells[one]):
                    self._note(title, cells, CHANGED, heading, old.get(heading, ""), cells[heading])
            yield row

    def _note(self, title: str, cells: Mapping[str, str], kind: str, heading: str, old: str, new: str) -> None:
        self._held.execute("INSERT INTO found VALUES (?)", (json.dumps(_difference(title, cells, kind, heading, old, new)),))

    def sheet(self, name: str, many: bool, made_at: datetime) -> Sheet:
        """Describe the sheet; its rows are told after those of all compared sheets have passed."""
        columns = (
            Column("工作表", 16), *([Column(OWNER, 11)] if many else []), Column("编号", 13), Column("事项", 26), Column("变更类型", 10, Kind.MARK, KINDS, shaded=True),
            Column("栏目", 14), Column("先前内容", 56), Column("现在内容", 56),
        )
        moments = " 至 ".join(f"{clock.local(moment):%Y-%m-%d %H:%M}" for moment in (self.since, made_at))
        about = "与比较时点相比，各表逐项、逐栏的变化"
        return Sheet(DIFFERENCES, columns, self._rows(many), f"{DIFFERENCES}　{name}　{moments}（北京时间）", about, 3 + many, "两个时点之间没有差异。")

    def _rows(self, many: bool) -> Iterator[tuple[Value, ...]]:
        for row in self._found():
            yield tuple(row) if many else (row[0], *row[2:])

    def _found(self) -> Iterator[list[str]]:
        with closing(self._held.execute("SELECT row FROM found ORDER BY rowid")) as found:
            yield from (json.loads(row) for (row,) in found)
        for title in (one for one in COMPARED if one not in FILLED):
            with closing(self._held.execute("SELECT row FROM was WHERE sheet = ? ORDER BY whose, key", (title,))) as left:
                for (row,) in left:
                    cells = json.loads(row)
                    yield _difference(title, cells, GONE, "（整行）", _summary(cells, set(cells) - LEFT_OUT), "")


def _shown(title: str, columns: Sequence[Column]) -> set[str]:
    """Return the headings under which a change is told."""
    shown = {column.heading for column in columns if not column.hidden} - LEFT_OUT
    return {heading for heading in shown if meaning(ListKind.CONTROLS, heading)} if title in FILLED else shown


def _difference(title: str, cells: Mapping[str, str], kind: str, heading: str, old: str, new: str) -> list[str]:
    how = COMPARED[title]
    return [title, cells.get(OWNER, ""), cells[how.number], cells[how.about].split("\n")[0], kind, heading, old, new]


def _place(title: str, cells: Mapping[str, str]) -> tuple[str, str]:
    return cells.get(OWNER, ""), cells[COMPARED[title].key]


def _cells(columns: Sequence[Column], row: Row) -> dict[str, str]:
    """Say the cells that people see, and the one by which the row is known again."""
    known = {how.key for how in COMPARED.values()}
    return {column.heading: _said(value) for column, value in zip(columns, row, strict=True) if not column.hidden or column.heading in known}


def _said(value: Value) -> str:
    if isinstance(value, Hint | Link):
        return value.text
    if isinstance(value, datetime):
        return clock.local(value).isoformat(" ", "seconds")[:19]
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _summary(cells: Mapping[str, str], shown: set[str]) -> str:
    hidden = {UNSEEN[KEY][0], OWNER}
    text = "；".join(f"{heading}：{said}" for heading, said in cells.items() if said and heading in shown and heading not in hidden)
    return text if len(text) <= MOST_OF_A_ROW else f"{text[:MOST_OF_A_ROW]}……"
