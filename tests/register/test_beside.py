"""A register beside others: whose words it may use, whose ids it may not, what is inferred, and what was called otherwise before."""

from __future__ import annotations

from os.path import commonprefix
from typing import Any

import pytest

from tests.register.samples import NAME, SOUND, read, spoilt
from tests.register.test_facts import FACTS
from tracker.register.changes import located
from tracker.register.shape import MAIN, Obligation, content, digest
from tracker.register.source import Around, Fault, Register, SourceProblems, read_register, read_stored
from tracker.register.source.agreement import disagreements
from tracker.register.source.beside import NOTHING, clashes, within

RULES = "交易所规则"
AROUND = Around(
    domains={"listing": RULES},
    subjects={"exchange_member": RULES, "clerk": RULES},
    facts={"rule_5d": RULES},
    documents={"rules-2025": RULES},
    obligations={"RL-03-01": RULES},
    prefixes={"RL": RULES},
    held=frozenset({"clerk"}),
)
WITH_FACTS = spoilt("documents:\n", FACTS + "\ndocuments:\n")
LAW = "            law: []\n"
ONE = "documents[0].clauses[0].obligations[1]"


def beside(text: str, around: Around = AROUND) -> Register:
    """Read a register beside others."""
    return read_register(text.encode(), NAME, around)


def the_fault_beside(text: str, around: Around = AROUND) -> Fault:
    """Return the only fault of a file that must be refused beside others."""
    with pytest.raises(SourceProblems) as refused:
        beside(text, around)
    (fault,) = refused.value.problems
    return fault


def second(register: Register) -> Obligation:
    """Return the obligation that the tests change."""
    return list(located(register))[1][2]


def after_law(line: str, text: str = SOUND) -> str:
    """Add a key to the second obligation."""
    return spoilt(LAW, LAW + f"            {line}\n", text)


def test_a_file_that_says_nothing_of_itself_is_the_main_register() -> None:
    assert (read(SOUND).key, read(SOUND).name) == (MAIN, "主登记册")
    named = read(spoilt("format: 1\n", "format: 1\nregister: rules\nname: 交易所规则\n"))
    assert (named.key, named.name) == ("rules", RULES)


def test_a_sound_file_is_the_same_beside_others() -> None:
    assert beside(SOUND) == read(SOUND)


@pytest.mark.parametrize(("old", "new", "path", "sentence"), [
    ("  guarantees: {label", "  listing: {label: 上市, en: Listing}\n  guarantees: {label", "domains.listing", "领域“listing”已由登记册“交易所规则”定义，这里可以直接使用，请删去这一项。"),
    ("  staff: {label", "  clerk: {label: 文员, en: Clerk}\n  staff: {label", "subjects.clerk", "义务主体“clerk”已由登记册“交易所规则”定义，这里可以直接使用，请删去这一项。"),
    ("  keep_20y:\n", "  rule_5d:\n", "facts.rule_5d", "法定责任与期限“rule_5d”已由登记册“交易所规则”定义，这里可以直接使用，请删去这一项。"),
    ("id: opinions-2021", "id: rules-2025", "documents[1].id", "文件编号“rules-2025”已用于登记册“交易所规则”，请换一个。"),
    ("id: FF9-03-02", "id: RL-03-01", f"{ONE}.id", "义务编号“RL-03-01”已用于登记册“交易所规则”，请换一个。"),
    ("id: FF9-03-02", "id: RL-03-02", f"{ONE}.id", "编号前缀“RL”已用于登记册“交易所规则”，请换一个。"),
])
def test_what_another_register_has_said_is_refused_at_its_place(old: str, new: str, path: str, sentence: str) -> None:
    fault = the_fault_beside(text := spoilt(old, new, WITH_FACTS))
    assert (fault.sentence, fault.path) == (sentence, path)
    assert fault.line == 1 + commonprefix([text, WITH_FACTS]).count("\n")
    assert read(text)


def test_every_clash_is_named_at_once() -> None:
    text = spoilt("id: FF9-03-01", "id: RL-03-02", spoilt("id: FF9-03-02", "id: RL-03-01", spoilt("id: opinions-2021", "id: rules-2025")))
    with pytest.raises(SourceProblems) as refused:
        beside(text)
    assert [fault.path for fault in refused.value.problems] == [f"{ONE[:-3]}[0].id", f"{ONE}.id", "documents[1].id"]
    assert "有 3 处" in refused.value.sentence


@pytest.mark.parametrize(("old", "new"), [
    ("domain: guarantees", "domain: listing"),
    ("subjects: [listed_company]", "subjects: [listed_company, exchange_member, clerk]"),
    ("held_by: [securities_firm]", "held_by: [securities_firm, exchange_member]"),
    (LAW, LAW + "            facts: [rule_5d]\n"),
])
def test_the_words_of_another_register_may_be_used(old: str, new: str) -> None:
    text = spoilt(old, new)
    assert second(beside(text))
    with pytest.raises(SourceProblems, match="有 [12] 处"):
        read(text)


