"""The demonstration: built once into a database of its own, through the same actions as the pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import click

from ... import clock
from ...evidence.store import Store
from ...people.queries import has_people
from ..root import Desk
from .cast import enter
from .story import DAYS, Story


def build_demo(desk: Desk) -> None:
    """Fill the demonstration's database when it is still empty; what a visitor changed in it stays."""
    with desk.database.reading(desk.operator.entities) as s:
        if has_people(s):
            return
    click.echo("正在生成演示数据：一个集团三个月的任务、证据与复核，约需一分钟……")
    today = clock.today()
    begin = datetime.combine(today - timedelta(days=DAYS), time(9, 0), clock.SHANGHAI)
    with clock.at(begin), desk.database.writing(desk.operator.entities) as s:
        company = enter(s, desk.operator)
    Story(desk.database, Store(desk.config.store, desk.config.upload_limit), company, today, desk.config.horizon_days).tell()
