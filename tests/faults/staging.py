"""A stage: an installation with two entities at work, brought back to its first state as often as wanted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import time_machine

from tests.cast import BEGAN, settle
from tests.routes_site import Things, open_site
from tests.work import REGISTER, WHOLE, put_to_work
from tracker import schema
from tracker.audit import trail
from tracker.config import Config
from tracker.db import Database
from tracker.web.session import secret_key


@dataclass(frozen=True)
class Stage:
    """A data folder under test beside the untouched one; `tokens` are the sessions of the cast."""

    folder: Path
    tokens: Mapping[str, str]
    ours: Things

    @property
    def config(self) -> Config:
        """Return the settings of the installation under test."""
        return Config(instance=self.folder / "instance", workers=8)

    def reset(self) -> None:
        """Bring the installation back to what it was at first; nobody may have it open."""
        shutil.rmtree(self.config.instance, ignore_errors=True)
        shutil.copytree(self.folder / "master", self.config.instance)


def staged(working_template: Path, folder: Path, register: Path = REGISTER) -> Stage:
    """Let both entities work in a copy of the template and keep that as the first state."""
    folder.mkdir(parents=True, exist_ok=True)
    opening = open_site(working_template, folder, register)
    site, master = next(opening), folder / "master"
    opening.close()
    shutil.copytree(folder / "instance", master)
    shutil.copyfile(site.master, master / "tracker.db")
    secret_key(master / "secret.key")
    return Stage(folder, site.tokens, site.ours)


@contextmanager
def own_stage() -> Iterator[Stage]:
    """Give a stage outside the suite, in a folder that goes afterwards."""
    with TemporaryDirectory(prefix="torture-") as folder:
        path = Path(folder) / "template.db"
        with time_machine.travel(BEGAN, tick=False):
            database = Database(f"sqlite:///{path}")
            schema.build(database)
            with database.writing() as s:
                trail.found(s)
            settle(database)
        put_to_work(database, WHOLE)
        database.close()
        yield staged(path, Path(folder) / "stage", WHOLE)
