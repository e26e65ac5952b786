"""A runner for tests of pages: what is asked for is built at once, in the same process."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.config import Config
from tracker.db import Database
from tracker.exporting.working import work_off


@dataclass
class Inline:
    """Builds whatever waits when it is woken; the real one is proved in tests/exporting."""

    config: Config
    database: Database

    def wake(self) -> None:
        """Build what waits, here and now."""
        work_off(self.config, self.database, "inline")

    def stop(self) -> None:
        """Have nothing to end."""
