"""A text laid out: every character in its place, every anchor highlighted once, and each gap told where it is."""

from __future__ import annotations

import pytest

from tests.register.covering import SOUND, TEXT, register, replaced
from tests.register.official import official_text, real_text
from tests.work import WHOLE
from tracker.register import text as official
from tracker.register.original.layout import Layout, Open, Part, laid_out, whole, without_text
from tracker.register.shape import Document
from tracker.register.source import read_register
from tracker.register.text import flat
from tracker.words import SentenceClass

Held = list[tuple[str, str, str]]
TITLE3, CLASSES3, HELD3 = SOUND[3]


def laid(text: str = TEXT, **changed: tuple[str, list[str], Held]) -> Layout:
    """Lay the suite's own text out, with some clauses of its register replaced."""
    return laid_out(register(**changed).documents[0], text)


def part(layout: Layout, no: int) -> Part:
    """Return one clause."""
    return next(one for one in layout.parts if one.no == no)


def pieces(layout: Layout, clause: int, sentence: int) -> list[tuple[str, str]]:
    """Return the pieces of a sentence as (text, ids)."""
    return [(piece.text, " ".join(piece.ids)) for piece in part(layout, clause).sentences[sentence - 1].pieces]


def highlighted(layout: Layout) -> dict[str, str]:
    """Return what is highlighted for each obligation; every one must begin exactly once."""
    begun = [key for one in layout.parts for said in one.sentences for piece in said.pieces for key in piece.begins]
    assert len(begun) == len(set(begun))
    found: dict[str, str] = dict.fromkeys(begun, "")
    for one in layout.parts:
        for said in one.sentences:
            for piece in said.pieces:
                for key in piece.ids:
                    found[key] += piece.text
    return found


def said(layout: Layout) -> str:
    """Join everything that the layout shows as sentences."""
    return "".join(piece.text for one in layout.parts for said in one.sentences for piece in said.pieces)


def test_no_character_of_the_text_is_lost_and_the_sections_stand_above_their_clauses() -> None:
    layout = laid()
    assert said(layout) == "".join(one.text for one in official.preface(TEXT, "关于测试事项的意见")) + "".join(
        one.text for clause in official.clauses(TEXT).values() for one in clause.sentences
    )
    assert [(one.no, one.heading) for one in layout.parts] == [(0, ""), (1, "一、总体要求"), (2, ""), (3, ""), (4, "二、加强“监督”")]
    assert layout.top.startswith("某某办公厅印发《关于测试事项的意见》") and layout.below == "抄送：各部门"
    assert layout.gaps == ()


def test_the_parts_of_a_text_joined_again_are_the_text() -> None:
    for text in (TEXT, "没有条款的文字。", "", "（一）只有一条", TEXT.replace("（", "("), replaced("抄送：各部门", "")):
        found = whole(text, "关于测试事项的意见")
        clauses = "".join(found.headings[no] + clause.text for no, clause in found.clauses.items())
        assert found.top + "".join(one.text for one in found.preface) + clauses + found.below == flat(text)
        assert found.clauses == official.clauses(text)
        assert found.preface == official.preface(text, "关于测试事项的意见")


def test_every_sentence_has_its_class_and_its_reason() -> None:
    layout = laid()
    assert layout.classes == dict(zip(SentenceClass, (1, 2, 1, 3, 4), strict=True))
    said = part(layout, 1).sentences[1]
    assert (said.kind, said.why) == (SentenceClass.AUTHORITY, "国家的目标")


def test_an_anchor_across_a_wrap_and_a_page_number_is_one_piece_whatever_the_width_of_its_signs() -> None:
    layout = laid()
    assert pieces(layout, 2, 2) == [("依法查处造假行为", "T-02-01"), ("。", "")]
    assert pieces(layout, 4, 1)[0] == ("对操纵市场行为从严查处", "T-04-01")
    assert highlighted(layout)["T-03-02"] == "贯彻修正案（十一），不得误导"


@pytest.mark.parametrize(("anchors", "expected"), [
    ([("T-03-01", "应当在销售之前充分了解客户"), ("T-03-02", "充分了解客户，贯彻修正案")],
     [("证券公司", ""), ("应当在销售之前", "T-03-01"), ("充分了解客户", "T-03-01 T-03-02"), ("，贯彻修正案", "T-03-02")]),
    ([("T-03-01", "应当在销售之前充分了解客户"), ("T-03-02", "在销售之前充分了")],
     [("证券公司", ""), ("应当", "T-03-01"), ("在销售之前充分了", "T-03-01 T-03-02"), ("解客户", "T-03-01"), ("，贯彻修正案", "")]),
    ([("T-03-01", "证券公司应当在销售之前"), ("T-03-02", "证券公司应当在销售之前充分了解")],
     [("证券公司应当在销售之前", "T-03-02 T-03-01"), ("充分了解", "T-03-02"), ("客户，贯彻修正案", "")]),
    ([("T-03-01", "证券公司应当在销售之前"), ("T-03-02", "证券公司应当在销售之前")],
     [("证券公司应当在销售之前", "T-03-01 T-03-02"), ("充分了解客户，贯彻修正案", "")]),
])
def test_overlapping_and_nested_anchors_share_their_pieces(anchors: list[tuple[str, str]], expected: list[tuple[str, str]]) -> None:
    layout = laid(c3=(TITLE3, CLASSES3, [*((key, anchor, "must") for key, anchor in anchors), HELD3[2]]))
    found = pieces(layout, 3, 1)
    joined = "".join(text for text, _ids in found)
    assert joined == "证券公司应当在销售之前充分了解客户，贯彻修正案（十一），不得误导；未尽义务的，依法赔偿。"
    assert found[: len(expected) - 1] == expected[:-1]
    assert (found[len(expected) - 1][0] + "（十一），")[: len(expected[-1][0])] == expected[-1][0] and found[len(expected) - 1][1] == expected[-1][1]
    assert {key: highlighted(layout)[key] for key, _anchor in anchors} == dict(anchors)


