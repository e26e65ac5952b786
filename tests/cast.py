"""The cast: who acts in the tests, one sentence each, and what they are in which entity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from tracker.db import Database
from tracker.people import actions
from tracker.people.access import Viewer, operator
from tracker.people.actions import EntityFacts, PersonFacts
from tracker.people.models import Entity, Person
from tracker.people.queries import roles_of
from tracker.words import Role, Via

BEGAN = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
OURS, OTHERS = "海川证券", "别家私募"

ENTITIES = (
    EntityFacts("海川证券", "海川", ("securities_firm",), code="HC01"),
    EntityFacts("别家私募", "别家", ("private_fund_manager",), code="BJ01"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the cast with his sentence; `entity` and `role` are what he is, if anything."""

    facts: PersonFacts
    sentence: str
    entity: str = ""
    role: Role | None = None


CAST = (
    Member(PersonFacts("lin", "林合规", "合规部", "合规经理"), "runs compliance at 海川证券: confirms scope, assigns, exports", OURS, Role.OFFICER),
    Member(PersonFacts("wang", "王责任", "财富管理部", "部门负责人"), "owns tasks at 海川证券 and hands in evidence", OURS, Role.OWNER),
    Member(PersonFacts("zhao", "赵复核", "合规部", "复核岗"), "reviews what 王责任 hands in", OURS, Role.REVIEWER),
    Member(PersonFacts("qian", "钱审计", "稽核审计部", "审计师"), "reads and exports at 海川证券, changes nothing", OURS, Role.AUDITOR),
    Member(PersonFacts("sun", "孙外人", "合规部", "合规总监"), "officer of 别家私募 only: must see nothing of 海川证券", OTHERS, Role.OFFICER),
    Member(PersonFacts("admin", "管理员", "信息技术部", "系统管理员", is_admin=True), "manages people and entities, sees nobody's work"),
)


def settle(database: Database) -> None:
    """Put the entities and the cast into a founded database, through the actions."""
    host = operator("安装人员")
    with database.writing(host.entities) as s:
        entities = {facts.name: actions.create_entity(s, host, facts).id for facts in ENTITIES}
        for member in CAST:
            person = actions.add_person(s, host, member.facts)
            if member.role:
                actions.grant_roles(s, host, person.id, entities[member.entity], [member.role])


@dataclass(frozen=True)
class World:
    """The cast as it stands in a database."""

    ours: int
    others: int
    people: dict[str, int] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)

    @classmethod
    def read(cls, database: Database) -> World:
        """Look everybody up; viewers are what the web makes of a signed-in person."""
        with database.reading() as s:
            entities = {name: key for key, name in s.execute(select(Entity.id, Entity.name))}
            people = list(s.execute(select(Person.id, Person.name, Person.is_admin)))
            viewers = {p.name: Viewer(p.id, p.name, p.is_admin, roles_of(s, p.id), Via.WEB) for p in people}
        return cls(entities[OURS], entities[OTHERS], {p.name: p.id for p in people}, viewers)

    def viewer(self, name: str) -> Viewer:
        """Return somebody of the cast as the one who is asking; 操作员 is the operator at the command line."""
        return operator("操作员") if name == "操作员" else self.viewers[name]

    @property
    def officer(self) -> Viewer:
        """Return 林合规."""
        return self.viewers["林合规"]

    @property
    def owner(self) -> Viewer:
        """Return 王责任."""
        return self.viewers["王责任"]

    @property
    def reviewer(self) -> Viewer:
        """Return 赵复核."""
        return self.viewers["赵复核"]

    @property
    def auditor(self) -> Viewer:
        """Return 钱审计."""
        return self.viewers["钱审计"]

    @property
    def outsider(self) -> Viewer:
        """Return 孙外人."""
        return self.viewers["孙外人"]

    @property
    def admin(self) -> Viewer:
        """Return 管理员."""
        return self.viewers["管理员"]
