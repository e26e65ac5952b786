"""Granting roles on the pages: per person and per entity, many at once, only what was changed."""

from __future__ import annotations

from sqlalchemy import select

from tests.cast import World
from tests.making import Making
from tests.web.browsing import Browser
from tracker.audit.models import AuditEvent
from tracker.db import Database
from tracker.people.queries import roles_of
from tracker.words import Role


def _held(database: Database, person_id: int, entity_id: int) -> set[Role]:
    with database.reading() as s:
        return set(roles_of(s, person_id).get(entity_id, ()))


def test_roles_are_granted_per_entity_and_each_change_is_told(admin: Browser, database: Database, world: World) -> None:
    wang = world.people["王责任"]
    admin.get(f"/people/{wang}")
    answer = admin.post(f"/people/{wang}/roles", {
        f"was-{world.ours}": "owner", f"roles-{world.ours}": ["owner", "reviewer"], f"was-{world.others}": "", f"roles-{world.others}": ["auditor"],
    })
    assert answer.status_code == 303
    assert _held(database, wang, world.ours) == {Role.OWNER, Role.REVIEWER}
    assert _held(database, wang, world.others) == {Role.AUDITOR}
    with database.reading() as s:
        told = select(AuditEvent.chain_id).where(AuditEvent.action == "person.roles_granted", AuditEvent.actor == f"u_{world.people['管理员']}")
        assert sorted(s.scalars(told)) == [f"ent_{world.ours}", f"ent_{world.others}"]


def test_only_boxes_changed_on_the_page_change_anything(admin: Browser, database: Database, making: Making, world: World) -> None:
    wang = world.people["王责任"]
    admin.get(f"/people/{wang}")
    making.grant(wang, [Role.OWNER, Role.OFFICER])
    admin.post(f"/people/{wang}/roles", {f"was-{world.ours}": "owner", f"roles-{world.ours}": ["owner", "reviewer"]})
    assert _held(database, wang, world.ours) == {Role.OWNER, Role.OFFICER, Role.REVIEWER}


def test_an_auditor_with_another_role_is_refused_in_his_line_and_nothing_is_kept(admin: Browser, database: Database, world: World) -> None:
    wang, qian = world.people["王责任"], world.people["钱审计"]
    admin.get(f"/entities/{world.ours}")
    answer = admin.post(f"/entities/{world.ours}/roles", {
        f"was-{qian}": "auditor", f"roles-{qian}": ["auditor", "owner"], f"was-{wang}": "owner", f"roles-{wang}": ["reviewer"],
    })
    assert answer.status_code == 422
    assert "“审计”只读取和导出" in answer.text
    assert _held(database, wang, world.ours) == {Role.OWNER}
    assert _held(database, qian, world.ours) == {Role.AUDITOR}


def test_many_people_get_roles_in_one_entity_at_once(admin: Browser, database: Database, world: World) -> None:
    sun, boss = world.people["孙外人"], world.people["管理员"]
    admin.get(f"/entities/{world.ours}")
    answer = admin.post(f"/entities/{world.ours}/roles", {f"roles-{sun}": ["owner"], f"roles-{boss}": ["reviewer", "nonsense"]})
    assert answer.status_code == 303
    assert _held(database, sun, world.ours) == {Role.OWNER}
    assert _held(database, boss, world.ours) == {Role.REVIEWER}
