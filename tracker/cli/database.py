"""Commands on the database: bring it to this code's schema."""

from __future__ import annotations

import click
from sqlalchemy.exc import ArgumentError

from .. import migrate
from ..backup.moving import move
from ..config import read_config
from ..db import Database
from ..errors import BadInput
from .bar import bar
from .root import Desk, pass_desk


@click.group()
def db() -> None:
    """数据库：升级、查看版本、复制到另一个数据库。"""


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
    click.echo(f"数据库版本 {migrate.current(desk.found_database) or '（空）'}，程序版本 {migrate.head()}。")


@db.command()
@click.option("--to", "url", required=True, help="目标数据库的地址，写法同 TRACKER_DATABASE_URL；必须是空的")
@pass_desk
def copy(desk: Desk, url: str) -> None:
    """把全部数据复制到另一个空的数据库（SQLite 与 PostgreSQL 之间均可），核对之后才算完成。"""
    try:
        target = Database(read_config({"TRACKER_DATABASE_URL": url}).url)
    except (BadInput, ArgumentError, ValueError):
        raise BadInput("选项 --to 不是可用的数据库地址。写法如 postgresql://用户:密码@主机:5432/库名，或 sqlite:////data/tracker.db。") from None
    try:
        with bar("复制") as told:
            moved = move(desk.database, target, told)
    finally:
        target.close()
    click.echo(f"已复制 {moved.tables} 张表、{moved.rows:,} 行，{moved.events:,} 条操作留痕校验通过。证据和导出件仍在数据目录中；改用新数据库，请设置 TRACKER_DATABASE_URL。")
