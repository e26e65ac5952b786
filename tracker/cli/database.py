"""Commands on the database: bring it to this code's schema."""

from __future__ import annotations

import click

from .. import migrate
from .root import Desk, pass_desk


@click.group()
def db() -> None:
    """数据库：升级、查看版本。"""


@db.command()
@pass_desk
def upgrade(desk: Desk) -> None:
    """升级到本程序的版本；要么全部完成，要么毫无改动。"""
    before = migrate.current(desk.bare_database)
    now = migrate.upgrade(desk.bare_database)
    click.echo(f"数据库已是版本 {now}，无需升级。" if before == now else f"数据库已从版本 {before or '（空）'} 升级到 {now}。")


@db.command()
@pass_desk
def current(desk: Desk) -> None:
    """显示数据库的版本。"""
    click.echo(f"数据库版本 {migrate.current(desk.bare_database) or '（空）'}，程序版本 {migrate.head()}。")
