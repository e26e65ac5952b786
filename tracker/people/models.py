"""Tables of entities, people, their roles, sign-ins and one-time links."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import SECRET, Audited, Base, Digest, Id, Moment, Name, coded
from ..words import Role


class Entity(Audited, Base):
    """A company or firm whose obligations are tracked; deactivated, never deleted."""

    __tablename__ = "entity"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    short_name: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column()
    kinds: Mapped[list[EntityKind]] = relationship(cascade="all, delete-orphan", order_by="EntityKind.kind")
    __mapper_args__ = {"version_id_col": version}

    @property
    def audit_ref(self) -> str:
        """Return `entity:ID`."""
        return f"entity:{self.id}"


class EntityKind(Audited, Base):
    """One kind of an entity: the code of a subject of the register, such as `listed_company`."""

    __tablename__ = "entity_kind"
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)

    @property
    def audit_ref(self) -> str:
        """Return the entity's reference: kinds change with it."""
        return f"entity:{self.entity_id}"


class Person(Audited, Base):
    """Somebody who works here; leaves, but is never deleted."""

    __tablename__ = "person"
    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    pinyin: Mapped[str] = mapped_column(String(200), default="")
    department: Mapped[str] = mapped_column(String(100), default="")
    post: Mapped[str] = mapped_column(String(100), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    left_on: Mapped[date | None]
    password_hash: Mapped[str | None] = mapped_column(Text, info=SECRET)
    redacted_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column()
    roles: Mapped[list[RoleGrant]] = relationship(cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}

    @property
    def audit_ref(self) -> str:
        """Return `person:ID`."""
        return f"person:{self.id}"


class RoleGrant(Audited, Base):
    """A role of a person in one entity."""

    __tablename__ = "role_grant"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id", ondelete="RESTRICT"), primary_key=True)
    role: Mapped[Role] = mapped_column(coded(Role), primary_key=True)

    __table_args__ = (Index("ix_role_grant_entity_id", "entity_id"),)

    @property
    def audit_ref(self) -> str:
        """Return the person's reference: roles change with him."""
        return f"person:{self.person_id}"


class SignIn(Base):
    """One signed-in browser; the cookie holds a random token, this row its SHA-256."""

    __tablename__ = "sign_in"
    token_digest: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    address: Mapped[str] = mapped_column(String(64), default="")


class SignInAttempt(Base):
    """One failed sign-in, counted per login name and per address."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(160))
    at: Mapped[Moment]

    __table_args__ = (Index("ix_sign_in_attempt_key_at", "key", "at"),)


class OneTimeLink(Base):
    """A link that sets a password once: for the first administrator (no person yet) or for an invited person."""

    __tablename__ = "one_time_link"
    token_digest: Mapped[Digest] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
