"""Which edition of the register was in force when work was handed in, decided on, and confirmed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.tables import add_columns, drop_columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ADDED = {"submission": ("submitted_edition", "decided_edition"), "reconfirmation": ("edition",)}
WORDS = "VARCHAR(32)"


def upgrade() -> None:
    """Add the editions; nothing is claimed of what was decided before."""
    for table, names in ADDED.items():
        if op.get_bind().dialect.name == "sqlite":
            add_columns(op.get_bind(), table, dict.fromkeys(names, (WORDS, "NULL")))
        else:
            for name in names:
                op.add_column(table, sa.Column(name, sa.String(32)))


def downgrade() -> None:
    """Take them away; the trail keeps telling of them."""
    for table, names in ADDED.items():
        if op.get_bind().dialect.name == "sqlite":
            drop_columns(op.get_bind(), table, dict.fromkeys(names, WORDS))
        else:
            for name in reversed(names):
                op.drop_column(table, name)
