"""Reading a workbook that somebody sends: what it says, cell by cell; and what must not harm, refused with a sentence in little time and memory."""

from __future__ import annotations

import io
import resource
import time
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from tests.workbook.hostile import HARMLESS, NS, REFUSED, Hostile, parts_of, sheet_of, text, zipped
from tests.workbook.samples import HOSTILE, written
from tests.workbook.samples import sheet_of as sheet_of_texts
from tracker.errors import BadInput, TooLarge
from tracker.workbook import container, reading
from tracker.workbook.reading import Fault, Page, read_workbook

NAME = "分派表.xlsx"
MEGABYTE = 1024 * 1024


def only(data: bytes) -> Page:
    """Read a workbook of one sheet."""
    sheets = read_workbook(data, NAME).sheets
    assert len(sheets) == 1
    return sheets[0]


def row(cells: str, **parts: str) -> list[object]:
    """Read the cells of one row."""
    return list(only(zipped(parts_of(sheet_of(f'<row r="1">{cells}</row>'), **parts))).rows[0].values)


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_it_is_refused_with_a_sentence_in_less_than_two_seconds_and_150_megabytes(case: Hostile) -> None:
    data = case.make()
    began, spent, held = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((BadInput, TooLarge)) as refused:
        read_workbook(data, NAME)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    children = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    assert time.process_time() - began + children < 2
    # The child's own memory is limited when it is started; here it is what it makes this process grow by.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held < 150 * 1024
    assert refused.value.sentence.startswith(f"文件“{NAME}”")
    assert refused.value.sentence.endswith("。")
    assert case.told in refused.value.sentence


def test_there_are_enough_of_them() -> None:
    assert len(REFUSED) >= 24
    assert len({case.what for case in (*REFUSED, *HARMLESS)}) == len(REFUSED) + len(HARMLESS)
    assert reading.MEMORY <= 150 * MEGABYTE


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_it_is_read_harmlessly(case: Hostile) -> None:
    assert [(one.number, list(one.values)) for one in only(case.make()).rows] == [(1, ["编号", "责任人"]), (2, ["OB-1", "王责任"])]


def test_a_workbook_larger_than_may_be_is_not_even_opened() -> None:
    with pytest.raises(TooLarge, match=r"有 20\.0 MB，超过可以导入的 20 MB"):
        read_workbook(b"PK\x03\x04" + bytes(container.MOST_BYTES), NAME)


def test_values_come_as_what_they_are() -> None:
    cells = (
        text("A1", "文字") + '<c r="B1" t="s"><v>0</v></c><c r="C1"><v>12</v></c><c r="D1"><v>1.5</v></c><c r="E1" t="b"><v>1</v></c>'
        '<c r="F1" s="1"><v>46387</v></c><c r="G1" s="1"><v>46387.5</v></c><c r="H1" t="d"><v>2026-12-31</v></c><c r="I1" t="e"><v>#REF!</v></c>'
    )
    assert row(cells) == [
        "文字", "共用", 12, 1.5, True, date(2026, 12, 31), datetime(2026, 12, 31, 12), date(2026, 12, 31), Fault("#REF!"),
    ]


def test_of_a_formula_only_the_saved_result_counts() -> None:
    cells = (
        '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>A1&amp;"x"</f><v>2x</v></c><c r="C1"><f>NOW()</f></c>'
        '<c r="D1" t="str"><f>""</f><v></v></c><c r="E1"><v>9</v></c><c r="F1"><f>1+1</f><v></v></c><c r="G1"><f>1+1</f><v/></c>'
    )
    assert row(cells) == [2, "2x", Fault(""), None, 9, Fault(""), Fault("")]


def test_a_rich_text_is_put_together_and_readings_of_names_are_left_out() -> None:
    strings = f"<sst {NS}><si><r><t>王</t></r><r><t xml:space=\"preserve\"> 责任</t></r><rPh><t>wang</t></rPh></si></sst>"
    assert row('<c r="A1" t="s"><v>0</v></c>', strings=strings) == ["王 责任"]


def test_days_are_told_by_their_format_and_by_the_calendar_of_the_workbook() -> None:
    formats = "<numFmts>" + "".join(f'<numFmt numFmtId="{170 + at}" formatCode="{code}"/>' for at, code in enumerate(
        ('yyyy&quot;年&quot;m&quot;月&quot;', "0.00", '[Red]0&quot;日&quot;', "[$-804]yyyy\\-mm", "General", "@"))) + "</numFmts>"
    styles = f'<styleSheet {NS}>{formats}<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{"".join(f"<xf numFmtId={chr(34)}{170 + at}{chr(34)}/>" for at in range(6))}</cellXfs></styleSheet>'
    cells = "".join(f'<c r="{letter}1" s="{at}"><v>46387</v></c>' for at, letter in enumerate("ABCDEF"))
    day = date(2026, 12, 31)
    assert row(cells, styles=styles) == [day, 46387, 46387, day, 46387, 46387]
    parts = parts_of(sheet_of('<row r="1"><c r="A1" s="1"><v>44925</v></c></row>'))
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert only(zipped(parts)).rows[0].values == [day]


def test_what_openpyxl_writes_is_read_alike() -> None:
    book = Workbook()
    page = book.active
    page.append(["编号", None, date(2026, 12, 31), 3, 2.5, True])
    page.append([None] * 6)
    page.append(["x" * 100, datetime(2026, 1, 2, 3, 4, 5)])
    page.merge_cells("A5:C6")
    book.create_sheet("藏").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    first, second = read_workbook(out.getvalue(), NAME).sheets
    assert [(one.number, list(one.values)) for one in first.rows] == [
        (1, ["编号", None, date(2026, 12, 31), 3, 2.5, True]), (3, ["x" * 100, datetime(2026, 1, 2, 3, 4, 5)]),
    ]
    assert (first.title, first.hidden, list(first.merged), second.title, second.hidden) == ("Sheet", False, [(5, 1, 6, 3)], "藏", True)


def test_every_hostile_text_that_we_write_is_read_back_as_it_was() -> None:
    page = read_workbook(written(sheet_of_texts(HOSTILE)), NAME).sheets[1]
    found = [one.at(2) for one in page.rows[1:]]
    assert found == HOSTILE
    assert [one.at(3) for one in page.rows[1:]] == HOSTILE


def test_a_child_that_says_nonsense_is_not_believed(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(reading, "CHILD", reading.CHILD.with_name("no_such_child.py"))
    with pytest.raises(BadInput, match="没有在限定的时间和内存内读完"):
        read_workbook(zipped(parts_of(sheet_of(""))), NAME)
