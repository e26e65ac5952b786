"""Pure text of the triggers that make the trail append-only, for SQLite and PostgreSQL; used by migrations."""

from __future__ import annotations

FROZEN = ("audit_event", "audit_checkpoint", "signing_key", "audit_registry", "audit_sheets")
# A disclosure may go when its seal says that it is redacted, and never come back.
_SAID = "EXISTS (SELECT 1 FROM audit_seal WHERE chain_id = {row}.chain_id AND seq = {row}.seq AND field = {row}.field AND state = 'redacted')"
_TURNED = (
    "NEW.state = 'redacted' AND OLD.state = 'sealed' AND NEW.chain_id = OLD.chain_id AND NEW.seq = OLD.seq AND NEW.field = OLD.field"
)


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
    return [*statements, *_sqlite_sealing()]


def _sqlite_sealing() -> list[str]:
    def refusing(name: str, verb: str, table: str, unless: str = "") -> str:
        return f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {unless}BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"

    return [
        refusing("audit_disclosure_no_update", "UPDATE", "audit_disclosure"),
        refusing("audit_disclosure_no_delete", "DELETE", "audit_disclosure", f"WHEN NOT {_SAID.format(row='OLD')} "),
        refusing("audit_disclosure_no_return", "INSERT", "audit_disclosure", f"WHEN {_SAID.format(row='NEW')} "),
        refusing("audit_seal_no_update", "UPDATE", "audit_seal", f"WHEN NOT ({_TURNED}) "),
        refusing("audit_seal_no_delete", "DELETE", "audit_seal", "WHEN OLD.state <> 'sealed' "),
    ]


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
    return [refuse, grows, *each, *chain, *_postgresql_sealing()]


def _postgresql_sealing() -> list[str]:
    refused = "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF;"
    redacts = (
        "CREATE FUNCTION audit_redacts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF NOT {_SAID.format(row='OLD')} THEN {refused} RETURN OLD; END IF; "
        f"IF {_SAID.format(row='NEW')} THEN {refused} RETURN NEW; END $$"
    )
    seals = (
        "CREATE FUNCTION audit_seals() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF OLD.state <> 'sealed' THEN {refused} RETURN OLD; END IF; "
        f"IF NOT ({_TURNED}) THEN {refused} RETURN NEW; END $$"
    )
    return [
        redacts, seals,
        "CREATE TRIGGER audit_disclosure_frozen BEFORE UPDATE OR TRUNCATE ON audit_disclosure FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_disclosure_redacts BEFORE INSERT OR DELETE ON audit_disclosure FOR EACH ROW EXECUTE FUNCTION audit_redacts()",
        "CREATE TRIGGER audit_seal_frozen BEFORE TRUNCATE ON audit_seal FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_seal_turns BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_seals()",
    ]


def creating(dialect: str) -> list[str]:
    """Return the statements that put the triggers in place."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def dropping(dialect: str) -> list[str]:
    """Return the statements that take the triggers away again."""
    if dialect == "postgresql":
        return [f"DROP FUNCTION {name}() CASCADE" for name in ("audit_refuse", "audit_grows", "audit_redacts", "audit_seals")]
    names = [f"{table}_no_{verb}" for table in (*FROZEN, "audit_disclosure", "audit_seal") for verb in ("update", "delete")]
    return [f"DROP TRIGGER {name}" for name in [*names, "audit_disclosure_no_return", "audit_chain_no_delete", "audit_chain_grows"]]
