"""Fixtures of the evidence tests: a store in a temporary folder, and pieces put in through the action."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cast import World
from tracker.db import Database
from tracker.evidence.actions import EvidenceFacts, add_evidence
from tracker.evidence.store import Store, Stored
from tracker.people.access import Viewer

Put = Callable[..., int]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Give an empty store with a limit of 2 MB."""
    return Store(tmp_path / "evidence", 2 * 1024 * 1024)


@pytest.fixture
def stored(store: Store) -> Callable[[str, str], Stored]:
    """Give a function that stores a text file: name and content."""
    return lambda name, content: store.put(io.BytesIO(content.encode()), name)


@pytest.fixture
def put(database: Database, world: World, stored: Callable[[str, str], Stored]) -> Put:
    """Give a function that puts a piece of evidence into an entity (ours by default) and returns its id."""
    def add(name: str = "证据.txt", content: str = "", viewer: Viewer | None = None, entity_id: int = 0, **facts: object) -> int:
        who = viewer or world.officer
        with database.writing(who.entities) as s:
            kept = stored(name, content or name)
            return add_evidence(s, who, entity_id or world.ours, kept, EvidenceFacts(**facts)).evidence.id  # type: ignore[arg-type]

    return add
