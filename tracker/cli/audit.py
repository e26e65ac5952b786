"""Commands on the trail: check every chain."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from ..audit.names import fault_label
from ..audit.queries import chain_heads, faults
from ..audit.trail import SYSTEM_CHAIN, entity_chain
from ..errors import RuleBroken
from ..people.queries import entity_tree
from .root import Desk, pass_desk

TABLES = {"signing_key": "签名密钥", "audit_registry": "登记"}


@click.group()
def audit() -> None:
    """操作留痕：校验。"""


@audit.command()
@pass_desk
def verify(desk: Desk) -> None:
    """逐条校验每一条链；发现问题时说明位置并以 1 退出。"""
    with desk.database.reading(desk.operator.entities) as s:
        found, heads = unsound(s, desk), chain_heads(s)
    if found:
        raise RuleBroken(f"校验未通过：{found} 处有问题，见上。")
    for head in heads:
        click.echo(f"链 {head.chain_id}：{head.size} 条，链头 {head.head}")
    click.echo(f"校验通过：{len(heads)} 条链，共 {sum(head.size for head in heads)} 条记录。")


def unsound(s: Session, desk: Desk) -> int:
    """Check every chain from its first event on and what is signed; say on the error stream where the first fault of each is, and return how many."""
    found = faults(s, expected=[SYSTEM_CHAIN, *(entity_chain(row.id) for row in entity_tree(s, desk.operator))])
    for fault in found:
        click.echo(f"{TABLES.get(fault.chain, f'链 {fault.chain}')} 第 {fault.seq} 条：{fault_label(fault.what)}。", err=True)
    return len(found)
