"""The command that lists every setting."""

from __future__ import annotations

import sys

import click

from ..config import Config, settings
from ..errors import BadInput
from .root import BAD_INPUT, PASSWORD, Desk, pass_desk, say


@click.command(name="config")
@pass_desk
def config(desk: Desk) -> None:
    """列出全部设置、现值与含义；设置有误时先指出，再列出默认值。"""
    try:
        found = desk.config
    except BadInput as problem:
        say(problem)
        _list(Config())
        sys.exit(BAD_INPUT)
    _list(found)


def _list(found: Config) -> None:
    for item in settings(found):
        mark = "" if item.value == item.default else "（已设置）"
        value = PASSWORD.sub(r"\1:***@", item.value)
        click.echo(f"{item.variable}={value}{mark}\n    {item.about}；默认 {item.default or '（空）'}")
