"""Pure text of the triggers that make the trail append-only, for SQLite and PostgreSQL; used by migrations."""

from __future__ import annotations

FROZEN = ("audit_event", "audit_checkpoint", "audit_disclosure", "signing_key", "audit_registry")


def _sqlite() -> list[str]:
    statements = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in FROZEN
        for verb in ("UPDATE", "DELETE")
    ]
    statements.append(
        "CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END"
    )
    statements.append(
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain "
        "WHEN NEW.size <= OLD.size OR NEW.chain_id IS NOT OLD.chain_id OR NEW.kind IS NOT OLD.kind "
        "OR NEW.alg IS NOT OLD.alg OR NEW.created_at IS NOT OLD.created_at "
        "BEGIN SELECT RAISE(ABORT, 'audit_chain only grows'); END"
    )
    return statements


def _postgresql() -> list[str]:
    refuse = (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    grows = (
        "CREATE FUNCTION audit_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.size <= OLD.size OR NEW.chain_id <> OLD.chain_id OR NEW.kind <> OLD.kind OR NEW.alg <> OLD.alg "
        "OR NEW.created_at <> OLD.created_at THEN RAISE EXCEPTION 'audit_chain only grows'; END IF; RETURN NEW; END $$"
    )
    each = [
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        for table in FROZEN
    ]
    chain = [
        "CREATE TRIGGER audit_chain_no_delete BEFORE DELETE OR TRUNCATE ON audit_chain "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_chain_grows BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION audit_grows()",
    ]
    return [refuse, grows, *each, *chain]


def creating(dialect: str) -> list[str]:
    """Return the statements that put the triggers in place."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def dropping(dialect: str) -> list[str]:
    """Return the statements that take the triggers away again."""
    if dialect == "postgresql":
        return ["DROP FUNCTION audit_refuse() CASCADE", "DROP FUNCTION audit_grows() CASCADE"]
    names = [f"{table}_no_{verb}" for table in FROZEN for verb in ("update", "delete")]
    return [f"DROP TRIGGER {name}" for name in [*names, "audit_chain_no_delete", "audit_chain_grows"]]
