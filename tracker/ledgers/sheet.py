"""Pure rule of the sheet of a ledger: its headings, its rows with merged cells filled down, and every row that is none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..bringing.fields import cell_text
from ..bringing.headings import HIGHEST, LOOKED_AT, covered, stacked
from ..errors import BadInput
from ..workbook.reading import Fault, Found, Page, Row, cell_name
from .fields import meaning

MOST_COLUMNS, MOST_LINES, SAMPLES = 60, 5000, 3
_INVISIBLE = re.compile("[\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufff9-\uffff]")
_TOTAL = re.compile(r"(合|总|小|共)\s*计(?![划算提])|本页(合|小)计")
_NOTE = re.compile(r"(注|备注|说明|填表说明|填报说明|备注说明)\s*[0-9一二三四五六七八九十]{0,2}\s*[:：、.．]|(填表|制表|编制|审核|复核|批准|填报|签字|审批)(人|单位|部门|日期|时间)?\s*[:：]")
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十百]{1,4}[章节部编]|[IVX]{1,4}[.、]")
TITLE, BLANK, TOTAL, NOTE, SECTION, BARE = (
    "表头上方的标题或说明", "空行", "合计行", "表末的注释或签字行", "分节标题，作为以下各行的类别", "只有从上面合并下来的内容，没有自己的内容",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its number from 1, its headings from the top down, and the first values that stand in it."""

    number: int
    parts: tuple[str, ...]
    samples: tuple[str, ...] = ()
    filled: int = 0

    @property
    def heading(self) -> str:
        """Return its heading on one line."""
        return " / ".join(self.parts) or f"{cell_name(self.number, 1)[:-1]} 列（没有列名）"


@dataclass(frozen=True, slots=True)
class Left:
    """Rows that are not taken: where, why, and what stands there."""

    place: str
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the ledger: the text of each column that says something, and what is wrong with a cell, as a sentence."""

    number: int
    cells: Mapping[int, str]
    faults: Mapping[int, str] = field(default_factory=dict)
    section: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One sheet as a ledger: where its headings end, its columns, its rows, and what is left out."""

    title: str
    head: int
    columns: Sequence[Column]
    lines: Sequence[Line]
    left: Sequence[Left]
    above: str = ""

    def place(self, line: int, column: int) -> str:
        """Return the name of a cell with its sheet."""
        return f"{self.title}!{cell_name(column, line)}"


def readable(value: Found) -> tuple[str, str]:
    """Return the text of a cell on one line, and what is wrong with it or an empty text."""
    if isinstance(value, Fault):
        return "", f"这里是错误值 {value.shown}，请改正。" if value.shown else "这里是公式，文件里没有保存它的结果。请用 Excel 打开并保存一次。"
    text = " ".join(_INVISIBLE.sub("", cell_text(value)).split())
    if found := _UNHOLDABLE.search(cell_text(value)):
        return _UNHOLDABLE.sub("□", text), f"文字中有无法保存的控制字符（U+{ord(found[0]):04X}），请删去。"
    return text, ""


def ledger(page: Page, head: int | None = None) -> Ledger:
    """Read a sheet as a ledger; `head` is the last row of the headings when somebody says so. BadInput when it is none."""
    if not page.rows:
        raise BadInput(f"工作表“{page.title}”是空的。请选择另一张工作表。")
    rows = {row.number: row for row in page.rows}
    over = covered(page)
    at, named = _head(page, rows, over, head)
    columns = _columns(page, named, at)
    data = [row for row in page.rows if row.number > at]
    if len(data) > MOST_LINES:
        raise BadInput(f"工作表“{page.title}”有 {len(data):,} 行，一次最多导入 {MOST_LINES:,} 行（{page.title}!A{data[MOST_LINES].number} 起超出）。请按类别或部门拆成几份台账，分别导入。")
    if not data:
        raise BadInput(f"工作表“{page.title}”在表头（第 {at} 行）之后没有内容。请选择另一张工作表，或改正表头所在的行。")
    heads = {text for parts in named.values() for text in parts}
    above = [row for row in page.rows if row.number <= at and not heads.intersection(readable(value)[0] for value in row.values)]
    lines, left = _lines(page, columns, data, at)
    top = [Left(f"{page.title}!A{row.number}", TITLE, _joined(row)) for row in above]
    told = [one.text for one in top if one.text]
    return Ledger(page.title, at, _sampled(columns, lines), lines, [*top, *left], told[0] if told else "")


def _joined(row: Row) -> str:
    return "　".join(text for value in row.values if (text := readable(value)[0]))


