"""Commands on the stores of evidence and exports: read every byte again, and clear files away that no row names."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..config import MEGABYTE
from ..db import EVERY_ENTITY
from ..errors import RuleBroken
from ..people.queries import entity_tree
from ..stores import scrubbing, sweeping
from ..stores.queries import pieces
from ..stores.scrubbing import CALLED, Rotten
from .bar import bar
from .root import Desk, pass_desk

FOREVER = float("inf")


@click.group()
def evidence() -> None:
    """证据库：重读核对、清理无主文件。"""


@evidence.command()
@click.option("--rate", type=click.IntRange(1, 100_000), help="速度上限（MB/秒），默认为设置 TRACKER_SCRUB_MB")
@click.option("--minutes", type=click.IntRange(1, 100_000), help="最多读多少分钟；下次接着读。不写时读到末尾")
@pass_desk
def scrub(desk: Desk, rate: int | None, minutes: int | None) -> None:
    """重读全部证据和导出件，与 SHA-256 核对；发现缺失或损坏即发出警报，以 1 退出。"""
    pace = scrubbing.Pace((rate or desk.config.scrub_mb) * MEGABYTE, 60 * minutes if minutes else FOREVER)
    with bar("核对") as told:
        done = scrubbing.scrub(desk.config, desk.database, pace, told)
    click.echo(f"已重读 {done.files:,} 个文件，{done.bytes / MEGABYTE:,.1f} MB" + ("，到末尾为止。" if done.whole else "；没有读完，下次接着读。"))
    if done.faults:
        _say_rotten(desk, done.rotten)
        for sha256 in done.faults:
            click.echo(f"  python -m tracker backup restore-file {sha256}", err=True)
        raise RuleBroken(f"{len(done.faults)} 个文件缺失或损坏，已发出警报。请用上面的命令从备份逐一放回。")


def _say_rotten(desk: Desk, rotten: Sequence[Rotten]) -> None:
    """Say of every content what is wrong with it, and which pieces of which entities it is."""
    with desk.database.reading(EVERY_ENTITY) as s:
        entities = {one.id: one.name for one in entity_tree(s, desk.operator)}
        for one in rotten:
            held = dict.fromkeys(f"“{name}”（{entities.get(entity_id, entity_id)}）" for name, entity_id in pieces(s, one.store, one.sha256))
            click.echo(f"{CALLED[one.store]}{one.fault}：{'、'.join(held)}，SHA-256 {one.sha256}", err=True)


@evidence.command()
@click.option("--delete", is_flag=True, help="移到隔离目录；在那里再放一天仍无人引用的，才真正删除。不写时只列出")
@pass_desk
def sweep(desk: Desk, delete: bool) -> None:
    """找出没有任何记录引用、且超过一天无人触碰的文件；被引用的文件从不触碰。"""
    done = sweeping.sweep(desk.config, desk.database, delete)
    for orphan in done.found:
        click.echo(f"{orphan.store}/  {orphan.sha256}  {orphan.size:,} 字节")
    if delete:
        click.echo(f"已移到隔离目录 {done.moved} 个，删除隔离满一天的 {done.removed} 个，放回被引用的 {done.returned} 个。")
    else:
        click.echo(f"无主文件 {len(done.found)} 个，没有改动。加 --delete 清理。" if done.found else "没有无主文件。")
