"""The schema of a database in its own words: what two databases must have in common to be the same."""

from __future__ import annotations

import re

from tracker.db import Database

# Constraints as PostgreSQL itself writes them, triggers and functions included: autogenerate sees neither.
POSTGRES = {
    "column": "SELECT table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length, is_nullable, "
    "column_default, is_identity, generation_expression) FROM information_schema.columns WHERE table_schema = 'public'",
    "constraint": "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}
SQLITE = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def schema_words(database: Database) -> dict[str, str]:
    """Return every object of a database with its definition, spelt alike; Alembic's own table left out."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            rows = [(name, _spelt(sql)) for name, sql in connection.exec_driver_sql(SQLITE)]
        else:
            rows = [
                (f"{kind} {name}", definition)
                for kind, query in POSTGRES.items()
                for name, definition in connection.exec_driver_sql(query)
            ]
    return {name: definition for name, definition in rows if "alembic_version" not in name}


def _spelt(sql: str) -> str:
    plain = re.sub(r"\s+", " ", sql.replace('"', ""))
    if not plain.startswith("CREATE TABLE"):
        return plain
    # Constraints may stand in any order: a table that was rebuilt lists them differently.
    opening, closing = plain.index("("), plain.rindex(")")
    return f"{plain[:opening].strip()} ({'; '.join(sorted(_split(plain[opening + 1 : closing])))})"


def _split(inside: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(inside):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(inside[start:at].strip())
            start = at + 1
    return [*parts, inside[start:].strip()]
