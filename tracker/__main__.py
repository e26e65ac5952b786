"""python -m tracker: set up what is missing, then serve; or one command of the command line."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import threading
from dataclasses import replace
from typing import Any

import click
from flask import Flask

from . import migrate
from .app import create_app
from .audit import trail
from .audit.heads.keys import Keyring
from .audit.heads.queries import keys
from .cli.audit import audit
from .cli.backup import backup
from .cli.database import db
from .cli.demo import build_demo, check_folder, opening_day
from .cli.editions import compare, diff, history, load_file, restore
from .cli.evidence import evidence
from .cli.heads import heads, tend
from .cli.ledger import import_ledger
from .cli.people import link, people
from .cli.register import file_bytes, register
from .cli.reports import reports
from .cli.retention import retention
from .cli.root import Desk, Speaking, let_print_anything, pass_desk
from .cli.settings import config
from .cli.tasks import tasks
from .cli.texts import text
from .cli.writing import new, schema
from .config import MEGABYTE, ROOT
from .durable import keep_private
from .editions.actions import put_in_force
from .errors import Problem
from .evidence.store import Store
from .exporting.starting import sweep
from .people import head_keys, signing_in
from .register.queries import registers
from .tending.hourly import Hourly
from .web.doors import KEY
from .web.spooling import listening

# No upload takes a day: what is older was left by a crash.
DAY = 86_400


@click.group(cls=Speaking, invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """合规义务台账。不带命令时：准备好所缺的一切，然后启动服务。"""
    let_print_anything()
    desk = context.obj = context.obj or Desk()
    context.call_on_close(desk.close)
    if context.invoked_subcommand is None:
        context.invoke(serve)


@main.command()
@pass_desk
@click.pass_context
def serve(context: click.Context, desk: Desk) -> None:
    """准备好数据库与义务清单，启动网页服务。"""
    if desk.config.demo:
        context.invoke(demo)
        return
    prepare(desk)
    _serve(desk)


@main.command()
@pass_desk
def demo(desk: Desk) -> None:
    """启动演示系统：另用一个数据目录，内有一个集团三个月的数据。"""
    given = desk.config
    instance = given.instance if "TRACKER_INSTANCE" in os.environ else ROOT / "instance-demo"
    # A demonstration never touches the real database, wherever the settings say that one is.
    desk.config = replace(given, instance=instance, database_url="", demo=True)
    check_folder(desk.config)
    with opening_day(desk):
        prepare(desk)
    build_demo(desk)
    _serve(desk)


def prepare(desk: Desk) -> None:
    """Make the data folder, migrate, found the trail and its signing key, load the register file when none is in force."""
    migrate.upgrade(desk.bare_database)
    with desk.bare_database.writing(desk.operator.entities) as s:
        trail.found(s)
        if not registers(s):
            done = put_in_force(s, desk.operator, file_bytes(desk.config.register), str(desk.config.register)).loaded
            click.echo(f"已载入义务清单 {done.edition}：{len(done.plan.added)} 项。")
    _make_key(desk)
    Store(desk.config.store, desk.config.upload_limit).sweep(DAY)
    sweep(desk.config)


def _make_key(desk: Desk) -> None:
    ring = Keyring(desk.config.key_folder)
    if exposed := ring.exposure():
        click.echo(exposed, err=True)
    try:
        with desk.database.writing(desk.operator.entities) as s:
            if not (every := keys(s)):
                made = head_keys.create_key(s, desk.operator, ring)
                click.echo(f"已建立签名密钥，公钥指纹 {made}")
        if every:
            ring.sign(every[-1].fingerprint, "")
        ring.memory()
    except Problem as problem:
        # Without a key everything works but that nothing is signed, and every page that shows a head says so.
        click.echo(f"现在不能签名：{problem.sentence}", err=True)


class Stopping:
    """Interrupts the serving, and asks again every second until it is `over`: in a destructor an interrupt would be lost."""

    over = False

    def __call__(self, number: int, _frame: object) -> None:
        """Interrupt; once it is over, clearing up goes on undisturbed."""
        if self.over:
            return
        again = threading.Timer(1.0, lambda: None if self.over else signal.raise_signal(number))
        again.daemon = True
        again.start()
        raise KeyboardInterrupt


def _serve(desk: Desk) -> None:
    app = create_app(desk.config)
    sockets: dict[int, Any] = {}
    stopping = Stopping()
    tending = Hourly(desk.config, app.extensions[KEY].database)
    try:
        server = _listening(desk, app, sockets)
        # Only now: a link printed where the port is taken would lead into somebody else's house.
        _say_first_link(desk)
        click.echo(f"合规义务台账已启动：{link(desk, '', '').rstrip('/')} （按 Ctrl+C 停止）")
        if desk.config.demo:
            click.echo("演示系统：在登录页点选任意一位演示人员即可进入。")
        desk.close()
        # Stopped by the system as gently as by Ctrl+C.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stopping)
        tending.start()
        server.run()
    finally:
        stopping.over = True
        tending.stop()
        for one in list(sockets.values()):
            one.close()
        app.extensions[KEY].runner.stop()
        app.extensions[KEY].database.close()
    click.echo("已停止。")


def _say_first_link(desk: Desk) -> None:
    with desk.database.writing(desk.operator.entities) as s:
        token = signing_in.first_link(s)
    if token:
        click.echo("这是首次启动。请打开下面的一次性链接，设置第一位系统管理员（三天内有效，只能用一次）：")
        click.echo(f"  {link(desk, 'setup', token)}")


def _listening(desk: Desk, app: Flask, sockets: dict[int, Any]) -> Any:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    asked = desk.config
    try:
        limit = 10 * asked.upload_limit + 2 * MEGABYTE
        return listening(app, sockets, host=asked.host, port=asked.port, threads=asked.threads, max_request_body_size=limit)
    except (OSError, ValueError) as reason:
        raise Problem(f"无法在 {asked.host}:{asked.port} 上提供服务：{_why(reason)}") from None


def _why(reason: Exception) -> str:
    code = getattr(reason, "errno", None)
    if code == errno.EADDRINUSE:
        return "端口已被占用，可能系统已经在运行。可用 TRACKER_PORT 换一个端口。"
    if code in {errno.EACCES, errno.EPERM}:
        return "没有使用这个端口的权限。请用 TRACKER_PORT 换一个 1024 以上的端口。"
    if code == errno.EADDRNOTAVAIL or isinstance(reason, (socket.gaierror, ValueError)):
        return "这不是本机的地址。请核对设置 TRACKER_HOST，例如 127.0.0.1，或 0.0.0.0（对所有网卡开放）。"
    return f"{reason}。"


for command in (diff, load_file, history, compare, restore, text):
    register.add_command(command)
for command in (register, people, tasks, reports, audit, heads, tend, evidence, retention, backup, db, config):
    main.add_command(command)
for command in (schema, new, import_ledger):
    register.add_command(command)

if __name__ == "__main__":
    keep_private()
    main(prog_name="python -m tracker")
