"""An official text of the suite's own making, as people have it, and the register that covers it whole."""

from __future__ import annotations

from tracker.register.cover import Proof, document_of, prove
from tracker.register.source import Register, read_register
from tracker.register.text import flat

TEXT = """\
 某某办公厅印发

《关于测试事项的意见》

新华社某地电 近日印发《关于测试事项的意见》，要求落

实。

《关于测试事项的意见》主要内容如下。

测试事项十分重要。为此提出
如下意见。

一、总体要求

（一）指导思想。坚持方向，做到“稳中求进。”到 2022 年

- 3 -

取得 1.5 倍进展。

（二）工作原则
——坚持零容忍。依法查处

造假行为。
\f（三）保护投资者。证券公司应当在销售之前充分了解客户，贯彻修正案
（十一），不得误导；未尽义务的，依法赔偿。受害人可以依法要求赔
偿损失！人民法院应当及时受理。

二、加强“监督”

（四）加强监督。对操纵市场行为从严
6
查处，对操纵市场行为的受害人予以救济。各地区要落实责任。

抄送：各部门
"""
HEAD = """\
format: 1
edition: "2026.12"
domains: {conduct: {label: 行为, en: Conduct}}
subjects: {firm: {label: 证券公司, en: Firm}}
documents:
  - id: test
    title: 关于测试事项的意见
    title_en: Test opinion
    issuers: [某某办公厅]
    issued: 2021-07-06
    nature: 政策文件
"""
OTHER = """\
  - id: other
    title: 关于别的事项的意见
    title_en: Another opinion
    issuers: [某某办公厅]
    issued: 2022-07-06
    nature: 政策文件
    clauses:
      - {no: 1, title: 别的标题, obligations: []}
"""
Held = tuple[str, str, str]
SOUND: dict[int, tuple[str, list[str], list[Held]]] = {
    0: ("", ["preamble", "preamble"], []),
    1: ("指导思想", ["preamble", "{class: authority, why: 国家的目标}"], []),
    2: ("工作原则", ["preamble", "exposure"], [("T-02-01", "依法查处造假行为", "exposure")]),
    3: ("保护投资者", ["obligation", "right", "authority"], [
        ("T-03-01", "证券公司应当在销售之前充分了解客户", "must"),
        ("T-03-02", "贯彻修正案(十一),不得误导", "exposure"),
        ("T-03-03", "受害人可以依法要求赔偿损失", "right"),
    ]),
    4: ("加强监督", ["exposure", "authority"], [("T-04-01", "对操纵市场行为从严查处", "exposure")]),
}


def register(**changed: tuple[str, list[str], list[Held]]) -> Register:
    """Read the register with some clauses replaced: `c3=(title, classes, obligations)`; c0 is the preface."""
    return read_register(written(**changed).encode(), "covering.yaml")


def written(**changed: tuple[str, list[str], list[Held]]) -> str:
    """Write the register file with some clauses replaced."""
    clauses = SOUND | {int(name[1:]): clause for name, clause in changed.items()}
    text = HEAD + f"    preface: [{', '.join(clauses.pop(0)[1])}]\n    clauses:\n"
    for no, (title, classes, held) in clauses.items():
        text += f"      - no: {no}\n        title: {title}\n        sentences: [{', '.join(classes)}]\n        obligations:"
        text += "".join(_obligation(*one) for one in held) + "\n" if held else " []\n"
    return text + OTHER


def _obligation(code: str, anchor: str, modality: str) -> str:
    return f"""
          - id: {code}
            anchor: {anchor}
            modality: {modality}
            basis: implied
            subjects: [firm]
            title: 事项 {code}
            statement: 逐项落实 {code}。
            en: Item {code}.
            domain: conduct
            severity: low
            evidence: [记录]
            cadence: annual"""


def proof(text: str = TEXT, **changed: tuple[str, list[str], list[Held]]) -> Proof:
    """Prove the register, with some clauses replaced, against a text."""
    found = register(**changed)
    return prove(document_of(found, text), text)


def gaps(text: str = TEXT, **changed: tuple[str, list[str], list[Held]]) -> list[tuple[str, int, int, str]]:
    """Return the gaps of a proof as (kind, clause, sentence, obligation)."""
    return [(str(gap.kind), gap.clause, gap.sentence, gap.obligation) for gap in proof(text, **changed).gaps]


def replaced(old: str, new: str, text: str = TEXT) -> str:
    """Replace one passage that must be there exactly once."""
    assert text.count(old) == 1, text.count(old)
    assert flat(text)
    return text.replace(old, new)
