"""Write a workbook in the house style: openpyxl makes all of it but the rows, which are streamed.

Public interface, knowing nothing of the database or of any door:

    book = Book(cover=Cover(...), sheets=[Sheet(title, columns, rows, ...), ...], made_at=now(), author="林合规")
    counts = write_book(book, path_or_binary_stream)        # {sheet title: number of rows}

- `Column(heading, width, kind, tones)`: width in half-width characters (an ideograph takes two). For A4 landscape
  keep a sheet's widths below 220 together, or the print becomes too small to read; a row is at most 26 lines high.
- `rows`: any iterable of tuples with a value per column: str, int, date, aware datetime (shown in Asia/Shanghai),
  None, or Link in a column of Kind.LINK. Read once and never held, so a generator is right. A moment shows its
  seconds from a width of 21 on.
- Each text cell is text: never a formula, number or date. What no cell can hold raises BadInput naming sheet and cell;
  `stream.shortened` cuts what may be cut. `stream.text_cell` is the one door for text, `stream.text_of` its inverse.
- The same Book with the same rows gives the same bytes: `made_at` is the only moment in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, Literal, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from .sheets import Book, Column, Cover, Kind, Sheet, Tone, check_titles, inside
from .stream import Streamed, Styles, height_of, lines_of, outer_links, splice, stream_rows, text_cell

FACE, MONO = "微软雅黑", "Consolas"
INK, TEXT, GREY, RULE, PALE = "1F3A5F", "1F2933", "66717F", "D3DAE3", "EEF2F7"
TONES = {
    Tone.ACCENT: INK,
    Tone.ACTIVE: "1D5FBF",
    Tone.GOOD: "1B7A4B",
    Tone.WAIT: "8F5F00",
    Tone.BAD: "B3261E",
    Tone.AGAIN: "6B3FA0",
    Tone.DIM: GREY,
}
NARROWEST = {Kind.DATE: 11.5, Kind.MOMENT: 17, Kind.NUMBER: 6, Kind.DIGEST: 36}
CENTRED = {Kind.MARK, Kind.DATE, Kind.MOMENT}
SPEED_OVER_SIZE = 3
Underline = Literal["single"] | None
Across = Literal["left", "center", "right"]
Up = Literal["center", "bottom"]
LINE = Side(style="thin", color=RULE)
GRID, GRID_WIDTH = "BCDEFGHIJKLM", 11


def write_book(book: Book, out: Path | BinaryIO) -> dict[str, int]:
    """Write the workbook and return the number of rows by sheet title; raises BadInput for what no workbook can hold."""
    check_titles(book)
    package = _new_package(book)
    with ExitStack() as spools:
        streamed: dict[str, tuple[Streamed, IO[bytes]]] = {}
        for sheet in book.sheets:
            first, styles = _draw_sheet(package.create_sheet(sheet.title), sheet, book.cover)
            spool = spools.enter_context(TemporaryFile())
            done = stream_rows(sheet, [_width(column) for column in sheet.columns], styles, first, spool)
            _close_sheet(package[sheet.title], sheet, done)
            streamed[sheet.title] = (done, spool)
        counts = {title: done.count for title, (done, _) in streamed.items()}
        _draw_cover(package.worksheets[0], book, counts)
        _write_package(package, streamed, out)
    return counts


def _new_package(book: Book) -> Workbook:
    package = Workbook()
    package.worksheets[0].title = book.cover.sheet_title
    # The width unit of all columns is a digit in the font of this style, so it has to be ours.
    insides: Any = package
    insides._fonts = IndexedList()
    insides._named_styles["Normal"].font = _font()
    about = package.properties
    about.creator = about.lastModifiedBy = text_cell(book.author)
    about.title, about.subject = text_cell(book.cover.title), text_cell(book.cover.owner)
    about.created = about.modified = book.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return package


def _write_package(package: Workbook, streamed: Mapping[str, tuple[Streamed, IO[bytes]]], out: Path | BinaryIO) -> None:
    saved = BytesIO()
    ExcelWriter(package, ZipFile(saved, "w")).save()
    with ZipFile(saved) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    rows = {f"xl/worksheets/sheet{package.index(package[title]) + 1}.xml": found for title, found in streamed.items()}
    for name, (done, _) in rows.items():
        relations = name.replace("worksheets/", "worksheets/_rels/") + ".rels"
        if part := outer_links(done.links, parts.get(relations)):
            parts[relations] = part
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=SPEED_OVER_SIZE) as target:
        # Programs that guess the type of a file look at the first entry.
        for name in sorted(parts, key=lambda part: part != "[Content_Types].xml"):
            found = rows.get(name)
            with target.open(_entry(name, len(parts[name]) + (found[1].tell() if found else 0)), "w") as member:
                if found and found[0].count:
                    splice(parts[name], *found, member)
                else:
                    member.write(parts[name])


def _entry(name: str, size: int) -> ZipInfo:
    """Describe a member of the archive without the moment, the machine or the user that made it."""
    entry = ZipInfo(name)
    entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
    entry.file_size = size
    return entry


def _font(size: float = 10, color: str = TEXT, bold: bool = False, face: str = FACE, line: Underline = None) -> Font:
    # Family and character set let a program without the face choose a Chinese sans-serif in its place.
    charset = 134 if face == FACE else None
    return Font(name=face, size=size, color=color, bold=bold, underline=line, family=2, charset=charset)


def _put(page: Worksheet, place: str, text: str, font: Font, across: Across = "left", up: Up = "center") -> Cell:
    """Write a text as text, whatever it looks like."""
    cell = cast(Cell, page[place])
    cell.value = text_cell(text, f"{page.title}!{place}")
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.font = font
    cell.alignment = Alignment(horizontal=across, vertical=up, wrap_text=up == "center")
    return cell


def _width(column: Column) -> float:
    return float(max(column.width, NARROWEST.get(column.kind, 4)))


def _draw_sheet(page: Worksheet, sheet: Sheet, cover: Cover) -> tuple[int, list[Styles]]:
    """Draw what stands around the rows; return the first row for data and the style numbers of each column."""
    header = 1
    if sheet.caption:
        header = 2
        _put(page, "A1", sheet.caption, _font(13, INK, bold=True)).alignment = Alignment(vertical="center")
        page.row_dimensions[1].height = 30
    lines = [lines_of(column.heading, _width(column)) for column in sheet.columns]
    # High enough for the filter's button to stand below the words.
    page.row_dimensions[header].height = max(height_of(max(lines)) + 6, 34)
    for index, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(index)
        cell = _put(page, f"{letter}{header}", column.heading, _font(10, "FFFFFF", bold=True), "center")
        cell.fill = PatternFill("solid", INK)
        cell.border = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
        page.column_dimensions[letter].width = _width(column)
    page.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}{header + 1}"
    page.print_title_rows = f"1:{header}"
    _set_up_print(page, cover)
    return header + 1, [_column_styles(page, column) for column in sheet.columns]


def _column_styles(page: Worksheet, column: Column) -> Styles:
    """Register every style a cell of this column can have, on cells that are never written."""
    face, size = (MONO, 9.0) if column.kind is Kind.DIGEST else (FACE, 10.0)
    side: Across = "right" if column.kind is Kind.NUMBER else "center" if column.kind in CENTRED else "left"

    def number(font: Font, number_format: str = "@", across: Across = side) -> int:
        cell = Cell(page, row=1, column=1)
        cell.font, cell.number_format = font, number_format
        cell.border = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
        cell.quotePrefix = number_format == "@"
        indent, wrap = int(across == "right"), number_format == "@"
        cell.alignment = Alignment(horizontal=across, vertical="top", wrap_text=wrap, indent=indent)
        return cell.style_id

    plain = _font(size, face=face)
    return Styles(
        text=number(plain),
        number=number(plain, "#,##0", "right"),
        date=number(plain, "yyyy-mm-dd", "center"),
        # One that does not fit would show as hashes; the seconds are in the value all the same.
        moment=number(plain, "yyyy-mm-dd hh:mm:ss" if column.width >= 21 else "yyyy-mm-dd hh:mm", "center"),
        link=number(_font(size, TONES[Tone.ACTIVE], face=face, line="single")),
        tones={
            word: number(_font(size, TONES[tone], tone in (Tone.BAD, Tone.ACCENT), face))
            for word, tone in column.tones.items()
        },
    )


def _close_sheet(page: Worksheet, sheet: Sheet, done: Streamed) -> None:
    """Set what depends on the number of rows: the reach of the filter, or the sentence that there are none."""
    header = done.first - 1
    page.auto_filter.ref = f"A{header}:{done.last_letter}{max(done.last, header)}"
    if not done.count:
        _put(page, f"A{done.first}", sheet.empty, _font(color=GREY))
        page.merge_cells(start_row=done.first, end_row=done.first, start_column=1, end_column=len(sheet.columns))
        page.row_dimensions[done.first].height = 30


def _set_up_print(page: Worksheet, cover: Cover, high: int = 0) -> None:
    """A4 landscape, fitted to the width, with page numbers, sheet name and owner in the foot."""
    page.sheet_view.showGridLines = False
    page.page_setup.paperSize, page.page_setup.orientation = 9, "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, high
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    margins = page.page_margins
    margins.left = margins.right = 0.45
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.65, 0.3, 0.3
    foot: Any = page.oddFooter
    owner = text_cell(cover.owner)[:60].replace("&", "&&")
    for part, text in ((foot.left, owner), (foot.center, "第 &P 页，共 &N 页"), (foot.right, "&A")):
        part.text, part.font, part.size, part.color = text, f"{FACE},Regular", 8, GREY


def _draw_cover(page: Worksheet, book: Book, counts: Mapping[str, int]) -> None:
    """Draw the first page on a grid of twelve columns: title, facts, numbers, sheets, remarks, signatures."""
    cover = book.cover
    page.column_dimensions["A"].width = 2
    for letter in GRID:
        page.column_dimensions[letter].width = GRID_WIDTH
    _across(page, 2, "B:M", cover.series, _font(10, GREY))
    _across(page, 3, "B:M", cover.title, _font(24, INK, bold=True))
    _across(page, 4, "B:M", cover.owner, _font(14, TEXT), 32)
    _rule(page, 4, Side(style="medium", color=INK))
    row = _draw_facts(page, cover, 6)
    row = _draw_counts(page, cover, row + 1)
    row = _draw_contents(page, book, counts, row)
    for remark in cover.remarks:
        _across(page, row, "B:M", remark, _font(9, GREY))
        row += 1
    _draw_signatures(page, cover.signatures, row + 1)
    _set_up_print(page, cover, high=1)
    page.print_area = f"A1:M{row + 2}"


def _across(page: Worksheet, row: int, span: str, text: str, font: Font, least: float = 22) -> Cell:
    """Write a text over several columns and make its row high enough."""
    start, end = span.split(":")
    cell = _put(page, f"{start}{row}", text, font)
    page.merge_cells(f"{start}{row}:{end}{row}")
    scale = font.size / 10
    width = (GRID.index(end) - GRID.index(start) + 1) * GRID_WIDTH / scale
    height = height_of(lines_of(text, width)) * scale
    page.row_dimensions[row].height = max(page.row_dimensions[row].height or 0, height, least)
    return cell


def _rule(page: Worksheet, row: int, side: Side = LINE, letters: Iterable[str] = GRID) -> None:
    for letter in letters:
        cast(Cell, page[f"{letter}{row}"]).border = Border(bottom=side)


def _draw_facts(page: Worksheet, cover: Cover, row: int) -> int:
    for label, value in cover.facts:
        _across(page, row, "B:C", label, _font(10, GREY))
        _across(page, row, "D:M", value, _font(10))
        _rule(page, row)
        row += 1
    return row


def _draw_counts(page: Worksheet, cover: Cover, row: int) -> int:
    for place in range(0, len(cover.counts), 6):
        for index, (label, count) in enumerate(cover.counts[place : place + 6]):
            span = f"{GRID[index * 2]}:{GRID[index * 2 + 1]}"
            _across(page, row, span, f"{count:,}", _font(20, INK, bold=True))
            _across(page, row + 1, span, label, _font(9, GREY))
        row += 2
    return row + 1


def _draw_contents(page: Worksheet, book: Book, counts: Mapping[str, int], row: int) -> int:
    for span, heading in (("B:E", "工作表"), ("F:K", "内容"), ("L:M", "行数")):
        _across(page, row, span, heading, _font(9, GREY))
    _rule(page, row, Side(style="thin", color=INK))
    for sheet in book.sheets:
        row += 1
        cell = _across(page, row, "B:E", sheet.title, _font(10, TONES[Tone.ACTIVE], line="single"))
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=inside(sheet.title)[1:])
        _across(page, row, "F:K", sheet.about, _font(10))
        _across(page, row, "L:M", f"{counts[sheet.title]:,}", _font(10))
        _rule(page, row)
    return row + 2


def _draw_signatures(page: Worksheet, signatures: Sequence[str], row: int) -> None:
    size = len(GRID) // max(len(signatures), 1)
    for index, role in enumerate(signatures):
        letters = GRID[index * size : (index + 1) * size]
        for line, word in ((row, role), (row + 1, "日期")):
            _put(page, f"{letters[0]}{line}", f"{word}：", _font(10), up="bottom")
            page.row_dimensions[line].height = 34
            _rule(page, line, Side(style="thin", color=GREY), letters[1:-1])
