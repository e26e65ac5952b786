"""Commands on people: add one (with a one-time link for his password), list those there are."""

from __future__ import annotations

import click

from ..people import actions, queries, signing_in
from ..people.actions import PersonFacts
from ..words import Role
from .root import Desk, pass_desk, shown

ROLES = {role.label: role for role in Role} | {str(role): role for role in Role}


@click.group()
def people() -> None:
    """人员：添加、列出。"""


@people.command()
@click.option("--login", required=True, callback=shown, help="登录名")
@click.option("--name", required=True, callback=shown, help="姓名")
@click.option("--department", default="", help="部门")
@click.option("--post", default="", help="岗位")
@click.option("--email", default="", help="邮箱")
@click.option("--admin", is_flag=True, help="系统管理员")
@click.option("--entity", callback=shown, help="主体（全称、简称或编号），与 --role 一起使用")
@click.option("--role", type=click.Choice(sorted(ROLES)), multiple=True, help="在该主体中的角色，可多次")
@pass_desk
def add(desk: Desk, login: str, name: str, department: str, post: str, email: str, admin: bool, entity: str | None, role: tuple[str, ...]) -> None:
    """添加人员，输出一次性的设置密码链接。"""
    if bool(entity) != bool(role):
        raise click.UsageError("--entity 与 --role 要一起使用。")
    who = desk.operator
    with desk.database.writing(who.entities) as s:
        person = actions.add_person(s, who, PersonFacts(login, name, department, post, email, admin))
        if entity:
            actions.grant_roles(s, who, person.id, queries.entity_by_name(s, who, entity).id, {ROLES[one] for one in role})
        token = signing_in.invite(s, who, person.id)
    click.echo(f"已添加 {name}（登录名 {login}）。请其在三天内打开下面的链接设置密码，链接只能用一次：")
    click.echo(f"  {link(desk, 'invite', token)}")


@people.command(name="list")
@pass_desk
def list_people(desk: Desk) -> None:
    """列出全部人员。"""
    with desk.database.reading(desk.operator.entities) as s:
        for person in queries.people_to_manage(s, desk.operator):
            marks = [*(["系统管理员"] if person.is_admin else []), *([] if person.active else ["已离职"])]
            click.echo(f"{person.login}\t{person.name}\t{person.department}\t{'、'.join(marks)}")


def link(desk: Desk, way: str, token: str) -> str:
    """Return the address of a one-time link as the settings say the application is served."""
    host = "127.0.0.1" if desk.config.host in {"0.0.0.0", "::"} else desk.config.host
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if desk.config.https else 'http'}://{host}:{desk.config.port}/{way}/{token}"
