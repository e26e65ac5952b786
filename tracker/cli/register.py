"""Commands on the register: check a file, compare it with what is in force, put it in force."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import BadInput
from ..register.changes import Changes, compare_registers
from ..register.loading import load
from ..register.queries import edition_in_force
from ..register.source import read_register
from .root import Desk, pass_desk

file_argument = click.argument("file", type=click.Path(path_type=Path), required=False)


@click.group()
def register() -> None:
    """义务清单：检查、比较、载入。"""


def _bytes(desk: Desk, file: Path | None) -> tuple[bytes, str]:
    path = file or desk.config.register
    try:
        return path.read_bytes(), str(path)
    except OSError as reason:
        raise BadInput(f"读不到文件 {path}：{reason.strerror or reason}。") from None


@register.command()
@file_argument
@pass_desk
def check(desk: Desk, file: Path | None) -> None:
    """检查清单文件，一次列出全部问题；不改动数据库。"""
    data, name = _bytes(desk, file)
    found = read_register(data, name)
    count = sum(len(clause.obligations) for document in found.documents for clause in document.clauses)
    click.echo(f"{name}：版本 {found.edition}，{len(found.documents)} 份文件，{count} 项义务，没有问题。")


@register.command()
@file_argument
@pass_desk
def diff(desk: Desk, file: Path | None) -> None:
    """与现行版本比较：新增、变更（逐字段）、撤下；不改动数据库。"""
    data, name = _bytes(desk, file)
    new = read_register(data, name)
    with desk.database.reading() as s:
        now = edition_in_force(s)
        old = read_register(now.source, f"现行版本 {now.edition}") if now else None
    if old is None:
        click.echo("义务清单尚未载入，文件中的全部义务都是新增。")
        return
    _say_changes(compare_registers(old, new), old.edition, new.edition)


def _say_changes(changes: Changes, old: str, new: str) -> None:
    click.echo(f"{old} → {new}：新增 {len(changes.added)}，变更 {len(changes.changed)}，撤下 {len(changes.withdrawn)}，未变 {len(changes.unchanged)}。")
    for label, ids in (("新增", changes.added), ("撤下", changes.withdrawn)):
        for obligation_id in ids:
            click.echo(f"  {label} {obligation_id}")
    for change in changes.changed:
        click.echo(f"  变更 {change.id}")
        for field in change.fields:
            click.echo(f"    {field.field}：{field.old} → {field.new}")


@register.command(name="load")
@file_argument
@pass_desk
def load_file(desk: Desk, file: Path | None) -> None:
    """载入清单文件；有任何问题则整体拒绝，现行版本不变。"""
    data, name = _bytes(desk, file)
    with desk.database.writing(desk.operator.entities) as s:
        done = load(s, desk.operator, data, name)
    if not (done.added or done.changed or done.withdrawn):
        click.echo(f"版本 {done.edition}：{done.unchanged} 项义务，与现行内容一致，没有变化。")
        return
    click.echo(f"已载入版本 {done.edition}：新增 {len(done.added)}，变更 {len(done.changed)}，撤下 {len(done.withdrawn)}，未变 {done.unchanged}。")
