"""Draw the cover: the first page on a grid of twelve columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openpyxl.cell.cell import Cell
from openpyxl.styles import Font, Side
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from .sheets import Book, Cover, Tone, inside
from .stream import height_of, lines_of
from .style import GREY, INK, TEXT, TONES, font, put, rule, set_up_print

GRID, GRID_WIDTH = "BCDEFGHIJKLM", 11
MOST_FACTS = 14


def draw_cover(page: Worksheet, book: Book, counts: Mapping[str, int]) -> None:
    """Draw the first page on a grid of twelve columns: title, facts, numbers, sheets, remarks, signatures."""
    cover = book.cover
    page.column_dimensions["A"].width = 2
    for letter in GRID:
        page.column_dimensions[letter].width = GRID_WIDTH
    across(page, 2, "B:M", cover.series, font(10, GREY))
    across(page, 3, "B:M", cover.title, font(24, INK, bold=True))
    across(page, 4, "B:M", cover.owner, font(14, TEXT), 32)
    rule(page, 4, GRID, Side(style="medium", color=INK))
    row = _draw_facts(page, cover, 6)
    row = _draw_counts(page, cover, row + 1)
    row = _draw_contents(page, book, counts, row)
    for remark in cover.remarks:
        across(page, row, "B:M", remark, font(9, GREY))
        row += 1
    draw_signatures(page, cover.signatures, row + 1)
    # What lists many entities takes a second sheet of paper rather than shrink.
    set_up_print(page, cover.owner, high=1 if sum(text.count("\n") + 1 for _label, text in cover.facts) <= MOST_FACTS else 2)
    page.print_area = f"A1:M{row + 2}"


def across(page: Worksheet, row: int, span: str, text: str, look: Font, least: float = 22) -> Cell:
    """Write a text over several columns and make its row high enough."""
    start, end = span.split(":")
    cell = put(page, f"{start}{row}", text, look)
    page.merge_cells(f"{start}{row}:{end}{row}")
    scale = look.size / 10
    width = (GRID.index(end) - GRID.index(start) + 1) * GRID_WIDTH / scale
    height = height_of(lines_of(text, width)) * scale
    page.row_dimensions[row].height = max(page.row_dimensions[row].height or 0, height, least)
    return cell


def _draw_facts(page: Worksheet, cover: Cover, row: int) -> int:
    for label, value in cover.facts:
        across(page, row, "B:C", label, font(10, GREY))
        across(page, row, "D:M", value, font(10))
        rule(page, row, GRID)
        row += 1
    return row


def _draw_counts(page: Worksheet, cover: Cover, row: int) -> int:
    for place in range(0, len(cover.counts), 6):
        for index, (label, count) in enumerate(cover.counts[place : place + 6]):
            span = f"{GRID[index * 2]}:{GRID[index * 2 + 1]}"
            across(page, row, span, f"{count:,}", font(20, INK, bold=True))
            across(page, row + 1, span, label, font(9, GREY))
        row += 2
    return row + 1


def _draw_contents(page: Worksheet, book: Book, counts: Mapping[str, int], row: int) -> int:
    for span, heading in (("B:E", "工作表"), ("F:K", "内容"), ("L:M", "行数")):
        across(page, row, span, heading, font(9, GREY))
    rule(page, row, GRID, Side(style="thin", color=INK))
    board = [(book.board_title, book.board_about, "—")] if book.board else []
    proof = [(book.proof_title, book.proof_about, "—")] if book.proof else []
    for title, about, number in [*board, *((sheet.title, sheet.about, f"{counts[sheet.title]:,}") for sheet in book.shown), *proof]:
        row += 1
        cell = across(page, row, "B:E", title, font(10, TONES[Tone.ACTIVE], line="single"))
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=inside(title)[1:])
        across(page, row, "F:K", about, font(10))
        across(page, row, "L:M", number, font(10))
        rule(page, row, GRID)
    return row + 2


def draw_signatures(page: Worksheet, signatures: Sequence[str], row: int) -> None:
    """Leave room for names and dates, side by side."""
    size = len(GRID) // max(len(signatures), 1)
    for index, role in enumerate(signatures):
        letters = GRID[index * size : (index + 1) * size]
        for line, word in ((row, role), (row + 1, "日期")):
            put(page, f"{letters[0]}{line}", f"{word}：", font(10), up="bottom")
            page.row_dimensions[line].height = 34
            rule(page, line, letters[1:-1], Side(style="thin", color=GREY))
