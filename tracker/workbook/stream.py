"""Rows as sheet XML, quickly: one cell's text is made once per column and value, then joined per row."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count, islice
from math import ceil
from operator import getitem, itemgetter
from typing import IO
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from openpyxl.utils import get_column_letter

from ..clock import local
from ..errors import BadInput
from .sheets import MOST_ROWS, Hint, Kind, Link, Share, Sheet, Value
from .summing import FIRST_SAFE_DAY, LARGEST_EXACT, REMEMBERED, row_taker
from .sums import Sums

LONGEST_TEXT = 32_767
MOST_LINKS = 65_530
MOST_LINES = 28
LINE_POINTS, PADDING_POINTS = 15.5, 5.0
BATCH = 500
UNWRAPPED = {Kind.NUMBER, Kind.DATE, Kind.MOMENT}
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel decodes four digits; LibreOffice also decodes fewer.
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{1,4}_)")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_NEEDS_CARE = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_x")
_OFFICE_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_IN_ADDRESSES = "%/:?#[]@!$&'()*+,;=~-._"
_NOT_IN_PATHS = re.compile(r'[\x00-\x20"<>\[\]^`{|}\\]')
_DAY_ZERO = date(1899, 12, 30).toordinal()


def text_cell(text: str, where: str = "") -> str:
    """Return `text` as a workbook stores it, so that it comes back exactly; raises BadInput if no cell can hold it."""
    if unholdable := _UNHOLDABLE.search(text):
        place, code = unholdable.start() + 1, ord(unholdable.group())
        raise _refusal(where, f"第 {place} 个字符（U+{code:04X}）是不可见的控制字符，Excel 无法保存。请删除该字符后再试。")
    stored = _ESCAPE_LIKE.sub("_x005F_", text).replace("\r", "_x000D_") if "_x" in text or "\r" in text else text
    if len(stored) * 2 > LONGEST_TEXT and (size := _utf16_length(stored)) > LONGEST_TEXT:
        raise _refusal(where, f"文字有 {size:,} 个字符，超过 Excel 单元格的上限 {LONGEST_TEXT:,} 个。请缩短后再试。")
    return stored


def _refusal(where: str, sentence: str) -> BadInput:
    return BadInput.at(where, f"{where}：{sentence}") if where else BadInput(sentence)


def text_of(stored: str) -> str:
    """Return the text that `text_cell` stored: what any reader of inline strings has to apply."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), stored) if "_x" in stored else stored


def shortened(text: str, most: int = 32_000) -> str:
    """Cut a text that no cell can hold and say so in it, for places where the whole text stands elsewhere."""
    if len(text) * 2 <= most or _utf16_length(text) <= most:
        return text
    note = f"……（原文共 {len(text):,} 字，超过单元格上限，此处截断；全文请在系统中查看。）"
    return text.encode("utf-16-le")[: (most - len(note)) * 2].decode("utf-16-le", "ignore") + note


def lines_of(text: str, width: float) -> int:
    """Estimate how many lines a wrapped text takes in a column of so many digits; rather one too many than cut."""
    return sum(_lines_of_paragraph(paragraph, width) for paragraph in text.split("\n"))


def _lines_of_paragraph(text: str, width: float) -> int:
    # In half ideographs. In UTF-8 a letter has one byte and an ideograph three, so that this comes to 1.1 and 2.
    length = 0.45 * len(text.encode()) + 0.65 * len(text)
    if length <= width * 1.03:
        return 1
    # A line may have to end early, before a closing mark or a word that does not fit.
    return ceil(length / max(width * 1.05 - (4 if " " in text else 2), 2.2))


def height_of(lines: int) -> float:
    """Return the points a row of so many lines needs; no spreadsheet program has higher rows than 409 points."""
    return min(lines * LINE_POINTS + PADDING_POINTS, 409.0)


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Styles:
    """The numbers of the styles of one column, as the workbook's style table has them."""

    text: int
    number: int
    date: int
    moment: int
    link: int
    hint: int
    share: int
    tones: Mapping[str, int]


