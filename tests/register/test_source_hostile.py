"""Hostile, broken and foreign register files: a sentence with its place, quickly, and nothing else."""

from __future__ import annotations

import time

import pytest

from tests.bench.bench_register import file
from tests.register.samples import NAME, SOUND, faults, read, spoilt, the_fault
from tracker.register.changes import located
from tracker.register.source import SourceProblems, decoding, nodes, read_register

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)
DEEP = {
    "open brackets": "[" * 400_000,
    "brackets": "[" * 400_000 + "]" * 400_000,
    "braces": "{a: " * 200_000 + "1" + "}" * 200_000,
    "dashes": "- " * 400_000 + "a",
    "questions": "? " * 400_000 + "a",
    "indents": "".join(" " * depth + "a:\n" for depth in range(2_000)),
}
BROKEN = {
    "tab": (spoilt("            severity: low", "\t    severity: low"), 50, 1, "这里用了制表符，YAML 的缩进只能用空格。"),
    "tab after a space": (spoilt("            severity: low", "  \t  severity: low"), 50, 3, "这里用了制表符，YAML 的缩进只能用空格。"),
    "open double quote": (spoilt("title: 另一份意见", 'title: "另一份意见').replace('"2021-07-06"', "2021-07-06"), 60, 12, "从这里开始的引号没有正确闭合，或引号内有不能识别的转义。"),
    "open single quote": (spoilt("title: 另一份意见", "title: '另一份意见"), 60, 12, "从这里开始的引号没有正确闭合，或引号内有不能识别的转义。"),
    "unknown escape": (spoilt("title: 另一份意见", 'title: "C:\\d"'), 60, 12, "从这里开始的引号没有正确闭合，或引号内有不能识别的转义。"),
    "colon in text": (spoilt("title: 另一份意见", "title: 另一份: 意见"), 60, 15, "这里的冒号不合语法：请检查缩进，含“: ”的文字请用引号括起来。"),
    "at sign": (spoilt("title: 另一份意见", "title: @意见"), 60, 12, "文字不能以“@”开头，请用引号括起来。"),
    "open bracket": (spoilt("issuers: [国务院办公厅]", "issuers: [国务院办公厅"), 62, 14, "从这里开始的方括号没有闭合，或各项之间缺少逗号。"),
    "open brace": (spoilt("en: Guarantees}", "en: Guarantees"), 7, 15, "从这里开始的花括号没有闭合，或各项之间缺少逗号。"),
    "wrong indent": (spoilt("            severity: low", "           severity: low"), 50, 12, "这里与上面的列表没有对齐，请检查缩进，或上一行多了“- ”。"),
    "no colon": (spoilt("severity: low", "severity low\n"), 50, 13, "这里缺少冒号，请写成“键: 值”。"),
    "two documents": (SOUND + "---\na: b\n", 69, 1, "一个文件只能有一份清单，请删去多余的“---”。"),
    "anchor": (spoilt("severity: low", "severity: &s low"), 50, 23, "不支持 YAML 的锚点标记（&）。如果这是文字，请加引号；否则请把内容完整写出。"),
    "twice the same anchor": (spoilt("[担保台账]", "[&a x, &a y]"), 53, 30, "不支持 YAML 的锚点标记（&），请把内容完整写出。"),
    "undefined alias": (spoilt("severity: low", "severity: *s"), 50, 23, "不支持 YAML 的别名（*），请把内容完整写出。"),
    "tag": (spoilt("severity: low", "severity: !!str low"), 50, 23, "不支持 YAML 的类型标记（!）。如果这是文字，请加引号；否则请把内容完整写出。"),
    "python tag": (spoilt("severity: low", "severity: !!python/object/apply:os.getcwd []"), 50, 23, "不支持 YAML 的类型标记（!）。如果这是文字，请加引号；否则请把内容完整写出。"),
    "directive": ("%YAML 1.1\n---\n" + SOUND, 1, 1, "不支持 YAML 的指令（%）。如果这是文字，请加引号；否则请把内容完整写出。"),
    "nul": (spoilt("title: 另一份意见", "title: 另\0一份意见"), 60, 13, "这里有一个不可见的控制字符（U+0000），请删去。"),
    "zero width": (spoilt("title: 另一份意见", "title: 另一份\u200b意见"), 60, 15, "这里有一个不可见的控制字符（U+200B），请删去。"),
    "right to left": (spoilt("title: 另一份意见", "title: \u202e另一份意见"), 60, 12, "这里有一个不可见的控制字符（U+202E），请删去。"),
    "line separator": (spoilt("title: 另一份意见", "title: 另\u2028一份意见"), 60, 13, "这里有一个不可见的控制字符（U+2028），请删去。"),
    "lost character": (spoilt("title: 另一份意见", "title: 另\ufffd份意见"), 60, 13, "这里有一个替换符（U+FFFD），说明文字在转换编码时已经丢失，请补回原文。"),
    "noncharacter": (spoilt("title: 另一份意见", "title: 另\uffff份意见"), 60, 13, "这里有一个不可见的控制字符（U+FFFF），请删去。"),
    "nothing": ("", 1, 1, "文件里没有内容。"),
    "only a comment": ("# 以后再写\n", 1, 1, "文件里没有内容。"),
}
SAVE_AS = "请用编辑器“另存为”UTF-8 编码后重试。"
FOREIGN = {
    "gb18030": (SOUND.encode("gb18030"), "文件像是 GB18030（GBK）编码，" + SAVE_AS),
    "utf-16 with mark": (SOUND.encode("utf-16"), "文件是 UTF-16 编码，" + SAVE_AS),
    "utf-16 big end": (b"\xfe\xff" + SOUND.encode("utf-16-be"), "文件是 UTF-16 编码，" + SAVE_AS),
    "utf-16 without mark": (SOUND.encode("utf-16-le"), "文件像是 UTF-16 编码，" + SAVE_AS),
    "ascii in utf-16": ("format: 1".encode("utf-16-le"), "文件像是 UTF-16 编码，" + SAVE_AS),
    "utf-32": (SOUND.encode("utf-32"), "文件是 UTF-32 编码，" + SAVE_AS),
    "noise": (bytes(range(128, 256)) * 3, "文件不是 UTF-8 编码，" + SAVE_AS),
}


