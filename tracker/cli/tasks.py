"""Commands on tasks: make those that fall due."""

from __future__ import annotations

from datetime import timedelta

import click

from .. import clock
from ..assignments.planning import plan
from ..people.queries import entity_by_name
from .root import Desk, pass_desk, shown


@click.group()
def tasks() -> None:
    """任务：按分派生成。"""


@tasks.command(name="plan")
@click.option("--days", type=click.IntRange(1, 800), help="向前多少天，默认为设置 TRACKER_HORIZON_DAYS")
@click.option("--entity", callback=shown, help="只处理一个主体（全称、简称或编号）")
@pass_desk
def plan_tasks(desk: Desk, days: int | None, entity: str | None) -> None:
    """为每个到期日生成一项任务；重复运行不会重复生成。"""
    until, who = clock.today() + timedelta(days=days or desk.config.horizon_days), desk.operator
    with desk.database.writing(who.entities) as s:
        made = plan(s, who, until, entity_by_name(s, who, entity).id if entity else None)
    click.echo(f"截至 {until.isoformat()}，新生成 {made} 项任务。")
