"""Commands on signed heads: sign, list, check a file, accept a restored history, and the keys; and one round of what has to be tended."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from .. import clock
from ..audit.heads import checking, notes, queries, standing
from ..audit.heads.keys import Keyring
from ..db import EVERY_ENTITY
from ..errors import BadInput, Problem, RuleBroken, why_not
from ..people import head_keys
from ..tending.delivering import place_file
from ..tending.duties import tend as run_duties
from ..tending.signing import told, ways
from .audit import unsound
from .root import Desk, pass_desk, shown

WAYS = {"folder": "写到目录", "mail": "寄出"}
# A file of heads of a thousand entities has less than a megabyte.
LARGEST = 64 * 1024 * 1024


@click.group()
def heads() -> None:
    """链头：签名、查看、核对，管理签名密钥。"""


@heads.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="另把链头文件写到这个目录")
@pass_desk
def sign(desk: Desk, out: Path | None) -> None:
    """为每条链的链头签名并登记，写出和寄出链头文件。"""
    done = head_keys.sign_now(desk.operator, desk.signer, ways(desk.config))
    click.echo(told(done))
    if out is not None and done.number:
        with desk.database.reading(EVERY_ENTITY) as s:
            name, text = queries.heads_file(s, done.number)
        try:
            place_file(out, name, text)
        except OSError as reason:
            raise BadInput(f"写不了 {out / name}：{why_not(reason)}。请检查路径和权限。") from None
        click.echo(f"已写出 {out / name}")
    _say_duties(desk)


@heads.command(name="list")
@pass_desk
def list_heads(desk: Desk) -> None:
    """列出公钥、每条链签到哪里、能不能接着签，和最近的登记与送出情况。"""
    refused = _refused(desk)
    with desk.database.reading(EVERY_ENTITY) as s:
        for key in queries.keys(s):
            click.echo(f"公钥 {key.number}  指纹 {key.fingerprint}  {_beijing(key.at)}" + ("" if desk.signer.ring.holds(key.fingerprint) else "  （密钥文件不在本机）"))
        for one in queries.behind(s):
            signed = "从未签名" if one.signed is None else f"签到 {one.signed:,} 条（{_beijing(one.at)}）"
            click.echo(f"链 {one.chain}：{one.size:,} 条，{signed}")
            if one.chain in refused:
                click.echo(f"  不能签名：{standing.bare(refused.pop(one.chain))}")
        for why in refused.values():
            click.echo(f"不能签名：{standing.bare(why)}")
        rows = queries.registries(s)
        sent = queries.deliveries(s, [row.number for row, _note in rows])
        for row, note in rows:
            states = [f"{WAYS.get(one.way, one.way)}：{'已完成 ' + _beijing(one.done_at) if one.done_at else '等待中 ' + one.error}" for one in sent.get(row.number, ())]
            click.echo("  ".join([f"第 {row.number} 次登记  {_beijing(note.at)}", *states]))
    _say_standing(desk)


def _refused(desk: Desk) -> dict[str, str]:
    try:
        return dict(desk.signer.refusals())
    except Problem as problem:
        click.echo(problem.sentence, err=True)
        return {}


def _say_standing(desk: Desk) -> None:
    """Say on the error stream what an operator has to see to: signing that is paused, keys that nobody knows, and keys that anybody may read."""
    with suppress(Problem):
        if said := standing.paused(desk.signer):
            click.echo(said, err=True)
    for said in (standing.strangers(desk.database, desk.signer.ring), desk.signer.ring.exposure()):
        if said:
            click.echo(said, err=True)


def _beijing(stamp: str) -> str:
    return f"{clock.local(datetime.fromisoformat(stamp)):%Y-%m-%d %H:%M}"


@heads.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_desk
def check(desk: Desk, file: Path) -> None:
    """用以前送出的链头文件核对数据库：历史必须是它的延续，每条链从头校验无误。"""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as reason:
        raise BadInput(f"读不到链头文件 {file}：{why_not(reason)}。") from None
    try:
        read = notes.read_file(data.decode("ascii") if len(data) <= LARGEST else "")
    except ValueError:
        raise BadInput(f"{file} 不是链头文件，或已被改动、截断。") from None
    with desk.database.reading(EVERY_ENTITY) as s:
        if wrong := checking.file_fault(s, read):
            raise RuleBroken(f"核对未通过：{wrong}")
        # A head that still stands says nothing of what is missing before it.
        if places := unsound(s, desk):
            raise RuleBroken(f"核对未通过：签名处的链头与文件相符，但有 {places} 处记录不完好，见上。")
    click.echo(f"核对通过：{len(notes.listed(read.lines).chains)} 条链的历史都是 {file.name} 的延续。登记时间 {read.registry.at}，公钥指纹 {read.registry.fingerprint}")


@heads.command()
@click.option("--reason", required=True, callback=shown, help="历史为何与签名不符，例如恢复了哪一份备份")
@pass_desk
def accept(desk: Desk, reason: str) -> None:
    """恢复备份之后：在操作留痕中写明丢失了什么，从现在的历史继续签名。"""
    for line in head_keys.accept_history(desk.operator, desk.signer, reason):
        click.echo(f"已记入操作留痕：{line}")
    click.echo("从现在的历史继续签名。")
    _say_standing(desk)


@heads.group()
def key() -> None:
    """签名密钥：建立、更换、声明遗失。"""


@key.command()
@pass_desk
def create(desk: Desk) -> None:
    """建立第一把签名密钥（首次启动时已自动建立）。"""
    with desk.database.writing(EVERY_ENTITY) as s:
        made = head_keys.create_key(s, desk.operator, Keyring(desk.config.key_folder))
    _say_key(desk, made)


@key.command()
@pass_desk
def rotate(desk: Desk) -> None:
    """更换签名密钥；新旧两把密钥都为更换签名。"""
    with desk.database.writing(EVERY_ENTITY) as s:
        made = head_keys.rotate_key(s, desk.operator, Keyring(desk.config.key_folder))
    _say_key(desk, made)


@key.command()
@click.option("--reason", required=True, callback=shown, help="密钥是怎样遗失的")
@pass_desk
def lost(desk: Desk, reason: str) -> None:
    """声明密钥遗失并另建一把；与以前的密钥不相连，须把新的指纹另行告知。"""
    with desk.database.writing(EVERY_ENTITY) as s:
        before = queries.keys(s)
        made = head_keys.replace_lost_key(s, desk.operator, Keyring(desk.config.key_folder), reason)
    _say_key(desk, made)
    click.echo(f"以前的指纹 {before[-1].fingerprint} 对今后的工作簿不再有效：请把新的指纹重新告知收工作簿的每一个人。")


def _say_key(desk: Desk, fingerprint: str) -> None:
    click.echo(f"签名公钥的指纹：{fingerprint}\n密钥文件在 {desk.config.key_folder}，请另行备份；请把指纹告知收工作簿的人。")


@click.command()
@pass_desk
def tend(desk: Desk) -> None:
    """做一遍到期的例行工作（签名、送出链头），适合计划任务；重复运行无妨。"""
    _say_duties(desk, "没有到期的例行工作。")


def _say_duties(desk: Desk, nothing: str = "") -> None:
    said = list(run_duties(desk.config, desk.database))
    for sentence, well in said:
        click.echo(sentence, err=not well)
    if not said and nothing:
        click.echo(nothing)
    if not all(well for _sentence, well in said):
        raise Problem(f"有例行工作没有完成（{clock.local(clock.now()):%Y-%m-%d %H:%M}），见上。")
