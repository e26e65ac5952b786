"""Commands on retention: list what waits, is held or ends; ask, place and lift. Deciding is for signed-in people alone."""

from __future__ import annotations

import click

from .. import clock
from ..people.queries import entity_by_name, entity_tree
from ..reports.telling import known_names, thing_of
from ..retention import asking, holding
from ..retention.queries import ending, holds, requests
from ..words import HoldKind, RequestState, RetentionAct
from .root import Desk, pass_desk, shown


@click.group()
def retention() -> None:
    """保存与保全：查看、申请、设置和解除法律保全。"""


@retention.command(name="list")
@pass_desk
def list_all(desk: Desk) -> None:
    """列出待决定的申请、生效中的法律保全、已到期和半年内到期的证据。"""
    who = desk.operator
    with desk.database.reading(who.entities) as s:
        waiting, held = requests(s, who, RequestState.WAITING), holds(s, who)
        things = {row.object for row in waiting} | {row.object for row in held}
        known = known_names(s, who, things | {thing.partition(":")[2] for thing in things})
        lines = [f"申请 {row.id}\t{row.act.label}\t{thing_of(row.object, known)}\t{clock.local(row.asked_at):%Y-%m-%d}" for row in waiting]
        lines += [f"保全 {row.id}\t{row.kind.label}\t{thing_of(row.object, known)}\t{clock.local(row.placed_at):%Y-%m-%d}" for row in held]
        soon = ending(s, who, [one.id for one in entity_tree(s, who, for_managing=True)], clock.today())
        lines += [f"证据 {piece.id}\t{piece.name}\t{term.kept_as.label}\t保存期限至 {term.end}" for piece, term in soon]
    click.echo("\n".join(lines) or "没有待决定的申请，没有法律保全，半年内没有到期的证据。")


@retention.command()
@click.argument("kind", type=click.Choice([str(one) for one in HoldKind]))
@click.option("--entity", callback=shown, help="主体（全称、简称或编号）；保全人员或单份证据时不必写")
@click.option("--what", default="", help="义务编号，证据的编号，或人员的编号、登录名、姓名；整个主体不必写")
@click.option("--reason", required=True, callback=shown, help="理由")
@pass_desk
def hold(desk: Desk, kind: str, entity: str | None, what: str, reason: str) -> None:
    """设置法律保全。"""
    who = desk.operator
    with desk.database.writing(who.entities) as s:
        entity_id = entity_by_name(s, who, entity).id if entity else None
        made = holding.place_hold(s, who, HoldKind(kind), what, reason, entity_id).id
    click.echo(f"第 {made} 号法律保全已设置。")


@retention.command()
@click.argument("number", type=click.IntRange(1, 10**9))
@click.option("--reason", required=True, callback=shown, help="理由")
@pass_desk
def lift(desk: Desk, number: int, reason: str) -> None:
    """解除他人设置的法律保全。"""
    who = desk.operator
    with desk.database.writing(who.entities) as s:
        holding.lift_hold(s, who, number, reason)
    click.echo(f"第 {number} 号法律保全已解除。")


@retention.command()
@click.argument("act", type=click.Choice([str(one) for one in RetentionAct]))
@click.argument("thing")
@click.option("--field", multiple=True, help="操作留痕中的栏目，可多次；仅用于 redact")
@click.option("--reason", required=True, callback=shown, help="理由")
@click.option("--basis", required=True, callback=shown, help="法律依据")
@pass_desk
def request(desk: Desk, act: str, thing: str, field: tuple[str, ...], reason: str, basis: str) -> None:
    """申请销毁或删除，如 destroy evidence:12；由另一位登录的人员在网页上决定。"""
    who = desk.operator
    with desk.database.writing(who.entities) as s:
        made = asking.ask(s, who, RetentionAct(act), thing, reason, basis, field).id
    click.echo(f"第 {made} 号申请已提出，等待另一人在网页上决定。")
