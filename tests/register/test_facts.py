"""Statutory facts: their shape in any register file, and those of obligations.yaml against the checked references."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from os.path import commonprefix
from typing import Any

import pytest
import yaml

from tests.register.samples import SOUND, faults, read, spoilt, the_fault
from tests.register.test_obligations_yaml import FILE, SOURCES, official, register
from tracker.register.changes import compare_registers, located
from tracker.register.shape import Fact, LawRef, content, digest
from tracker.register.text import shared_runs
from tracker.words import FactKind, LawBasis

FACTS = """\
facts:
  sec_198_suitability: {kind: penalty, what: 违反适当性义务, says: 处10万–100万元, who: 证券公司, law: {name: 中华人民共和国证券法, articles: ["198"], basis: unverified}}
  keep_20y:
    kind: retention
    what: 客户资料
    says: 保存不少于20年
    law: {name: 中华人民共和国证券法, articles: ["137"], basis: full_text, version: 2019年修订}
"""
LAW = "            law: []\n"
NAMED = spoilt(LAW, LAW + "            facts: [sec_198_suitability, keep_20y]\n", spoilt("documents:\n", FACTS + "\ndocuments:\n"))


def test_facts_are_read_with_their_law() -> None:
    facts = read(NAMED).facts
    assert list(facts) == ["sec_198_suitability", "keep_20y"]
    assert facts["sec_198_suitability"] == Fact(
        kind=FactKind.PENALTY, what="违反适当性义务", says="处10万–100万元", who="证券公司",
        law=LawRef(name="中华人民共和国证券法", articles=("198",), basis=LawBasis.UNVERIFIED),
    )
    assert (facts["keep_20y"].who, facts["keep_20y"].law.version) == (None, "2019年修订")
    assert [one.facts for _, _, one in located(read(NAMED))] == [(), ("sec_198_suitability", "keep_20y")]


@pytest.mark.parametrize(("old", "new", "path", "sentence"), [
    ("[sec_198_suitability, keep_20y]", "[sec_198_suitability, keep_2y]", "documents[0].clauses[0].obligations[1].facts[1]", "facts 中没有定义法定责任与期限“keep_2y”。是否想写“keep_20y”？"),
    ("[sec_198_suitability, keep_20y]", "[keep_20y, keep_20y]", "documents[0].clauses[0].obligations[1].facts[1]", "“keep_20y”在同一列表中重复。"),
    ("[sec_198_suitability, keep_20y]", "keep_20y", "documents[0].clauses[0].obligations[1].facts", "“facts”（法定责任与期限）应是列表（每行以“- ”开头，或写在 [ ] 内），现在是“keep_20y”。"),
    (", law: {name: 中华人民共和国证券法, articles: [\"198\"], basis: unverified}", "", "facts.sec_198_suitability.law", "缺少“law”（法律依据）。"),
    ("{name: 中华人民共和国证券法, articles: [\"198\"], basis: unverified}", "证券法第198条", "facts.sec_198_suitability.law", "“law”（法律依据）应是一组“键: 值”，现在是“证券法第198条”。"),
    (", basis: unverified", "", "facts.sec_198_suitability.law.basis", "缺少“basis”（核验情况）。"),
    ("basis: unverified", "basis: verified", "facts.sec_198_suitability.law.basis", "“basis”（核验情况）只能是 full_text（已核原文）、excerpt（已核摘录）、unverified（未核验）；现在写的是“verified”。是否想写“unverified”？"),
    ("articles: [\"198\"]", "articles: [第198条]", "facts.sec_198_suitability.law.articles[0]", "“articles”（条文）的第 1 项应写成 \"88\" 或 \"169-1\" 这样；现在写的是“第198条”。"),
    ("kind: penalty", "kind: fine", "facts.sec_198_suitability.kind", "“kind”（事实类别）只能是 penalty（法定处罚）、retention（保存期限）、deadline（报告与办理期限）、recurring（定期事项）；现在写的是“fine”。"),
    ("what: 违反适当性义务, ", "", "facts.sec_198_suitability.what", "缺少“what”（事项）。"),
    ("what: 客户资料", "what: " + "长" * 81, "facts.keep_20y.what", "“what”（事项）最多 80 个字，现在是 81 个字。"),
    ("says: 保存不少于20年", "says: " + "长" * 201, "facts.keep_20y.says", "“says”（内容）最多 200 个字，现在是 201 个字。"),
    ("says: 保存不少于20年", "says:", "facts.keep_20y.says", "“says”（内容）没有内容。"),
    ("who: 证券公司", "who: " + "长" * 61, "facts.sec_198_suitability.who", "“who”（对象）最多 60 个字，现在是 61 个字。"),
    ("who: 证券公司", "whom: 证券公司", "facts.sec_198_suitability.whom", "这里没有“whom”这个键。是否想写“who”？"),
])
def test_a_wrong_fact_has_its_sentence_its_line_and_its_key(old: str, new: str, path: str, sentence: str) -> None:
    fault = the_fault(text := spoilt(old, new, NAMED))
    assert (fault.sentence, fault.path) == (sentence, path)
    assert fault.line == 1 + commonprefix([text, NAMED]).count("\n")


def test_a_code_of_a_fact_is_a_code() -> None:
    assert [fault.sentence for fault in faults(NAMED.replace("sec_198_suitability", "Sec-198"))][0] == "代码“Sec-198”应由小写字母、数字和下划线组成，并以字母开头。"


@pytest.mark.parametrize("facts", ["[]", "甲", "{keep_20y: []}", "{keep_20y: {kind: {a: b}}}", "{keep_20y: {law: [a]}}"])
def test_facts_of_any_other_form_are_refused_without_a_traceback(facts: str) -> None:
    assert faults(spoilt("documents:\n", f"facts: {facts}\n\ndocuments:\n"))


def test_facts_change_no_obligation_but_are_told() -> None:
    plain, named = read(SOUND), read(NAMED)
    changes = compare_registers(plain, named)
    assert (changes.added, changes.changed, changes.withdrawn) == ((), (), ())
    assert [field.field for field in changes.frame] == ["facts.sec_198_suitability", "facts.keep_20y", "facts.FF9-03-02"]
    before, after = (list(located(one))[1][2] for one in (plain, named))
    assert "facts" not in content(after) and digest(before) == digest(after)


# From here on obligations.yaml itself.

SHORT = {
    "适当性办法": "证券期货投资者适当性管理办法",
    "私募暂行办法": "私募投资基金监督管理暂行办法",
    "诚信办法": "证券期货市场诚信监督管理办法",
}
LAWS = {
    "sec": "中华人民共和国证券法", "fut": "中华人民共和国期货和衍生品法", "fund": "中华人民共和国证券投资基金法", "crim": "中华人民共和国刑法",
    "private": "私募投资基金监督管理条例", "broker": "证券公司监督管理条例", "acct": "中华人民共和国会计法", "comp": "中华人民共和国公司法",
    "order": "中华人民共和国治安管理处罚法", "unfair": "中华人民共和国反不正当竞争法", "labour": "中华人民共和国劳动合同法",
    "civil": "中华人民共和国公务员法", "data": "中华人民共和国数据安全法", "personal": "中华人民共和国个人信息保护法", "archive": "中华人民共和国档案法",
    "overseas": "境内企业境外发行证券和上市管理试行办法", "commitment": "证券期货行政执法当事人承诺制度实施办法",
}
# The surcharge by the day is listed among the periods.
NO_ARTICLE = {"late_fine_3pct"}
FIGURE = re.compile(r"\d+万?(?:元|%|倍|年|日|个月|个工作日|个交易日)?|[一二三四五六七八九十]+(?:年|倍)")
Place = tuple[str, str]


@cache
def references() -> list[dict[str, Any]]:
    path = SOURCES.parent / "legal" / "refs.yaml"
    if not path.is_file():
        pytest.skip(f"the checked statute facts are not at hand: expected {path}")
    themes: list[dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["themes"]
    return themes


def rows(group: str) -> list[dict[str, Any]]:
    return [row for theme in references() for row in theme.get(group) or ()]


def place(law: str) -> Place:
    name, article = re.fullmatch(r"(.+?)(?:第(\d+)条)?", law).groups()  # type: ignore[union-attr]
    return SHORT.get(name, name), article or ""


def where(fact: Fact) -> Place:
    return fact.law.name, "".join(fact.law.articles)


@cache
def law_rows() -> dict[Place, list[dict[str, Any]]]:
    found = defaultdict(list)
    for law in rows("law"):
        for article in law["articles"]:
            found[law["name"], article].append(law)
    return dict(found)


def basis_told(fact: Fact) -> set[str]:
    """Return how far the references say that this fact was checked; nothing when they do not have it."""
    told = {row["basis"] for row in rows("periodic") if place(row["law"]) == where(fact)}
    if not any((row["law"], row["article"]) == where(fact) for row in rows("penalties")) or fact.kind is not FactKind.PENALTY:
        return told
    return {law["basis"] for law in law_rows().get(where(fact), ())} or {"unverified"}


@cache
def figures(at: Place) -> frozenset[str]:
    told = [" ".join(map(str, row.values())) for row in rows("periodic") if place(row["law"]) == at]
    penalties = rows("penalties")
    for before, row in zip([{}, *penalties], penalties, strict=False):
        if (row["law"], row["article"]) == at:
            told.append(f"{row['act']} {row['range']} {before['range'] if row['range'].startswith('同') else ''}")
    told += [law["gloss_zh"] for law in rows("law") if law["name"] == at[0] and (not at[1] or at[1] in law["articles"])]
    return frozenset(FIGURE.findall(" ".join(told)))


def test_there_are_facts_of_every_kind_and_each_speaks_of_one_article() -> None:
    counted = Counter(fact.kind for fact in register().facts.values())
    assert set(counted) == set(FactKind) and sum(counted.values()) > 100
    assert [code for code, fact in register().facts.items() if len(fact.law.articles) > 1] == []


def test_codes_say_the_law_and_the_article_or_the_period() -> None:
    for code, fact in register().facts.items():
        if fact.kind is FactKind.PENALTY and code not in NO_ARTICLE:
            law, article = re.fullmatch(r"([a-z]+)_(\d+(?:_\d+)?)_[a-z_]+", code).groups()  # type: ignore[union-attr]
            assert where(fact) == (LAWS[law], article.replace("_", "-")), code
        if fact.kind is FactKind.RETENTION:
            number, unit = re.match(r"keep_(\d+)([ym])_", code).groups()  # type: ignore[union-attr]
            assert number + {"y": "年", "m": "个月"}[unit] in fact.says, code


def test_no_two_facts_say_the_same() -> None:
    told = Counter((fact.what, fact.says, where(fact)) for fact in register().facts.values())
    assert [one for one, number in told.items() if number > 1] == []
    assert len({fact.what for fact in register().facts.values()}) == len(register().facts)


def test_every_fact_is_in_the_checked_references_with_its_basis() -> None:
    wrong = {code: (where(fact), fact.law.basis.value, basis_told(fact)) for code, fact in register().facts.items() if basis_told(fact) != {fact.law.basis.value}}
    assert wrong == {}


def test_what_was_not_checked_is_not_shown_as_checked() -> None:
    unchecked = {code for code, fact in register().facts.items() if "unverified" in basis_told(fact)}
    assert unchecked and {code for code, fact in register().facts.items() if fact.law.basis is LawBasis.UNVERIFIED} == unchecked


def test_the_version_is_that_of_the_checked_article_or_is_left_out() -> None:
    for code, fact in register().facts.items():
        versions = {law["version"] for law in law_rows().get(where(fact), ())}
        assert {fact.law.version} == (versions or {None}), code


def test_every_figure_is_one_of_the_references() -> None:
    invented = {code: found for code, fact in register().facts.items() if (found := set(FIGURE.findall(f"{fact.what} {fact.says}")) - figures(where(fact)))}
    assert invented == {}


def test_every_penalty_and_every_retention_says_how_much_or_what_follows() -> None:
    for code, fact in register().facts.items():
        if fact.kind in (FactKind.PENALTY, FactKind.RETENTION):
            assert FIGURE.search(fact.says) or re.search("等值|恢复|终身", fact.says), code


@pytest.mark.parametrize("document", ["ff2025-9", "opinions-2021"])
def test_facts_have_nothing_of_the_opinions_wording(document: str) -> None:
    copied = {code: shared_runs(f"{fact.what}\n{fact.says}", official(document), 16) for code, fact in register().facts.items()}
    assert {code: runs for code, runs in copied.items() if runs} == {}


def test_facts_stand_between_the_subjects_and_the_documents() -> None:
    keys = re.findall(r"^([a-z]+):", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert keys == ["format", "register", "name", "edition", "domains", "subjects", "facts", "documents"]


def test_no_fact_stands_idle() -> None:
    assert {fact for _, _, one in located(register()) for fact in one.facts} == set(register().facts)
