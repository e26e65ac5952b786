"""Commands that help to write a register: the format as a JSON Schema, and a starter file from an official text."""

from __future__ import annotations

from pathlib import Path

import click

from .. import clock
from ..errors import BadInput, RuleBroken, why_not
from ..register.source import read_register
from ..register.writing.pages import SCHEMA_FILE
from ..register.writing.schema import written_schema
from ..register.writing.starter import Started, Wishes, starter
from .register import file_bytes, official_text
from .root import Desk, pass_desk, shown

out_option = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--out", type=out_option, help="写到这个文件；不写时印在屏幕上")
def schema(out: Path | None) -> None:
    """印出清单格式的 JSON Schema，供编辑器边写边提示、边检查。"""
    if out is None:
        click.echo(written_schema(), nl=False)
        return
    _write(out, written_schema(), "w")
    click.echo(f"已写出清单格式 {out}。在清单文件第一行写 # yaml-language-server: $schema={out.name}，编辑器即会提示和检查。")


@click.command()
@click.option("--text", "text", type=click.Path(path_type=Path), required=True, help="官方文本或制度原文")
@click.option("--out", type=out_option, required=True, help="要写成的清单文件，不能已经存在")
@click.option("--register", "code", default="", help="登记册代码，小写字母、数字和下划线；不写时取自标题")
@click.option("--name", default="", help="登记册名称；不写时用标题")
@click.option("--document-id", default="", help="文件编号，例如 jys-2026-3；不写时取自标题")
@click.option("--prefix", default="", help="义务编号的前缀，例如 JYS；不写时取自标题")
@click.option("--title", default="", help="文件标题；不写时从文本读出")
@click.option("--number", default="", help="文号；不写时从文本读出")
@click.option("--issuer", multiple=True, callback=lambda context, option, given: tuple(shown(context, option, one) for one in given), help="发文机关，可多次；不写时从文本读出")
@click.option("--issued", default="", help="发文日期，例如 2026-03-01；不写时从文本读出")
@click.option("--title-en", default="", help="标题的英文")
@click.option("--nature", default="", help="文件性质，例如 交易所业务规则")
@pass_desk
def new(
    desk: Desk, text: Path, out: Path, code: str, name: str, document_id: str, prefix: str, title: str, number: str, issuer: tuple[str, ...],
    issued: str, title_en: str, nature: str,
) -> None:
    """由一份官方文本写出自己的清单的起始文件：条款和句子已分好，等待归类。"""
    if out.exists():
        raise RuleBroken(f"{out} 已经存在，没有改动它。请用 --out 换一个文件名。")
    main = read_register(file_bytes(desk.config.register), str(desk.config.register))
    wishes = Wishes(code, name, document_id, prefix, title, number, issuer, issued, title_en, nature)
    made = starter(official_text(text), wishes, clock.today(), main)
    _write(out, made.file, "x")
    told = "" if (beside := out.parent / SCHEMA_FILE).exists() else f"同时写出 {beside}，编辑器据此提示和检查。"
    if told:
        _write(beside, written_schema(), "x")
    click.echo(f"已写出 {out}：登记册 {made.register}，《{made.title}》{made.clauses} 条，{made.sentences} 句待归类。{told}")
    _say_what_is_left(made)


def _say_what_is_left(made: Started) -> None:
    if made.unfilled:
        click.echo(f"还要填写：{'、'.join(made.unfilled)}。文件里都写着占位的文字，填完之前这份清单不能检查，也不能载入。")


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, or raise BadInput with the reason why it cannot be written."""
    _write(path, text, "x")


def _write(path: Path, text: str, mode: str) -> None:
    try:
        with path.open(mode, encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as reason:
        raise BadInput(f"写不了文件 {path}：{why_not(reason)}。请检查路径和权限。") from None
