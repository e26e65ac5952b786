"""A migration that is killed at any moment leaves the old schema or the new one, and the database opens. Every step: tests/torture/migrations.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import tracing
from tests.faults.moving import Moving, moves, populated_at


def test_a_migration_that_is_killed_leaves_the_old_or_the_new_schema_and_every_row(tmp_path: Path) -> None:
    if reason := tracing.missing():
        pytest.skip(reason)
    old, new = moves()[-2:]
    moving = Moving(populated_at(tmp_path, new), tmp_path, old)
    for share in (0.02, 0.5):
        assert moving.killed(int(share * (len(moving.writes) - 1))) == []
