"""The workbook writer: what goes in comes back with its kind, and it prints as a board expects."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from tests.workbook.samples import COVER, HOSTILE, MADE, opened, sheet_of, written
from tracker.errors import BadInput
from tracker.workbook.book import write_book
from tracker.workbook.sheets import Book, Column, Kind, Link, Sheet, Tone, Value, inside
from tracker.workbook.stream import BATCH, height_of, lines_of


def test_values_keep_their_kinds() -> None:
    columns = [Column(kind.value, 21, kind) for kind in (Kind.NUMBER, Kind.DATE, Kind.MOMENT, Kind.TEXT)]
    beijing = datetime(2026, 1, 1, 0, 0, 7, tzinfo=timezone(timedelta(hours=8)))
    rows: list[tuple[Value, ...]] = [
        (1_234_567, date(2026, 11, 30), datetime(2026, 11, 22, 16, 30, 9, tzinfo=UTC), None),
        (-5, date(1900, 3, 1), beijing, ""),
        (10**18, date(1850, 1, 2), None, "—"),
    ]
    page = opened(written(Sheet("值", columns, rows)))["值"]
    found = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    assert found == [
        [1_234_567, datetime(2026, 11, 30), datetime(2026, 11, 23, 0, 30, 9), None],
        [-5, datetime(1900, 3, 1), datetime(2026, 1, 1, 0, 0, 7), None],
        ["1000000000000000000", "1850-01-02", None, "—"],
    ]
    assert [page.cell(2, index).number_format for index in (1, 2, 3)] == ["#,##0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"]
    assert page["A2"].alignment.horizontal == "right"


def test_a_narrow_moment_shows_minutes_and_keeps_its_seconds() -> None:
    moment = datetime(2026, 11, 22, 16, 30, 9, tzinfo=UTC)
    page = opened(written(Sheet("时间", [Column("时间", 9, Kind.MOMENT)], [(moment,)])))["时间"]
    assert page["A2"].number_format == "yyyy-mm-dd hh:mm"
    assert page["A2"].value == datetime(2026, 11, 23, 0, 30, 9)
    assert page.column_dimensions["A"].width == 17


@pytest.mark.parametrize("value", [True, 1.5, b"x", datetime(2026, 1, 1), object()])
def test_a_value_with_no_clear_meaning_is_a_programming_error(value: object) -> None:
    with pytest.raises(TypeError):
        written(Sheet("值", [Column("值", 9)], [(value,)]))  # type: ignore[list-item]


def test_a_row_of_the_wrong_length_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        written(Sheet("值", [Column("值", 9)], [("a", "b")]))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = written(sheet_of(HOSTILE)), written(sheet_of(HOSTILE))
    assert first == second
    write_book(Book(COVER, [sheet_of(HOSTILE)], MADE, "林合规"), tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_document_properties_name_the_work_and_its_moment() -> None:
    about = opened(written(sheet_of([]))).properties
    assert (about.title, about.subject, about.creator) == ("审计底稿", "海川证券 & 合伙", "林合规")
    assert about.created == about.modified == datetime(2026, 11, 22, 14, 31, 5)


def test_a_sheet_prints_on_a4_landscape_with_repeated_headings_and_page_numbers() -> None:
    captioned = Sheet("任务", [Column("甲", 10), Column("乙", 10)], [("a", "b")] * 3, caption="任务", frozen=1)
    page = opened(written(captioned))["任务"]
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_rows == "$1:$2"
    assert page.freeze_panes == "B3"
    assert page.auto_filter.ref == "A2:B5"
    assert page.oddFooter.center.text == "第 &P 页，共 &N 页"
    assert page.oddFooter.right.text == "&A"
    assert page.oddFooter.left.text == "海川证券 && 合伙"
    assert [page["A1"].value, page["A2"].value, page["A3"].value] == ["任务", "甲", "a"]


def test_the_extent_is_right_whatever_the_number_of_rows() -> None:
    for count in (0, 1, BATCH, BATCH + 1):
        data = written(sheet_of(["x"] * count))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = archive.read("xl/worksheets/sheet2.xml").decode()
        assert f'<dimension ref="A1:C{max(count, 1) + 1}"' in part
        reader = load_workbook(io.BytesIO(data), read_only=True)
        assert reader["文字"].max_row == max(count, 1) + 1
        reader.close()


def test_an_empty_sheet_says_so_across_its_columns() -> None:
    page = opened(written(sheet_of([])))["文字"]
    assert page["A2"].value == "本次筛选下没有记录。"
    assert [str(cells) for cells in page.merged_cells.ranges] == ["A2:C2"]
    assert page.auto_filter.ref == "A1:C1"


def test_a_word_has_its_tone_and_any_other_word_none() -> None:
    column = Column("状态", 10, Kind.MARK, {"已逾期": Tone.BAD, "已完成": Tone.GOOD})
    page = opened(written(Sheet("状态", [column], [("已逾期",), ("已完成",), ("进行中",)])))["状态"]
    late, done, other = (page.cell(row, 1).font for row in (2, 3, 4))
    assert late.bold and late.color.rgb != other.color.rgb
    assert done.color.rgb not in (late.color.rgb, other.color.rgb)


def test_links_lead_inside_and_outside_the_workbook() -> None:
    columns = [Column("文件", 30, Kind.LINK), Column("任务", 30, Kind.LINK)]
    rows: list[tuple[Value, ...]] = [
        (Link("=证据.pdf", "证据/E-1 适当性 & [意见].pdf"), Link("任务 17", inside("林's 表", "A5"))),
        ("没有链接", None),
        (Link("网页", "https://example.com/意见 书"), None),
    ]
    page = opened(written(Sheet("证据", columns, rows), sheet_of(["x"], "林's 表")))["证据"]
    assert page["A2"].value == "=证据.pdf" and page["A2"].data_type == "s"
    assert page["A2"].hyperlink.target == "证据/E-1%20适当性%20&%20%5B意见%5D.pdf"
    assert page["A4"].hyperlink.target == "https://example.com/%E6%84%8F%E8%A7%81%20%E4%B9%A6"
    assert page["B2"].hyperlink.location == "'林''s 表'!A5"
    assert page["A3"].hyperlink is None


def test_the_cover_lists_the_sheets_with_links_and_the_number_of_rows_written() -> None:
    page = opened(written(sheet_of(["a", "b"], "任务"), sheet_of([], "空表")))["封面"]
    cells = {cell.value: cell for row in page.iter_rows() for cell in row if cell.value}
    assert cells["任务"].value and cells["空表"].hyperlink.location == "'空表'!A1"
    assert {"审计底稿", "海川证券 & 合伙", "1,284", "=全部", "编制：", "复核：", "批准：", "2", "0"} <= set(cells)
    assert cells["=全部"].data_type == "s"
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 1)


@pytest.mark.parametrize("title", ["", "长" * 32, "a/b", "a:b", "'a", "[a]", "封面"])
def test_a_sheet_title_that_excel_would_not_open_is_refused(title: str) -> None:
    with pytest.raises(BadInput, match="工作表"):
        written(sheet_of([], title))


def test_rows_are_high_enough_for_wrapped_text() -> None:
    assert lines_of("", 10) == 1
    assert lines_of("一二三四五", 10) == 1
    assert lines_of("一二三四五六", 10) == 2
    assert lines_of("甲\n乙\n丙", 10) == 3
    assert lines_of("a" * 64, 36) == 2
    page = opened(written(sheet_of(["短", "汉" * 100])))["文字"]
    assert page.row_dimensions[2].height == height_of(1)
    assert page.row_dimensions[3].height == height_of(lines_of("汉" * 100, 12))
    assert height_of(1_000) < 409.5


ORDER = re.findall(
    r"\w+",
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing tableParts extLst",
)


def test_every_part_is_well_formed_and_in_the_order_that_excel_demands() -> None:
    linked = Sheet("链接", [Column("文件", 20, Kind.LINK)], [(Link("a", "b.pdf"),)])
    with zipfile.ZipFile(io.BytesIO(written(sheet_of(HOSTILE), linked, sheet_of([], "空表")))) as archive:
        for name in archive.namelist():
            root = ElementTree.fromstring(archive.read(name))
            if name.startswith("xl/worksheets/sheet"):
                places = [ORDER.index(child.tag.split("}")[1]) for child in root]
                assert places == sorted(places), name
