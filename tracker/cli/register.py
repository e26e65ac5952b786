"""Commands on the register: check a file, compare it with what is in force, put it in force."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ..errors import BadInput
from ..register import cover as coverage
from ..register.changes import Changes, FieldChange, compare_registers
from ..register.loading import load
from ..register.queries import edition_in_force
from ..register.source import read_register
from .proof import lines_of
from .root import REFUSED, Desk, pass_desk

file_argument = click.argument("file", type=click.Path(path_type=Path), required=False)


@click.group()
def register() -> None:
    """义务清单：检查、比较、载入。"""


def _bytes(desk: Desk, file: Path | None) -> tuple[bytes, str]:
    path = file or desk.config.register
    return file_bytes(path), str(path)


def file_bytes(path: Path) -> bytes:
    """Read a register file, or raise BadInput with the reason why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as reason:
        raise BadInput(f"读不到义务清单文件 {path}：{reason.strerror or reason}。请检查路径，或用设置 TRACKER_REGISTER 指明它在哪里。") from None


def official_text(path: Path) -> str:
    """Read an official text from a file, or raise BadInput with the reason why it cannot be read."""
    try:
        return coverage.readable(path.read_bytes())
    except OSError as reason:
        raise BadInput(f"读不到文本文件 {path}：{reason.strerror or reason}。请检查路径。") from None


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
        _say_fields(change.fields, "    ")
    if changes.frame:
        click.echo("  义务以外的内容：")
        _say_fields(changes.frame, "    ")


def _say_fields(fields: Iterable[FieldChange], margin: str) -> None:
    for field in fields:
        click.echo(f"{margin}{field.field}：{_value(field.old)} → {_value(field.new)}")


def _value(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "（空）"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


@register.command()
@click.option("--text", "text", type=click.Path(path_type=Path), required=True, help="官方文本，TXT，UTF-8 或 GB18030 编码")
@click.option("--document", default="", help="文件编号；不写时由文本自动判断")
@file_argument
@pass_desk
def cover(desk: Desk, text: Path, document: str, file: Path | None) -> None:
    """对照官方文本逐句证明清单没有遗漏；有缺口时以 1 结束，文本对不上时以 2 结束。"""
    data, name = _bytes(desk, file)
    register_file = read_register(data, name)
    raw = official_text(text)
    proof = coverage.prove(coverage.document_of(register_file, raw, document), raw)
    for line in lines_of(proof):
        click.echo(line)
    if proof.gaps:
        sys.exit(REFUSED)


@register.command(name="load")
@file_argument
@pass_desk
def load_file(desk: Desk, file: Path | None) -> None:
    """载入清单文件；有任何问题则整体拒绝，现行版本不变。"""
    data, name = _bytes(desk, file)
    with desk.database.writing(desk.operator.entities) as s:
        done = load(s, desk.operator, data, name)
    if not (done.added or done.changed or done.withdrawn):
        click.echo(f"版本 {done.edition}：{done.unchanged} 项义务，内容没有变化。")
        return
    click.echo(f"已载入版本 {done.edition}：新增 {len(done.added)}，变更 {len(done.changed)}，撤下 {len(done.withdrawn)}，未变 {done.unchanged}。")