def test_a_file_may_have_no_words_of_its_own_at_all() -> None:
    known = Around(domains=dict.fromkeys(read(SOUND).domains, RULES), subjects=dict.fromkeys(read(SOUND).subjects, RULES))
    bare = SOUND[: SOUND.index("domains:")] + SOUND[SOUND.index("documents:") :]
    assert beside(bare, known).subjects == {}


def test_whom_another_register_lets_be_held_cannot_hold() -> None:
    fault = the_fault_beside(spoilt("held_by: [securities_firm]", "held_by: [securities_firm, clerk]"))
    assert (fault.path, fault.line) == ("subjects.staff.held_by[1]", 12)
    assert fault.sentence == "“clerk”自身也由他人承接，不能承接“staff”。"


@pytest.mark.parametrize(("old", "new", "path", "sentence"), [
    ("domain: guarantees", "domain: listng", f"{ONE}.domain", "domains 中没有定义领域“listng”。是否想写“listing”？"),
    ("subjects: [listed_company]", "subjects: [exchange_members]", f"{ONE}.subjects[0]", "subjects 中没有定义义务主体“exchange_members”。是否想写“exchange_member”？"),
    (LAW, LAW + "            facts: [rule_9d]\n", f"{ONE}.facts[0]", "facts 中没有定义法定责任与期限“rule_9d”。是否想写“rule_5d”？"),
])
def test_a_word_near_one_of_another_register_is_suggested(old: str, new: str, path: str, sentence: str) -> None:
    fault = the_fault_beside(spoilt(old, new))
    assert (fault.path, fault.sentence) == (path, sentence)


def test_looking_around_leaves_the_file_as_it_is() -> None:
    top: dict[str, Any] = {"domains": {"own": {"label": "自己"}}, "facts": []}
    merged = within(top, AROUND)
    assert top == {"domains": {"own": {"label": "自己"}}, "facts": []}
    assert (list(merged["domains"]), merged["facts"]) == (["listing", "own"], [])
    assert merged["subjects"] == {"exchange_member": {"held_by": ""}, "clerk": {"held_by": "*"}}
    assert within(top, NOTHING) == top


def test_to_another_register_a_pointer_goes_one_way() -> None:
    text = after_law("related: [{id: RL-03-01, how: extended}]")
    assert [one.id for one in second(beside(text)).related] == ["RL-03-01"]
    with pytest.raises(SourceProblems) as refused:
        read(text)
    assert [fault.sentence for fault in refused.value.problems] == ["清单中没有编号为“RL-03-01”的义务。"]


@pytest.mark.parametrize(("line", "path", "sentence"), [
    ("related: [{id: RL-03-02, how: same}]", f"{ONE}.related[0].id", "清单中没有编号为“RL-03-02”的义务。"),
    ("related: [{id: RL-03-01, how: same}, {id: RL-03-01, how: same}]", f"{ONE}.related[1].id", "相关义务“RL-03-01”重复，前面已经用过。"),
    ("related: [{id: FF9-03-01, how: same}]", f"{ONE}.related[0].id", "“FF9-03-01”与本义务在同一份文件中；“related”只指向另一份文件的义务。"),
])
def test_a_pointer_to_nowhere_is_refused_beside_others_too(line: str, path: str, sentence: str) -> None:
    fault = the_fault_beside(after_law(line))
    assert (fault.path, fault.sentence) == (path, sentence)


def test_who_was_inferred_is_told_and_counts_as_content() -> None:
    text = after_law("inferred: [listed_company]")
    assert second(read(text)).inferred == ("listed_company",)
    assert content(second(read(text)))["inferred"] == ["listed_company"]
    assert digest(second(read(text))) != digest(second(read(SOUND)))


@pytest.mark.parametrize(("old", "new", "path", "sentence"), [
    (LAW, LAW + "            inferred: [staff]\n", f"{ONE}.inferred[0]", "推定的主体“staff”不在本义务的“subjects”（义务主体）中。"),
    (LAW, LAW + "            inferred: [listed_company, listed_company]\n", f"{ONE}.inferred[1]", "“listed_company”在同一列表中重复。"),
    (LAW, LAW + "            inferred: listed_company\n", f"{ONE}.inferred", "“inferred”（推定的主体）应是列表（每行以“- ”开头，或写在 [ ] 内），现在是“listed_company”。"),
    (
        "subjects: [securities_firm, staff]\n", "subjects: [securities_firm, staff]\n            inferred: [staff, securities_firm]\n",
        "documents[0].clauses[0].obligations[0].inferred",
        "依据方式是 stated（明示）时，至少有一个主体是原文写明的；若全部为推定，请把“basis”写成 implied。",
    ),
])
def test_a_wrong_inference_has_its_sentence_and_its_place(old: str, new: str, path: str, sentence: str) -> None:
    fault = the_fault_beside(text := spoilt(old, new), NOTHING)
    assert (fault.sentence, fault.path) == (sentence, path)
    assert fault.line == text[: text.index("inferred:")].count("\n") + 1


def test_a_stated_duty_may_reach_further_by_inference() -> None:
    text = spoilt("subjects: [securities_firm, staff]\n", "subjects: [securities_firm, staff]\n            inferred: [staff]\n")
    assert list(located(read(text)))[0][2].inferred == ("staff",)


