"""Classes of sentences and related obligations in a register file: both ways to write them, and the sentence for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.register.covering import HEAD, written
from tests.register.samples import SOUND, faults, read, spoilt, the_fault
from tests.register.test_source_mutated import answer, places
from tracker.register.changes import compare_registers
from tracker.register.shape import content, digest
from tracker.words import Kinship, SentenceClass

SECOND = SOUND[SOUND.index("          - id: FF9-03-02") : SOUND.index("      - no: 4")]
OTHER = SECOND.replace("FF9-03-02", "OP21-05-01") + "            related: [{id: FF9-03-02, how: extended}]\n"
RELATED = spoilt("        title: 刑事\n        obligations: []\n", "        title: 刑事\n        obligations:\n" + OTHER)
RELATED = spoilt(SECOND, SECOND + "            related: [{id: OP21-05-01, how: extended}]\n", RELATED)
CLASSED = spoilt("title: 没有义务的一条\n", "title: 没有义务的一条\n        sentences: [preamble, {class: authority, why: 写给法院}]\n")


def test_a_class_is_a_bare_word_or_comes_with_its_reason() -> None:
    found = read(CLASSED).documents[0].clauses[1].sentences
    assert [(one.kind, one.why) for one in found] == [(SentenceClass.PREAMBLE, None), (SentenceClass.AUTHORITY, "写给法院")]


def test_a_document_classes_its_preface_and_files_without_classes_still_load() -> None:
    assert [str(one.kind) for one in read(written()).documents[0].preface] == ["preamble", "preamble"]
    assert read(SOUND).documents[0].preface == read(SOUND).documents[0].clauses[0].sentences == ()


@pytest.mark.parametrize(("old", "new", "sentence"), [
    ("[preamble,", "[peramble,", "“class”（句子类别）只能是 obligation（义务）、exposure（风险敞口）、right（权利）、authority（机关事项）、preamble（背景导语）；现在写的是“peramble”。是否想写“preamble”？"),
    ("[preamble,", "[[preamble],", "每个句子写一个类别，例如 authority；要说明理由时写成 {class: authority, why: 理由}。"),
    ("class: authority, why", "why", "缺少“class”（句子类别）。"),
    ("class: authority,", "kind: authority,", "这里没有“kind”这个键。可用的键：class、why。"),
    ("why: 写给法院", "why: " + "长" * 61, "“why”（理由）最多 60 个字，现在是 61 个字。"),
    ("[preamble, {class: authority, why: 写给法院}]", "authority", "“sentences”（句子归类）应是列表（每行以“- ”开头，或写在 [ ] 内），现在是“authority”。"),
])
def test_a_wrong_class_has_its_sentence_and_its_line(old: str, new: str, sentence: str) -> None:
    text = spoilt(old, new, CLASSED)
    found = faults(text)
    assert sentence in [fault.sentence for fault in found]
    assert {fault.line for fault in found} == {next(n for n, line in enumerate(text.split("\n"), 1) if line.startswith("        sentences:"))}


def test_related_obligations_point_to_each_other() -> None:
    (first, _), (second, *_) = (document.clauses for document in read(RELATED).documents)
    assert [(one.id, one.how) for one in first.obligations[1].related] == [("OP21-05-01", Kinship.EXTENDED)]
    assert [(one.id, one.how) for one in second.obligations[0].related] == [("FF9-03-02", Kinship.EXTENDED)]


@pytest.mark.parametrize(("old", "new", "sentence"), [
    ("            related: [{id: FF9-03-02, how: extended}]\n", "", "“OP21-05-01”没有反过来指向“FF9-03-02”，请在它的“related”中也写上。"),
    ("[{id: OP21-05-01, how: extended}]", "[{id: OP21-05-01, how: extended}, {id: OP21-05-09, how: same}]", "清单中没有编号为“OP21-05-09”的义务。"),
    ("[{id: OP21-05-01, how: extended}]", "[{id: OP21-05-01, how: extended}, {id: FF9-03-01, how: same}]", "“FF9-03-01”与本义务在同一份文件中；“related”只指向另一份文件的义务。"),
    ("[{id: OP21-05-01, how: extended}]", "[{id: OP21-05-01, how: extended}, {id: OP21-05-01, how: extended}]", "相关义务“OP21-05-01”重复，前面已经用过。"),
])
def test_a_wrong_relation_has_its_sentence(old: str, new: str, sentence: str) -> None:
    assert the_fault(spoilt(old, new, RELATED)).sentence == sentence


def test_two_that_disagree_on_their_relation_are_both_named() -> None:
    found = faults(spoilt("[{id: FF9-03-02, how: extended}]", "[{id: FF9-03-02, how: same}]", RELATED))
    assert ["互相写的关系不同" in fault.sentence for fault in found] == [True, True]


def test_classes_and_relations_change_no_obligation_but_are_told() -> None:
    plain = read(RELATED.replace("            related: [{id: FF9-03-02, how: extended}]\n", "").replace("            related: [{id: OP21-05-01, how: extended}]\n", ""))
    changes = compare_registers(plain, read(RELATED))
    assert (changes.added, changes.changed, changes.withdrawn) == ((), (), ())
    assert [field.field for field in changes.frame] == ["related.FF9-03-02", "related.OP21-05-01"]
    one = read(RELATED).documents[1].clauses[0].obligations[0]
    assert "related" not in content(one) and digest(one) == digest(plain.documents[1].clauses[0].obligations[0])


def test_the_order_of_classes_counts() -> None:
    (field,) = compare_registers(read(CLASSED), read(spoilt("[preamble, {class: authority, why: 写给法院}]", "[{class: authority, why: 写给法院}, preamble]", CLASSED))).frame
    assert (field.field, field.old) == ("documents.ff2025-9.clauses.4.sentences", "preamble · authority（写给法院）")


def test_the_preface_counts_as_a_key_of_the_document() -> None:
    assert the_fault(HEAD + "    preface: [x]\n    clauses: [{no: 1, title: 甲, obligations: []}]\n").path == "documents[0].preface[0].class"


@pytest.mark.parametrize("odd", [{}, [], "", "a", "长" * 500, ["a", ["b"]], {"class": ["c"]}, {"id": {"b": "c"}, "how": []}], ids=lambda odd: repr(odd)[:20])
def test_every_type_in_every_new_place_has_a_sentence(odd: Any) -> None:
    whole = RELATED.replace("title: 没有义务的一条\n", "title: 没有义务的一条\n        sentences: [preamble, {class: authority, why: 写给法院}]\n")
    keys = {"sentences", "related", "class", "why", "id", "how", 0, 1}
    for number in range(len(places(yaml.load(whole, yaml.CBaseLoader), []))):
        tree = yaml.load(whole, yaml.CBaseLoader)
        holder, key = places(tree, [])[number]
        if key in keys:
            # A copy for each, so that nothing is written as an alias.
            holder[key] = yaml.load(yaml.dump(odd, Dumper=yaml.CSafeDumper), yaml.CBaseLoader)
            answer(yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False).encode())
