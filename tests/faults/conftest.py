"""Fixtures of the worst day: one stage for all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.staging import Stage, staged
from tests.work import working_template

__all__ = ["working_template"]


@pytest.fixture(scope="session")
def shared_stage(working_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:  # noqa: F811
    """Make the stage once; whoever plays on it resets it first."""
    return staged(working_template, tmp_path_factory.mktemp("stage"))
