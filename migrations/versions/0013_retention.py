"""What is sealed or redacted in the trail, how long evidence is kept, requests that two people decide, and legal holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.tables import add_columns, drop_columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ADDED = {
    "evidence": {"retention": ("VARCHAR(32) NOT NULL", "''"), "kept_from": ("DATE", "NULL"), "destroyed_at": ("DATETIME", "NULL")},
    "person": {"redacted_at": ("DATETIME", "NULL")},
}
STRICT_GONE = {
    "sqlite": (
        "DROP TRIGGER audit_disclosure_no_update",
        "DROP TRIGGER audit_disclosure_no_delete",
        "DROP TRIGGER row_version_no_update",
    ),
    "postgresql": (
        "DROP TRIGGER audit_disclosure_frozen ON audit_disclosure",
        "DROP TRIGGER row_version_frozen ON row_version",
    ),
}
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_disclosure_no_update BEFORE UPDATE ON audit_disclosure BEGIN SELECT RAISE(ABORT, 'audit_disclosure is append-only'); END",
        "CREATE TRIGGER audit_disclosure_no_delete BEFORE DELETE ON audit_disclosure WHEN NOT EXISTS (SELECT 1 FROM audit_seal WHERE chain_id = OLD.chain_id AND seq = OLD.seq AND field = OLD.field AND state = 'redacted') BEGIN SELECT RAISE(ABORT, 'audit_disclosure is append-only'); END",
        "CREATE TRIGGER audit_disclosure_no_return BEFORE INSERT ON audit_disclosure WHEN EXISTS (SELECT 1 FROM audit_seal WHERE chain_id = NEW.chain_id AND seq = NEW.seq AND field = NEW.field AND state = 'redacted') BEGIN SELECT RAISE(ABORT, 'audit_disclosure is append-only'); END",
        "CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal WHEN NOT (NEW.state = 'redacted' AND OLD.state = 'sealed' AND NEW.chain_id = OLD.chain_id AND NEW.seq = OLD.seq AND NEW.field = OLD.field) BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END",
        "CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal WHEN OLD.state <> 'sealed' BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END",
        "CREATE TRIGGER row_version_no_update BEFORE UPDATE ON row_version WHEN (OLD.table_name = 'person' AND NEW.table_name = OLD.table_name AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.row_key = OLD.row_key AND EXISTS (SELECT 1 FROM audit_seal JOIN audit_event ON audit_event.chain_id = audit_seal.chain_id AND audit_event.seq = audit_seal.seq WHERE audit_seal.state = 'redacted' AND audit_seal.field = 'after.name' AND audit_event.action = 'person.added' AND audit_event.object = 'person:' || trim(OLD.row_key, '[]')) AND json_remove(NEW.content, '$.login', '$.name', '$.pinyin', '$.department', '$.post', '$.email') = json_remove(OLD.content, '$.login', '$.name', '$.pinyin', '$.department', '$.post', '$.email') AND json_extract(NEW.content, '$.login') = 'deleted-' || trim(OLD.row_key, '[]') AND json_extract(NEW.content, '$.name') = '已删除人员' || trim(OLD.row_key, '[]') AND json_extract(NEW.content, '$.pinyin') = '' AND json_extract(NEW.content, '$.department') = '' AND json_extract(NEW.content, '$.post') = '' AND json_extract(NEW.content, '$.email') = '') IS NOT 1 BEGIN SELECT RAISE(ABORT, 'row_version is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_redacts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN IF NOT EXISTS (SELECT 1 FROM audit_seal WHERE chain_id = OLD.chain_id AND seq = OLD.seq AND field = OLD.field AND state = 'redacted') THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; RETURN OLD; END IF; IF EXISTS (SELECT 1 FROM audit_seal WHERE chain_id = NEW.chain_id AND seq = NEW.seq AND field = NEW.field AND state = 'redacted') THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; RETURN NEW; END $$",
        "CREATE FUNCTION audit_seals() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN IF OLD.state <> 'sealed' THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; RETURN OLD; END IF; IF NOT (NEW.state = 'redacted' AND OLD.state = 'sealed' AND NEW.chain_id = OLD.chain_id AND NEW.seq = OLD.seq AND NEW.field = OLD.field) THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER audit_disclosure_frozen BEFORE UPDATE OR TRUNCATE ON audit_disclosure FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_disclosure_redacts BEFORE INSERT OR DELETE ON audit_disclosure FOR EACH ROW EXECUTE FUNCTION audit_redacts()",
        "CREATE TRIGGER audit_seal_frozen BEFORE TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_seal_turns BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_seals()",
        "CREATE FUNCTION journal_redacts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (OLD.table_name = 'person' AND NEW.table_name = OLD.table_name AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.row_key = OLD.row_key AND EXISTS (SELECT 1 FROM audit_seal JOIN audit_event ON audit_event.chain_id = audit_seal.chain_id AND audit_event.seq = audit_seal.seq WHERE audit_seal.state = 'redacted' AND audit_seal.field = 'after.name' AND audit_event.action = 'person.added' AND audit_event.object = 'person:' || trim(both '[]' from OLD.row_key)) AND (NEW.content::jsonb - '{login, name, pinyin, department, post, email}'::text[]) = (OLD.content::jsonb - '{login, name, pinyin, department, post, email}'::text[]) AND NEW.content::jsonb->>'login' = 'deleted-' || trim(both '[]' from OLD.row_key) AND NEW.content::jsonb->>'name' = '已删除人员' || trim(both '[]' from OLD.row_key) AND NEW.content::jsonb->>'pinyin' = '' AND NEW.content::jsonb->>'department' = '' AND NEW.content::jsonb->>'post' = '' AND NEW.content::jsonb->>'email' = '') IS NOT TRUE THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER row_version_frozen BEFORE DELETE OR TRUNCATE ON row_version FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
        "CREATE TRIGGER row_version_redacts BEFORE UPDATE ON row_version FOR EACH ROW EXECUTE FUNCTION journal_redacts()",
    ),
}
GUARDS_GONE = {
    "sqlite": (
        "DROP TRIGGER audit_disclosure_no_update",
        "DROP TRIGGER audit_disclosure_no_delete",
        "DROP TRIGGER audit_disclosure_no_return",
        "DROP TRIGGER audit_seal_no_update",
        "DROP TRIGGER audit_seal_no_delete",
        "DROP TRIGGER row_version_no_update",
    ),
    "postgresql": (
        "DROP FUNCTION audit_redacts() CASCADE",
        "DROP FUNCTION audit_seals() CASCADE",
        "DROP TRIGGER audit_disclosure_frozen ON audit_disclosure",
        "DROP FUNCTION journal_redacts() CASCADE",
        "DROP TRIGGER row_version_frozen ON row_version",
    ),
}
STRICT = {
    "sqlite": (
        "CREATE TRIGGER audit_disclosure_no_update BEFORE UPDATE ON audit_disclosure BEGIN SELECT RAISE(ABORT, 'audit_disclosure is append-only'); END",
        "CREATE TRIGGER audit_disclosure_no_delete BEFORE DELETE ON audit_disclosure BEGIN SELECT RAISE(ABORT, 'audit_disclosure is append-only'); END",
        "CREATE TRIGGER row_version_no_update BEFORE UPDATE ON row_version BEGIN SELECT RAISE(ABORT, 'row_version is append-only'); END",
    ),
    "postgresql": (
        "CREATE TRIGGER audit_disclosure_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_disclosure FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER row_version_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON row_version FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
    ),
}


def upgrade() -> None:
    """Make the tables, and let the triggers allow what a redaction does and nothing else."""
    op.create_table("audit_seal",
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("state", _words("sealstate", "sealed", "redacted"), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["chain_id", "seq"], ["audit_event.chain_id", "audit_event.seq"], name="fk_audit_seal_chain_id_seq_audit_event", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("chain_id", "seq", "field", name="pk_audit_seal"),
    )
    _requests_and_holds()
    _columns()
    _run(STRICT_GONE)
    _run(GUARDS)


def downgrade() -> None:
    """Take it all away, unless something was redacted or destroyed: earlier code would call that a fault of the trail or a loss."""
    counts = ("SELECT count(*) FROM audit_seal WHERE state = 'redacted'", "SELECT count(*) FROM audit_event WHERE action = 'evidence.destroyed'")
    if gone := sum(op.get_bind().exec_driver_sql(one).scalar_one() for one in counts):
        raise RuntimeError(f"已有 {gone} 处内容依法删除或到期销毁，旧版本会把它们当作被篡改或丢失，因此没有降级。")
    _run(GUARDS_GONE)
    _run(STRICT)
    for table, columns in ADDED.items():
        if op.get_bind().dialect.name == "sqlite":
            drop_columns(op.get_bind(), table, {name: said for name, (said, _value) in columns.items()})
        else:
            for name in columns:
                op.drop_column(table, name)
    for table in ("legal_hold", "retention_request", "audit_seal"):
        op.drop_table(table)


def _run(statements: dict[str, tuple[str, ...]]) -> None:
    for statement in statements[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})


def _words(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def _columns() -> None:
    for table, columns in ADDED.items():
        if op.get_bind().dialect.name == "sqlite":
            add_columns(op.get_bind(), table, columns)
            continue
        for name, (said, _value) in columns.items():
            kind = {"DATE": sa.Date(), "DATETIME": sa.DateTime()}.get(said, sa.String(length=32))
            op.add_column(table, sa.Column(name, kind, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE evidence SET retention = ''")
        op.alter_column("evidence", "retention", nullable=False)


def _requests_and_holds() -> None:
    op.create_table("retention_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=True),
        sa.Column("act", _words("retentionact", "destroy", "redact", "redact_person"), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("state", _words("requeststate", "waiting", "done", "refused"), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("decided_by IS NULL OR asked_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
        *_keys("retention_request", asked_by="person", decided_by="person", entity_id="entity"),
    )
    op.create_index("ix_retention_request_entity_id", "retention_request", ["entity_id"])
    op.create_index("ix_retention_request_state", "retention_request", ["state"])
    op.create_table("legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=True),
        sa.Column("kind", _words("holdkind", "entity", "obligation", "evidence", "person"), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Integer(), nullable=True),
        sa.Column("placed_at", sa.DateTime(), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(), nullable=True),
        sa.Column("lifting", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("lifted_by IS NULL OR placed_by IS NULL OR lifted_by <> placed_by", name="four_eyes"),
        *_keys("legal_hold", entity_id="entity", lifted_by="person", placed_by="person"),
    )
    op.create_index("ix_legal_hold_entity_id", "legal_hold", ["entity_id"])
    op.create_index("ix_legal_hold_object", "legal_hold", ["object"])


def _keys(table: str, **refers: str) -> list[sa.Constraint]:
    made = [sa.ForeignKeyConstraint([name], [f"{to}.id"], name=f"fk_{table}_{name}_{to}", ondelete="RESTRICT") for name, to in refers.items()]
    return [*made, sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]
