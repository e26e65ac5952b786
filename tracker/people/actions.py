"""Verbs on entities and people: create, change, deactivate, grant roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..audit import trail
from ..errors import BadInput, RuleBroken, Stale
from ..pinyin import syllables
from ..words import Role
from .access import Viewer, need_admin
from .models import Entity, EntityKind, Person, RoleGrant, SignIn
from .queries import entity_to_manage, person_to_manage

# As many characters as the columns hold.
LONGEST = {"login": 64, "name": 64, "department": 100, "post": 100, "email": 200, "pinyin": 200}


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """What one may say of an entity."""

    name: str
    short_name: str
    kinds: tuple[str, ...]
    code: str = ""
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What one may say of a person."""

    login: str
    name: str
    department: str = ""
    post: str = ""
    email: str = ""
    is_admin: bool = False
    pinyin: str = ""


def create_entity(s: Session, viewer: Viewer, facts: EntityFacts) -> Entity:
    """Add an entity and start its chain; BadInput names the field that is wrong."""
    need_admin(viewer)
    _check_entity(s, facts, None)
    row = Entity(
        name=facts.name.strip(), short_name=facts.short_name.strip(), code=facts.code.strip(),
        parent_id=facts.parent_id, active=True, created_at=clock.now(),
    )
    row.kinds = [EntityKind(kind=kind) for kind in sorted(set(facts.kinds))]
    s.add(row)
    s.flush()
    trail.open_chain(s, trail.entity_chain(row.id), "entity")
    trail.record(s, viewer.actor, "entity.created", row.audit_ref, entity_id=row.id, after=_told(row))
    return row


def change_entity(s: Session, viewer: Viewer, entity_id: int, facts: EntityFacts, version: int) -> Entity:
    """Change an entity's facts; Stale when somebody else changed it first."""
    row = entity_to_manage(s, viewer, entity_id)
    if row.version != version:
        raise Stale("主体资料已被他人修改，请核对后重新保存。", {"名称": row.name, "简称": row.short_name})
    _check_entity(s, facts, row)
    before = _told(row)
    row.name, row.short_name, row.code = facts.name.strip(), facts.short_name.strip(), facts.code.strip()
    row.parent_id = facts.parent_id
    held = {kind.kind: kind for kind in row.kinds}
    row.kinds = [held.get(kind) or EntityKind(kind=kind) for kind in sorted(set(facts.kinds))]
    s.flush()
    _record_change(s, viewer, "entity.changed", row, before, _told(row))
    return row


def set_entity_active(s: Session, viewer: Viewer, entity_id: int, active: bool) -> Entity:
    """Deactivate an entity, or bring it back; its history stays."""
    row = entity_to_manage(s, viewer, entity_id)
    if row.active == active:
        return row
    row.active = active
    verb = "entity.activated" if active else "entity.deactivated"
    trail.record(s, viewer.actor, verb, row.audit_ref, entity_id=row.id, before={"active": not active}, after={"active": active})
    return row


def _check_entity(s: Session, facts: EntityFacts, row: Entity | None) -> None:
    if not facts.name.strip() or not facts.short_name.strip():
        raise BadInput.at("name", "请填写主体的全称和简称。")
    if not facts.kinds:
        raise BadInput.at("kinds", "请至少选择一种主体类型，系统据此建议适用的义务。")
    same = s.scalar(select(Entity.id).where(Entity.name == facts.name.strip()))
    if same is not None and (row is None or same != row.id):
        raise BadInput.at("name", f"已有名为“{facts.name.strip()}”的主体。")
    above = facts.parent_id
    while above is not None:
        if row is not None and above == row.id:
            raise BadInput.at("parent_id", "上级主体不能是它自己或它的下级。")
        parent = s.get(Entity, above)
        if parent is None:
            raise BadInput.at("parent_id", "上级主体不存在。")
        above = parent.parent_id


def _told(row: Entity) -> dict[str, object]:
    return {
        "name": row.name, "short_name": row.short_name, "code": row.code, "parent_id": row.parent_id,
        "kinds": sorted(kind.kind for kind in row.kinds),
    }


