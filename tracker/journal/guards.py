"""Pure text of the triggers that make the journal append-only, for SQLite and PostgreSQL."""

from __future__ import annotations

# What a redaction takes out of every version of a person's row, and what then stands there.
NEUTRAL = {"login": "deleted-{id}", "name": "已删除人员{id}", "pinyin": "", "department": "", "post": "", "email": ""}
# The one change: a version of a person whose name the trail has redacted, all but his personal columns as they were.
_REDACTED = (
    "EXISTS (SELECT 1 FROM audit_seal JOIN audit_event ON audit_event.chain_id = audit_seal.chain_id AND audit_event.seq = audit_seal.seq "
    "WHERE audit_seal.state = 'redacted' AND audit_seal.field = 'after.name' AND audit_event.action = 'person.added' "
    "AND audit_event.object = 'person:' || {number})"
)
_PLACE = "OLD.table_name = 'person' AND NEW.table_name = OLD.table_name AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.row_key = OLD.row_key"


def _sqlite_allowed() -> str:
    number, paths = "trim(OLD.row_key, '[]')", ", ".join(f"'$.{name}'" for name in NEUTRAL)
    neutral = " AND ".join(f"json_extract(NEW.content, '$.{name}') = {_put(value, number)}" for name, value in NEUTRAL.items())
    same = f"json_remove(NEW.content, {paths}) = json_remove(OLD.content, {paths})"
    return f"{_PLACE} AND {_REDACTED.format(number=number)} AND {same} AND {neutral}"


def _postgresql_allowed() -> str:
    number, names = "trim(both '[]' from OLD.row_key)", ", ".join(NEUTRAL)
    neutral = " AND ".join(f"NEW.content::jsonb->>'{name}' = {_put(value, number)}" for name, value in NEUTRAL.items())
    same = f"(NEW.content::jsonb - '{{{names}}}'::text[]) = (OLD.content::jsonb - '{{{names}}}'::text[])"
    return f"{_PLACE} AND {_REDACTED.format(number=number)} AND {same} AND {neutral}"


def _put(value: str, number: str) -> str:
    return f"'{value.removesuffix('{id}')}' || {number}" if "{id}" in value else f"'{value}'"


def creating(dialect: str) -> list[str]:
    """Return the statements that put the triggers in place."""
    if dialect == "postgresql":
        return [
            "CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            "CREATE FUNCTION journal_redacts() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF ({_postgresql_allowed()}) IS NOT TRUE THEN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER row_version_frozen BEFORE DELETE OR TRUNCATE ON row_version "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
            "CREATE TRIGGER row_version_redacts BEFORE UPDATE ON row_version FOR EACH ROW EXECUTE FUNCTION journal_redacts()",
        ]
    return [
        f"CREATE TRIGGER row_version_no_update BEFORE UPDATE ON row_version WHEN ({_sqlite_allowed()}) IS NOT 1 "
        "BEGIN SELECT RAISE(ABORT, 'row_version is append-only'); END",
        "CREATE TRIGGER row_version_no_delete BEFORE DELETE ON row_version BEGIN SELECT RAISE(ABORT, 'row_version is append-only'); END",
    ]


def dropping(dialect: str) -> list[str]:
    """Return the statements that take the triggers away again."""
    if dialect == "postgresql":
        return ["DROP FUNCTION journal_refuse() CASCADE", "DROP FUNCTION journal_redacts() CASCADE"]
    return ["DROP TRIGGER row_version_no_update", "DROP TRIGGER row_version_no_delete"]
