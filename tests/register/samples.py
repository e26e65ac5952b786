"""A small sound register file, and ways to spoil it."""

from __future__ import annotations

from tracker.register.source import Fault, Register, SourceProblems, read_register

NAME = "sample.yaml"
SOUND = """\
# a comment
format: 1
edition: "2026.12"

domains:
  suitability: {label: 投资者适当性, en: Investor suitability}
  guarantees: {label: 对外担保, en: Guarantees}

subjects:
  securities_firm: {label: 证券公司, en: Securities firm}
  listed_company: {label: 上市公司, en: Listed company}
  staff: {label: 从业人员, en: Staff, held_by: [securities_firm]}

documents:
  - id: ff2025-9
    title: 测试意见
    title_en: Test opinion
    number: 测发〔2025〕9号
    issuers: [最高人民法院, 中国证监会]
    issued: 2025-05-15
    nature: 司法政策文件
    clauses:
      - no: 3
        title: 保护投资者
        obligations:
          - id: FF9-03-01
            anchor: 在市场准入端全面了解投资者情况
            modality: must
            basis: stated
            subjects: [securities_firm, staff]
            title: 销售前全面了解投资者
            statement: 销售之前收集并核实客户信息，形成记录。
            en: Know the investor before selling.
            domain: suitability
            severity: high
            consequences: [civil, administrative]
            law: [{name: 中华人民共和国证券法, articles: ["88", "169-1"], basis: full_text, version: 2019年修订}]
            evidence: [适当性匹配意见, 风险揭示书签收记录]
            cadence: continuous
            review_every: quarterly
          - id: FF9-03-02
            anchor: 对资金占用、违规担保等
            modality: exposure
            basis: implied
            subjects: [listed_company]
            title: 违规担保的追责
            statement: 对外担保逐笔审议，并披露。
            en: Guarantees are prosecuted.
            domain: guarantees
            severity: low
            consequences: []
            law: []
            evidence: [担保台账]
            cadence: event
            trigger: 拟对外提供担保
      - no: 4
        title: 没有义务的一条
        obligations: []
  - id: opinions-2021
    title: 另一份意见
    title_en: Another opinion
    issuers: [国务院办公厅]
    issued: "2021-07-06"
    nature: 政策文件
    clauses:
      - no: 5
        title: 刑事
        obligations: []
"""


def read(text: str) -> Register:
    """Read a register from text."""
    return read_register(text.encode(), NAME)


def spoilt(old: str, new: str, text: str = SOUND) -> str:
    """Replace one passage that must be there exactly once."""
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


def faults(data: bytes | str) -> tuple[Fault, ...]:
    """Return the faults of a file that must be refused."""
    try:
        read_register(data.encode() if isinstance(data, str) else data, NAME)
    except SourceProblems as refused:
        return refused.problems
    raise AssertionError("the file was taken")


def the_fault(data: bytes | str) -> Fault:
    """Return the only fault of a file that must be refused."""
    (fault,) = faults(data)
    return fault


def _whole() -> str:
    text = spoilt("format: 1\n", "format: 1\nregister: own\nname: 自己的清单\nfacts: {fine: {kind: penalty, what: 违规担保, says: 处以罚款, who: 上市公司, law: {name: 证券法, articles: [88], basis: excerpt, version: 2019}}}\n")
    text = spoilt("title: 没有义务的一条\n", "title: 没有义务的一条\n        sentences: [preamble, {class: authority, why: 写给法院}]\n", text)
    text = spoilt("    nature: 司法政策文件\n", "    nature: 司法政策文件\n    preface: [preamble, {class: authority}]\n", text)
    text = spoilt("            review_every: quarterly\n", "            review_every: quarterly\n            inferred: [staff]\n            facts: [fine]\n            formerly: [FF9-03-09]\n", text)
    partner = text[text.index("          - id: FF9-03-02") : text.index("      - no: 4")].replace("FF9-03-02", "OP21-05-01") + "            related: [{id: FF9-03-02, how: extended}]\n"
    text = spoilt("            trigger: 拟对外提供担保\n", "            trigger: 拟对外提供担保\n            related: [{id: OP21-05-01, how: extended}]\n", text)
    return spoilt("        title: 刑事\n        obligations: []\n", "        title: 刑事\n        obligations:\n" + partner, text)


# Every key that there is stands in it, once at least.
FULL = _whole()
