"""Until when a piece of evidence is valid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.tables import add_columns, drop_columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORDS = "DATE"


def upgrade() -> None:
    """Add the day; nothing is known of the evidence there is."""
    if op.get_bind().dialect.name == "sqlite":
        add_columns(op.get_bind(), "evidence", {"valid_until": (WORDS, "NULL")})
    else:
        op.add_column("evidence", sa.Column("valid_until", sa.Date()))


def downgrade() -> None:
    """Take it away; the trail keeps telling of it."""
    if op.get_bind().dialect.name == "sqlite":
        drop_columns(op.get_bind(), "evidence", {"valid_until": WORDS})
    else:
        op.drop_column("evidence", "valid_until")
