"""The access log: a chain of its own per entity, opened with the first read, checked like every other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import World
from tests.work import Company, company, working_template
from tracker import clock
from tracker.asof import looking
from tracker.audit import queries, trail
from tracker.audit.actor import SYSTEM
from tracker.audit.models import AuditChain
from tracker.audit.queries import TrailFilter
from tracker.audit.trail import UnrecordedChange
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import NotFound
from tracker.evidence.actions import note_download, note_preview
from tracker.evidence.models import Evidence
from tracker.people.models import Entity

__all__ = ["company", "working_template"]


def sizes(database: Database) -> dict[str, int]:
    """Return how many events each chain holds, after making sure that all are sound."""
    with database.reading() as s:
        assert queries.faults(s) == []
        return {row.chain_id: row.size for row in s.execute(select(AuditChain.chain_id, AuditChain.size))}


def test_a_download_is_an_event_of_the_entitys_access_log_and_of_no_other_chain(company: Company) -> None:
    piece, before, owner = company.evidence(), sizes(company.database), company.world.owner
    with company.database.writing(owner.entities) as s:
        note_download(s, owner, piece)
    chain = trail.access_chain(company.world.ours)
    assert sizes(company.database) == before | {chain: 1}
    with company.database.reading(owner.entities) as s:
        (told,) = queries.events(s, TrailFilter((chain,)))
        row = s.get_one(Evidence, piece)
        assert (told.action, told.object, told.actor, told.after) == ("evidence.downloaded", f"evidence:{piece}", owner.actor.id, {"sha256": row.sha256, "size": row.size})
        assert told.personal == {"actor_name": "王责任", "file_name": "检查记录.txt"}
        opened = s.get_one(AuditChain, chain)
        assert (opened.kind, opened.created_at) == ("access", told.at)


def test_turning_pages_counts_once_in_ten_minutes_and_each_person_for_himself(company: Company, frozen_clock: time_machine.Traveller) -> None:
    piece, chain = company.evidence(), trail.access_chain(company.world.ours)

    def look(name: str) -> int:
        who = company.world.viewer(name)
        with company.database.writing(who.entities) as s:
            note_preview(s, who, piece)
        return sizes(company.database).get(chain, 0)

    assert [look("王责任"), look("王责任"), look("钱审计")] == [1, 1, 2]
    frozen_clock.shift(timedelta(minutes=9))
    assert look("王责任") == 2
    frozen_clock.shift(timedelta(minutes=2))
    assert look("王责任") == 3


def test_who_does_not_see_a_piece_leaves_no_trace_in_its_log(company: Company) -> None:
    piece, outsider = company.evidence(), company.world.outsider
    with pytest.raises(NotFound), company.database.writing(EVERY_ENTITY) as s:
        note_download(s, outsider, piece)
    assert trail.access_chain(company.world.ours) not in sizes(company.database)


def test_a_read_does_not_cover_a_change(database: Database, world: World) -> None:
    with pytest.raises(UnrecordedChange), database.writing() as s:
        s.get_one(Entity, world.ours).short_name = "改了"
        trail.record(s, SYSTEM, "evidence.downloaded", f"entity:{world.ours}", entity_id=world.ours, log="access")


def test_only_an_entity_has_an_access_log(database: Database) -> None:
    with pytest.raises(ValueError), database.writing() as s:
        trail.record(s, SYSTEM, "evidence.downloaded", "evidence:1", log="access")


def test_a_chain_that_is_gone_is_not_opened_again_by_an_ordinary_event(database: Database) -> None:
    with pytest.raises(Exception, match="No row"), database.writing() as s:
        trail.record(s, SYSTEM, "evidence.added", "evidence:1", entity_id=999)


def test_eight_first_readers_at_once_open_one_chain(each: Database) -> None:
    ours, url = World.read(each).ours, each.engine.url.render_as_string(hide_password=False)

    def read(number: int) -> None:
        own = Database(url)
        with own.writing() as s:
            trail.record(s, SYSTEM, "evidence.downloaded", f"evidence:{number}", entity_id=ours, log="access")
        own.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, range(8), timeout=60))
    assert sizes(each)[trail.access_chain(ours)] == 8


def test_looking_back_cuts_the_access_log_like_every_chain(company: Company, frozen_clock: time_machine.Traveller) -> None:
    piece, owner, chain = company.evidence(), company.world.owner, trail.access_chain(company.world.ours)
    moments = []
    for _turn in range(2):
        frozen_clock.shift(timedelta(minutes=1))
        with company.database.writing(owner.entities) as s:
            note_download(s, owner, piece)
        moments.append(clock.now())
    for number, moment in enumerate([moments[0] - timedelta(seconds=1), *moments]):
        with looking(company.database, EVERY_ENTITY, moment) as s:
            assert queries.faults(s) == []
            assert {row.chain_id: row.size for row in queries.chain_heads(s)}.get(chain, 0) == number


def test_a_changed_access_log_is_found(company: Company) -> None:
    piece, owner, chain = company.evidence(), company.world.owner, trail.access_chain(company.world.ours)
    with company.database.writing(owner.entities) as s:
        note_download(s, owner, piece)
    with company.database.engine.begin() as raw:
        raw.exec_driver_sql("DROP TRIGGER audit_event_no_update")
        raw.exec_driver_sql(f"UPDATE audit_event SET record = replace(record, 'evidence:{piece}', 'evidence:9') WHERE chain_id = '{chain}'")
    with company.database.reading() as s:
        assert [(fault.chain, fault.what) for fault in queries.faults(s)] == [(chain, "body")]
