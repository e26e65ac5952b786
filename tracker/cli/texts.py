"""Command on official texts: import one by its file."""

from __future__ import annotations

from pathlib import Path

import click

from ..register.texts.actions import Imported, fitted, import_text
from .proof import gap_lines
from .register import text_bytes
from .root import Desk, pass_desk


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--document", default="", help="文件编号；不写时由文本自动判断")
@click.option("--replace", is_flag=True, help="即使对不上的地方比现有原文多，也换成这一份")
@pass_desk
def text(desk: Desk, file: Path, document: str, replace: bool) -> None:
    """导入官方原文（TXT、DOCX 或带文字的 PDF），供“原文对照”页面使用；对不上的文件不导入。"""
    data = text_bytes(file)
    with desk.database.reading() as s:
        fit = fitted(s, document, data, file.name)
    with desk.database.writing(desk.operator.entities) as s:
        done = import_text(s, desk.operator, document, data, file.name, fit, replace)
        _say(done)


def _say(done: Imported) -> None:
    proof, row = done.proof, done.row
    if done.note:
        click.echo(f"注意：{done.note}", err=True)
    if done.already:
        click.echo(f"《{proof.document.title}》的现有原文就是这份文件，逐字节相同，没有重复导入。")
    else:
        click.echo(f"已导入《{proof.document.title}》的原文：{len(proof.lines)} 句，{row.size:,} 字节，SHA-256 {row.sha256[:16]}…")
    for line in gap_lines(proof.gaps):
        click.echo(line)
    if not proof.gaps:
        click.echo("每一句都有归类，每一处锚点都找到了。")
