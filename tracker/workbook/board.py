"""Draw the page for a board: figures, three tables with native charts beside them, and what needs attention, all on one sheet of paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Border, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from .charts import bars, place, ring
from .sheets import Board, Figure, Share, Table, Tone, Value
from .style import GREY, INK, LINE, PALE, TEXT, TONES, Across, aligned, font, ground, put, rule, set_up_print

COLUMNS, COLUMN_WIDTH = 24, 7.6
LETTERS = tuple(get_column_letter(number) for number in range(2, COLUMNS + 2))
LINE_HIGH, HEAD_HIGH = 16.5, 21.0
TILE = 3
# How many columns of the grid each column of a table takes.
STATES, DOCUMENTS, DOMAINS, ATTENTION = (2, 1, 1), (3, 1, 1, 1, 1, 1, 1), (3, 1, 1, 1, 1, 1, 1), (1, 2, 2, 6, 2, 2, 2, 2, 1, 4)
OWNERS = (8, 2, 2, 2, 2, 2, 2, 2)


def draw_board(page: Worksheet, board: Board, owner: str) -> None:
    """Draw the whole page; charts refer to the cells of the tables beside them."""
    page.column_dimensions["A"].width = 2
    for letter in LETTERS:
        page.column_dimensions[letter].width = COLUMN_WIDTH
    _draw_head(page, board)
    _draw_figures(page, board.figures, 4)
    row = _draw_states_and_documents(page, board, 7)
    row = _draw_domains(page, board, row + 1)
    if board.owners:
        row = _draw_table(page, board.owners, row + 1, 0, OWNERS, board) + 1
    row = _draw_table(page, board.attention, row + 1, 0, ATTENTION, board)
    for note in board.notes:
        row += 1
        _across(page, row, 0, COLUMNS, note, size=8.5, color=GREY)
    set_up_print(page, owner, high=1)
    page.print_area = f"A1:{LETTERS[-1]}{row}"


def _draw_head(page: Worksheet, board: Board) -> None:
    _across(page, 1, 0, 8, board.title, size=20, color=INK, bold=True)
    _across(page, 1, 8, COLUMNS - 8, board.caption, size=10, color=GREY).alignment = aligned("right", "bottom", wrap=True)
    page.row_dimensions[1].height = 34
    rule(page, 1, LETTERS, Side(style="medium", color=INK))
    page.row_dimensions[2].height = 6


def _draw_figures(page: Worksheet, figures: Sequence[Figure], row: int) -> None:
    page.row_dimensions[3].height, page.row_dimensions[row].height, page.row_dimensions[row + 1].height = 30, 17, 8
    for number, figure in enumerate(figures):
        start = number * TILE
        nothing = not (figure.value.part if isinstance(figure.value, Share) else figure.value)
        color = GREY if nothing else TONES[figure.tone]
        cell = _value(page, f"{LETTERS[start]}3", figure.value)
        cell.font, cell.alignment = font(20, color, bold=True), aligned("left", indent=1)
        put(page, f"{LETTERS[start]}{row}", figure.label, font(9, GREY)).alignment = aligned("left", indent=1)
        for at in (3, row):
            for letter in LETTERS[start : start + TILE - 1]:
                cast(Cell, page[f"{letter}{at}"]).fill = ground(PALE)
            page.merge_cells(f"{LETTERS[start]}{at}:{LETTERS[start + TILE - 2]}{at}")


def _draw_states_and_documents(page: Worksheet, board: Board, row: int) -> int:
    last = _draw_table(page, board.states, row, 0, STATES, board)
    other = _draw_table(page, board.documents, row, 8, DOCUMENTS, board)
    first = row + 2
    below = max(last, other, first + 8)
    for at in range(row + 1, below + 1):
        page.row_dimensions[at].height = LINE_HIGH
    for at, words in enumerate(board.states.rows, first):
        cell = cast(Cell, page[f"{LETTERS[0]}{at}"])
        cell.border = Border(left=Side(style="thick", color=TONES[board.tones.get(str(words[0]), Tone.DIM)]), bottom=LINE)
        cell.alignment = aligned("left", indent=1)
        if not words[1]:
            cell.font = font(9.5, GREY)
    if board.states.rows:
        colors = [TONES[board.tones.get(str(words[0]), Tone.DIM)] for words in board.states.rows]
        place(page, ring(page, _number(0), _number(2), first, last, colors), 4, row + 1, 8, below + 1)
    if board.documents.rows:
        place(page, bars(page, _number(8), _number(11), first, _charted(board.documents, other)), 17, row + 1, COLUMNS, below + 1)
    return below + 1


def _draw_domains(page: Worksheet, board: Board, row: int) -> int:
    last = _draw_table(page, board.domains, row, 0, DOMAINS, board)
    if board.domains.rows:
        place(page, bars(page, _number(0), _number(3), row + 2, _charted(board.domains, last)), 9, row + 1, COLUMNS, last + 1)
    return last + 1


def _charted(table: Table, last: int) -> int:
    """Return the last row to draw: what is only added up under others would dwarf every bar."""
    return last - 1 if table.has_rest else last


def _number(place_in_grid: int) -> int:
    """Return the page's number of a column of the grid."""
    return place_in_grid + 2


