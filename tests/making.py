"""Factories of rows for the tests; they go through the actions, so that what they make could have come from a user.

To add one: a method of `Making` that opens `self.database.writing(viewer.entities)`, calls one action, and returns the
new row's id. Whatever a test does not care about has a default; ids, not rows, are returned, because rows die with
their session.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import count

from tests.cast import World
from tracker.db import Database
from tracker.people import actions, signing_in
from tracker.people.access import Viewer
from tracker.people.actions import EntityFacts, PersonFacts
from tracker.words import Role, Via


@dataclass
class Making:
    """Makes rows in one test's database; every method names who does it, the officer or administrator by default."""

    database: Database
    world: World
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def entity(self, name: str = "", kinds: tuple[str, ...] = ("securities_firm",), parent_id: int | None = None) -> int:
        """Make an entity; nobody has a role in it yet."""
        name = name or f"第{next(self._numbers)}家公司"
        admin = self.world.admin
        with self.database.writing(admin.entities) as s:
            return actions.create_entity(s, admin, EntityFacts(name, name[:40], kinds, parent_id=parent_id)).id

    def person(self, name: str = "", entity_id: int | None = None, roles: Collection[Role] = (), is_admin: bool = False) -> int:
        """Make a person, with `roles` in an entity (ours unless told otherwise)."""
        number = next(self._numbers)
        facts = PersonFacts(f"person{number}", name or f"第{number}人", is_admin=is_admin)
        admin = self.world.admin
        with self.database.writing(admin.entities) as s:
            person_id = actions.add_person(s, admin, facts).id
        if roles:
            self.grant(person_id, roles, entity_id)
        return person_id

    def grant(self, person_id: int, roles: Collection[Role], entity_id: int | None = None) -> None:
        """Give a person exactly these roles in an entity (ours unless told otherwise)."""
        admin = self.world.admin
        with self.database.writing(admin.entities) as s:
            actions.grant_roles(s, admin, person_id, entity_id or self.world.ours, roles)

    def viewer(self, person_id: int) -> Viewer:
        """Return a made person as the one who is asking."""
        world = World.read(self.database)
        return next(viewer for viewer in world.viewers.values() if viewer.person_id == person_id)

    def token(self, person_id: int, via: Via = Via.WEB) -> str:
        """Sign a person in without a password; return the token that the cookie would hold."""
        with self.database.writing() as s:
            return signing_in.sign_in(s, person_id, 12, "127.0.0.1", via)