def _head(
    page: Page, rows: Mapping[int, Row], over: Mapping[tuple[int, int], tuple[int, int]], given: int | None,
) -> tuple[int, dict[int, tuple[str, ...]]]:
    best: tuple[int, int, dict[int, tuple[str, ...]]] | None = None
    first_rows = [row.number for row in page.rows[:LOOKED_AT]]
    for last in [given] if given else first_rows:
        for high in range(1, HIGHEST + 1):
            named = {column: tuple(readable(part)[0] for part in parts) for column, parts in stacked(rows, over, last - high + 1, last)}
            known = len({code for parts in named.values() if max(map(len, parts)) <= 40 and (code := meaning(parts))})
            wide = len(set(named.values()))
            # What speaks for a field decides; of two that say as much, the one of fewer rows and further up.
            if wide >= 2 and (given or known >= 2) and (best is None or known > best[0]):
                best = known, last, named
    if best is None:
        where = f"第 {given} 行" if given else f"前 {LOOKED_AT} 行"
        raise BadInput.at("head", f"工作表“{page.title}”的{where}里没有认出表头：表头要有两列以上的列名，例如“序号”“合规义务”“责任部门”。请在“表头所在的行”填写列名最下面一行的行号，或选择另一张工作表。")
    return best[1], best[2]


def _columns(page: Page, named: Mapping[int, tuple[str, ...]], head: int) -> list[Column]:
    used = {n for row in page.rows if row.number > head for n, value in enumerate(row.values, 1) if value not in (None, "")}
    numbers = sorted({*named, *used})
    if len(numbers) > MOST_COLUMNS:
        place = f"{page.title}!{cell_name(numbers[MOST_COLUMNS], head)}"
        raise BadInput(f"工作表“{page.title}”有 {len(numbers)} 列，最多 {MOST_COLUMNS} 列（{place} 起超出）。请删去不需要的列后再试。")
    return [Column(n, named.get(n, ())) for n in numbers]


def _sampled(columns: Sequence[Column], lines: Sequence[Line]) -> list[Column]:
    found = []
    for one in columns:
        texts = [line.cells[one.number] for line in lines if line.cells.get(one.number)]
        found.append(Column(one.number, one.parts, tuple(dict.fromkeys(texts))[:SAMPLES], len(texts)))
    return found


def _lines(page: Page, columns: Sequence[Column], data: Sequence[Row], head: int) -> tuple[list[Line], list[Left]]:
    filled, wide = _filled_down(page, head), {(top, left): right - left + 1 for top, left, _bottom, right in page.merged}
    lines: list[Line] = []
    left: list[Left] = []
    before, section = head, ""
    for row in data:
        left += _gap(page.title, before, row.number)
        before = row.number
        told = {one.number: readable(row.at(one.number)) for one in columns}
        own = {column: text for column, (text, _) in told.items() if text}
        faults = {column: why for column, (_, why) in told.items() if why}
        why = BARE if not own and not faults and filled.get(row.number) else _no_line(own, faults, max((wide.get((row.number, column), 1) for column in own), default=1))
        if why:
            section = next(iter(own.values())) if why == SECTION else section
            left.append(Left(f"{page.title}!{cell_name(next(iter(own), 1), row.number)}", why, "　".join(own.values())))
            continue
        below = {column: text for column, text in filled.get(row.number, {}).items() if column not in own}
        lines.append(Line(row.number, dict(sorted({**below, **own}.items())), faults, section))
    return lines, left


def _filled_down(page: Page, head: int) -> dict[int, dict[int, str]]:
    """Return for each row what merged cells above say for it, by column."""
    rows, numbers = {row.number: row for row in page.rows}, [row.number for row in page.rows]
    found: dict[int, dict[int, str]] = {}
    done = 0
    for top, left, bottom, _right in page.merged:
        below = numbers[bisect_right(numbers, top) : bisect_right(numbers, bottom)]
        if top > head and top in rows and below and (text := readable(rows[top].at(left))[0]):
            done += len(below)
            # Merged cells that lie over one another are in no workbook that a spreadsheet program wrote.
            if done > MOST_LINES * MOST_COLUMNS:
                raise BadInput(f"工作表“{page.title}”的合并单元格互相重叠，无法读取。请取消合并后再试。")
            for number in below:
                found.setdefault(number, {})[left] = text
    return found


def _gap(title: str, before: int, now: int) -> Iterator[Left]:
    if now - before > 1:
        place = f"{title}!{before + 1}" if now - before == 2 else f"{title}!{before + 1}–{now - 1}"
        yield Left(f"{place} 行", BLANK, "")


def _no_line(own: Mapping[int, str], faults: Mapping[int, str], wide: int) -> str:
    if not own:
        return "" if faults else BLANK
    first = next(iter(own.values()))
    if _TOTAL.match(first):
        return TOTAL
    if _NOTE.match(first) and len(own) <= 4:
        return NOTE
    return SECTION if len(own) == 1 and not faults and len(first) <= 60 and (wide >= 3 or _SECTION.match(first)) else ""
