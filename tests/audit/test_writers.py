"""Many writers at once: one sound chain without gaps, and nobody waits for another crosswise, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from tests.cast import World
from tracker.audit import queries, trail
from tracker.audit.actor import Actor
from tracker.audit.models import AuditChain
from tracker.audit.queries import Told, TrailFilter
from tracker.db import Database
from tracker.words import Via

WRITERS, ROUNDS = 4, 8


def sizes(database: Database) -> dict[str, int]:
    """Return how many events each chain holds."""
    with database.reading() as s:
        rows = s.execute(select(AuditChain.chain_id, AuditChain.size))
        return {row.chain_id: row.size for row in rows}


def all_write(database: Database, entities_of: list[list[int | None]]) -> None:
    """Let each writer take its turns, on connections of its own, recording one event for each of its entities."""
    url = database.engine.url.render_as_string(hide_password=False)

    def write(number: int) -> None:
        own = Database(url)
        for turn in range(ROUNDS):
            with own.writing() as s:
                for entity in entities_of[number]:
                    actor = Actor(f"u_{number}", "并发者", Via.CLI)
                    trail.record(s, actor, "turn.taken", "turn", entity_id=entity, after={"turn": turn})
        own.close()

    with ThreadPoolExecutor(len(entities_of)) as pool:
        list(pool.map(write, range(len(entities_of)), timeout=60))


def turns(database: Database, chain: str) -> list[Told]:
    """Read the turns in a chain, oldest first, after making sure that every chain is sound."""
    with database.reading() as s:
        assert queries.faults(s) == []
        return queries.events(s, TrailFilter((chain,), action="turn.taken"), oldest_first=True)


def test_many_writers_at_once_keep_one_sound_chain(each: Database) -> None:
    ours = World.read(each).ours
    before = sizes(each)
    all_write(each, [[ours]] * WRITERS)
    chain = trail.entity_chain(ours)
    assert sizes(each) == before | {chain: before[chain] + WRITERS * ROUNDS}
    told = turns(each, chain)
    for number in range(WRITERS):
        assert [event.after["turn"] for event in told if event.actor == f"u_{number}"] == list(range(ROUNDS))


def test_writers_of_several_chains_in_opposite_order_do_not_block_each_other_for_ever(each: Database) -> None:
    world = World.read(each)
    forth: list[int | None] = [world.ours, world.others, None]
    all_write(each, [forth, forth[::-1]] * 2)
    for chain in (trail.SYSTEM_CHAIN, trail.entity_chain(world.ours), trail.entity_chain(world.others)):
        assert len(turns(each, chain)) == WRITERS * ROUNDS


def test_writers_of_different_chains_leave_each_others_chain_alone(each: Database) -> None:
    world = World.read(each)
    all_write(each, [[world.ours], [world.others]])
    assert {event.actor for event in turns(each, trail.entity_chain(world.ours))} == {"u_0"}
    assert {event.actor for event in turns(each, trail.entity_chain(world.others))} == {"u_1"}
