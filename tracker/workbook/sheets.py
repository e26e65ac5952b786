"""What a workbook is made of, as plain values: a cover and sheets of columns and rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from ..errors import BadInput
from .sums import SUMS

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


@dataclass(frozen=True, slots=True)
class Hint:
    """A text that nobody wrote yet, only suggested: it stands in grey and slanted, so that no reader takes it for filled in."""

    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, as a percentage; of nothing there is none."""

    part: int
    whole: int

    @property
    def ratio(self) -> float:
        """Return the share with as many decimals as every program keeps; there must be a whole."""
        return round(self.part / self.whole, 6)


Value = str | int | date | datetime | Link | Hint | Share | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, width in half-width characters, kind, and the words that have a tone.

    Conditional formats: `shaded` gives the words a ground of their tone, `alarm` every number above it. `choices` become a drop-down.
    A `hidden` column is for programs that read the sheet again.
    """

    heading: str
    width: int
    kind: Kind = Kind.TEXT
    tones: Mapping[str, Tone] = field(default_factory=dict)
    shaded: bool = False
    alarm: int | None = None
    choices: Sequence[str] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of rows; `caption` stands above the headings, `about` on the cover, `frozen` columns stay in sight.

    A `hidden` sheet is for programs: it comes last and is neither counted nor told of on the cover.
    `foreseen` is about how many rows will come, for whoever is told of the progress.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    caption: str = ""
    about: str = ""
    frozen: int = 0
    empty: str = "本次筛选下没有记录。"
    hidden: bool = False
    foreseen: int = 0


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
class Figure:
    """A number that a board sees first, with what it is; it has a tone when it is more than nothing."""

    label: str
    value: int | Share
    tone: Tone = Tone.ACCENT


@dataclass(frozen=True, slots=True)
class Table:
    """A small table of a board's page, with the sentence it shows when it is empty; `has_rest`: its last row adds others up."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]
    empty: str = ""
    has_rest: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """The one page for a board: figures, tables with their charts, what needs attention, and what the words mean."""

    title: str
    caption: str
    figures: Sequence[Figure]
    states: Table
    documents: Table
    domains: Table
    attention: Table
    notes: Sequence[str] = ()
    tones: Mapping[str, Tone] = field(default_factory=dict)
    owners: Table | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """The last page: sections of facts by which the workbook can be checked; a line without a label is a sentence.

    What has a label or heading of `apart` is checked by what it says, and is no part of the digest of the page.
    """

    title: str
    caption: str
    sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    signatures: Sequence[str] = ("校验人", "见证人")
    apart: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A whole workbook; `made_at` (aware) is the only moment that gets into the file.

    `board` and `proof` are asked when all rows are written: one counts the very rows that are in the sheets, the other is told how many there are,
    and the digest of each sheet, in the order of the sheets.
    """

    cover: Cover
    sheets: Sequence[Sheet]
    made_at: datetime
    author: str
    board: Callable[[], Board] | None = None
    board_title: str = "董事会摘要"
    board_about: str = "完成率、逾期、退回，按领域与文件的分布，最需关注的十项"
    proof: Callable[[Mapping[str, int], Mapping[str, str]], Proof] | None = None
    proof_title: str = "校验"
    proof_about: str = "链的条数与链头，怎样离线校验，能证明什么、不能证明什么"

    @property
    def shown(self) -> list[Sheet]:
        """Return the sheets that people see."""
        return [sheet for sheet in self.sheets if not sheet.hidden]


def check_titles(book: Book) -> None:
    """Refuse sheet titles that a spreadsheet program would not open; raises BadInput."""
    own = [*([book.board_title] if book.board else []), *([book.proof_title, SUMS] if book.proof else [])]
    titles = [book.cover.sheet_title, *own, *(sheet.title for sheet in book.sheets)]
    for title in titles:
        if not 0 < len(title) <= LONGEST_TITLE:
            raise BadInput(f"工作表名称“{title}”须为 1 至 {LONGEST_TITLE} 个字。请改短后再导出。")
        if re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", title):
            raise BadInput(f"工作表名称“{title}”含有表格软件不接受的字符。请去掉 [ ] : * ? / \\ 与首尾的单引号。")
    if len({title.casefold() for title in titles}) < len(titles):
        raise BadInput("有两张工作表的名称相同。请为每张工作表取不同的名称。")
