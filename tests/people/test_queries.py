"""Reads of people and entities: what one may not see looks like what never existed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.cast import World
from tests.making import Making
from tracker.db import Database
from tracker.errors import NotFound
from tracker.people import actions, queries
from tracker.words import Role


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def test_an_unseen_entity_and_one_that_never_was_give_the_same_answer(database: Database, world: World) -> None:
    with database.reading() as s:
        sentences = set()
        for entity in (world.others, 999):
            with pytest.raises(NotFound) as refused:
                queries.entity(s, world.officer, entity)
            sentences.add(refused.value.sentence)
        assert len(sentences) == 1
        assert queries.entity(s, world.officer, world.ours).name == "海川证券"


def test_the_tree_holds_what_one_sees_parents_before_children(database: Database, world: World, making: Making) -> None:
    child = making.entity("子公司", parent_id=world.ours)
    making.entity("孙公司", parent_id=child)
    with database.reading() as s:
        whole = queries.entity_tree(s, world.admin, for_managing=True)
        assert [(row.name, row.depth) for row in whole] == [("海川证券", 0), ("子公司", 1), ("孙公司", 2), ("别家私募", 0)]
        assert [row.name for row in queries.entity_tree(s, world.officer)] == ["海川证券"]
        assert queries.entity_tree(s, world.admin) == []
        assert [row.name for row in queries.entity_tree(s, world.officer, for_managing=True)] == ["海川证券"]


def test_a_child_whose_parent_is_out_of_sight_stands_at_the_top(database: Database, world: World, making: Making) -> None:
    child = making.entity("子公司", parent_id=world.others)
    making.grant(world.people["林合规"], [Role.OFFICER], child)
    officer = World.read(database).officer
    with database.reading() as s:
        assert [(row.name, row.depth) for row in queries.entity_tree(s, officer)] == [("海川证券", 0), ("子公司", 0)]


def test_an_entity_is_found_by_either_name_or_id_among_those_one_sees(database: Database, world: World) -> None:
    with database.reading() as s:
        for name in ("海川证券", "海川", str(world.ours)):
            assert queries.entity_by_name(s, world.officer, name).id == world.ours
        with pytest.raises(NotFound, match="没有名为“别家私募”的主体。现有主体：海川证券。"):
            queries.entity_by_name(s, world.officer, "别家私募")


def test_colleagues_come_in_pinyin_order_with_their_roles(database: Database, world: World, making: Making) -> None:
    making.grant(world.people["王责任"], [Role.OWNER, Role.REVIEWER])
    with database.reading() as s:
        found = queries.colleagues(s, world.owner, world.ours)
        assert [c.name for c in found] == ["林合规", "钱审计", "王责任", "赵复核"]
        assert [c.name for c in queries.colleagues(s, world.owner, world.ours, Role.REVIEWER)] == ["王责任", "赵复核"]
        assert found[2].roles == {Role.OWNER, Role.REVIEWER}
        with pytest.raises(NotFound):
            queries.colleagues(s, world.outsider, world.ours)
        with pytest.raises(NotFound):
            queries.colleagues(s, world.admin, world.ours)


def test_who_has_left_stays_readable_but_is_no_longer_offered(database: Database, world: World) -> None:
    with database.writing() as s:
        actions.set_person_active(s, world.admin, world.people["王责任"], False)
    with database.reading() as s:
        assert "王责任" not in {c.name for c in queries.colleagues(s, world.officer, world.ours)}
        assert "王责任" in {c.name for c in queries.colleagues(s, world.officer, world.ours, active_only=False)}
        assert queries.names(s, [world.people["王责任"], None])[world.people["王责任"]].shown == "王责任（已离职） · 财富管理部"


@pytest.mark.parametrize("name", ["林合规", "王责任", "赵复核", "钱审计", "孙外人"])
def test_people_are_managed_by_administrators_only(database: Database, world: World, name: str) -> None:
    with database.reading() as s:
        with pytest.raises(NotFound):
            queries.people_to_manage(s, world.viewer(name))
        with pytest.raises(NotFound):
            queries.person_to_manage(s, world.viewer(name), world.people["王责任"])
        with pytest.raises(NotFound):
            queries.entity_to_manage(s, world.viewer(name), world.ours)


def test_reads_take_the_same_number_of_statements_whatever_the_number_of_rows(database: Database, world: World, making: Making) -> None:
    def count() -> int:
        with database.reading() as s, statements(database) as sent:
            queries.people_to_manage(s, world.admin)
            queries.entity_tree(s, world.admin, for_managing=True)
            queries.colleagues(s, world.officer, world.ours)
            queries.names(s, range(1, 50))
        return len([one for one in sent if one.startswith("SELECT")])

    before = count()
    for _ in range(10):
        making.person(roles=[Role.OWNER])
        making.entity()
    assert count() == before <= 6


def test_a_viewer_is_known_after_two_statements(database: Database, world: World, making: Making) -> None:
    token = making.token(world.people["王责任"])
    with database.reading() as s, statements(database) as sent:
        assert queries.viewer_of(s, token) == world.owner
    assert len([one for one in sent if one.startswith("SELECT")]) == 2
