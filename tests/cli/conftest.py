"""Fixtures for the command line: a fresh data folder, and commands run on it as an operator would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.work import Company, company, working_template  # noqa: F401
from tracker import migrate
from tracker.__main__ import main
from tracker.audit import trail
from tracker.cli.root import Desk
from tracker.config import Config
from tracker.db import Database


@dataclass
class Terminal:
    """Runs commands with given settings; every command opens and closes the database anew, as a process would."""

    config: Config
    _runner: CliRunner = field(default_factory=CliRunner)

    def run(self, *arguments: str | Path) -> Result:
        """Run one command line; an exception that is no sentence fails the test."""
        desk = Desk()
        desk.config = self.config
        result = self._runner.invoke(main, [str(one) for one in arguments], obj=desk, prog_name="python -m tracker")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def said(self, *arguments: str | Path) -> str:
        """Run a command that must succeed and return what it printed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        return result.stdout

    def refused(self, *arguments: str | Path, status: int = 2) -> str:
        """Run a command that must fail with this exit code, and return what it said on the error stream."""
        result = self.run(*arguments)
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        return result.stderr


@pytest.fixture
def fresh(tmp_path: Path) -> Terminal:
    """Give a terminal on a data folder that does not exist yet."""
    return Terminal(Config(instance=tmp_path / "instance"))


@pytest.fixture
def terminal(company: Company, tmp_path: Path) -> Terminal:  # noqa: F811
    """Give a terminal on the company at work; the clock stands at 2026-11-22 10:00 in Shanghai."""
    # The template was built from the models; the command line wants it marked as migrated.
    with company.database.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {migrate.VERSION_TABLE} (version_num VARCHAR(32) PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO {migrate.VERSION_TABLE} VALUES (?)", (migrate.head(),))
    url = company.database.engine.url.render_as_string(hide_password=False)
    return Terminal(Config(instance=tmp_path / "instance", database_url=url))


def founded(terminal: Terminal) -> None:
    """Set up what the first start of the service sets up, but load no register."""
    terminal.said("db", "upgrade")
    database = Database(terminal.config.url)
    with database.writing() as s:
        trail.found(s)
    database.close()


@pytest.fixture
def typed(terminal: Terminal) -> Callable[..., str]:
    """Give a function that runs a command line on the company at work and returns what it printed."""
    return terminal.said
