"""What every key of a register file means, in one Chinese sentence each: for the schema, and for the head of a starter file."""

from __future__ import annotations

from collections.abc import Iterable

from ...words import Word
from ..shape import (
    Clause,
    Document,
    Domain,
    Fact,
    LawRef,
    Note,
    Obligation,
    Part,
    Register,
    Related,
    Sentence,
    Subject,
)

PARTS: dict[type[Part], str] = {
    Register: "一份义务清单（登记册）：自己的代码与名称，所用的词，以及一份或多份文件。",
    Domain: "一个合规工作领域。",
    Subject: "一类义务主体；依附于主体的人（如董监高）用 held_by 写明由哪些主体承接。",
    Fact: "一项法定责任或法定期限，与文件原文分开记载。",
    LawRef: "一处法律依据，以及核对到什么程度。",
    Note: "企业自己的台账就这件事另外写着的一栏。",
    Sentence: "一个句子的类别；细心的读者可能有疑问时写明理由。",
    Related: "另一份文件中说同一件事的义务；两项义务互相指向。",
    Obligation: "合规团队要盯住的一件事，锚定在原文的一句话上。",
    Clause: "文件的一条，连同它的句子归类和义务。",
    Document: "一份文件：公文、交易所规则或内部制度。",
}

KEYS: dict[tuple[type[Part], str], str] = {
    (Register, "format"): "文件格式，现在只有 1。",
    (Register, "register"): "这份登记册的代码，小写字母、数字和下划线；不写时就是随项目提供的主登记册 main，自己的登记册一定要写。",
    (Register, "name"): "登记册的名称，页面上显示。",
    (Register, "edition"): "版本，写年.月，同月再改时加序号，例如 \"2026.12\" 或 \"2026.12.1\"；要加引号。",
    (Register, "domains"): "本登记册自己定义的领域：代码: {label: 名称, en: 英文}。主登记册已有的领域直接使用，不要再写。",
    (Register, "subjects"): "本登记册自己定义的义务主体：代码: {label: 名称, en: 英文}。主登记册已有的主体直接使用，不要再写。",
    (Register, "facts"): "法定责任与期限：代码: {kind, what, says, law}，由义务的 facts 引用。",
    (Register, "documents"): "本登记册的文件，至少一份。",
    (Domain, "label"): "领域的名称，最多 40 个字。",
    (Domain, "en"): "领域的英文名称。",
    (Subject, "label"): "主体的名称，最多 40 个字。",
    (Subject, "en"): "主体的英文名称。",
    (Subject, "held_by"): "有此类人的主体代码，例如董监高写 [listed_company]；自身也由他人承接的主体不能写在这里。",
    (Fact, "kind"): "这是处罚、保存期限、办理期限还是定期事项。",
    (Fact, "what"): "这项责任或期限针对什么事，用自己的话写。",
    (Fact, "says"): "法条怎样规定，用自己的话概括，写明数额或期限。",
    (Fact, "who"): "对谁适用；对所有义务主体都适用时不写。",
    (Fact, "law"): "出自哪部法律的哪一条。",
    (LawRef, "name"): "法律、法规的全称，不加书名号。",
    (LawRef, "articles"): "条号，一律加引号：[\"88\", \"169-1\"]，后者是第一百六十九条之一。",
    (LawRef, "basis"): "核对到什么程度：读过全文、读过节选，还是未核验；未核验的页面会标明。",
    (LawRef, "version"): "核对的是哪个版本，例如 2019年修订。",
    (Sentence, "class"): "这个句子里对公司最强的一项是什么。",
    (Sentence, "why"): "为什么这样归类，最多 60 个字，用自己的话写；写“待归类”表示还没有定。",
    (Related, "id"): "另一份文件中那项义务的编号；在它的 related 里也要写上本义务。",
    (Related, "how"): "两项义务是什么关系；两处写的要一样。",
    (Obligation, "id"): "义务编号：前缀-条款号-序号，例如 FF9-03-02；前缀全部登记册内不重复，编号发布后不再改动或重用。",
    (Obligation, "anchor"): "逐字引用原文 8 到 40 个字，在本条中恰好出现一次，不跨句子。",
    (Obligation, "modality"): "原文要求什么：应当、不得，还是只有风险敞口或权利；后两种不是义务。",
    (Obligation, "basis"): "原文对该主体直接这样说的写 stated，由我们推出的写 implied；拿不准一律写 implied。",
    (Obligation, "subjects"): "哪些主体承担，写主体代码。",
    (Obligation, "inferred"): "subjects 中由我们推定、原文没有点名的那些主体。",
    (Obligation, "title"): "标题，最多 20 个字，用自己的话写。",
    (Obligation, "statement"): "公司要做什么，用自己的话写，最多 400 个字。",
    (Obligation, "en"): "英文一句话。",
    (Obligation, "domain"): "属于哪个领域，写领域代码。",
    (Obligation, "severity"): "轻重，由编写人判断。",
    (Obligation, "consequences"): "违反的后果；没有时写 [] 或不写。",
    (Obligation, "law"): "法律依据，只写核对过的；没有时写 [] 或不写。",
    (Obligation, "facts"): "适用哪些法定责任与期限，写 facts 中的代码。",
    (Obligation, "evidence"): "建议留存的证据，一到十二项，每项最多 60 个字。",
    (Obligation, "cadence"): "建议多久证明一次；是专业建议，不是文件规定的频率。",
    (Obligation, "review_every"): "频率是 continuous（持续履行）时写：多久确认一次。",
    (Obligation, "trigger"): "频率是 event（事件触发）时写：什么情形触发，最多 60 个字。",
    (Obligation, "related"): "与另一份文件的哪些义务相关：[{id: FF9-03-02, how: same}]。",
    (Obligation, "noted"): "企业台账中另外记载的栏目，照录：[{label: 责任部门, text: 风险管理部}]；不是义务内容，改动不影响已接受的结论。",
    (Note, "label"): "台账里这一栏的名称，最多 40 个字。",
    (Note, "text"): "这一栏写着什么，照录，最多 4000 个字。",
    (Obligation, "formerly"): "曾用的编号；改名后历史跟着走，旧编号不再使用。",
    (Clause, "no"): "条款号，1 到 999 的整数，用半角数字。",
    (Clause, "title"): "条标题，与原文一致；原文没有标题的写“第十二条”，或自己起一个。",
    (Clause, "sentences"): "按原文次序给本条每个句子归类，用 python -m tracker register cover 逐句核对。",
    (Clause, "obligations"): "本条的义务；没有时写 []。",
    (Document, "id"): "文件编号，小写字母、数字、点和连字符，例如 ff2025-9；全部登记册内不重复。",
    (Document, "title"): "文件的标题，不加书名号，与原文一致。",
    (Document, "title_en"): "标题的英文。",
    (Document, "number"): "文号，例如 法发〔2025〕9号；没有时不写。",
    (Document, "issuers"): "发文机关或制定单位，一到二十个。",
    (Document, "issued"): "发文或通过的日期，写成 2025-05-15。",
    (Document, "nature"): "文件的性质与效力，例如 司法政策文件、交易所业务规则、公司内部制度。",
    (Document, "preface"): "按原文次序给第一条之前的句子归类；没有前言时不写。",
    (Document, "clauses"): "文件的各条，至少一条。",
}


def choices(words: Iterable[Word]) -> str:
    """Return the codes of a choice, each with its label."""
    return " · ".join(f"{word.value} {word.label}" for word in words)


def told(part: type[Part], key: str) -> str:
    """Return what a key of this part means."""
    return KEYS[part, key]
