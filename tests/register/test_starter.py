"""Starter files: whatever the text, a register that the reader takes, with every sentence there and none of them classed."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.register.covering import TEXT
from tests.register.test_obligations_yaml import official
from tests.register.test_obligations_yaml import register as main
from tests.register.test_schema import marked
from tests.register.test_text_articles import RULES
from tracker.errors import BadInput
from tracker.register.changes import located
from tracker.register.cover import GapKind, document_of, prove
from tracker.register.shape import Obligation, Register, keys
from tracker.register.source import Around, SourceProblems, read_register
from tracker.register.text import clauses, flat
from tracker.register.writing.heading import heading
from tracker.register.writing.pages import scalar
from tracker.register.writing.starter import Wishes, initials, starter

TODAY = dt.date(2026, 11, 22)
NAME = "own.yaml"


@cache
def around() -> Around:
    """Return what the main register is to another one."""
    ours, every = main(), [one for _, _, one in located(main())]
    return Around(
        domains=dict.fromkeys(ours.domains, ours.name),
        subjects=dict.fromkeys(ours.subjects, ours.name),
        documents=dict.fromkeys((one.id for one in ours.documents), ours.name),
        obligations=dict.fromkeys((one.id for one in every), ours.name),
        prefixes=dict.fromkeys((one.id.partition("-")[0] for one in every), ours.name),
        held=frozenset(code for code, one in ours.subjects.items() if one.held_by),
    )


def written(text: str = RULES, wishes: Wishes | None = None) -> str:
    """Write a starter file."""
    return starter(text, wishes or Wishes(), TODAY, main()).file


FILLED = {"title_en: To be filled in": "title_en: Own rules", "nature: 待填写": "nature: 业务规则", "issuers: [待填写]": "issuers: [某某交易所]", "issued: 待填写": "issued: 2026-03-01", "title: 待填写标题": "title: 会员规则", "name: 待填写标题": "name: 会员规则"}


def filled(file: str) -> str:
    """Write something in the place of every placeholder."""
    for placeholder, value in FILLED.items():
        file = re.sub(rf"^(\s*){re.escape(placeholder)}(?=  #|$)", rf"\g<1>{value}", file, flags=re.MULTILINE)
    return file


def read(file: str) -> Register:
    """Read a file beside the main register once it is filled in, and see that an editor marks nothing either."""
    file = filled(file)
    assert marked(file) == []
    return read_register(file.encode(), NAME, around())


def test_clauses_and_sentences_are_split_and_none_is_classed() -> None:
    found = read(written())
    (document,) = found.documents
    assert [(clause.no, clause.title, len(clause.sentences)) for clause in document.clauses] == [
        (1, "第一条", 1), (2, "第二条", 2), (3, "第三条", 2), (4, "第四条", 1), (5, "第五条", 1), (6, "第六条", 1),
    ]
    assert {(str(one.kind), one.why) for clause in document.clauses for one in clause.sentences} == {("authority", "待归类")}
    assert not any(clause.obligations for clause in document.clauses)
    assert (found.key, found.name, found.edition, document.title) == ("hyglgz", "会员管理规则", "2026.11", "会员管理规则")


def test_the_proof_counts_no_provisional_class_until_somebody_decides() -> None:
    file = written()
    found = prove(document_of(read(file), RULES), RULES)
    assert {gap.kind for gap in found.gaps} == {GapKind.PROVISIONAL} and len(found.gaps) == len(found.lines) == 8
    assert sum(found.counts.values()) == 0 and {line.kind for line in found.lines} == {None}
    decided = read(file.replace("- {class: authority, why: 待归类}", "- authority", 1).replace("- {class: authority, why: 待归类}", "- {class: preamble, why: 自己的理由}", 1))
    found = prove(document_of(decided, RULES), RULES)
    assert [(gap.clause, gap.sentence) for gap in found.gaps][:2] == [(2, 2), (3, 1)] and len(found.gaps) == 6


def test_articles_may_be_titled_freely_and_the_wrong_rules_are_still_refused() -> None:
    titled = read(written().replace("title: 第三条", "title: 会员的职责"))
    assert {gap.kind for gap in prove(document_of(titled, RULES), RULES).gaps} == {GapKind.PROVISIONAL}
    with pytest.raises(BadInput, match="这份文本不是"):
        document_of(titled, "".join(f"第{no}条 甲。乙。丙。丁。\n" for no in "一二三四五六"))


def test_a_text_with_headings_and_a_preface_keeps_both() -> None:
    found = read(written(TEXT))
    (document,) = found.documents
    assert [(clause.title, len(clause.sentences)) for clause in document.clauses] == [("指导思想", 2), ("工作原则", 2), ("保护投资者", 3), ("加强监督", 2)]
    assert len(document.preface) == 2
    assert [gap.kind for gap in prove(document_of(found, TEXT), TEXT).gaps] == [GapKind.PROVISIONAL] * 11


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
def test_the_official_texts_give_files_as_split_as_the_register(document: str) -> None:
    text = official(document)
    found = read(written(text, Wishes(document="copy", prefix="CP"))).documents[0]
    (ours,) = [one for one in main().documents if one.id == document]
    assert (found.title, found.number) == (flat(ours.title), ours.number)
    assert [(one.no, one.title, len(one.sentences)) for one in found.clauses] == [(one.no, one.title, len(one.sentences)) for one in ours.clauses]
    assert len(found.preface) == len(ours.preface)


def test_the_example_shows_every_key_and_becomes_an_obligation_when_uncommented() -> None:
    file = written(RULES, Wishes(prefix="HY"))
    example = [line for line in file.split("\n") if line.startswith("        #   ")]
    assert [re.search(r"([a-z_]+):", line)[1] for line in example] == list(keys(Obligation))  # type: ignore[index]
    opened = file.replace("        obligations: []\n        # ", "        obligations:\n        # ", 1).replace("\n        #   ", "\n          ")
    (one,) = read(opened).documents[0].clauses[0].obligations
    assert (one.id, one.cadence, one.basis) == ("HY-01-01", "annual", "implied")
    # The law opens by itself; the others need another key, or something to point to.
    (one,) = read(opened.replace("# law:", "law:").replace("          #   law:", "            law:")).documents[0].clauses[0].obligations
    assert one.law and one.law[0].articles == ("88",)


def test_the_head_names_the_words_of_the_main_register() -> None:
    head = written().split("\nformat:")[0]
    assert head.startswith("# yaml-language-server: $schema=register.schema.json\n")
    assert all(f"{code} {one.label}" in head for code, one in {**main().domains, **main().subjects}.items())
    assert all(line.startswith("#") for line in head.strip().split("\n"))


def test_what_the_text_does_not_say_is_not_made_up_and_the_file_is_refused_until_it_is_filled_in() -> None:
    made = starter("第一条 甲。\n第二条 乙。\n", Wishes(), TODAY, main())
    assert made.unfilled == ("name", "title", "title_en", "issuers", "issued", "nature")
    assert TODAY.isoformat() not in made.file and "issued: 待填写  # 文本中没有找到，请填写\n" in made.file
    with pytest.raises(SourceProblems) as refused:
        read_register(made.file.encode(), NAME, around())
    lines = made.file.split("\n")
    told = [(fault.path, fault.sentence) for fault in refused.value.problems]
    assert [path for path, _sentence in told] == ["name", *(f"documents[0].{key}" for key in ("title", "title_en", "issuers[0]", "issued", "nature"))]
    assert all(sentence.startswith("请填写“") and "占位" in sentence for _path, sentence in told)
    assert all("待填写" in lines[fault.line - 1] or "To be filled in" in lines[fault.line - 1] for fault in refused.value.problems)
    assert "请填写“issued”（发文日期），写成 2025-05-15 这样的年-月-日；现在还是占位的“待填写”。" in dict(told)["documents[0].issued"]
    assert read(made.file).documents[0].issued == dt.date(2026, 3, 1)


def test_what_the_options_give_needs_no_filling_in() -> None:
    made = starter(RULES, Wishes(issuers=("某某交易所",), issued="2026-03-01", title_en="Own rules", nature="业务规则"), TODAY, main())
    assert made.unfilled == () and filled(made.file) == made.file and "请填写\n" not in made.file
    assert (read(made.file).documents[0].nature, read(made.file).documents[0].title_en) == ("业务规则", "Own rules")


def test_what_is_said_goes_before_what_is_found() -> None:
    wishes = Wishes("own_rules", "自有: 清单", "own-1", "OWN", "另一个“标题”", "甲〔2026〕1号", ("甲: 乙", "丙"), "2026-01-31", "Own", "内部制度")
    file = written(RULES, wishes)
    found = read(file).documents[0]
    assert (found.id, found.title, found.number, found.issuers, found.issued) == ("own-1", "另一个“标题”", "甲〔2026〕1号", ("甲: 乙", "丙"), dt.date(2026, 1, 31))
    assert read(file).key == "own_rules" and "请核对" not in file and "OWN-01-01" in file


@pytest.mark.parametrize(("wishes", "part"), [
    (Wishes(register="main"), "属于随项目提供的主登记册"), (Wishes(register="Own"), "“register”（登记册）"), (Wishes(document="A B"), "“id”（文件编号）应写成 ff2025-9 这样"), (Wishes(prefix="x"), "编号前缀“x”"),
    (Wishes(issued="2026-02-30"), "没有“2026-02-30”这一天"), (Wishes(issued="昨天"), "年-月-日"), (Wishes(name="长" * 61), "最多 60 个字"), (Wishes(issuers=("长" * 61,)), "最多 60 个字"),
])
def test_a_wish_that_does_not_fit_is_refused_with_a_sentence(wishes: Wishes, part: str) -> None:
    with pytest.raises(BadInput) as refused:
        written(RULES, wishes)
    assert part in refused.value.sentence + "".join(place.sentence for place in refused.value.problems)


@pytest.mark.parametrize("text", ["没有条款。", "1.1 目的\n1.2 范围\n2.1.3 其他\n", ""])
def test_a_text_without_clauses_says_which_numberings_are_known(text: str) -> None:
    with pytest.raises(BadInput, match="“2.1.3”这样的多级编号目前不支持"):
        written(text)


def test_a_clause_with_too_many_sentences_is_refused_at_its_place() -> None:
    with pytest.raises(BadInput) as refused:
        written("第一条 " + "甲。" * 501 + "\n第二条 乙。\n")
    assert [(place.where, "最多 500 项，现在有 501 项" in place.sentence) for place in refused.value.problems] == [("documents[0].clauses[0].sentences", True)]


@pytest.mark.parametrize(("top", "expected"), [
    ("中华人民共和国某某法\n（2019年12月28日第十三届会议修订）\n目录\n第一章 总则\n", ("中华人民共和国某某法", "", (), dt.date(2019, 12, 28))),
    ("中国证券监督管理委员会令\n第123号\n《某某办法》已经审议通过，现予公布。\n2024年3月1日\n某某\n管理办法（试行）\n", ("管理办法（试行）", "中国证券监督管理委员会令第123号", ("中国证券监督管理委员会",), dt.date(2024, 3, 1))),
    ("关于加强某某工作、促进某某\n发展的指导意见\n二〇二五年五月十五日\n财政部 国务院办公厅\n", ("关于加强某某工作、促进某某发展的指导意见", "", ("财政部", "国务院办公厅"), dt.date(2025, 5, 15))),
    ("随便写的一行\n", ("", "", (), None)),
])
def test_the_head_of_a_text_is_understood(top: str, expected: tuple[str, str, tuple[str, ...], dt.date | None]) -> None:
    found = heading(top + "第一条 甲。\n第二条 乙。\n")
    assert (found.title, found.number, found.issuers, found.issued) == expected


def test_who_signed_below_the_text_and_when_is_found() -> None:
    found = heading("合规制度\n第一条 甲。\n第二条 乙。\n海川证券股份有限公司\n2026年1月5日\n")
    assert (found.title, found.issuers, found.issued) == ("合规制度", ("海川证券股份有限公司",), dt.date(2026, 1, 5))


@pytest.mark.parametrize(("title", "code"), [("合规管理办法", "hgglbf"), ("A股2026年办法", "ag2026nbf"), ("2026年", "d2026n"), ("！", "d"), ("main", "dmain"), ("合" * 30, "h" * 12)])
def test_codes_are_made_of_first_letters(title: str, code: str) -> None:
    assert initials(title) == code


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_text_is_written_so_that_it_reads_back(text: str) -> None:
    assert yaml.load(f"- {scalar(text)}  # 说明\n", yaml.CBaseLoader) == [text]


ODD = ["“", "”", '"', "'", "\\", ": ", "#", " #", "- ", "{", "}", "[", "]", "&a", "*a", "!t", "%", "@", "`", "|", ">", "null", "~", "2026年1月1日", "\t", "\x00", "\x07", "\ufffd", "\u2028", "😀", "\ufeff", "…", "。", "；", "公司", "应当报告", "1.5", "（一）", "《规则》", "关于", "办法", "\n"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(st.sampled_from(ODD), max_size=25).map("".join), min_size=2, max_size=8), st.lists(st.sampled_from(ODD), max_size=12).map("".join), st.sampled_from(["第{}条", "{}.", "（{}）"]))
def test_any_text_with_clauses_gives_a_file_that_is_sound_and_fits_its_text(bodies: list[str], top: str, style: str) -> None:
    numerals = "一二三四五六七八" if style != "{}." else "12345678"
    text = top + "\n" + "".join(f"{style.format(numerals[at])}标题{at}。{body}。\n" for at, body in enumerate(bodies))
    found = read(written(text))
    (document,) = found.documents
    assert [clause.no for clause in document.clauses] == list(clauses(text))
    if "\ufffd" not in text:
        assert {gap.kind for gap in prove(document_of(found, text), text).gaps} == {GapKind.PROVISIONAL}
