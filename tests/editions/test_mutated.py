"""Spoilt files at the door of the database: refused with their faults, and not one row is other than before."""

from __future__ import annotations

import random

from tests.cast import World
from tests.editions.registers import Duty, put, register, standing, work_under
from tests.register.test_source_mutated import mutated_bytes, mutated_text
from tracker.audit.queries import faults
from tracker.db import EVERY_ENTITY, Database
from tracker.errors import BadInput

FILES = 120


def test_a_file_that_is_refused_changes_nothing_and_one_that_is_taken_is_whole(database: Database, world: World, frozen_clock: object) -> None:
    first = register([Duty(1), Duty(2), Duty(3)])
    put(database, first)
    work_under(database, world, [1, 2, 3], [1])
    rng, refused, before = random.Random("editions"), 0, standing(database)
    for number in range(FILES):
        data = mutated_text(rng, first.decode()).encode() if number % 2 else mutated_bytes(rng, first.decode())
        try:
            put(database, data)
        except BadInput:
            refused += 1
            assert standing(database) == before
            continue
        # Taken: what it said is in force, and the good file puts everything back.
        put(database, first)
        after = standing(database)
        assert after.obligations == before.obligations and after.done == before.done
        before = after
    assert FILES // 2 < refused < FILES
    with database.reading(EVERY_ENTITY) as s:
        assert faults(s) == []
