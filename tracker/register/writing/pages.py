"""Pure rule: writes a register whose sentences are still to be classed as the text of a YAML file, with a word on everything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...words import Basis, Cadence, Consequence, Kinship, LawBasis, Modality, SentenceClass, Severity
from ..cover import PROVISIONAL
from ..shape import REVIEWABLE, TO_FILL, TO_FILL_EN, Domain, Obligation, Register, Subject, keys
from ..source.decoding import UNSEEN
from ..text import Sentence
from .keys import choices, told

Row = dict[str, Any]

SCHEMA_FILE = "register.schema.json"

_SHOWN = 60
_CODES_A_LINE = 4
_PLAIN = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff0-9A-Za-z（），、《》〔〕“”；。]*|[A-Za-z][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*|[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What some reader or other takes for a truth value or for nothing.
_TAKEN = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def page(plain: Row, sentences: Mapping[int, Sequence[Sentence]], prefix: str, remarks: Mapping[str, str], main: Register) -> str:
    """Return the file; `sentences` are those of each clause and, at 0, of the preface, `remarks` what to say beside a key."""
    (document,) = plain["documents"]
    lines = [*_head(plain, main), "", *_top(plain), "", "documents:", *_document(document, sentences, prefix, remarks, main)]
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """Write any text as one YAML scalar that reads back as itself."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _TAKEN else json.dumps(text, ensure_ascii=False)


def _head(plain: Row, main: Register) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={SCHEMA_FILE}"
    yield f"# {plain['name']}：由 python -m tracker register new 写成，等待逐句归类。各键的含义在编辑器中输入时有提示。"
    yield "#"
    yield f"# 1. 核对文件的标题、文号、发文机关和日期；写着“{TO_FILL}”“{TO_FILL_EN}”的键都要填写，填完之前这份清单不能检查，也不能载入。"
    yield f"# 2. 每个句子暂写为 {{class: authority, why: {PROVISIONAL}}}。逐句改成句子里对公司最强的一项，有疑问时在 why 写明理由："
    yield f"#    {choices(SentenceClass)}"
    yield "# 3. 为 obligation、exposure、right 的句子各写出义务，锚点落在该句之内；写法见第一条下面的例子。"
    yield "# 4. 检查格式：python -m tracker register check 本文件"
    yield "#    逐句核对：python -m tracker register cover --text 原文.txt 本文件（没有归类的句子都会列出）"
    yield "# 5. 注释里的原文摘录只为方便归类，归类之后可以删去。缩进用空格，不用制表符。"
    yield from _codes("领域代码（domain）", main.domains)
    yield from _codes("主体代码（subjects）", main.subjects)


def _codes(what: str, known: Mapping[str, Domain | Subject]) -> Iterator[str]:
    listed = [f"{code} {UNSEEN.sub('', one.label)}" for code, one in known.items()]
    yield f"# {what}{'：' if listed else '：主登记册没有定义，请在本文件的 domains、subjects 中自行定义。'}"
    for at in range(0, len(listed), _CODES_A_LINE):
        yield f"#   {' · '.join(listed[at : at + _CODES_A_LINE])}"


def _top(plain: Row) -> Iterator[str]:
    yield f"format: {plain['format']}"
    yield f"register: {scalar(plain['register'])}"
    yield f"name: {scalar(plain['name'])}"
    yield f"edition: {scalar(plain['edition'])}"


def _document(document: Row, sentences: Mapping[int, Sequence[Sentence]], prefix: str, remarks: Mapping[str, str], main: Register) -> Iterator[str]:
    for mark, key in zip(["  - ", *["    "] * 6], ("id", "title", "title_en", "number", "issuers", "issued", "nature"), strict=True):
        # A number may be missing; the line then shows how it would be written.
        value, there = document.get(key, "〔2026〕1号"), key in document
        remark = remarks.get(key)
        yield f"{mark}{'' if there else '# '}{key}: {_value(value)}" + (f"  # {remark}" if remark else "")
    if document["preface"]:
        yield "    preface:"
        yield from _sentences(sentences[0], "      ")
    yield "    clauses:"
    for number, clause in enumerate(document["clauses"]):
        yield from _clause(clause, sentences[clause["no"]])
        if number == 0:
            yield from _example(f"{prefix}-{clause['no']:02d}-01", main)


def _value(value: Any) -> str:
    return f"[{', '.join(map(scalar, value))}]" if isinstance(value, list) else scalar(value)


def _clause(clause: Row, sentences: Sequence[Sentence]) -> Iterator[str]:
    yield f"      - no: {clause['no']}"
    yield f"        title: {scalar(clause['title'])}"
    if sentences:
        yield "        sentences:"
        yield from _sentences(sentences, "          ")
    yield "        obligations: []"


def _sentences(sentences: Sequence[Sentence], margin: str) -> Iterator[str]:
    for sentence in sentences:
        opening = UNSEEN.sub("□", sentence.text[:_SHOWN])
        yield f"{margin}# 第 {sentence.no} 句：{opening}{'…' if len(sentence.text) > _SHOWN else ''}"
        yield f"{margin}- {{class: {SentenceClass.AUTHORITY}, why: {PROVISIONAL}}}"


def _example(code: str, main: Register) -> Iterator[str]:
    margin = "        # "
    yield f"{margin}义务的写法：去掉上一行的 []，再去掉下面各行开头的“# ”，逐项改写。仍带 # 的几行用到时再打开。"
    shown = _examples(code, next(iter(main.domains), "conduct"), next(iter(main.subjects), "company"))
    for key, field in keys(Obligation).items():
        value, words, optional = shown[key]
        lead = "- " if key == "id" else "  "
        yield f"{margin}  {'# ' if optional else ''}{lead}{key}: {value}  # {f'{field.title}：{words}' if words else told(Obligation, key)}"


def _examples(code: str, domain: str, subject: str) -> dict[str, tuple[str, str, bool]]:
    """Return an example of every key, what to say of it, and whether it is one of those to leave out at first."""
    return {
        "id": (code, "", False),
        "anchor": ("逐字引用原文八到四十字", "", False),
        "modality": (Modality.MUST.value, choices(Modality), False),
        "basis": (Basis.IMPLIED.value, f"{choices(Basis)}；拿不准写 implied", False),
        "subjects": (f"[{subject}]", "", False),
        "inferred": (f"[{subject}]", "", True),
        "title": ("用自己的话写标题", "", False),
        "statement": ("用自己的话写公司要做什么。", "", False),
        "en": ("What the company is to do.", "", False),
        "domain": (domain, "", False),
        "severity": (Severity.MEDIUM.value, choices(Severity), False),
        "consequences": (f"[{Consequence.ADMINISTRATIVE}]", choices(Consequence), False),
        "law": (f'[{{name: 中华人民共和国证券法, articles: ["88"], basis: {LawBasis.UNVERIFIED}, version: 2019年修订}}]', choices(LawBasis), True),
        "facts": ("[code_of_fact]", "", True),
        "evidence": ("[制度文本, 检查记录]", "", False),
        "cadence": (Cadence.ANNUAL.value, choices(Cadence), False),
        "review_every": (Cadence.QUARTERLY.value, f"只在 cadence 为 continuous 时写：{choices(REVIEWABLE)}", True),
        "trigger": ("什么情形触发", "只在 cadence 为 event 时写", True),
        "related": (f"[{{id: {code}, how: {Kinship.RELATED}}}]", f"另一份文件的义务；{choices(Kinship)}", True),
        "noted": ("[{label: 责任部门, text: 风险管理部}]", "", True),
        "formerly": (f"[{code}]", "", True),
    }