class _Cells(dict[Value, str]):
    """The XML of one column's cells by value, from the style up to the next cell's row number."""

    def __init__(self, styles: Styles, following: str) -> None:
        super().__init__()
        self._styles = styles
        self._following = following

    def __missing__(self, value: Value) -> str:
        cell = f'" s="{self._body(value)}{self._following}'
        if len(self) >= REMEMBERED:
            self.clear()
        if len(cell) <= 1_000:
            self[value] = cell
        return cell

    def _body(self, value: Value) -> str:
        styles, kind = self._styles, type(value)
        if value is None or value == "":
            return f'{styles.text}"/>'
        if isinstance(value, str) and kind is str:
            return _text_body(value, styles.tones.get(value, styles.text))
        if isinstance(value, int) and kind is int:
            if abs(value) < LARGEST_EXACT:
                return f'{styles.number}"><v>{value}</v></c>'
            return _text_body(str(value), styles.text)
        if isinstance(value, datetime):
            return _moment_body(value, styles)
        if isinstance(value, date):
            if value >= FIRST_SAFE_DAY:
                return f'{styles.date}"><v>{value.toordinal() - _DAY_ZERO}</v></c>'
            return _text_body(value.isoformat(), styles.text)
        if isinstance(value, Link | Hint):
            style = styles.link if kind is Link else styles.hint
            return _text_body(value.text, style) if value.text else f'{styles.text}"/>'
        if isinstance(value, Share):
            return f'{styles.share}"><v>{value.ratio!r}</v></c>' if value.whole else _text_body("—", styles.share)
        raise TypeError(f"a workbook cell cannot hold {kind.__name__}")


def _text_body(text: str, style: int) -> str:
    if _NEEDS_CARE.search(text) or len(text) * 2 > LONGEST_TEXT:
        text = text_cell(text).translate(_MARKUP)
    keep = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() or "\n" in text else ""
    return f'{style}" t="inlineStr"><is><t{keep}>{text}</t></is></c>'


def _moment_body(moment: datetime, styles: Styles) -> str:
    if moment.tzinfo is None:
        raise TypeError("a moment needs its time zone")
    here = local(moment)
    if here.date() < FIRST_SAFE_DAY:
        return _text_body(here.strftime("%Y-%m-%d %H:%M:%S"), styles.text)
    seconds = here.hour * 3600 + here.minute * 60 + here.second
    return f'{styles.moment}"><v>{here.toordinal() - _DAY_ZERO + seconds / 86_400!r}</v></c>'


class _Lines(dict[Value, int]):
    """How many lines a wrapped column's values take."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self._width = width

    def __missing__(self, value: Value) -> int:
        text = value.text if isinstance(value, Link | Hint) else value
        known_short = not isinstance(text, str) or (len(text) * 2 <= self._width and "\n" not in text)
        lines = 1 if known_short else lines_of(str(text), self._width)
        if len(self) >= REMEMBERED:
            self.clear()
        self[value] = lines
        return lines


@dataclass(slots=True)
class Streamed:
    """What streaming one sheet found out: how far its rows reach and where its links lead, by cell."""

    first: int
    last: int
    last_letter: str
    links: list[tuple[str, Link]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many rows came."""
        return self.last - self.first + 1


def _unheard(_rows: int = 0) -> None:
    pass


def stream_rows(
    sheet: Sheet, widths: Sequence[float], styles: Sequence[Styles], first: int, out: IO[bytes], told: Callable[[int], None] = _unheard, sums: Sums | None = None,
) -> Streamed:
    """Write the sheet's rows as XML from row `first` on, and take their digests; raises BadInput naming the sheet, row and column at fault."""
    done = Streamed(first, first - 1, get_column_letter(len(sheet.columns)))
    write_row, rows = _row_writer(sheet, widths, styles, done), iter(sheet.rows)
    take, numbers = row_taker(sums, len(sheet.columns)), count(first)
    while batch := list(islice(rows, BATCH)):
        out.write("".join(map(write_row, batch)).encode())
        deque(map(take, batch, numbers), 0)
        if done.count > MOST_ROWS:
            raise BadInput(f"工作表“{sheet.title}”超过 {MOST_ROWS:,} 行，Excel 无法容纳。请缩小筛选范围后再导出。")
        told(done.count)
    return done


