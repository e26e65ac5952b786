"""Draw the last page: by which facts the workbook can be checked, how that is done, and who did it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openpyxl.styles import Side
from openpyxl.worksheet.worksheet import Worksheet

from .covering import GRID, GRID_WIDTH, across, draw_signatures
from .sheets import Proof
from .style import GREY, INK, MONO, font, rule, set_up_print
from .sums import SUM, Sums, said_text

# Digests, keys, signatures and commands, whose letters have to be told apart.
_EXACT = re.compile("[0-9a-f]{32,}|[0-9A-Za-z+/]{43}=|[0-9A-Za-z+/]{86}==|python .*")


def draw_proof(page: Worksheet, proof: Proof, owner: str) -> None:
    """Draw title, sections of facts and sentences, and room for signatures, on the grid of the cover."""
    page.column_dimensions["A"].width = 2
    for letter in GRID:
        page.column_dimensions[letter].width = GRID_WIDTH
    across(page, 1, "B:M", proof.title, font(16, INK, bold=True), 30)
    across(page, 2, "B:M", proof.caption, font(10, GREY))
    row = 3
    for heading, lines in proof.sections:
        across(page, row, "B:M", heading, font(11, INK, bold=True), 28)
        rule(page, row, GRID, Side(style="thin", color=INK))
        row += 1
        for label, text in lines:
            row = _draw_line(page, row, label, text)
    draw_signatures(page, proof.signatures, row + 1)
    # With keys, chains and digests it is long: two pages that can be read rather than one that cannot.
    set_up_print(page, owner, high=2)
    page.page_setup.orientation = "portrait"
    page.print_area = f"A1:M{row + 2}"


def _draw_line(page: Worksheet, row: int, label: str, text: str) -> int:
    look = font(10, face=MONO) if _EXACT.fullmatch(text) else font(10)
    if label:
        across(page, row, "B:D", label, font(10, GREY))
        across(page, row, "E:M", text, look)
        rule(page, row, GRID)
    else:
        across(page, row, "B:M", text, look)
    return row + 1


def proof_sums(proof: Proof) -> Sums:
    """Return the digests of what the page shows, but of what is apart; rows are numbered without that, so that it may come when all else is known."""
    sums, number = Sums(proof.title), 0
    for cells in _rows(proof):
        if cells["B"] not in proof.apart and not cells["B"].startswith(SUM):
            number += 1
            sums.add(number, "".join(said_text(letters, text) for letters, text in cells.items()))
    return sums


def _rows(proof: Proof) -> Iterator[dict[str, str]]:
    yield from ({"B": proof.title}, {"B": proof.caption})
    for heading, lines in proof.sections:
        yield {"B": heading}
        yield from ({"B": label, "E": text} if label else {"B": text} for label, text in lines)
    size = len(GRID) // max(len(proof.signatures), 1)
    for words in (proof.signatures, ["日期"] * len(proof.signatures)):
        yield {GRID[place * size]: f"{word}：" for place, word in enumerate(words)}
