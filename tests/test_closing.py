"""Rows outlive the end of their session: CPython 3.11 crashes when the collector frees one in the midst of it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select

from tracker.db import Database, UnitOfWork
from tracker.people.models import Person


def _held_by_a_cycle_only(s: UnitOfWork) -> weakref.ref[Person]:
    cycle: list[Any] = list(s.scalars(select(Person).order_by(Person.id)))
    cycle.append(cycle)
    return weakref.ref(cycle[-2])


def _ended_by_closing(s: UnitOfWork) -> None:
    s.close()


def _ended_by_committing(s: UnitOfWork) -> None:
    s.commit()


@pytest.mark.parametrize(("end", "moment"), [(_ended_by_closing, "persistent_to_detached"), (_ended_by_committing, "after_commit")])
def test_a_row_in_a_dead_cycle_is_not_freed_while_its_session_ends(
    database: Database, end: Callable[[UnitOfWork], None], moment: str
) -> None:
    alive: list[bool] = []
    with database.reading() as s:
        row = _held_by_a_cycle_only(s)

        def collect(*_about: object) -> None:
            gc.collect()
            alive.append(row() is not None)

        event.listen(s, moment, collect)
        end(s)
    gc.collect()
    assert alive and all(alive)
    assert row() is None
