"""The proof: complete on a sound register, and every kind of gap found where it is."""

from __future__ import annotations

import re

import pytest

from tests.register.covering import SOUND, TEXT, gaps, proof, register, replaced
from tests.register.official import official_text
from tests.work import REGISTER
from tracker.errors import BadInput
from tracker.register.cover import GapKind, document_of
from tracker.register.source import read_register
from tracker.words import SentenceClass

TITLE3, CLASSES3, HELD3 = SOUND[3]


def test_a_covered_text_has_a_proof_without_gaps() -> None:
    found = proof()
    assert found.gaps == ()
    assert found.counts == dict(zip(SentenceClass, (1, 2, 1, 3, 4), strict=True))
    assert [(line.clause, line.no, line.obligations) for line in found.lines if line.obligations] == [
        (2, 2, ("T-02-01",)), (3, 1, ("T-03-01", "T-03-02")), (3, 2, ("T-03-03",)), (4, 1, ("T-04-01",)),
    ]


def test_a_line_shows_only_the_first_few_characters() -> None:
    assert {len(line.opening) for line in proof().lines} <= set(range(13))


@pytest.mark.parametrize(("name", "clause", "expected"), [
    ("unclassified", {"c3": (TITLE3, CLASSES3[:2], HELD3)}, [("unclassified", 3, 3, "")]),
    ("no classes at all", {"c1": ("指导思想", [], [])}, [("unclassified", 1, 1, ""), ("unclassified", 1, 2, "")]),
    ("preface unclassified", {"c0": ("", ["preamble"], [])}, [("unclassified", 0, 2, "")]),
    ("more classes than sentences", {"c3": (TITLE3, [*CLASSES3, "authority"], HELD3)}, [("surplus", 3, 4, "")]),
    ("nothing anchored", {"c3": (TITLE3, CLASSES3, HELD3[:2])}, [("bare", 3, 2, "")]),
    ("anchored in authority", {"c3": (TITLE3, ["obligation", "authority", "authority"], HELD3)}, [("misplaced", 3, 2, "")]),
    ("anchored in preamble", {"c2": ("工作原则", ["preamble", "preamble"], SOUND[2][2])}, [("misplaced", 2, 2, "")]),
    ("duty in an exposure", {"c3": (TITLE3, ["exposure", "right", "authority"], HELD3)}, [("wrong_class", 3, 1, "")]),
    ("exposure called a duty", {"c2": ("工作原则", ["preamble", "obligation"], SOUND[2][2])}, [("wrong_class", 2, 2, "")]),
    ("still to be classed", {"c3": (TITLE3, ["{class: authority, why: 待归类}", *CLASSES3[1:]], HELD3)}, [("provisional", 3, 1, "")]),
    ("anchor missing", {"c4": ("加强监督", ["authority", "authority"], [("T-04-01", "对内幕交易行为从严查处", "exposure")])}, [("missing", 4, 0, "T-04-01")]),
    ("anchor of another clause", {"c4": ("加强监督", ["authority", "authority"], [("T-04-01", "依法查处造假行为", "exposure")])}, [("missing", 4, 0, "T-04-01")]),
    ("wrong title", {"c4": ("加强监管", *SOUND[4][1:])}, [("title", 4, 0, "")]),
    ("anchor over two sentences", {"c3": (TITLE3, ["obligation", "authority", "authority"], [*HELD3[:2], ("T-03-03", "依法要求赔偿损失！人民法院", "right")])}, [("across", 3, 0, "T-03-03")]),
    ("anchor in the heading", {"c3": (TITLE3, ["obligation", "authority", "authority"], [*HELD3[:2], ("T-03-03", "（三）保护投资者。", "right")])}, [("across", 3, 0, "T-03-03")]),
])
def test_each_kind_of_gap_is_named_at_its_place(name: str, clause: dict[str, tuple[str, list[str], list[tuple[str, str, str]]]], expected: list[tuple[str, int, int, str]]) -> None:
    assert gaps(**clause) == expected


