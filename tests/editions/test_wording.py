"""The comparison of wording: nothing is lost or made up, and what is shown can be read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.editions.wording import Part, items, parts

TEXT = st.text(alphabet="的了并应当不得客户信息记录每年，。；（）“” \nabcXYZ0129.,-", max_size=120)
ANY = st.text(max_size=60)


def joined(found: list[Part], *kinds: str) -> str:
    """Put the pieces of some kinds together again."""
    return "".join(part.text for part in found if part.kind in kinds)


def told(old: str, new: str) -> str:
    """Write a comparison on one line: [-gone-] and {+come+}."""
    signs = {"same": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    return "".join(signs[part.kind].format(part.text) for part in parts(old, new))


@given(st.one_of(TEXT, ANY), st.one_of(TEXT, ANY))
def test_both_texts_can_be_put_together_from_the_pieces(old: str, new: str) -> None:
    found = parts(old, new)
    assert (joined(found, "same", "del"), joined(found, "same", "ins")) == (old, new)
    assert all(part.text for part in found)
    kinds = [part.kind for part in found]
    assert not any(pair in {("same", "same"), ("del", "del"), ("ins", "ins"), ("ins", "del")} for pair in zip(kinds, kinds[1:], strict=False))


@given(TEXT)
def test_equal_texts_are_one_piece(text: str) -> None:
    assert parts(text, text) == ([Part("same", text)] if text else [])


@given(TEXT, TEXT)
def test_what_is_compared_with_nothing_came_or_went_whole(old: str, new: str) -> None:
    assert parts("", new) == ([Part("ins", new)] if new else [])
    assert parts(old, "") == ([Part("del", old)] if old else [])


@pytest.mark.parametrize(("old", "new", "seen"), [
    ("形成记录。", "形成书面记录并归档。", "形成{+书面+}记录{+并归档+}。"),
    ("甲的乙", "丙的丁", "[-甲的乙-]{+丙的丁+}"),
    ("应当每季度核对一次", "应当每月核对一次", "应当每[-季度-]{+月+}核对一次"),
    ("保存 5 年", "保存 20 年", "保存 [-5-]{+20+} 年"),
    ("处 1,000.50 元", "处 1,000.05 元", "处 [-1,000.50-]{+1,000.05+} 元"),
    ("Know the investor", "Know your investor", "Know [-the-]{+your+} investor"),
    ("甲、乙、丙", "甲、丙", "甲、[-乙、-]丙"),
])
def test_words_numbers_and_single_characters_are_the_smallest_pieces(old: str, new: str, seen: str) -> None:
    assert told(old, new) == seen


def test_chance_equalities_between_replacements_are_no_crumbs() -> None:
    seen = told("由董事会秘书逐笔登记内幕信息知情人", "请合规负责人汇总后报送信息系统管理员")
    assert seen.count("[-") <= 3


def test_long_texts_are_compared_by_sentences_and_within_those_that_changed() -> None:
    sentences = [f"第{n}句说明公司应当如何办理第{n}项事务并保存记录。" for n in range(200)]
    changed = [*sentences[:100], sentences[100].replace("保存记录", "保存书面记录"), *sentences[101:150], *sentences[151:]]
    found = parts("".join(sentences), "".join(changed))
    assert joined(found, "ins") == "书面"
    assert joined(found, "del") == sentences[150]


@pytest.mark.parametrize(("old", "new"), [("的了" * 400, "了的" * 400), ("的" * 20_000, "了" * 20_000), ("甲。" * 5_000, "乙。" * 5_000), ("a b " * 3_000, "b a " * 3_000)])
def test_awkward_texts_take_no_time_to_speak_of(old: str, new: str) -> None:
    began = time.process_time()
    found = parts(old, new)
    assert time.process_time() - began < 1
    assert (joined(found, "same", "del"), joined(found, "same", "ins")) == (old, new)


MEMBERS = st.lists(st.text(alphabet="甲乙丙丁记录台账", min_size=1, max_size=8), max_size=8, unique=True)


@given(MEMBERS, MEMBERS)
def test_lists_lose_and_invent_no_member(old: list[str], new: list[str]) -> None:
    found = items(old, new)
    assert sorted(filter(None, (joined(one, "same", "del") for one in found))) == sorted(old)
    assert [joined(one, "same", "ins") for one in found if joined(one, "same", "ins")] == new


def test_a_member_stands_beside_the_one_it_came_from() -> None:
    assert items(["担保台账", "检查记录"], ["检查记录", "担保台账及附件", "审批单"]) == [
        [Part("same", "检查记录")], [Part("same", "担保台账"), Part("ins", "及附件")], [Part("ins", "审批单")],
    ]
    assert items(["检查记录"], []) == [[Part("del", "检查记录")]]
