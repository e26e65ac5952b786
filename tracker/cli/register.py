"""Commands on register files: check one, prove one against its official text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from .. import migrate
from ..errors import BadInput, why_not
from ..register import cover as coverage
from ..register.queries import around
from ..register.source import Around, read_register
from ..register.texts.bounds import MOST_BYTES
from ..register.texts.reading import read_text
from .proof import lines_of
from .root import REFUSED, Desk, pass_desk

file_argument = click.argument("file", type=click.Path(path_type=Path), required=False)


@click.group()
def register() -> None:
    """义务清单：检查、比较、载入。"""


def bytes_of(desk: Desk, file: Path | None) -> tuple[bytes, str]:
    """Read the file that was named, or the one of the settings; returns its bytes and its name."""
    path = file or desk.config.register
    return file_bytes(path), str(path)


def beside(desk: Desk) -> Callable[[str], Around]:
    """Return what stands around a register file: the other registers in force, nothing where no database has been made yet."""
    def of(key: str) -> Around:
        if not desk.has_database or not migrate.is_current(desk.bare_database):
            return Around()
        with desk.bare_database.reading() as s:
            return around(s, key)

    return of


def file_bytes(path: Path) -> bytes:
    """Read a register file, or raise BadInput with the reason why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as reason:
        raise BadInput(f"读不到义务清单文件 {path}：{why_not(reason)}。请检查路径，或用设置 TRACKER_REGISTER 指明它在哪里。") from None


def official_text(path: Path) -> str:
    """Read an official text from a file, saying what should be known of it; BadInput when it cannot be read."""
    reading = read_text(text_bytes(path), str(path))
    if reading.note:
        click.echo(f"注意：{reading.note}", err=True)
    return reading.text


def text_bytes(path: Path) -> bytes:
    """Return the bytes of the file of an official text, or raise BadInput with the reason why it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"文件 {path} 有 {path.stat().st_size / 1048576:.1f} MB，超过 {MOST_BYTES // 1048576} MB 的上限，不像一份公文。")
        return path.read_bytes()
    except OSError as reason:
        raise BadInput(f"读不到文本文件 {path}：{why_not(reason)}。请检查路径。") from None


@register.command()
@file_argument
@pass_desk
def check(desk: Desk, file: Path | None) -> None:
    """检查清单文件，一次列出全部问题；不改动数据库。"""
    data, name = bytes_of(desk, file)
    found = read_register(data, name, beside(desk))
    count = sum(len(clause.obligations) for document in found.documents for clause in document.clauses)
    click.echo(f"{name}：版本 {found.edition}，{len(found.documents)} 份文件，{count} 项义务，没有问题。")


@register.command()
@click.option("--text", "text", type=click.Path(path_type=Path), required=True, help="官方文本：TXT（UTF-8 或 GB18030）、DOCX 或带文字的 PDF")
@click.option("--document", default="", help="文件编号；不写时由文本自动判断")
@file_argument
@pass_desk
def cover(desk: Desk, text: Path, document: str, file: Path | None) -> None:
    """对照官方文本逐句证明清单没有遗漏；有缺口时以 1 结束，文本对不上时以 2 结束。"""
    data, name = bytes_of(desk, file)
    register_file = read_register(data, name, beside(desk))
    raw = official_text(text)
    proof = coverage.prove(coverage.document_of(register_file, raw, document), raw)
    for line in lines_of(proof):
        click.echo(line)
    if proof.gaps:
        sys.exit(REFUSED)
