"""The rules of bringing in, by themselves: three-way decisions, headings, days, cadences, people, rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.bringing import fields, headings
from tracker.bringing.fields import Member, Staff, Unfit
from tracker.bringing.headings import head_of
from tracker.bringing.lines import restored, take
from tracker.bringing.merging import Verdict, three_way
from tracker.bringing.rules.marks import altered, base_text, checker, key_text, said
from tracker.errors import BadInput
from tracker.words import Cadence, ListKind, Role
from tracker.workbook.reading import Fault, Page, Row, Workbook
from tracker.workbook.sheets import Hint, Link

SAME, CHANGE, CONFLICT = Verdict.SAME, Verdict.CHANGE, Verdict.CONFLICT


def page(*rows: Sequence[Any], merged: Sequence[tuple[int, int, int, int]] = (), title: str = "表", hidden: bool = False) -> Page:
    """Make a sheet of these rows, from the first on; empty rows are left out as the reader does."""
    return Page(title, hidden, [Row(number, row) for number, row in enumerate(rows, start=1) if any(one is not None for one in row)], merged)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "known", "verdict"),
    [
        (1, 1, 1, True, SAME), (1, 2, 1, True, CHANGE), (1, 1, 2, True, SAME), (1, 2, 2, True, SAME), (1, 2, 3, True, CONFLICT),
        (None, 2, None, True, CHANGE), (None, 2, 2, True, SAME), (None, 2, 3, True, CONFLICT), (1, None, 1, True, CHANGE),
        (None, 2, 2, False, SAME), (None, 2, 3, False, CHANGE), (None, 2, None, False, CHANGE),
    ],
)
def test_of_three_values_one_rule_decides(base: Any, mine: Any, theirs: Any, known: bool, verdict: Verdict) -> None:
    assert three_way(base, mine, theirs, known) == verdict


@given(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
def test_nothing_is_lost_without_a_decision(base: int, mine: int, theirs: int) -> None:
    verdict = three_way(base, mine, theirs, known=True)
    # The file's word goes in by itself only where the application stands as it stood when the file went out.
    assert (verdict == CHANGE) == (mine != theirs and mine != base and theirs == base)
    assert (verdict == CONFLICT) == (len({base, mine, theirs}) == 3)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)), ("2026/12/31", date(2026, 12, 31)), ("2026.1.2", date(2026, 1, 2)), ("2026年1月2日", date(2026, 1, 2)),
        ("２０２６年１月２日", date(2026, 1, 2)), ("20261231", date(2026, 12, 31)), ("46387", date(2026, 12, 31)), (" 2026-12-31 ", date(2026, 12, 31)),
        ("2026-12-31 00:00:00", date(2026, 12, 31)), ("2026-12-31T00:00", date(2026, 12, 31)),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date) -> None:
    assert fields.day(text, "截止日") == day


@pytest.mark.parametrize("text", ["", "2026-13-01", "2026-02-30", "明天", "12-31", "2026", "123456", "99999", "2026-12-31 08:00", "31/12/2026", "0000-00-00"])
def test_what_is_no_day_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(Unfit, match="不是有效的截止日，请写作 2026-11-22。"):
        fields.day(text, "截止日")


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), ("00123", "00123"), (12, "12"), (1.5, "1.5"), (True, "TRUE"), (date(2026, 1, 2), "2026-01-02"),
    (datetime(2026, 1, 2), "2026-01-02"), (datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04:00"),
])
def test_a_value_has_one_text(value: Any, text: str) -> None:
    assert fields.cell_text(value) == text


def test_cadences_are_read_by_label_and_code() -> None:
    assert [fields.cadence(text, "cadence") for text in ("每月", "月", "monthly", "MONTHLY", "事件触发")] == [Cadence.MONTHLY] * 4 + [Cadence.EVENT]
    with pytest.raises(Unfit, match="可以填写：每月、每季度、每半年、每年。"):
        fields.cadence("事件触发", "review_every")


def test_everybody_has_a_name_that_only_he_has() -> None:
    staff = Staff.of([
        Member(1, "王责任", "财富部", frozenset({Role.OWNER})), Member(2, "李同", "投行部", frozenset()), Member(3, "李同", "合规部", frozenset()),
        Member(4, "张双", "", frozenset()), Member(5, "张双", "", frozenset()),
    ])
    assert list(staff.called.values()) == ["王责任", "李同（投行部）", "李同（合规部）", "张双（#4）", "张双（#5）"]
    assert [staff.find(text, "owner") for text in ("王责任", " 王 责任", "李同(合规部)", "李同 · 投行部", "张双（＃5）")] == [1, 1, 3, 2, 5]
    assert all(staff.find(name, "owner") == person for person, name in staff.called.items())
    with pytest.raises(Unfit, match="有 2 位“李同”。请写作“李同（投行部）”或“李同（合规部）”。"):
        staff.find("李同", "owner")


def test_headings_are_found_in_any_order_with_other_names_and_remarks() -> None:
    found = head_of(page(["合规义务台账"], [None], ["序", "负责人\n（必填）", "义务编号", "归口部门*", "首次截止日期："], ["x", "王责任", "OB-1", "部", None]))
    assert found is not None
    assert (found.what, found.row) == (ListKind.ASSIGNMENTS, 3)
    assert found.columns == {"owner": 2, "obligation": 3, "department": 4}
    assert found.unknown == ["A3“序”", "E3“首次截止日期：”"]


def test_headings_over_several_merged_rows_are_put_together() -> None:
    sheet = page(
        ["2026 年度合规义务台账", *[None] * 6], ["编号", "义务", "责任分派", None, None, "时间要求", None], [None, None, "责任人", "复核人", "部门", "首个截止日", "频率"],
        ["OB-1", "了解客户", "王责任", "赵复核", "财富部", date(2026, 12, 31), "每月"],
        merged=[(1, 1, 1, 7), (2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 2, 5), (2, 6, 2, 7)],
    )
    found = head_of(sheet)
    assert found is not None
    assert (found.row, found.columns) == (3, {"obligation": 1, "owner": 3, "reviewer": 4, "department": 5, "first_due": 6, "cadence": 7})
    lines, looked_at = take(sheet, found, 1)
    assert (looked_at, {code: text for code, (_, text) in lines[0].cells.items()}) == (
        1, {"owner": "王责任", "reviewer": "赵复核", "department": "财富部", "first_due": "2026-12-31", "cadence": "每月"},
    )


def test_a_heading_that_stands_twice_is_named_with_both_places() -> None:
    with pytest.raises(BadInput, match="表!C1：“责任人”列出现了两次（另一处在 B1）。请只保留一列。"):
        headings.find(Workbook([page(["编号", "责任人", "负责人"], ["OB-1", "王", "李"])]))


def test_every_sheet_that_can_come_back_is_taken_and_hidden_ones_are_not() -> None:
    book = Workbook([
        page(["编号", "责任人"], ["OB-1", "王"], title="封面"), page(["编号", "责任人"], ["OB-1", "王"], title="甲"), page(["任务号", "责任人", "复核人", "截止日"], [1, "王", "赵", None], title="乙"),
        page(["义务编号", "风险控制措施", "底线"], ["OB-1", "措施", None], title="丙"), page(["编号", "认定", "理由"], ["OB-1", "适用", None], title="丁"),
        page(["任务号", "责任人", "复核人", "截止日", "部门"], [1, "王", "赵", None, "x"], title="藏", hidden=True), page(["x"], title="别的"),
    ])
    found = headings.find(book)
    assert [(one.title, head.what) for one, head in found.open] == [
        ("甲", ListKind.ASSIGNMENTS), ("乙", ListKind.TASKS), ("丙", ListKind.CONTROLS), ("丁", ListKind.SCOPE),
    ]
    assert not found.shut and not found.notes
    with pytest.raises(BadInput, match="没有在文件中找到可以导入的表"):
        headings.find(Workbook([page(["编号", "标题"], ["OB-1", "x"])]))


def test_a_merged_cell_stands_for_every_row_that_it_covers() -> None:
    sheet = page(["编号", "责任人"], ["OB-1", "王责任"], ["OB-2", None], ["OB-3", None], ["OB-4", None], merged=[(2, 2, 4, 2)])
    head = head_of(sheet)
    assert head is not None
    assert [(line.ref, line.cells["owner"]) for line in take(sheet, head, 1)[0]] == [
        ("OB-1", ("表!B2", "王责任")), ("OB-2", ("表!B3", "王责任")), ("OB-3", ("表!B4", "王责任")),
    ]


def test_errors_and_rows_without_a_number_are_named() -> None:
    sheet = page(["编号", "责任人", "复核人"], ["OB-1", Fault("#REF!"), "赵"], [None, "王", None], ["OB-3", Fault(""), None], ["合计", None, None])
    head = head_of(sheet)
    assert head is not None
    assert [line.faults for line in take(sheet, head, 1)[0]] == [
        [("表!B2", "单元格是错误值 #REF!，请改为填写具体的内容。")],
        [("表!A3", "此行没有编号，不知道是哪一项。请填写编号，或清空此行。")],
        [("表!B4", "单元格是没有保存计算结果的公式，请改为填写具体的内容。")],
    ]


@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 10**8))
def test_what_the_hidden_columns_say_comes_back_and_any_other_word_is_noticed(text: str, other: str, version: int) -> None:
    key = key_text(ListKind.TASKS, 1, "17")
    kept = base_text(key, version, {"department": (text, text.strip())})
    heads = ["行标识", "行版本", "导出时的值", "任务号", "部门"]

    def line(*cells: Any) -> Any:
        sheet = page(heads, list(cells))
        head = head_of(sheet)
        assert head is not None
        found, _ = take(sheet, head, 1)
        return found[0] if found else None

    told = line(key, version, kept, 17, other)
    # What cannot be in a cell that was read, or says nothing, is no line.
    if not other.strip() or other.strip() == text.strip():
        assert told is None
    else:
        assert told.base == {"department": (text, text.strip())}
        assert restored(told.stored()) == told
    if other.strip():
        assert line(key, version + 1, kept, 17, other).faults
        assert line(key, version, kept.replace("#", "#0"), 17, other).faults


@given(st.lists(st.text(max_size=20), min_size=3, max_size=3), st.lists(st.text(max_size=20), min_size=3, max_size=3))
def test_a_changed_cell_is_noticed_wherever_its_column_stands_and_others_are_let_be(before: list[str], after: list[str]) -> None:
    names = {0: "甲", 1: "乙", 2: "丙"}
    check = checker(names)(before)
    cells = {7: ("丙", after[2]), 3: ("甲", after[0]), 5: ("乙", after[1]), 9: ("我的列", "随便")}
    wanted = {column for column, place in ((3, 0), (5, 1), (7, 2)) if said(after[place]) and said(after[place]) != said(before[place])}
    assert set(altered(check, cells)) == wanted


@pytest.mark.parametrize(("written", "read"), [
    (datetime(2026, 11, 22, 2, 0, 9, 5000, tzinfo=UTC), datetime(2026, 11, 22, 10, 0, 9)), (datetime(2026, 11, 21, 16, 0, tzinfo=UTC), date(2026, 11, 22)),
    (date(2026, 11, 22), date(2026, 11, 22)), (12, 12), ("第一行\r\n第二行 ", "第一行\n第二行"), (Hint("默认"), "默认"), (Link("E-0001", "a.txt"), "E-0001"), (None, None), ("", None),
])
def test_a_cell_says_the_same_when_it_is_written_and_when_it_is_read(written: Any, read: Any) -> None:
    assert said(written) == said(read)


def test_a_check_that_is_none_accuses_nobody() -> None:
    assert not list(altered("", {1: ("甲", "x")})) and not list(altered("abc|", {1: ("甲", "x")})) and not list(altered("ab|cd", {1: ("甲", "x")}))
