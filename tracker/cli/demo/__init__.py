"""The demonstration: built once into a database of its own, through the same actions as the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta

import click

from ... import clock
from ...config import Config
from ...errors import RuleBroken
from ...evidence.store import Store
from ...people.queries import has_people
from ..root import Desk
from . import story
from .cast import enter

MARK, BUILDING, READY = "demo.txt", "building", "ready"


def check_folder(config: Config) -> None:
    """Refuse a data folder whose database is not a demonstration: there, everybody enters by a click."""
    mark = config.instance / MARK
    if not mark.exists() and (config.instance / "tracker.db").exists():
        raise RuleBroken(f"{config.instance} 中的数据不是演示数据，演示模式不会打开它：演示的登录页允许任何人一键进入。请用 TRACKER_INSTANCE 另指定一个目录。")
    if mark.exists() and mark.read_text(encoding="ascii").strip() != READY:
        raise RuleBroken(f"上次生成演示数据时中断，演示不完整。请删除目录 {config.instance} 后重新运行。")


@contextmanager
def opening_day(desk: Desk) -> Iterator[None]:
    """Let the house of a new demonstration be set up on the first day of its story: no stamp is ever earlier than one before it."""
    if desk.has_database:
        yield
        return
    with clock.at(_first_day(8)):
        yield


def _first_day(hour: int) -> datetime:
    return datetime.combine(clock.today() - timedelta(days=story.DAYS), time(hour, 0), clock.SHANGHAI)


def build_demo(desk: Desk) -> None:
    """Fill the demonstration's database when it is still empty; what a visitor changed in it stays."""
    with desk.database.reading(desk.operator.entities) as s:
        if has_people(s):
            return
    mark = desk.config.instance / MARK
    mark.write_text(BUILDING, encoding="ascii")
    click.echo("正在生成演示数据：一个集团三个月的任务、证据与复核，约需一分钟……")
    today = clock.today()
    with clock.at(_first_day(9)), desk.database.writing(desk.operator.entities) as s:
        company = enter(s, desk.operator)
    store = Store(desk.config.store, desk.config.upload_limit)
    story.Story(desk.database, store, company, today, desk.config.horizon_days).tell()
    mark.write_text(READY, encoding="ascii")
