"""The house style of a workbook: one accent, one face with its fall-backs, how text is put into a cell, how a page prints."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from .sheets import Tone
from .stream import text_cell

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
# The ground that a word of this tone gets by conditional format; no ground says that nothing is to be done.
GROUNDS = {
    Tone.ACTIVE: "E7EFFA",
    Tone.GOOD: "E5F3EB",
    Tone.WAIT: "FBF1DA",
    Tone.BAD: "FBE6E4",
    Tone.AGAIN: "EFE7F8",
}
Underline = Literal["single"] | None
Across = Literal["left", "center", "right"]
Up = Literal["center", "bottom", "top"]
LINE = Side(style="thin", color=RULE)
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)


class Remembering(IndexedList):  # type: ignore[type-arg]
    """A workbook's list of looks that knows again, by its identity, what it was given once.

    openpyxl compares a look field by field with the list for every cell, which took more than half of the time of a small
    workbook. A look that was handed in must not be changed afterwards; those of this module never are.
    """

    def __init__(self, looks: Sequence[Any] = ()) -> None:
        super().__init__(looks)
        # The look is held beside its place, so that its identity never becomes another's.
        self._places: dict[int, tuple[Any, int]] = {}

    def add(self, look: Any) -> int:
        """Return the place of a look in the list, at the end if it is new."""
        known = self._places.get(id(look))
        if known is None:
            known = self._places[id(look)] = (look, int(super().add(look)))
        return known[1]


def dress(package: Workbook, normal: Font) -> None:
    """Let an empty workbook remember its looks, and make this font the one in whose digits the widths of columns are measured."""
    insides: Any = package
    insides._fonts = Remembering()
    for name in ("_fills", "_borders", "_alignments", "_protections"):
        setattr(insides, name, Remembering(getattr(insides, name)))
    insides._named_styles["Normal"].font = normal


@lru_cache
def font(size: float = 10, color: str = TEXT, bold: bool = False, face: str = FACE, line: Underline = None, slanted: bool = False) -> Font:
    """Return a font of the house."""
    # Family and character set let a program without the face choose a Chinese sans-serif in its place.
    charset = 134 if face == FACE else None
    return Font(name=face, size=size, color=color, bold=bold, italic=slanted, underline=line, family=2, charset=charset)


@lru_cache
def ground(color: str) -> PatternFill:
    """Return a plain fill."""
    return PatternFill("solid", color)


@lru_cache
def aligned(across: Across | None = None, up: Up = "center", wrap: bool | None = None, indent: int = 0, shrink: bool | None = None) -> Alignment:
    """Return how a text stands in its cell."""
    return Alignment(horizontal=across, vertical=up, wrap_text=wrap, indent=indent, shrink_to_fit=shrink)


@lru_cache
def _under(side: Side) -> Border:
    return Border(bottom=side)


def shade(tone: Tone) -> PatternFill:
    """Return the fill of a conditional format, where programs take the background colour."""
    return PatternFill(bgColor=GROUNDS[tone], fill_type="solid")


def put(page: Worksheet, place: str, text: str, look: Font, across: Across = "left", up: Up = "center") -> Cell:
    """Write a text as text, whatever it looks like."""
    cell = cast(Cell, page[place])
    cell.value = text_cell(text, f"{page.title}!{place}")
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.font = look
    cell.alignment = aligned(across, up, wrap=up == "center")
    return cell


def rule(page: Worksheet, row: int, letters: Sequence[str], side: Side = LINE) -> None:
    """Draw a line under some cells of a row."""
    under = _under(side)
    for letter in letters:
        cast(Cell, page[f"{letter}{row}"]).border = under


def set_up_print(page: Worksheet, owner: str, high: int = 0) -> None:
    """A4 landscape, fitted to the width (and to `high` pages), with page numbers, sheet name and owner in the foot."""
    page.sheet_view.showGridLines = False
    page.page_setup.paperSize, page.page_setup.orientation = 9, "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, high
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    margins = page.page_margins
    margins.left = margins.right = 0.45
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.65, 0.3, 0.3
    foot: Any = page.oddFooter
    named = text_cell(owner)[:60].replace("&", "&&")
    for part, text in ((foot.left, named), (foot.center, "第 &P 页，共 &N 页"), (foot.right, "&A")):
        part.text, part.font, part.size, part.color = text, f"{FACE},Regular", 8, GREY