def _row_writer(sheet: Sheet, widths: Sequence[float], styles: Sequence[Styles], done: Streamed) -> Callable[[Sequence[Value]], str]:
    letters = [get_column_letter(index) for index in range(1, len(sheet.columns) + 1)]
    following = [*(f'<c r="{letter}' for letter in letters[1:]), "</row>"]
    cells = [_Cells(style, after) for style, after in zip(styles, following, strict=True)]
    wrapped = [index for index, column in enumerate(sheet.columns) if column.kind not in UNWRAPPED and not column.hidden]
    lines, pick = [_Lines(widths[index]) for index in wrapped], itemgetter(*wrapped, *wrapped[:1]) if wrapped else tuple
    starts = [f'" ht="{height_of(count)}" customHeight="1"><c r="{letters[0]}' for count in range(MOST_LINES + 1)]
    linked = [index for index, column in enumerate(sheet.columns) if column.kind is Kind.LINK]
    size = len(letters)

    def write_row(row: Sequence[Value]) -> str:
        if len(row) != size:
            raise ValueError(f"sheet {sheet.title}: a row of {len(row)} values for {size} columns")
        done.last += 1
        try:
            start = starts[min(max(map(getitem, lines, pick(row)), default=1), MOST_LINES)]
            xml = str(done.last).join(['<row r="', start, *map(getitem, cells, row)])
        except BadInput:
            _check_row(sheet, row, done.last)
            raise
        for index in linked:
            _note_link(row[index], f"{letters[index]}{done.last}", done.links)
        return xml

    return write_row


def _check_row(sheet: Sheet, row: Sequence[Value], number: int) -> None:
    """Raise the refusal of the first text that no cell can hold, with its place."""
    for index, value in enumerate(row):
        text = value.text if isinstance(value, Link | Hint) else value
        if isinstance(text, str):
            text_cell(text, f"{sheet.title}!{get_column_letter(index + 1)}{number}（{sheet.columns[index].heading}）")


def _note_link(value: Value, cell: str, links: list[tuple[str, Link]]) -> None:
    if isinstance(value, Link) and value.text and value.target and len(links) < MOST_LINKS:
        links.append((cell, value))


def splice(part: bytes, done: Streamed, rows: IO[bytes], out: IO[bytes], going: Callable[[], None] = _unheard) -> None:
    """Copy a saved sheet part and put the streamed rows, their extent and their links where they belong; `going` hears of every piece."""
    head, tail = part.decode().split("</sheetData>")
    extent = f"A1:{done.last_letter}{done.last}"
    quiet = f'<ignoredErrors><ignoredError sqref="{extent}" numberStoredAsText="1"/></ignoredErrors>'
    tail = tail.replace("<printOptions", f"{_links_xml(done.links)}<printOptions", 1)
    tail = tail.replace("</headerFooter>", f"</headerFooter>{quiet}", 1)
    out.write(re.sub('<dimension ref="[^"]*"', f'<dimension ref="{extent}"', head, count=1).encode())
    rows.seek(0)
    while piece := rows.read(1 << 18):
        out.write(piece)
        going()
    out.write(f"</sheetData>{tail}".encode())


def _links_xml(links: Sequence[tuple[str, Link]]) -> str:
    if not links:
        return ""
    parts = []
    for number, (cell, link) in enumerate(links):
        inside = f"location={quoteattr(link.target[1:])}" if link.target.startswith("#") else f'r:id="link{number}"'
        parts.append(f'<hyperlink ref="{cell}" {inside}/>')
    return f'<hyperlinks xmlns:r="{_OFFICE_LINKS}">{"".join(parts)}</hyperlinks>'


def _address(target: str) -> str:
    """Return an address as programs store it; Excel finds a file beside the workbook only when its Chinese name stands there as it is."""
    return quote(target, safe=_IN_ADDRESSES) if "://" in target else _NOT_IN_PATHS.sub(lambda found: quote(found.group()), target)


def outer_links(links: Sequence[tuple[str, Link]], part: bytes | None) -> bytes | None:
    """Return the relationships part that the links out of the workbook need, or what was there if none do."""
    added = [
        f'<Relationship Id="link{number}" Type="{_OFFICE_LINKS}/hyperlink" '
        f'Target={quoteattr(_address(link.target))} TargetMode="External"/>'
        for number, (_, link) in enumerate(links)
        if not link.target.startswith("#")
    ]
    if not added:
        return part
    opening = f'<Relationships xmlns="{_PACKAGE_LINKS}">'
    start = part.decode().removesuffix("</Relationships>") if part else opening
    return f"{start}{''.join(added)}</Relationships>".encode()
