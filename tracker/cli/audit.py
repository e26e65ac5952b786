"""Commands on the trail: check every chain."""

from __future__ import annotations

import click

from ..audit.queries import chain_heads, faults
from ..errors import RuleBroken
from .root import Desk, pass_desk

WHAT = {
    "gap": "序号不连续", "form": "记录不是规范形式", "place": "记录不属于这个位置", "body": "记录与其校验值不符", "prev": "与前一条接不上",
    "entry": "本条校验值不符", "size": "条数与链头不符", "head": "链头不符", "column": "筛选用的列与记录不符", "disclosure": "个人信息与其承诺值不符", "chain": "记录所属的链不存在",
}


@click.group()
def audit() -> None:
    """操作留痕：校验。"""


@audit.command()
@pass_desk
def verify(desk: Desk) -> None:
    """逐条校验每一条链；发现问题时说明位置并以 1 退出。"""
    with desk.database.reading(desk.operator.entities) as s:
        found, heads = faults(s), chain_heads(s)
    for fault in found:
        click.echo(f"链 {fault.chain} 第 {fault.seq} 条：{WHAT.get(fault.what, fault.what)}。", err=True)
    if found:
        raise RuleBroken(f"校验未通过：{len(found)} 条链有问题。")
    for head in heads:
        click.echo(f"链 {head.chain_id}：{head.size} 条，链头 {head.head}")
    click.echo(f"校验通过：{len(heads)} 条链，共 {sum(head.size for head in heads)} 条记录。")
