"""Reads of people and entities; `viewer_of` turns a session token into a Viewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from .. import clock
from ..errors import NotFound
from ..words import Role, Via
from .access import Viewer, need_admin, need_sight
from .models import Entity, Person, RoleGrant, SignIn
from .passwords import token_digest


def viewer_of(s: Session, token: str, via: Via = Via.WEB) -> Viewer | None:
    """Return who holds this session token, or None when it is unknown, expired, or the person has left: two statements."""
    found = s.execute(
        select(Person.id, Person.name, Person.is_admin)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.token_digest == token_digest(token), SignIn.expires_at > clock.now(), Person.active)
    ).one_or_none()
    if found is None:
        return None
    return Viewer(found.id, found.name, found.is_admin, roles_of(s, found.id), via)


def roles_of(s: Session, person_id: int) -> dict[int, frozenset[Role]]:
    """Return the roles of a person by entity, active entities only."""
    grants = select(RoleGrant.entity_id, RoleGrant.role).join(Entity, Entity.id == RoleGrant.entity_id)
    roles: dict[int, set[Role]] = defaultdict(set)
    for entity_id, role in s.execute(grants.where(RoleGrant.person_id == person_id, Entity.active)):
        roles[entity_id].add(role)
    return {entity_id: frozenset(held) for entity_id, held in roles.items()}


def entity(s: Session, viewer: Viewer, entity_id: int) -> Entity:
    """Load an entity whose work the viewer may see, or raise NotFound."""
    need_sight(viewer, entity_id)
    return _entity(s, entity_id)


def entity_to_manage(s: Session, viewer: Viewer, entity_id: int) -> Entity:
    """Load an entity for an administrator, or raise NotFound."""
    need_admin(viewer)
    return _entity(s, entity_id)


def _entity(s: Session, entity_id: int) -> Entity:
    row = s.get(Entity, entity_id, options=[selectinload(Entity.kinds)])
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity in its group tree; `depth` counts from the top."""

    id: int
    name: str
    short_name: str
    code: str
    kinds: tuple[str, ...]
    depth: int
    active: bool
    parent_id: int | None


def entity_tree(s: Session, viewer: Viewer, for_managing: bool = False) -> list[EntityRow]:
    """List the entities the viewer sees (an administrator managing them sees all), parents before children."""
    query = select(Entity).options(selectinload(Entity.kinds)).order_by(Entity.id)
    if not (for_managing and viewer.is_admin) and not viewer.is_operator:
        query = query.where(Entity.id.in_(list(viewer.roles)))
    return _as_tree(s.scalars(query).all())


def _as_tree(rows: Sequence[Entity]) -> list[EntityRow]:
    known = {row.id for row in rows}
    children: dict[int | None, list[Entity]] = defaultdict(list)
    for row in rows:
        children[row.parent_id if row.parent_id in known else None].append(row)
    listed: list[EntityRow] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in children[parent]:
            kinds = tuple(kind.kind for kind in row.kinds)
            listed.append(EntityRow(row.id, row.name, row.short_name, row.code, kinds, depth, row.active, row.parent_id))
            walk(row.id, depth + 1)

    walk(None, 0)
    return listed


def entity_by_name(s: Session, viewer: Viewer, name: str) -> Entity:
    """Find an entity the viewer sees by full name, short name or id, or raise NotFound with what there is."""
    rows = entity_tree(s, viewer)
    for row in rows:
        if name in {row.name, row.short_name, str(row.id)}:
            return _entity(s, row.id)
    raise NotFound(f"没有名为“{name}”的主体。现有主体：{'、'.join(row.name for row in rows) or '（无）'}。")


def person_to_manage(s: Session, viewer: Viewer, person_id: int) -> Person:
    """Load a person for an administrator, or raise NotFound."""
    need_admin(viewer)
    row = s.get(Person, person_id, options=[selectinload(Person.roles)])
    if row is None:
        raise NotFound
    return row


def people_to_manage(s: Session, viewer: Viewer) -> list[Person]:
    """List everybody, in pinyin order, for an administrator."""
    need_admin(viewer)
    return list(s.scalars(select(Person).options(selectinload(Person.roles)).order_by(Person.active.desc(), Person.pinyin, Person.id)))


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person as others see him in lists and choices."""

    id: int
    name: str
    department: str
    post: str
    active: bool
    roles: frozenset[Role]

    @property
    def shown(self) -> str:
        """Return the name with department, and whether he has left."""
        left = "" if self.active else "（已离职）"
        return f"{self.name}{left} · {self.department}" if self.department else f"{self.name}{left}"


def colleagues(s: Session, viewer: Viewer, entity_id: int, *roles: Role, active_only: bool = True) -> list[Colleague]:
    """List the people of an entity (with one of `roles`, when given) in pinyin order."""
    need_sight(viewer, entity_id)
    query = (
        select(Person, RoleGrant.role).join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.entity_id == entity_id).order_by(Person.pinyin, Person.id)
    )
    if active_only:
        query = query.where(Person.active)
    held: dict[int, tuple[Person, set[Role]]] = {}
    for person, role in s.execute(query):
        held.setdefault(person.id, (person, set()))[1].add(role)
    return [
        Colleague(p.id, p.name, p.department, p.post, p.active, frozenset(has))
        for p, has in held.values() if not roles or has.intersection(roles)
    ]


def names(s: Session, person_ids: Iterable[int | None]) -> dict[int, Colleague]:
    """Return the people with these ids for showing; one statement."""
    wanted = {i for i in person_ids if i is not None}
    if not wanted:
        return {}
    rows = s.scalars(select(Person).where(Person.id.in_(wanted)))
    return {p.id: Colleague(p.id, p.name, p.department, p.post, p.active, frozenset()) for p in rows}


def has_people(s: Session) -> bool:
    """Tell whether the first administrator exists yet."""
    return s.scalar(select(Person.id).limit(1)) is not None
