"""Write a workbook that people fill in and send back: hidden columns, drop-downs, and a page that says how.

    write_form(Form(title="分派表", caption=…, guide=…, entries=[…], rows=…, lists={"责任人": […]}, …), path_or_stream)

openpyxl makes all but the rows, which are streamed as in `book.py`; each text cell is text. Knows nothing of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from .sheets import Column, Kind, Sheet, Value
from .stream import Streamed, Styles, height_of, lines_of, splice, stream_rows, text_cell
from .style import BOX, FACE, GREY, INK, TEXT, Across, aligned, dress, ground

OURS = "5B6673"
PLAIN = PatternFill()
CHOICES, HOW = "选项", "填表说明"
HEADER = 3
SPARE, BOUNDLESS = 200, 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One column: its heading, width and kind; `choices` names one of the form's lists, `filled_in` tells that people write in it."""

    heading: str
    width: int
    kind: Kind = Kind.TEXT
    filled_in: bool = False
    choices: str = ""
    hidden: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet to be filled in: what stands above it, its columns and rows, the lists of its drop-downs, and the page that says how."""

    title: str
    caption: str
    guide: str
    entries: Sequence[Entry]
    rows: Iterable[Sequence[Value]]
    lists: Mapping[str, Sequence[str]]
    how: Sequence[tuple[str, str]]
    made_at: datetime
    author: str
    frozen: int = 0
    empty: str = "没有符合条件的行。"


def write_form(form: Form, out: Path | BinaryIO) -> int:
    """Write the form and return the number of its rows; raises BadInput for what no workbook can hold."""
    package = _new_package(form)
    page = package.worksheets[0]
    styles = [_styles(page, entry) for entry in form.entries]
    _draw_head(page, form)
    _draw_lists(package.create_sheet(CHOICES), form.lists)
    _draw_how(package.create_sheet(HOW, 1), form.how)
    columns = [Column(entry.heading, entry.width, entry.kind) for entry in form.entries]
    with TemporaryFile() as spool:
        # What nobody sees needs no height.
        widths = [BOUNDLESS if entry.hidden else entry.width for entry in form.entries]
        done = stream_rows(Sheet(form.title, columns, form.rows), widths, styles, HEADER + 1, spool)
        _close(page, form, done)
        _write(package, done, spool, out)
    return done.count


def _new_package(form: Form) -> Workbook:
    package = Workbook()
    package.worksheets[0].title = form.title
    dress(package, _font())
    about = package.properties
    about.creator = about.lastModifiedBy = text_cell(form.author)
    about.title = text_cell(form.caption)
    about.created = about.modified = form.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return package


@lru_cache
def _font(size: float = 10, color: str = TEXT, bold: bool = False) -> Font:
    return Font(name=FACE, size=size, color=color, bold=bold, family=2, charset=134)


def _put(page: Worksheet, place: str, text: str, font: Font, wrap: bool = False) -> Cell:
    cell = cast(Cell, page[place])
    cell.value = text_cell(text, f"{page.title}!{place}")
    cell.data_type, cell.quotePrefix, cell.font = "s", True, font
    cell.alignment = aligned(wrap=wrap)
    return cell


def _styles(page: Worksheet, entry: Entry) -> Styles:
    """Register the styles of a column on cells that are never written; a blank cell of a day is a day already."""
    def number(number_format: str, across: Across = "left") -> int:
        cell = Cell(page, row=1, column=1)
        cell.font = _font(10, TEXT if entry.filled_in else OURS)
        cell.number_format = number_format
        cell.border = BOX
        cell.fill = PLAIN if entry.filled_in else ground("F7F9FB")
        cell.quotePrefix = number_format == "@"
        cell.alignment = aligned(across, "top", wrap=number_format == "@")
        return int(cell.style_id)

    day, text, count = number("yyyy-mm-dd", "center"), number("@"), number("0", "center")
    return Styles(text=day if entry.kind is Kind.DATE else text, number=count, date=day, moment=day, link=text, hint=text, share=count, tones={})


def _draw_head(page: Worksheet, form: Form) -> None:
    # In the first column that is seen: those before it are hidden.
    seen = next(number for number, entry in enumerate(form.entries, start=1) if not entry.hidden)
    first = get_column_letter(seen)
    _put(page, f"{first}1", form.caption, _font(13, INK, bold=True))
    _put(page, f"{first}2", form.guide, _font(9, GREY))
    page.row_dimensions[1].height, page.row_dimensions[2].height = 28, 20
    page.row_dimensions[HEADER].height = height_of(max(lines_of(one.heading, one.width) for one in form.entries)) + 14
    for number, entry in enumerate(form.entries, start=1):
        letter = get_column_letter(number)
        cell = _put(page, f"{letter}{HEADER}", entry.heading, _font(10, "FFFFFF" if entry.filled_in else INK, bold=True), wrap=True)
        cell.fill = ground(INK if entry.filled_in else "DCE3EC")
        cell.border = BOX
        cell.alignment = aligned("center", wrap=True)
        page.column_dimensions[letter].width = entry.width
        page.column_dimensions[letter].hidden = entry.hidden
    page.freeze_panes = f"{get_column_letter(form.frozen + 1)}{HEADER + 1}"
    page.print_title_rows = f"1:{HEADER}"
    _set_up(page)


def _set_up(page: Worksheet) -> None:
    page.sheet_view.showGridLines = False
    page.page_setup.paperSize, page.page_setup.orientation = 9, "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    foot: Any = page.oddFooter
    for part, text in ((foot.center, "第 &P 页，共 &N 页"), (foot.right, "&A")):
        part.text, part.font, part.size, part.color = text, f"{FACE},Regular", 8, GREY


def _draw_lists(page: Worksheet, lists: Mapping[str, Sequence[str]]) -> None:
    page.sheet_state = "hidden"
    for column, (name, words) in enumerate(lists.items(), start=1):
        for row, word in enumerate((name, *words), start=1):
            _put(page, f"{get_column_letter(column)}{row}", word, _font())


def _draw_how(page: Worksheet, how: Sequence[tuple[str, str]]) -> None:
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 20, 110
    for row, (name, text) in enumerate(how, start=1):
        _put(page, f"A{row}", name, _font(10, INK, bold=True)).alignment = aligned(up="top")
        _put(page, f"B{row}", text, _font(), wrap=True).alignment = aligned(up="top", wrap=True)
        page.row_dimensions[row].height = height_of(lines_of(text, 110)) + 4
    _set_up(page)


def _close(page: Worksheet, form: Form, done: Streamed) -> None:
    """Set what depends on the number of rows: the filter, the drop-downs, or the sentence that there are none."""
    page.auto_filter.ref = f"A{HEADER}:{done.last_letter}{max(done.last, HEADER)}"
    if not done.count:
        seen = next(number for number, entry in enumerate(form.entries, start=1) if not entry.hidden)
        _put(page, f"{get_column_letter(seen)}{HEADER + 1}", form.empty, _font(color=GREY))
    places = {name: (get_column_letter(number), len(words) + 1) for number, (name, words) in enumerate(form.lists.items(), start=1)}
    for number, entry in enumerate(form.entries, start=1):
        reach = f"{get_column_letter(number)}{HEADER + 1}:{get_column_letter(number)}{max(done.last, HEADER) + SPARE}"
        if entry.choices and places[entry.choices][1] > 1:
            letter, last = places[entry.choices]
            rule = DataValidation(type="list", formula1=f"'{CHOICES}'!${letter}$2:${letter}${last}", allow_blank=True)
        elif entry.filled_in and entry.kind is Kind.DATE:
            rule = DataValidation(type="date", operator="greaterThan", formula1="36526", allow_blank=True)
        else:
            continue
        # A warning, not a stop: 〔清空〕 is in no list.
        rule.errorStyle, rule.showErrorMessage, rule.showInputMessage = "warning", True, True
        rule.errorTitle, rule.error = "请核对", "所填内容不在可选之列，导入时可能不被接受。"
        rule.promptTitle, rule.prompt = entry.heading, entry.hint or "从列表中选择；留空表示不更改。"
        rule.add(reach)
        page.add_data_validation(rule)


def _write(package: Workbook, done: Streamed, spool: IO[bytes], out: Path | BinaryIO) -> None:
    saved = BytesIO()
    ExcelWriter(package, ZipFile(saved, "w")).save()
    with ZipFile(saved) as source, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=3) as target:
        for name in sorted(source.namelist(), key=lambda part: part != "[Content_Types].xml"):
            entry, part = ZipInfo(name), source.read(name)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
            entry.file_size = len(part) + spool.tell()
            with target.open(entry, "w") as member:
                if name == "xl/worksheets/sheet1.xml" and done.count:
                    splice(part, done, spool, member)
                else:
                    member.write(part)
