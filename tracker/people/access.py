"""Pure rule of access: who may see an entity's work and who may do what in it; deny by default."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..audit.actor import Actor
from ..db import EVERY_ENTITY
from ..errors import Forbidden, NotFound
from ..words import Role, Via


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: a signed-in person with a role per entity, or the operator at the command line."""

    person_id: int | None
    name: str
    is_admin: bool = False
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)
    via: Via = Via.WEB
    is_operator: bool = False

    @property
    def actor(self) -> Actor:
        """Return the viewer as the trail names him."""
        return Actor(f"u_{self.person_id}" if self.person_id else "operator", self.name, self.via)

    @property
    def entities(self) -> Collection[int] | str:
        """Return the entities whose rows this viewer may read at all."""
        return EVERY_ENTITY if self.is_operator else tuple(self.roles)

    def sees(self, entity_id: int) -> bool:
        """Tell whether this entity's work may be seen: with any role in it, never for being an administrator."""
        return self.is_operator or bool(self.roles.get(entity_id))

    def holds(self, entity_id: int, *wanted: Role) -> bool:
        """Tell whether the viewer holds one of these roles in the entity."""
        return self.is_operator or bool(self.roles.get(entity_id, frozenset()).intersection(wanted))


def operator(name: str) -> Viewer:
    """Return the operator at the command line: may do what an officer or administrator may, but is nobody's reviewer."""
    return Viewer(None, name, is_admin=True, via=Via.CLI, is_operator=True)


def need_sight(viewer: Viewer, entity_id: int) -> None:
    """Raise NotFound unless the viewer may see this entity's work."""
    if not viewer.sees(entity_id):
        raise NotFound


def need_role(viewer: Viewer, entity_id: int, *wanted: Role) -> None:
    """Raise NotFound to strangers and Forbidden to those whose role does not suffice."""
    need_sight(viewer, entity_id)
    if not viewer.holds(entity_id, *wanted):
        names = "或".join(f"“{role.label}”" for role in wanted)
        raise Forbidden(f"这一步需要您在该主体中担任{names}。如有需要，请联系系统管理员调整角色。")


def need_admin(viewer: Viewer) -> None:
    """Raise NotFound unless the viewer administers the system."""
    if not viewer.is_admin:
        raise NotFound
