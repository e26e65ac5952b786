"""The command that lists every setting."""

from __future__ import annotations

import click

from ..config import settings
from .root import Desk, pass_desk


@click.command(name="config")
@pass_desk
def config(desk: Desk) -> None:
    """列出全部设置、现值与含义。"""
    for item in settings(desk.config):
        mark = "" if item.value == item.default else "（已设置）"
        click.echo(f"{item.variable}={item.value}{mark}\n    {item.about}；默认 {item.default or '（空）'}")
