"""Fixtures of the evidence tests: a store in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.evidence.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Give an empty store with a limit of 2 MB."""
    return Store(tmp_path / "evidence", 2 * 1024 * 1024)
