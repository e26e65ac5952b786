"""A migration that is killed at any moment leaves the old schema or the new one, and the database opens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import tracing
from tests.faults.moving import killed, moves, populated_at


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_a_migration_that_is_killed_leaves_the_old_or_the_new_schema(tmp_path: Path, share: float) -> None:
    if reason := tracing.missing():
        pytest.skip(reason)
    revisions = moves()
    old, new = revisions[-2:]
    made = populated_at(tmp_path, new)
    assert killed(made, tmp_path, old, share) == []
