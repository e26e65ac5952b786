"""Hints, shares, drop-downs, hidden columns, conditional formats, and the board's page, as their reader gets them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from tests.workbook.samples import COVER, HOSTILE, MADE, opened, sheet_of, written
from tests.workbook.test_book import ORDER
from tracker.errors import BadInput
from tracker.workbook.board import LETTERS
from tracker.workbook.book import write_book
from tracker.workbook.sheets import Board, Book, Column, Figure, Hint, Kind, Share, Sheet, Table, Tone, Value

TONES = {"已完成": Tone.GOOD, "已逾期": Tone.BAD}


def _board(names: Sequence[str] = ("甲", "乙"), **changes: Any) -> Board:
    """Describe a page with these names wherever a text may stand."""
    counted = [(name, 3, 2, 1, 6, Share(1, 3), 0) for name in names]
    heads = ("义务", "风险敞口", "权利", "任务", "完成率", "逾期")
    given: dict[str, Any] = {
        "title": "董事会摘要", "caption": names[0], "figures": [Figure("完成率", Share(1, 8), Tone.GOOD), Figure("逾期", 0, Tone.BAD)],
        "states": Table("状态", ("状态", "任务", "占比"), [("已完成", 1, Share(1, 4)), ("已逾期", 3, Share(3, 4))]),
        "documents": Table("文件", ("文件", *heads), counted), "domains": Table("领域", ("领域", *heads), counted),
        "attention": Table("关注", tuple("序号质事人部日状逾因"), [(n, name, "应当", name, name, name, date(2026, 11, 30), "已逾期", 8, name) for n, name in enumerate(names)]),
        "notes": list(names), "tones": TONES,
    }
    return Board(**{**given, **changes})


def _written(board: Board, *sheets: Sheet) -> bytes:
    out = io.BytesIO()
    write_book(Book(COVER, sheets, MADE, "林合规", lambda: board), out)
    return out.getvalue()


def test_a_hint_is_text_in_grey_and_slanted_and_a_word_of_ones_own_is_not() -> None:
    rows: list[tuple[Value, ...]] = [(Hint("=1+1"),), ("=1+1",), (Hint(""),)]
    page = opened(written(Sheet("提示", [Column("甲", 10)], rows)))["提示"]
    assert [(page.cell(row, 1).value, page.cell(row, 1).data_type, page.cell(row, 1).font.i) for row in (2, 3)] == [("=1+1", "s", True), ("=1+1", "s", False)]
    assert page["A2"].quotePrefix and page["A2"].font.color.rgb != page["A3"].font.color.rgb and page["A4"].value is None


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hint_comes_back_exactly_like_any_text(text: str) -> None:
    page = opened(written(Sheet("提示", [Column("甲", 10), Column("乙", 10)], [(Hint(text), text)])))["提示"]
    assert page["A2"].value == page["B2"].value


def test_a_hint_makes_its_row_high_enough_and_names_its_cell_when_no_cell_holds_it() -> None:
    page = opened(written(Sheet("提示", [Column("甲", 10)], [(Hint("汉" * 40),)])))["提示"]
    assert page.row_dimensions[2].height > 100
    with pytest.raises(BadInput, match=r"提示!A2（甲）：第 1 个字符（U\+0007）"):
        written(Sheet("提示", [Column("甲", 10)], [(Hint("\x07"),)]))


def test_a_share_is_a_percentage_and_of_nothing_there_is_none() -> None:
    page = opened(written(Sheet("率", [Column("率", 10, Kind.NUMBER)], [(Share(1, 3),), (Share(0, 5),), (Share(0, 0),)])))["率"]
    assert [page.cell(row, 1).value for row in (2, 3, 4)] == [0.333333, 0, "—"]
    assert page["A2"].number_format == "0.0%"


def test_a_column_may_offer_choices_be_hidden_and_colour_its_words_and_numbers() -> None:
    columns = [Column("级", 8, Kind.MARK, TONES, shaded=True, choices=("高", "低")), Column("天", 8, Kind.NUMBER, alarm=0), Column("号", 9, hidden=True)]
    page = opened(written(Sheet("表", columns, [("已完成", 3, "x")] * 2)))["表"]
    assert [(str(one.sqref), one.formula1, one.type) for one in page.data_validations.dataValidation] == [("A2:A3", '"高,低"', "list")]
    found = {str(reach.sqref): [(rule.operator, rule.formula[0], bool(rule.dxf.fill.bgColor.rgb)) for rule in reach.rules] for reach in page.conditional_formatting}
    assert found == {"A2:A3": [("equal", '"已完成"', True), ("equal", '"已逾期"', True)], "B2:B3": [("greaterThan", "0", True)]}
    assert [page.column_dimensions[letter].hidden for letter in "ABC"] == [False, False, True]


def test_an_empty_sheet_has_neither_formats_nor_choices_on_its_sentence() -> None:
    page = opened(written(Sheet("表", [Column("级", 8, Kind.MARK, TONES, shaded=True, choices=("高",))], [])))["表"]
    assert page.data_validations.dataValidation == [] and not list(page.conditional_formatting)


def test_the_board_is_asked_after_the_rows_and_stands_behind_the_cover_with_a_link() -> None:
    asked: list[str] = []

    def rows() -> Any:
        yield (1, "甲", "甲")
        asked.append("rows")

    def board() -> Board:
        asked.append("board")
        return _board()

    out = io.BytesIO()
    counts = write_book(Book(COVER, [Sheet("表", sheet_of([]).columns, rows())], MADE, "林合规", board), out)
    assert asked == ["rows", "board"] and counts == {"表": 1}
    book = opened(out.getvalue())
    assert book.sheetnames == ["封面", "董事会摘要", "表"]
    links = [cell.hyperlink.location for row in book["封面"].iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'董事会摘要'!A1", "'表'!A1"]


def test_the_board_has_its_figures_as_numbers_and_three_charts() -> None:
    page = opened(_written(_board()))["董事会摘要"]
    assert (page["B3"].value, page["B3"].number_format, page["B4"].value, page["E3"].value) == (1 / 8, "0.0%", "完成率", 0)
    assert page["B3"].font.color.rgb != page["E3"].font.color.rgb
    assert len(page._charts) == 3 and page.print_area == f"'董事会摘要'!$A$1:${LETTERS[-1]}${page.max_row}"


def test_every_text_of_the_board_is_text_whatever_it_looks_like() -> None:
    names = [text for text in HOSTILE if len(text) < 100]
    page = opened(_written(_board(names)))["董事会摘要"]
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert all(cell.quotePrefix for cell in cells if cell.data_type == "s")


def test_a_rest_is_listed_and_not_drawn() -> None:
    counted = [("甲", 1, 0, 0, 0, Share(0, 0), 0), ("其余 20 个领域", 90, 0, 0, 0, Share(0, 0), 0)]
    for has_rest, last in ((False, 1), (True, 0)):
        table = Table("领域", ("领域", "义务", "风险敞口", "权利", "任务", "完成率", "逾期"), counted, "", has_rest)
        page = opened(_written(_board(domains=table)))["董事会摘要"]
        at = next(cell.row for row in page.iter_rows() for cell in row if cell.value == "甲" and cell.column == 2 and page.cell(cell.row - 1, 2).value == "领域")
        assert str(page._charts[2].series[0].val.numRef.f).endswith(f"$E${at + last}")


def test_a_board_of_empty_tables_says_so_and_draws_nothing() -> None:
    empty = {name: Table(name, heads, [], "没有。") for name, heads in (
        ("states", ("a", "b", "c")), ("documents", tuple("abcdefg")), ("domains", tuple("abcdefg")), ("attention", tuple("abcdefghij")),
    )}
    page = opened(_written(_board(**empty)))["董事会摘要"]
    assert page._charts == [] and [cell.value for row in page.iter_rows() for cell in row].count("没有。") == 4


def test_every_part_of_it_is_in_the_order_that_excel_demands() -> None:
    columns = [Column("级", 8, Kind.MARK, TONES, shaded=True, choices=("高", "低")), Column("天", 8, Kind.NUMBER, alarm=0)]
    with zipfile.ZipFile(io.BytesIO(_written(_board(), Sheet("表", columns, [("高", 1)])))) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = archive.read(name).decode()
                # In the order of their start tags at the top level, which is what the schema fixes.
                places = [text.index(f"<{part}") for part in ORDER if f"<{part} " in text or f"<{part}>" in text or f"<{part}/>" in text]
                assert places == sorted(places), name
