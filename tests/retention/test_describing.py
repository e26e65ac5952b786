"""Describing evidence moves the first day of its term: to a later one freely, to an earlier one only by an officer with a reason."""

from __future__ import annotations

import io
from datetime import date

import pytest

from tests.retention.conftest import Office
from tracker.audit import queries as trail_queries
from tracker.audit.queries import TrailFilter
from tracker.audit.trail import entity_chain
from tracker.errors import BadInput, Forbidden, NotFound, RuleBroken, Stale
from tracker.evidence.actions import EvidenceFacts, replace_evidence
from tracker.evidence.models import Evidence
from tracker.people.access import Viewer
from tracker.retention import keeping
from tracker.retention.queries import terms

LONG = EvidenceFacts(period_from=date(2026, 1, 1), period_to=date(2036, 12, 31), note="十年合同")
EARLIER = "这样修改会使保存期限由 2056-12-31 提前到 2046-11-22"


def describe(office: Office, piece: int, facts: EvidenceFacts, who: Viewer | None = None, reason: str = "") -> None:
    """Describe a piece as it now stands, by its owner unless told otherwise."""
    viewer = who or office.world.owner
    with office.database.writing(viewer.entities) as s:
        keeping.describe(s, viewer, piece, facts, s.get_one(Evidence, piece).version, reason)


def refused(office: Office, piece: int, facts: EvidenceFacts, who: Viewer, kind: type[Exception], said: str, reason: str = "") -> None:
    """Expect a refusal after which nothing has changed, even where what is refused is committed."""
    before = office.row(piece)
    with office.database.writing(who.entities) as s, pytest.raises(kind, match=said):
        keeping.describe(s, who, piece, facts, before.version, reason)
    after = office.row(piece)
    assert (after.version, after.period_to, after.obtained_on, after.note) == (before.version, before.period_to, before.obtained_on, before.note)


def end(office: Office, piece: int) -> date | None:
    """Return the last day on which a piece must be there."""
    with office.database.reading("every entity") as s:
        return terms(s, [s.get_one(Evidence, piece)])[piece].end


def test_an_owner_makes_a_term_longer_and_no_shorter(office: Office) -> None:
    piece, owner = office.piece(), office.world.owner
    describe(office, piece, LONG)
    assert end(office, piece) == date(2056, 12, 31)
    for facts in (EvidenceFacts(), EvidenceFacts(period_from=date(2026, 1, 1), period_to=date(2026, 10, 31), note="改错")):
        refused(office, piece, facts, owner, RuleBroken, f"{EARLIER}，只有本主体的“合规管理”写明理由后才能这样做。.*请“合规管理”修改", "我有理由")
    # What leaves the term as it is, is free: another note, and an earlier day beside the one that counts.
    describe(office, piece, EvidenceFacts(LONG.period_from, LONG.period_to, date(2026, 11, 1), "十年合同，已核对"))
    describe(office, piece, EvidenceFacts(LONG.period_from, LONG.period_to))
    assert end(office, piece) == date(2056, 12, 31) and office.row(piece).note == ""


def test_an_officer_makes_it_shorter_with_a_reason_that_stands_in_the_trail(office: Office) -> None:
    piece, officer = office.piece(), office.first
    describe(office, piece, LONG)
    refused(office, piece, EvidenceFacts(), officer, BadInput, f"{EARLIER}，请填写缩短保存期限的理由", "  ")
    refused(office, piece, EvidenceFacts(), officer, BadInput, "缩短保存期限的理由最多 1000 个字", "长" * 1001)
    describe(office, piece, EvidenceFacts(), officer, " 所属期间填错了 ")
    assert end(office, piece) == date(2046, 11, 22)
    with office.database.reading() as s:
        event = trail_queries.events(s, TrailFilter((entity_chain(office.world.ours),)), limit=1)[0]
        assert trail_queries.faults(s) == []
    assert (event.action, event.personal["reason"], event.before["period_to"]) == ("evidence.described", "所属期间填错了", "2036-12-31")


def test_the_missing_reason_is_named_at_its_field(office: Office) -> None:
    piece = office.piece()
    describe(office, piece, LONG)
    with pytest.raises(BadInput) as told:
        describe(office, piece, EvidenceFacts(), office.first)
    assert [one.where for one in told.value.problems] == ["why"]


def test_who_may_not_describe_what_is_stale_and_what_cannot_be_come_first(office: Office) -> None:
    piece = office.piece()
    describe(office, piece, LONG)
    refused(office, piece, EvidenceFacts(), office.world.reviewer, Forbidden, "合规管理")
    refused(office, piece, EvidenceFacts(), office.world.outsider, NotFound, "没有找到")
    refused(office, piece, EvidenceFacts(period_from=date(2026, 1, 1)), office.world.owner, BadInput, "日期有误")
    with office.database.writing(office.first.entities) as s, pytest.raises(Stale, match="已被他人修改"):
        keeping.describe(s, office.first, piece, EvidenceFacts(), 1)


def test_a_term_that_runs_from_an_entered_day_is_not_told_by_the_description(office: Office) -> None:
    piece = office.piece()
    describe(office, piece, LONG)
    with office.database.writing(office.first.entities) as s:
        keeping.classify(s, office.first, piece, "service_papers", date(2026, 6, 30), "是服务机构的底稿")
    describe(office, piece, EvidenceFacts())
    assert end(office, piece) == date(2036, 6, 30)


def test_a_newer_version_leaves_the_term_of_the_old_one(office: Office) -> None:
    piece, owner = office.piece(), office.world.owner
    describe(office, piece, LONG)
    stored = office.store.put(io.BytesIO("更正稿".encode()), "更正稿.txt")
    with office.database.writing(owner.entities) as s:
        newer = replace_evidence(s, owner, piece, stored, EvidenceFacts()).id
    assert (end(office, piece), end(office, newer)) == (date(2056, 12, 31), date(2046, 11, 22))
    refused(office, piece, EvidenceFacts(), office.first, RuleBroken, "已被更新的版本取代", "理由")
