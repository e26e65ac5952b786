"""Official texts as people have them: wraps, page numbers, press releases, two numberings; and anchors in them."""

from __future__ import annotations

import time

import pytest

from tracker.register.text import clauses, flat, positions, shared_runs

WRAPPED = """\
 某某办公厅印发

《关于测试的意见》

新华社北京 7 月 6 日电 近日印发了《关于测试的意见》，主要内

容如下。

一、总体要求

（一）指导思想。坚持方向，到 2022 年

- 3 -

取得进展，实施刑法修正案

（二），同步修改标准。

（二）工作原则

——坚持零容忍要求。依法查处。
 ——坚持法治原则。公开公平。

二、建立健全“依法从严”打击活动的体

制机制

（三）主要目标。完善制度，
6
提高“执法司法”效能：公司（含子公司）应当配合。

第 4 页 共 10 页

（四）完善机制。最后一条，2025
年完成。

抄送：各部门
"""
FLAT = """\
公司宣传活动
近年来，主要内容包括：一是聚焦，二是规范。
1.前言。这是通知上的一段。

某法发〔2025〕9号
关于测试的意见
为此提出如下意见。
一、总体要求
1.指导思想。坚持底线。
2．目标任务。更好发挥作用。
——聚焦保护。提高质量，增长1.5倍。
——聚焦建设。比例为3.5%。
二、持续优化“愿意来、留得住”的良好市场生态
3.保护投资者。应当保护，
且应当保护，依据修正案（十一）。
第二段属于第三条。
"""


def test_wraps_and_page_numbers_disappear_also_inside_sentences() -> None:
    assert "到2022年取得进展，实施刑法修正案（二），同步修改标准。" in flat(WRAPPED)
    assert "完善制度，提高“执法司法”效能" in flat(WRAPPED)
    assert "第4页" not in flat(WRAPPED)
    assert "2025年完成" in flat(WRAPPED)


def test_chinese_numbers_part_the_clauses_of_a_wrapped_text() -> None:
    found = clauses(WRAPPED)
    assert [(no, clause.title) for no, clause in found.items()] == [(1, "指导思想"), (2, "工作原则"), (3, "主要目标"), (4, "完善机制")]
    assert found[1].text == "（一）指导思想。坚持方向，到2022年取得进展，实施刑法修正案（二），同步修改标准。"
    assert found[2].text == "（二）工作原则——坚持零容忍要求。依法查处。——坚持法治原则。公开公平。"
    assert found[4].text == "（四）完善机制。最后一条，2025年完成。"


def test_arabic_numbers_part_the_clauses_below_a_press_release() -> None:
    found = clauses(FLAT)
    assert [(no, clause.title) for no, clause in found.items()] == [(1, "指导思想"), (2, "目标任务"), (3, "保护投资者")]
    assert found[1].text == "1.指导思想。坚持底线。"
    assert found[2].text.endswith("增长1.5倍。——聚焦建设。比例为3.5%。")
    assert found[3].text.endswith("第二段属于第三条。")


def test_a_numeral_at_the_start_of_a_wrapped_line_is_no_clause_when_its_sentence_goes_on() -> None:
    text = "（一）甲。贯彻修正案\n（二）的要求，并执行修正案\n（三）。\n（二）乙。完。\n"
    assert [(clause.no, clause.title) for clause in clauses(text).values()] == [(1, "甲"), (2, "乙")]


def test_more_than_ten_clauses_are_counted() -> None:
    numerals = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十九", "二十", "二十一"]
    names = numerals[:12] + [f"十{digit}" for digit in "三四五六七八九"] + ["二十", "二十一"]
    found = clauses("".join(f"（{name}）题。文。\n" for name in names))
    assert list(found) == list(range(1, 22))


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\f", "\u2028"])
def test_any_line_end_is_a_line_end(line_end: str) -> None:
    assert list(clauses(WRAPPED.replace("\n", line_end))) == [1, 2, 3, 4]


@pytest.mark.parametrize("text", ["", "\n\n", "没有条款的文字。", "2.从二开始。", "12\n34\n"])
def test_a_text_without_clauses_has_none(text: str) -> None:
    assert clauses(text) == {}


def test_an_anchor_is_found_across_a_wrap_and_at_its_only_place() -> None:
    text = clauses(WRAPPED)[1].text
    assert positions(text, "实施刑法修正案（二），同步") == [text.index("实施刑法")]


def test_equal_phrases_are_all_found_also_when_they_overlap() -> None:
    assert len(positions(clauses(FLAT)[3].text, "应当保护")) == 2
    assert positions("哈哈哈", "哈哈") == [0, 1]


def test_the_width_of_punctuation_does_not_matter() -> None:
    text = clauses(WRAPPED)[3].text
    assert positions(text, '提高"执法司法"效能:公司(含子公司)应当配合') == [text.index("提高")]
    assert positions(clauses(WRAPPED)[4].text, "２０２５年 完成") == [clauses(WRAPPED)[4].text.index("2025")]


@pytest.mark.parametrize("anchor", ["", "  ", "不在其中的话"])
def test_what_is_not_there_is_not_found(anchor: str) -> None:
    assert positions("（一）指导思想。", anchor) == []


def test_runs_that_are_copied_are_shown_whole_and_apart() -> None:
    official = "甲乙丙丁戊己庚辛壬癸，子丑寅卯辰巳午未申酉戌亥。"
    ours = "我们说：乙丙丁戊己\n庚辛壬，又说：丑寅卯辰巳午。丙丁。"
    assert shared_runs(ours, official, 5) == ["乙丙丁戊己庚辛壬", "丑寅卯辰巳午"]
    assert shared_runs(ours, official, 9) == []
    assert shared_runs("", official, 5) == shared_runs(ours, "", 5) == []


@pytest.mark.parametrize("line", [
    "5" + " " * 1_000_000 + "x", "第" + "\u3000" * 1_000_000 + "5页x", "5页" + "\t" * 1_000_000 + "共x", "-" * 1_000_000 + "x", "5 页 / 共 9 页" + " ·" * 500_000 + "x",
])
def test_a_line_that_begins_like_a_page_number_is_read_in_time_however_long(line: str) -> None:
    began = time.process_time()
    assert flat(line) == "".join(line.split())
    assert time.process_time() - began < 1


@pytest.mark.parametrize("line", ["5", " 5 ", "-5-", "— 12 —", "第 5 页", "第5页 共 12页", "第 5 页，共 12 页", "5/共9页", "· 5 ·", "\u30005\u3000"])
def test_a_line_with_a_page_number_alone_is_left_out(line: str) -> None:
    assert flat(f"证券\n{line}\n公司") == "证券公司"


@pytest.mark.parametrize("line", ["2025", "5 6", "5.", "页 5", "5 页 9", "共 5 页"])
def test_a_line_with_more_than_a_page_number_stays(line: str) -> None:
    assert flat(f"证券\n{line}\n公司") == "".join(f"证券{line}公司".split())