def _record_change(s: Session, viewer: Viewer, action: str, row: Entity, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    changed = [key for key in after if before[key] != after[key]]
    if changed:
        trail.record(
            s, viewer.actor, action, row.audit_ref, entity_id=row.id,
            before={key: before[key] for key in changed}, after={key: after[key] for key in changed},
        )


def add_person(s: Session, viewer: Viewer, facts: PersonFacts) -> Person:
    """Add a person without a password; a one-time link lets him set one."""
    need_admin(viewer)
    login = _checked_login(s, facts, None)
    row = Person(
        login=login, name=facts.name.strip(), pinyin=_pinyin(facts), department=facts.department.strip(),
        post=facts.post.strip(), email=facts.email.strip(), is_admin=facts.is_admin, active=True, created_at=clock.now(),
    )
    s.add(row)
    s.flush()
    trail.record(s, viewer.actor, "person.added", row.audit_ref, after={"is_admin": row.is_admin},
                 personal={f"after.{key}": value for key, value in _described(row).items()})
    return row


def change_person(s: Session, viewer: Viewer, person_id: int, facts: PersonFacts, version: int) -> Person:
    """Change a person's facts; Stale when somebody else changed them first."""
    row = person_to_manage(s, viewer, person_id)
    if row.version != version:
        raise Stale("人员资料已被他人修改，请核对后重新保存。", {"姓名": row.name, "部门": row.department, "岗位": row.post})
    _refuse_redacted(row)
    login = _checked_login(s, facts, row)
    if row.is_admin and not facts.is_admin:
        _keep_one_admin(s, row)
    before, was_admin = _described(row), row.is_admin
    row.login, row.name, row.pinyin = login, facts.name.strip(), _pinyin(facts)
    row.department, row.post, row.email = facts.department.strip(), facts.post.strip(), facts.email.strip()
    row.is_admin = facts.is_admin
    after = _described(row)
    changed = [key for key in after if after[key] != before[key]]
    personal = {f"before.{key}": before[key] for key in changed} | {f"after.{key}": after[key] for key in changed}
    flags = {} if was_admin == row.is_admin else {"is_admin": row.is_admin}
    if changed or flags:
        trail.record(s, viewer.actor, "person.changed", row.audit_ref,
                     before={"is_admin": was_admin} if flags else {}, after=flags, personal=personal)
    return row


def grant_roles(s: Session, viewer: Viewer, person_id: int, entity_id: int, roles: Collection[Role]) -> Person:
    """Give a person exactly these roles in one entity (none takes all away)."""
    row = person_to_manage(s, viewer, person_id)
    entity_to_manage(s, viewer, entity_id)
    held = {grant.role: grant for grant in row.roles if grant.entity_id == entity_id}
    wanted = set(roles)
    if set(held) == wanted:
        return row
    if Role.AUDITOR in wanted and len(wanted) > 1:
        raise BadInput.at("roles", "“审计”只读取和导出，不能与其他角色同时授予同一主体。")
    for role in set(held) - wanted:
        row.roles.remove(held[role])
    for role in wanted - set(held):
        row.roles.append(RoleGrant(entity_id=entity_id, role=role))
    trail.record(
        s, viewer.actor, "person.roles_granted", row.audit_ref, entity_id=entity_id,
        before={"roles": sorted(held)}, after={"roles": sorted(wanted)}, personal={"person": row.name},
    )
    return row


def set_person_active(s: Session, viewer: Viewer, person_id: int, active: bool, left_on: date | None = None) -> Person:
    """Mark a person as having left (signing him out everywhere), or bring him back."""
    row = person_to_manage(s, viewer, person_id)
    if row.active == active:
        return row
    _refuse_redacted(row)
    if not active:
        if row.id == viewer.person_id:
            raise RuleBroken("不能停用您自己的账号，请由另一位系统管理员操作。")
        _keep_one_admin(s, row)
        for sign_in in s.scalars(select(SignIn).where(SignIn.person_id == row.id)):
            s.delete(sign_in)
    row.active, row.left_on = active, None if active else (left_on or clock.today())
    trail.record(
        s, viewer.actor, "person.activated" if active else "person.deactivated", row.audit_ref,
        before={"active": not active}, after={"active": active, "left_on": row.left_on.isoformat() if row.left_on else None},
    )
    return row


def _refuse_redacted(row: Person) -> None:
    if row.redacted_at:
        raise RuleBroken(f"“{row.name}”的个人信息已依法删除，不能再修改或恢复。本人再来时，请作为新的人员添加。")


def _keep_one_admin(s: Session, row: Person) -> None:
    # Two who sign each other off at the same moment must see each other: where writers do not take turns, all of them are held.
    admins = s.scalars(select(Person.id).where(Person.is_admin, Person.active).order_by(Person.id).with_for_update()).all()
    if row.is_admin and row.active and set(admins) <= {row.id}:
        raise RuleBroken("至少要保留一位在职的系统管理员。请先指定另一位。")


def _check_texts(facts: PersonFacts) -> None:
    trail.check_holdable(asdict(facts))
    for field, most in LONGEST.items():
        length = len(getattr(facts, field).strip())
        if length > most:
            raise BadInput.at(field, f"这里最多 {most} 个字，您填写了 {length} 个，请缩短后重试。")


def _checked_login(s: Session, facts: PersonFacts, row: Person | None) -> str:
    _check_texts(facts)
    login = facts.login.strip().casefold()
    if not login or any(c.isspace() for c in login):
        raise BadInput.at("login", "请填写登录名，其中不能有空格。")
    if not facts.name.strip():
        raise BadInput.at("name", "请填写姓名。")
    same = s.scalar(select(Person.id).where(Person.login == login))
    if same is not None and (row is None or same != row.id):
        raise BadInput.at("login", f"登录名“{login}”已被使用，请换一个。")
    return login


def _pinyin(facts: PersonFacts) -> str:
    return facts.pinyin.strip() or " ".join(syllables(facts.name.strip()))[: LONGEST["pinyin"]]


def _described(row: Person) -> dict[str, str]:
    facts = asdict(PersonFacts(row.login, row.name, row.department, row.post, row.email, row.is_admin, row.pinyin))
    return {key: value for key, value in facts.items() if key != "is_admin"}
