"""Reads of people and entities; `viewer_of` turns a session token into a Viewer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
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


def viewer_as(s: Session, person_id: int, via: Via = Via.WEB) -> Viewer | None:
    """Return a person as the one who is asking, with the roles of now, for what is done on his behalf; None when he has left."""
    person = s.scalar(select(Person).where(Person.id == person_id, Person.active))
    return Viewer(person.id, person.name, person.is_admin, roles_of(s, person.id), via) if person else None


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
    return _as_tree([
        EntityRow(row.id, row.name, row.short_name, row.code, tuple(kind.kind for kind in row.kinds), 0, row.active, row.parent_id)
        for row in s.scalars(query)
    ])


def entity_choices(s: Session, viewer: Viewer) -> list[EntityRow]:
    """List the active entities the viewer sees, without their kinds, for the switch on every page: one statement."""
    query = select(Entity.id, Entity.name, Entity.short_name, Entity.code, Entity.parent_id).where(Entity.active).order_by(Entity.id)
    if not viewer.is_operator:
        query = query.where(Entity.id.in_(list(viewer.roles)))
    return _as_tree([EntityRow(i, name, short_name, code, (), 0, True, parent) for i, name, short_name, code, parent in s.execute(query)])


def _as_tree(rows: Sequence[EntityRow]) -> list[EntityRow]:
    known = {row.id for row in rows}
    children: dict[int | None, list[EntityRow]] = defaultdict(list)
    for row in rows:
        children[row.parent_id if row.parent_id in known else None].append(row)
    listed: list[EntityRow] = []

    def walk(parent: int | None, depth: int) -> None:
        for row in children[parent]:
            listed.append(replace(row, depth=depth))
            walk(row.id, depth + 1)

    walk(None, 0)
    return listed


def entities_seen(s: Session, viewer: Viewer) -> list[Entity]:
    """List the active entities whose work the viewer sees, with their kinds: two statements."""
    query = select(Entity).where(Entity.active).options(selectinload(Entity.kinds)).order_by(Entity.id)
    return list(s.scalars(query if viewer.is_operator else query.where(Entity.id.in_(list(viewer.roles)))))


def called(s: Session, viewer: Viewer, entity_ids: Sequence[int]) -> dict[int, str]:
    """Say each of these entities by its short name, or by its full one where several are called alike; one that is not there is left out."""
    for entity_id in entity_ids:
        need_sight(viewer, entity_id)
    rows = s.execute(select(Entity.id, Entity.short_name, Entity.name).where(Entity.id.in_(entity_ids))).all()
    alike = Counter(row.short_name for row in rows)
    return {row.id: row.short_name if alike[row.short_name] == 1 else row.name for row in rows}


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
    pinyin: str = ""

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
        Colleague(p.id, p.name, p.department, p.post, p.active, frozenset(has), p.pinyin)
        for p, has in held.values() if not roles or has.intersection(roles)
    ]


def people_in_sight(s: Session, viewer: Viewer, entity_id: int | None = None) -> list[Colleague]:
    """List everybody, left or not, with a role in the entities the viewer sees (or in one of them), in pinyin order: one statement."""
    if entity_id is not None:
        need_sight(viewer, entity_id)
    query = (
        select(Person.id, Person.name, Person.department, Person.post, Person.active, Person.pinyin, RoleGrant.role).distinct()
        .join(RoleGrant, RoleGrant.person_id == Person.id).order_by(Person.pinyin, Person.id)
    )
    if entity_id is not None or not viewer.is_operator:
        query = query.where(RoleGrant.entity_id.in_([entity_id] if entity_id is not None else list(viewer.roles)))
    facts: dict[int, tuple[str, str, str, bool, str]] = {}
    held: dict[int, set[Role]] = defaultdict(set)
    for person_id, name, department, post, active, pinyin, role in s.execute(query):
        facts[person_id] = (name, department, post, active, pinyin)
        held[person_id].add(role)
    return [Colleague(key, name, department, post, active, frozenset(held[key]), pinyin) for key, (name, department, post, active, pinyin) in facts.items()]


def names(s: Session, person_ids: Iterable[int | None]) -> dict[int, Colleague]:
    """Return the people with these ids for showing; one statement."""
    wanted = {i for i in person_ids if i is not None}
    if not wanted:
        return {}
    rows = s.scalars(select(Person).where(Person.id.in_(wanted)))
    return {p.id: Colleague(p.id, p.name, p.department, p.post, p.active, frozenset()) for p in rows}


def people_called(s: Session, text: str) -> Sequence[Person]:
    """Return who has this number, else this login, else this full name; several only of one name."""
    if text.isascii() and text.isdigit() and len(text) < 10 and (row := s.get(Person, int(text))):
        return [row]
    found = s.scalars(select(Person).where(func.lower(Person.login) == text.lower())).all()
    return found or s.scalars(select(Person).where(Person.name == text).order_by(Person.id)).all()


def has_people(s: Session) -> bool:
    """Tell whether the first administrator exists yet."""
    return s.scalar(select(Person.id).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Browser:
    """One signed-in browser of a person; `here` marks the one that is asking."""

    since: datetime
    until: datetime
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Account:
    """What a person sees of his own account; `roles` are (entity name, role labels) pairs."""

    login: str
    name: str
    department: str
    post: str
    email: str
    roles: tuple[tuple[str, str], ...]
    browsers: tuple[Browser, ...]


def account(s: Session, viewer: Viewer, token: str) -> Account:
    """Read the viewer's own account with the browsers in which he is signed in."""
    if viewer.person_id is None:
        raise NotFound
    person, here = s.get_one(Person, viewer.person_id), token_digest(token)
    rows = s.scalars(select(SignIn).where(SignIn.person_id == person.id, SignIn.expires_at > clock.now()).order_by(SignIn.created_at.desc()))
    browsers = tuple(Browser(row.created_at, row.expires_at, row.address, row.token_digest == here) for row in rows)
    roles = tuple((row.name, "、".join(r.label for r in Role if r in viewer.roles[row.id])) for row in entity_choices(s, viewer))
    return Account(person.login, person.name, person.department, person.post, person.email, roles, browsers)


def demo_cast(s: Session) -> list[Colleague]:
    """List all active people with the roles they hold anywhere, for the sign-in page of a demonstration only."""
    people = s.scalars(select(Person).where(Person.active).options(selectinload(Person.roles)).order_by(Person.id))
    return [Colleague(p.id, p.name, p.department, p.post, True, frozenset(g.role for g in p.roles)) for p in people]
