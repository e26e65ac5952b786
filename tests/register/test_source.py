"""Reading a register file: what a sound one gives, and the sentence for everything that is wrong."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from tests.register.samples import NAME, SOUND, faults, read, spoilt, the_fault
from tracker.errors import BadInput
from tracker.register.source import SourceProblems, read_register
from tracker.words import Basis, Cadence, Consequence, LawBasis, Modality, Severity


def test_a_sound_file_is_read_whole() -> None:
    register = read(SOUND)
    assert (register.format, register.edition) == (1, "2026.12")
    assert list(register.domains) == ["suitability", "guarantees"]
    assert register.subjects["staff"].held_by == ("securities_firm",)
    first, second = register.documents
    assert (first.id, first.number, first.issuers) == ("ff2025-9", "测发〔2025〕9号", ("最高人民法院", "中国证监会"))
    assert (first.issued, second.issued, second.number) == (dt.date(2025, 5, 15), dt.date(2021, 7, 6), None)
    assert [(clause.no, len(clause.obligations)) for clause in first.clauses] == [(3, 2), (4, 0)]
    duty, exposure = first.clauses[0].obligations
    assert (duty.modality, duty.basis, duty.severity) == (Modality.MUST, Basis.STATED, Severity.HIGH)
    assert duty.consequences == (Consequence.CIVIL, Consequence.ADMINISTRATIVE)
    assert (duty.cadence, duty.review_every, duty.trigger) == (Cadence.CONTINUOUS, Cadence.QUARTERLY, None)
    assert (duty.law[0].articles, duty.law[0].basis, duty.law[0].version) == (("88", "169-1"), LawBasis.FULL_TEXT, "2019年修订")
    assert (exposure.cadence, exposure.trigger, exposure.law) == (Cadence.EVENT, "拟对外提供担保", ())


def test_what_was_read_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        read(SOUND).edition = "2027.01"


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + SOUND.encode(), SOUND.replace("\n", "\r\n").encode()], ids=["mark", "crlf"])
def test_a_byte_order_mark_and_windows_line_ends_are_taken(data: bytes) -> None:
    assert read_register(data, NAME) == read(SOUND)


def test_text_that_looks_like_something_else_stays_text() -> None:
    text = spoilt("evidence: [担保台账]", "evidence: [no, 012, 2025-01-01, 1.0, true, 12:30:45, 0x1F, .inf, =]")
    assert read(text).documents[0].clauses[0].obligations[1].evidence == (
        "no", "012", "2025-01-01", "1.0", "true", "12:30:45", "0x1F", ".inf", "=",
    )


def test_a_break_between_chinese_characters_leaves_no_space() -> None:
    text = spoilt("statement: 对外担保逐笔审议，并披露。", "statement: >\n              对外担保\n              逐笔审议，并\n              披露 A\n              股。")
    assert read(text).documents[0].clauses[0].obligations[1].statement == "对外担保逐笔审议，并披露 A 股。"


def test_the_refusal_is_bad_input_and_says_that_nothing_changed() -> None:
    with pytest.raises(BadInput) as refused:
        read(spoilt("severity: low", "severity: lowest"))
    assert isinstance(refused.value, SourceProblems)
    assert refused.value.sentence == "sample.yaml 有 1 处问题，整份文件未被采用，现行义务清单没有变动。请修改后重试。"


def test_a_fault_names_file_line_column_and_key() -> None:
    fault = the_fault(spoilt("severity: low", "severity: lowest"))
    assert (fault.line, fault.column) == (50, 23)
    assert fault.path == "documents[0].clauses[0].obligations[1].severity"
    assert fault.where == "sample.yaml 第 50 行第 23 列，documents[0].clauses[0].obligations[1].severity"
    assert fault.sentence == "“severity”（重要程度）只能是 high（高）、medium（中）、low（低）；现在写的是“lowest”。是否想写“low”？"


def test_all_faults_are_named_at_once_in_the_order_of_the_lines() -> None:
    text = spoilt("severity: low", "severity: lowest")
    text = spoilt("domain: suitability\n", "domain: suitabilty\n", text)
    text = spoilt("            en: Know the investor before selling.\n", "", text)
    text = spoilt('issued: "2021-07-06"', 'issued: "2021-13-06"', text)
    text = spoilt("title: 没有义务的一条", "title: 没有\n        title: 义务", text)
    found = faults(text)
    assert [fault.path.rpartition(".")[2] for fault in found] == ["en", "domain", "severity", "title", "issued"]
    assert [fault.line for fault in found] == sorted(fault.line for fault in found)


FIRST = "documents[0].clauses[0].obligations[0]"
SPOILT = {
    "unknown key": ("            domain: guarantees", "            domian: x\n            domain: guarantees", "这里没有“domian”这个键。是否想写“domain”？"),
    "strange key": ("format: 1", "format: 1\n甲乙: 1", "这里没有“甲乙”这个键。可用的键：format、register、name、edition、domains、subjects、facts、documents。"),
    "merge key": ("domain: guarantees", "<<: {a: b}\n            domain: guarantees", "不支持合并键“<<”，请把内容完整写出。"),
    "missing key": ("            basis: implied\n", "", "缺少“basis”（依据方式）。"),
    "format": ("format: 1", "format: 2", "本程序只认得格式 1，请写 format: 1。"),
    "edition": ('edition: "2026.12"', "edition: 2026.13", "“edition”（版本）应写成 \"2026.12\" 或 \"2026.12.1\" 这样；现在写的是“2026.13”。"),
    "empty edition": ('edition: "2026.12"', "edition:", "“edition”（版本）没有内容。"),
    "modality": ("modality: exposure", "modality: shall", "“modality”（性质）只能是 must（应当）、must_not（不得）、exposure（风险敞口）、right（权利）；现在写的是“shall”。"),
    "basis of a law": ("basis: full_text", "basis: full", "“basis”（核验情况）只能是 full_text（已核原文）、excerpt（已核摘录）、unverified（未核验）；现在写的是“full”。是否想写“full_text”？"),
    "severity as a list": ("severity: low", "severity: [low]", "“severity”（重要程度）只能是 high（高）、medium（中）、low（低）；现在写的是一个列表。"),
    "consequence": ("consequences: [civil, administrative]", "consequences: [civil, 民事]", "“consequences”（后果）的第 2 项只能是 civil（民事责任）、administrative（行政处罚）、criminal（刑事责任）、self_regulatory（自律措施）、credit（诚信记录）、market_exit（市场退出）、reputational（声誉损失）；现在写的是“民事”。"),
    "anchor too short": ("anchor: 对资金占用、违规担保等", "anchor: 对资金占用", "“anchor”（锚点）至少 8 个字，现在是 5 个字。"),
    "anchor too long": ("anchor: 对资金占用、违规担保等", "anchor: " + "长" * 41, "“anchor”（锚点）最多 40 个字，现在是 41 个字。"),
    "title too long": ("title: 违规担保的追责", "title: " + "长" * 21, "“title”（标题）最多 20 个字，现在是 21 个字。"),
    "empty title": ("title: 违规担保的追责", "title:", "“title”（标题）没有内容。"),
    "null title": ("title: 违规担保的追责", "title: null", "“title”（标题）没有内容。"),
    "blank title": ("title: 违规担保的追责", 'title: "  "', "“title”（标题）没有内容。"),
    "statement as a mapping": ("statement: 对外担保逐笔审议，并披露。", "statement: {对外: 担保}", "“statement”（履行要求）应是一段文字，现在是一组“键: 值”。"),
    "title as a list": ("title: 违规担保的追责", "title: [违规]", "“title”（标题）应是一段文字，现在是一个列表。"),
    "no subjects": ("subjects: [listed_company]", "subjects: []", "“subjects”（义务主体）至少要有一项。"),
    "subjects as text": ("subjects: [listed_company]", "subjects: listed_company", "“subjects”（义务主体）应是列表（每行以“- ”开头，或写在 [ ] 内），现在是“listed_company”。"),
    "nothing for a list": ("law: []", "law:", "“law”（法律依据）没有内容；确实没有条目时请写 []。"),
    "law as text": ("law: []", "law: [证券法]", "“law”（法律依据）的第 1 项应是一组“键: 值”，现在是“证券法”。"),
    "article": ('articles: ["88", "169-1"]', "articles: [第88条]", "“articles”（条文）的第 1 项应写成 \"88\" 或 \"169-1\" 这样；现在写的是“第88条”。"),
    "too many pieces": ("evidence: [担保台账]", "evidence: [a, b, c, d, e, f, g, h, i, j, k, l, m]", "“evidence”（建议证据）最多 12 项，现在有 13 项。"),
    "no evidence": ("evidence: [担保台账]", "evidence: []", "“evidence”（建议证据）至少要有一项。"),
    "repeated subject": ("subjects: [securities_firm, staff]", "subjects: [staff, staff]", "“staff”在同一列表中重复。"),
    "repeated article": ('["88", "169-1"]', '["88", "88"]', "“88”在同一列表中重复。"),
    "date": ("issued: 2025-05-15", "issued: 2025/5/15", "日期应写成 2025-05-15 这样的年-月-日。"),
    "timestamp": ("issued: 2025-05-15", "issued: 1747267200", "日期应写成 2025-05-15 这样的年-月-日。"),
    "no such day": ("issued: 2025-05-15", "issued: 2025-02-30", "没有“2025-02-30”这一天，请核对年月日。"),
    "clause number": ("- no: 4", "- no: 四", "条款号应为 1 到 999 的整数，用半角数字书写，例如 no: 3。"),
    "clause number with a zero": ("- no: 4", "- no: 04", "条款号应为 1 到 999 的整数，用半角数字书写，例如 no: 3。"),
    "document id": ("id: opinions-2021", "id: 意见", "“id”（文件编号）应写成 ff2025-9 这样；现在写的是“意见”。"),
    "obligation id": ("id: FF9-03-02", "id: FF9-3-2", "“id”（义务编号）应写成 FF9-03-02 这样；现在写的是“FF9-3-2”。"),
    "domain code": ("  guarantees: {label", "  Guaran Tees: {label: x, en: x}\n  guarantees: {label", "代码“Guaran Tees”应由小写字母、数字和下划线组成，并以字母开头。"),
    "unknown domain": ("domain: guarantees", "domain: guarantee", "domains 中没有定义领域“guarantee”。是否想写“guarantees”？"),
    "unknown subject": ("subjects: [listed_company]", "subjects: [listed_companies]", "subjects 中没有定义义务主体“listed_companies”。是否想写“listed_company”？"),
    "unknown holder": ("held_by: [securities_firm]", "held_by: [bank]", "subjects 中没有定义“bank”。"),
    "held holder": ("held_by: [securities_firm]", "held_by: [staff]", "“staff”自身也由他人承接，不能承接“staff”。"),
    "duplicate document": ("id: opinions-2021", "id: ff2025-9", "文件编号“ff2025-9”重复，前面已经用过。"),
    "duplicate clause": ("- no: 4", "- no: 3", "条款号“3”重复，前面已经用过。"),
    "duplicate obligation": ("id: FF9-03-02", "id: FF9-03-01", "义务编号“FF9-03-01”重复，前面已经用过。"),
    "id of another clause": ("id: FF9-03-02", "id: FF9-04-02", "义务编号“FF9-04-02”中的条款号是 4，而它在第 3 条之下。"),
    "review without need": ("cadence: continuous", "cadence: annual", "只有频率是 continuous（持续履行）时才写“review_every”（确认频率），请删去或改正频率。"),
    "no review": ("            review_every: quarterly\n", "", "频率是 continuous（持续履行）时，必须写明“review_every”（确认频率）。"),
    "review once": ("review_every: quarterly", "review_every: once", "“review_every”（确认频率）只能是 monthly（每月）、quarterly（每季度）、semiannual（每半年）、annual（每年）。"),
    "no trigger": ("            trigger: 拟对外提供担保\n", "", "频率是 event（事件触发）时，必须写明“trigger”（触发情形）。"),
    "trigger without need": ("cadence: event", "cadence: once", "只有频率是 event（事件触发）时才写“trigger”（触发情形），请删去或改正频率。"),
    "duplicate key": ("domain: guarantees", "domain: guarantees\n            domain: guarantees", "键“domain”在同一处写了不止一次。"),
    "key that is a list": ("format: 1", "format: 1\n? [a]\n: b", "键只能是一个词，不能是列表或一组“键: 值”。"),
    "no domains": ("domains:\n  suitability: {label: 投资者适当性, en: Investor suitability}\n  guarantees: {label: 对外担保, en: Guarantees}\n", "domains: []\n", "“domains”（领域）应是一组“键: 值”，现在是一个列表。"),
    "control character in quotes": ("title: 违规担保的追责", 'title: "违规\\0担保"', "这里有一个不可见的控制字符（U+0000），请删去。"),
}


@pytest.mark.parametrize(("old", "new", "sentence"), SPOILT.values(), ids=SPOILT.keys())
def test_one_fault_gives_one_sentence(old: str, new: str, sentence: str) -> None:
    fault = the_fault(spoilt(old, new))
    assert fault.sentence == sentence
    assert fault.line > 1


def test_a_prefix_belongs_to_one_document() -> None:
    taken = SOUND[SOUND.index("          - id: FF9-03-02") : SOUND.index("      - no: 4")].replace("FF9-03-02", "FF9-05-01")
    fault = the_fault(spoilt("        title: 刑事\n        obligations: []\n", "        title: 刑事\n        obligations:\n" + taken))
    assert fault.sentence == "编号前缀“FF9”已用于另一份文件，请换一个前缀。"


@pytest.mark.parametrize("text", ["a", "[]", "- a", "a: b", "format: 1", "documents: []", "documents: [a]", "documents: [{clauses: [{obligations: [a]}]}]"])
def test_any_other_yaml_is_refused_with_chinese_sentences(text: str) -> None:
    for fault in faults(text):
        assert any("一" <= character <= "鿿" for character in fault.sentence), fault.sentence


def test_wrong_members_do_not_also_count_as_missing() -> None:
    assert "至少要有一项" not in "".join(fault.sentence for fault in faults(spoilt("evidence: [担保台账]", "evidence: [[担保台账]]")))


def test_very_many_faults_are_counted_and_the_first_five_hundred_named() -> None:
    extra = "".join(f"  a{number}: {{label: x}}\n" for number in range(700))
    with pytest.raises(SourceProblems) as refused:
        read(spoilt("domains:\n", "domains:\n" + extra))
    assert "有 700 处问题" in refused.value.sentence
    assert len(refused.value.problems) == 501
    assert refused.value.problems[-1].sentence == "其余问题没有逐一列出，请先修改以上各处。"
