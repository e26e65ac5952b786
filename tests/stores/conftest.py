"""The shop of the tests of backups."""

from __future__ import annotations

from tests.backup.conftest import shop
from tests.work import company, working_template

__all__ = ["company", "shop", "working_template"]
