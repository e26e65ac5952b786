"""Verbs on entities and people: who may, what is refused with which sentence, and that nothing happens when it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import World
from tests.making import Making
from tracker.audit import queries as trail_queries
from tracker.audit.models import AuditEvent
from tracker.db import Database
from tracker.errors import BadInput, NotFound, Problem, RuleBroken, Stale
from tracker.people import actions
from tracker.people.access import Viewer, operator
from tracker.people.actions import EntityFacts, PersonFacts
from tracker.people.models import Entity, Person, RoleGrant, SignIn
from tracker.words import Role

FACTS = EntityFacts("新证券股份有限公司", "新证券", ("securities_firm",), "XZ01")
WHO = PersonFacts("xinren", "新人", "合规部", "专员", "new@example.cn")


def as_admin(database: Database, world: World, act: Callable[[Session, Viewer], Any]) -> Any:
    """Do something as the administrator; return what it returns."""
    with database.writing(world.admin.entities) as s:
        done = act(s, world.admin)
        return getattr(done, "id", done)


def refused(database: Database, world: World, kind: type[Problem], sentence: str, act: Callable[[Session, Viewer], Any]) -> Problem:
    """Expect a refusal that changes nothing and leaves no event."""
    def events() -> int:
        with database.reading() as s:
            return s.scalar(select(func.count()).select_from(AuditEvent)) or 0

    before = events()
    with pytest.raises(kind, match=sentence) as problem:
        as_admin(database, world, act)
    assert events() == before
    return problem.value


VERBS: list[Callable[[Session, Viewer, World], Any]] = [
    lambda s, v, w: actions.create_entity(s, v, FACTS),
    lambda s, v, w: actions.change_entity(s, v, w.ours, FACTS, 1),
    lambda s, v, w: actions.set_entity_active(s, v, w.ours, False),
    lambda s, v, w: actions.add_person(s, v, WHO),
    lambda s, v, w: actions.change_person(s, v, w.people["王责任"], WHO, 1),
    lambda s, v, w: actions.grant_roles(s, v, w.people["王责任"], w.ours, [Role.OFFICER]),
    lambda s, v, w: actions.set_person_active(s, v, w.people["王责任"], False),
]


@pytest.mark.parametrize("verb", VERBS, ids=["create", "change", "deactivate", "add", "change_person", "grant", "leave"])
@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计", "孙外人"])
def test_only_an_administrator_manages_people_and_entities(
    database: Database, world: World, verb: Callable[[Session, Viewer, World], Any], name: str
) -> None:
    viewer = world.viewer(name)
    with pytest.raises(NotFound), database.writing(viewer.entities) as s:
        verb(s, viewer, world)


@pytest.mark.parametrize("verb", VERBS, ids=["create", "change", "deactivate", "add", "change_person", "grant", "leave"])
def test_every_verb_leaves_an_event_and_a_sound_trail(database: Database, world: World, verb: Callable[[Session, Viewer, World], Any]) -> None:
    with database.reading() as s:
        before = s.scalar(select(func.count()).select_from(AuditEvent)) or 0
    as_admin(database, world, lambda s, v: verb(s, v, world))
    with database.reading() as s:
        assert (s.scalar(select(func.count()).select_from(AuditEvent)) or 0) > before
        assert trail_queries.faults(s) == []


def test_an_entity_is_created_with_kinds_and_trimmed_names(database: Database, world: World) -> None:
    facts = replace(FACTS, name="  新证券 ", kinds=("securities_firm", "listed_company", "securities_firm"), parent_id=world.ours)
    made = as_admin(database, world, lambda s, v: actions.create_entity(s, v, facts))
    with database.reading() as s:
        row = s.get_one(Entity, made)
        assert (row.name, row.parent_id, row.active, row.version) == ("新证券", world.ours, True, 1)
        assert [kind.kind for kind in row.kinds] == ["listed_company", "securities_firm"]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": " "}, "name", "全称和简称"), ({"short_name": ""}, "name", "全称和简称"), ({"kinds": ()}, "kinds", "至少选择一种"),
        ({"name": "海川证券"}, "name", "已有名为“海川证券”"), ({"parent_id": 999}, "parent_id", "上级主体不存在"),
    ],
)
def test_a_wrong_entity_is_refused_at_its_field(database: Database, world: World, change: dict[str, Any], field: str, sentence: str) -> None:
    problem = refused(database, world, BadInput, sentence, lambda s, v: actions.create_entity(s, v, replace(FACTS, **change)))
    assert isinstance(problem, BadInput)
    assert [place.where for place in problem.problems] == [field]


def test_an_entity_cannot_stand_above_itself(database: Database, world: World, making: Making) -> None:
    child = making.entity("子公司", parent_id=world.ours)
    grandchild = making.entity("孙公司", parent_id=child)
    for parent in (world.ours, child, grandchild):
        facts = EntityFacts("海川证券", "海川", ("securities_firm",), parent_id=parent)
        act = partial(actions.change_entity, entity_id=world.ours, facts=facts, version=1)
        refused(database, world, BadInput, "不能是它自己或它的下级", act)


def test_a_change_from_an_old_page_shows_what_now_stands(database: Database, world: World) -> None:
    as_admin(database, world, lambda s, v: actions.change_entity(s, v, world.ours, replace(FACTS, name="先改"), 1))
    problem = refused(database, world, Stale, "已被他人修改", lambda s, v: actions.change_entity(s, v, world.ours, replace(FACTS, name="后改"), 1))
    assert isinstance(problem, Stale)
    assert problem.theirs["名称"] == "先改"


def test_a_change_of_kinds_alone_counts_as_a_change_of_the_entity(database: Database, world: World) -> None:
    facts = EntityFacts("海川证券", "海川", ("listed_company", "securities_firm"), "HC01")
    as_admin(database, world, lambda s, v: actions.change_entity(s, v, world.ours, facts, 1))
    with database.reading() as s:
        assert [kind.kind for kind in s.get_one(Entity, world.ours).kinds] == ["listed_company", "securities_firm"]


def test_saving_an_entity_unchanged_leaves_no_event(database: Database, world: World) -> None:
    with database.reading() as s:
        before = s.scalar(select(func.count()).select_from(AuditEvent))
    same = EntityFacts("海川证券", "海川", ("securities_firm",), "HC01")
    as_admin(database, world, lambda s, v: actions.change_entity(s, v, world.ours, same, 1))
    with database.reading() as s:
        assert s.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_a_person_is_added_with_pinyin_and_a_folded_login_and_no_password(database: Database, world: World) -> None:
    made = as_admin(database, world, lambda s, v: actions.add_person(s, v, replace(WHO, login=" XinRen ")))
    with database.reading() as s:
        row = s.get_one(Person, made)
        assert (row.login, row.pinyin, row.password_hash, row.active) == ("xinren", "xin ren", None, True)


def test_a_pinyin_written_by_hand_is_kept(database: Database, world: World) -> None:
    made = as_admin(database, world, lambda s, v: actions.add_person(s, v, replace(WHO, name="单某", pinyin="shan mou")))
    with database.reading() as s:
        assert s.get_one(Person, made).pinyin == "shan mou"


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"login": ""}, "login", "请填写登录名"), ({"login": "a b"}, "login", "不能有空格"), ({"login": "a\u3000b"}, "login", "不能有空格"),
        ({"name": " "}, "name", "请填写姓名"), ({"login": "WANG"}, "login", "登录名“wang”已被使用"),
    ],
)
def test_a_wrong_person_is_refused_at_his_field(database: Database, world: World, change: dict[str, Any], field: str, sentence: str) -> None:
    problem = refused(database, world, BadInput, sentence, lambda s, v: actions.add_person(s, v, replace(WHO, **change)))
    assert isinstance(problem, BadInput)
    assert [place.where for place in problem.problems] == [field]


def test_a_person_keeps_his_own_login_when_changed(database: Database, world: World) -> None:
    facts = PersonFacts("wang", "王责任", "新部门", "部门负责人")
    as_admin(database, world, lambda s, v: actions.change_person(s, v, world.people["王责任"], facts, 1))
    with database.reading() as s:
        assert s.get_one(Person, world.people["王责任"]).department == "新部门"
    refused(database, world, Stale, "已被他人修改", lambda s, v: actions.change_person(s, v, world.people["王责任"], facts, 1))


def test_granting_replaces_the_roles_in_this_entity_only(database: Database, world: World) -> None:
    person = world.people["王责任"]
    as_admin(database, world, lambda s, v: actions.grant_roles(s, v, person, world.others, [Role.REVIEWER]))
    as_admin(database, world, lambda s, v: actions.grant_roles(s, v, person, world.ours, [Role.OFFICER, Role.REVIEWER]))
    with database.reading() as s:
        held = {(entity, role) for entity, role in s.execute(select(RoleGrant.entity_id, RoleGrant.role).where(RoleGrant.person_id == person))}
    assert held == {(world.others, Role.REVIEWER), (world.ours, Role.OFFICER), (world.ours, Role.REVIEWER)}
    as_admin(database, world, lambda s, v: actions.grant_roles(s, v, person, world.ours, []))
    assert not World.read(database).viewer("王责任").sees(world.ours)


def test_an_auditor_holds_no_other_role_in_the_same_entity(database: Database, world: World) -> None:
    grant = [Role.AUDITOR, Role.OWNER]
    refused(database, world, BadInput, "“审计”只读取和导出", lambda s, v: actions.grant_roles(s, v, world.people["钱审计"], world.ours, grant))


def test_who_leaves_is_signed_out_everywhere_and_keeps_his_history(
    database: Database, world: World, making: Making, frozen_clock: time_machine.Traveller
) -> None:
    person = world.people["王责任"]
    making.token(person)
    making.token(person)
    as_admin(database, world, lambda s, v: actions.set_person_active(s, v, person, False))
    with database.reading() as s:
        row = s.get_one(Person, person)
        assert (row.active, row.left_on) == (False, date(2026, 11, 22))
        assert s.scalar(select(func.count()).select_from(SignIn).where(SignIn.person_id == person)) == 0
    as_admin(database, world, lambda s, v: actions.set_person_active(s, v, person, True))
    with database.reading() as s:
        assert s.get_one(Person, person).left_on is None


def test_today_is_the_date_in_shanghai(database: Database, world: World) -> None:
    with time_machine.travel("2026-11-22 17:30+00:00", tick=False):
        as_admin(database, world, lambda s, v: actions.set_person_active(s, v, world.people["王责任"], False))
    with database.reading() as s:
        assert s.get_one(Person, world.people["王责任"]).left_on == date(2026, 11, 23)


def test_the_last_administrator_stays(database: Database, world: World, making: Making) -> None:
    me = world.people["管理员"]
    plain = PersonFacts("admin", "管理员", is_admin=False)
    refused(database, world, RuleBroken, "至少要保留一位", lambda s, v: actions.change_person(s, v, me, plain, 1))
    refused(database, world, RuleBroken, "不能停用您自己", lambda s, v: actions.set_person_active(s, v, me, False))
    second = making.person("第二位", is_admin=True)
    as_admin(database, world, lambda s, v: actions.change_person(s, v, me, plain, 1))
    host = World.read(database).viewer("操作员")
    with pytest.raises(RuleBroken, match="至少要保留一位"), database.writing(host.entities) as s:
        actions.set_person_active(s, host, second, False)


def test_a_deactivated_entity_is_out_of_sight_and_comes_back(database: Database, world: World) -> None:
    as_admin(database, world, lambda s, v: actions.set_entity_active(s, v, world.ours, False))
    assert not World.read(database).officer.sees(world.ours)
    as_admin(database, world, lambda s, v: actions.set_entity_active(s, v, world.ours, True))
    assert World.read(database).officer.sees(world.ours)


@pytest.mark.parametrize("missing", [0, 999])
def test_what_does_not_exist_is_not_found(database: Database, world: World, missing: int) -> None:
    refused(database, world, NotFound, "没有找到", lambda s, v: actions.change_entity(s, v, missing, FACTS, 1))
    refused(database, world, NotFound, "没有找到", lambda s, v: actions.change_person(s, v, missing, WHO, 1))
    refused(database, world, NotFound, "没有找到", lambda s, v: actions.grant_roles(s, v, world.people["王责任"], missing, [Role.OWNER]))


@pytest.mark.parametrize(("field", "text"), [
    ("name", "坏\x01名"), ("department", "部\x7f门"), ("login", "\udcff"), ("name", "名" * 65), ("department", "部" * 101), ("login", "l" * 65),
])
def test_what_no_workbook_or_column_can_hold_is_refused_whatever_the_door(database: Database, field: str, text: str) -> None:
    host = operator("操作员")
    with pytest.raises(BadInput), database.writing(host.entities) as s:
        actions.add_person(s, host, replace(PersonFacts("new", "新人"), **{field: text}))


def test_the_longest_name_has_a_pinyin_that_fits(database: Database) -> None:
    host = operator("操作员")
    with database.writing(host.entities) as s:
        assert len(actions.add_person(s, host, PersonFacts("long", "庄" * 64)).pinyin) == 200
