"""python -m tracker: set up what is missing, then serve; or one command of the command line."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace

import click
import waitress

from . import migrate
from .app import create_app
from .audit import trail
from .cli.audit import audit
from .cli.database import db
from .cli.demo import build_demo
from .cli.people import link, people
from .cli.register import register
from .cli.reports import reports
from .cli.root import Desk, Speaking, pass_desk
from .cli.settings import config
from .cli.tasks import tasks
from .config import ROOT
from .people import signing_in
from .register.loading import load
from .register.queries import edition_in_force


@click.group(cls=Speaking, invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """合规义务台账。不带命令时：准备好所缺的一切，然后启动服务。"""
    context.obj = context.obj or Desk()
    if context.invoked_subcommand is None:
        context.invoke(serve)


@main.command()
@pass_desk
def serve(desk: Desk) -> None:
    """准备好数据库与义务清单，启动网页服务。"""
    prepare(desk)
    _say_first_link(desk)
    _serve(desk)


@main.command()
@pass_desk
def demo(desk: Desk) -> None:
    """启动演示系统：另用一个数据目录，内有一个集团三个月的数据。"""
    given = desk.config
    instance = given.instance if "TRACKER_INSTANCE" in os.environ else ROOT / "instance-demo"
    # A demonstration never touches the real database, wherever the settings say that one is.
    desk.config = replace(given, instance=instance, database_url="", demo=True)
    prepare(desk)
    build_demo(desk)
    click.echo("演示系统：在登录页点选任意一位演示人员即可进入。")
    _serve(desk)


def prepare(desk: Desk) -> None:
    """Make the data folder, migrate, found the trail, load the register file when none is in force."""
    migrate.upgrade(desk.bare_database)
    with desk.database.writing(desk.operator.entities) as s:
        trail.found(s)
        if edition_in_force(s) is None:
            done = load(s, desk.operator, desk.config.register.read_bytes(), str(desk.config.register))
            click.echo(f"已载入义务清单 {done.edition}：{len(done.added)} 项。")


def _say_first_link(desk: Desk) -> None:
    with desk.database.writing(desk.operator.entities) as s:
        token = signing_in.first_link(s)
    if token:
        click.echo("这是首次启动。请打开下面的一次性链接，设置第一位系统管理员（三天内有效，只能用一次）：")
        click.echo(f"  {link(desk, 'setup', token)}")


def _serve(desk: Desk) -> None:
    app = create_app(desk.config)
    address = link(desk, "", "").rstrip("/")
    click.echo(f"合规义务台账已启动：{address} （按 Ctrl+C 停止）")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        waitress.serve(app, host=desk.config.host, port=desk.config.port, threads=desk.config.threads, ident=None, _quiet=True)
    except OSError as reason:
        click.echo(f"无法在 {desk.config.host}:{desk.config.port} 上提供服务：{reason.strerror or reason}。可用 TRACKER_PORT 换一个端口。", err=True)
        sys.exit(1)


for command in (register, people, tasks, reports, audit, db, config):
    main.add_command(command)

if __name__ == "__main__":
    main()
