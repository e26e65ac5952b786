"""Access: deny by default, 404 for what one may not see, 403 for what one may see but not do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import CAST, World
from tracker.db import EVERY_ENTITY
from tracker.errors import Forbidden, NotFound
from tracker.people.access import Viewer, need_admin, need_role, need_sight, operator
from tracker.words import Role, Via

roles = st.frozensets(st.sampled_from(Role))
maps = st.dictionaries(st.integers(1, 4), roles)


def test_the_cast_stands_as_its_sentences_say(world: World) -> None:
    for member in CAST:
        viewer = world.viewer(member.facts.name)
        assert viewer.is_admin == member.facts.is_admin
        assert [e for e in (world.ours, world.others) if viewer.sees(e)] == ([{"海川证券": world.ours, "别家私募": world.others}[member.entity]] if member.entity else [])
        assert not member.role or viewer.holds(world.ours if member.entity == "海川证券" else world.others, member.role)


def test_somebody_without_any_role_sees_and_may_do_nothing() -> None:
    nobody = Viewer(1, "某人")
    assert not nobody.sees(1)
    assert tuple(nobody.entities) == ()
    with pytest.raises(NotFound):
        need_sight(nobody, 1)
    with pytest.raises(NotFound):
        need_role(nobody, 1, *Role)
    with pytest.raises(NotFound):
        need_admin(nobody)


def test_an_administrator_sees_no_entitys_work() -> None:
    admin = Viewer(1, "管理员", is_admin=True)
    need_admin(admin)
    with pytest.raises(NotFound):
        need_sight(admin, 1)


def test_an_empty_set_of_roles_is_no_role() -> None:
    assert not Viewer(1, "某人", roles={1: frozenset()}).sees(1)


@given(maps, st.integers(1, 5))
def test_sight_comes_with_any_role_and_with_nothing_else(held: dict[int, frozenset[Role]], entity: int) -> None:
    for is_admin in (False, True):
        assert Viewer(1, "某人", is_admin, held).sees(entity) == bool(held.get(entity))


@given(maps, st.integers(1, 5), roles)
def test_strangers_get_404_the_wrong_role_403_the_right_one_passes(held: dict[int, frozenset[Role]], entity: int, wanted: frozenset[Role]) -> None:
    viewer = Viewer(1, "某人", True, held)
    if not held.get(entity):
        with pytest.raises(NotFound):
            need_role(viewer, entity, *wanted)
    elif not held[entity] & wanted:
        with pytest.raises(Forbidden):
            need_role(viewer, entity, *wanted)
    else:
        need_role(viewer, entity, *wanted)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("entity", [1, 2])
def test_a_role_in_one_entity_says_nothing_of_another(role: Role, entity: int) -> None:
    viewer = Viewer(1, "某人", roles={entity: frozenset({role})})
    assert viewer.holds(entity, role)
    assert not viewer.sees(3 - entity)


def test_the_refusal_names_the_roles_that_are_needed() -> None:
    viewer = Viewer(1, "某人", roles={1: frozenset({Role.AUDITOR})})
    with pytest.raises(Forbidden, match="“合规管理”或“复核人”") as refused:
        need_role(viewer, 1, Role.OFFICER, Role.REVIEWER)
    assert refused.value.status == 403


def test_the_operator_may_read_everything_and_is_named_in_the_trail() -> None:
    host = operator("root@server")
    assert host.entities == EVERY_ENTITY
    assert host.sees(17)
    assert host.holds(17, Role.OFFICER)
    need_admin(host)
    assert (host.actor.id, host.actor.name, host.actor.via) == ("operator", "root@server", Via.CLI)


def test_a_person_is_named_in_the_trail_by_id_and_door() -> None:
    actor = Viewer(17, "王责任", via=Via.API).actor
    assert (actor.id, actor.name, actor.via) == ("u_17", "王责任", Via.API)
