"""Texts numbered in articles (第十二条): where one begins, where it ends, and what only refers to one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.register.text import clauses, number, ordinal, preface

RULES = """\
某某交易所令
第 12 号
《会员管理规则》已经审议通过，现予公布。
会员管理规则
目　录
第一章　总则
第二章　职责
第一章　总则
第一条　为规范会员行为，制定本规则。
第 二 条　会员应当守法。违反本规则
第三条规定的，按照：
第四条、第五条处理。
第二章　职责
第一节　一般规定
第三条　会员应当：
（一）建立制度；
（二）指定人员。
第三条之一　会员不得拖延。
- 7 -
第4条　会员每年报告。
第５条：本规则由“本所”解释。
第三编　附则
第六条　依照本法
第十二条办理；自发布之日起施行。
附件：报告表
"""


def sentences(text: str) -> dict[int, list[str]]:
    """Return the sentences of each clause."""
    return {no: [one.text for one in clause.sentences] for no, clause in clauses(text).items()}


def test_articles_begin_at_their_number_and_have_no_heading() -> None:
    assert sentences(RULES) == {
        1: ["为规范会员行为，制定本规则。"],
        2: ["会员应当守法。", "违反本规则第三条规定的，按照：第四条、第五条处理。"],
        3: ["会员应当：（一）建立制度；（二）指定人员。", "第三条之一会员不得拖延。"],
        4: ["会员每年报告。"],
        5: ["本规则由“本所”解释。"],
        6: ["依照本法第十二条办理；自发布之日起施行。"],
    }
    assert {clause.title for clause in clauses(RULES).values()} == {""}
    assert clauses(RULES)[3].text.startswith("第三条会员应当：（一）")


def test_chapters_and_the_table_of_contents_are_no_sentences() -> None:
    said = "".join(clause.text for clause in clauses(RULES).values())
    assert not any(heading in said for heading in ("总则", "职责", "一般规定", "附则", "附件", "目录"))
    assert preface(RULES, "会员管理规则") == ()
    assert [one.text for one in preface(RULES.replace("目　录", "根据有关法律，制定如下。"), "会员管理规则")] == ["根据有关法律，制定如下。"]


def test_a_long_head_without_a_full_stop_is_no_preface() -> None:
    head = "证券监督规则\n" + "".join(f"第{ordinal(number)}章 很长很长很长的一个章节的名称\n" for number in range(1, 60))
    assert preface(head + "第一条 甲。\n第二条 乙。\n", "证券监督规则") == ()


@pytest.mark.parametrize("follow", ["规定的情形", "第二款", "、第四条", "的规定", "之规定", "所列行为", "至第五条", "或第五条", "，应当改正", "）"])
def test_a_reference_at_the_start_of_a_line_is_no_article(follow: str) -> None:
    text = f"第一条 甲。\n第二条 有下列情形：\n第三条{follow}，从重。\n第三条 丙。\n第四条 丁。\n"
    assert list(clauses(text)) == [1, 2, 3, 4]
    assert sentences(text)[3] == ["丙。"]


def test_an_article_that_lacks_its_full_stop_does_not_swallow_the_next() -> None:
    text = "第一条 甲应当遵守\n第二条 乙应当报告\n第二章 附则\n第三条 依照本法\n第二条处理。\n第四条 丁。\n"
    assert sentences(text) == {1: ["甲应当遵守"], 2: ["乙应当报告"], 3: ["依照本法第二条处理。"], 4: ["丁。"]}


def test_the_items_of_an_article_never_pass_for_clauses() -> None:
    items = "".join(f"（{ordinal(no)}）第{no}项；\n" for no in range(1, 12))
    assert list(clauses(f"第一条 应当：\n{items}（十二）其他。\n第二条 完。\n")) == [1, 2]


def test_a_text_of_the_other_numberings_may_speak_of_an_article() -> None:
    assert list(clauses("（一）甲。依法办理：\n第一条 另说。\n（二）乙。完。\n")) == [1, 2]


def test_a_heading_that_is_too_long_is_a_sentence() -> None:
    long = "各单位应当" + "认真" * 30 + "落实。"
    found = clauses(f"1.{long}\n2.短标题。其余。\n")
    assert (found[1].title, [one.text for one in found[1].sentences]) == ("", [long])
    assert (found[2].title, [one.text for one in found[2].sentences]) == ("短标题", ["其余。"])


@pytest.mark.parametrize(("no", "numeral"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (99, "九十九"), (100, "一百"), (103, "一百零三"), (110, "一百一十"), (113, "一百一十三"), (240, "二百四十"), (999, "九百九十九")])
def test_numbers_are_written_and_read_in_chinese(no: int, numeral: str) -> None:
    assert ordinal(no) == numeral
    assert number(numeral) == number(numeral.replace("零", "〇")) == no


def test_every_number_reads_back_and_what_is_none_is_none() -> None:
    assert [number(ordinal(no)) for no in range(1, 1000)] == list(range(1, 1000))
    assert [number(odd) for odd in ("一二", "十百", "百", "零", "一百三十十", "")] == [0] * 6
    assert number("０１２") == 12


def test_nine_hundred_articles_are_found() -> None:
    assert list(clauses("".join(f"第{ordinal(no)}条 内容{no}。\n" for no in range(1, 1000)))) == list(range(1, 1000))


@given(st.lists(st.sampled_from(["甲应当报告。", "不得拖延；", "第二条规定", "（一）项；", "\n", "。", "“", "”", "第九条", "1.5倍"]), max_size=60), st.integers(9, 30), st.randoms(use_true_random=False))
def test_every_article_is_found_whatever_its_text(pieces: list[str], count: int, rng: random.Random) -> None:
    bodies = ["会员" + "".join(rng.sample(pieces, len(pieces))) + "完。" for _ in range(count)]
    text = "".join(f"第{ordinal(no)}条　{body}\n" for no, body in enumerate(bodies, 1))
    assert list(clauses(text)) == list(range(1, count + 1))
