"""Adding, replacing and describing evidence: who may, what stays, what is refused, what the trail tells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.cast import World
from tests.evidence.conftest import Put
from tracker.audit import trail
from tracker.audit.queries import Told, TrailFilter, events, faults
from tracker.db import Database
from tracker.errors import BadInput, Forbidden, NotFound, Problem, RuleBroken, Stale
from tracker.evidence.actions import EvidenceFacts, add_evidence, describe_evidence, replace_evidence
from tracker.evidence.models import Evidence
from tracker.evidence.queries import evidence
from tracker.evidence.store import Stored

Keep = Callable[[str, str], Stored]
FACTS = EvidenceFacts(date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 12), "来自档案室")


def told(database: Database, entity_id: int) -> list[Told]:
    """Return the evidence events of an entity, oldest first; the chain must be sound."""
    with database.reading() as s:
        assert faults(s) == []
        return events(s, TrailFilter((trail.entity_chain(entity_id),), action="evidence"), oldest_first=True)


def count(database: Database, world: World) -> int:
    """Count the rows of our entity."""
    with database.reading(world.officer.entities) as s:
        return s.scalar(select(func.count(Evidence.id))) or 0


@pytest.mark.parametrize("name", ["林合规", "王责任", "操作员"])
def test_officer_owner_and_operator_add_evidence(database: Database, world: World, stored: Keep, frozen_clock: object, name: str) -> None:
    who, kept = world.viewer(name), stored("季度报告.txt", "内容")
    with database.writing(who.entities) as s:
        added = add_evidence(s, who, world.ours, kept, FACTS)
        assert not added.already
        evidence_id = added.evidence.id
    with database.reading(who.entities) as s:
        row = evidence(s, who, evidence_id)
        assert (row.name, row.sha256, row.size, row.kind, row.version_no) == ("季度报告.txt", kept.sha256, 6, kept.kind, 1)
        assert (row.period_from, row.period_to, row.obtained_on, row.note) == (FACTS.period_from, FACTS.period_to, FACTS.obtained_on, "来自档案室")
        assert (row.uploaded_at.isoformat(), row.uploaded_by) == ("2026-11-22T02:00:00+00:00", who.person_id)
        assert row.is_current
    (event,) = told(database, world.ours)
    assert (event.action, event.object) == ("evidence.added", f"evidence:{evidence_id}")
    assert event.after == {
        "sha256": kept.sha256, "size": 6, "kind": "txt", "version_no": 1,
        "period_from": "2026-07-01", "period_to": "2026-09-30", "obtained_on": "2026-10-12",
    }
    assert event.personal == {"actor_name": who.name, "file_name": "季度报告.txt", "note": "来自档案室"}


@pytest.mark.parametrize(("name", "refusal"), [("赵复核", Forbidden), ("钱审计", Forbidden), ("孙外人", NotFound), ("管理员", NotFound)])
def test_nobody_else_changes_evidence(
    database: Database, world: World, stored: Keep, put: Put, name: str, refusal: type[Problem]
) -> None:
    evidence_id, who = put(), world.viewer(name)
    with database.writing(who.entities) as s, pytest.raises(refusal):
        add_evidence(s, who, world.ours, stored("新.txt", "新"), FACTS)
    with database.writing(who.entities) as s, pytest.raises(refusal):
        replace_evidence(s, who, evidence_id, stored("新.txt", "新"), FACTS)
    with database.writing(who.entities) as s, pytest.raises(refusal):
        describe_evidence(s, who, evidence_id, FACTS, 1)
    assert count(database, world) == 1
    assert [event.action for event in told(database, world.ours)] == ["evidence.added"]


def test_the_same_file_again_gives_the_row_that_is_there(database: Database, world: World, stored: Keep, put: Put) -> None:
    first = put("甲.txt", "同样的内容")
    with database.writing(world.owner.entities) as s:
        added = add_evidence(s, world.owner, world.ours, stored("乙.txt", "同样的内容"), FACTS)
        assert (added.already, added.evidence.id, added.evidence.name) == (True, first, "甲.txt")
    assert count(database, world) == 1
    assert len(told(database, world.ours)) == 1


def test_the_same_file_in_another_entity_is_a_row_of_its_own(database: Database, world: World, put: Put) -> None:
    ours = put(content="同样的内容")
    theirs = put(content="同样的内容", viewer=world.outsider, entity_id=world.others)
    assert ours != theirs
    assert len(told(database, world.others)) == 1


def test_a_superseded_content_may_come_back_as_a_new_piece(database: Database, world: World, stored: Keep, put: Put) -> None:
    first = put(content="第一稿")
    with database.writing(world.owner.entities) as s:
        replace_evidence(s, world.owner, first, stored("证据.txt", "第二稿"), FACTS)
    with database.writing(world.owner.entities) as s:
        assert not add_evidence(s, world.owner, world.ours, stored("证据.txt", "第一稿"), FACTS).already


def test_a_new_version_supersedes_and_the_old_one_stays(database: Database, world: World, stored: Keep, put: Put) -> None:
    first = put("草稿.txt", "第一稿", note="旧")
    kept = stored("定稿.txt", "第二稿")
    with database.writing(world.owner.entities) as s:
        second = replace_evidence(s, world.owner, first, kept, FACTS).id
    with database.reading(world.owner.entities) as s:
        old, new = evidence(s, world.owner, first), evidence(s, world.owner, second)
        assert (old.superseded_by_id, old.is_current, old.name, old.note, old.version_no) == (second, False, "草稿.txt", "旧", 1)
        assert (new.superseded_by_id, new.is_current, new.name, new.note, new.version_no) == (None, True, "定稿.txt", "来自档案室", 2)
        assert old.series_id == new.series_id
        old_digest = old.sha256
    event = told(database, world.ours)[-1]
    assert (event.action, event.object) == ("evidence.replaced", f"evidence:{second}")
    assert (event.before["evidence"], event.before["sha256"], event.before["version_no"]) == (f"evidence:{first}", old_digest, 1)
    assert (event.after["evidence"], event.after["sha256"], event.after["version_no"]) == (f"evidence:{second}", kept.sha256, 2)
    assert (event.personal["before.file_name"], event.personal["after.file_name"]) == ("草稿.txt", "定稿.txt")


def test_an_old_version_can_be_neither_replaced_nor_described(database: Database, world: World, stored: Keep, put: Put) -> None:
    first = put(content="第一稿")
    with database.writing(world.owner.entities) as s:
        replace_evidence(s, world.owner, first, stored("证据.txt", "第二稿"), FACTS)
    with database.writing(world.owner.entities) as s, pytest.raises(RuleBroken, match="第 1 版已被更新的版本取代"):
        replace_evidence(s, world.owner, first, stored("证据.txt", "第三稿"), FACTS)
    with database.writing(world.owner.entities) as s, pytest.raises(RuleBroken, match="请打开最新版本"):
        describe_evidence(s, world.owner, first, FACTS, 2)
    assert count(database, world) == 2


def test_the_same_content_makes_no_new_version(database: Database, world: World, stored: Keep, put: Put) -> None:
    first = put(content="内容")
    with database.writing(world.owner.entities) as s, pytest.raises(RuleBroken, match="内容完全相同"):
        replace_evidence(s, world.owner, first, stored("改名.txt", "内容"), FACTS)
    assert count(database, world) == 1


def test_describing_tells_only_what_changed(database: Database, world: World, put: Put) -> None:
    first = put(obtained_on=date(2026, 10, 1), note="旧")
    with database.writing(world.owner.entities) as s:
        describe_evidence(s, world.owner, first, EvidenceFacts(obtained_on=date(2026, 10, 2), note=" 新 "), 1)
    event = told(database, world.ours)[-1]
    assert (event.action, event.before, event.after) == ("evidence.described", {"obtained_on": "2026-10-01"}, {"obtained_on": "2026-10-02"})
    assert event.personal == {"actor_name": "王责任", "file_name": "证据.txt", "before.note": "旧", "after.note": "新"}


def test_the_last_day_on_which_it_is_valid_is_kept_told_and_taken_away_again(database: Database, world: World, put: Put) -> None:
    first = put(obtained_on=date(2026, 10, 1))
    for version, valid in ((1, date(2027, 9, 30)), (2, None)):
        with database.writing(world.owner.entities) as s:
            assert describe_evidence(s, world.owner, first, EvidenceFacts(obtained_on=date(2026, 10, 1), valid_until=valid), version).valid_until == valid
    given, taken = told(database, world.ours)[-2:]
    assert (given.before, given.after) == ({"valid_until": None}, {"valid_until": "2027-09-30"})
    assert (taken.before, taken.after) == ({"valid_until": "2027-09-30"}, {"valid_until": None})


def test_describing_without_a_change_leaves_no_event(database: Database, world: World, put: Put) -> None:
    first = put(note="旧")
    with database.writing(world.owner.entities) as s:
        assert describe_evidence(s, world.owner, first, EvidenceFacts(note="旧"), 1).version == 1
    assert len(told(database, world.ours)) == 1


def test_a_stale_description_is_refused_and_shows_what_stands(database: Database, world: World, put: Put) -> None:
    first = put()
    with database.writing(world.officer.entities) as s:
        describe_evidence(s, world.officer, first, FACTS, 1)
    with database.writing(world.owner.entities) as s, pytest.raises(Stale, match="已被他人修改") as caught:
        describe_evidence(s, world.owner, first, EvidenceFacts(note="我的"), 1)
    assert caught.value.theirs == {
        "所属期间（起）": "2026-07-01", "所属期间（止）": "2026-09-30", "取得日": "2026-10-12", "有效期至": "", "备注": "来自档案室",
    }


@pytest.mark.parametrize(("facts", "where", "why"), [
    (EvidenceFacts(obtained_on=date(2026, 11, 23)), "obtained_on", "取得日 2026-11-23 在今天之后"),
    (EvidenceFacts(date(2026, 9, 30), date(2026, 7, 1)), "period_to", "结束日 2026-07-01 早于开始日 2026-09-30"),
    (EvidenceFacts(period_from=date(2026, 7, 1)), "period_to", "请填写所属期间的结束日"),
    (EvidenceFacts(period_to=date(2026, 7, 1)), "period_from", "请填写所属期间的开始日"),
    (EvidenceFacts(obtained_on=date(206, 1, 1)), "obtained_on", "请核对年份"),
    (EvidenceFacts(date(2026, 1, 1), date(2206, 1, 1)), "period_to", "请核对年份"),
    (EvidenceFacts(note="坏\x00字符"), "note", "看不见的控制字符"),
    (EvidenceFacts(obtained_on=date(2026, 10, 2), valid_until=date(2026, 10, 1)), "valid_until", "有效期至 2026-10-01 早于取得日 2026-10-02"),
    (EvidenceFacts(valid_until=date(2206, 1, 1)), "valid_until", "请核对年份"),
])
def test_bad_facts_are_named_at_their_field_and_change_nothing(
    database: Database, world: World, stored: Keep, put: Put, frozen_clock: object, facts: EvidenceFacts, where: str, why: str
) -> None:
    first, kept = put(), stored("新.txt", "新")
    owner = world.owner
    for act in (
        lambda s: add_evidence(s, owner, world.ours, kept, facts), lambda s: replace_evidence(s, owner, first, kept, facts),
        lambda s: describe_evidence(s, owner, first, facts, 1),
    ):
        with database.writing(owner.entities) as s, pytest.raises(BadInput) as caught:
            act(s)
        (place,) = caught.value.problems
        assert place.where == where
        assert why in place.sentence
    assert count(database, world) == 1
    assert len(told(database, world.ours)) == 1


def test_all_bad_dates_are_named_at_once(database: Database, world: World, stored: Keep, frozen_clock: object) -> None:
    bad = EvidenceFacts(date(2026, 9, 30), date(2026, 7, 1), date(2027, 1, 1))
    with database.writing(world.owner.entities) as s, pytest.raises(BadInput) as caught:
        add_evidence(s, world.owner, world.ours, stored("新.txt", "新"), bad)
    assert [place.where for place in caught.value.problems] == ["period_to", "obtained_on"]


def test_what_was_obtained_today_in_shanghai_is_not_in_the_future(database: Database, world: World, stored: Keep, frozen_clock: object) -> None:
    # 01:00 on the 23rd in Shanghai is still the 22nd in UTC.
    frozen_clock.move_to("2026-11-22T17:00:00Z")  # type: ignore[attr-defined]
    with database.writing(world.owner.entities) as s:
        assert not add_evidence(s, world.owner, world.ours, stored("新.txt", "新"), EvidenceFacts(obtained_on=date(2026, 11, 23))).already


def test_the_database_itself_refuses_a_reversed_period(database: Database, world: World, put: Put) -> None:
    first = put()
    with database.writing(world.owner.entities) as s:
        row = s.get_one(Evidence, first)
        row.period_from, row.period_to = date(2026, 2, 1), date(2026, 1, 1)
        with pytest.raises(IntegrityError, match="period"):
            s.flush()
        s.rollback()
