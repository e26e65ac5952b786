"""${message}"""

# 请补全后再提交 / To finish before this is committed:
#
# 1. 两个方向 / Both directions. downgrade() undoes upgrade() exactly, in reverse order. tests/test_migrations.py runs
#    up → down → up on an empty database and on one with rows in every table.
# 2. 数据 / Data. A new column that may not be NULL needs a value for the rows that are there: add it nullable, fill it
#    with op.execute(...), then make it NOT NULL. Never import models or rooms here: they will change, this step may not.
# 3. SQLite 会重建表 / SQLite rebuilds the table in batch_alter_table: its triggers are gone afterwards, and constraints
#    need the names of tracker.db.NAMING. Re-create the triggers as *text in this file* (copy them from
#    tracker/audit/guards.py or tracker/register/search.py), for "sqlite" and for "postgresql".
#    Foreign keys are off meanwhile and PRAGMA foreign_key_check follows: tracker/migrate.py does both.
# 4. 只追加的表 / Tables of the audit trail are append-only: rows of audit_event, audit_disclosure, audit_checkpoint
#    are never rewritten, not by a migration either. Drop and re-create the triggers around a change of their columns.
# 5. 一个事务 / One transaction for all steps: no COMMIT here, and no statement that ends the transaction
#    (on PostgreSQL no CREATE INDEX CONCURRENTLY).
# 6. 触发器与搜索表不会自动出现 / The comparison that drafted this sees tables, columns, indexes, foreign keys, but no
#    triggers, no search tables, no CHECK constraints: a new word of an enum needs its CHECK rebuilt by hand.

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """${message}: do it."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """${message}: undo it."""
    ${downgrades if downgrades else "pass"}
