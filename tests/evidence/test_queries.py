"""Reading evidence: strangers get 404, the library filters and sorts with two statements, versions stay together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import event

from tests.cast import World
from tests.evidence.conftest import Put
from tests.making import Making
from tracker.db import Database
from tracker.errors import BadInput, NotFound
from tracker.evidence.actions import EvidenceFacts, replace_evidence
from tracker.evidence.checks import Kind
from tracker.evidence.queries import LibraryFilter, evidence, evidence_rows, library, to_cite, versions
from tracker.evidence.store import Stored
from tracker.people.access import Viewer
from tracker.people.actions import set_person_active
from tracker.words import Role

Keep = Callable[[str, str], Stored]


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the SELECT statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def names(database: Database, viewer: Viewer, wanted: LibraryFilter = LibraryFilter(), **how: object) -> list[str]:
    """Return the names that the library lists; the count must agree when the whole is shown."""
    with database.reading(viewer.entities) as s:
        page = library(s, viewer, wanted, **how)  # type: ignore[arg-type]
    if not how.keys() & {"offset", "limit"}:
        assert page.count == len(page.rows)
    return [row.name for row in page.rows]


@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计", "操作员"])
def test_whoever_has_a_role_sees_the_evidence(database: Database, world: World, put: Put, name: str) -> None:
    first, who = put(), world.viewer(name)
    with database.reading(who.entities) as s:
        assert evidence(s, who, first).id == first
    assert names(database, who) == ["证据.txt"]


@pytest.mark.parametrize("name", ["孙外人", "管理员"])
def test_strangers_get_what_they_would_get_if_it_never_existed(database: Database, world: World, put: Put, name: str) -> None:
    first, who = put(), world.viewer(name)
    with database.reading(who.entities) as s:
        for missing in (first, 999):
            with pytest.raises(NotFound) as caught:
                evidence(s, who, missing)
            assert caught.value.sentence == NotFound().sentence
        with pytest.raises(NotFound):
            versions(s, who, first)
        with pytest.raises(NotFound):
            to_cite(s, who, world.ours, [first])
        assert evidence_rows(s, who, [first]) == {}
        page = library(s, who, LibraryFilter(entity_ids=(world.ours,)))
        assert (page.rows, page.count) == ([], 0)


def test_a_session_that_sees_too_much_does_not_help_a_stranger(database: Database, world: World, put: Put) -> None:
    first = put()
    with database.reading("every entity") as s:
        with pytest.raises(NotFound):
            evidence(s, world.outsider, first)
        assert library(s, world.outsider, LibraryFilter()).count == 0
        assert evidence_rows(s, world.outsider, [first]) == {}


def test_a_row_tells_entity_and_uploader_and_whether_he_left(database: Database, world: World, making: Making, put: Put) -> None:
    leaver = making.person("离责任", roles=[Role.OWNER])
    first = put(viewer=making.viewer(leaver))
    with database.writing() as s:
        set_person_active(s, world.admin, leaver, False)
    with database.reading(world.auditor.entities) as s:
        row = evidence_rows(s, world.auditor, [first])[first]
    assert (row.entity_name, row.uploader, row.uploader_left, row.is_current) == ("海川", "离责任", True, True)


def test_the_library_finds_by_name_and_takes_wildcards_as_they_stand(database: Database, world: World, put: Put) -> None:
    for name in ("适当性报告.txt", "100%完成.txt", "a_b.txt", "aXb.TXT"):
        put(name)
    assert names(database, world.officer, LibraryFilter(search="适当")) == ["适当性报告.txt"]
    assert names(database, world.officer, LibraryFilter(search="%")) == ["100%完成.txt"]
    assert names(database, world.officer, LibraryFilter(search="a_b")) == ["a_b.txt"]
    assert names(database, world.officer, LibraryFilter(search=" AXB ")) == ["aXb.TXT"]
    assert names(database, world.officer, LibraryFilter(search="没有的")) == []


def test_the_library_filters_by_kind_and_day_obtained(database: Database, world: World, put: Put) -> None:
    put("一.txt", obtained_on=date(2026, 1, 31))
    put("二.csv", obtained_on=date(2026, 2, 1))
    put("三.md")
    assert names(database, world.officer, LibraryFilter(kinds=(Kind.TXT, Kind.MD)), sort="name", descending=False) == ["一.txt", "三.md"]
    assert names(database, world.officer, LibraryFilter(obtained_from=date(2026, 2, 1))) == ["二.csv"]
    assert names(database, world.officer, LibraryFilter(obtained_to=date(2026, 1, 31))) == ["一.txt"]
    assert names(database, world.officer, LibraryFilter(obtained_from=date(2026, 1, 31), obtained_to=date(2026, 2, 1)), descending=False) == ["一.txt", "二.csv"]


def test_the_library_sorts_with_the_unknown_last_and_pages(database: Database, world: World, put: Put) -> None:
    put("一.txt", obtained_on=date(2026, 1, 1))
    put("二.txt")
    put("三.txt", obtained_on=date(2026, 3, 1))
    officer = world.officer
    assert names(database, officer, sort="obtained_on", descending=False) == ["一.txt", "三.txt", "二.txt"]
    assert names(database, officer, sort="obtained_on") == ["三.txt", "一.txt", "二.txt"]
    assert names(database, officer, sort="no such column") == ["三.txt", "二.txt", "一.txt"]
    assert names(database, officer, offset=1, limit=1) == ["二.txt"]
    with database.reading(officer.entities) as s:
        assert library(s, officer, LibraryFilter(), limit=1).count == 3


def test_the_library_of_several_entities_can_be_narrowed(database: Database, world: World, making: Making, put: Put) -> None:
    both = making.person("双合规", roles=[Role.OFFICER])
    making.grant(both, [Role.OFFICER], world.others)
    who = making.viewer(both)
    put("我方.txt")
    put("对方.txt", viewer=world.outsider, entity_id=world.others)
    assert names(database, who, sort="name", descending=False) == sorted(["我方.txt", "对方.txt"])
    assert names(database, who, LibraryFilter(entity_ids=(world.others,))) == ["对方.txt"]
    assert names(database, world.viewer("操作员"), LibraryFilter(entity_ids=(world.ours,))) == ["我方.txt"]


def test_only_current_versions_are_listed_unless_all_are_asked_for(database: Database, world: World, stored: Keep, put: Put) -> None:
    first = put("草稿.txt")
    with database.writing(world.owner.entities) as s:
        second = replace_evidence(s, world.owner, first, stored("定稿.txt", "二"), EvidenceFacts()).id
    assert names(database, world.officer) == ["定稿.txt"]
    assert names(database, world.officer, LibraryFilter(all_versions=True)) == ["定稿.txt", "草稿.txt"]
    with database.reading(world.auditor.entities) as s:
        for either in (first, second):
            assert [(row.id, row.version_no, row.is_current) for row in versions(s, world.auditor, either)] == [(second, 2, True), (first, 1, False)]


def test_the_library_takes_two_statements_whatever_the_number(database: Database, world: World, put: Put) -> None:
    for number in range(12):
        put(f"证据{number}.txt")
        if number in (0, 11):
            with database.reading(world.officer.entities) as s, counted(database) as sent:
                library(s, world.officer, LibraryFilter())
            assert len([statement for statement in sent if statement.startswith("SELECT")]) == 2
    with database.reading(world.officer.entities) as s, counted(database) as sent:
        assert len(evidence_rows(s, world.officer, range(1, 13))) == 12
    assert len(sent) == 2, "BEGIN and one SELECT"


def test_only_current_pieces_of_the_entity_can_be_cited(database: Database, world: World, stored: Keep, put: Put) -> None:
    first, other = put("甲.txt"), put("乙.txt")
    theirs = put("丙.txt", viewer=world.outsider, entity_id=world.others)
    with database.reading(world.owner.entities) as s:
        assert [row.id for row in to_cite(s, world.owner, world.ours, [other, first, first])] == [first, other]
        assert to_cite(s, world.owner, world.ours, []) == []
        for bad in (theirs, 999):
            with pytest.raises(BadInput, match="不属于本主体或已不存在"):
                to_cite(s, world.owner, world.ours, [first, bad])
    with database.writing(world.owner.entities) as s:
        replace_evidence(s, world.owner, first, stored("甲.txt", "新"), EvidenceFacts())
    with database.reading(world.owner.entities) as s, pytest.raises(BadInput, match="“甲.txt”的第 1 版已有更新的版本"):
        to_cite(s, world.owner, world.ours, [first])
