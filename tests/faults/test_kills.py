"""Servers killed under load: what was acknowledged is there once, everything else wholly or not at all."""

from __future__ import annotations

from pathlib import Path

from tests.faults.killing import campaign
from tests.faults.staging import Stage


def test_what_was_acknowledged_outlives_kills_once_and_the_rest_is_there_wholly_or_not_at_all(shared_stage: Stage, tmp_path: Path) -> None:
    with campaign(shared_stage, tmp_path, seed=5) as run:
        assert run.round(0, most=10) == []
        assert run.ended() == []
        assert run.scene.counted("acknowledged") > 5
