"""Pure text of the triggers that make the journal append-only, for SQLite and PostgreSQL."""

from __future__ import annotations


def creating(dialect: str) -> list[str]:
    """Return the statements that put the triggers in place."""
    if dialect == "postgresql":
        return [
            "CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            "CREATE TRIGGER row_version_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON row_version "
            "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()",
        ]
    return [
        f"CREATE TRIGGER row_version_no_{verb.lower()} BEFORE {verb} ON row_version "
        "BEGIN SELECT RAISE(ABORT, 'row_version is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def dropping(dialect: str) -> list[str]:
    """Return the statements that take the triggers away again."""
    if dialect == "postgresql":
        return ["DROP FUNCTION journal_refuse() CASCADE"]
    return ["DROP TRIGGER row_version_no_update", "DROP TRIGGER row_version_no_delete"]
