"""How Alembic runs the steps: on the connection that `tracker.migrate` prepared, in its one transaction."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import types

from tracker.db import UtcDateTime
from tracker.schema import METADATA


def compared(_object: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Leave out of drafts what models do not say: search tables and all that hangs on them."""
    return not (kind in {"table", "index"} and reflected and "_search" in (name or ""))


def rendered(kind: str, thing: Any, _autogen: Any) -> str | bool:
    """Write our own types as the plain ones they are stored as: a step must not change when the code does."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(thing, types.Enum):
        return f"sa.Enum({', '.join(map(repr, thing.enums))}, name={thing.name!r}, native_enum=False, create_constraint=True, length={thing.length})"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    compare_type=True,
    include_object=compared,
    render_item=rendered,
)
with context.begin_transaction():
    context.run_migrations()
