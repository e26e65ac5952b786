"""The company at work, and short ways to send its sheets out and take them back."""

from __future__ import annotations

import pytest

from tests.bringing.paper import Desk
from tests.cast import World
from tests.work import Company, company, working_template
from tracker.db import Database

__all__ = ["company", "database", "desk", "working_template", "world"]


@pytest.fixture
def database(company: Company) -> Database:
    """Let the factories work in the company's database."""
    return company.database


@pytest.fixture
def world(company: Company) -> World:
    """Give the cast as it stands there."""
    return company.world


@pytest.fixture
def desk(company: Company) -> Desk:
    """Give 林合规's desk in 海川证券: three obligations assigned, the next ones not."""
    company.assign(company.applicable(3))
    return Desk(company)
