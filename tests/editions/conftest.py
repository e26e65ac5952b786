"""Fixtures of editions: 海川证券 at work under three duties."""

from __future__ import annotations

import pytest

from tests.cast import World
from tests.editions.registers import FIRST, put, register, work_under
from tracker.db import Database


@pytest.fixture
def worked(database: Database, world: World, frozen_clock: object) -> Database:
    """Give 海川证券 at work under three duties; the first has an acceptance."""
    put(database, register(FIRST))
    work_under(database, world, [1, 2, 3], [1])
    return database
