"""Signed heads: public keys, registry notes and their delivery; keys and notes can only be added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FROZEN = ("signing_key", "audit_registry")


def upgrade() -> None:
    """Make the tables and freeze two of them; no key is made here."""
    op.create_table("signing_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("old_signature", sa.String(length=100), nullable=False),
        sa.Column("new_signature", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_signing_key"),
        sa.UniqueConstraint("fingerprint", name="uq_signing_key_fingerprint"),
    )
    op.create_table("audit_registry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_registry"),
    )
    op.create_table("heads_delivery",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.String(length=32), nullable=False),
        sa.Column("done_at", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["audit_registry.number"], name="fk_heads_delivery_number_audit_registry", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("number", "way", name="pk_heads_delivery"),
    )
    for table in FROZEN:
        for statement in _freezing(table):
            op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Take them away; the trail keeps telling of the keys, and what was signed verifies with what left the machine."""
    for table in ("heads_delivery", *reversed(FROZEN)):
        op.drop_table(table)


def _freezing(table: str) -> list[str]:
    if op.get_bind().dialect.name == "postgresql":
        return [f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]