def test_of_two_anchors_that_share_a_piece_the_one_that_begins_last_is_led_to() -> None:
    layout = laid(c3=(TITLE3, CLASSES3, [("T-03-02", "应当在销售之前充分了解客户", "must"), ("T-03-01", "充分了解客户，贯彻修正案", "must"), HELD3[2]]))
    shared = next(piece for piece in part(layout, 3).sentences[0].pieces if len(piece.ids) == 2)
    assert shared.ids[-1] == "T-03-01" and shared.begins == ("T-03-01",)
    assert part(layout, 3).sentences[0].ids == ("T-03-02", "T-03-01")


@pytest.mark.parametrize(("anchor", "why"), [("对内幕交易行为从严查处", "找不到"), ("，操纵市场，操纵市场", "出现 2 次"), ("予以救济。各地区", "跨了两个句子")])
def test_an_anchor_without_one_place_is_told_beside_its_clause_and_highlighted_nowhere(anchor: str, why: str) -> None:
    text = replaced("对操纵市场行为从严\n6\n查处，", "对，操纵市场，操纵市场，操纵市场，")
    layout = laid(text, c4=("加强监督", ["authority", "authority"], [("T-04-01", anchor, "exposure")]))
    loose = part(layout, 4).loose
    assert [(one.id, one.anchor) for one in loose] == [("T-04-01", anchor)] and why in loose[0].gap
    assert "T-04-01" not in highlighted(layout) and part(layout, 4).ids == ("T-04-01",)


def test_gaps_of_sentences_stand_at_their_sentence_and_gaps_of_clauses_at_their_clause() -> None:
    layout = laid(c3=("别的标题", ["obligation", "right"], HELD3))
    third = part(layout, 3)
    assert "标题" in third.gaps[0] and third.title == TITLE3
    assert [len(said.gaps) for said in third.sentences] == [0, 0, 1] and third.sentences[2].kind is Open.UNCLASSIFIED
    surplus = part(laid(c1=("指导思想", ["preamble", "preamble", "authority"], [])), 1)
    assert "归类了 3 句" in surplus.gaps[0]


def test_clauses_of_one_side_only_are_shown_with_what_they_have() -> None:
    more = laid(replaced("抄送：各部门", "（五）附则。自印发之日起施行。"))
    assert part(more, 5).sentences[0].kind is Open.UNCLASSIFIED and "不在清单中" in part(more, 5).gaps[0]
    fewer = laid(TEXT[: TEXT.index("二、加强")])
    assert [one.id for one in part(fewer, 4).loose] == ["T-04-01"] and "找不到" in part(fewer, 4).gaps[0]


def test_without_a_text_the_clauses_the_counted_classes_and_all_anchors_stand_there() -> None:
    layout = without_text(register().documents[0])
    assert [one.no for one in layout.parts] == [0, 1, 2, 3, 4] and layout.gaps == ()
    assert part(layout, 3).classes == {SentenceClass.OBLIGATION: 1, SentenceClass.RIGHT: 1, SentenceClass.AUTHORITY: 1}
    assert [(one.id, one.gap) for one in part(layout, 3).loose] == [("T-03-01", ""), ("T-03-02", ""), ("T-03-03", "")]
    assert layout.classes == laid().classes


def test_a_provisional_class_is_none_of_the_classes_with_a_text_and_without() -> None:
    changed = {"c3": (TITLE3, [*CLASSES3[:2], "{class: authority, why: 待归类}"], HELD3)}
    document = register(**changed).documents[0]
    for layout in (laid_out(document, TEXT), without_text(document)):
        assert layout.classes[Open.PROVISIONAL] == 1 and layout.classes[SentenceClass.AUTHORITY] == laid().classes[SentenceClass.AUTHORITY] - 1
    third = part(laid_out(document, TEXT), 3).sentences[2]
    assert (third.kind, third.kind.label, third.why) == (Open.PROVISIONAL, "待归类", "")


def check_whole(document: Document, text: str) -> None:
    """Check that the register covers a text: every sentence coloured, every anchor highlighted exactly once, in its own words."""
    layout = laid_out(document, text)
    held = {one.id: one.anchor for clause in document.clauses for one in clause.obligations}
    assert layout.gaps == () and not set(Open) & set(layout.classes)
    assert highlighted(layout).keys() == held.keys()
    assert [one.id for each in layout.parts for one in each.loose] == []
    assert {key: len(words) for key, words in highlighted(layout).items()} == {key: len(flat(anchor)) for key, anchor in held.items()}


@pytest.mark.parametrize("number", [0, 1])
def test_the_real_register_lies_whole_on_a_text_of_our_own(number: int) -> None:
    document = read_register(WHOLE.read_bytes(), WHOLE.name).documents[number]
    check_whole(document, official_text(document))


@pytest.mark.parametrize("number", [0, 1])
def test_the_real_register_lies_whole_on_the_official_texts(number: int) -> None:
    document = read_register(WHOLE.read_bytes(), WHOLE.name).documents[number]
    check_whole(document, real_text(document.id))
