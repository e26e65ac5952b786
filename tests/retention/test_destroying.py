"""Destroying evidence: two people, never before the last day, never under a hold; the row stays and says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.retention.conftest import AFTER, REASON, Office
from tracker import asof, clock
from tracker.audit import queries as trail_queries
from tracker.audit.queries import TrailFilter
from tracker.audit.trail import entity_chain
from tracker.db import EVERY_ENTITY
from tracker.errors import BadInput, Forbidden, NotFound, Problem, RuleBroken
from tracker.evidence.models import Evidence
from tracker.evidence.queries import to_cite
from tracker.people.access import operator
from tracker.people.actions import EntityFacts, change_entity
from tracker.people.models import Entity
from tracker.retention import asking, keeping
from tracker.retention.classes import CLASSES
from tracker.retention.holding import lift_hold, place_hold
from tracker.retention.queries import terms
from tracker.words import HoldKind, RequestState, RetentionAct


def actions(office: Office) -> list[str]:
    """List the events of 海川证券, oldest first."""
    with office.database.reading() as s:
        assert trail_queries.faults(s) == []
        return [one.action for one in trail_queries.events(s, TrailFilter((entity_chain(office.world.ours),)), oldest_first=True)]


def test_it_goes_after_its_last_day_by_two_people_and_the_row_says_so(office: Office) -> None:
    piece = office.piece()
    sha256 = office.row(piece).sha256
    office.clock.move_to(AFTER)
    request = office.ask(f"evidence:{piece}")
    assert office.store.path(sha256).exists()
    office.approve(request)
    assert not office.store.path(sha256).exists() and office.row(piece).destroyed_at == AFTER
    assert actions(office)[-3:] == ["request.made", "request.approved", "evidence.destroyed"]
    with office.database.reading() as s:
        event = trail_queries.events(s, TrailFilter((entity_chain(office.world.ours),)), limit=1)[0]
    assert (event.after["sha256"], event.after["kept_until"], event.after["request"]) == (sha256, "2046-11-22", request)
    with office.database.reading(EVERY_ENTITY) as s, pytest.raises(BadInput, match="已到期销毁"):
        to_cite(s, office.world.owner, office.world.ours, [piece])
    with pytest.raises(RuleBroken, match="已经销毁"):
        office.ask(f"evidence:{piece}")
    # The same content brought again is a new piece with a file of its own.
    again = office.piece()
    assert again != piece and office.store.path(sha256).exists()


def test_on_its_last_day_it_is_refused_with_class_date_and_law(office: Office) -> None:
    piece = office.piece()
    office.clock.move_to(AFTER - timedelta(days=1))
    with pytest.raises(RuleBroken, match="期限至 2046-11-22：“证券公司业务资料”，自形成之日起不少于 20 年，依据：《证券法》第137条"):
        office.ask(f"evidence:{piece}")
    assert office.row(piece).destroyed_at is None


def test_who_asked_never_decides_and_neither_does_the_command_line(office: Office) -> None:
    piece = office.piece()
    office.clock.move_to(AFTER)
    request = office.ask(f"evidence:{piece}")
    host = operator("操作员")
    for who, why in ((office.first, "不能自己批准"), (host, "命令行不能批准"), (office.world.owner, "合规管理"), (office.world.auditor, "合规管理")):
        with pytest.raises(Forbidden, match=why):
            office.approve(request, who)
    with pytest.raises(NotFound):
        office.approve(request, office.world.outsider)
    with pytest.raises(RuleBroken, match="已有同样的申请"):
        office.ask(f"evidence:{piece}", who=office.second)
    with office.database.writing(office.second.entities) as s:
        assert asking.refuse(s, office.second, request, "仍有用处").state == RequestState.REFUSED
    with pytest.raises(RuleBroken, match="不能再决定"):
        office.approve(request)
    assert office.row(piece).destroyed_at is None
    office.approve(office.ask(f"evidence:{piece}", who=host))


@pytest.mark.parametrize("kind", [HoldKind.ENTITY, HoldKind.EVIDENCE, HoldKind.PERSON])
def test_a_hold_stops_it_even_between_asking_and_approving_until_somebody_else_lifts_it(office: Office, kind: HoldKind) -> None:
    piece = office.piece()
    office.clock.move_to(AFTER)
    request = office.ask(f"evidence:{piece}")
    what = {HoldKind.EVIDENCE: str(piece), HoldKind.PERSON: str(office.world.people["王责任"])}.get(kind, "")
    with office.database.writing(office.first.entities) as s:
        hold = place_hold(s, office.first, kind, what, "诉讼", office.world.ours).id
    with pytest.raises(RuleBroken, match=f"第 {hold} 号法律保全"):
        office.approve(request)
    for who, why in ((office.first, "不能由设置的人自己解除"), (office.world.owner, "合规管理")):
        with office.database.writing(who.entities) as s, pytest.raises(Forbidden, match=why):
            lift_hold(s, who, hold, "结案")
    with office.database.writing(office.first.entities) as s, pytest.raises(RuleBroken, match="已有一项法律保全"):
        place_hold(s, office.first, kind, what, "又一次", office.world.ours)
    with office.database.writing(office.second.entities) as s:
        lift_hold(s, office.second, hold, "结案")
    office.approve(request)
    assert office.row(piece).destroyed_at is not None


def test_the_file_stays_as_long_as_any_piece_of_anybody_needs_it(office: Office) -> None:
    ours, theirs = office.piece(), office.piece(entity="others")
    sha256 = office.row(ours).sha256
    office.clock.move_to(AFTER)
    office.approve(office.ask(f"evidence:{ours}"))
    assert office.row(ours).destroyed_at and office.row(theirs).destroyed_at is None and office.store.path(sha256).exists()


def test_an_upload_of_the_same_bytes_under_way_keeps_the_file(office: Office) -> None:
    piece = office.piece()
    sha256 = office.row(piece).sha256
    # Touched as by an upload that has not got its row yet, at the moment of the approval.
    request_at = datetime.fromtimestamp(office.store.path(sha256).stat().st_mtime, UTC)
    office.clock.move_to(request_at)
    assert office.store.let_go(sha256) is False and office.store.path(sha256).exists()


def test_a_class_may_be_made_longer_freely_and_shorter_only_with_a_reason(office: Office) -> None:
    piece, officer = office.piece(), office.first

    def classify(code: str, start: date | None = None, reason: str = "") -> None:
        with office.database.writing(officer.entities) as s:
            keeping.classify(s, officer, piece, code, start, reason)

    with pytest.raises(BadInput, match="改用起算日尚未填写的类别的理由"):
        classify("service_papers")
    classify("service_papers", None, "是服务机构的底稿")
    with office.database.reading(EVERY_ENTITY) as s:
        assert terms(s, [s.get_one(Evidence, piece)])[piece].end is None
    # By its kind the entity would keep it for twenty years: a first day that makes it less shortens, however late it is.
    for start in (date(2026, 6, 30), date(2026, 11, 22)):
        with pytest.raises(BadInput, match="缩短保存期限的理由"):
            classify("service_papers", start)
    classify("service_papers", date(2026, 6, 30), "协议终止日")
    with pytest.raises(BadInput, match="缩短保存期限的理由"):
        classify("service_papers", date(2026, 1, 31))
    classify("service_papers", date(2026, 1, 31), "协议实际终止日")
    classify("fund_register", date(2026, 6, 30))
    classify("", None)
    with pytest.raises(BadInput, match="理由"):
        classify("fund_register")
    with pytest.raises(BadInput, match="缩短保存期限的理由"):
        classify("impact_assessment")
    with pytest.raises(BadInput, match="没有这个保存类别"):
        classify("moon")
    with pytest.raises(BadInput, match="起算日 2027-01-01"):
        classify("service_papers", date(2027, 1, 1))
    assert office.row(piece).retention == "" and actions(office).count("evidence.classified") == 5


def test_dropping_a_kind_of_an_entity_shortens_nothing(office: Office) -> None:
    piece = office.piece()
    with office.database.writing(EVERY_ENTITY) as s:
        version = s.get_one(Entity, office.world.ours).version
        change_entity(s, office.world.admin, office.world.ours, EntityFacts("海川证券", "海川", ("law_firm",)), version)
    with office.database.reading(EVERY_ENTITY) as s:
        assert terms(s, [s.get_one(Evidence, piece)])[piece].kept_as == CLASSES["securities_firm"]


def test_no_past_moment_brings_destroyed_bytes_back(office: Office) -> None:
    piece, then = office.piece(), clock.now()
    office.clock.move_to(AFTER)
    office.approve(office.ask(f"evidence:{piece}"))
    with asof.looking(office.database, EVERY_ENTITY, then) as s:
        assert s.get_one(Evidence, piece).destroyed_at == AFTER
        assert trail_queries.faults(s) == []
        assert trail_queries.events(s, TrailFilter((entity_chain(office.world.ours),)), limit=1)[0].action == "evidence.destroyed"


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(code=st.sampled_from(sorted(CLASSES)), entered=st.none() | st.dates(date(2005, 1, 1), date(2026, 11, 22)), days=st.integers(0, 9000), held=st.booleans())
def test_nothing_is_destroyed_before_its_date_or_under_a_hold_whatever_the_class(office: Office, code: str, entered: date | None, days: int, held: bool) -> None:
    office.clock.move_to(datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
    piece, kept_as = office.piece(f"{code}{entered}{days}{held}"), CLASSES[code]
    with office.database.writing(office.first.entities) as s:
        keeping.classify(s, office.first, piece, code, entered, REASON)
        hold = place_hold(s, office.first, HoldKind.EVIDENCE, str(piece), "诉讼").id if held else None
    today = date(2026, 11, 22) + timedelta(days=days)
    office.clock.move_to(datetime(today.year, today.month, today.day, 2, 0, tzinfo=UTC))
    start = entered if kept_as.is_entered else date(2026, 11, 22)
    # Counted anew, in months and days, by another way than the code's.
    over = start is not None and (today.year * 12 + today.month, today.day) > (start.year * 12 + start.month + kept_as.months, start.day)
    try:
        office.approve(office.ask(f"evidence:{piece}"))
    except Problem as reason:
        assert not (over and hold is None), reason.sentence
    else:
        assert over and hold is None
    assert (office.row(piece).destroyed_at is not None) is (over and hold is None)
    assert office.store.path(office.row(piece).sha256).exists() is not (over and hold is None)


@pytest.mark.parametrize("thing", ["evidence:999999", "evidence:x", "person:1", "", "event:system:0"])
def test_what_is_no_piece_of_evidence_is_refused_in_words(office: Office, thing: str) -> None:
    with pytest.raises(Problem):
        office.ask(thing, RetentionAct.DESTROY)
