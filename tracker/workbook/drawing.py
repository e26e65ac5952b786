"""Draw what stands around a sheet's rows, and register the styles of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .sheets import Column, Kind, Sheet, Tone
from .stream import Streamed, Styles, height_of, lines_of
from .style import (
    BOX,
    FACE,
    GREY,
    GROUNDS,
    INK,
    MONO,
    TONES,
    Across,
    aligned,
    font,
    ground,
    put,
    set_up_print,
    shade,
)

NARROWEST = {Kind.DATE: 11.5, Kind.MOMENT: 17, Kind.NUMBER: 6, Kind.DIGEST: 26}
CENTRED = {Kind.MARK, Kind.DATE, Kind.MOMENT}


def width_of(column: Column) -> float:
    """Return how wide a column becomes."""
    return float(max(column.width, NARROWEST.get(column.kind, 4)))


def draw_sheet(page: Worksheet, sheet: Sheet, owner: str) -> tuple[int, list[Styles]]:
    """Draw what stands around the rows; return the first row for data and the style numbers of each column."""
    header = 1
    if sheet.caption:
        header = 2
        put(page, "A1", sheet.caption, font(13, INK, bold=True)).alignment = aligned()
        page.row_dimensions[1].height = 30
    lines = [lines_of(column.heading, width_of(column)) for column in sheet.columns]
    # High enough for the filter's button to stand below the words.
    page.row_dimensions[header].height = max(height_of(max(lines)) + 6, 34)
    for index, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(index)
        cell = put(page, f"{letter}{header}", column.heading, font(10, "FFFFFF", bold=True), "center")
        cell.fill = ground(INK)
        cell.border = BOX
        page.column_dimensions[letter].width = width_of(column)
        page.column_dimensions[letter].hidden = column.hidden
    page.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}{header + 1}"
    page.print_title_rows = f"1:{header}"
    set_up_print(page, owner)
    return header + 1, [_column_styles(page, column) for column in sheet.columns]


def _column_styles(page: Worksheet, column: Column) -> Styles:
    """Register every style a cell of this column can have, on cells that are never written."""
    face, size = (MONO, 9.0) if column.kind is Kind.DIGEST else (FACE, 10.0)
    side: Across = "right" if column.kind is Kind.NUMBER else "center" if column.kind in CENTRED else "left"

    def number(font: Font, number_format: str = "@", across: Across = side) -> int:
        cell = Cell(page, row=1, column=1)
        cell.font, cell.number_format = font, number_format
        cell.border = BOX
        cell.quotePrefix = number_format == "@"
        indent, wrap = int(across == "right"), number_format == "@"
        cell.alignment = aligned(across, "top", wrap, indent)
        return cell.style_id

    plain = font(size, face=face)
    return Styles(
        text=number(plain),
        number=number(plain, "#,##0", "right"),
        date=number(plain, "yyyy-mm-dd", "center"),
        # One that does not fit would show as hashes; the seconds are in the value all the same.
        moment=number(plain, "yyyy-mm-dd hh:mm:ss" if column.width >= 21 else "yyyy-mm-dd hh:mm", "center"),
        link=number(font(size, TONES[Tone.ACTIVE], face=face, line="single")),
        hint=number(font(size, GREY, face=face, slanted=True)),
        share=number(plain, "0.0%", "right"),
        tones={
            word: number(font(size, TONES[tone], tone in (Tone.BAD, Tone.ACCENT), face))
            for word, tone in column.tones.items()
        },
    )


def close_sheet(page: Worksheet, sheet: Sheet, done: Streamed) -> None:
    """Set what depends on the number of rows: filter, conditional formats and drop-downs, or the sentence that there are none."""
    header = done.first - 1
    page.auto_filter.ref = f"A{header}:{done.last_letter}{max(done.last, header)}"
    if not done.count:
        put(page, f"A{done.first}", sheet.empty, font(color=GREY))
        page.merge_cells(start_row=done.first, end_row=done.first, start_column=1, end_column=len(sheet.columns))
        page.row_dimensions[done.first].height = 30
        return
    for index, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(index)
        reach = f"{letter}{done.first}:{letter}{done.last}"
        for condition in _conditions(column):
            page.conditional_formatting.add(reach, condition)
        if column.choices:
            page.add_data_validation(_choice(column, reach))


def _conditions(column: Column) -> Iterator[Rule]:
    """Yield the rules that colour a state, or a number above the column's limit, whoever changes it later."""
    for word, tone in column.tones.items() if column.shaded else ():
        if tone in GROUNDS:
            yield _rule("equal", f'"{word}"', tone)
    if column.alarm is not None:
        yield _rule("greaterThan", str(column.alarm), Tone.BAD)


def _rule(operator: Any, value: str, tone: Tone) -> Rule:
    look = DifferentialStyle(font=Font(color=TONES[tone], bold=tone is Tone.BAD or None), fill=shade(tone))
    return Rule(type="cellIs", operator=operator, formula=[value], dxf=look)


def _choice(column: Column, reach: str) -> DataValidation:
    listed = DataValidation(
        type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True, showErrorMessage=True, errorTitle=column.heading,
        error=f"请从列表中选择：{'、'.join(column.choices)}。",
    )
    listed.add(reach)
    return listed
