"""A register of one's own: its name, its facts, inferred bearers and former ids, each with the sentence for what is wrong."""

from __future__ import annotations

import pytest

from tests.register.samples import FULL, NAME, faults
from tracker.register.source import Around, Fault, SourceProblems, read_register

LAW = "law: {name: 证券法, articles: [88], basis: excerpt, version: 2019}"
MAIN = "主登记册"
BESIDE = Around(
    domains={"guarantees": MAIN, "probity": MAIN}, subjects={"staff": MAIN, "law_firm": MAIN}, facts={"fine": MAIN, "ban": MAIN},
    documents={"opinions-2021": MAIN}, obligations={"FF9-03-01": MAIN, "XX-01-01": MAIN, "FF9-03-09": MAIN}, prefixes={"OP21": MAIN}, held=frozenset({"staff"}),
)


def test_the_whole_file_is_read_with_all_that_is_new() -> None:
    found = read_register(FULL.encode(), NAME)
    first = found.documents[0].clauses[0].obligations[0]
    assert (found.key, found.name, list(found.facts), found.facts["fine"].law.articles) == ("own", "自己的清单", ["fine"], ("88",))
    assert (first.inferred, first.facts, first.formerly) == (("staff",), ("fine",), ("FF9-03-09",))


@pytest.mark.parametrize(("old", "new", "path", "sentence"), [
    ("register: own", "register: Own", "register", "“register”（登记册）应写成 own_rules 这样；现在写的是“Own”。"),
    ("register: own", "register: [a]", "register", "“register”（登记册）应是一段文字，现在是一个列表。"),
    ("register: own", "register:", "register", "“register”（登记册）没有内容。"),
    ("register: own", "registr: own", "registr", "这里没有“registr”这个键。是否想写“register”？"),
    ("name: 自己的清单", "name: " + "长" * 61, "name", "“name”（登记册名称）最多 60 个字，现在是 61 个字。"),
    ("kind: penalty", "kind: penalties", "facts.fine.kind", "“kind”（事实类别）只能是 penalty（法定处罚）、retention（保存期限）、deadline（报告与办理期限）、recurring（定期事项）；现在写的是“penalties”。是否想写“penalty”？"),
    ("kind: penalty, ", "", "facts.fine.kind", "缺少“kind”（事实类别）。"),
    ("says: 处以罚款", "says: " + "长" * 201, "facts.fine.says", "“says”（内容）最多 200 个字，现在是 201 个字。"),
    (LAW, "law: 证券法", "facts.fine.law", "“law”（法律依据）应是一组“键: 值”，现在是“证券法”。"),
    ("articles: [88]", "articles: [第八十八条]", "facts.fine.law.articles[0]", "“articles”（条文）的第 1 项应写成 \"88\" 或 \"169-1\" 这样；现在写的是“第八十八条”。"),
    ("facts: [fine]", "facts: fine", "…facts", "“facts”（法定责任与期限）应是列表（每行以“- ”开头，或写在 [ ] 内），现在是“fine”。"),
    ("facts: [fine]", "facts: [fin]", "…facts[0]", "facts 中没有定义法定责任与期限“fin”。是否想写“fine”？"),
    ("facts: [fine]", "facts: [fine, fine]", "…facts[1]", "“fine”在同一列表中重复。"),
    ("inferred: [staff]", "inferred: [law_firm]", "…inferred[0]", "推定的主体“law_firm”不在本义务的“subjects”（义务主体）中。"),
    ("inferred: [staff]", "inferred: [securities_firm, staff]", "…inferred", "依据方式是 stated（明示）时，至少有一个主体是原文写明的；若全部为推定，请把“basis”写成 implied。"),
    ("formerly: [FF9-03-09]", "formerly: FF9-03-09", "…formerly", "“formerly”（曾用编号）应是列表（每行以“- ”开头，或写在 [ ] 内），现在是“FF9-03-09”。"),
    ("formerly: [FF9-03-09]", "formerly: [FF9-3]", "…formerly[0]", "“formerly”（曾用编号）的第 1 项应写成 FF9-03-02 这样；现在写的是“FF9-3”。"),
    ("formerly: [FF9-03-09]", "formerly: [FF9-03-02]", "…formerly[0]", "曾用编号“FF9-03-02”仍是这份清单中一项义务的编号；改名后旧编号不再使用。"),
    ("formerly: [FF9-03-09]", "formerly: [FF9-03-09, FF9-03-09]", "…formerly[1]", "曾用编号“FF9-03-09”重复，前面已经用过。"),
])
def test_what_is_wrong_has_its_sentence_at_its_line_column_and_key(old: str, new: str, path: str, sentence: str) -> None:
    text = FULL.replace(old, new, 1)
    assert text != FULL
    fault = next(fault for fault in faults(text) if fault.sentence == sentence)
    assert fault.path == path.replace("…", "documents[0].clauses[0].obligations[0].")
    assert fault.where == f"{NAME} 第 {fault.line} 行第 {fault.column} 列，{fault.path}"
    spoilt = next(number for number, (was, now) in enumerate(zip(FULL.split("\n"), text.split("\n"), strict=True), 1) if was != now)
    assert fault.line == spoilt and 1 <= fault.column <= len(text.split("\n")[spoilt - 1]) + 1


def beside(text: str) -> list[Fault]:
    """Return the faults of a file beside the main register."""
    with pytest.raises(SourceProblems) as refused:
        read_register(text.encode(), NAME, BESIDE)
    return list(refused.value.problems)


def test_what_another_register_has_taken_is_named_once_each() -> None:
    said = [fault.sentence for fault in beside(FULL)]
    assert said == [
        "法定责任与期限“fine”已由登记册“主登记册”定义，这里可以直接使用，请删去这一项。",
        "领域“guarantees”已由登记册“主登记册”定义，这里可以直接使用，请删去这一项。",
        "义务主体“staff”已由登记册“主登记册”定义，这里可以直接使用，请删去这一项。",
        "义务编号“FF9-03-01”已用于登记册“主登记册”，请换一个。",
        "曾用编号“FF9-03-09”属于登记册“主登记册”，不能改到这份清单名下。",
        "文件编号“opinions-2021”已用于登记册“主登记册”，请换一个。",
        "编号前缀“OP21”已用于登记册“主登记册”，请换一个。",
    ]
