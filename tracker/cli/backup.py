"""Commands on backups: make one while the system is in use, list them, put one back, try one out, clear old ones away."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from .. import clock, migrate
from ..audit.heads import standing
from ..audit.heads.keys import Keyring
from ..audit.trail import SYSTEM_CHAIN
from ..backup import drilling, making, mending, pruning, restoring
from ..backup.manifest import Manifest
from ..backup.places import Place
from ..config import MEGABYTE
from ..db import Database
from ..errors import Problem, RuleBroken
from ..people.queries import entity_tree
from .bar import bar
from .root import Desk, pass_desk

folder_option = click.Path(path_type=Path, file_okay=False)
from_option = click.option("--from", "folder", type=folder_option, help="备份目录，默认为设置 TRACKER_BACKUPS")


@click.group()
def backup() -> None:
    """备份：不停机制作、列出、恢复、演练、清理。"""


def _place(desk: Desk, folder: Path | None) -> Place:
    return Place((folder or desk.config.backup_folder).absolute())


@backup.command()
@click.option("--to", "folder", type=folder_option, help="备份目录，默认为设置 TRACKER_BACKUPS")
@pass_desk
def make(desk: Desk, folder: Path | None) -> None:
    """不停机制作一份备份；已在备份目录中的文件不再复制，中断后再运行即可继续。"""
    place = _place(desk, folder)
    with bar("备份") as told:
        made = making.make(desk.config.instance, desk.database, place, told)
    manifest = made.manifest
    click.echo(f"已备份 {made.name}：{_said(manifest)}；本次复制文件 {made.copied} 个，{_size(made.copied_bytes)}。位置 {place.folder(made.name)}")
    if made.lost:
        given = f" --from {folder}" if folder else ""
        click.echo(f"系统中缺失或损坏 {len(made.lost)} 个文件，备份中有完好的副本，请逐一放回：", err=True)
        for sha256 in made.lost:
            click.echo(f"  python -m tracker backup restore-file {sha256}{given}", err=True)
    if manifest.damaged:
        raise RuleBroken(f"备份已完成，但有 {len(manifest.damaged)} 个文件在系统中缺失或已损坏，备份中没有它们，第一个是 {manifest.damaged[0]}。请用 python -m tracker evidence scrub 检查。")
    if made.lost:
        raise RuleBroken("备份已完成，是完整的；系统中的文件要放回，见上。")


@backup.command(name="list")
@from_option
@pass_desk
def list_backups(desk: Desk, folder: Path | None) -> None:
    """列出全部备份：名称、时间、条数、大小。"""
    place = _place(desk, folder)
    names = place.names()
    for name in names:
        try:
            manifest = place.read(name)
            click.echo(f"{name}  {clock.local(manifest.moment):%Y-%m-%d %H:%M:%S}  {_said(manifest)}")
        except RuleBroken as problem:
            click.echo(f"{name}  {problem.sentence}")
    if not names:
        click.echo(f"{place.root} 中还没有备份。")


@backup.command()
@click.argument("name")
@click.option("--into", type=folder_option, help="恢复到这个目录（SQLite），不动现在的系统；不写时恢复现在的系统")
@click.option("--replace", "replaced", is_flag=True, help="那里已有的数据库移到一旁保存，换成备份的")
@click.option("--leave-damaged", is_flag=True, help="备份中有损坏的文件时，仍然恢复其余的")
@from_option
@pass_desk
def restore(desk: Desk, name: str, into: Path | None, replaced: bool, leave_damaged: bool, folder: Path | None) -> None:
    """核对一份备份的全部内容之后恢复它；中断后再运行即可继续。恢复前先停止服务。"""
    place = _place(desk, folder)
    config = replace(desk.config, instance=into.absolute(), database_url="") if into else desk.config
    with bar("恢复") as told:
        done = restoring.restore(place, name, restoring.Target(config.instance, config.url), replace=replaced, leave_damaged=leave_damaged, told=told)
    click.echo(f"已恢复 {name} 到 {config.instance}：{_said(done.manifest)}；本次复制文件 {done.copied} 个。")
    if done.aside:
        click.echo(f"原来的数据库保存为 {done.aside}。")
    if done.missing:
        click.echo(f"缺少 {len(done.missing)} 个文件：{'、'.join(done.missing)}。", err=True)
    if not into:
        _say_signing(desk, done.manifest)


@backup.command()
@click.argument("name", required=False)
@click.option("--scratch", type=folder_option, help="演练用的临时目录，默认为系统的临时目录；空间须够放下整份备份")
@from_option
@pass_desk
def drill(desk: Desk, name: str | None, scratch: Path | None, folder: Path | None) -> None:
    """把一份备份（默认最新的）恢复到临时目录，核对每一条链和每一个文件，并说明此刻恢复会丢失多少。"""
    place = _place(desk, folder)
    with bar("演练") as told:
        done = drilling.drill(place, name or place.newest(), _live(desk), scratch, told)
    click.echo(f"演练通过：备份 {done.name}，{_said(done.manifest)}，全部核对无误，用时 {done.seconds:.1f} 秒。")
    click.echo(f"如果此刻用它恢复，丢失最近 {done.minutes:,} 分钟的内容" + ("；现在的数据库不能使用，无法说明丢失多少条记录。" if done.lost is None else f"，共 {sum(done.lost.values()):,} 条记录。"))
    names = _chain_names(desk) if done.lost else {}
    for chain, number in (done.lost or {}).items():
        click.echo(f"  {names.get(chain, chain)}：{number:,} 条")


@backup.command()
@click.option("--keep", type=click.IntRange(1, 10_000), required=True, help="保留最新的几份")
@from_option
@pass_desk
def prune(desk: Desk, keep: int, folder: Path | None) -> None:
    """删除较早的备份，只保留最新的几份；保留的备份所需的文件都在。"""
    done = pruning.prune(_place(desk, folder), keep)
    click.echo(f"已删除 {len(done.names)} 份备份和只有它们需要的 {done.contents} 个文件，腾出 {_size(done.freed)}。" if done.names else "没有可以删除的备份。")


@backup.command(name="restore-file")
@click.argument("digest")
@from_option
@pass_desk
def restore_file(desk: Desk, digest: str, folder: Path | None) -> None:
    """把备份中的一个文件（SHA-256）放回证据库或导出件，核对无误后解除警报。"""
    put = mending.restore_content(desk.config, desk.database, _place(desk, folder), digest.strip().lower())
    click.echo(f"已放回文件 {digest.strip().lower()}（{'、'.join(f'{store}/' for store in put)}），核对无误。")


def _say_signing(desk: Desk, manifest: Manifest) -> None:
    """Say the next step where more was signed than the restored history has, and name keys that it does not know."""
    ring = Keyring(desk.config.key_folder)
    try:
        if migrate.is_current(desk.found_database):
            said = [standing.paused(desk.signer), standing.strangers(desk.database, ring)]
        else:
            # The signer reads the tables of today, which the next start makes.
            said = [f"签名已暂停：恢复的历史不到上次签名之处。启动服务之后，{standing.ACCEPT}" if standing.goes_beyond(ring, manifest.chains) else ""]
    except Problem as problem:
        said = [problem.sentence]
    for sentence in filter(None, said):
        click.echo(sentence)


def _live(desk: Desk) -> Database | None:
    if not desk.has_database:
        return None
    with suppress(Problem, SQLAlchemyError):
        # One on which no service was ever started is refused by the drill itself.
        return desk.found_database if migrate.is_current(desk.found_database) else None
    return None


def _chain_names(desk: Desk) -> dict[str, str]:
    with desk.database.reading(desk.operator.entities) as s:
        rows = entity_tree(s, desk.operator)
    named = {f"{kind}_{row.id}": f"{row.short_name}{what}" for row in rows for kind, what in (("ent", ""), ("acc", "（访问记录）"))}
    return named | {SYSTEM_CHAIN: "系统"}


def _said(manifest: Manifest) -> str:
    return f"数据库版本 {manifest.revision}，{len(manifest.chains)} 条链 {manifest.events:,} 条记录，文件 {len(manifest.contents):,} 个，共 {_size(manifest.bytes)}"


def _size(number: int) -> str:
    return f"{number / MEGABYTE:,.1f} MB"