def test_a_former_id_is_kept_and_changes_no_content() -> None:
    text = after_law("formerly: [FF9-03-09, FF9-09-01]")
    assert second(read(text)).formerly == ("FF9-03-09", "FF9-09-01")
    assert "formerly" not in content(second(read(text))) and digest(second(read(text))) == digest(second(read(SOUND)))


def test_a_new_name_alone_is_no_new_content() -> None:
    renamed = second(read(after_law("formerly: [FF9-03-02]", spoilt("id: FF9-03-02", "id: FF9-03-05"))))
    assert digest(renamed, "FF9-03-02") == digest(second(read(SOUND)))
    assert digest(renamed) != digest(second(read(SOUND)))


@pytest.mark.parametrize(("line", "path", "sentence"), [
    ("formerly: [FF9-03-01]", f"{ONE}.formerly[0]", "曾用编号“FF9-03-01”仍是这份清单中一项义务的编号；改名后旧编号不再使用。"),
    ("formerly: [FF9-03-02]", f"{ONE}.formerly[0]", "曾用编号“FF9-03-02”仍是这份清单中一项义务的编号；改名后旧编号不再使用。"),
    ("formerly: [FF9-03-09, FF9-03-09]", f"{ONE}.formerly[1]", "曾用编号“FF9-03-09”重复，前面已经用过。"),
    ("formerly: [FF9-03-09, RL-03-01]", f"{ONE}.formerly[1]", "曾用编号“RL-03-01”属于登记册“交易所规则”，不能改到这份清单名下。"),
    ("formerly: [FF9-3-9]", f"{ONE}.formerly[0]", "“formerly”（曾用编号）的第 1 项应写成 FF9-03-02 这样；现在写的是“FF9-3-9”。"),
])
def test_a_wrong_former_id_has_its_sentence_and_its_place(line: str, path: str, sentence: str) -> None:
    fault = the_fault_beside(text := after_law(line))
    assert (fault.sentence, fault.path) == (sentence, path)
    assert fault.line == text[: text.index("formerly:")].count("\n") + 1


def test_two_obligations_cannot_have_had_one_name() -> None:
    text = after_law("formerly: [FF9-03-09]", spoilt("            evidence: [适当性", "            formerly: [FF9-03-09]\n            evidence: [适当性"))
    fault = the_fault_beside(text)
    assert (fault.sentence, fault.path) == ("曾用编号“FF9-03-09”重复，前面已经用过。", f"{ONE}.formerly[0]")


def test_a_stored_edition_is_read_without_its_surroundings() -> None:
    text = spoilt("domain: guarantees", "domain: listing", after_law("related: [{id: RL-03-01, how: same}]"))
    text = spoilt("subjects: [listed_company]", "subjects: [exchange_member]", text)
    with pytest.raises(SourceProblems, match="有 3 处"):
        read(text)
    stored = second(read_stored(text.encode(), NAME))
    assert stored == second(beside(text))
    assert (stored.domain, stored.subjects) == ("listing", ("exchange_member",))


@pytest.mark.parametrize(("old", "new"), [("severity: low", "severity: lowest"), ("format: 1", "format: 1\nformat: 1"), ("    clauses:\n      - no: 5", "    clauses: [")])
def test_a_stored_edition_of_a_wrong_shape_is_refused(old: str, new: str) -> None:
    with pytest.raises(SourceProblems):
        read_stored(spoilt(old, new).encode(), NAME)


@pytest.mark.parametrize("odd", [None, "", "listing", [], ["listing"], {}, {"listing": []}, {"id": ["RL-03-01"]}, [[]], [{"id": {}}], [{"clauses": "a"}], [{"clauses": ["a"]}],
                                 [{"clauses": [{"obligations": {"id": "RL-03-01"}}]}], [{"clauses": [{"obligations": ["RL-03-01", {"id": []}, {"id": "rl"}]}]}]],
                         ids=lambda odd: repr(odd)[:60])
def test_odd_types_are_no_clash_and_no_traceback(odd: Any) -> None:
    for key in ("domains", "subjects", "facts", "documents"):
        assert {loc[0] for loc, _ in clashes({key: odd}, AROUND)} <= ({key} if isinstance(odd, dict) and key == "domains" and "listing" in odd else set())
        for _, saying in disagreements({key: odd}, AROUND):
            assert saying()


@pytest.mark.parametrize("key", ["subjects", "inferred", "formerly", "facts", "related"])
@pytest.mark.parametrize("odd", [None, "a", {}, {"a": "b"}, [[]], [{}], [{"id": []}], ["", "a", ["b"]]], ids=repr)
def test_odd_types_in_an_obligation_have_sentences_and_no_traceback(key: str, odd: Any) -> None:
    obligation = {"id": "FF9-03-01", "basis": "stated", "subjects": ["exchange_member"], key: odd}
    top = {"documents": [{"id": "d", "clauses": [{"no": "3", "obligations": [obligation]}]}]}
    assert all(saying() for _, saying in disagreements(top, AROUND))
