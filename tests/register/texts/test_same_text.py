"""The same text is the same text, in whatever file it comes: clauses, sentences, anchors and the proof agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.register.covering import TEXT, gaps, register
from tests.register.texts.samples import pasted, printed, softly
from tracker.register.cover import document_of, prove
from tracker.register.text import ClauseText, clauses, positions, preface
from tracker.register.texts.reading import read_text

FORMS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "gb18030": lambda text: text.encode("gb18030"),
    "lines of windows": lambda text: text.replace("\n", "\r\n").encode("gb18030"),
    "docx, a paragraph a line": pasted,
    "docx, soft breaks in a table": softly,
    "pdf": printed,
}
in_every_form = pytest.mark.parametrize("form", FORMS)


def read(form: str, text: str) -> str:
    """Return what is read of a text in one of its forms."""
    return read_text(FORMS[form](text), "意见").text


def one(form: str, text: str) -> ClauseText:
    """Return the only clause of a text in one of its forms."""
    found = clauses(read(form, text))
    assert list(found) == [1]
    return found[1]


def said(clause: ClauseText) -> list[str]:
    """Return the sentences of a clause."""
    return [sentence.text for sentence in clause.sentences]


@in_every_form
def test_the_whole_text_has_the_same_clauses_and_the_same_proof(form: str) -> None:
    raw = read(form, TEXT)
    assert clauses(raw) == clauses(TEXT)
    assert preface(raw, "关于测试事项的意见") == preface(TEXT, "关于测试事项的意见")
    assert prove(document_of(register(), raw), raw).gaps == ()
    assert gaps(raw, c4=("加强监督", [], [])) == [("unclassified", 4, 1, ""), ("unclassified", 4, 2, "")]


@in_every_form
def test_words_are_whole_across_wraps_of_every_width(form: str) -> None:
    text = "上市公司应当依法披露信息，不得有虚假记载。投资者可以依法提起诉讼。"
    for width in (1, 2, 7):
        wrapped = "\n".join(text[at : at + width] for at in range(0, len(text), width))
        assert said(one(form, "（一）总则。" + wrapped)) == ["上市公司应当依法披露信息，不得有虚假记载。", "投资者可以依法提起诉讼。"]


@in_every_form
@pytest.mark.parametrize("number", ["6", "- 6 -", "— 6 —", "第 6 页 共 9 页"])
def test_a_page_number_inside_a_sentence_is_no_part_of_it(form: str, number: str) -> None:
    assert said(one(form, f"（一）总则。证券公\n{number}\n\f司应当尽责。\n完善制度。")) == ["证券公司应当尽责。", "完善制度。"]


@in_every_form
def test_a_numeral_at_the_start_of_a_line_stays_inside_its_sentence(form: str) -> None:
    text = "（一）总则。实施修正案\n（二），贯彻修正案\n（十一）的要求，严格执行。"
    assert said(one(form, text)) == ["实施修正案（二），贯彻修正案（十一）的要求，严格执行。"]


@in_every_form
def test_quotation_marks_close_the_sentence_that_they_belong_to(form: str) -> None:
    assert said(one(form, "（一）总则。做到“稳中求\n进。”坚持“零\n容忍”！加强『监督。』")) == ["做到“稳中求进。”", "坚持“零容忍”！", "加强『监督。』"]


@in_every_form
def test_the_width_of_punctuation_does_not_matter_to_an_anchor(form: str) -> None:
    text = one(form, "（一）总则。公司(含子公司)应当配合，做到\"全面\":不得拖延；限期２０２５年。").text
    for anchor in ("公司（含子公司）应当配合,做到“全面”：不得拖延;限期2025年", "公司(含子公司)应当配合，做到\"全面\":不得拖延；限期２０２５年"):
        assert positions(text, anchor) == [text.index("公司(含")]


@in_every_form
def test_an_anchor_is_found_across_a_wrap_and_across_the_end_of_a_page(form: str) -> None:
    text = one(form, "（一）总则。证券公司应当充分了\n解客户，并妥善保\n- 2 -\n\f管资料。").text
    for anchor in ("应当充分了解客户", "并妥善保管资料", "充分了解客户，并妥善保管"):
        assert positions(text, anchor) == [text.index(anchor)]


@in_every_form
def test_two_equal_phrases_are_both_found(form: str) -> None:
    text = one(form, "（一）总则。依法查处造假，依法查\n处\n造假。").text
    assert len(positions(text, "依法查处造假")) == 2


@in_every_form
def test_a_character_alone_on_its_line_is_not_lost(form: str) -> None:
    assert said(one(form, "（一）总则。严格落\n实\n。\n依\n法。")) == ["严格落实。", "依法。"]
