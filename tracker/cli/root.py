"""The root of the command line: what every command stands on, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click

from .. import migrate
from ..config import Config, read_config
from ..db import Database
from ..errors import BadInput, Problem, RuleBroken
from ..people.access import Viewer, operator

REFUSED, BAD_INPUT = 1, 2


@dataclass
class Desk:
    """What a command stands on: the settings, the database, and the operator who types."""

    @cached_property
    def config(self) -> Config:
        """Return the settings, read when first asked for."""
        return read_config()

    @cached_property
    def database(self) -> Database:
        """Return the database, which must be migrated."""
        database = self.bare_database
        if not migrate.is_current(database):
            raise RuleBroken("数据库还没有升级到本程序的版本。请先运行 python -m tracker db upgrade。")
        return database

    @cached_property
    def bare_database(self) -> Database:
        """Return the database as it is, for setting up and migrating."""
        self.config.instance.mkdir(parents=True, exist_ok=True)
        return Database(self.config.url)

    @cached_property
    def operator(self) -> Viewer:
        """Return whoever types, by the name of the operating system's account."""
        return operator(f"命令行（{_account()}）")


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "未知账号"


class Speaking(click.Group):
    """A group whose errors are sentences: exit 1 when a rule refuses, 2 when input is wrong, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises is said on the error stream."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            say(problem)
            sys.exit(BAD_INPUT if isinstance(problem, BadInput) else REFUSED)


def say(problem: Problem) -> None:
    """Say a problem and every place it names on the error stream."""
    click.echo(problem.sentence, err=True)
    for place in getattr(problem, "problems", ()):
        click.echo(f"  {place.sentence if place.where in place.sentence else f'{place.where}：{place.sentence}'}", err=True)


def shown(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an empty text for an option; used as a click callback."""
    if value is not None and not value.strip():
        raise BadInput(f"选项 {parameter.opts[0]} 不能为空。")
    return value


pass_desk: Callable[..., Any] = click.make_pass_decorator(Desk)
