"""The company at work and its story; and what the tests of jobs do again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reports.story import Story, story
from tests.work import company, working_template
from tracker.assignments.queries import TaskFilter
from tracker.config import Config
from tracker.db import EVERY_ENTITY, Database
from tracker.people.access import Viewer
from tracker.reports.jobs import actions
from tracker.reports.jobs.asking import Asked
from tracker.reports.jobs.models import ExportJob

__all__ = ["company", "story", "working_template"]


@dataclass
class Desk:
    """Asks for exports of our entity and looks at what became of them."""

    config: Config
    database: Database
    entity_id: int
    officer: Viewer

    def ask(self, who: Viewer | None = None, **asked: object) -> int:
        """Ask for an export; returns its id."""
        who = who or self.officer
        with self.database.writing(who.entities) as s:
            return actions.ask(s, who, Asked((self.entity_id,), **asked)).id  # type: ignore[arg-type]

    def act(self, verb: Callable[..., object], who: Viewer, job_id: int) -> None:
        """Cancel or start again."""
        with self.database.writing(who.entities) as s:
            verb(s, who, job_id)

    def claim(self, token: str, most: int = 1) -> int | None:
        """Let a worker claim the next one."""
        with self.database.writing(EVERY_ENTITY) as s:
            row = actions.claim(s, token, most)
            return row.id if row else None

    def job(self, job_id: int) -> ExportJob:
        """Return how it stands now, apart from any session."""
        with self.database.reading(EVERY_ENTITY) as s:
            row = s.get_one(ExportJob, job_id)
            s.expunge(row)
            return row

    @property
    def files(self) -> list[Path]:
        """List what lies in the store, half-written files with them."""
        return [path for path in self.config.exports.rglob("*") if path.is_file()]


@pytest.fixture
def database(story: Story) -> Database:
    """Put everything on the database of the story."""
    return story.company.database


@pytest.fixture
def desk(story: Story, tmp_path: Path) -> Desk:
    """Give the desk of the story; the clock stands in January."""
    database = story.company.database
    config = Config(instance=tmp_path / "instance", database_url=database.engine.url.render_as_string(hide_password=False))
    return Desk(config, database, story.company.world.ours, story.company.world.officer)


NARROW = TaskFilter(state="done")