def test_two_equal_phrases_make_an_anchor_ambiguous() -> None:
    twice = ("加强监督", ["authority", "authority"], [("T-04-01", "，操纵市场，操纵市场", "exposure")])
    text = replaced("对操纵市场行为从严\n6\n查处，对操纵市场行为的受害人予以救济", "对，操纵市场，操纵市场，操纵市场")
    assert gaps(text, c4=twice) == [("ambiguous", 4, 0, "T-04-01")]


def test_a_must_not_and_a_must_make_the_same_class() -> None:
    assert gaps(c2=("工作原则", ["preamble", "obligation"], [("T-02-01", "依法查处造假行为", "must_not")])) == []


def test_clauses_too_few_and_too_many_are_gaps() -> None:
    assert gaps(replaced("抄送：各部门", "（五）附则。自印发之日起施行。")) == [("clause", 5, 0, "")]
    assert [gap[:2] for gap in gaps(TEXT[: TEXT.index("二、加强")])] == [("clause", 4)]


def test_a_sentence_put_in_or_left_out_leaves_a_gap() -> None:
    assert ("unclassified", 3, 4, "") in gaps(replaced("人民法院应当及时受理。", "人民法院应当及时受理。证券公司不得拖延。"))
    assert ("surplus", 3, 3, "") in gaps(replaced("人民法院应当及时受理。", ""))


def test_the_width_of_punctuation_and_the_wraps_do_not_matter() -> None:
    assert gaps(TEXT.replace("，", ",").replace("；", ";").replace("“", '"').replace("”", '"').replace("（", "(").replace("）", ")")) == []
    assert gaps(TEXT.replace("\n", "\r\n")) == gaps(TEXT.replace("\n\n", "\n")) == []


def test_every_gap_has_a_chinese_sentence_with_its_clause() -> None:
    for kind in GapKind:
        assert kind.label
    for gap in proof(TEXT, c3=("别的标题", ["right"], HELD3), c4=("加强监督", [], [("T-04-01", "没有的话没有的话", "must")])).gaps:
        assert f"第 {gap.clause} 条" in gap.said and gap.said.endswith("。")


def test_the_document_is_found_by_its_text() -> None:
    assert document_of(register(), TEXT).id == document_of(register(), TEXT, "test").id == "test"
    assert document_of(register(), "1.别的标题。内容。\n").id == "other"


@pytest.mark.parametrize(("text", "wanted", "part"), [
    ("没有条款的文字。", "", "找不到条款"), (TEXT, "other", "这份文本不是《关于别的事项的意见》"), (TEXT, "nowhere", "没有编号为“nowhere”的文件。可用的编号：test、other"),
    ("（一）生词。内容。\n（二）生词。内容。\n", "", "不是清单中的任何一份文件"),
])
def test_a_text_that_does_not_fit_is_refused_with_a_sentence(text: str, wanted: str, part: str) -> None:
    with pytest.raises(BadInput) as refused:
        document_of(register(), text, wanted)
    assert part in refused.value.sentence


@pytest.mark.parametrize("wanted", ["", "ff2025-9"])
def test_a_right_text_that_is_cut_short_is_called_by_its_name_and_told_where_it_ends(wanted: str) -> None:
    known = read_register(REGISTER.read_bytes(), REGISTER.name)
    document = next(one for one in known.documents if one.id == "ff2025-9")
    text = official_text(document)
    short = text[: re.search(r"^8\.", text, re.MULTILINE).start()]  # type: ignore[union-attr]
    with pytest.raises(BadInput) as refused:
        document_of(known, short, wanted)
    assert refused.value.sentence.startswith(f"这份文本像是《{document.title}》，但从第 8 条起缺失（只有 7 条，应有 23 条）。")
    with pytest.raises(BadInput, match="这份文本不是《"):
        document_of(known, short, "opinions-2021")
    with pytest.raises(BadInput, match="不是清单中的任何一份文件"):
        document_of(known, "".join(f"{no}.别的标题。别的内容。\n" for no in range(1, 8)))
