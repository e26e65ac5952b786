"""Tables of signed heads: public keys, registry notes, notes over the sheets of workbooks, and to whom a registry still has to be delivered."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, Digest


class SigningKey(Base):
    """A public key, never the private one; the highest number is in force. The events of the system's chain repeat it."""

    __tablename__ = "signing_key"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    public: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[Digest] = mapped_column(unique=True)
    at: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    old_signature: Mapped[str] = mapped_column(String(100))
    new_signature: Mapped[str] = mapped_column(String(100))


class AuditRegistry(Base):
    """A signed registry over all chains, with the lines that its digest is of."""

    __tablename__ = "audit_registry"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lines: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)


class AuditSheets(Base):
    """A signed note over the sheets of an exported workbook, by the digest that it signs: the same workbook gets the same note again."""

    __tablename__ = "audit_sheets"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[Digest] = mapped_column(unique=True)
    note: Mapped[str] = mapped_column(Text)


class HeadsDelivery(Base):
    """One way (`folder`, `mail`) in which a registry and its heads have to leave; `done_at` is empty until they did."""

    __tablename__ = "heads_delivery"
    number: Mapped[int] = mapped_column(ForeignKey("audit_registry.number", ondelete="RESTRICT"), primary_key=True, autoincrement=False)
    way: Mapped[str] = mapped_column(String(16), primary_key=True)
    tries: Mapped[int]
    tried_at: Mapped[str] = mapped_column(String(32))
    done_at: Mapped[str] = mapped_column(String(32))
    error: Mapped[str] = mapped_column(Text)
