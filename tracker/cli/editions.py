"""Commands on editions: see what a file would do, put it in force, look back, compare, put an edition back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from .. import clock
from ..db import EVERY_ENTITY
from ..editions import queries
from ..editions.actions import Applied, put_in_force
from ..editions.queries import Preview, Touched
from ..errors import RuleBroken
from ..register.changes import Changes, FieldChange
from ..register.models import Edition
from ..register.queries import registers
from .register import bytes_of, file_argument
from .root import Desk, pass_desk

key_option = click.option("--register", "key", default="", help="登记册的编号；只有一本时可以不写")
yes_option = click.option("--yes", is_flag=True, help="不再询问，直接载入")


@click.command()
@file_argument
@pass_desk
def diff(desk: Desk, file: Path | None) -> None:
    """预览：新增、变更（逐字段）、撤下，以及各主体受到的影响；不改动数据库。"""
    data, name = bytes_of(desk, file)
    with desk.database.reading(EVERY_ENTITY) as s:
        _say(lines_of_preview(queries.preview(s, desk.operator, data, name)))


@click.command(name="load")
@file_argument
@yes_option
@pass_desk
def load_file(desk: Desk, file: Path | None, yes: bool) -> None:
    """载入清单文件：先预览，确认后载入；有任何问题则整体拒绝，现行版本不变。"""
    data, name = bytes_of(desk, file)
    with desk.database.reading(EVERY_ENTITY) as s:
        seen = queries.preview(s, desk.operator, data, name)
        _say(lines_of_preview(seen))
    _put(desk, data, name, seen, yes)


def _put(desk: Desk, data: bytes, name: str, seen: Preview, yes: bool, restores: int | None = None) -> None:
    # A first load takes nothing from anybody; any other is looked at by somebody first.
    if seen.now is not None and seen.now.digest != hashlib.sha256(data).hexdigest() and not yes:
        _ask()
    with desk.database.writing(desk.operator.entities) as s:
        done = put_in_force(s, desk.operator, data, name, restores, seen.now.id if seen.now else None)
        click.echo(_done(done))


def _ask() -> None:
    try:
        sure = click.confirm("要载入吗？", default=False)
    except click.Abort:
        raise RuleBroken("没有得到确认，没有载入任何内容。在脚本中运行时请加 --yes。") from None
    if not sure:
        raise RuleBroken("没有载入，现行版本不变。")


def _done(done: Applied) -> str:
    loaded, plan = done.loaded, done.loaded.plan
    if loaded.edition_id is None:
        return f"版本 {loaded.edition}：{len(plan.unchanged)} 项义务，与现行版本逐字节相同，内容没有变化。"
    ended = f"；结束分派 {done.ended} 项，取消任务 {done.cancelled} 项" if done.ended else ""
    return f"已载入版本 {loaded.edition}：{_numbers(len(plan.added) + len(plan.revived), len(plan.changed), len(plan.withdrawn), len(plan.unchanged))}{ended}。"


def _numbers(added: int, changed: int, withdrawn: int, unchanged: int) -> str:
    return f"新增 {added}，变更 {changed}，撤下 {withdrawn}，未变 {unchanged}"


def lines_of_preview(seen: Preview) -> Iterator[str]:
    """Yield what a file would do, line by line: what changes in the register, then what that does in each entity."""
    if seen.now is None:
        yield f"登记册“{seen.register.name}”尚未载入，文件中的 {len(seen.changes.added)} 项义务都是新增。"
        return
    yield f"登记册“{seen.register.name}” {seen.now.edition} → {seen.register.edition}"
    yield from _lines(seen.changes)
    yield from _touched(seen.touched)


def _lines(changes: Changes) -> Iterator[str]:
    # What comes back with another text is new again and also says what differs; it counts once.
    changed = sum(one.id not in changes.added for one in changes.changed)
    yield _numbers(len(changes.added), changed, len(changes.withdrawn), len(changes.unchanged)) + "。"
    for old, new in changes.renamed:
        yield f"  改编号 {old} → {new}"
    for label, ids in (("新增", changes.added), ("撤下", changes.withdrawn)):
        yield from (f"  {label} {one}" for one in ids)
    for change in changes.changed:
        yield f"  变更 {change.id}"
        yield from _fields(change.fields, "    ")
    if changes.frame:
        yield "  义务以外的内容："
        yield from _fields(changes.frame, "    ")


def _touched(touched: Iterable[Touched]) -> Iterator[str]:
    rows = list(touched)
    yield "各主体受到的影响：" if rows else "没有主体受到影响。"
    for one in rows:
        parts = (
            ("内容有变的分派", one.assignments), ("内容有变的未完成任务", one.tasks), ("待重新确认的复核结论", one.reconfirm),
            ("恢复有效的复核结论", one.settled), ("结束的分派", one.ended), ("取消的任务", one.cancelled),
        )
        yield f"  {one.entity}：" + "，".join(f"{label} {number}" for label, number in parts if number)


def _fields(fields: Iterable[FieldChange], margin: str) -> Iterator[str]:
    return (f"{margin}{field.field}：{_value(field.old)} → {_value(field.new)}" for field in fields)


def _value(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "（空）"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


@click.command()
@key_option
@pass_desk
def history(desk: Desk, key: str) -> None:
    """列出载入过的版本，新的在前。"""
    with desk.database.reading() as s:
        for held in registers(s):
            if key and held.key != key:
                continue
            click.echo(f"{held.key}《{held.name}》")
            for n, row in enumerate(queries.history(s, held.key)):
                click.echo(f"  {_edition_line(row)}{'（现行）' if n == 0 else ''}")
        if key:
            queries.history(s, key)


def _edition_line(row: Edition) -> str:
    numbers = [len(row.changes.get(name, ())) for name in ("added", "changed", "withdrawn")]
    back = f"，恢复自第 {row.restores_id} 次载入" if row.restores_id else ""
    when = clock.local(row.loaded_at).strftime("%Y-%m-%d %H:%M")
    return f"第 {row.id} 次载入：版本 {row.edition}，{when}，{row.obligations} 项（新增 {numbers[0]}，变更 {numbers[1]}，撤下 {numbers[2]}），SHA-256 {row.digest[:16]}…{back}"


@click.command()
@click.argument("old", type=click.IntRange(1, 2**31 - 1))
@click.argument("new", type=click.IntRange(1, 2**31 - 1))
@pass_desk
def compare(desk: Desk, old: int, new: int) -> None:
    """比较两次载入的版本；OLD、NEW 是 history 列出的载入次数。"""
    with desk.database.reading() as s:
        one, other = queries.edition(s, old), queries.edition(s, new)
        click.echo(f"{one.edition}（第 {one.id} 次载入）→ {other.edition}（第 {other.id} 次载入）")
        _say(_lines(queries.compared(one, other)))


@click.command()
@click.argument("edition", type=click.IntRange(1, 2**31 - 1))
@yes_option
@pass_desk
def restore(desk: Desk, edition: int, yes: bool) -> None:
    """恢复以前的版本：先预览，确认后作为新的一次载入；EDITION 是 history 列出的载入次数。"""
    with desk.database.reading(EVERY_ENTITY) as s:
        row = queries.edition(s, edition)
        data, name = row.source, f"版本 {row.edition}"
        seen = queries.preview(s, desk.operator, data, name)
        _say(lines_of_preview(seen))
    _put(desk, data, name, seen, yes, edition)