@pytest.mark.parametrize(("text", "line", "column", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_gets_one_sentence_at_its_place(text: str, line: int, column: int, sentence: str) -> None:
    fault = the_fault(text)
    assert (fault.line, fault.column, fault.sentence) == (line, column, sentence)


@pytest.mark.parametrize(("data", "sentence"), FOREIGN.values(), ids=FOREIGN.keys())
def test_another_encoding_is_named(data: bytes, sentence: str) -> None:
    fault = the_fault(data)
    assert (fault.line, fault.sentence) == (1, sentence)


def test_one_broken_byte_in_a_utf_8_file_is_named_by_its_line() -> None:
    fault = the_fault(SOUND.encode().replace("另一份".encode(), "另".encode() + b"\xff" + "份".encode()))
    assert (fault.line, fault.column) == (60, 13)
    assert fault.sentence == "这里有不属于 UTF-8 的字节，文字可能已损坏。请修正后以 UTF-8 编码保存。"


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    assert the_fault(text).sentence == "这里的层次超过 24 层，不像一份义务清单。"
    assert time.process_time() - began < 2


def test_an_alias_bomb_is_never_unfolded() -> None:
    began = time.process_time()
    found = faults(BOMB)
    assert time.process_time() - began < 1
    assert len(found) == 10 + 81
    assert {fault.sentence.partition("。")[0] for fault in found} == {"不支持 YAML 的别名（*）", "不支持 YAML 的锚点标记（&）"}


def test_a_mapping_that_contains_itself_is_refused() -> None:
    assert len(faults("&a a: *a\n")) == 2
    assert len(faults("x: &a [*a]\n")) == 2


def test_a_file_over_the_limit_is_refused_before_it_is_parsed() -> None:
    began = time.process_time()
    assert the_fault(b"a" * (decoding.MAX_BYTES + 1)).sentence == "文件有 24.0 MB，超过 24 MB 的上限。"
    assert time.process_time() - began < 1


def test_ten_thousand_obligations_with_six_laws_each_are_not_too_many() -> None:
    assert sum(1 for _ in located(read_register(file(10_000, laws=6), "many.yaml"))) == 10_000


def test_too_many_nodes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MAX_NODES", 1000)
    assert the_fault("- a\n" * 1001).sentence == "这里的内容超过 1,000 项，不像一份义务清单。"


FRAME = 'format: 1\nedition: "2026.12"\ndomains: {a: {label: x, en: x}}\nsubjects: {b: {label: x, en: x}}\ndocuments:\n'
MANY = {
    "members of the wrong type": (FRAME + "- a\n" * 60_000, "这里有 60001 处不合格式，不像一份义务清单。"),
    "unknown keys": (FRAME + "- a\n" + "".join(f"k{number}: x\n" for number in range(60_000)), "这里有 60002 处不合格式，不像一份义务清单。"),
    "empty parts": (FRAME + "- clauses:\n  - obligations:\n" + "    - {}\n" * 100_000, "这里的内容超过 100,000 组，不像一份义务清单。"),
}


@pytest.mark.parametrize(("text", "sentence"), MANY.values(), ids=MANY.keys())
def test_faults_without_number_are_not_listed_one_by_one(text: str, sentence: str) -> None:
    began = time.process_time()
    assert sentence in {fault.sentence for fault in faults(text)}
    assert time.process_time() - began < 5


def test_thousands_of_faults_are_found_quickly_and_counted() -> None:
    began = time.process_time()
    with pytest.raises(SourceProblems) as refused:
        read(spoilt("evidence: [担保台账]", "evidence: [担保台账]\n" + "".join(f"            titel{number}: x\n" for number in range(5000))))
    assert "有 5000 处问题" in refused.value.sentence
    assert len(refused.value.problems) == 501
    assert time.process_time() - began < 2


def test_what_cannot_be_seen_never_reaches_the_terminal() -> None:
    for fault in faults(spoilt("format: 1", 'format: 1\n"\\e[2J\\u202e": x')):
        assert (fault.where + fault.sentence).isprintable()


def test_signs_inside_text_are_text() -> None:
    text = spoilt("en: Guarantees are prosecuted.", "en: R&D * 5% of A&B! (see *1) are 100 % fine & well!")
    text = spoilt("statement: 对外担保逐笔审议，并披露。", "statement: '*逐笔' # & not a sign", text)
    obligation = read(text).documents[0].clauses[0].obligations[1]
    assert obligation.en == "R&D * 5% of A&B! (see *1) are 100 % fine & well!"
    assert obligation.statement == "*逐笔"


def test_the_name_of_the_file_is_only_shown() -> None:
    name = "<script>{0} %s/../\n.yaml"
    with pytest.raises(SourceProblems) as refused:
        read_register(b"a: b", name)
    assert refused.value.problems[0].where.startswith(name)


def test_the_slow_parser_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(nodes.PlainParser):
        depth = count = 0
        resolve = nodes._Nodes.resolve
        descend_resolver = nodes._Nodes.descend_resolver
        ascend_resolver = nodes._Nodes.ascend_resolver

    wanted = {key: faults(text) for key, (text, *_) in BROKEN.items()}
    sound = read(SOUND)
    monkeypatch.setattr(nodes, "_Nodes", Slow)
    assert read(SOUND) == sound
    for key, (text, *_) in BROKEN.items():
        slow = faults(text)
        assert len(slow) == len(wanted[key]), key
        assert abs(slow[0].line - wanted[key][0].line) <= 1, key
    for text in DEEP.values():
        assert "层" in the_fault(text).sentence
    assert len(faults(BOMB)) == 91
    assert read_register(SOUND.encode(), NAME) == sound
