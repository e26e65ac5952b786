"""Many at one door at the same moment: threads that begin together, each with a browser or a session of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tracker.db import Database, UnitOfWork
from tracker.errors import Problem
from tracker.people.access import Viewer

Got = TypeVar("Got")


def together(acts: Sequence[Callable[[], Got]]) -> list[Got]:
    """Let all act at the same moment, each in a thread; return what each got."""
    start = threading.Barrier(len(acts), timeout=60)

    def begin(act: Callable[[], Got]) -> Got:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts, timeout=300))


def tries(database: Database, viewer: Viewer, action: Callable[[UnitOfWork, Viewer], object]) -> Callable[[], str]:
    """Return an act that does one action in a unit of work of its own and tells `done`, or the sentence of the refusal."""

    def act() -> str:
        try:
            with database.writing(viewer.entities) as s:
                action(s, viewer)
        except Problem as problem:
            return problem.sentence
        return "done"

    return act