def _draw_table(page: Worksheet, table: Table, row: int, start: int, spans: Sequence[int], board: Board) -> int:
    """Draw title, headings and rows from a column of the grid on; return the last row."""
    title = put(page, f"{LETTERS[start]}{row}", table.title, font(11, INK, bold=True))
    title.alignment = aligned()
    page.row_dimensions[row].height = HEAD_HIGH
    for place_in, (span, heading) in enumerate(zip(_spans(start, spans), table.headings, strict=True)):
        across = _side([row[place_in] for row in table.rows], span[1], first=not place_in)
        cell = _across(page, row + 1, *span, heading, size=9, color=GREY)
        cell.alignment = aligned(across, indent=int(across == "right"))
        rule(page, row + 1, LETTERS[span[0] : sum(span)], Side(style="thin", color=INK))
    row += 1
    page.row_dimensions[row].height = LINE_HIGH
    for values in table.rows:
        row += 1
        page.row_dimensions[row].height = LINE_HIGH
        for span, value in zip(_spans(start, spans), values, strict=True):
            _draw_value(page, row, span, value, board.tones, _side([value], span[1], first=span[0] == start))
    if not table.rows:
        row += 1
        _across(page, row, start, sum(spans), table.empty, size=10, color=GREY)
    return row


def _side(values: Sequence[Value], size: int, first: bool) -> Across:
    """Tell where values stand: numbers right, days and short words in the middle, the first and the long ones left."""
    if any(isinstance(value, int | Share) for value in values):
        return "center" if first else "right"
    if any(isinstance(value, str) for value in values) and (first or size > 2):
        return "left"
    return "center"


def _spans(start: int, spans: Sequence[int]) -> Iterator[tuple[int, int]]:
    for span in spans:
        yield start, span
        start += span


def _draw_value(page: Worksheet, row: int, span: tuple[int, int], value: Value, tones: Mapping[str, Tone], across: Across) -> None:
    start, size = span
    cell = _value(page, f"{LETTERS[start]}{row}", value)
    tone = tones.get(value) if isinstance(value, str) else None
    cell.font = font(9.5, TONES[tone] if tone else TEXT, bold=tone is Tone.BAD)
    cell.alignment = aligned(across, indent=int(across == "right"), shrink=isinstance(value, str))
    rule(page, row, LETTERS[start : start + size])
    if size > 1:
        page.merge_cells(f"{LETTERS[start]}{row}:{LETTERS[start + size - 1]}{row}")


def _value(page: Worksheet, where: str, value: Value) -> Cell:
    cell = cast(Cell, page[where])
    if isinstance(value, Share):
        if not value.whole:
            return put(page, where, "—", font())
        cell.value, cell.number_format = value.ratio, "0.0%"
    elif isinstance(value, str):
        return put(page, where, value, font())
    elif isinstance(value, int):
        cell.value, cell.number_format = value, "#,##0"
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    return cell


def _across(page: Worksheet, row: int, start: int, wide: int, text: str, size: float = 10, color: str = TEXT, bold: bool = False) -> Cell:
    """Write a text over several columns of the grid."""
    cell = put(page, f"{LETTERS[start]}{row}", text, font(size, color, bold))
    if wide > 1:
        page.merge_cells(f"{LETTERS[start]}{row}:{LETTERS[start + wide - 1]}{row}")
    return cell
