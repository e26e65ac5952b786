"""The rule of sentences: where one ends, what is no sentence, and where the preface begins."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.register.covering import TEXT, replaced
from tracker.register.text import clauses, flat, preface

TITLE = "关于测试事项的意见"


def said(body: str) -> list[str]:
    """Return the sentences of one clause with this body."""
    return [one.text for one in clauses(f"（一）标题。{body}\n")[1].sentences]


def test_the_sentences_of_each_clause_stand_whole_and_in_order() -> None:
    found = {no: [one.text for one in clause.sentences] for no, clause in clauses(TEXT).items()}
    assert found == {
        1: ["坚持方向，做到“稳中求进。”", "到2022年取得1.5倍进展。"],
        2: ["——坚持零容忍。", "依法查处造假行为。"],
        3: ["证券公司应当在销售之前充分了解客户，贯彻修正案（十一），不得误导；未尽义务的，依法赔偿。", "受害人可以依法要求赔偿损失！", "人民法院应当及时受理。"],
        4: ["对操纵市场行为从严查处，对操纵市场行为的受害人予以救济。", "各地区要落实责任。"],
    }


@pytest.mark.parametrize(("body", "sentences"), [
    ("甲；乙：丙，丁。戊。", ["甲；乙：丙，丁。", "戊。"]),
    ("甲吗？乙！丙。", ["甲吗？", "乙！", "丙。"]),
    ("甲吗?乙!丙｡丁。", ["甲吗?", "乙!", "丙｡", "丁。"]),
    ("甲“乙。”丙（丁。）戊。", ["甲“乙。”", "丙（丁。）", "戊。"]),
    ("甲“乙《丙？！》”丁。", ["甲“乙《丙？！》”", "丁。"]),
    ('甲"乙。"丙。"丁"戊。', ['甲"乙。"', "丙。", '"丁"戊。']),
    ("甲增长1.5倍，依据修正案（十一）。第3.2条。", ["甲增长1.5倍，依据修正案（十一）。", "第3.2条。"]),
    ("甲要做到“早识别、早处置”。乙。", ["甲要做到“早识别、早处置”。", "乙。"]),
    ("——甲。乙。\n——丙。丁。", ["——甲。", "乙。", "——丙。", "丁。"]),
])
def test_a_sentence_ends_at_a_full_stop_with_what_closes_behind_it(body: str, sentences: list[str]) -> None:
    assert said(body) == sentences


def test_a_heading_is_no_sentence_unless_the_clause_says_nothing_else() -> None:
    found = clauses("1.证券公司应当了解客户。\n2.标题。内容。\n3.标题：内容。\n4.标题——甲。\n")
    assert [[one.text for one in clause.sentences] for clause in found.values()] == [["证券公司应当了解客户。"], ["内容。"], ["内容。"], ["——甲。"]]


def test_a_clause_that_ends_without_a_full_stop_loses_nothing() -> None:
    found = clauses("（一）甲。应当这样；\n（二）乙。应当那样：\n二、节\n（三）丙。完“了。”\n四、节\n（四）丁。完。\n印发：各部门\n")
    assert [[one.text for one in clause.sentences] for clause in found.values()] == [["应当这样；"], ["应当那样："], ["完“了。”"], ["完。"]]


def test_half_width_brackets_number_clauses_too() -> None:
    assert [clause.title for clause in clauses("(一)甲。文。\n(二)乙。文。\n").values()] == ["甲", "乙"]


def test_the_preface_begins_below_the_last_mention_of_the_title() -> None:
    assert [one.text for one in preface(TEXT, TITLE)] == ["测试事项十分重要。", "为此提出如下意见。"]


@pytest.mark.parametrize("top", [
    "新闻稿。说明。\n关于测试事项\n的意见\n",
    "《关于测试事项的意见》印发了。\n关于 测试 事项的意见\n",
    "新闻稿。\n《关于测试事项的意见》\n",
    "印发《关于测试事项的意见》，请\n照办。\n",
    "关于测试事项的意见",
    "",
])
def test_press_releases_and_notices_are_no_part_of_it(top: str) -> None:
    text = top + "重要。如下意见：\n一、总则\n1.甲。文。\n2.乙。文。\n"
    assert [one.text for one in preface(text, TITLE)] == ["重要。", "如下意见："]


@pytest.mark.parametrize("text", ["", "没有条款。", "1.甲。文。\n", "关于测试事项的意见\n1.甲。文。\n", "《关于测试事项的意见》\n一、节\n1.甲。文。\n"])
def test_where_nothing_is_said_before_the_first_clause_there_is_no_preface(text: str) -> None:
    assert preface(text, TITLE) == ()


@given(st.integers(1, 40), st.sampled_from(["\n", "\r\n", "\n\n", "\n 12 \n", "\f", "\n— 7 —\n"]))
def test_wraps_anywhere_change_no_sentence(width: int, wrap: str) -> None:
    pieces = (wrap.join(line[at : at + width] for at in range(0, len(line), width)) for line in replaced("- 3 -", "").split("\n"))
    whole = replaced("- 3 -", "")
    again = "\n".join(pieces)
    # A wrap may leave digits of the text alone on a line, which then looks like a page number.
    if flat(again) == flat(whole):
        assert clauses(again) == clauses(whole) and preface(again, TITLE) == preface(whole, TITLE)


@given(st.text(alphabet="甲乙。！？；：“”（）()\"'!?.1一二三、—\n ", max_size=200))
def test_sentences_are_the_whole_body_and_nothing_else(text: str) -> None:
    for clause in clauses(text).values():
        assert "".join(one.text for one in clause.sentences) == clause.text[clause.body :]
        assert all(clause.text[one.begin : one.end] == one.text and one.text for one in clause.sentences)
        assert [one.no for one in clause.sentences] == list(range(1, len(clause.sentences) + 1))


@pytest.mark.parametrize("text", ["1.甲\n" * 200_000, "1.甲\n2.乙\n" * 100_000, "（一）甲。\n" * 100_000, "。" * 600_000, "（" * 600_000], ids=lambda text: text[:6])
def test_hostile_texts_are_split_in_time(text: str) -> None:
    began = time.process_time()
    found = clauses(text)
    sum(len(clause.sentences) for clause in found.values())
    assert time.process_time() - began < 5
