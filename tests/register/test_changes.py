"""What differs between two registers, and the digest that says whether an obligation is still the same."""

from __future__ import annotations

import pytest

from tests.register.samples import SOUND, read, spoilt
from tracker.register.changes import Changed, FieldChange, compare, compare_registers, located, obligations_of
from tracker.register.shape import Obligation, content, digest

ONE = SOUND[SOUND.index("          - id: FF9-03-02") : SOUND.index("      - no: 4")]


def test_the_same_register_has_no_changes() -> None:
    changes = compare_registers(read(SOUND), read(SOUND))
    assert not changes
    assert changes.unchanged == ("FF9-03-01", "FF9-03-02")


def test_an_added_obligation_is_withdrawn_the_other_way_round() -> None:
    longer = read(spoilt(ONE, ONE + ONE.replace("FF9-03-02", "FF9-03-03")))
    assert compare_registers(read(SOUND), longer).added == ("FF9-03-03",)
    back = compare_registers(longer, read(SOUND))
    assert (back.added, back.withdrawn, back.unchanged) == ((), ("FF9-03-03",), ("FF9-03-01", "FF9-03-02"))


def test_a_change_is_told_field_by_field_with_old_and_new() -> None:
    text = spoilt("severity: low", "severity: high")
    text = spoilt("consequences: []", "consequences: [civil]", text)
    text = spoilt("            cadence: event\n            trigger: 拟对外提供担保\n", "            cadence: annual\n", text)
    changes = compare_registers(read(SOUND), read(text))
    assert changes.changed == (
        Changed(
            "FF9-03-02",
            (
                FieldChange("severity", "low", "high"),
                FieldChange("consequences", None, ["civil"]),
                FieldChange("cadence", "event", "annual"),
                FieldChange("trigger", "拟对外提供担保", None),
            ),
        ),
    )
    assert changes.unchanged == ("FF9-03-01",)
    assert not changes.frame


def test_what_stands_around_the_obligations_is_told_too() -> None:
    text = spoilt('"2026.12"', '"2027.01"')
    text = spoilt("number: 测发〔2025〕9号", "number: 测发〔2025〕10号", text)
    text = spoilt("title: 没有义务的一条", "title: 空的一条", text)
    text = spoilt("label: 对外担保", "label: 担保", text)
    changes = compare_registers(read(SOUND), read(text))
    assert changes and not changes.changed
    assert changes.frame == (
        FieldChange("edition", "2026.12", "2027.01"),
        FieldChange("domains.guarantees", {"label": "对外担保", "en": "Guarantees"}, {"label": "担保", "en": "Guarantees"}),
        FieldChange("documents.ff2025-9.number", "测发〔2025〕9号", "测发〔2025〕10号"),
        FieldChange("documents.ff2025-9.clauses.4", "没有义务的一条", "空的一条"),
    )


def test_neither_the_order_of_keys_nor_of_lists_changes_a_digest() -> None:
    text = spoilt("            domain: suitability\n            severity: high\n", "            severity: high\n            domain: suitability\n")
    text = spoilt("[securities_firm, staff]", "[staff, securities_firm]", text)
    text = spoilt('["88", "169-1"]', '["169-1", "88"]', text)
    text = spoilt("[适当性匹配意见, 风险揭示书签收记录]", "\n              - 风险揭示书签收记录\n              - 适当性匹配意见", text)
    changes = compare_registers(read(SOUND), read(text))
    assert not changes
    assert [digest(one) for one in obligations_of(read(text)).values()] == [digest(one) for one in obligations_of(read(SOUND)).values()]


SMALL_CHANGES = [
    ("在市场准入端全面了解投资者情况", "在市场准入端全面了解投资者状况"), ("modality: must", "modality: must_not"), ("basis: stated", "basis: implied"),
    ("[securities_firm, staff]", "[securities_firm]"), ("title: 销售前全面了解投资者", "title: 销售前了解投资者"), ("形成记录。", "形成记录"),
    ("en: Know the", "en: know the"), ("domain: suitability", "domain: guarantees"), ("severity: high", "severity: medium"),
    ("consequences: [civil, administrative]", "consequences: [civil]"), ('"169-1"', '"169-2"'), ("basis: full_text", "basis: excerpt"),
    (", version: 2019年修订", ""), ("[适当性匹配意见, ", "[匹配意见, "), ("review_every: quarterly", "review_every: annual"),
]


@pytest.mark.parametrize(("old", "new"), SMALL_CHANGES)
def test_every_field_counts_for_the_digest(old: str, new: str) -> None:
    changes = compare_registers(read(SOUND), read(spoilt(old, new)))
    assert [(changed.id, len(changed.fields)) for changed in changes.changed] == [("FF9-03-01", 1)]


def test_a_digest_is_the_same_for_ever() -> None:
    # Acceptances pin this digest: a change here would put every one of them in doubt.
    assert [digest(one) for one in obligations_of(read(SOUND)).values()] == [
        "2135f382af38703029a4d8d3d4cd2592ee0622e61a606a631c12fda3abb254de",
        "b5a6110db6a8c18778eb97eaca46e328bd816a952a3d664039446c30fdbd813f",
    ]


def test_content_is_plain_and_read_back_whole() -> None:
    for _, _, obligation in located(read(SOUND)):
        assert Obligation.model_validate(content(obligation)) == obligation
    assert "law" not in content(obligations_of(read(SOUND))["FF9-03-02"])


def test_maps_of_obligations_compare_without_a_register() -> None:
    both = obligations_of(read(SOUND))
    changes = compare({"FF9-03-01": both["FF9-03-01"]}, {"FF9-03-02": both["FF9-03-02"]})
    assert (changes.added, changes.withdrawn, changes.frame) == (("FF9-03-02",), ("FF9-03-01",), ())


def test_obligations_are_found_with_their_place() -> None:
    assert [(document.id, clause.no, one.id) for document, clause, one in located(read(SOUND))] == [
        ("ff2025-9", 3, "FF9-03-01"), ("ff2025-9", 3, "FF9-03-02"),
    ]
