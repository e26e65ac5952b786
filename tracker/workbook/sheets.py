"""What a workbook is made of, as plain values: a cover and sheets of columns and rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from ..errors import BadInput

LONGEST_TITLE = 31
MOST_ROWS = 1_000_000


class Kind(Enum):
    """How a column is set: its alignment, number format and narrowest useful width."""

    TEXT = "text"
    MARK = "mark"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    DIGEST = "digest"
    LINK = "link"


class Tone(Enum):
    """The colour of a word that states something; the word itself always says it too."""

    ACCENT = "accent"
    ACTIVE = "active"
    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"
    AGAIN = "again"
    DIM = "dim"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere: `#工作表!A1` inside the workbook, else an address or a relative path."""

    text: str
    target: str


def inside(title: str, cell: str = "A1") -> str:
    """Return the link target for a cell of another sheet of the same workbook."""
    doubled = title.replace("'", "''")
    return f"#'{doubled}'!{cell}"


Value = str | int | date | datetime | Link | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, width in half-width characters, kind, and the words that have a tone."""

    heading: str
    width: int
    kind: Kind = Kind.TEXT
    tones: Mapping[str, Tone] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of rows; `caption` stands above the headings, `about` on the cover, `frozen` columns stay in sight."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    caption: str = ""
    about: str = ""
    frozen: int = 0
    empty: str = "本次筛选下没有记录。"


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page: what this is, whose, the facts, the numbers, and who signs."""

    title: str
    owner: str
    facts: Sequence[tuple[str, str]]
    counts: Sequence[tuple[str, int]] = ()
    remarks: Sequence[str] = ()
    signatures: Sequence[str] = ("编制", "复核", "批准")
    sheet_title: str = "封面"
    series: str = "合规义务台账"


@dataclass(frozen=True, slots=True)
class Book:
    """A whole workbook; `made_at` (aware) is the only moment that gets into the file."""

    cover: Cover
    sheets: Sequence[Sheet]
    made_at: datetime
    author: str


def check_titles(book: Book) -> None:
    """Refuse sheet titles that a spreadsheet program would not open; raises BadInput."""
    titles = [book.cover.sheet_title, *(sheet.title for sheet in book.sheets)]
    for title in titles:
        if not 0 < len(title) <= LONGEST_TITLE:
            raise BadInput(f"工作表名称“{title}”须为 1 至 {LONGEST_TITLE} 个字。请改短后再导出。")
        if re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", title):
            raise BadInput(f"工作表名称“{title}”含有表格软件不接受的字符。请去掉 [ ] : * ? / \\ 与首尾的单引号。")
    if len({title.casefold() for title in titles}) < len(titles):
        raise BadInput("有两张工作表的名称相同。请为每张工作表取不同的名称。")
