"""Personal data: sealed by one person for a reason, deleted by two after its term, and then nowhere to be found again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.retention.conftest import AFTER, REASON, Office
from tracker import asof, clock, migrate, schema
from tracker.audit import queries as trail_queries
from tracker.audit import trail
from tracker.audit.queries import TrailFilter
from tracker.audit.trail import SYSTEM_CHAIN
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import BadInput, Forbidden, NotFound, RuleBroken
from tracker.evidence.store import Store
from tracker.people import actions, signing_in
from tracker.people.access import Viewer, operator
from tracker.people.actions import EntityFacts, PersonFacts
from tracker.people.models import Person
from tracker.people.queries import roles_of
from tracker.retention import asking, keeping, sealing
from tracker.retention.holding import place_hold
from tracker.words import HoldKind, RetentionAct, Role, Via

ERASED, LATE = RetentionAct.REDACT_PERSON, datetime(2046, 12, 1, 2, 0, tzinfo=UTC)


def gone(office: Office) -> int:
    """Let 周离任 come, sign in, bring evidence and leave; return his number."""
    world, database = office.world, office.database
    with database.writing(EVERY_ENTITY) as s:
        person = actions.add_person(s, world.admin, PersonFacts("zhoulr", "周离任", "资管部", "经理", "zhoulr@example.com")).id
        actions.grant_roles(s, world.admin, person, world.ours, [Role.OWNER])
        signing_in.sign_in(s, person, 12, "192.0.2.77", Via.WEB)
    with database.writing(EVERY_ENTITY) as s:
        actions.change_person(s, world.admin, person, PersonFacts("zhoulr", "周离任", "投行部", "经理", "zhoulr@example.com"), 1)
        actions.set_person_active(s, world.admin, person, False)
    return person


def dumped(database: Database) -> str:
    """Return every value of every row of every table as one text."""
    with database.engine.connect() as connection:
        return "\n".join(str(row) for table in schema.METADATA.sorted_tables for row in connection.execute(table.select()))


def test_an_erasure_within_the_term_is_refused_and_sealing_proposed(office: Office) -> None:
    person = gone(office)
    with pytest.raises(RuleBroken, match="期限至 2046-11-22.*第47条（未核验）.*改用“封存”"):
        office.ask(f"person:{person}", ERASED)
    with office.database.writing(office.first.entities) as s, pytest.raises(BadInput, match="请填写理由"):
        sealing.seal_person(s, office.world.admin, person, "  ")
    with office.database.writing(office.first.entities) as s:
        assert sealing.seal_person(s, office.world.admin, person, "本人请求删除") > 6
    told = events(office.database)
    assert "周离任" not in str([one.personal for one in told]) and "（已封存）" in str([one.personal for one in told])
    with office.database.writing(office.first.entities) as s:
        sealing.unseal_person(s, office.world.admin, person, "本人撤回")
    assert "周离任" in str([one.personal for one in events(office.database)])


def test_what_concerns_nobodys_entity_alone_is_for_administrators_and_an_access_log_for_officers(office: Office) -> None:
    world, person = office.world, gone(office)
    with office.database.reading(EVERY_ENTITY) as s:
        system = next(told for told in trail_queries.events(s, TrailFilter((SYSTEM_CHAIN,))) if told.personal)
    for who in (office.first, world.owner, world.auditor):
        with office.database.writing(who.entities) as s:
            for verb in (sealing.seal_person, sealing.unseal_person):
                with pytest.raises(NotFound):
                    verb(s, who, person, REASON)
            with pytest.raises((NotFound, Forbidden)):
                sealing.seal(s, who, SYSTEM_CHAIN, system.seq, sorted(system.personal), REASON)
            with pytest.raises((NotFound, Forbidden)):
                asking.ask(s, who, ERASED, f"person:{person}", REASON, "本人请求")
            with pytest.raises((NotFound, Forbidden)):
                asking.ask(s, who, RetentionAct.REDACT, f"event:{SYSTEM_CHAIN}:{system.seq}", REASON, "本人请求", sorted(system.personal))
    # An administrator with a part in the entity that is no officer's may decide on its chain, but not on who read what.
    helper = Viewer(world.admin.person_id, "管理员", is_admin=True, roles={world.ours: frozenset({Role.REVIEWER})})
    keeping.need_keeper_of(helper, trail.entity_chain(world.ours))
    with pytest.raises(Forbidden, match="合规管理"):
        keeping.need_keeper_of(helper, trail.access_chain(world.ours))
    keeping.need_keeper_of(office.first, trail.access_chain(world.ours))
    keeping.need_keeper_of(world.admin, SYSTEM_CHAIN)


def events(database: Database) -> list[trail_queries.Told]:
    """List the events of all chains, the chains being sound."""
    with database.reading() as s:
        assert trail_queries.faults(s) == []
        return trail_queries.events(s, TrailFilter(tuple(one.chain_id for one in trail_queries.chain_heads(s))))


def test_a_person_is_deleted_by_two_after_the_term_and_no_row_and_no_past_knows_him(office: Office) -> None:
    person, then = gone(office), clock.now()
    assert "周离任" in dumped(office.database)
    office.clock.move_to(AFTER)
    request = office.ask(f"person:{person}", ERASED)
    with pytest.raises(Forbidden, match="不能自己批准"):
        office.approve(request, office.world.admin)
    office.approve(request)
    left = dumped(office.database)
    assert [word for word in ("周离任", "zhoulr", "zhoulr@example.com", "资管部", "192.0.2.77", "lizhou") if word in left] == []
    with office.database.reading() as s:
        row = s.get_one(Person, person)
        assert (row.name, row.login, row.email, row.department) == (f"已删除人员{person}", f"deleted-{person}", "", "")
    assert "（已依法删除）" in str([one.personal for one in events(office.database)])
    with asof.looking(office.database, EVERY_ENTITY, then) as s:
        assert s.get_one(Person, person).name == f"已删除人员{person}"
        assert trail_queries.faults(s) == []
    with pytest.raises(RuleBroken, match="已经删除"):
        office.ask(f"person:{person}", ERASED)


def test_who_is_still_here_and_who_is_under_a_hold_is_not_deleted(office: Office) -> None:
    person = gone(office)
    office.clock.move_to(LATE)
    with pytest.raises(RuleBroken, match="仍在职"):
        office.ask(f"person:{office.world.people['王责任']}", ERASED)
    request = office.ask(f"person:{person}", ERASED)
    with office.database.writing(office.first.entities) as s:
        hold = place_hold(s, office.first, HoldKind.PERSON, str(person), "劳动仲裁").id
    with pytest.raises(RuleBroken, match=f"第 {hold} 号法律保全（一名人员，2046-12-01 设置）"):
        office.approve(request)
    assert "周离任" in dumped(office.database)


def test_one_value_of_one_event_is_sealed_and_after_its_term_deleted(office: Office) -> None:
    chain = trail.entity_chain(office.world.ours)
    office.piece()
    with office.database.reading() as s:
        seq = trail_queries.events(s, TrailFilter((chain,)), limit=1)[0].seq
    with office.database.writing(office.first.entities) as s:
        assert sealing.seal(s, office.first, chain, seq, ["file_name"], "含客户姓名") == 1
        with pytest.raises(BadInput, match="至少选择一栏"):
            sealing.seal(s, office.first, chain, seq, [], "含客户姓名")
    thing = f"event:{chain}:{seq}"
    with pytest.raises(RuleBroken, match="期限至 2046-11-22"):
        office.ask(thing, RetentionAct.REDACT, "file_name")
    office.clock.move_to(AFTER)
    # What is asked for stands in the trail for good, so it may be no text of one's own.
    with pytest.raises(BadInput, match="没有所选的栏目"):
        office.ask(thing, RetentionAct.REDACT, "file_name", "随手写下的话")
    office.approve(office.ask(thing, RetentionAct.REDACT, "file_name"))
    told = next(one for one in events(office.database) if (one.chain, one.seq) == (chain, seq))
    assert told.personal["file_name"] == "（已依法删除）" and "记录.txt" not in str(told)


UPDATED = "UPDATE row_version SET content = replace(content, '{old}', '{new}') WHERE table_name = '{table}' AND content LIKE '%{old}%'"


def refused(database: Database) -> None:
    """Try to change versions of rows in ways that no redaction does."""
    for table, old, new in (("person", "王责任", "已删除人员2"), ("person", "is_admin", "is_boss"), ("person", '"login":"deleted', '"login":"x'), ("entity", "海川", "别的")):
        with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.exec_driver_sql(UPDATED.format(table=table, old=old, new=new).replace("%", "%%") if database.engine.dialect.name == "postgresql"
                                       else UPDATED.format(table=table, old=old, new=new))


def test_the_journal_lets_nothing_else_be_changed(office: Office) -> None:
    person = gone(office)
    office.clock.move_to(AFTER)
    office.approve(office.ask(f"person:{person}", ERASED))
    refused(office.database)


def test_postgresql_allows_the_same_and_refuses_the_same(postgres_database: Database, tmp_path: Path, frozen_clock: object) -> None:
    database, host = postgres_database, operator("操作员")
    migrate.upgrade(database)
    with database.writing(EVERY_ENTITY) as s:
        trail.found(s)
    with database.writing(EVERY_ENTITY) as s:
        entity = actions.create_entity(s, host, EntityFacts("海川证券", "海川", ("securities_firm",))).id
        left, first, second = (actions.add_person(s, host, PersonFacts(login, name)).id for login, name in (("zhoulr", "周离任"), ("wang", "王责任"), ("lin", "林合规")))
        for one in (left, first, second):
            actions.grant_roles(s, host, one, entity, [Role.OFFICER])
        actions.set_person_active(s, host, left, False)
    with database.reading() as s:
        viewers = [Viewer(one, name, one == first, roles_of(s, one), Via.WEB) for one, name in ((first, "王责任"), (second, "林合规"))]
    with clock.at(AFTER):
        with database.writing(EVERY_ENTITY) as s:
            request = asking.ask(s, viewers[0], ERASED, f"person:{left}", REASON, "本人请求").id
        with database.writing(EVERY_ENTITY) as s:
            asking.approve(s, viewers[1], request, Store(tmp_path, 100))
    assert "周离任" not in dumped(database) and "（已依法删除）" in str([one.personal for one in events(database)])
    refused(database)
    for statement in (
        "DELETE FROM audit_disclosure WHERE field = 'actor_name'", "UPDATE audit_seal SET state = 'sealed'", "DELETE FROM audit_seal", "TRUNCATE audit_seal",
        "INSERT INTO audit_disclosure SELECT chain_id, seq, field, 'x', 'x' FROM audit_seal",
    ):
        with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
