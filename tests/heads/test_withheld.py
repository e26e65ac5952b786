"""What is sealed or redacted is left out of a workbook: the check wants the event that says so, and the mark in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checking.second import agreed, second
from tests.heads.conftest import Desk
from tests.heads.test_workbook import book
from tests.reports.parcel import changed_book, column, older, verified
from tracker import verify
from tracker.audit import trail
from tracker.db import EVERY_ENTITY

__all__ = ["agreed", "second", "verified"]
Agreed = Callable[..., None]
Verified = Callable[..., tuple[int, str]]


def withheld(desk: Desk, path: Path, acts: list[str], mark: str, field: str = "actor_name") -> Path:
    """Export with these acts about the second event of our chain, and leave a field of it out as the application does."""
    for act in acts:
        with desk.database.writing(EVERY_ENTITY) as s:
            trail.record(s, desk.world.admin.actor, act, "event:1", entity_id=desk.world.ours, after={"seq": 1, "fields": [field]})

    def leave_out(page: Any) -> None:
        sheet = page[verify.TRAIL]
        cell = sheet.cell(4, column(sheet, "披露 1"))
        told = json.loads(cell.value)
        del told[field]
        cell.value = verify.canonical(told)
        sheet.cell(4, column(sheet, "人员")).value = mark
        # The digests of the sheets would tell of the hand that did this.
        older(page)

    path.write_bytes(changed_book(book(desk, path).read_bytes(), leave_out))
    return path


@pytest.mark.parametrize(("acts", "mark", "sentence"), [
    (["disclosure.sealed"], "（已封存）", ""),
    (["disclosure.sealed", "disclosure.redacted"], "（已依法删除）", ""),
    ([], "（已封存）", "没有披露“操作人”，也没有封存或删除它的记录"),
    (["disclosure.sealed", "disclosure.unsealed"], "（已封存）", "没有披露“操作人”"),
    (["disclosure.sealed"], "（已依法删除）", r"操作留痕!C4（人员）：.*按记录应为“（已封存）”"),
])
def test_what_is_left_out_must_be_covered_and_marked(desk: Desk, tmp_path: Path, verified: Verified, agreed: Agreed, acts: list[str], mark: str, sentence: str) -> None:
    status, said = verified(withheld(desk, tmp_path / "a.xlsx", acts, mark))
    assert status == bool(sentence) and re.search(sentence, said) and "Traceback" not in said, said
    agreed("a.xlsx", (tmp_path / "a.xlsx").read_bytes(), status, said)


def test_an_event_that_covers_another_chain_or_another_field_covers_nothing(desk: Desk, tmp_path: Path, verified: Verified) -> None:
    with desk.database.writing(EVERY_ENTITY) as s:
        for entity_id, seq, field in ((None, 1, "actor_name"), (desk.world.ours, 2, "actor_name"), (desk.world.ours, 1, "after.name")):
            trail.record(s, desk.world.admin.actor, "disclosure.sealed", f"event:{seq}", entity_id=entity_id, after={"seq": seq, "fields": [field]})
    status, said = verified(withheld(desk, tmp_path / "a.xlsx", [], "（已封存）"))
    assert status == 1 and "操作留痕!A4（隐藏列“披露”）：没有披露" in said


def test_the_fields_of_a_sealing_are_said_in_words() -> None:
    record = {"seq": 3, "at": "2026-11-22T02:00:00.000000Z", "actor": "u_1", "via": "web", "action": "disclosure.sealed", "object": "event:1", "before": {}, "after": {"seq": 1, "fields": ["actor_name", "after.reason"]}}
    assert verify.shown(record, {}, {})["变更内容"] == "记录序号：1\n涉及的栏目：操作人、理由"
