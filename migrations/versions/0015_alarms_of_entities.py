"""One alarm about a thing for each entity that it concerns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OPEN = sa.text("settled_at IS NULL")
OF_NONE = sa.text("settled_at IS NULL AND entity_id IS NULL")


def upgrade() -> None:
    """Let an export of a group raise an alarm in every entity of which it tells."""
    op.drop_index("ix_alarm_open", "alarm")
    op.create_index("ix_alarm_open", "alarm", ["kind", "object", "entity_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_alarm_open_system", "alarm", ["kind", "object"], unique=True, sqlite_where=OF_NONE, postgresql_where=OF_NONE)


def downgrade() -> None:
    """Keep of several open alarms about one thing the first; the trail of each entity keeps telling of its own."""
    op.execute(sa.text("DELETE FROM alarm WHERE settled_at IS NULL AND id NOT IN (SELECT min(id) FROM alarm WHERE settled_at IS NULL GROUP BY kind, object)"))
    op.drop_index("ix_alarm_open_system", "alarm")
    op.drop_index("ix_alarm_open", "alarm")
    op.create_index("ix_alarm_open", "alarm", ["kind", "object"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
